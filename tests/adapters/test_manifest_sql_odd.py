"""Databases whose columns hold a value of another type here and there, as SQLite's may.

One such value costs itself: the other rows are there, and a filter that cannot decide it brings
the row along, so that it is counted and not passed over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BadCursor, InvalidPayload
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Predicate, Question
from gateway.stitch.filters import decide
from tests.adapters.manifests import Desk, asked, desk, manifest
from tests.adapters.test_manifest_sql import TEXT, Row, database, unit

# Columns without a type hold whatever they are given.
LOOSE = "CREATE TABLE units (serial, project, owner, state, since, vintage, planned, country)"
TYPED = """CREATE TABLE units (serial TEXT, project TEXT, owner TEXT, state TEXT, since DATE,
vintage INTEGER, planned BOOLEAN, country TEXT)"""
INTEGER = TEXT.replace('table = "units"', 'table = "units"\nkey_type = "integer"')
ODD: dict[str, list[Any]] = {
    "vintage": ["n/a", "2016-2017", "2016", " 2016 ", "02016", 2016.0, 2016.5, b"\x00\xff", "",
                -2016, 10**15, "2016-05-01", None],
    "since": ["n/a", "2021-13-45", "0000-00-00", "2021-02-30", "01.02.2021", 20210102, b"\xff",
              "2021-03-04T05:06:07Z", "2021-03-04 25:00:00", "2021-03-04x", None],
    "planned": ["yes", "true", "maybe", "1", 1, 0, 7, b"\x01", None],
    "owner": [7, 7.5, b"Works", "Works", "works ", None],
    "state": ["in force", "USED", "who knows", 7, b"used", None],
}  # fmt: skip
QUESTIONS = [
    *(asked("vintage_year", 2016, op) for op in (Op.EQ, Op.GTE, Op.LTE)),
    asked("vintage_year", (2016, 2020), Op.IN),
    asked("vintage_year", -5, Op.GTE),
    asked("vintage_year", -5, Op.LTE),
    asked("vintage_year", 99, Op.GTE),
    asked("vintage_year", 99_999, Op.LTE),
    *(asked("unit_status_date", "2021-03-04", op) for op in (Op.EQ, Op.GTE, Op.LTE)),
    *(asked("is_ex_ante", value) for value in (True, False)),
    *(asked("unit_owner", "Works", op) for op in (Op.EQ, Op.CONTAINS, Op.STARTS_WITH)),
    asked("unit_owner", ("works", "7"), Op.IN),
    *(asked("unit_status", value) for value in (UnitStatus.HELD, UnitStatus.RETIRED)),
]


@asynccontextmanager
async def asking(
    folder: Path, found: list[Row], table: str = LOOSE, text: str = TEXT
) -> AsyncIterator[Desk]:
    adapter = manifest(folder, text)
    async with desk(adapter, database(folder, found, table=table)) as at:
        yield at


def rows() -> list[Row]:
    """One row for each odd value, and a sound one before it."""
    made: list[Row] = []
    for column, values in ODD.items():
        for value in values:
            made.append(unit(len(made), "Another", "in force", since="2020-01-01"))
            changed: dict[str, Any] = {"owner": None, "state": None, column: value}
            made.append(unit(len(made), **changed))
    return made


@pytest.mark.parametrize("table", [LOOSE, TYPED], ids=["without types", "with types"])
@pytest.mark.parametrize("predicate", QUESTIONS, ids=str)
async def test_no_row_is_passed_over_that_a_filter_cannot_decide(
    tmp_path: Path, predicate: Predicate, table: str
) -> None:
    async with asking(tmp_path, rows(), table) as at:
        whole = await at.ask(Entity.UNIT)
        assert len(whole) == len(rows())
        verdicts = {row.key: decide(row, (predicate,)) for row in whole}
        meant = {key for key, verdict in verdicts.items() if verdict is not False}
        found = await at.keys(predicate, entity=Entity.UNIT)
        assert meant <= set(found)
        # It is narrowed all the same.
        assert len(found) < len(whole)


async def test_a_value_that_is_none_is_null_with_its_text(tmp_path: Path) -> None:
    given = [unit(0, b"\x00\xff"), unit(1, vintage="n/a"), unit(2, since=b"x"), unit(3, "Works")]
    async with asking(tmp_path, given) as at:
        found = await at.ask(Entity.UNIT)
    assert [row.key for row in found] == [f"U-{n:03d}" for n in range(4)]
    assert [row.unit_owner for row in found] == [None, None, None, "Works"]
    assert found[0].unmapped("unit_owner") == ('{"bytes":"00ff"}',)
    assert found[1].vintage_year is None
    assert found[1].unmapped("vintage_year") == ("n/a",)
    assert found[2].unmapped("unit_status_date") == ('{"bytes":"78"}',)


KEYS = [None, None, None, None, None, "", "A", 7, 8, b"B", "C", "x" * 300, "E", "F"]
SOUND = 7


@pytest.mark.parametrize("want", [1, 2, 3, 500])
async def test_rows_without_a_key_cost_themselves_wherever_they_stand(
    tmp_path: Path, want: int
) -> None:
    given = [(key, *unit(n, "Works")[1:]) for n, key in enumerate(KEYS)]
    sound = [(f"U-{n:02d}", *unit(n)[1:]) for n in range(SOUND)]
    text = TEXT.replace("limit = 3", "limit = 7")
    question = Question(Entity.UNIT, want=want)
    async with asking(tmp_path, [*sound, *given], text=text) as at:
        if want in (2, 3):
            # A whole page of such rows is no list of units any more.
            with pytest.raises(InvalidPayload, match="no row can be read"):
                await at.pages(question)
            return
        pages = await at.pages(question)
        keys = [row.key for page in pages for row in page.records]
        assert keys == sorted(["A", "C", "E", "F", *(row[0] for row in sound)])
        unread = sum(count for count, _ in at.evidence.unread.values())
        assert unread == len(KEYS) - 4
        for number, page in enumerate(pages):
            again = await at.pages(question, page.token)
            assert [[row.key for row in one.records] for one in again] == [
                [row.key for row in one.records] for one in pages[number:]
            ]


async def test_a_key_of_another_type_costs_that_row(tmp_path: Path) -> None:
    given = [(key, *unit(n)[1:]) for n, key in enumerate([1, 2, "n/a", 3, 4.5, None, 4])]
    text = INTEGER.replace("limit = 3", "limit = 4")
    async with asking(tmp_path, given, text=text) as at:
        assert await at.keys(entity=Entity.UNIT) == ["1", "2", "3", "4"]
        (*_, told) = at.unread()
        assert "its serial is missing" in told
        (row,) = await at.by_keys("3", entity=Entity.UNIT)
        assert row.key == "3"
        for token in ("\x00x.1", "\x00", "\x001.n/a"):
            with pytest.raises(BadCursor):
                await at.pages(Question(Entity.UNIT), token)


async def test_the_children_of_a_parent_are_there_beside_one_that_names_none(
    tmp_path: Path,
) -> None:
    given = [unit(n, project=p) for n, p in enumerate(["P-1", b"P-1", "P-2", 7, None, "P-1"])]
    async with asking(tmp_path, given) as at:
        found = await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-1"]))
    assert [row.key for row in found if row.project_key == "P-1"] == ["U-000", "U-005"]
    # Whose child this one is cannot be told.
    assert [row.key for row in found if row.project_key is None] == ["U-001"]
