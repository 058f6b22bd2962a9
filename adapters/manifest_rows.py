"""Rows of a manifest: a class of slots made from what its fields select, and how one is filled.

Each distinct selection is one attribute, so that declared views, the compiled projection and the
recipe read manifest rows as they read any registry's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from keyword import iskeyword
from typing import Any

from adapters.contract import InvalidPayload
from adapters.manifest_problem import Problem
from adapters.manifest_select import names, selector
from gateway.model.values import raw_text

Read = Callable[[Mapping[str, Any]], Any]

_WORD = re.compile(r"\W+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_KEY = 200
# What a place in a row may hold: its own text, any plain value, a list too, or rows of its own.
TEXT, PLAIN, ANY = "text", "plain", "any"


@dataclass(slots=True, eq=False)
class Column:
    """One attribute: how it is read, what stands for it in messages and in the recipe."""

    name: str
    kind: str
    sources: tuple[str, ...]
    read: Read
    inner: Shape | None = None
    required: list[Callable[[Any], bool]] = field(default_factory=list)

    @property
    def label(self) -> str:
        return " or ".join(self.sources)


class Shape:
    """The attributes of one kind of row. In tables `sources` are names of columns, else JMESPath.

    Rows are made once all fields are declared.
    """

    def __init__(self, name: str, *, table: bool, nulls: Sequence[str] = ()) -> None:
        self.name = name
        self.table = table
        self.columns: list[Column] = []
        self._nulls = frozenset(("", *nulls))
        self._known: dict[tuple[Any, ...], Column] = {}
        self._row: type[Any] | None = None

    def column(
        self,
        sources: tuple[str, ...],
        kind: str,
        place: tuple[str, ...],
        *,
        inner: Shape | None = None,
    ) -> Column:
        """The attribute for this selection; the same one for the same selection.

        Raises:
            Problem: the selection is none.
        """
        key = (sources, kind, id(inner) if inner else 0)
        if key not in self._known:
            try:
                reads = [_cell(s) if self.table else selector(s) for s in sources]
            except ValueError as error:
                raise Problem(place, str(error)) from None
            read = reads[0] if len(reads) == 1 else _first(reads, self._nulls)
            made = Column(self._name(sources[0]), kind, sources, read, inner)
            self._known[key] = made
            self.columns.append(made)
        return self._known[key]

    def selection(self) -> dict[str, str]:
        """What each attribute selects, for the recipe."""
        return {column.name: column.label for column in self.columns}

    def looked_at(self) -> frozenset[str]:
        """The names of the row that some attribute looks at."""
        found: set[str] = set()
        for column in self.columns:
            for source in column.sources:
                found |= {source} if self.table else names(source)
        return frozenset(found)

    def make(self, raw: Any) -> Any:
        """The row of one object of the registry's.

        Raises:
            InvalidPayload: it is not what the manifest says.
        """
        if not isinstance(raw, dict):
            raise InvalidPayload(f"{self.name}: a row is not an object but {type(raw).__name__}")
        if self._row is None:
            names = tuple(column.name for column in self.columns)
            self._row = type(self.name, (), {"__slots__": names})
        row = self._row()
        for column in self.columns:
            setattr(row, column.name, self._value(column, raw))
        return row

    def _value(self, column: Column, raw: Mapping[str, Any]) -> Any:
        value = column.read(raw)
        if value is None or (isinstance(value, str) and value in self._nulls):
            value = None
        elif column.inner is not None:
            if not isinstance(value, list):
                raise InvalidPayload(f"{self.name}: {column.label} is not a list")
            value = tuple(column.inner.make(item) for item in value)
        elif isinstance(value, (dict, list)):
            if column.kind != ANY or isinstance(value, dict):
                what = "a list" if isinstance(value, list) else "an object"
                raise InvalidPayload(f"{self.name}: {column.label} is {what}, not a plain value")
        elif not isinstance(value, (str, int, Decimal)):
            raise InvalidPayload(f"{self.name}: {column.label} is a {type(value).__name__}")
        elif column.kind == TEXT:
            value = raw_text(value)
        for holds in column.required:
            if not holds(value):
                raise InvalidPayload(f"{self.name}: {column.label} is {shown(value)}")
        return value

    def _name(self, source: str) -> str:
        plain = _WORD.sub("_", source).strip("_").lower()[:40] or "column"
        plain = plain if plain[0].isalpha() else f"c_{plain}"
        taken = {column.name for column in self.columns}
        name, number = f"{plain}_" if iskeyword(plain) else plain, 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        return name


def is_key(value: Any) -> bool:
    """Whether the value can be a record's key."""
    return isinstance(value, str) and 0 < len(value) <= _MAX_KEY and not _CONTROL.search(value)


def shown(value: Any) -> str:
    """A value in a message: short, and never a whole row."""
    return "missing" if value is None else repr(value)[:60]


def _cell(name: str) -> Read:
    return lambda row: row.get(name)


def _first(reads: Sequence[Read], nulls: frozenset[str]) -> Read:
    def read(row: Mapping[str, Any]) -> Any:
        for one in reads:
            value = one(row)
            if value is not None and not (isinstance(value, str) and value in nulls):
                return value
        return None

    return read
