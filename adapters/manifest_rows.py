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

import msgspec

from adapters.contract import InvalidPayload, Unread
from adapters.manifest_problem import Problem
from adapters.manifest_select import names, selector
from adapters.odd_cell import OddCell
from adapters.odd_row import Unreadable
from gateway.model.odd import ODD
from gateway.model.values import raw_text

Read = Callable[[Mapping[str, Any]], Any]

_encode = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode
_WORD = re.compile(r"\W+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_KEY = 200
_LONGEST = 1_000
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
    # Whether its texts are numbers in groups, by whichever convention.
    grouped: bool = False

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

    @property
    def row(self) -> type[Any]:
        """The class of the rows: one attribute for each column, and `odd`, which is None but for
        rows with values that could not be read."""
        if self._row is None:
            fields: list[tuple[str, Any, Any]] = [
                (column.name, Any if column.inner is None else _inner_kind(column.inner), None)
                for column in self.columns
            ]
            # Rows are many: without a mark for the garbage collection, and as short as they go.
            self._row = msgspec.defstruct(
                self.name,
                [*fields, (ODD, dict[str, str] | None, None)],
                array_like=True,
                gc=False,
            )
        return self._row

    def make(self, raw: Any, unread: Unread | None = None, pointer: str = "") -> Any:
        """The row of one object of the registry's; rows inside it that are none are noted.

        Raises:
            Unreadable: it has no key, or lacks what the manifest demands.
        """
        if not isinstance(raw, dict):
            raise Unreadable(f"it is no object but {shown(raw)}")
        odd: dict[str, str] = {}
        inner = False
        values: list[Any] = []
        for column in self.columns:
            value = _read(column, raw)
            if value is not None:
                value, text = self._value(column, value, unread, pointer)
                if text is not None:
                    odd[column.name] = text
                elif column.inner is not None:
                    inner = inner or any(one.odd is not None for one in value or ())
            for holds in column.required:
                if not holds(value):
                    told = shown(odd.get(column.name, value))
                    raise Unreadable(f"its {column.label} is {told}", foreign=self.foreign(raw))
            values.append(value)
        return self.row(*values, odd if odd or inner else None)

    def foreign(self, raw: Any) -> bool:
        """Whether nothing that such a row has, but its key, can be read of the object. A row that
        says nothing is one."""
        if not isinstance(raw, dict):
            return False
        columns = [column for column in self.columns if not column.required]
        said = [(c, value) for c in columns if (value := _read(c, raw)) is not None]
        if not said:
            return not any(source in raw for column in columns for source in column.sources)
        return all(self._value(c, value, None, "")[0] is None for c, value in said)

    def _value(
        self, column: Column, value: Any, unread: Unread | None, pointer: str
    ) -> tuple[Any, str | None]:
        """The column's value, and the text of one that is of another kind than it should be."""
        if isinstance(value, str):
            if column.inner is not None and value not in self._nulls:
                return None, value
            return (None if value in self._nulls else value), None
        if isinstance(value, OddCell):
            return None, str(value)
        if column.inner is not None:
            if not isinstance(value, list):
                return None, _text(value)
            return self._rows_inside(column.inner, value, unread, pointer), None
        if isinstance(value, (dict, list)):
            if column.kind != ANY or isinstance(value, dict):
                return None, _text(value)
            value = _without_odd(value)
        elif not isinstance(value, (int, Decimal)):
            return None, _text(value)
        elif column.kind == TEXT:
            return raw_text(value), None
        return value, None

    def _rows_inside(
        self, shape: Shape, raws: list[Any], unread: Unread | None, pointer: str
    ) -> tuple[Any, ...]:
        found = []
        for number, raw in enumerate(raws):
            try:
                found.append(shape.make(raw, unread, pointer))
            except Unreadable as error:
                if unread is not None:
                    unread.add(f"{pointer}, item {number} of {shape.name}", str(error))
        return tuple(found)

    def _name(self, source: str) -> str:
        plain = _WORD.sub("_", source).strip("_").lower()[:40] or "column"
        plain = plain if plain[0].isalpha() else f"c_{plain}"
        taken = {ODD, *(column.name for column in self.columns)}
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


def _inner_kind(shape: Shape) -> Any:
    kind: Any = shape.row
    return tuple[kind, ...] | None


def _text(value: Any) -> str:
    """What was written, as JSON and not at length."""
    if isinstance(value, OddCell):
        return str(value)
    try:
        text = _encode(value).decode()
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _read(column: Column, raw: Mapping[str, Any]) -> Any:
    """What the column selects. A selection that fails fails for this row: what it looks at is of
    another kind here, and is told."""
    try:
        return column.read(raw)
    except InvalidPayload:
        looked = {name for source in column.sources for name in names(source)}
        said = {name: raw[name] for name in sorted(looked) if raw.get(name) is not None}
        (alone, *rest) = said.values() or (None,)
        value = said if rest else alone
        return OddCell(value if isinstance(value, str) else _text(value))


def _without_odd(value: Any) -> Any:
    """The list with the texts of its odd values, which its converter then reads or does not."""
    if isinstance(value, list):
        return [_without_odd(one) for one in value]
    return str(value) if isinstance(value, OddCell) else value


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
