"""PostgreSQL as a registry: a real server on loopback, where one is installed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from adapters.contract import Request
from gateway.errors import ConfigError, Outcome, RegistryError
from gateway.upstream.door import Door
from gateway.upstream.postgres import Postgres
from gateway.upstream.terms import Terms
from tests.upstream.bench import as_text, door_to, terms, upstream
from tests.upstream.postgres_server import PASSWORD, postgres_server

asyncpg = pytest.importorskip("asyncpg", reason="asyncpg is not installed")

SETUP = """
CREATE TABLE projects (
  code text PRIMARY KEY, number bigint, tonnes numeric(20, 3), day date, at timestamptz,
  held boolean, words text[], id uuid, share double precision, state varchar(10)
);
INSERT INTO projects VALUES
  ('A-1', 9007199254740993, 46.001, '2026-01-31', '2026-01-31 12:00+02', true,
   ARRAY['a', 'b'], '00000000-0000-0000-0000-000000000001', 0.1, 'LIVE'),
  ('A-2', NULL, 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, 'GONE');
CREATE ROLE reader LOGIN PASSWORD 'reader';
GRANT SELECT ON projects TO reader;
CREATE TABLE secrets (x int);
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgres_server() as found:
        asyncio.run(_set_up(found))
        yield found


async def _set_up(port: int) -> None:
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="postgres", password=PASSWORD, database="postgres"
    )
    await connection.execute(SETUP)
    await connection.close()


def at(port: int, user: str = "reader", password: str = "reader", **changes: Any) -> Any:
    url = f"postgresql://{user}@127.0.0.1:{port}/postgres"
    changes.setdefault("options", {"sslmode": "disable"})
    return upstream(url, password=password, **changes)


@asynccontextmanager
async def asking(port: int, **changes: Any) -> AsyncIterator[Door]:
    async with door_to(at(port, **changes)) as door:
        yield door


async def ask(door: Door, sql: str, *values: Any, asked: Terms | None = None) -> str:
    request = Request("projects", method="POST", json={"sql": sql, "parameters": values})
    return (await door.source("sample", asked or terms()).read(request, as_text)).value


async def outcome(port: int, sql: str, *values: Any, seconds: float = 30.0, **at: Any) -> Outcome:
    async with asking(port, **at) as door:
        with pytest.raises(RegistryError) as raised:
            await ask(door, sql, *values, asked=terms(seconds))
    return raised.value.outcome


async def test_rows_of_every_kind_are_canonical_bytes(port: int) -> None:
    async with asking(port) as door:
        asked = terms()
        sql = "SELECT * FROM projects AS t WHERE t.code = $1"
        body = await ask(door, sql, "A-1", asked=asked)
        assert await ask(door, sql, "A-1") == body
    assert body == (
        '[{"at":"2026-01-31T10:00:00Z","code":"A-1","day":"2026-01-31","held":true,'
        '"id":"00000000-0000-0000-0000-000000000001","number":9007199254740993,"share":0.1,'
        '"state":"LIVE","tonnes":46.001,"words":["a","b"]}]'
    )
    assert asked.evidence.exchanges[0].uri == "https://registry.example/api/projects"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("number", "9007199254740993"),
        ("tonnes", "46.001"),
        ("day", "2026-01-31"),
        ("at", "2026-01-31T10:00:00Z"),
        ("held", True),
        ("id", "00000000-0000-0000-0000-000000000001"),
        ("share", "0.1"),
        ("state", "LIVE"),
    ],
)
async def test_parameters_are_written_as_the_column_wants_them(
    port: int, column: str, value: Any
) -> None:
    async with asking(port) as door:
        sql = f"SELECT t.code FROM projects AS t WHERE t.{column} = $1"
        assert await ask(door, sql, value) == '[{"code":"A-1"}]'


async def test_a_value_that_the_column_cannot_have_is_an_invalid_payload(port: int) -> None:
    sql = "SELECT t.code FROM projects AS t WHERE t.number = $1"
    assert await outcome(port, sql, "abc") is Outcome.INVALID_PAYLOAD


