"""What `.ci/run` rests on: no test drives a program that CI does not bring."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What every Debian has, and another name of redis-server.
ALWAYS = {"sh", "sleep", "apt-get", "valkey-server"}
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
