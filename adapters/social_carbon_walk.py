"""Bubble's paging, distrusted: constraints that were kept, and every row once."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.contract import InvalidPayload, Request, Source
from adapters.rows import lost, placed
from adapters.social_carbon_rows import Kind, Wire
from gateway.errors import BadCursor
from gateway.model.odd import told

R = TypeVar("R", bound=Wire)

MOST = 100
# No parameter is personal: what is asked for are ids, codes, serials and statuses.
PUBLIC = frozenset({"limit", "cursor", "constraints"})

_PLACE = re.compile(r"(\d{1,9})\.(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ask(Generic[R]):
    """A collection narrowed by at most one column; `fits` is what each row must then satisfy.

    `value` is what the column equals, or the texts that it is none of. `keeps` picks the rows that
    are meant.
    """

    kind: Kind[R]
    column: str = ""
    value: str | tuple[str, ...] = ""
    fits: Callable[[R], bool] = lambda row: True
    keeps: Callable[[R], bool] | None = None

    def request(self, cursor: int, size: int) -> Request:
        """The page from a row's number on."""
        query = [("limit", str(size)), ("cursor", str(cursor))]
        if self.column:
            how = "equals" if isinstance(self.value, str) else "not in"
            told = {"key": self.column, "constraint_type": how, "value": self.value}
            query.append(("constraints", json.dumps([told])))
        return Request(self.kind.path, query=tuple(query), public=PUBLIC)


@dataclass(frozen=True, slots=True)
class Place:
    """How many rows were read, and how many the list had then."""

    cursor: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.cursor}.{self.total}"


def place(text: str | None) -> Place:
    """The place that a token of ours names; none is the start.

    Raises:
        BadCursor: it names none.
    """
    if not text:
        return Place()
    found = _PLACE.fullmatch(text)
    if found is None:
        raise BadCursor("the cursor does not belong to this registry's paging")
    return Place(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """One page: the rows that are meant, by their index in the body."""

    rows: tuple[tuple[int, R], ...]
    source: int
    total: int | None
    place: Place
    next: Place | None


async def walk(source: Source, ask: Ask[R], start: Place, size: int) -> AsyncIterator[Step[R]]:
    """The pages of a list from a place on. Pages of more than 100 rows are cut, which shows.

    Raises:
        InvalidPayload: a constraint was ignored, or the list does not hold together.
    """
    here = start
    given: set[str] = set()
    while True:
        answer = await source.read(ask.request(here.cursor, size), ask.kind.read_page)
        page = answer.value
        total = page.cursor + page.count + page.remaining
        if page.cursor != here.cursor:
            raise InvalidPayload("the registry answered with another page")
        if total < here.total:
            raise InvalidPayload("the list shrank while it was read; ask again")
        for row in page.results:
            if told(row) is None and not ask.fits(row):
                raise InvalidPayload(f"the registry ignored the constraint on {ask.column}")
        fresh = tuple((i, row) for i, row in placed(page.results) if row.id not in given)
        given.update(row.id for _, row in fresh)
        if not fresh and not lost(page.results) and page.remaining:
            raise InvalidPayload("the list does not move on from page to page")
        after = Place(here.cursor + page.count, total) if page.remaining else None
        meant = fresh if ask.keeps is None else tuple(r for r in fresh if ask.keeps(r[1]))
        yield Step(meant, answer.source, None if ask.keeps else total, here, after)
        if after is None:
            return
        here = after
