"""Long work in steps, between which the event loop turns to whatever else waits.

Nothing here is in other hands meanwhile, as it is while a registry is asked: 200,000 rows of one
file are filtered without a pause, and every client would wait for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Rows of a step: of the dearest filters, they take a few milliseconds.
STEP = 32
# Of work that is cheap for each row.
LONG_STEP = 1_000
_key, _row = itemgetter(0), itemgetter(1)


class Steps:
    """One step in each round of the event loop, whosever work it belongs to, in turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def each(self, work: Callable[[T], R], rows: Sequence[T], size: int = STEP) -> list[R]:
        """What the work makes of each row; at once where that is one step."""
        if len(rows) <= size:
            return list(map(work, rows))
        return await self._all(map(work, rows), size)

    async def ranked(
        self, rank: Callable[[T], Any], rows: Sequence[T], *, descending: bool = False
    ) -> list[T]:
        """The rows by their ranks; equal ones keep their order, either way."""
        found = await self.each(lambda row: (rank(row), row), rows)
        parts = [found[at : at + LONG_STEP] for at in range(0, len(found), LONG_STEP)]
        runs = await self.each(
            lambda part: sorted(part, key=_key, reverse=descending), parts, size=1
        )
        if len(runs) < 2:
            return [row for run in runs for _, row in run]
        return await self._all(map(_row, merge(*runs, key=_key, reverse=descending)), LONG_STEP)

    async def _all(self, left: Iterable[R], size: int) -> list[R]:
        left = iter(left)
        made: list[R] = []
        while True:
            async with self._turn:
                some = list(islice(left, size))
                made += some
                if len(some) < size:
                    return made
                # The turn is given on in the next round.
                await asyncio.sleep(0)
