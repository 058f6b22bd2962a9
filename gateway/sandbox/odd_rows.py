"""Odd rows: what real registries hold between sound rows, put into any emulator's answers.

Which rows are odd, and in what, hangs on the row alone: whichever way it is asked for, it comes in
the same state, as a row does that is stored so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.fault import changed

Row = dict[str, Any]
Spoil = Callable[[Row, int], Any]
# The rows of a list with some of them spoilt; the others are the same objects.
Chosen = Callable[[list[Any]], list[Any]]

# Stands for a number that JSON can write and hardly anything can hold.
HUGE = "\ufdd1"
# Values of every kind, as nodes and hand-kept tables have them.
VALUES: tuple[Any, ...] = (
    "n/a",
    "2016-2017",
    "1,000",
    {"unexpected": True},
    ["unexpected", {"list": 1}],
    None,
    7,
    -0.5,
    True,
    "NaN",
    "2021-13-45",
    "",
    10**40,
    HUGE,
)


def one_value(row: Row, number: int) -> Row:
    """One field of the row, each in turn, with a value of another kind."""
    names = sorted(row)
    name = names[number % len(names)]
    others = [value for value in VALUES if value == HUGE or type(value) is not type(row[name])]
    return {**row, name: others[number // len(names) % len(others)]}


def no_row(row: Row, number: int) -> Any:
    """Something else in the place of the row."""
    return (None, "unexpected", 7, [], {})[number % 5]


def without_key(row: Row, number: int) -> Row:
    """The row without a field, each in turn: without its key, too."""
    names = sorted(row)
    gone = names[number % len(names)]
    return {name: value for name, value in row.items() if name != gone}


def one_cell(row: Row, number: int) -> Row:
    """One cell of a table with another value: where all are texts, another text is odd enough."""
    names = sorted(row)
    name = names[number % len(names)]
    others = [value for value in VALUES if value != row[name]]
    return {**row, name: others[number // len(names) % len(others)]}


def choosing(
    spoil: Spoil, every: int = 4, *, spare_first: bool = False, spoilt: set[str] | None = None
) -> Chosen:
    """About one of so many rows is spoilt, and always the same ones.

    `spare_first` leaves the first row of each list as it is, so that some can be read. `spoilt`
    takes each row that was, as `text` writes it.
    """

    def chosen(rows: list[Any]) -> list[Any]:
        found = list(rows)
        for place, row in enumerate(rows):
            number = int.from_bytes(hashlib.sha256(text(row).encode()).digest()[:6], "big")
            if number % every == 0 and (place or not spare_first):
                found[place] = spoil(row, number // every)
                if spoilt is not None:
                    spoilt.add(text(found[place]))
        return found

    return chosen


def odd_rows(
    spoil: Spoil, every: int = 4, *, spare_first: bool = False, spoilt: set[str] | None = None
) -> Middleware:
    """A trap: some of the rows of every list in JSON are spoilt, as `choosing` says."""
    return odd_json(choosing(spoil, every, spare_first=spare_first, spoilt=spoilt))


def odd_json(chosen: Chosen) -> Middleware:
    """A trap for the lists of JSON documents."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        return changed(await handler(request), lambda body: json_spoilt(body, chosen) or body)

    return trap


def json_spoilt(body: bytes, chosen: Chosen) -> bytes | None:
    """The document with some rows spoilt; None where the body is none."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    for rows in lists(document):
        rows[:] = chosen(rows)
    return json.dumps(document).replace(json.dumps(HUGE), "1e999999999").encode()


def lists(document: Any) -> Iterator[list[Any]]:
    """The lists of rows, wherever in the document: those that no row has inside it."""
    if isinstance(document, list):
        if document and all(isinstance(one, dict) for one in document):
            yield document
        return
    if isinstance(document, dict):
        for value in document.values():
            yield from lists(value)


def text(row: Any) -> str:
    """The row as one text, whatever the order of its members."""
    return json.dumps(row, sort_keys=True)
