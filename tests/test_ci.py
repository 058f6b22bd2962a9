"""What `.ci/run` rests on: programs that are there, an audit and a bill that can fail."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT

# What every Debian has, and another name of redis-server.
ALWAYS = {"sh", "sleep", "apt-get", "unshare", "valkey-server"}
# How a test names a program: through tests/tools.py or as the first word of a command.
DRIVES = re.compile(
    r'(?:\b(?:needs|needed|which)\(|\b(?:run|Popen|exec)\(\s*\[|command = \[\(?)"([a-z-]+)"'
)


def installed() -> set[str]:
    """The programs that .ci/programs looks for."""
    text = (ROOT / ".ci" / "programs").read_text("utf-8")
    (listed,) = re.findall(r'^programs="([^"]*)"', text, re.MULTILINE)
    return {pair.partition(":")[0] for pair in listed.split()} | {"initdb", "postgres"}


def test_ci_brings_every_program_that_tests_drive() -> None:
    named: dict[str, Path] = {}
    for folder in ("tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            named |= dict.fromkeys(DRIVES.findall(path.read_text("utf-8")), path)
    assert {"wrk", "nginx", "chromium"} < named.keys()
    assert {name: named[name] for name in named.keys() - installed() - ALWAYS} == {}


def test_every_test_runs_once_in_ci_and_the_fast_ones_first() -> None:
    made, run = ((ROOT / name).read_text("utf-8") for name in ("Makefile", ".ci/run"))
    assert re.findall(r"^(\w+): install.*\n\t\$\(PYTEST\) -m (.*?) \$", made, re.MULTILINE) == [
        ("test", "'not slow'"),
        ("slow", "slow"),
    ]
    steps = re.findall(r'^step "[^"]*" (.*)', run, re.MULTILINE)
    assert steps[:3] == ["make test", "make slow", ".ci/coverage .venv/bin/python"]
    assert [one for one in steps if "pytest" in one] == []
    # Branches are counted over both together, and no test is skipped in either.
    assert "export COVERAGE=1" in run[: run.index('step "make test"')]
    assert 'PYTEST_ADDOPTS="--no-skips' in run[: run.index('step "make test"')]
    assert made.count("--cov-append") == 1


def test_every_file_with_slow_tests_has_others_that_run_for_everyone(
    kinds: dict[str, set[bool]],
) -> None:
    assert kinds
    assert sorted(file for file, found in kinds.items() if found == {True}) == []


def asked(folder: Path, told: Any, error: str = "") -> subprocess.CompletedProcess[str]:
    """`.ci/advisories` with an auditor that tells this, or nothing but an error."""
    (folder / "told.json").write_text("" if error else json.dumps({"dependencies": told}))
    (folder / "error").write_text(error)
    auditor = folder / "auditor"
    copied = "import shutil, sys; shutil.copy(sys.argv[0][:-7] + 'told.json', sys.argv[-1])"
    said = "print(open(sys.argv[0][:-7] + 'error').read(), file=sys.stderr); sys.exit(1)"
    auditor.write_text(f"#!{sys.executable}\n{copied}\n{said}\n")
    auditor.chmod(0o755)
    command = [sys.executable, str(ROOT / ".ci" / "advisories"), str(auditor)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


FLAW = {"id": "CVE-1", "fix_versions": ["1.1"]}
FINE, FLAWED = ({"name": n, "version": "1", "vulns": v} for n, v in (("a", []), ("b", [FLAW])))


def test_a_known_vulnerability_fails_and_is_named(tmp_path: Path) -> None:
    done = asked(tmp_path, [FINE, FLAWED])
    assert done.returncode == 1
    assert done.stderr == "b 1: CVE-1 (mended in 1.1)\n"
    assert done.stdout == "2 packages audited, 1 known vulnerabilities\n"


def test_without_a_known_vulnerability_all_is_well(tmp_path: Path) -> None:
    done = asked(tmp_path, [FINE, {"name": "c", "skip_reason": "not found"}])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "not on the list: c\n1 packages audited, 0 known vulnerabilities\n"


@pytest.mark.parametrize("error", ["", "requests.exceptions.ConnectionError: Max retries exceeded"])
def test_an_audit_that_reaches_nobody_says_so_in_a_line_and_fails_nothing(
    tmp_path: Path, error: str
) -> None:
    done = asked(tmp_path, [{"name": "c", "skip_reason": "not found"}], error)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("not audited: ")
    assert done.stdout.count("\n") == 1


def test_an_auditor_that_fails_of_itself_is_no_audit(tmp_path: Path) -> None:
    done = asked(tmp_path, [], "unrecognized arguments: --format")
    assert done.returncode == 1
    assert "unrecognized arguments" in done.stderr


def bill() -> tuple[Any, dict[str, Any]]:
    """The module `.ci/sbom`, and a bill as its tool writes one."""
    loader = SourceFileLoader("sbom", str(ROOT / ".ci" / "sbom"))
    spec = spec_from_loader("sbom", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    links = [{"type": "website", "url": "https://index.example/one"}]
    parts = [
        {"bom-ref": f"{name}==1", "name": name, "version": "1", "externalReferences": links}
        for name in ("One_Part", "pip", "carbon-gateway")
    ]
    return module, {
        "bomFormat": "CycloneDX",
        "metadata": {"component": {"bom-ref": "root", "name": "carbon-gateway"}},
        "components": parts,
        "dependencies": [{"ref": "root", "dependsOn": ["One_Part==1", "pip==1"]}],
    }


def test_a_bill_of_materials_names_the_wheel_and_what_it_asks_for() -> None:
    sbom, made = bill()
    ours = sbom.ours(made, "carbon-gateway", "1.2", "ab")
    assert sbom.problems(ours, "carbon-gateway", "1.2", {"one-part"}) == []
    assert [one["name"] for one in ours["components"]] == ["One_Part"]
    assert ours["dependencies"] == [{"ref": "root", "dependsOn": ["One_Part==1"]}]


def test_a_bill_that_lacks_something_or_says_too_much_is_refused() -> None:
    sbom, made = bill()
    assert sbom.problems(made, "carbon-gateway", "1.2", {"one-part", "two"}) == [
        "it is the bill of carbon-gateway None",
        "two is not in it",
        "two is not named as a direct dependency",
        "it speaks of index.example",
    ]
    assert "this is no CycloneDX" in sbom.problems({}, "carbon-gateway", "1.2", set())


def test_a_wheel_asks_for_its_extras_but_not_for_the_tools_of_development() -> None:
    sbom, _ = bill()
    told = sbom.Parser().parsestr(
        "Name: x\nRequires-Dist: One.Part>=2\n"
        "Requires-Dist: redis<9,>=6; extra == 'redis'\nRequires-Dist: ruff; extra == 'dev'\n"
    )
    assert sbom.direct(told) == {"one-part", "redis"}
