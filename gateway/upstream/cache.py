"""The cache of upstream bodies, on whatever storage port the operator chose, or none."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from gateway.upstream.entry import Entry
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.outage import Outage
from gateway.upstream.port import BaseCache

# Bytes for which a store has a second more.
_BYTES_A_SECOND = 20_000_000


class Cache:
    """Entries by key. A store that fails is a store that has nothing: it never fails a read, and
    is left alone for a while. `patience` is how long one word of it is waited for."""

    def __init__(self, store: BaseCache | None, outage: Outage, patience: float) -> None:
        self._store = store
        self._outage = outage
        self._patience = patience
        # Ours is asked directly: aiocache's wrappers cost more than the dictionary behind them.
        self._memory = store if type(store) is BoundedMemoryCache else None

    @property
    def on(self) -> bool:
        """Whether there is a store at all."""
        return self._store is not None

    @property
    def bytes(self) -> int | None:
        """How much the store holds, None where it does not say."""
        found = getattr(self._store, "bytes", None)
        return found if isinstance(found, int) else None

    @property
    def refused(self) -> int:
        """Entries that the store held and that were not believed."""
        found = getattr(self._store, "refused", 0)
        return found if isinstance(found, int) else 0

    async def get(self, key: str) -> Entry | None:
        """The entry, however stale, or None; its body may be packed (`Entry.whole`)."""
        if self._memory is not None:
            return self._memory.find(key)
        if self._store is None:
            return None
        # How large it is shows only when it is here.
        found = await self._outage.bound("get", partial(self._store.get, key), 2 * self._patience)
        return found if isinstance(found, Entry) else None

    async def put(self, key: str, entry: Entry) -> None:
        """Keep the entry for as long as it can be of use, even as a stand-in."""
        useful = entry.lifetime + entry.grace
        if entry.conditions():
            # It can still spare the registry the body.
            useful = max(useful, 60.0)
        # A time to live of zero would mean for ever.
        if useful < 1.0:
            return
        if self._memory is not None:
            await self._memory.write(key, entry, float(useful))
        elif self._store is not None:
            keep = partial(self._store.set, key, entry, ttl=float(useful))
            seconds = self._patience + len(entry.body) / _BYTES_A_SECOND
            await self._outage.bound("set", keep, seconds)

    async def drop(self, key: str) -> None:
        """Forget the entry."""
        if self._store is not None:
            await self._outage.bound("delete", partial(self._store.delete, key))

    async def rest(self) -> None:
        """Nothing was asked for a while: take less memory for the same entries."""
        if self._memory is not None:
            await self._memory.rest()

    async def close(self) -> None:
        """Close the store's connections."""
        if self._store is not None:
            with suppress(Exception):
                await self._store.close()
