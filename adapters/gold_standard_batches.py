"""Gold Standard's issuances: the blocks of a project, batch and vintage, put together again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from adapters.contract import Page, Source
from adapters.gold_standard_asks import CREDIT_SIZE, of_project
from adapters.gold_standard_rows import BatchRow, CreditRow, code, issuance_key
from adapters.gold_standard_views import GoldStandardIssuance
from adapters.gold_standard_walk import Ask, Place, Step, place, walk
from gateway.errors import BadCursor
from gateway.model.record import Origin

_SPOT = re.compile(r"(\d{1,9}\.\d{1,3}\.\d{1,18}\.\d{1,15})\.(\d{1,17})\.(\d{1,6})", re.ASCII)
# A walk names a place to go on from after so many calls at the most.
MOST_CALLS = 10
UNSURE = (
    "The list of its project does not name a block of {}, so this issuance may come twice in a "
    "walk that was gone on with."
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and the body it came in."""

    row: CreditRow
    source: int
    index: int


async def whole(source: Source, ask: Ask[CreditRow]) -> list[GoldStandardIssuance]:
    """The issuances of all blocks that the ask means, with their totals, newest block first.

    Right only for an ask that holds every block of each issuance that it holds one of.
    """
    steps = [step async for step in walk(source, ask, Place(size=CREDIT_SIZE))]
    return batches(source.registry, steps)


def batches(registry: str, steps: list[Step[CreditRow]]) -> list[GoldStandardIssuance]:
    """The issuances that the steps hold whole."""
    found: dict[str, list[Placed]] = {}
    for step in steps:
        for index, row in step.rows:
            key = issuance_key(row)
            if key is not None:
                found.setdefault(key, []).append(Placed(row, step.source, index))
    return [_issuance(registry, blocks, True) for blocks in found.values()]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a walk over issuances stands: the place in the list of blocks, the newest block that
    was there when the walk began, and the page of the project's own list at which to go on looking
    for newer blocks of the issuance of the next block."""

    place: Place
    top: int = 0
    look: int = 1

    def __str__(self) -> str:
        return f"{self.place}.{self.top}.{self.look}"


def spot(token: str | None) -> Spot:
    """The place that a token of ours names; none is the start.

    Raises:
        BadCursor: it names none.
    """
    if not token:
        return Spot(Place(size=CREDIT_SIZE))
    found = _SPOT.fullmatch(token)
    if found is None or found[3] == "0":
        raise BadCursor("the cursor does not belong to this registry's paging")
    return Spot(place(found[1], CREDIT_SIZE), int(found[2]), int(found[3]))


class Look:
    """A look through a project's own list of blocks, newest first, as far as is needed."""

    def __init__(self, source: Source, project: str, top: int, page: int = 1) -> None:
        self.page = page
        self._top = top
        start = Place(page=page, size=CREDIT_SIZE)
        self._steps = walk(source, of_project(project), start).__aiter__()
        self._issuances: dict[str, int] = {}
        self._ids: set[int] = set()
        self._lowest: int | None = None

    async def read(self) -> None:
        """Reads one page more."""
        step = await anext(self._steps)
        for _, row in step.rows:
            number, key = int(row.id), issuance_key(row)
            self._ids.add(number)
            if key is not None and number <= self._top:
                self._issuances.setdefault(key, number)
        self._lowest = min((int(row.id) for _, row in step.rows), default=self._lowest)
        self.page += 1
        if step.next is None:
            self._lowest = 0

    def decides(self, row: CreditRow) -> bool:
        """Whether it was read far enough to know if the block is its issuance's newest."""
        known = self._issuances.get(issuance_key(row) or "", 0) > int(row.id)
        return known or (self._lowest is not None and self._lowest <= int(row.id))

    def newest(self, row: CreditRow) -> bool:
        """Whether no newer block of its issuance was there when the walk began."""
        return self._issuances.get(issuance_key(row) or "", 0) <= int(row.id)

    def lists(self, row: CreditRow) -> bool:
        """Whether the project's list has the block at all."""
        return int(row.id) in self._ids


async def streamed(
    source: Source, ask: Ask[CreditRow], token: str | None, at_once: int
) -> AsyncIterator[Page]:
    """The issuances of a long list, each where its newest block stands, without totals.

    Whether a block is its issuance's newest shows from the blocks before it. A walk that goes on
    from a token has not read those: it looks them up in the project's own list, and names a place
    to go on from at least every few calls, so that it comes forward however few it may make. Lists
    of up to `at_once` blocks are read whole, and so have totals.
    """
    begin = spot(token)
    resumed, top, look_from = bool(begin.place.after), begin.top, begin.look
    seen: set[str] = set()
    looks: dict[str, Look] = {}
    calls = 0
    steps = walk(source, ask, begin.place)
    async for step in steps:
        if step.place.page == 1 and not resumed and step.listed <= at_once:
            read = [step] + [later async for later in steps]
            records = batches(source.registry, read)
            yield Page(records, token="", total=len(records))
            return
        top = top or max((int(row.id) for _, row in step.rows), default=0)
        calls += 1
        here = Spot(step.place, top, look_from)
        waiting: tuple[Spot, list[GoldStandardIssuance], tuple[str, ...]] = (here, [], ())
        for index, row in step.rows:
            key, number = issuance_key(row), int(row.id)
            if key is not None and key not in seen and number <= top:
                seen.add(key)
                unsure = False
                if resumed:
                    project = code(row.project)
                    look = looks.get(project)
                    if look is None:
                        look = Look(source, project, top, look_from)
                        if look_from == 1:
                            looks[project] = look
                    while not look.decides(row):
                        if calls >= MOST_CALLS:
                            after = replace(here, look=look.page)
                            yield _page(waiting, after)
                            waiting, here, calls = (after, [], ()), after, 0
                        await look.read()
                        calls += 1
                    is_newest, unsure = look.newest(row), not look.lists(row)
                else:
                    is_newest = True
                if is_newest:
                    if waiting[1]:
                        yield _page(waiting, here)
                        calls = 0
                    found = _issuance(source.registry, [Placed(row, step.source, index)], False)
                    waiting = (here, [found], (UNSURE.format(key),) if unsure else ())
            look_from = 1
            here = Spot(replace(step.place, after=number, total=step.place.total), top)
        if waiting[1] or step.next is None or calls >= MOST_CALLS:
            yield _page(waiting, None if step.next is None else Spot(step.next, top))
            calls = 0


def _page(
    waiting: tuple[Spot, list[GoldStandardIssuance], tuple[str, ...]], after: Spot | None
) -> Page:
    before, records, warnings = waiting
    following = None if after is None else str(after)
    return Page(records, token=str(before), next=following, warnings=warnings)


def _issuance(registry: str, blocks: list[Placed], is_whole: bool) -> GoldStandardIssuance:
    first = blocks[0]
    row = BatchRow(first.row, tuple(block.row for block in blocks), is_whole)
    return GoldStandardIssuance(row, Origin(registry, first.source), first.index)
