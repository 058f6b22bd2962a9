"""BioCarbon's paginator, distrusted: every row once, and none lost to a list that changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from adapters.biocarbon_rows import Listing
from adapters.contract import InvalidPayload, Reply, Request, Source
from adapters.rows import lost, placed, received
from gateway.errors import BadCursor

T = TypeVar("T")

PUBLIC = frozenset(("per_page", "page"))
_PLACE = re.compile(r"(\d{1,2})\.(\d{1,6})\.(\d{1,9})\.(.{0,200})", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class List(Generic[T]):
    """A list of the registry's; `name` tells its rows apart."""

    path: str
    decode: Callable[[Reply], Listing[T]]
    name: Callable[[T], str]


@dataclass(frozen=True, slots=True)
class Place:
    """A page of one of several lists; `total` rows were there when the page before was read, and
    `after` is the name of that page's last row."""

    ledger: int = 0
    page: int = 1
    total: int = 0
    after: str = ""

    def __str__(self) -> str:
        return f"{self.ledger}.{self.page}.{self.total}.{self.after[:200]}"


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One page: the rows that were not given before, by their index in the body; `next` is the
    place after it."""

    rows: tuple[tuple[int, T], ...]
    source: int
    total: int
    place: Place
    next: Place | None


def place(token: str | None, ledgers: int) -> Place:
    """The place that a token of ours names; None is the start.

    Raises:
        BadCursor: it names none.
    """
    if not token:
        return Place()
    found = _PLACE.fullmatch(token)
    if found is None or int(found[1]) >= ledgers or int(found[2]) < 1:
        raise BadCursor("the cursor does not belong to this registry's paging")
    return Place(int(found[1]), int(found[2]), int(found[3]), found[4])


async def walk(source: Source, asked: List[T], size: int, start: Place) -> AsyncIterator[Step[T]]:
    """The pages of a list from a place on.

    New rows push the others down, so that some are met twice: those are left out. A list that
    has become shorter may have lost rows to a page that was read already.

    Raises:
        InvalidPayload: the list shrank, or does not add up.
    """
    here, given, first, every, unread = start, set[str](), start.total, 0, 0
    while True:
        answer = await source.read(_request(asked, here.page, size), asked.decode)
        found = answer.value
        _check(asked, found, here)
        if every not in (0, found.per_page):
            raise InvalidPayload(f"{asked.path} changed the size of its pages")
        every, first = found.per_page, first or found.total
        unread += len(lost(found.data))
        names = [asked.name(row) for row in found.data]
        if here is start and here.after in names:
            given.update(names[: names.index(here.after) + 1])
        rows: list[tuple[int, T]] = []
        for index, row in placed(found.data):
            name = asked.name(row)
            if name not in given:
                given.add(name)
                rows.append((index, row))
        last = here.page >= found.last_page
        if last and start.page == 1 and len(given) + unread < first:
            raise InvalidPayload(
                f"{asked.path} names one row twice, or lost some while it was read"
            )
        after = replace(here, page=here.page + 1, total=found.total, after=(names or [""])[-1])
        yield Step(tuple(rows), answer.source, found.total, here, None if last else after)
        if last:
            return
        here = after


def _request(asked: List[T], page: int, size: int) -> Request:
    query = (("per_page", str(size)), ("page", str(page)))
    return Request(asked.path, query=query, public=PUBLIC)


def _check(asked: List[T], found: Listing[T], here: Place) -> None:
    page = here.page
    if found.total < here.total:
        raise InvalidPayload(f"{asked.path} shrank while it was read; ask again")
    if found.current_page != page:
        raise InvalidPayload(f"{asked.path} gave page {found.current_page} for page {page}")
    start = (page - 1) * found.per_page
    promised = max(0, min(found.per_page, found.total - start))
    pages = max(1, -(-found.total // found.per_page))
    came = received(found.data)
    if came != promised or found.last_page != pages:
        raise InvalidPayload(
            f"{asked.path} gave {came} rows on page {page} of {found.last_page}, where "
            f"its total of {found.total} promises {promised} of {pages}"
        )
