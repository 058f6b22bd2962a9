"""The front of a registry that is a database: its SQLite file, and ways to harm it.

There is no server to put a fault in front of, so a fault is what would cause it: a file that is
gone, cut short or full of something else, a writer that locks it, tables of another make. The
gateway's own wire reads what is left.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from gateway.sandbox.database_file import Damage, columns, loosen
from gateway.sandbox.fault import SHELL, Fault, Front
from gateway.upstream.call import Call
from gateway.upstream.response import Received
from gateway.upstream.sql_wire import SqlWire
from gateway.upstream.sqlite_file import SqliteFile
from gateway.upstream.upstream import Upstream


@dataclass(slots=True)
class DatabaseFront(Front):
    """Stands between the gateway and the file, as `Front` stands before an application."""

    path: Path = Path()
    harmed: dict[Any, Path] = field(default_factory=dict)

    def wire(self, upstream: Upstream) -> FrontedWire:
        """The gateway's wire to the file, with the front before it."""
        return FrontedWire(self, upstream)

    def place(self) -> tuple[Path, bool]:
        """The file that the next statement reads, and whether a writer locks it meanwhile."""
        self.asked += 1
        trouble = self.trouble
        if trouble is None or self.after > 0:
            self.after -= trouble is not None
            return self.path, False
        if trouble in (Fault.SLOW, Fault.LIMITED):
            return self.path, True
        if trouble not in self.harmed:
            self.harmed[trouble] = self._harm(trouble)
        return self.harmed[trouble], False

    def _harm(self, trouble: Any) -> Path:
        copy = self.path.with_name(f"harmed-{len(self.harmed)}.sqlite")
        if trouble is Fault.DOWN:
            return copy
        shutil.copyfile(self.path, copy)
        whole = copy.read_bytes()
        if trouble is Fault.HTML:
            copy.write_bytes(SHELL)
        elif trouble is Fault.EMPTY:
            copy.write_bytes(b"")
        elif trouble is Fault.TRUNCATED:
            copy.write_bytes(whole[: len(whole) * 2 // 3])
        else:
            damage = _DAMAGES.get(trouble, trouble)
            with closing(sqlite3.connect(copy)) as opened, opened:
                damage(opened)
        return copy


class FrontedWire:
    """The wire of one gateway to the file."""

    def __init__(self, front: DatabaseFront, upstream: Upstream) -> None:
        self._front = front
        self._upstream = upstream

    async def send(
        self,
        call: Call,
        when: float,
        conditional: Mapping[str, str],
        session: aiohttp.ClientSession | None = None,
    ) -> Received:
        """The statement's rows, out of a whole file or a harmed one."""
        path, locked = await asyncio.to_thread(self._front.place)
        with _lock(path if locked else None):
            wire = SqlWire(self._upstream, SqliteFile(str(path), busy=0.3))
            received = await wire.send(call, when, conditional)
        if self._front.record:
            self._front.sent.append(hashlib.sha256(received.body).hexdigest())
        return received

    def session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """Each statement stands alone."""
        return SqlWire(self._upstream).session()

    async def close(self) -> None:
        """Nothing stays open between statements."""


@contextmanager
def _lock(path: Path | None) -> Any:
    """A writer that does not come to an end."""
    if path is None:
        yield
        return
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            writer.execute("ROLLBACK")


def _fail(connection: sqlite3.Connection) -> None:
    """Views in the place of tables, which fail while they are read."""
    for table, names in columns(connection).items():
        connection.execute(f'DROP TABLE "{table}"')
        selected = ", ".join(f'abs(-9223372036854775807 - 1) AS "{name}"' for name in names)
        connection.execute(f'CREATE VIEW "{table}" AS SELECT {selected}')


def _wrong_types(connection: sqlite3.Connection) -> None:
    """Rows whose every value is of a type that no column has."""
    for table, names in columns(connection).items():
        loosen(connection, table)
        changes = ", ".join(f"\"{name}\" = x'7b7d'" for name in names)
        connection.execute(f'UPDATE "{table}" SET {changes}')  # noqa: S608  our own tables


_DAMAGES: Mapping[Any, Damage] = {Fault.ERROR: _fail, Fault.WRONG_TYPE: _wrong_types}
