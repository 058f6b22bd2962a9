"""The default store: a cache in memory that is bounded in bytes, what is old in it packed."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.upstream.asleep import Asleep
from gateway.upstream.entry import Entry
from gateway.upstream.packed import AT_ONCE, PackedEntry, pack, packed
from gateway.upstream.port import BaseCache, NullSerializer

# What an entry takes beside its body and its headers: keys, digests, objects; and each header
# beside its text.
_OVERHEAD, _HEADER = 1536, 160
# The share of the room that bodies may take as they came; what was not asked for lately is packed.
_PLAIN = 4


@dataclass(slots=True, eq=False)
class Slot:
    """One body's place: its entry, and until when it may be used. `tried` says that packing was
    tried, also where it was of no use."""

    entry: Entry
    expires: float | None
    tried: bool = False

    @property
    def cost(self) -> int:
        """About the bytes that the entry takes."""
        entry = self.entry
        headers = sum(len(name) + len(value) + _HEADER for name, value in entry.headers.items())
        body = len(entry.packed.data) if isinstance(entry, PackedEntry) else len(entry.body)
        return _OVERHEAD + headers + body

    def fill(self, data: bytes) -> None:
        """Take the packed body for the plain one, where that saves enough."""
        self.tried = True
        self.entry = packed(self.entry, data)


class BoundedMemoryCache(BaseCache):  # type: ignore[misc]
    """aiocache's storage port over a dictionary, least recently used out first.

    aiocache's own memory cache has no bound. Entries are frozen and hold `bytes`, so keeping
    them by reference is safe. `max_bytes` bounds bodies, as they are held, plus what an entry
    costs beside. A quarter of it may be plain; the bodies that were not asked for longest are
    packed, so that the same room holds several times as many.
    """

    NAME = "bounded-memory"

    def __init__(
        self,
        max_bytes: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        options.setdefault("timeout", None)
        super().__init__(serializer=NullSerializer(), **options)
        self.max_bytes = max_bytes
        self.most_plain = max_bytes // _PLAIN
        self.bytes = 0
        self._monotonic = monotonic
        self._slots: OrderedDict[str, Slot] = OrderedDict()
        self._asleep: Asleep | None = None
        # Bytes of those that may be packed, the one that was not asked for longest first: those
        # that are packed at once, and those that take a thread.
        self._short: OrderedDict[str, int] = OrderedDict()
        self._long: OrderedDict[str, int] = OrderedDict()
        self._plain = 0
        self._packing = False

    @property
    def _kept(self) -> OrderedDict[str, Slot]:
        """The slots, awake."""
        if self._asleep is not None:
            risen, self._asleep = self._asleep, None
            # What could not be laid down counts as asked for last.
            left, self._slots = self._slots, OrderedDict()
            for key, entry, expires, tried in risen.rise():
                self._slots[key] = Slot(entry, expires, tried)
            self._slots.update(left)
        return self._slots

    def __len__(self) -> int:
        return len(self._kept)

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> Entry | None:
        found = self.find(key)
        return None if found is None else await found.whole()

    _gets = _get

    def find(self, key: str) -> Entry | None:
        """The entry, packed where it is; there is nothing here to wait for."""
        slot = self._kept.get(key)
        if slot is None:
            return None
        if slot.expires is not None and slot.expires <= self._monotonic():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        for waiting in (self._short, self._long):
            if key in waiting:
                waiting.move_to_end(key)
        return slot.entry

    async def _set(
        self,
        key: str,
        value: Entry,
        ttl: float | None = None,
        _cas_token: Any = None,
        _conn: Any = None,
    ) -> bool:
        return await self.write(key, value, ttl)

    async def write(self, key: str, value: Entry, ttl: float | None) -> bool:
        """Keep the entry, unless it is larger than all the room; whether it is kept."""
        slot = Slot(value, None if ttl is None else self._monotonic() + ttl)
        if isinstance(value, PackedEntry):
            slot.tried = True
        elif value.size > max(AT_ONCE, self.most_plain):
            # Plain, it would push everything else out before its turn to be packed.
            slot.fill(await asyncio.to_thread(pack, value.body))
        kept = slot.cost <= self.max_bytes
        if kept:
            self._put(key, slot)
        else:
            self._drop(key)
        if self._long and not self._packing:
            self._packing = True
            try:
                await self._pack_long(self.most_plain)
            finally:
                self._packing = False
        return kept

    def _put(self, key: str, slot: Slot) -> None:
        self._drop(key)
        self._kept[key] = slot
        self.bytes += slot.cost
        if not slot.tried:
            size = slot.entry.size
            (self._short if size <= AT_ONCE else self._long)[key] = size
            self._plain += size
        self._pack_short(self.most_plain)
        while self.bytes > self.max_bytes:
            self._drop(next(iter(self._kept)))

    def _pack_short(self, most: int) -> None:
        """Packs what is short and older than the plain bodies of `most` bytes."""
        while self._short and self._plain > most:
            key = next(iter(self._short))
            self._pack(key, pack(self._kept[key].entry.body))

    async def _pack_long(self, most: int) -> None:
        """The same for what is long, beside the event loop."""
        while self._long and self._plain > most:
            key = next(iter(self._long))
            slot = self._kept[key]
            data = await asyncio.to_thread(pack, slot.entry.body)
            # Meanwhile it may have been dropped, replaced, or packed by another.
            if self._kept.get(key) is slot and not slot.tried:
                self._pack(key, data)

    def _pack(self, key: str, data: bytes) -> None:
        slot = self._kept[key]
        self._plain -= self._short.pop(key, 0) + self._long.pop(key, 0)
        self.bytes -= slot.cost
        slot.fill(data)
        self.bytes += slot.cost

    async def rest(self) -> None:
        """Drops what may not be used any more, packs the others, and lays them down until one of
        them is asked for."""
        now = self._monotonic()
        for key, slot in list(self._kept.items()):
            if slot.expires is not None and slot.expires <= now:
                self._drop(key)
        await self._pack_long(0)
        while self._short:
            self._pack_short(self._plain - 1)
            await asyncio.sleep(0)
        if not self._long:
            self._lie_down()

    def _lie_down(self) -> None:
        asleep, slots, left = Asleep(), self._kept, OrderedDict[str, Slot]()
        # One by one, so that not all of them are there twice.
        while slots:
            key, slot = slots.popitem(last=False)
            if not asleep.lay(key, slot.entry, slot.expires, slot.tried):
                left[key] = slot
        self._slots, self._asleep = left, asleep

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return self.find(key) is not None

    async def _expire(self, key: str, ttl: float, _conn: Any = None) -> bool:
        found = self._kept.get(key)
        if found is None:
            return False
        found.expires = self._monotonic() + ttl
        return True

    async def _delete(self, key: str, _conn: Any = None) -> int:
        return self._drop(key)

    async def _clear(self, namespace: str | None = None, _conn: Any = None) -> bool:
        for key in [key for key in self._kept if key.startswith(namespace or "")]:
            self._drop(key)
        return True

    def _drop(self, key: str) -> int:
        found = self._kept.pop(key, None)
        if found is None:
            return 0
        self.bytes -= found.cost
        self._plain -= self._short.pop(key, 0) + self._long.pop(key, 0)
        return 1
