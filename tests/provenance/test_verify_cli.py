"""The verifier's command line, and the verifier installed alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.bundle import make_bundle
from gateway.provenance.disclosure import disclose
from gateway.provenance.evidence import Exchange
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.note import NoteKey
from gateway.provenance.replay import Question, Replayed
from gateway.provenance.statement import Level
from gateway.provenance.verify_cli import main, run
from tests.paths import ROOT
from tests.provenance.answers import (
    QUERY,
    VARIABLES,
    key_set,
    matter,
    notary,
    signed,
    signer,
)
from tests.provenance.test_stream import events


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    response = signed(matter(seed=3))
    Path("response.json").write_text(json.dumps(response))
    Path("jwks.json").write_text(json.dumps(key_set()))
    Path("query.graphql").write_text(f"{QUERY}\n")
    Path("variables.json").write_text(json.dumps(VARIABLES))
    Path("record.json").write_text(json.dumps(disclose(response, 1)))
    return tmp_path


KEYS = ("--jwks", "jwks.json")
ASKED = ("--query", "query.graphql", "--variables", "variables.json")


def test_a_response_is_checked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["response.json", *KEYS, *ASKED, "--pin", signer().kid]) == 0
    assert capsys.readouterr().out.endswith("VALID: it is what the gateway received and said.\n")


def test_a_record_is_checked(here: Path) -> None:
    assert main(["record.json", *KEYS, *ASKED]) == 0


def test_a_stream_is_checked_as_a_list_and_line_by_line(here: Path) -> None:
    found = events()
    Path("list.json").write_text(json.dumps(found))
    Path("lines.json").write_text("".join(f"{json.dumps(e)}\n" for e in found))
    Path("cut.json").write_text("".join(f"{json.dumps(e)}\n" for e in found[:2]))
    assert main(["list.json", *KEYS, *ASKED]) == 0
    assert main(["lines.json", *KEYS, *ASKED]) == 0
    assert main(["cut.json", *KEYS, *ASKED]) == 2
    Path("list.json").write_text(json.dumps(found[::-1]))
    assert main(["list.json", *KEYS, *ASKED]) == 1


def test_a_value_over_many_lines_is_not_taken_for_a_stream(here: Path) -> None:
    text = json.dumps(json.loads(Path("response.json").read_text()), indent=2)
    Path("pretty.json").write_text(text)
    assert main(["pretty.json", *KEYS, *ASKED]) == 0
    Path("odd.json").write_text("{\n{\n")
    assert main(["odd.json", *KEYS]) == 1


def test_a_bundle_is_checked(here: Path) -> None:
    response = Path("response.json").read_bytes()
    data = make_bundle(response, key_set(), query=QUERY, variables=VARIABLES)
    Path("bundle.zip").write_bytes(data)
    assert main(["bundle.zip", *KEYS]) == 2
    Path("policy").write_text(f"log {NoteKey('a', signer().public).vkey}\nquorum none\n")
    assert main(["bundle.zip", *KEYS, "--policy", "policy", "--tsa-roots", "policy"]) == 2
    Path("bundle.zip").write_bytes(data[:100])
    assert main(["bundle.zip", *KEYS]) == 1


def test_standard_input_is_read(here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway.provenance.verify", "-", *KEYS, *ASKED, "--json"],
        input=Path("response.json").read_bytes(),
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["valid"] is True


def test_machines_get_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["response.json", *KEYS, "--max-age", "1s", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["exitCode"] == 1
    assert {"check": "age", "result": "FAILS"}.items() <= found["findings"][-2].items()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t.replace('"data"', '"data":{},"data"', 1), 1),
        (lambda t: t.replace('"version": 1', '"version": 1, "version": 1', 1), 1),
        (lambda t: f"{t} x", 1),
        (lambda t: t.replace(": ", " :\n\t"), 0),
    ],
)
def test_the_text_is_read_strictly_and_white_space_is_free(
    here: Path, change: Any, code: int
) -> None:
    Path("response.json").write_text(change(Path("response.json").read_text()))
    assert main(["response.json", *KEYS, *ASKED]) == code


def test_base64url_in_another_spelling_is_refused(here: Path) -> None:
    text = Path("response.json").read_text()
    signature = json.loads(text)["extensions"]["provenance"]["signatures"][0]["signature"]
    # 64 bytes leave four bits of the last letter unused.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = signature[:-1] + letters[letters.index(signature[-1]) | 1]
    assert other != signature
    for spelling in (other, f"{signature}==", signature.replace("_", "/").replace("-", "+") + "=="):
        Path("response.json").write_text(text.replace(signature, spelling))
        assert main(["response.json", *KEYS]) == 1


def test_a_throw_away_key_exits_2(here: Path) -> None:
    key = throw_away_signer()
    Path("response.json").write_text(json.dumps(signed(matter(), notary(signer=key))))
    Path("jwks.json").write_text(json.dumps(jwks([PublishedKey(key.public)])))
    assert main(["response.json", *KEYS]) == 2


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["response.json"],
        ["none.json", *KEYS],
        ["response.json", "--jwks", "none.json"],
        ["response.json", "--jwks", "query.graphql"],
        ["response.json", *KEYS, "--variables", "query.graphql"],
        ["response.json", *KEYS, "--variables", "list.json"],
        ["response.json", *KEYS, "--query", "binary"],
        ["response.json", *KEYS, "--max-age", "soon"],
        ["response.json", *KEYS, "--max-age", "999999999d"],
        ["response.json", *KEYS, "--policy", "query.graphql"],
        ["response.json", *KEYS, "--replay"],
        ["response.json", *KEYS, "--nonsense"],
    ],
)
def test_wrong_usage_exits_64_with_a_reason(
    here: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("list.json").write_text("[1]")
    Path("binary").write_bytes(b"\xff\xfe")
    assert main(argv) == 64
    assert capsys.readouterr().err.startswith("cgw verify: ")


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "evidence bundle" in capsys.readouterr().out


class Mapper:
    def mapping(self, registry: str) -> str | None:
        return None

    def answer(self, question: Question, exchanges: Sequence[Exchange]) -> Replayed:
        answer = matter(seed=3).answer
        assert answer is not None
        return Replayed(answer["data"])


def test_a_bare_response_can_be_replayed_and_asked_again(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fetch(address: str) -> bytes:
        if address.endswith("jwks.json"):
            return Path("jwks.json").read_bytes()
        raise ProvenanceError("no route")

    argv = ["response.json", "--jwks", "https://gw.example/.well-known/jwks.json"]
    assert run([*argv, *ASKED, "--replay", "--refetch"], replayer=Mapper(), fetch=fetch) == 2
    out = capsys.readouterr().out
    assert "Mapping the upstream bytes again gives the same answer." in out
    assert "could not be asked: no route" in out


@pytest.fixture(scope="session")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with `cryptography` and this project's wheel, installed without dependencies."""
    home = tmp_path_factory.mktemp("lone")
    wheel = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(home), str(ROOT)],
        capture_output=True,
        check=False,
        timeout=110,
    )
    if wheel.returncode:
        pytest.skip(f"the wheel cannot be built here: {wheel.stderr.decode()[-200:]}")
    venv.create(home / "venv", with_pip=True)
    python = home / "venv" / "bin" / "python"
    (built,) = home.glob("*.whl")
    install = [str(python), "-m", "pip", "install", "-q", "--no-index", "--no-deps", str(built)]
    subprocess.run(install, check=True, capture_output=True, timeout=110)
    # What `pip install cryptography` puts there, taken from here, so that no network is needed.
    site = next((home / "venv" / "lib").glob("python*/site-packages"))
    ours = Path(sysconfig.get_path("platlib"))
    for name in ("cryptography", "cffi", "pycparser"):
        if (ours / name).is_dir():
            shutil.copytree(ours / name, site / name)
    for file in ours.glob("_cffi_backend*"):
        shutil.copy(file, site)
    return python


