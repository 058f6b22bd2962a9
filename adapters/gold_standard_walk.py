"""Gold Standard's paging, distrusted: every row once, and a list that lies is never passed on.

Lists are in descending row id. So a place in a walk is a page number, the last id given and the
total at that time: rows pushed on to the next page by new ones are known by their ids, and a
total that falls sends the walk back to where the rows have moved up to.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from operator import le
from typing import Generic, Protocol, TypeVar

from adapters.contract import Answer, InvalidPayload, Reply, Request, Source
from adapters.rows import placed, received
from gateway.errors import BadCursor
from gateway.model.odd import told

_PLACE = re.compile(r"(\d{1,9})\.(\d{1,3})\.(\d{1,18})\.(\d{1,15})")


class Numbered(Protocol):
    """A wire row; the registry numbers its rows in ascending order of arrival."""

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Ask(Generic[R]):
    """What to list, and what its rows must be.

    `shows` says whether a row plainly has what `query` asks for, `fits` whether it satisfies the
    other filters. `keeps` picks the rows that are meant from all that a search finds.
    """

    path: str
    decode: Callable[[Reply], list[R]]
    query: str = ""
    countries: tuple[str, ...] = ()
    retired: bool = False
    shows: Callable[[R], bool] = lambda row: True
    fits: Callable[[R], bool] = lambda row: True
    keeps: Callable[[R], bool] | None = None

    def request(self, page: int, size: int) -> Request:
        """One page of the list, in the order in which the registry's own site sends parameters."""
        query = [("query", self.query)] if self.query else []
        query += [("page", str(page)), ("size", str(size))]
        if self.countries:
            query.append(("countries", ",".join(self.countries)))
        if self.retired:
            query.append(("issuances", "false"))
        return Request(self.path, query=tuple(query), public=PUBLIC)


# No parameter is personal: what is asked are codes, serials, countries and search words.
PUBLIC = frozenset(("query", "page", "size", "countries", "issuances"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands before a page; `after` is the id of the last row given, 0 for none."""

    page: int = 1
    size: int = 25
    after: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.page}.{self.size}.{self.after}.{self.total}"


def place(text: str | None, size: int) -> Place:
    """The place that a token of ours names; None is the start.

    Raises:
        BadCursor: it names none.
    """
    if text is None:
        return Place(size=size)
    found = _PLACE.fullmatch(text)
    if found is None or found[1] == "0" or found[2] == "0":
        raise BadCursor("the cursor does not belong to this registry's paging")
    return Place(*(int(part) for part in found.groups()))


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """A page of a list and, from its header, how many rows the whole list has."""

    rows: list[R]
    total: int


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """One page of a walk: the rows that are meant, not given before, by index in the body.

    `total` counts the rows that are meant; None while that cannot be told. `listed` counts those
    that the search finds.
    """

    rows: tuple[tuple[int, R], ...]
    source: int
    total: int | None
    place: Place
    next: Place | None
    listed: int = 0


async def walk(source: Source, ask: Ask[R], start: Place) -> AsyncIterator[Step[R]]:
    """The pages of a list from a place on.

    Raises:
        InvalidPayload: rows are missing or out of order, a filter was ignored, or the list
            keeps changing faster than it can be read.
    """
    here = start
    proven = went_back = False
    while True:
        answer = await source.read(ask.request(here.page, here.size), ask.decode)
        listing = Listing(answer.value, _total(answer))
        if listing.total < here.total:
            if went_back:
                raise InvalidPayload("the list shrank while it was read; ask again")
            went_back = True
            back = -((listing.total - here.total) // here.size)
            here = replace(here, page=max(1, here.page - back), total=listing.total)
            continue
        _check_page(ask, listing, here)
        if not proven and listing.rows:
            await _check_query(source, ask, listing)
            proven = True
        fresh = tuple(
            (index, row)
            for index, row in placed(listing.rows)
            if here.after == 0 or int(row.id) < here.after
        )
        last = min((int(row.id) for _, row in fresh), default=here.after)
        done = (here.page - 1) * here.size + received(listing.rows) >= listing.total
        after = Place(here.page + 1, here.size, last, listing.total)
        meant, total = fresh, listing.total if ask.keeps is None else None
        if ask.keeps is not None:
            meant = tuple((index, row) for index, row in fresh if ask.keeps(row))
            total = len(meant) if done and here.page == 1 else None
        yield Step(meant, answer.source, total, here, None if done else after, listing.total)
        if done:
            return
        here = after


def _total(answer: Answer[list[R]]) -> int:
    text = answer.headers.get("x-total-count", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidPayload("the list came without X-Total-Count, so its end cannot be told")
    return int(text)


def _check_page(ask: Ask[R], listing: Listing[R], here: Place) -> None:
    given = received(listing.rows)
    promised = max(0, min(here.size, listing.total - (here.page - 1) * here.size))
    if given != promised:
        raise InvalidPayload(
            f"{ask.path} gave {given} rows where its total of {listing.total} promises {promised}"
        )
    ids = [int(row.id) for row in listing.rows]
    if any(map(le, ids, ids[1:])):
        raise InvalidPayload(f"{ask.path} is not in descending order of row ids")
    # What is odd in a row is for whoever asked to judge.
    wrong = next((row.id for row in listing.rows if not ask.fits(row) and told(row) is None), None)
    if wrong is not None:
        raise InvalidPayload(f"{ask.path} ignored a filter: row {wrong} does not fit it")


async def _check_query(source: Source, ask: Ask[R], listing: Listing[R]) -> None:
    """Unknown parameters are ignored and give the whole index: then the totals are equal."""
    if not ask.query or all(ask.shows(row) or told(row) is not None for row in listing.rows):
        return
    whole = Ask(ask.path, ask.decode, countries=ask.countries, retired=ask.retired)
    answer = await source.read(whole.request(1, 1), ask.decode)
    if listing.total >= _total(answer):
        raise InvalidPayload(f"{ask.path} ignored the search and gave its whole index")
