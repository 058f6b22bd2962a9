"""Thousands of changed files for every reader of proofs, each from a seed.

What must hold: no traceback, no verdict of validity over a changed meaning, and a bound on time and
memory, whoever made the file. The other files of the same check are the good ones.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import resource
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError, GatewayError, ProvenanceError
from gateway.provenance.archive import keep_in_archive, read_archive
from gateway.provenance.bounded import MOST_BYTES, read_bounded
from gateway.provenance.bundle import MOST_FILES, read_bundle
from gateway.provenance.canonical import canonical
from gateway.provenance.disclosure import verify_record
from gateway.provenance.envelope import open_statement
from gateway.provenance.jwks import jwks, read_jwks
from gateway.provenance.keyring import Keyring
from gateway.provenance.note import read_checkpoint
from gateway.provenance.strict import load_json
from gateway.provenance.timestamp import verify_stamp
from gateway.provenance.tlogproof import verify_tlog_proof
from gateway.provenance.verify import verify_response
from gateway.provenance.verify_cli import main
from tests.adversarial.mutants import mutant, of_json
from tests.provenance import test_verify_mjs as mjs
from tests.provenance.answers import ASKED, key_set, matter, signed, signer
from tests.provenance.authority import make_authority, openssl, stamp
from tests.provenance.logs import KEY
from tests.tools import sweep
from tests.vectors.make import HERE

pytestmark = pytest.mark.adversarial

MANY = 200
KEYS = ("--jwks", str(HERE / "jwks.json"))
QUERY = ("--query", str(HERE / "query.graphql"))
VARIABLES = ("--variables", str(HERE / "variables.json"))
POLICY = ("--policy", str(HERE / "log" / "policy"))
WHOLE = str(HERE / "response.json")


def the_same_answer(one: bytes, other: bytes) -> bool:
    """Whether two texts say the same, what nothing signs left aside."""
    return _signed_part(load_json(one)) == _signed_part(load_json(other))


def _signed_part(value: Any) -> bytes:
    for part in value if isinstance(value, list) else [value]:
        if "extensions" in part:
            part["extensions"] = {"provenance": part["extensions"]["provenance"]}
    return canonical(value)


def answers(text: bytes) -> list[bytes]:
    """What each response in the text answers."""
    value = load_json(text)
    parts = value if isinstance(value, list) else [value]
    return [canonical({k: v for k, v in one.items() if k != "extensions"}) for one in parts]


def the_same_question(one: bytes, other: bytes) -> bool:
    return one.rstrip(b"\n") == other.rstrip(b"\n")


def the_same_value(one: bytes, other: bytes) -> bool:
    return canonical(load_json(one)) == canonical(load_json(other))


def trusts_the_key(one: bytes, _: bytes) -> bool:
    """Whether the key set still says of the signing key that it may have signed."""
    keys = [key for key in json.loads(one)["keys"] if key.get("kty") == "OKP"]
    wanted = jwks(read_jwks(key_set()).values())["keys"][0]["x"]
    (key,) = [key for key in keys if key.get("x") == wanted]
    at = 1740855300
    times = [(key.get("nbf") or 0) <= at, key.get("exp") is None or key["exp"] > at]
    revoked = key.get("revoked")
    mild = ("superseded", "cessationOfOperation")
    harmless = revoked is None or (revoked["revoked_at"] > at and revoked["reason"] in mild)
    return all(times) and harmless and "d" not in key


def trusts_the_log(one: bytes, _: bytes) -> bool:
    return f"log {KEY.vkey}".encode() in one and b"quorum none" in one


def the_same_files(one: bytes, other: bytes) -> bool:
    """Whether two archives hold the same; the key set in one proves nothing and is not used."""

    def read(data: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {n: archive.read(n) for n in archive.namelist() if n != "jwks.json"}

    return read(one) == read(other)


@dataclass(frozen=True, slots=True)
class Case:
    """One file of a check: how the command is called with it, and what leaves its meaning."""

    name: str
    argv: Callable[[str], list[str]]
    same: Callable[[bytes, bytes], bool]
    is_json: bool = True


CASES = [
    Case("response.json", lambda f: [f, *KEYS, *QUERY, *VARIABLES], the_same_answer),
    Case("statement-level.json", lambda f: [f, *KEYS, *QUERY, *VARIABLES], the_same_answer),
    Case("errors-only.json", lambda f: [f, *KEYS, *QUERY, *VARIABLES], the_same_answer),
    Case("record.json", lambda f: [f, *KEYS, *QUERY, *VARIABLES], the_same_answer),
    Case("stream.json", lambda f: [f, *KEYS, *QUERY, *VARIABLES], the_same_answer),
    Case("jwks.json", lambda f: [WHOLE, "--jwks", f, *QUERY, *VARIABLES], trusts_the_key),
    Case(
        "query.graphql",
        lambda f: [WHOLE, *KEYS, "--query", f, *VARIABLES],
        the_same_question,
        is_json=False,
    ),
    Case("variables.json", lambda f: [WHOLE, *KEYS, *QUERY, "--variables", f], the_same_value),
    Case("bundle.zip", lambda f: [f, *KEYS, *POLICY], the_same_files, is_json=False),
    Case(
        "log/policy",
        lambda f: [str(HERE / "bundle.zip"), *KEYS, "--policy", f],
        trusts_the_log,
        is_json=False,
    ),
]


def verified(argv: list[str]) -> tuple[int, str]:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(argv)
    return code, told.getvalue()


@pytest.mark.parametrize("case", sweep(CASES, 3), ids=lambda case: case.name)
def test_no_changed_file_is_valid_with_another_meaning(case: Case, tmp_path: Path) -> None:
    whole = (HERE / case.name).read_bytes()
    good, _ = verified(case.argv(str(HERE / case.name)))
    file = tmp_path / "changed"
    refused = 0
    for seed in range(MANY):
        rng = random.Random(f"{case.name} {seed}")
        data = mutant(whole, rng, is_json=case.is_json)
        file.write_bytes(data)
        code, told = verified(case.argv(str(file)))
        if code == 2 != good:
            # Evidence that does not come along, or the end of a stream: told as not checked.
            assert answers(whole)[: len(answers(data))] == answers(data), seed
            continue
        assert code in (good, 1, 64), (seed, code, told)
        assert "Traceback" not in told
        assert len(told) < 20_000, seed
        if code == good:
            assert case.same(data, whole), (seed, told)
        else:
            refused += 1
    assert refused > MANY // 3


@pytest.mark.parametrize("name", sweep(["response.json", "variables.json", "tlog-proof.txt"], 1))
def test_no_changed_part_of_a_bundle_is_valid(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    whole = (tmp_path / name).read_bytes()
    good, _ = verified([str(tmp_path), *KEYS, *POLICY])
    for seed in range(MANY):
        rng = random.Random(f"part {name} {seed}")
        data = mutant(whole, rng, is_json=name.endswith("json"))
        (tmp_path / name).write_bytes(data)
        code, told = verified([str(tmp_path), *KEYS, *POLICY])
        assert code in (good, 1), (seed, code, told)
        if code == good:
            same = {"response.json": the_same_answer, "variables.json": the_same_value}
            assert data == whole or same[name](data, whole), seed


@pytest.mark.parametrize("name", ["keys.json", "published.json"])
def test_a_changed_key_history_is_refused_or_reads_as_one(name: str, tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys", SystemClock())
    ring.new()
    ring.rotate()
    ring.revoke(ring.published()[0].kid)
    before = ring.published()
    file = ring.directory / name
    whole = file.read_bytes()
    for seed in range(MANY * 2):
        file.write_bytes(mutant(whole, random.Random(f"{name} {seed}"), is_json=True))
        try:
            found = {key.kid: key for key in ring.published()}
        except ConfigError:
            continue
        if name == "keys.json":
            # What was published is there, and what was revoked stays so.
            assert all(key.kid in found for key in before), seed
            assert found[before[0].kid].revoked_at is not None, seed


def test_a_changed_recipe_is_never_served(tmp_path: Path) -> None:
    body = canonical({"_type": "https://w3id.org/carbon-gateway/mapping/v1", "views": {}})
    keep_in_archive(tmp_path, [body])
    (file,) = tmp_path.iterdir()
    for seed in range(MANY):
        data = mutant(body, random.Random(f"recipe {seed}"), is_json=True)
        file.write_bytes(data)
        if data != body:
            with pytest.raises(ConfigError, match="changed"):
                read_archive(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_archive(tmp_path)


def test_no_changed_log_proof_or_checkpoint_holds() -> None:
    proof = (HERE / "log" / "answer.tlog-proof").read_bytes()
    note = (HERE / "log" / "checkpoint").read_bytes()
    entry = _entry_of(load_json((HERE / "response.json").read_bytes()))
    verify_tlog_proof(proof.decode(), entry, [KEY])
    for seed in range(MANY * 3):
        rng = random.Random(f"log {seed}")
        for whole, read in (
            (proof, lambda text: verify_tlog_proof(text, entry, [KEY])),
            (note, lambda text: read_checkpoint(text, [KEY])),
        ):
            data = mutant(whole, rng, is_json=False)
            try:
                read(data.decode("utf-8", "replace"))
            except ProvenanceError:
                continue
            assert data == whole, seed


def _entry_of(response: Any) -> bytes:
    value = response["extensions"]["provenance"]
    return open_statement(value["statement"], value["signatures"]).log_entry


@pytest.mark.slow
def test_no_changed_time_stamp_tells_another_time(tmp_path: Path) -> None:
    make_authority(tmp_path)
    (tmp_path / "message").write_bytes(b"a checkpoint")
    openssl(tmp_path, "ts", "-query", "-data", "message", "-sha256", "-cert", "-out", "q.tsq")
    token = stamp(tmp_path, (tmp_path / "q.tsq").read_bytes())
    roots = (tmp_path / "ca.pem").read_bytes()
    moment = verify_stamp(token, b"a checkpoint", roots)
    held = 0
    for seed in range(MANY):
        data = mutant(token, random.Random(f"stamp {seed}"), is_json=False)
        try:
            assert verify_stamp(data, b"a checkpoint", roots) == moment, seed
        except GatewayError:
            continue
        held += 1
    assert held < MANY // 4


@pytest.mark.slow
@pytest.mark.skipif(mjs.NODE is None, reason="needs node")
def test_the_verifier_in_javascript_gives_the_same_verdicts() -> None:
    cases: list[dict[str, Any]] = []
    codes: list[int] = []
    for seed in range(120):
        rng = random.Random(f"javascript {seed}")
        whole = signed(matter(seed % 7))
        text = json.dumps(whole).encode()
        data = mutant(text, rng, is_json=True).decode("utf-8", "replace")
        cases.append(mjs.case(data, **ASKED))
        codes.append(_judged(data, key_set()))
        keys = json.loads(of_json(json.dumps(key_set()).encode(), rng))
        # Both get the value that was read; how a text is read is another test's.
        if isinstance(keys, dict) and keys:
            cases.append(mjs.case(whole, **ASKED, jwks=keys))
            codes.append(_judged(text.decode(), keys))
    found = [result.get("exitCode", 1) for result in mjs.told(cases)]
    assert [(i, one) for i, one in enumerate(found)] == list(enumerate(codes))
    assert {0, 1} <= set(codes)


def _judged(text: str, keys: Any) -> int:
    try:
        value = load_json(text)
    except ProvenanceError:
        return 1
    return verify_response(value, keys, **ASKED).exit_code


def test_a_file_without_an_end_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.write(b'{"keys":[')
        file.truncate(MOST_BYTES + 1)
    zipped = tmp_path / "huge.zip"
    zipped.write_bytes(b"PK\x03\x04")
    with zipped.open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "response.json").symlink_to("/dev/zero")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for argv in (
        [str(huge), *KEYS],
        [str(zipped), *KEYS],
        [str(folder), *KEYS],
        [WHOLE, "--jwks", str(huge)],
        [WHOLE, *KEYS, "--query", str(huge)],
        [WHOLE, *KEYS, "--variables", "/dev/zero"],
        [str(HERE / "bundle.zip"), *KEYS, "--policy", str(huge)],
        [str(HERE / "bundle.zip"), *KEYS, "--tsa-roots", str(huge)],
    ):
        code, told = verified(argv)
        assert code in (1, 64), told
    (folder / "response.json").unlink()
    (folder / "response.json").mkdir()
    assert verified([str(folder), *KEYS])[0] == 1
    ring = Keyring(tmp_path / "keys", SystemClock())
    ring.new()
    with (ring.directory / "keys.json").open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ConfigError, match="larger"):
        ring.published()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100 * 1024, f"{grown} kB"


def test_an_archive_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(MOST_FILES + 1):
            archive.writestr(f"upstream-{number}.bin", b"")
    with pytest.raises(ProvenanceError, match="too many files"):
        read_bundle(file)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(MOST_FILES + 1):
        (folder / f"upstream-{number}.bin").touch()
    with pytest.raises(ProvenanceError, match="too many files"):
        read_bundle(folder)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("response.json", b"{}")
    with pytest.raises(ProvenanceError, match="compressed otherwise"):
        read_bundle(file)


def test_a_plain_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_bounded(file, 5, plain=True) == b"12345"
    with pytest.raises(ProvenanceError, match="larger than 4"):
        read_bounded(file, 4)
    with pytest.raises(ProvenanceError, match="not a plain file"):
        read_bounded(tmp_path, 4, plain=True)


def test_a_record_that_is_no_object_is_refused() -> None:
    for seed in range(50):
        rng = random.Random(f"value {seed}")
        value = load_json(of_json(b'{"entry": [], "proof": {}, "statement": 1}', rng))
        assert not verify_record(value, key_set()).valid
    assert signer().kid in read_jwks(key_set())
