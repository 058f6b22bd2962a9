"""Reading closer: records whose list rows leave something open, read by their keys.

All walks and edges of one operation share what was read, and one bound on the calls for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.contract import Adapter
from gateway.errors import RegistryError
from gateway.model.entity import Entity
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent, Tracked

# So many records are read by key at once: what one refused call costs.
AT_ONCE = 10


@dataclass(slots=True)
class Closed:
    """What an operation has read of one kind of a registry's records; `reading` are the keys that
    are being read, `refused` those whose answer was none: they are not asked for again."""

    records: dict[str, Record[Any] | None] = field(default_factory=dict)
    reading: dict[str, asyncio.Event] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    error: RegistryError | None = None


@dataclass(slots=True)
class Left:
    """The records that were not read, for want of calls or because the registry failed."""

    keys: set[str] = field(default_factory=set)
    error: RegistryError | None = None


@dataclass(slots=True)
class Closer:
    """Reads records by their keys, with at most half of the calls that one operation may make."""

    ask: Ask
    source: Tracked
    adapter: Adapter
    entity: Entity
    left: Left = field(default_factory=Left)

    async def read(self, records: Sequence[Record[Any]]) -> dict[str, Record[Any]]:
        """The records that could be read, by key."""
        collection = self.adapter.collections[self.entity]
        if not collection.by_keys:
            return {}
        keys = list(dict.fromkeys(record.key for record in records))
        done = self._done
        known = (done.records, done.reading, done.refused)
        own = [key for key in keys if not any(key in some for some in known)]
        others = [done.reading[key] for key in keys if key in done.reading]
        await self._read(done, own)
        for other in others:
            await other.wait()
        found = {key: done.records.get(key) for key in keys}
        self.left.keys.update(key for key in keys if key not in done.records)
        self.left.error = done.error
        return {key: record for key, record in found.items() if record is not None}

    def told(self) -> str | None:
        """What coverage says of the records that were not read."""
        count = len(self.left.keys)
        if not count:
            return None
        if self.left.error is not None:
            why = f"the registry did not give them ({self.left.error.code})"
        else:
            why = (
                f"of the calls of one operation {self._bound} are for that, and they are used up; "
                "narrow `where`, or ask for fewer records at once"
            )
        several = count > 1
        return (
            f"{count} record{'s' if several else ''} could not be read by "
            f"{'their keys' if several else 'its key'}, which may have decided: {why}."
        )

    async def _read(self, done: Closed, keys: Sequence[str]) -> None:
        """Reads the keys in parts; where that ends early, the rest stays unknown."""
        collection = self.adapter.collections[self.entity]
        at_once = max(1, min(AT_ONCE, collection.keys_per_call, collection.keys_in_full))
        for key in keys:
            done.reading[key] = asyncio.Event()
        try:
            for at in range(0, len(keys), at_once):
                if self._spent >= self._bound:
                    return
                part = keys[at : at + at_once]
                before = len(self.source.sources)
                try:
                    page = await self.adapter.by_keys(self.source, self.entity, part)
                finally:
                    self._spend(self.source.sources[before:])
                found = {record.key: record for record in page.records}
                for key, error in page.refused.items():
                    done.refused.add(key)
                    done.error = done.error or error
                read = (key for key in part if key not in page.refused)
                done.records.update((key, found.get(key)) for key in read)
        except RegistryError as error:
            done.error = error
        except BudgetSpent:
            return
        finally:
            for key in keys:
                done.reading.pop(key).set()

    @property
    def _done(self) -> Closed:
        slot = ("closed", self.adapter.info.key, self.entity)
        done: Closed = self.ask.loaders.setdefault(slot, Closed())
        return done

    @property
    def _bound(self) -> int:
        return max(1, self.ask.federation.limits.calls_per_registry // 2)

    @property
    def _spent(self) -> int:
        spent: int = self.ask.loaders.get(("closing", self.adapter.info.key), 0)
        return spent

    def _spend(self, sources: Iterable[int]) -> None:
        """Counts what was asked of the registry; what the cache answered is free."""
        exchanges = self.ask.terms.evidence.exchanges
        calls = sum(source >= len(exchanges) or not exchanges[source].free for source in sources)
        self.ask.loaders["closing", self.adapter.info.key] = self._spent + calls
