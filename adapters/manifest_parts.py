"""Several values in one text of a manifest's row: what they are, and the parts that are none.

Registries write "Energy demand; Transport" where the field's name says one. So every field with
one of these converters is read part by part, and a part that nothing knows is told beside those
that are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.project_types import type_words
from gateway.harmonise.sectors import sector_words
from gateway.harmonise.table import Table
from gateway.harmonise.wordlist import Words, read_words, together
from gateway.model.field import Convert
from gateway.model.rule import rule_name
from gateway.model.values import raw_text

# What the text of one field says: its values, and the parts that nothing knows.
Parts = Callable[[Any], Words[str]]

# By the converter's name. Those of lists give all values, the others the first.
READERS: Final[dict[str, Parts]] = {
    "sector": sector_words,
    "sectors": sector_words,
    "project_type": type_words,
    "project_types": type_words,
}
# A field of one value, the list that holds all of them, and the converter of that.
LISTS: Final[dict[str, tuple[str, str]]] = {
    "sector": ("sectors", "sectors"),
    "project_type": ("project_types", "project_types"),
    "methodology": ("methodologies", "methodologies"),
}


def first_of(read: Parts, name: str) -> Convert:
    """The first value of the text."""

    def first(raw: Any) -> str | None:
        return next(iter(read(raw).values), None)

    first.rule = f"{name}:first"  # type: ignore[attr-defined]
    return first


def all_of(read: Parts, name: str) -> Convert:
    """Every value of the text, each once."""

    def every(raw: Any) -> tuple[str, ...]:
        return read(raw).values

    every.rule = f"{name}:all"  # type: ignore[attr-defined]
    return every


def unknown_of(read: Parts) -> Callable[[Any], tuple[str, ...]]:
    """The parts of the text that nothing knows, as they were written."""

    def unknown(raw: Any) -> tuple[str, ...]:
        return read(raw).unknown

    return unknown


def looked_up(table: Table[Any], read: Parts | None) -> Parts:
    """Parts that the table knows are what it says; `read` reads the others."""

    def part(text: str) -> tuple[str, ...] | None:
        found = table(text)
        return found if found is None or isinstance(found, tuple) else (found,)

    def parts(raw: Any) -> Words[str]:
        text = raw_text(raw)
        if not text or not text.strip():
            return Words()
        told = read_words(text, part)
        known = Words(tuple(dict.fromkeys(v for values in told.values for v in values)))
        rest = [Words((), (one,)) if read is None else read(one) for one in told.unknown]
        return together((known, *rest))

    parts.rule = f"{rule_name(table)} by parts"  # type: ignore[attr-defined]
    return parts


def of_methodologies(table: Table[Any] | None, convert: Convert, *, alone: bool) -> Parts:
    """The methodology that a field of one value has, and the parts of the text that have none;
    where the field stands `alone`, with no list beside it, all parts but the first."""

    def parts(raw: Any) -> Words[str]:
        text = raw_text(raw)
        if not text or not text.strip():
            return Words()
        if table is not None and (found := table(text)) is not None:
            return Words((found,))
        value = convert(text)
        said = methodologies(text)
        left = [one.raw for one in said if one.code is None or (alone and one.code != value)]
        return Words(() if value is None else (value,), tuple(dict.fromkeys(left)))

    return parts
