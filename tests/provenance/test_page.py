"""docs/provenance.md: its commands work as written, and what it lists is what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.errors import Outcome
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.merkle import leaf_hash
from gateway.provenance.note import Checkpoint, NoteKey
from gateway.provenance.tlogproof import checkpoint_of, tlog_proof
from tests.paths import DOCS
from tests.provenance.answers import matter, notary, signed
from tests.provenance.authority import make_authority, stamp
from tests.tools import needs
from tests.vectors.make import HERE, MUTATED

pytest.importorskip("rfc3161_client", reason="needs the tsa extra")

PAGE = (DOCS / "provenance.md").read_text("utf-8")

needs_openssl = needs("openssl")


def commands(marker: str) -> str:
    """The shell commands of the page that hold the marker."""
    (found,) = [b for b in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if marker in b]
    return str(found)


def shell(script: str, where: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", script], cwd=where, capture_output=True, check=False, timeout=60
    )


@needs_openssl
@pytest.mark.parametrize("name", ["response.json", "statement-level.json", "errors-only.json"])
def test_the_openssl_commands_accept_what_is_signed(tmp_path: Path, name: str) -> None:
    shutil.copy(HERE / name, tmp_path / "response.json")
    shutil.copy(HERE / "jwks.json", tmp_path)
    done = shell(commands("pkeyutl"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"Signature Verified Successfully" in done.stdout


@needs_openssl
@pytest.mark.parametrize("change", ["data", "statement", "key"])
def test_the_openssl_commands_refuse_what_was_changed(tmp_path: Path, change: str) -> None:
    response = json.loads((HERE / "response.json").read_text())
    keys = json.loads((HERE / "jwks.json").read_text())
    if change == "data":
        response["data"]["projects"]["more"] = 1
    elif change == "statement":
        response["extensions"]["provenance"]["statement"]["predicate"]["issuer"] = "x"
    else:
        other = signed(matter(), notary(signer=throw_away_signer()))
        response["extensions"]["provenance"]["signatures"] = other["extensions"]["provenance"][
            "signatures"
        ]
    (tmp_path / "response.json").write_text(json.dumps(response))
    (tmp_path / "jwks.json").write_text(json.dumps(keys))
    assert shell(commands("pkeyutl"), tmp_path).returncode != 0


@needs_openssl
def test_the_openssl_command_for_time_stamps_works(tmp_path: Path) -> None:
    import rfc3161_client as client

    make_authority(tmp_path)
    key = throw_away_signer()
    head = Checkpoint("gw.example/log", 1, leaf_hash(bytes(32)))
    note = head.signed(NoteKey(head.origin, key.public), key.sign_now(head.text().encode()))
    checkpoint = checkpoint_of(tlog_proof(0, [], note))
    assert checkpoint == note
    (tmp_path / "checkpoint").write_text(checkpoint)
    builder = client.TimestampRequestBuilder().data(checkpoint.encode())
    request = builder.hash_algorithm(client.HashAlgorithm.SHA256).build()
    (tmp_path / "checkpoint.tsr").write_bytes(stamp(tmp_path, request.as_bytes()))
    shutil.copy(tmp_path / "ca.pem", tmp_path / "tsa-roots.pem")
    done = shell(commands("openssl ts"), tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "checkpoint").write_text(f"{checkpoint} ")
    assert shell(commands("openssl ts"), tmp_path).returncode != 0


def test_the_page_lists_every_member_of_a_statement() -> None:
    said = signed(matter())["extensions"]["provenance"]["statement"]
    for name in (*said, *said["predicate"], *said["predicate"]["sources"][0]):
        assert f"`{name}`" in PAGE, name


def test_the_page_lists_every_outcome_and_counts_the_vectors() -> None:
    assert all(outcome.value in PAGE for outcome in Outcome)
    assert f"{MUTATED + 3} changed answers" in PAGE
