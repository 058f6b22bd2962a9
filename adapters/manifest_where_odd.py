"""Conditions in SQL on columns that may hold odd values: what is none of their kind comes too.

Written in words that SQLite and PostgreSQL both understand, over the text of what stands in the
column: texts compare alike in both, whatever type a single value is of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.model.question import Op

_DIGITS = "0123456789"
_RARE = ("02-29", "02-30", "02-31", "04-31", "06-31", "09-31", "11-31")
_TRUTH = {True: ("1", "true"), False: ("0", "false")}


def as_text(column: str) -> str:
    """What stands in the column, as a text."""
    return f"CAST({column} AS TEXT)"


def mark(value: Any, values: list[Any]) -> str:
    """The place of a parameter with this value."""
    values.append(value)
    return f"${len(values)}"


def integer(
    column: str, op: Op, bound: Sequence[int], values: list[Any], *, years: bool = False
) -> str:
    """Rows whose whole number is one of these, or at least or at most the first of them, and rows
    whose text is not plainly digits: signs, fractions, blanks and words. Of `years` also those
    that are none, such as 0 or 20160."""
    text = as_text(column)
    other = f"{_rest(text)} <> '' OR {text} LIKE '0%'"
    if years:
        other += f" OR length({text}) <> 4 OR {text} NOT BETWEEN '1900' AND '2199'"
    if op not in (Op.GTE, Op.LTE):
        marks = ", ".join(mark(str(value), values) for value in bound)
        return f"({text} IN ({marks}) OR {other})"
    sign, longer = (">=", ">") if op is Op.GTE else ("<=", "<")
    (limit, *_) = bound
    if limit < 0:
        # Every number of digits alone is more than it.
        return f"{column} IS NOT NULL" if op is Op.GTE else f"({other})"
    length = len(str(limit))
    same = f"length({text}) = {length} AND {text} {sign} {mark(str(limit), values)}"
    return f"(length({text}) {longer} {length} OR ({same}) OR {other})"


def boolean(column: str, op: Op, bound: Sequence[bool], values: list[Any]) -> str:
    """Rows that say one of these, and rows that say neither true nor false."""
    text = as_text(column)
    marks = ", ".join(mark(word, values) for value in bound for word in _TRUTH[value])
    known = ", ".join(f"'{word}'" for words in _TRUTH.values() for word in words)
    return f"({text} IN ({marks}) OR {text} NOT IN ({known}))"


def no_day(column: str) -> str:
    """Rows whose text is not plainly a day such as `2024-01-28`: instants, words, and days that
    no year has, or not every year."""
    text = as_text(column)
    year, month, day = (f"substr({text}, {at})" for at in ("1, 4", "6, 2", "9, 2"))
    plain = (
        f"length({text}) = 10",
        f"{text} LIKE '____-__-__'",
        *(f"{_rest(part)} = ''" for part in (year, month, day)),
        f"{year} <> '0000'",
        f"{month} BETWEEN '01' AND '12'",
        f"{day} BETWEEN '01' AND '31'",
        f"substr({text}, 6, 5) NOT IN ({', '.join(map(repr, _RARE))})",
    )
    return f"NOT ({' AND '.join(plain)})"


def _rest(text: str) -> str:
    """What is left of the text between the digits at its ends."""
    return f"trim({text}, '{_DIGITS}')"
