"""Conditions in SQL: never narrower than what the gateway means by the same filter.

The gateway compares texts without regard to case, runs of blanks and compatible letters; databases
do not, and some know only ASCII's capitals. So a text is compared whole only where both agree, and
else by a word that every matching row must hold; rows with letters beyond ASCII come in any case.
What comes too much is left out afterwards.

Columns of a database may hold values of another type than the others of the column (SQLite's
always may): a text in a column of numbers is neither more nor less than any of them. So numbers,
days and truth are compared by their texts, and what reads like none of them comes in any case, to
be looked at here, unless the manifest says with `closed` that there is nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from adapters.manifest_convert import BOOLEAN
from adapters.manifest_filters import Asked
from adapters.manifest_problem import Problem
from adapters.manifest_resource import SqlFilter
from adapters.manifest_where_odd import as_text, boolean, integer, mark, no_day
from gateway.harmonise import dates, numbers
from gateway.model.field import Mapped
from gateway.model.question import Op, Predicate

# What Python takes for blanks, among ASCII.
_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_LISTED = frozenset({Op.EQ, Op.IN})
# Converters that leave a value what it is in a column of that type.
_CONVERTED: Mapping[str, tuple[Any, ...]] = {
    "integer": (numbers.integer, numbers.year, numbers.decimal),
    "date": (dates.iso_date, dates.iso_datetime),
    "boolean": (BOOLEAN,),
}
_OPS = {
    "text": frozenset({Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS_WITH}),
    "code": frozenset({Op.EQ, Op.IN}),
    "integer": frozenset({Op.EQ, Op.IN, Op.GTE, Op.LTE}),
    "date": frozenset({Op.EQ, Op.GTE, Op.LTE}),
    "boolean": frozenset({Op.EQ}),
}


class Where:
    """One filter's column and how its values are compared.

    Raises:
        Problem: an operator that this type of column cannot answer without leaving rows out.
    """

    def __init__(self, column: str, declared: SqlFilter, asked: Asked) -> None:
        self._column = column
        self._type = declared.type
        self._closed = declared.closed
        self._asked = asked
        allowed = _LISTED if asked.table is not None else _OPS[declared.type]
        for op in declared.ops:
            if op not in allowed:
                fitting = ", ".join(sorted(allowed))
                told = f"{op.value} cannot be asked of a {declared.type} column here: {fitting}"
                raise Problem((*asked.place, "ops"), told)
        self._fits(declared, asked)

    def _fits(self, declared: SqlFilter, asked: Asked) -> None:
        """The column must hold what the field is compared by: a date of another order, or a name
        for a country, would be found by nobody."""
        field = asked.field
        if declared.column is not None or asked.table is not None or not isinstance(field, Mapped):
            return
        if field.convert not in _CONVERTED.get(declared.type, ()):
            remedy = "give it a lookup, or another type"
            told = f"the column of {asked.name} holds other texts than the field; {remedy}"
            raise Problem((*asked.place, "type"), told)

    def add(self, predicate: Predicate, conditions: list[str], values: list[Any]) -> bool:
        """Adds the condition of a predicate; False where no row can satisfy it."""
        others = self._asked.others(predicate)
        if others is not None:
            self._none_of(others, conditions, values)
            return True
        if self._type == "code":
            return self._codes(predicate, conditions, values)
        if self._type == "text":
            return self._texts(predicate, conditions, values)
        if self._type == "date":
            return self._date(predicate, conditions, values)
        bound = [
            found
            for value in predicate.values()
            for word in self._asked.words(value)
            if (found := value_of(word, self._type)) is not None
        ]
        if not bound:
            return False
        if not self._closed:
            write = boolean if self._type == "boolean" else self._whole
            conditions.append(write(self._column, predicate.op, bound, values))
            return True
        sign = {Op.GTE: ">=", Op.LTE: "<="}.get(predicate.op)
        if sign is not None:
            conditions.append(f"{self._column} {sign} {mark(bound[0], values)}")
        else:
            marks = ", ".join(mark(value, values) for value in bound)
            conditions.append(f"{self._column} IN ({marks})")
        return True

    def _whole(self, column: str, op: Op, bound: Sequence[int], values: list[Any]) -> str:
        field = self._asked.field
        years = isinstance(field, Mapped) and field.convert is numbers.year
        return integer(column, op, bound, values, years=years)

    def _one_of(self, texts: Sequence[str], conditions: list[str], values: list[Any]) -> None:
        plain = f"lower(trim({self._column}, {mark(_BLANKS, values)}))"
        marks = ", ".join(f"lower({mark(text, values)})" for text in texts)
        conditions.append(f"({plain} IN ({marks}){self._or_beyond()})")

    def _none_of(self, texts: Sequence[str], conditions: list[str], values: list[Any]) -> None:
        """Rows that say something, and none of these words: whatever else they say is looked at
        afterwards, words that nobody knows among it."""
        conditions.append(f"{self._column} IS NOT NULL")
        plain = [text for text in texts if text.isascii() and "\x00" not in text]
        if plain:
            trimmed = f"lower(trim({self._column}, {mark(_BLANKS, values)}))"
            marks = ", ".join(f"lower({mark(text, values)})" for text in plain)
            none = f"{self._column} <> {as_text(self._column)}"
            conditions.append(f"({trimmed} NOT IN ({marks}) OR {none})")

    def _or_beyond(self) -> str:
        """Rows that hold a letter beyond ASCII, or no text at all."""
        column = self._column
        return f" OR octet_length({column}) <> length({column}) OR {column} <> {as_text(column)}"

    def _codes(self, predicate: Predicate, conditions: list[str], values: list[Any]) -> bool:
        codes: dict[str, None] = {}
        for value in predicate.values():
            for word in self._asked.words(value):
                if (text := value_of(word, "text")) is not None:
                    codes |= dict.fromkeys((text, text.upper(), text.lower()))
        if not codes:
            return False
        conditions.append(f"{self._column} IN ({', '.join(mark(c, values) for c in codes)})")
        return True

    def _texts(self, predicate: Predicate, conditions: list[str], values: list[Any]) -> bool:
        texts = [str(w) for value in predicate.values() for w in self._asked.words(value)]
        if not texts:
            return False
        if predicate.op in _LISTED and all(map(_plain, texts)):
            self._one_of(texts, conditions, values)
            return True
        parts = [_part(text, first=predicate.op is Op.STARTS_WITH) for text in texts]
        if not all(parts):
            # Nothing of a text can be asked for: everything comes, and is looked at afterwards.
            return True
        either = [
            f"lower({self._column}) LIKE lower({mark(f'%{_literal(part)}%', values)}) ESCAPE '\\'"
            for part in parts
        ]
        conditions.append(f"({' OR '.join(either)}{self._or_beyond()})")
        return True

    def _date(self, predicate: Predicate, conditions: list[str], values: list[Any]) -> bool:
        try:
            day = date.fromisoformat(str(predicate.value)[:10])
            after = str(day + timedelta(days=1))
        except (ValueError, OverflowError):
            return False
        # Up to the next day: the column may hold instants.
        column = self._column if self._closed else as_text(self._column)
        within = []
        if predicate.op is not Op.LTE:
            within.append(f"{column} >= {mark(str(day), values)}")
        if predicate.op is not Op.GTE:
            within.append(f"{column} < {mark(after, values)}")
        if self._closed:
            conditions += within
        else:
            conditions.append(f"({' AND '.join(within)} OR {no_day(self._column)})")
        return True


def value_of(word: Any, kind: str) -> Any:
    """A value as a column of this type can be compared with; None where it cannot be equal."""
    if kind == "integer":
        text = str(word)
        return int(text) if _INTEGER.fullmatch(text) else None
    if kind == "boolean":
        return word if isinstance(word, bool) else None
    text = str(word)
    return None if "\x00" in text else text


def _plain(text: str) -> bool:
    """Whether databases and the gateway agree on what equals the text."""
    return text.isascii() and text.isprintable() and not re.search(r"[\s'`]", text)


def _part(text: str, *, first: bool) -> str:
    """A word of the text that databases read as the gateway does: the first, or the longest."""
    words = text.split()
    if first:
        words = words[:1]
    fitting = [word for word in words if _plain(word)]
    return max(fitting, key=len, default="")


def _literal(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
