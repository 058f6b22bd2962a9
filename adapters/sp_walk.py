"""Walks through the ledgers of the S&P Global registry platform, one search after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from adapters.contract import Answer, Page, Source
from adapters.rows import lost, placed, received
from adapters.sp_rows import DECODERS, Found, Ledger, Row
from adapters.sp_search import LAST_START, MOST_ROWS, Place, Search, place
from gateway.errors import InvalidPayload, TooExpensive
from gateway.model.record import Origin, Record

Wrap = Callable[[Search], Callable[[Any, Origin, int], Record[Any]]]
POINTER = "/entities"


class Walk:
    """Some searches of one tenant, read with one source.

    `expected` names the ledgers that are known not to be empty, as `VCS.project`; `project` alone
    means that at least one standard has projects. No rows at all there mean that the identity
    headers are wrong.
    """

    def __init__(
        self, source: Source, searches: Sequence[Search], wrap: Wrap, expected: frozenset[str]
    ) -> None:
        self._source = source
        self._searches = searches
        self._wrap = wrap
        self._expected = expected
        self._counts: dict[Search, int] = {}

    async def pages(self, token: str | None, limit: int) -> AsyncIterator[Page]:
        """Every page from the token's place on.

        Raises:
            BadCursor: the token is not ours.
            TooExpensive: the walk reaches the end of the platform's window.
        """
        start = Place(0, 0, limit) if token is None else place(token, len(self._searches))
        if not self._searches:
            yield Page((), total=0)
            return
        total, ready = await self._openings(start)
        here: Place | None = start
        while here is not None:
            page, here = await self._page(here, total, ready)
            yield page

    async def everything(self) -> list[Record[Any]]:
        """All rows of every search, for searches that name what they want."""
        found: list[Record[Any]] = []
        for step in range(len(self._searches)):
            here: Place | None = Place(step, 0, MOST_ROWS)
            while here is not None and here.step == step:
                page, here = await self._page(here, None, {})
                found.extend(page.records)
        return found

    async def count(self, search: Search) -> int:
        """How many rows the platform says there are; asked with a page of one, and cacheable."""
        if search not in self._counts:
            answer = await read(self._source, search, 0, 1, once=True)
            self._counts[search] = answer.value.totalEntities
        return self._counts[search]

    async def _openings(self, here: Place) -> tuple[int | None, dict[int, Answer[Found[Row]]]]:
        """The first page of every ledger at once, when there are several: their totals add up.

        Where one fails that is not wanted yet, the total is unknown and the walk goes on: it is
        asked again when its turn comes.
        """
        if len(self._searches) == 1:
            return None, {}
        reads = (read(self._source, search, 0, here.limit) for search in self._searches)
        answers = await asyncio.gather(*reads, return_exceptions=True)
        ready: dict[int, Answer[Found[Row]]] = {}
        for step, answer in enumerate(answers):
            if not isinstance(answer, BaseException):
                ready[step] = answer
            elif step == here.step or not isinstance(answer, Exception):
                raise answer
        totals = [
            await self._total(self._searches[step], answer.value, 0)
            for step, answer in ready.items()
        ]
        known = [total for total in totals if total is not None]
        return (sum(known) if len(known) == len(self._searches) else None), ready

    async def _page(
        self, here: Place, total: int | None, ready: dict[int, Answer[Found[Row]]]
    ) -> tuple[Page, Place | None]:
        search = self._searches[here.step]
        start = here.start - 1 if here.after and here.start else here.start
        while True:
            answer = ready.pop(here.step, None) if start == 0 else None
            if answer is None:
                answer = await read(self._source, search, start, here.limit)
            rows = answer.value.entities
            # The row before this page may be one that cannot be read, and still be in its place.
            known = (rows and rows[0].entityId <= here.after) or 0 in lost(rows)
            if not here.after or start == 0 or known:
                break
            start = max(0, start - here.limit)
        own = await self._total(search, answer.value, start)
        origin = Origin(self._source.registry, answer.source, POINTER)
        record = self._wrap(search)
        # The rows are in the order of their ids, which `check` has seen.
        records = [record(row, origin, n) for n, row in placed(rows) if row.entityId > here.after]
        following = self._following(here, start, answer.value)
        warnings: list[str] = []
        if own is None:
            warnings.append(
                f"{search.ledger}: the total is that of the whole ledger; filters may be ignored"
            )
        if not search.narrowed(rows):
            warnings.append(f"{search.ledger}: not narrowed by the registry, checked here")
        page = Page(
            records,
            token=str(here),
            next=str(following) if following else None,
            total=own if len(self._searches) == 1 else total,
            warnings=tuple(warnings),
        )
        return page, following

    def _following(self, here: Place, start: int, found: Found[Row]) -> Place | None:
        beyond = start + received(found.entities)
        if beyond < found.totalEntities:
            last = max(here.after, *(row.entityId for row in found.entities[-1:]))
            return Place(here.step, beyond, here.limit, last)
        if here.step + 1 < len(self._searches):
            return Place(here.step + 1, 0, here.limit)
        return None

    async def _total(self, search: Search, found: Found[Row], start: int) -> int | None:
        """The number of matching rows, where it can be believed.

        Raises:
            InvalidPayload: no rows in a ledger that is known to have some.
        """
        total = found.totalEntities
        if total == 0:
            await self._check_emptiness(search)
            return 0
        whole = start == 0 and received(found.entities) == total
        if not search.criteria or (whole and search.narrowed(found.entities)):
            return total
        return total if total < await self.count(search.everything) else None

    async def _check_emptiness(self, search: Search) -> None:
        acronym = search.standard.acronym
        name = f"{acronym}.{search.ledger}"
        projects = Search(search.standard, Ledger.PROJECT)
        empty = False
        if name in self._expected:
            empty = not search.criteria or await self.count(search.everything) == 0
        elif f"{acronym}.{Ledger.PROJECT}" in self._expected:
            empty = await self.count(projects) == 0
        elif Ledger.PROJECT in self._expected:
            standards = {other.standard for other in self._searches}
            counts = [await self.count(Search(one, Ledger.PROJECT)) for one in standards]
            empty = not any(counts)
        if empty:
            raise InvalidPayload(
                f"{name} is empty, which it is not: check the headers registry and standardid",
                registry=self._source.registry,
            )


async def read(
    source: Source, search: Search, start: int, limit: int, *, once: bool = False
) -> Answer[Found[Row]]:
    """Some rows of a search, checked. An operation asks them `once`, if so said.

    Raises:
        TooExpensive: the rows lie beyond the platform's window.
        InvalidPayload: the answer is not one to this search.
    """
    if start > LAST_START:
        raise TooExpensive(
            f"{source.registry} gives no rows beyond {LAST_START + MOST_ROWS} of one search; "
            "narrow `where`, for instance to some projects.",
            registry=source.registry,
        )
    asked = replace(search.request(start, limit), once=once)
    answer = await source.read(asked, DECODERS[search.ledger])
    try:
        search.check(answer.value, start, limit)
    except InvalidPayload as error:
        error.registry = source.registry
        raise
    return answer
