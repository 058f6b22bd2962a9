"""A registry that is a database: what its file holds, and what may be done to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

Damage = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Database:
    """What such a registry's emulator gives for an application: what its file holds."""

    fill: Damage

    def write(self, path: Path) -> None:
        """Make the file."""
        with closing(sqlite3.connect(path)) as made, made:
            self.fill(made)


def columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns of every table."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        table: [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        for (table,) in tables
    }


def loosen(connection: sqlite3.Connection, table: str) -> None:
    """The same rows in a table that holds its columns to nothing."""
    connection.execute(f'CREATE TABLE "loose" AS SELECT * FROM "{table}"')  # noqa: S608  our own
    connection.execute(f'DROP TABLE "{table}"')
    connection.execute(f'ALTER TABLE "loose" RENAME TO "{table}"')
