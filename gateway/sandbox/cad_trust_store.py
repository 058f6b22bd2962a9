"""The rows of an emulated CAD Trust node in SQLite, as a real node keeps them: its LIKE, its order.

What SQLite makes of a comparison is part of the interface (`eq` minds case, `like` does not), so
the emulator asks SQLite instead of imitating it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.sandbox.cad_trust_rows import Row

_FILTER = re.compile(r"^[^:]*?(?<!\w)(\w++):(.+):(in|eq|not|lt|gt|lte|gte|like)")
_LIST = re.compile(r"\[.*\]")
_ORDER = re.compile(r"(?<!\w)(\w++):(ASC|DESC)")
_OPERATORS = {
    "eq": "=", "not": "<>", "lt": "<", "gt": ">", "lte": "<=", "gte": ">=", "like": "LIKE",
}  # fmt: skip
_INSTANTS = frozenset(
    {"projectStatusDate", "validationDate", "unitStatusDate", "createdAt", "updatedAt"}
)
_NUMBERS = frozenset({"unitCount", "vintageYear", "unitVintageYear"})
# Marks that SQLite's full-text search takes for syntax, or that end the node's own quoting.
_MARKS = frozenset("'\"&,:%/")


class Refused(Exception):
    """What the node says with status 400, in SQLite's words."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One SQL condition and its values."""

    sql: str
    values: tuple[Any, ...]


class Store:
    """One table: its rows by key, and their flat columns in SQLite."""

    def __init__(self, name: str, key: str, rows: Sequence[Row]) -> None:
        self.name = name
        self.key = key
        self.rows = {row[key]: row for row in rows}
        flat = next(iter(rows), {key: ""})
        self.columns = tuple(n for n, v in flat.items() if n not in _CHILDREN)
        self._sql = sqlite3.connect(":memory:", check_same_thread=False)
        described = ", ".join(f"{n} {'INTEGER' if n in _NUMBERS else 'TEXT'}" for n in self.columns)
        self._sql.execute(f"CREATE TABLE kept ({described}, PRIMARY KEY ({key}))")
        marks = ", ".join("?" * len(self.columns))
        self._sql.executemany(
            f"INSERT INTO kept VALUES ({marks})",  # noqa: S608
            ([_stored(n, row[n]) for n in self.columns] for row in rows),
        )

    def select(
        self, conditions: Sequence[Condition], order: tuple[str, str], page: int, limit: int
    ) -> tuple[int, list[Row]]:
        """How many rows there are, and those of the page."""
        where = " AND ".join(f"({c.sql})" for c in conditions) or "1"
        values = [value for c in conditions for value in c.values]
        count = self._sql.execute(f"SELECT count(*) FROM kept WHERE {where}", values)  # noqa: S608
        (total,) = count.fetchone()
        found = self._sql.execute(
            f"SELECT {self.key} FROM kept WHERE {where} "  # noqa: S608
            f"ORDER BY {order[0]} {order[1]} LIMIT ? OFFSET ?",
            [*values, limit, (page - 1) * limit],
        )
        return total, [self.rows[key] for (key,) in found]

    def filtered(self, text: str) -> Condition:
        """The condition of a `filter` parameter.

        The pattern is the node's: not anchored, `gt` before `gte`, so that `gte` is read as `gt`.

        Raises:
            Refused: as SQLite does, a list that the node writes wrongly, or an unknown column.
        """
        name, value, operator = _FILTER.findall(text)[0]
        column = self.known(name)
        if operator == "in":
            if not _LIST.fullmatch(value):
                raise Refused('SQLITE_ERROR: near "\'": syntax error')
            listed = self._list(column, value)
            return Condition(f"{column} IN ({', '.join('?' * len(listed))})", tuple(listed))
        if _LIST.fullmatch(value):
            raise Refused('SQLITE_ERROR: near "(": syntax error')
        return Condition(f"{column} {_OPERATORS[operator]} ?", (_asked(column, value),))

    def ordered(self, text: str) -> tuple[str, str]:
        """The column and direction of an `order` parameter, by default the newest first."""
        found = _ORDER.search(text)
        if found is None:
            return "timeStaged", "DESC"
        return self.known(found[1]), found[2]

    def found_by(self, text: str) -> Condition:
        """A search: every word somewhere in the row's own columns, the last one as a prefix.

        Raises:
            Refused: the text has a mark of the search's own syntax.
        """
        if text == "*":
            return Condition("0", ())
        if _MARKS & set(text):
            raise Refused(f'SQLITE_ERROR: fts5: syntax error near "{min(_MARKS & set(text))}"')
        head, _, tail = text.rpartition("-")
        wanted = re.findall(r"\w+", f"{head.replace('-', ' ')}{tail}".lower())
        keys = [key for key, row in self.rows.items() if self._has(row, wanted)]
        return one_of(self.key, keys)

    def known(self, column: str) -> str:
        """The column, where the table has it.

        Raises:
            Refused: it has not.
        """
        if column not in self.columns:
            raise Refused(f"SQLITE_ERROR: no such column: {self.name}.{column}")
        return column

    def _has(self, row: Row, wanted: Sequence[str]) -> bool:
        text = " ".join(str(row[n]) for n in self.columns if row[n] is not None)
        words = re.findall(r"\w+", text.lower())
        *whole, last = wanted or ("",)
        return all(word in words for word in whole) and any(w.startswith(last) for w in words)

    def _list(self, column: str, text: str) -> list[Any]:
        try:
            listed = json.loads(text)
        except ValueError as error:
            raise Refused(f"Unexpected token in JSON: {error}") from error
        return [_asked(column, value) for value in listed]


_CHILDREN = frozenset(
    (
        "projectLocations", "labels", "issuances", "coBenefits", "relatedProjects",
        "projectRatings", "estimations", "issuance",
    )
)  # fmt: skip


def one_of(column: str, values: Sequence[str]) -> Condition:
    """The column has one of these values, however many."""
    listed = json.dumps(list(values))
    return Condition(f"{column} IN (SELECT value FROM json_each(?))", (listed,))  # noqa: S608


def _stored(column: str, value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value)
    return _asked(column, value) if value is not None else None


def _asked(column: str, value: Any) -> Any:
    """A value as the node binds it: instants in its own text form, all else as it came."""
    if column not in _INSTANTS:
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return "Invalid date"
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d} +00:00"
