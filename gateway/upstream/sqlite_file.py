"""An SQLite file, read in a thread: opened for reading, for one statement that may only read."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from urllib.parse import unquote, urlsplit

from gateway.errors import (
    InvalidPayload,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryUnreachable,
)
from gateway.upstream.failure import Failure
from gateway.upstream.sql_rows import Rows, Statement, one_each

# Seconds to wait for a writer. One that takes longer is told of, not waited for.
BUSY = 1.0
_READS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    }
)
_NO_SUCH = ("no such table", "no such column", "no such function")


class SqliteFile:
    """The file at a path. A connection lives as long as one statement, so a file that was put in
    the place of another is seen at once."""

    def __init__(self, path: str, busy: float = BUSY) -> None:
        self._path = path
        self._busy = busy

    @classmethod
    def at(cls, url: str) -> SqliteFile:
        """The file of a `sqlite:/path` URL."""
        return cls(unquote(urlsplit(url).path))

    async def read(self, statement: Statement, rows: Rows) -> None:
        """Adds the statement's rows, all from one state of the database."""
        opened: list[sqlite3.Connection] = []
        reading = asyncio.create_task(asyncio.to_thread(self._read, statement, rows, opened))
        try:
            await asyncio.shield(reading)
        except asyncio.CancelledError:
            for connection in opened:
                connection.interrupt()
            # The thread ends soon; what it still says is of no interest to anybody.
            reading.add_done_callback(lambda task: task.cancelled() or task.exception())
            raise

    async def close(self) -> None:
        """Nothing stays open between statements."""

    def _read(self, statement: Statement, rows: Rows, opened: list[sqlite3.Connection]) -> None:
        url = f"file:{_escaped(self._path)}?mode=ro"
        try:
            with closing(
                sqlite3.connect(
                    url,
                    uri=True,
                    timeout=self._busy,
                    isolation_level=None,
                    check_same_thread=False,
                )
            ) as connection:
                opened.append(connection)
                connection.text_factory = _text
                connection.execute("PRAGMA query_only = ON")
                # PostgreSQL has it, SQLite only from 3.43 on; statements are written for both.
                connection.create_function("octet_length", 1, _octets, deterministic=True)
                connection.execute("BEGIN")
                self._whole(connection)
                connection.set_authorizer(_authorize)
                values = {str(n): value for n, value in enumerate(statement.parameters, 1)}
                with closing(connection.execute(statement.sql, values)) as cursor:
                    names = one_each(column[0] for column in cursor.description)
                    for row in cursor:
                        rows.add(dict(zip(names, row, strict=True)))
        except sqlite3.Error as error:
            raise _failure(error) from error
        except OSError as error:
            raise Failure(RegistryUnreachable("the database file is gone")) from error
        finally:
            opened.clear()

    def _whole(self, connection: sqlite3.Connection) -> None:
        """SQLite reads the missing end of a last page as zeros, and so as rows of nothing."""
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        if os.stat(self._path).st_size % size:
            raise Failure(InvalidPayload("the database file is cut short"))


def _text(stored: bytes) -> str | bytes:
    """A text as it is stored; one that is no UTF-8 is bytes, and costs its row that value."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


def _octets(value: object) -> int | None:
    return (
        None if value is None else len(value if isinstance(value, bytes) else str(value).encode())
    )


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _failure(error: sqlite3.Error) -> Failure:
    """What the error means, in the gateway's own words."""
    name = getattr(error, "sqlite_errorname", "")
    found: RegistryError
    if name.startswith("SQLITE_CANTOPEN"):
        return Failure(RegistryUnreachable("the database file cannot be opened"))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Failure(RegistryRateLimited("the database is kept busy by a writer"), again=True)
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_FORMAT")):
        found = InvalidPayload("the file is not a whole SQLite database")
    elif str(error).startswith(_NO_SUCH):
        found = InvalidPayload(f"the database is not as the manifest says: {error}")
    else:
        what = name or type(error).__name__
        found = RegistryHttpError(f"the database answered with an error ({what})", status=500)
    return Failure(found)