@pytest.mark.slow
def test_the_verifier_works_with_cryptography_alone(lone: Path, here: Path) -> None:
    def verify(*argv: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(lone), "-m", "gateway.provenance.verify", *argv],
            capture_output=True,
            check=False,
            timeout=60,
        )

    listed = subprocess.run(
        [str(lone), "-c", "import msgspec"], capture_output=True, check=False, timeout=60
    )
    assert b"ModuleNotFoundError" in listed.stderr
    done = verify("response.json", *KEYS, *ASKED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verify("record.json", *KEYS, *ASKED).returncode == 0
    text = Path("response.json").read_text()
    Path("changed.json").write_text(text.replace('"projectName": "', '"projectName": "x', 1))
    assert verify("changed.json", *KEYS).returncode == 1
    data = make_bundle(Path("response.json").read_bytes(), key_set(), query=QUERY)
    Path("bundle.zip").write_bytes(data)
    assert verify("bundle.zip", *KEYS, "--variables", "variables.json").returncode == 2


def test_statements_of_the_statement_level_need_no_more(here: Path) -> None:
    Path("plain.json").write_text(json.dumps(signed(matter(level=Level.STATEMENT))))
    assert main(["plain.json", *KEYS, *ASKED]) == 0


def test_lines_that_each_begin_an_object_may_still_be_one_value(here: Path) -> None:
    text = Path("response.json").read_text()
    start = text.index("{", 1)
    Path("broken.json").write_text(f"{text[:start]}\n{text[start:]}")
    assert main(["broken.json", *KEYS, *ASKED]) == 0


def test_a_response_may_come_through_a_pipe(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("response.json").open() as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        assert main(["-", *KEYS, *ASKED]) == 0


def test_a_pipe_without_an_end_is_read_up_to_a_bound(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gateway.provenance.verify_cli.MOST_BYTES", 1000)
    with Path("/dev/zero").open() as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        assert main(["-", *KEYS, *ASKED]) != 0
    assert "larger than 1000 bytes" in "".join(capsys.readouterr())


def test_a_pipe_that_cannot_be_read_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("out").open("w") as out, open(out.fileno(), closefd=False) as unreadable:
        monkeypatch.setattr(sys, "stdin", unreadable)
        assert main(["-", *KEYS, *ASKED]) == 64
    assert "- cannot be read" in "".join(capsys.readouterr())
