"""docs/reliability.md has a place for everything that a benchmark writes into it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import benchmarks
from benchmarks.reliability.document import PAGE, replaced

WRITTEN = sorted(
    {
        name
        for path in Path(benchmarks.__path__[0]).rglob("*.py")
        for name in re.findall(r'document\.write\(\{"([a-z]+)"', path.read_text("utf-8"))
    }
)


def test_there_are_sections_to_find_a_place_for() -> None:
    assert "files" in WRITTEN


@pytest.mark.parametrize("name", WRITTEN)
def test_each_section_has_one_place(name: str) -> None:
    assert "what was measured" in replaced(PAGE.read_text("utf-8"), name, "what was measured")
