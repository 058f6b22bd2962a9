"""Versions: those of what is installed here."""

from __future__ import annotations

import json
import platform
from pathlib import Path

from benchmarks.versions import commit, installed, machine, versions
from tests.tools import needs


def test_an_npm_package_tells_its_version(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"version": "2.15.1"}))
    assert installed(tmp_path) == "2.15.1"
    assert installed(tmp_path / "missing") is None


def test_the_machine_and_the_commit_are_named() -> None:
    assert platform.system() in machine()
    assert commit()


@needs("nginx")
def test_what_serves_is_named() -> None:
    found = versions(npm=False)
    assert found["Python"] == platform.python_version()
    assert found["nginx"][0].isdigit()
