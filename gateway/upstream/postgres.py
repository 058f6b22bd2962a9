"""A PostgreSQL database through asyncpg: read-only transactions and bound parameters only."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from gateway.errors import (
    ConfigError,
    InvalidPayload,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryTimeout,
    RegistryUnreachable,
)
from gateway.upstream.failure import Failure
from gateway.upstream.sql_rows import Rows, Statement, one_each
from gateway.upstream.upstream import Upstream

try:
    import asyncpg
except ImportError:
    asyncpg = None

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_PREFETCH = 500
_CONNECT = 10.0
_GOODBYE = 2.0
# How a parameter is written for the type that the server expects; texts for all the rest.
_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "int2": int,
    "int4": int,
    "int8": int,
    "numeric": lambda value: Decimal(str(value)),
    "float4": float,
    "float8": float,
    "bool": bool,
    "date": lambda value: date.fromisoformat(str(value)[:10]),
    "timestamp": lambda value: _instant(value).replace(tzinfo=None),
    "timestamptz": lambda value: _instant(value),
    "uuid": lambda value: UUID(str(value)),
}


def _instant(value: Any) -> datetime:
    """In UTC, which is also meant where no zone is said."""
    moment = datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Postgres:
    """A pool of connections, opened when the first statement needs one."""

    def __init__(self, **options: Any) -> None:
        if asyncpg is None:
            raise ConfigError("a PostgreSQL registry needs asyncpg: install carbon-gateway[sql]")
        self._options = options
        self._pool: Any = None
        self._opening = asyncio.Lock()

    @classmethod
    def at(cls, upstream: Upstream) -> Postgres:
        """The database of a `postgresql://user@host:port/name` URL; `options.sslmode` is libpq's.

        Raises:
            ConfigError: asyncpg is not installed, or there is no such mode.
        """
        parts = urlsplit(upstream.base_url)
        return cls(
            host=parts.hostname,
            port=parts.port or 5432,
            user=unquote(parts.username or "") or None,
            password=upstream.password or None,
            database=unquote(parts.path.strip("/")) or None,
            ssl=_tls(upstream),
            max_size=upstream.politeness.concurrency,
        )

    async def read(self, statement: Statement, rows: Rows) -> None:
        """Adds the statement's rows, all from one state of the database.

        Raises:
            Failure: the server refuses the statement, is no PostgreSQL, or cannot be reached.
        """
        try:
            pool = await self._open()
            async with (
                pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                prepared = await connection.prepare(statement.sql)
                values = [
                    _written(value, kind.name)
                    for value, kind in zip(
                        statement.parameters, prepared.get_parameters(), strict=True
                    )
                ]
                one_each(column.name for column in prepared.get_attributes())
                async for record in prepared.cursor(*values, prefetch=_PREFETCH):
                    rows.add(dict(record))
        except asyncpg.PostgresError as error:
            raise _failure(error) from error
        except asyncpg.InternalClientError as error:
            raise Failure(
                InvalidPayload("the server does not speak PostgreSQL's protocol")
            ) from error
        except (OSError, asyncpg.InterfaceError) as error:
            raise Failure(
                RegistryUnreachable("no connection to the database"), again=True
            ) from error

    async def close(self) -> None:
        """End every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(_GOODBYE):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self._options,
                    min_size=0,
                    timeout=_CONNECT,
                    # Poolers in front of a server may not know statements of other connections.
                    statement_cache_size=0,
                    server_settings={
                        "application_name": "carbon-gateway",
                        "default_transaction_read_only": "on",
                    },
                )
            return self._pool


def _tls(upstream: Upstream) -> Any:
    """The mode, or a context of the platform's trust store where certificates are verified."""
    mode = upstream.options.get("sslmode", "prefer")
    if mode not in _MODES:
        setting = f"registries.{upstream.key}.options.sslmode"
        raise ConfigError(f"{setting}: there is no mode {mode}; there are: {', '.join(_MODES)}")
    if not mode.startswith("verify"):
        return mode
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    return context


def _written(value: Any, kind: str) -> Any:
    write = _WRITTEN.get(kind)
    try:
        return str(value) if write is None else write(value)
    except (ValueError, ArithmeticError) as error:
        told = f"the database expects {kind} where the manifest compares other values"
        raise Failure(InvalidPayload(told)) from error


def _failure(error: Any) -> Failure:
    """What the server's SQLSTATE means, in the gateway's own words."""
    state = str(getattr(error, "sqlstate", "") or "")
    found: RegistryError
    if state in ("42P01", "42703", "42883", "3F000"):
        found = InvalidPayload(f"the database is not as the manifest says: {error}")
    elif state in ("53300", "53400"):
        found = RegistryRateLimited("the database has no connection to spare")
        return Failure(found, again=True)
    elif state.startswith(("08", "57P0")):
        found = RegistryUnreachable("the database is not taking connections")
        return Failure(found, again=True)
    elif state == "57014":
        found = RegistryTimeout("the database gave the statement up")
    elif state.startswith("28") or state == "42501":
        found = RegistryHttpError("the database refused the gateway's role", status=403)
    else:
        found = RegistryHttpError(f"the database answered with an error ({state})", status=500)
    return Failure(found)
