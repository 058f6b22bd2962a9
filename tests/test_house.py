"""Rules of the house that no linter knows: sizes, empty files, words that have no place here."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from adapters.catalogue import BUILT_IN
from tests.paths import ROOT

MOST_LINES = 400


def tracked(*patterns: str) -> list[Path]:
    """The files that are in the repository; what lies beside them is somebody's own."""
    command = ["git", "ls-files", "-z", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    for path in tracked("gateway/*.py", "adapters/*.py", "tests/*.py", "benchmarks/*.py"):
        lines = path.read_text("utf-8").count("\n")
        assert lines <= MOST_LINES, f"{path}: {lines} lines"


def test_packages_begin_with_nothing() -> None:
    for path in tracked("*__init__.py"):
        if path != ROOT / "gateway/__init__.py":
            assert path.read_text("utf-8") == "", path


def test_every_module_says_what_it_is_for() -> None:
    for path in tracked("gateway/*.py", "adapters/*.py"):
        text = path.read_text("utf-8")
        assert path.name == "__init__.py" or text.startswith('"""'), path


def test_no_file_names_a_place_of_one_machine() -> None:
    places = re.compile(rb"/(?:home|Users|work)/[a-z]")
    for path in tracked("*.py", "*.toml", "*.md", "*.yaml", "*.sh", "Makefile", "Dockerfile"):
        if path != Path(__file__):
            assert not places.search(path.read_bytes()), path


@pytest.mark.parametrize("key", sorted(BUILT_IN))
def test_adapters_do_not_import_each_other(key: str) -> None:
    own = BUILT_IN[key].partition(":")[0]
    others = {place.partition(":")[0] for place in BUILT_IN.values()} - {own}
    source = Path(str(import_module(own).__file__)).read_text("utf-8")
    for other in others:
        package, _, name = other.rpartition(".")
        assert not re.search(rf"^from {re.escape(other)} import", source, re.MULTILINE)
        assert not re.search(rf"^from {re.escape(package)} import .*\b{name}\b", source, re.M)
