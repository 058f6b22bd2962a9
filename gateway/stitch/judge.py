"""Judging rows: whether each satisfies what is checked here, read more closely where it must be.

A list row may leave open what the record's own page says. Such a record is read by its key, as
far as the budget goes; then its page decides, and is what is shown. What is still open after
that is nobody's match and nobody's miss: coverage counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract import Adapter, Source
from gateway.errors import RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.filters import Doubt, Verdict, decide
from gateway.stitch.parents import parents_match

# So many records are read by key at once: what one refused call costs.
AT_ONCE = 10

Judged = tuple[Record[Any], Verdict]


@dataclass(slots=True)
class Closer:
    """Reads records by their keys, within half of what one operation may ask of the registry."""

    ask: Ask
    source: Source
    adapter: Adapter
    entity: Entity

    async def read(self, records: Sequence[Record[Any]]) -> dict[str, Record[Any]]:
        """The records that could be read, by key."""
        found: dict[str, Record[Any]] = {}
        collection = self.adapter.collections[self.entity]
        if not collection.by_keys:
            return found
        keys = list(dict.fromkeys(record.key for record in records))
        at_once = max(1, min(AT_ONCE, collection.keys_per_call))
        for at in range(0, len(keys), at_once):
            if self.ask.spent(self.adapter.info.key) * 2 >= self._budget:
                break
            try:
                page = await self.adapter.by_keys(self.source, self.entity, keys[at : at + at_once])
            except (RegistryError, BudgetSpent):
                break
            found.update((record.key, record) for record in page.records)
        return found

    @property
    def _budget(self) -> int:
        return self.ask.federation.limits.calls_per_registry


async def judged(
    closer: Closer,
    rows: Sequence[Record[Any]],
    residual: tuple[Predicate, ...],
    above: tuple[Predicate, ...],
    keep: Callable[[Record[Any]], bool] | None = None,
) -> list[Judged]:
    """Each row with its verdict, in order; one that was read more closely as it was read then."""
    found: list[Judged] = [(row, decide(row, residual)) for row in rows]
    if keep is not None:
        found = [(row, verdict if verdict and keep(row) else False) for row, verdict in found]
    open_ = [row for row, verdict in found if _elsewhere(verdict)]
    if open_:
        read = await closer.read(open_)
        found = [
            (read[row.key], decide(read[row.key], residual))
            if _elsewhere(verdict) and row.key in read
            else (row, verdict)
            for row, verdict in found
        ]
    return await _with_parents(closer, found, above) if above else found


async def _with_parents(
    closer: Closer, found: list[Judged], above: tuple[Predicate, ...]
) -> list[Judged]:
    asked = [row for row, verdict in found if verdict]
    told = iter(await parents_match(closer.ask, closer.source, closer.adapter, asked, above))
    return [(row, _both(verdict, next(told)) if verdict else False) for row, verdict in found]


def _both(one: Verdict, other: Verdict) -> Verdict:
    """Kleene's "and"."""
    if not one or not other:
        return False
    return (*_doubts(one), *_doubts(other)) or True


def _doubts(verdict: Verdict) -> tuple[Doubt, ...]:
    return verdict if isinstance(verdict, tuple) else ()


def _elsewhere(verdict: Verdict) -> bool:
    """Whether reading the record by its key may decide it."""
    return isinstance(verdict, tuple) and any(doubt.not_read for doubt in verdict)
