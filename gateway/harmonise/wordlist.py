"""Several values in one text, parted by signs that also stand inside the values.

Registries write "Energy demand, Transport" and "Livestock, enteric fermentation, and manure
management" in one column. So the longest run of parts that a table knows is one value; what no
run knows is kept as it was written, for the warning that names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

from gateway.harmonise.table import words

SUBJECT = "wordlist"
V = TypeVar("V")

# No value of any table holds so many parting signs, and no registry so many values.
LONGEST_RUN: Final = 8
MOST_PARTS: Final = 256

_SIGN: Final = re.compile(r"[;,|\n]")


@dataclass(frozen=True, slots=True)
class Words(Generic[V]):
    """What a text with several values says: the values that are known, each once and in order,
    and the parts that are not, as they were written."""

    values: tuple[V, ...] = ()
    unknown: tuple[str, ...] = ()


NOTHING: Final[Words[str]] = Words()

# A registry that sends ever new texts must not grow the memo without end.
_MEMO_ENTRIES: Final = 4096
_MEMO_TEXT: Final = 512


def list_of(text: str, read: Callable[[str], str | None], none: frozenset[str]) -> Words[str]:
    """`read_words`, remembered, without the parts that are known to name nothing.

    `none` holds them folded by `words`; `read` is a table or function that lives for ever.
    """
    if len(text) > _MEMO_TEXT:
        return _read_list(text, read, none)
    return _remembered(text, read, none)


@lru_cache(maxsize=_MEMO_ENTRIES)
def _remembered(text: str, read: Callable[[str], str | None], none: frozenset[str]) -> Words[str]:
    return _read_list(text, read, none)


def _read_list(text: str, read: Callable[[str], str | None], none: frozenset[str]) -> Words[str]:
    """What names nothing is read as a value of its own, so that it parts its neighbours."""

    def value(part: str) -> str | None:
        found = read(part)
        return "" if found is None and words(part) in none else found

    found = read_words(text, value)
    return Words(tuple(one for one in found.values if one), found.unknown)


def read_words(text: str, read: Callable[[str], V | None]) -> Words[V]:
    """The values of the text; `read` gives the value of one part, None where it knows none.

    Longest runs come first, from the left. Neighbours that no run knows are one unknown part.
    """
    whole = read(text)
    if whole is not None:
        return Words((whole,))
    parts = _parts(text)
    values: dict[V, None] = {}
    unknown: dict[str, None] = {}
    at = since = 0
    while at < len(parts):
        end, value = _longest(text, parts, at, read)
        if value is None:
            at += 1
            continue
        _keep(unknown, text, parts, since, at)
        values[value] = None
        at = since = end
    _keep(unknown, text, parts, since, len(parts))
    return Words(tuple(values), tuple(unknown))


def together(said: Iterable[Words[V]]) -> Words[V]:
    """What several texts say, each value and each unknown part once."""
    every = tuple(said)
    return Words(
        tuple(dict.fromkeys(value for one in every for value in one.values)),
        tuple(dict.fromkeys(part for one in every for part in one.unknown)),
    )


def _parts(text: str) -> list[tuple[int, int]]:
    """Begin and end of each part; the last one holds what is beyond the bound."""
    parts: list[tuple[int, int]] = []
    begin = 0
    for sign in _SIGN.finditer(text):
        if len(parts) == MOST_PARTS - 1:
            break
        parts.append((begin, sign.start()))
        begin = sign.end()
    parts.append((begin, len(text)))
    return [(a, b) for a, b in parts if text[a:b].strip()]


def _longest(
    text: str, parts: list[tuple[int, int]], at: int, read: Callable[[str], V | None]
) -> tuple[int, V | None]:
    for end in range(min(len(parts), at + LONGEST_RUN), at, -1):
        value = read(text[parts[at][0] : parts[end - 1][1]].strip())
        if value is not None:
            return end, value
    return at, None


def _keep(
    unknown: dict[str, None], text: str, parts: list[tuple[int, int]], since: int, until: int
) -> None:
    if until > since:
        unknown[text[parts[since][0] : parts[until - 1][1]].strip()] = None
