"""Merging several registries' walks into one page.

Without an order, records come registry by registry, each in its own order. With one, the walks
are merged by it; ties fall back to that. A registry that failed keeps its place, so that the next
page asks it again and nothing is lost. A page that brings neither a record nor a new place is a
pause: whoever asked on at once would get the same again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.model.question import Order
from gateway.stitch.coverage import Coverage
from gateway.stitch.cursor import Position
from gateway.stitch.place import Placed, records_of
from gateway.stitch.walk import Walk, rank


@dataclass(slots=True)
class Merged:
    """One page: the records taken, and the place of each walk before and after; `stuck` are the
    registries that brought nothing and cannot go on now."""

    taken: tuple[Placed, ...]
    starts: Mapping[str, Position]
    ends: Mapping[str, Position]
    stuck: frozenset[str] = frozenset()

    @property
    def unfinished(self) -> frozenset[str]:
        """The registries that may have more, failed ones included."""
        return frozenset(key for key, end in self.ends.items() if not end.exhausted)

    @property
    def has_next(self) -> bool:
        """Whether to go on at once: there may be more, and this page came forward."""
        return bool(self.unfinished if self.taken else self.unfinished - self.stuck)

    @property
    def paused(self) -> bool:
        """Whether there may be more, but not now."""
        return bool(self.unfinished) and not self.has_next

    def tell(self, coverage: Iterable[Coverage]) -> None:
        """Where this page is a pause, says so in the row of each registry it waits for."""
        if self.paused:
            for row in coverage:
                if row.registry in self.unfinished:
                    row.pause()

    def positions_after(self, index: int) -> Mapping[str, Position]:
        """The place of each walk after the record at `index` of this page."""
        if index == len(self.taken) - 1:
            return self.ends
        places = dict(self.starts)
        last = {placed.stretch.registry: placed for placed in self.taken[: index + 1]}
        places.update((registry, placed.after) for registry, placed in last.items())
        return places


async def fill_all(walks: Sequence[Walk], want: int) -> None:
    """Fills every walk at the same time."""
    async with asyncio.TaskGroup() as group:
        for walk in walks:
            group.create_task(walk.fill(want))


def merge(walks: Sequence[Walk], first: int, order: Order | None = None) -> Merged:
    """Takes at most `first` records from the filled walks."""
    parts: list[list[Placed]] = [[] for _ in walks]
    taken: list[Placed] = []
    if order is None:
        for walk, part in zip(walks, parts, strict=True):
            part += _first(walk, first - len(taken))
            taken += part
    else:
        while len(taken) < first and (at := _next(walks, order)) is not None:
            placed = walks[at].buffer.popleft()
            parts[at].append(placed)
            taken.append(placed)
    ends: dict[str, Position] = {}
    stuck: set[str] = set()
    for walk, part in zip(walks, parts, strict=True):
        end = ends[walk.plan.registry] = walk.taken(part[-1] if part else None)
        if not part and not walk.buffer and (walk.failed or end == walk.start):
            stuck.add(walk.plan.registry)
        walk.coverage.exhausted = end.exhausted
        walk.coverage.records = records_of(part)
        walk.coverage.returned = len(part)
        walk.settle(len(part))
    starts = {walk.plan.registry: walk.start for walk in walks}
    merged = Merged(tuple(taken), starts, ends, frozenset(stuck))
    merged.tell([walk.coverage for walk in walks])
    return merged


def _first(walk: Walk, most: int) -> list[Placed]:
    """Up to so many of the walk's records, taken out of its buffer."""
    buffer = walk.buffer
    if most >= len(buffer):
        found = list(buffer)
        buffer.clear()
        return found
    return [buffer.popleft() for _ in range(most)]


def _next(walks: Sequence[Walk], order: Order) -> int | None:
    """The number of the walk whose record comes next."""
    waiting = [(rank(order, w.buffer[0].record), at) for at, w in enumerate(walks) if w.buffer]
    if not waiting:
        return None
    ranks = [one for one, _ in waiting]
    best = max(ranks) if order.descending else min(ranks)
    return waiting[ranks.index(best)][1]
