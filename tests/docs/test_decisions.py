"""Every decision has its number, its four parts, and a line in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import DOCS

FOLDER = DOCS / "decisions"
RECORDS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
PARTS = ("Context", "Decision", "Consequences", "Reconsider when")


def test_records_are_numbered_without_gaps() -> None:
    numbers = [path.name.partition("-")[0] for path in RECORDS]
    assert numbers == [f"{number:04}" for number in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_number_and_four_parts_with_something_in_each(record: Path) -> None:
    title, *parts = re.split(r"^## ", record.read_text("utf-8"), flags=re.MULTILINE)
    assert re.fullmatch(rf"# {int(record.name[:4])}\. .+\n\n", title), title
    assert tuple(part.partition("\n")[0] for part in parts) == PARTS
    assert all(part.partition("\n")[2].strip() for part in parts)


def test_the_index_lists_every_record_by_its_title_and_in_order() -> None:
    titles = [path.read_text("utf-8").partition("\n")[0].removeprefix("# ") for path in RECORDS]
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (FOLDER / "README.md").read_text("utf-8"), re.M)
    assert listed == list(zip(titles, [path.name for path in RECORDS], strict=True))
