"""A database as a registry: one read-only statement, answered by the canonical bytes of its rows.

The request's body is a statement as JSON, `{"sql": ..., "parameters": [...]}`, with `$1`, `$2` for
the parameters; it is what the request digest of the evidence is over. The answer is a JSON array
with one object per row: names sorted, numbers as plain digits, instants in UTC, no blanks. The
same statement over the same data gives the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import aiohttp
import msgspec

from gateway.errors import InternalError, RegistryTimeout
from gateway.upstream.call import Call
from gateway.upstream.failure import Failure
from gateway.upstream.response import Received
from gateway.upstream.sql_rows import Database, Rows, Statement
from gateway.upstream.upstream import Upstream


class SqlWire:
    """One registry's database."""

    def __init__(self, upstream: Upstream, database: Database | None = None) -> None:
        self._limit = upstream.politeness.max_bytes
        self._database = database or database_at(upstream)

    async def send(
        self,
        call: Call,
        when: float,
        conditional: Mapping[str, str],
        session: aiohttp.ClientSession | None = None,
    ) -> Received:
        """The statement's rows.

        Raises:
            Failure: RegistryTimeout, where not all rows came before `when` (loop time, seconds), or
                what the database raises.
        """
        statement = msgspec.json.decode(call.body or b"{}", type=Statement)
        rows = Rows(self._limit)
        try:
            async with asyncio.timeout_at(when):
                await self._database.read(statement, rows)
        except TimeoutError as error:
            raise Failure(RegistryTimeout("no whole answer in time")) from error
        return Received(200, {"content-type": "application/json"}, rows.body())

    def session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """Each statement stands alone.

        Raises:
            InternalError: always; an adapter of databases asks for none.
        """
        raise InternalError("a database keeps no session")

    async def close(self) -> None:
        """Let go of every connection."""
        await self._database.close()


def database_at(upstream: Upstream) -> Database:
    """The database that the base URL names.

    Raises:
        ConfigError: PostgreSQL without the package that speaks to it.
    """
    if upstream.base_url.startswith("sqlite:"):
        from gateway.upstream.sqlite_file import SqliteFile

        return SqliteFile.at(upstream.base_url)
    from gateway.upstream.postgres import Postgres

    return Postgres.at(upstream)
