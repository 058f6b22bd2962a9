"""A database answers with the canonical bytes of its rows, and can be asked nothing but to read."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Request
from gateway.errors import InternalError, Outcome, RegistryError
from gateway.upstream.door import Door
from gateway.upstream.sql_rows import Rows, plain
from gateway.upstream.sql_wire import SqlWire
from gateway.upstream.sqlite_file import SqliteFile
from gateway.upstream.terms import Terms
from tests.upstream.bench import as_text, door_to, terms, upstream


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "regi stry.db"
    with closing(sqlite3.connect(place)) as made, made:
        made.execute("CREATE TABLE projects (code TEXT PRIMARY KEY, name TEXT, tonnes NUMERIC)")
        made.executemany(
            "INSERT INTO projects VALUES (?, ?, ?)",
            [("A-1", "Wind", 7), ("A-2", "Süd", 46.001), ("A-3", None, 9007199254740993)],
        )
    return place


def at(path: Path, **changes: Any) -> Any:
    return upstream(f"sqlite://{path}".replace(" ", "%20"), **changes)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cut(path: Path, share: float, instead: bytes = b"") -> None:
    """Leaves this share of the file, or something else."""
    whole = path.read_bytes()
    path.write_bytes(instead or whole[: int(len(whole) * share)])


async def ask(door: Door, sql: str, *values: Any, asked: Terms | None = None) -> str:
    request = Request("projects", method="POST", json={"sql": sql, "parameters": values})
    return (await door.source("sample", asked or terms()).read(request, as_text)).value


async def outcome(path: Path, sql: str, *values: Any) -> Outcome:
    async with door_to(at(path)) as door:
        with pytest.raises(RegistryError) as raised:
            await ask(door, sql, *values, asked=terms())
    return raised.value.outcome


async def test_rows_are_canonical_bytes_and_their_hash_is_the_evidence(path: Path) -> None:
    asked = terms()
    async with door_to(at(path)) as door:
        sql = "SELECT tonnes, code, name FROM projects ORDER BY code"
        body = await ask(door, sql, asked=asked)
    assert body == (
        '[{"code":"A-1","name":"Wind","tonnes":7},{"code":"A-2","name":"Süd","tonnes":46.001},'
        '{"code":"A-3","name":null,"tonnes":9007199254740993}]'
    )
    (exchange,) = asked.evidence.exchanges
    assert exchange.digest == hashlib.sha256(body.encode()).hexdigest()
    assert exchange.media_type == "application/json"
    statement = json.dumps({"sql": sql, "parameters": []}, separators=(",", ":"))
    assert exchange.request_digest == hashlib.sha256(statement.encode()).hexdigest()


async def test_values_are_bound_and_never_read_as_sql(path: Path) -> None:
    async with door_to(at(path)) as door:
        sql = "SELECT code FROM projects WHERE code = $1 OR name = $2"
        assert await ask(door, sql, "' OR 1=1 --", "Wind") == '[{"code":"A-1"}]'


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM projects",
        "CREATE TABLE x (y)",
        "ATTACH '/etc/passwd' AS other",
        "PRAGMA query_only = OFF",
        "SELECT 1; SELECT 2",
        "SELECT load_extension('x')",
    ],
)
async def test_nothing_but_one_reading_statement_is_done(path: Path, sql: str) -> None:
    before = digest(path)
    assert await outcome(path, sql) is Outcome.HTTP_ERROR
    assert digest(path) == before


@pytest.mark.parametrize("sql", ["SELECT x FROM elsewhere", "SELECT t.x FROM projects AS t"])
async def test_another_schema_than_promised_is_an_invalid_payload(path: Path, sql: str) -> None:
    assert await outcome(path, sql) is Outcome.INVALID_PAYLOAD


async def test_an_error_inside_a_statement_is_the_databases(path: Path) -> None:
    assert await outcome(path, "SELECT abs(-9223372036854775807 - 1)") is Outcome.HTTP_ERROR


async def test_a_file_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    assert await outcome(tmp_path / "no.db", "SELECT 1 AS x") is Outcome.CONNECT_ERROR


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
async def test_a_file_that_is_cut_short_is_an_invalid_payload(path: Path, share: float) -> None:
    cut(path, share)
    assert await outcome(path, "SELECT code FROM projects") is Outcome.INVALID_PAYLOAD


async def test_a_file_that_is_no_database_is_an_invalid_payload(path: Path) -> None:
    cut(path, 0, b"<!doctype html>" * 100)
    assert await outcome(path, "SELECT code FROM projects") is Outcome.INVALID_PAYLOAD


async def test_a_value_without_a_form_in_json_costs_that_value(path: Path) -> None:
    sql = "SELECT x'00ff' AS x, CAST(x'41ff' AS TEXT) AS y, 9e999 AS z, 7 AS n"
    async with door_to(at(path)) as door:
        body = await ask(door, sql)
    assert json.loads(body) == [
        {"n": 7, "x": {"bytes": "00ff"}, "y": {"bytes": "41ff"}, "z": "Infinity"}
    ]


async def test_too_many_rows_are_too_large(path: Path) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    async with door_to(at(path, politeness={"max_bytes": 5000})) as door:
        with pytest.raises(RegistryError) as raised:
            await ask(door, endless)
    assert raised.value.outcome is Outcome.TOO_LARGE


async def test_a_slow_statement_ends_with_the_deadline(path: Path) -> None:
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT count(*) AS x FROM n"
    )
    async with door_to(at(path)) as door:
        with pytest.raises(RegistryError) as raised:
            await ask(door, endless, asked=terms(0.3))
        assert raised.value.outcome is Outcome.TIMEOUT
        # The thread was interrupted: the default executor is free again.
        await asyncio.wait_for(asyncio.to_thread(lambda: None), 30)


async def test_a_writer_that_keeps_the_database_busy_is_told_of(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        database = SqliteFile(str(path), busy=0.05)
        busy = at(path)
        wires = {busy.key: SqlWire(busy, database)}
        async with door_to(busy, transport=lambda one: wires[one.key]) as door:
            with pytest.raises(RegistryError) as raised:
                await ask(door, "SELECT code FROM projects", asked=terms())
            assert raised.value.outcome is Outcome.RATE_LIMITED
            writer.execute("ROLLBACK")
            assert "A-1" in await ask(door, "SELECT code FROM projects")


async def test_a_database_keeps_no_session(path: Path) -> None:
    async with door_to(at(path)) as door:
        with pytest.raises(InternalError):
            door.lane("sample").wire.session()


def test_values_have_one_exact_form() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    rows = Rows(10_000)
    rows.add(
        {
            "i": Decimal("12345678901234567890.10"),
            "d": date(2026, 1, 2),
            "m": moment,
            "n": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001  a column without a zone
            "u": UUID(int=7),
            "l": [Decimal("1.5"), None],
            "b": True,
        }
    )
    assert rows.body() == (
        b'[{"b":true,"d":"2026-01-02","i":12345678901234567890.10,"l":[1.5,null],'
        b'"m":"2026-01-02T01:04:05Z","n":"2026-01-02T03:04:05",'
        b'"u":"00000000-0000-0000-0000-000000000007"}]'
    )
    assert moment.astimezone(UTC).hour == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"x", {"bytes": "78"}),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("NaN"), "NaN"),
        (timedelta(days=2), {"timedelta": "2 days, 0:00:00"}),
        ([1, float("inf")], [1, "Infinity"]),
    ],
)
def test_what_json_cannot_hold_is_told_as_what_it_is(value: Any, told: Any) -> None:
    assert plain(value) == told


@given(st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text())
def test_numbers_and_texts_come_back_as_they_went(value: Any) -> None:
    if isinstance(value, str) and not value.isascii():
        value = value.encode("utf-8", "ignore").decode()
    rows = Rows(10_000)
    rows.add({"x": value})
    (row,) = json.loads(rows.body(), parse_float=Decimal)
    assert row["x"] == value
