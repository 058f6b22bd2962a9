"""Where the tables and keys of a TOML text stand: for messages, so roughly is enough."""

from __future__ import annotations

import re
from collections.abc import Mapping

Place = tuple[str, ...]

_NAME = r"(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)"
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_TABLE = re.compile(rf"\s*\[{{1,2}}\s*({_DOTTED})\s*\]{{1,2}}\s*(?:#.*)?")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=\s*(.*)")
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")
_LONG = re.compile(r"\"\"\"|'''")


def places(text: str) -> dict[Place, int]:
    """The line, from 1, of each table and each key of a text that is TOML."""
    found: dict[Place, int] = {}
    table: Place = ()
    until = ""
    for number, line in enumerate(text.splitlines(), 1):
        if until:
            # Inside a long text, nothing is a key.
            until = "" if until in line else until
            continue
        if header := _TABLE.fullmatch(line):
            table = _parts(header[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            place = table + _parts(key[1])
            for end in range(len(table) + 1, len(place) + 1):
                found.setdefault(place[:end], number)
            if (quote := _LONG.match(key[2])) and key[2].count(quote[0]) == 1:
                until = quote[0]
    return found


def line_of(place: Place, found: Mapping[Place, int]) -> int | None:
    """The line of the place: its own, that of what holds it, or that of what it holds."""
    for end in range(len(place), 0, -1):
        if place[:end] in found:
            return found[place[:end]]
    inside = (line for known, line in found.items() if known[: len(place)] == place)
    return min(inside, default=None)


def _parts(dotted: str) -> Place:
    return tuple("".join(groups) for groups in _PART.findall(dotted))