async def test_a_number_that_is_none_is_an_odd_value_of_its_row(port: int) -> None:
    async with asking(port) as door:
        body = await ask(door, "SELECT tonnes FROM projects ORDER BY code")
    assert body == '[{"tonnes":46.001},{"tonnes":"NaN"}]'


async def test_nothing_can_be_written(port: int) -> None:
    role: dict[str, Any] = {"user": "postgres", "password": PASSWORD}
    insert = "INSERT INTO projects (code) VALUES ('A-9') RETURNING code"
    assert await outcome(port, insert, **role) is Outcome.HTTP_ERROR
    assert await outcome(port, "SELECT 1; SELECT 2") is Outcome.HTTP_ERROR
    async with asking(port) as door:
        assert await ask(door, "SELECT count(*) AS n FROM projects") == '[{"n":2}]'


async def test_what_the_role_may_not_read_or_log_in_with_is_refused(port: int) -> None:
    assert await outcome(port, "SELECT x FROM secrets") is Outcome.HTTP_ERROR
    assert await outcome(port, "SELECT 1 AS x", password="wrong") is Outcome.HTTP_ERROR


@pytest.mark.parametrize("sql", ["SELECT x FROM elsewhere", "SELECT t.x FROM projects AS t"])
async def test_another_schema_than_promised_is_an_invalid_payload(port: int, sql: str) -> None:
    assert await outcome(port, sql) is Outcome.INVALID_PAYLOAD


async def test_a_slow_statement_ends_with_the_deadline(port: int) -> None:
    slow = "SELECT pg_sleep(30)::text AS x"
    assert await outcome(port, slow, seconds=0.6) is Outcome.TIMEOUT


async def test_a_statement_that_the_server_gives_up_is_a_timeout(port: int) -> None:
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="postgres", password=PASSWORD, database="postgres"
    )
    await connection.execute("ALTER ROLE reader SET statement_timeout = '100ms'")
    try:
        assert await outcome(port, "SELECT pg_sleep(30)::text AS x") is Outcome.TIMEOUT
    finally:
        await connection.execute("ALTER ROLE reader RESET statement_timeout")
        await connection.close()


async def test_a_server_without_a_free_connection_asks_to_wait(port: int) -> None:
    async with AsyncExitStack() as stack:
        # Three of the twelve are kept back for the superuser.
        for _ in range(9):
            connection = await asyncpg.connect(
                host="127.0.0.1", port=port, user="reader", password="reader", database="postgres"
            )
            stack.push_async_callback(connection.close)
        assert await outcome(port, "SELECT 1 AS x", seconds=1.0) is Outcome.RATE_LIMITED


async def test_no_server_is_unreachable_and_another_one_is_not_understood() -> None:
    from tests.upstream.redis_server import free_port

    assert await outcome(free_port(), "SELECT 1 AS x") is Outcome.CONNECT_ERROR

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        other = server.sockets[0].getsockname()[1]
        found = await outcome(other, "SELECT 1 AS x", seconds=2.0)
    assert found in (Outcome.CONNECT_ERROR, Outcome.INVALID_PAYLOAD, Outcome.TIMEOUT)


async def test_too_many_rows_are_too_large(port: int) -> None:
    sql = "SELECT n FROM generate_series(1, 100000) AS n"
    small: dict[str, Any] = {"politeness": {"max_bytes": 5000}}
    assert await outcome(port, sql, **small) is Outcome.TOO_LARGE


@pytest.mark.parametrize("mode", ["verify-full", "verify-ca", "require"])
async def test_a_server_without_tls_is_not_spoken_to_where_tls_is_asked_for(
    port: int, mode: str
) -> None:
    found = await outcome(port, "SELECT 1 AS x", options={"sslmode": mode})
    assert found is Outcome.CONNECT_ERROR


async def test_the_usual_mode_takes_what_the_server_has(port: int) -> None:
    async with asking(port, options={}) as door:
        assert await ask(door, "SELECT 1 AS x") == '[{"x":1}]'


def test_an_unknown_mode_is_told_when_the_door_is_made(port: int) -> None:
    with pytest.raises(
        ConfigError, match=r"registries\.sample\.options\.sslmode: there is no mode"
    ):
        Postgres.at(at(port, options={"sslmode": "maybe"}))
