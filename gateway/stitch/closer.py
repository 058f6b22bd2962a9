"""Reading closer: records whose list rows leave something open, read by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract import Adapter, Source
from gateway.errors import RegistryError
from gateway.model.entity import Entity
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent

# So many records are read by key at once: what one refused call costs.
AT_ONCE = 10


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
        at_once = max(1, min(AT_ONCE, collection.keys_per_call, collection.keys_in_full))
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
