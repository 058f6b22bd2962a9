"""Databases: what is asked stands in parameters, and no row that matches is left out."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.errors import BadCursor, InvalidPayload
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Predicate, Question
from gateway.stitch.filters import decide
from tests.adapters.manifests import Desk, asked, desk, manifest, problem

TEXT = """\
[client]
type = "sql"

[lookups.state]
"in  force" = "Held"
"retiré" = "Retired"
USED = "Retired"

[resources.unit]
expect = { max = 10 }
[resources.unit.endpoint]
table = "units"
limit = 3
[resources.unit.filters]
unit_owner = { ops = ["eq", "in", "contains", "startsWith"], most = 5, exact = true }
unit_status = { ops = ["eq", "in"], most = 5, exact = true }
unit_serial_id = { ops = ["eq", "in"], most = 5, type = "code" }
vintage_year = { ops = ["eq", "in", "gte", "lte"], most = 5, type = "integer", exact = true }
unit_status_date = { ops = ["eq", "gte", "lte"], type = "date", exact = true }
is_ex_ante = { ops = ["eq"], type = "boolean", exact = true }
"project.country" = { ops = ["eq"], column = "country" }
[resources.unit.fields]
key = "serial"
project_key = "project"
unit_serial_id = "serial"
unit_owner = "owner"
unit_status = { from = "state", lookup = "state" }
unit_status_date = "since"
vintage_year = "vintage"
is_ex_ante = "planned"
"""
TABLE = """CREATE TABLE units (serial TEXT PRIMARY KEY, project TEXT, owner TEXT, state TEXT,
since TEXT, vintage INTEGER, planned BOOLEAN, country TEXT)"""
OWNERS = [
    "Example Works", "example  works", "EXAMPLE\tWORKS ", "Straße", "STRASSE", "100 %_\\", None,
    "", "ﬁne", "fine", "É", "é", "works", "ÇELİK works", "Sao Joao d`Agua", "d\u2019água",
]  # fmt: skip
STATES = ["in force", "IN  FORCE", " used", "Retiré", "RETIRÉ", "other", None]
Row = tuple[Any, ...]


def unit(number: int, owner: Any = None, state: Any = None, **more: Any) -> Row:
    return (
        f"U-{number:03d}",
        more.get("project", f"P-{number % 3}"),
        owner,
        state,
        more.get("since"),
        more.get("vintage", 2020 + number % 4),
        more.get("planned", number % 2),
        more.get("country", "KE" if number % 2 else "GH"),
    )


SOME = [unit(n, owner, STATES[n % len(STATES)]) for n, owner in enumerate(OWNERS)]


def database(folder: Path, found: list[Row], table: str = TABLE) -> str:
    """The URL of a database of these units."""
    path = folder / "registry.sqlite"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as made, made:
        made.execute(table)
        marks = ", ".join("?" * len(SOME[0]))
        made.executemany(f"INSERT INTO units VALUES ({marks})", found)
    return f"sqlite://{path}"


@asynccontextmanager
async def asking(folder: Path, found: list[Row] | None = None, **said: Any) -> AsyncIterator[Desk]:
    adapter = manifest(folder, said.pop("text", TEXT))
    async with desk(adapter, database(folder, SOME if found is None else found, **said)) as at:
        yield at


async def test_a_table_is_read_in_order_of_its_keys(tmp_path: Path) -> None:
    async with asking(tmp_path) as at:
        pages = await at.pages(Question(Entity.UNIT, want=500))
        assert [len(page.records) for page in pages] == [3, 3, 3, 3, 3, 1]
        assert [r.key for page in pages for r in page.records] == [row[0] for row in SOME]
        assert pages[0].next == pages[1].token == "U-002"
        small = await at.pages(Question(Entity.UNIT, want=1), pages[1].next)
        assert [r.key for page in small for r in page.records] == [row[0] for row in SOME[6:]]
        assert pages[-1].warnings == ("unit: 16 rows, where at most 10 are expected",)
        assert pages[0].warnings == ()
    (first, *_) = at.evidence.exchanges
    assert first.uri == "https://invented.invalid/unit"
    assert first.body is not None
    assert json.loads(first.body)[0]["serial"] == "U-000"


async def test_records_and_children_are_found_by_key(tmp_path: Path) -> None:
    async with asking(tmp_path) as at:
        keys = [f"U-{n:03d}" for n in range(200)]
        assert len(await at.by_keys(*keys, "x' OR '1'='1", entity=Entity.UNIT)) == len(SOME)
        assert await at.by_keys(entity=Entity.UNIT) == []
        assert await at.by_keys("\x00", entity=Entity.UNIT) == []
        found = await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-1", "P-9"]))
        assert {record.key for record in found} == {r[0] for r in SOME if r[1] == "P-1"}
        assert await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["\x00"])) == []


QUESTIONS: list[Predicate] = [
    *(asked("unit_owner", owner, op) for owner in OWNERS if owner
      for op in (Op.EQ, Op.CONTAINS, Op.STARTS_WITH)),
    asked("unit_owner", ("works", "straße"), Op.IN),
    *(asked("unit_owner", text, Op.CONTAINS) for text in ("çelik", "são joão", "d'agua", "celik")),
    asked("unit_owner", "D'AGUA", Op.EQ),
    asked("unit_status", UnitStatus.HELD),
    asked("unit_status", UnitStatus.RETIRED),
    asked("unit_status", (UnitStatus.HELD, UnitStatus.BUFFER), Op.IN),
    asked("unit_status", UnitStatus.BUFFER),
    asked("unit_serial_id", "u-001"),
    asked("unit_serial_id", ("U-001", "U-002", "no"), Op.IN),
    asked("vintage_year", 2021),
    asked("vintage_year", (2020, 2023), Op.IN),
    asked("vintage_year", 2021, Op.GTE),
    asked("vintage_year", 2021, Op.LTE),
    asked("is_ex_ante", True),
    asked("is_ex_ante", False),
]  # fmt: skip


@pytest.mark.parametrize("predicate", QUESTIONS, ids=str)
async def test_a_filter_finds_exactly_what_the_gateway_means(
    tmp_path: Path, predicate: Predicate
) -> None:
    async with asking(tmp_path) as at:
        whole = await at.ask(Entity.UNIT)
        wanted = [record.key for record in whole if decide(record, (predicate,)) is True]
        found = await at.keys(predicate, entity=Entity.UNIT)
        if not at.adapter.collections[Entity.UNIT].exact(predicate):
            assert set(wanted) <= set(found)
        else:
            assert found == wanted


TEXTS = st.text(st.sampled_from("aAbB sSßẞéÉ%_\\'\t\u00a0ﬁİ1"), max_size=6)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TEXTS, max_size=12), TEXTS.filter(str.strip), st.sampled_from(list(Op)[:4]))
@example(["Straße", "STRASSE"], "strasse", Op.EQ)
@example(["a  b", "A\tb"], "a b", Op.CONTAINS)
def test_no_text_that_matches_is_left_out(
    tmp_path: Path, owners: list[str], wanted: str, op: Op
) -> None:
    value: Any = (wanted, "b") if op is Op.IN else wanted
    predicate = Predicate("unit_owner", op, value)

    async def compare() -> tuple[list[str], list[str]]:
        async with asking(tmp_path, [unit(n, owner) for n, owner in enumerate(owners)]) as at:
            whole = await at.ask(Entity.UNIT)
            found = await at.keys(predicate, entity=Entity.UNIT)
            return [r.key for r in whole if decide(r, (predicate,)) is True], found

    should, did = asyncio.run(compare())
    assert did == should


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        (Op.EQ, "2024-01-31", ["U-001", "U-002"]),
        (Op.GTE, "2024-01-31", ["U-001", "U-002", "U-003"]),
        (Op.LTE, "2024-01-31", ["U-000", "U-001", "U-002"]),
        (Op.EQ, "no date", []),
        (Op.LTE, "9999-12-31", []),
    ],
)
async def test_days_are_whole_days_whatever_the_column_holds(
    tmp_path: Path, op: Op, value: str, found: list[str]
) -> None:
    days = ["2024-01-30", "2024-01-31", "2024-01-31T23:59:59Z", "2024-02-01", None]
    given_ = [unit(n, since=day) for n, day in enumerate(days)]
    question = asked("unit_status_date", value, op)
    async with asking(tmp_path, given_) as at:
        rows = await at.ask(Entity.UNIT, question)
        assert [row.key for row in rows if decide(row, (question,)) is True] == found
        assert len(rows) <= len(found) + 1
    closed = TEXT.replace(
        'type = "date", exact = true', 'type = "date", exact = true, closed = true'
    )
    async with asking(tmp_path, given_, text=closed) as at:
        assert await at.keys(question, entity=Entity.UNIT) == found


async def test_a_parents_filter_is_asked_of_the_column_that_the_manifest_names(
    tmp_path: Path,
) -> None:
    async with asking(tmp_path) as at:
        found = await at.keys(asked("project.country", "ke"), entity=Entity.UNIT)
        assert found == [row[0] for row in SOME if row[-1] == "KE"]


LOOSE = TABLE.replace("serial TEXT PRIMARY KEY", "serial")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["A", "B", "B"], "stands twice"),
        (["A", "B", "C", "C"], "stands twice"),
        ([None, None], "unit: no row can be read; /0: its serial is missing"),
        ([1, 2], "the key column serial holds no text: say so in endpoint.key_type"),
    ],
)
async def test_keys_that_are_none_are_an_invalid_payload(
    tmp_path: Path, keys: list[Any], told: str
) -> None:
    given_ = [(key, *unit(n)[1:]) for n, key in enumerate(keys)]
    async with asking(tmp_path, given_, table=LOOSE) as at:
        with pytest.raises(InvalidPayload, match=told):
            await at.ask(Entity.UNIT)


async def test_two_rows_of_one_key_are_seen_by_key_too(tmp_path: Path) -> None:
    given_ = [("A", *unit(n)[1:]) for n in range(2)]
    async with asking(tmp_path, given_, table=LOOSE) as at:
        with pytest.raises(InvalidPayload, match="other keys than it was asked for"):
            await at.by_keys("A", entity=Entity.UNIT)


INTEGER = TEXT.replace('table = "units"', 'table = "units"\nkey_type = "integer"')


async def test_keys_may_be_numbers(tmp_path: Path) -> None:
    table = TABLE.replace("serial TEXT", "serial INTEGER")
    given_ = [(n, *unit(n)[1:]) for n in (2, 10, 100, 9, 1)]
    async with asking(tmp_path, given_, table=table, text=INTEGER) as at:
        assert await at.keys(entity=Entity.UNIT) == ["1", "2", "9", "10", "100"]
        found = await at.by_keys("10", "x", "9" * 40, "010", entity=Entity.UNIT)
        assert [record.key for record in found] == ["10"]
        assert await at.by_keys("x", entity=Entity.UNIT) == []
        for token in ("x", "9" * 40):
            with pytest.raises(BadCursor):
                await at.pages(Question(Entity.UNIT), token)


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('table = "units"', "", "say either table or query"),
        ('table = "units"', 'table = "u"\nquery = "SELECT 1"', "say either table or query"),
        ('table = "units"', 'table = "units; DROP"', "is no name of a table or view"),
        ('table = "units"', 'query = "DELETE FROM units"', "must be one SELECT"),
        ('table = "units"', 'query = "SELECT 1; SELECT 2"', "must be one SELECT"),
        ('table = "units"', 'query = "SELECT $1"', "must be one SELECT without parameters"),
        ('key = "serial"', 'key = { from = ["serial", "s"] }', "does not come from one place"),
        ('unit_owner = "owner"', 'unit_owner = { constant = "x" }', "say `column`"),
        ('"contains", "startsWith"], most', '"gte"], most', "gte cannot be asked of a text"),
        ('["eq"], type = "boolean"', '["isNull"], type = "boolean"', "isNull cannot be asked"),
        ('["eq", "in"], most = 5, exact', '["eq", "contains"], exact', "contains cannot be"),
        ('type = "boolean"', 'type = "text"', "holds other texts than the field"),
        ('"since"', '{ from = "since", convert = "day_first" }', "holds other texts than the"),
        ('type = "sql"', 'type = "sql"\nauth = { type = "bearer" }', "there is no such key"),
    ],
)
def test_what_cannot_be_asked_of_a_database_is_told(
    tmp_path: Path, good: str, bad: str, told: str
) -> None:
    assert good in TEXT
    message = problem(tmp_path, TEXT.replace(good, bad, 1))
    assert message.startswith("invented.toml, line ")
    assert told in message


async def test_a_select_of_the_operators_own_is_narrowed_like_a_table(tmp_path: Path) -> None:
    select = "WITH u AS (SELECT * FROM units WHERE vintage > 2020)\n  SELECT * FROM u;"
    query = f"query = '''\n  {select}\n'''"
    text = TEXT.replace('table = "units"', query)
    async with asking(tmp_path, text=text) as at:
        found = await at.keys(asked("vintage_year", 2022, Op.LTE), entity=Entity.UNIT)
    assert found == [row[0] for row in SOME if row[5] in (2021, 2022)]


async def test_a_database_in_another_state_than_promised_is_told(tmp_path: Path) -> None:
    async with asking(tmp_path, table=TABLE.replace("owner", "holder")) as at:
        with pytest.raises(InvalidPayload, match=r"no such column: t\.owner"):
            await at.ask(Entity.UNIT)
