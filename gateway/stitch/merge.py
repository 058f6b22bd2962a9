"""Merging several registries' walks into one page.

Without an order, records come registry by registry, each in its own order. With one, the walks
are merged by it; ties fall back to that. A registry that failed keeps its place, so that the next
page asks it again and nothing is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.model.question import Order
from gateway.stitch.cursor import Position
from gateway.stitch.walk import Placed, Walk, rank


@dataclass(frozen=True, slots=True)
class Merged:
    """One page: the records taken, and the place of each walk before and after."""

    taken: tuple[tuple[str, Placed], ...]
    starts: Mapping[str, Position]
    ends: Mapping[str, Position]

    @property
    def has_next(self) -> bool:
        """Whether any registry may have more, a failed one included."""
        return any(not end.exhausted for end in self.ends.values())

    def positions_after(self, index: int) -> Mapping[str, Position]:
        """The place of each walk after the record at `index` of this page."""
        if index == len(self.taken) - 1:
            return self.ends
        places = dict(self.starts)
        for registry, placed in self.taken[: index + 1]:
            places[registry] = placed.after
        return places


async def fill_all(walks: Sequence[Walk], want: int) -> None:
    """Fills every walk at the same time."""
    async with asyncio.TaskGroup() as group:
        for walk in walks:
            group.create_task(walk.fill(want))


def merge(walks: Sequence[Walk], first: int, order: Order | None = None) -> Merged:
    """Takes at most `first` records from the filled walks."""
    taken: list[tuple[str, Placed]] = []
    last: dict[str, Placed] = {}
    while len(taken) < first:
        walk = _next(walks, order)
        if walk is None:
            break
        placed = walk.buffer.popleft()
        taken.append((walk.plan.registry, placed))
        last[walk.plan.registry] = placed
    ends: dict[str, Position] = {}
    for walk in walks:
        registry = walk.plan.registry
        ends[registry] = walk.taken(last.get(registry))
        walk.coverage.exhausted = ends[registry].exhausted
        walk.coverage.records = [p.record for r, p in taken if r == registry]
        walk.coverage.returned = len(walk.coverage.records)
    starts = {walk.plan.registry: walk.start for walk in walks}
    return Merged(tuple(taken), starts, ends)


def _next(walks: Sequence[Walk], order: Order | None) -> Walk | None:
    waiting = [walk for walk in walks if walk.buffer]
    if not waiting:
        return None
    if order is None:
        return waiting[0]
    ranks = [rank(order, walk.buffer[0].record) for walk in waiting]
    best = max(ranks) if order.descending else min(ranks)
    return waiting[ranks.index(best)]
