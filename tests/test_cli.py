"""The command line, command by command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway import __version__
from gateway.cli import main
from tests.paths import ROOT

CGW = (sys.executable, "-c", "from gateway.cli import main; main()")


def cgw(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code and what was printed."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capsys.readouterr()
    code = stopped.value.code
    assert code is None or isinstance(code, int)
    return code or 0, out, err


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CGW_")}


@contextmanager
def running(
    *arguments: str, cwd: Path, **environ: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A gateway in a process of its own: its origin, once it says that it serves."""
    process = subprocess.Popen(
        [*CGW, *arguments],
        cwd=cwd,
        env={**clean(), **environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    seen = ""
    try:
        for line in process.stdout:
            seen += line
            if found := re.search(r"(?:Serving on |\"url\":\")(http://[0-9.:]+)", line):
                yield found[1], process
                return
        raise AssertionError(seen)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_schema_that_cannot_be_written_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = cgw(capsys, "schema", "print", "--output", str(tmp_path / "no" / "x"))
    assert (code, "No such file" in err) == (1, True)


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_number_that_is_no_port_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], port: str
) -> None:
    code, _, err = cgw(capsys, "demo", "--port", port)
    assert (code, "--port" in err) == (2, True)


def test_verify_without_arguments_says_how_it_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, err = cgw(capsys, "verify")
    assert (code, "cgw verify" in err) == (64, True)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cgw(capsys, "--help")
    assert code == 0
    for command in ("serve", "demo", "query", "verify", "schema", "keys", "adapters"):
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


def test_help_is_quick_since_nothing_heavy_is_imported() -> None:
    heavy = {"graphql", "strawberry", "aiohttp", "starlette", "cryptography", "pydantic", "uvicorn"}
    code = (
        "import sys; from gateway.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not heavy & set(done.stderr.split())


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cgw(capsys, "--version") == (0, f"{__version__}\n", "")


def test_the_schema_is_printed_written_and_checked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, printed, _ = cgw(capsys, "schema", "print")
    assert "type Query {" in printed
    file = tmp_path / "schema.graphql"
    cgw(capsys, "schema", "print", "--output", str(file))
    assert file.read_text("utf-8") == printed
    assert cgw(capsys, "schema", "check", str(file))[0] == 0
    file.write_text(printed.replace("type Query {", "type Query {\n  more: Int"))
    code, out, err = cgw(capsys, "schema", "check", str(file))
    assert code == 1
    assert "-  more: Int" in out
    assert "cgw schema print --output" in err
    assert cgw(capsys, "schema", "check", str(tmp_path / "gone"))[0] == 1


def test_keys_are_mounted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = cgw(capsys, "keys", "new", "--dir", str(tmp_path / "keys"))
    assert code == 0
    assert "signs from now" in out


def test_adapters_are_mounted(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cgw(capsys, "adapters", "list")
    assert code == 0
    assert re.search("^gold-standard ", out, re.MULTILINE)


def test_verify_has_its_own_help_and_exit_codes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = cgw(capsys, "verify", "--help")
    assert code == 0
    assert "--jwks" in out
    file = tmp_path / "jwks.json"
    file.write_text('{"keys": []}')
    (tmp_path / "answer.json").write_text("{}")
    code, _, _ = cgw(capsys, "verify", str(tmp_path / "answer.json"), "--jwks", str(file))
    assert code == 1
    assert cgw(capsys, "verify", str(tmp_path / "answer.json"))[0] == 64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limits]\ndetph = 3", "line 2: there is no setting limits.detph; did you mean depth?"),
        ("[server]\nport = 8000", "there is no signing key: run `cgw keys new"),
        ('[signing]\nkey_file = "gone.pem"', "gone.pem cannot be read"),
    ],
)
def test_serve_refuses_settings_it_cannot_use(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "cgw.toml"
    file.write_text(text)
    code, out, err = cgw(capsys, "serve", "--config", str(file), "--port", "0")
    assert (code, out) == (78, "")
    assert err.startswith("cgw: ")
    assert message in err
    assert "Traceback" not in err


def test_serve_serves_and_stops_with_code_zero(tmp_path: Path) -> None:
    config = tmp_path / "cgw.toml"
    config.write_text('only = ["cad-trust"]\n[signing]\nkeys_dir = "keys"\n')
    made = [*CGW, "keys", "new", "--dir", str(tmp_path / "keys")]
    subprocess.run(made, check=True, capture_output=True, cwd=ROOT, env=clean())
    arguments = ("serve", "--config", str(config), "--port", "0")
    with running(*arguments, cwd=tmp_path) as (url, process):
        asked = [*CGW, "query", "{ registries { key configured } }", "--url", url]
        asked += ["--save", str(tmp_path / "answer.json")]
        done = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, env=clean())
        assert done.returncode == 0, done.stderr
        (registry,) = json.loads(done.stdout)["data"]["registries"]
        assert registry == {"key": "cad-trust", "configured": False}
        assert "VALID" in done.stderr
        assert "--jwks names ones you trust" in done.stderr
        assert (tmp_path / "answer.json").stat().st_size > 0
        process.terminate()
        assert process.wait(10) == 0
        assert process.stdout is not None
        rest = process.stdout.read()
        assert "Traceback" not in rest


@pytest.mark.slow
def test_the_demo_serves_on_after_its_question(tmp_path: Path) -> None:
    with running("demo", "--port", "0", cwd=tmp_path) as (url, process):
        asked = [*CGW, "query", "--url", url, "--file", "q.graphql"]
        (tmp_path / "q.graphql").write_text("{ registries { key configured } }")
        environ = {**clean(), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(asked, capture_output=True, text=True, cwd=tmp_path, env=environ)
        # Valid, but with a throw-away key.
        assert done.returncode == 2, done.stderr
        assert all(r["configured"] for r in json.loads(done.stdout)["data"]["registries"])
        process.send_signal(2)
        assert process.wait(60) == 0


def test_a_query_without_a_gateway_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = cgw(capsys, "query", "{a}", "--url", "http://127.0.0.1:9")
    assert code == 69
    assert "cannot be reached" in err
    for wrong in (
        ["{a}", "--file", "x"],
        ["--file", str(tmp_path / "gone")],
        ["{a}", "--variables", "["],
        ["{a}", "--variables", "[]"],
    ):
        code, _, err = cgw(capsys, "query", *wrong)
        assert code == 2
        assert "Traceback" not in err
