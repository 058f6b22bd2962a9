"""The default store: a cache in memory that is bounded in bytes, what is old in it packed."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from gateway.upstream.entry import Entry
from gateway.upstream.port import BaseCache, NullSerializer

# What an entry takes beside its body and its headers: keys, digests, objects; and each header
# beside its text.
_OVERHEAD, _HEADER = 1536, 160
# The share of the room that bodies may take as they came; what was not asked for lately is packed.
_PLAIN = 4
# Bodies up to this are packed and unpacked at once: a millisecond each. Longer ones take a thread.
AT_ONCE = 256 * 1024
# Packing that saves less than this share is not worth the unpacking.
_WORTH = 0.8
# The quickest that zlib does; JSON becomes a tenth or so.
_LEVEL = 1


class Slot:
    """One body's place: its entry, until when it may be used, and what it costs. The entry of one
    that is packed has no body; `tried` says that packing was tried, also where it was of no use.
    `size` are the bytes of the body as it came."""

    __slots__ = ("cost", "entry", "expires", "packed", "size", "tried")

    def __init__(self, entry: Entry, expires: float | None) -> None:
        self.entry = entry
        self.expires = expires
        self.packed: bytes | None = None
        self.tried = False
        self.size = len(entry.body)
        self.cost = self.size + _beside(entry)

    def fill(self, packed: bytes) -> None:
        """Take the packed body for the plain one, where that saves enough."""
        self.tried = True
        if len(packed) < _WORTH * self.size:
            self.cost += len(packed) - self.size
            self.packed = packed
            self.entry = msgspec.structs.replace(self.entry, body=b"")

    def unpacked(self) -> Entry:
        """The entry with its body as it came."""
        if self.packed is None:
            return self.entry
        return msgspec.structs.replace(self.entry, body=zlib.decompress(self.packed))


def _beside(entry: Entry) -> int:
    """About what an entry takes beside its body."""
    headers = sum(len(name) + len(value) + _HEADER for name, value in entry.headers.items())
    return _OVERHEAD + headers


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
        self._kept: OrderedDict[str, Slot] = OrderedDict()
        # Bytes of those that may be packed, the one that was not asked for longest first: those
        # that are packed at once, and those that take a thread.
        self._short: OrderedDict[str, int] = OrderedDict()
        self._long: OrderedDict[str, int] = OrderedDict()
        self._plain = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> Entry | None:
        return await self.read(key)

    _gets = _get

    async def read(self, key: str) -> Entry | None:
        """The entry. Only one that is long and packed is waited for."""
        slot = self._slot(key)
        if slot is None:
            return None
        if slot.packed is None:
            return slot.entry
        if slot.size > AT_ONCE:
            return await asyncio.to_thread(slot.unpacked)
        entry = slot.unpacked()
        if slot.size <= self.most_plain:
            # It is asked for again: from now on as it came.
            self._put(key, Slot(entry, slot.expires))
        return entry

    def _slot(self, key: str) -> Slot | None:
        """The place of the entry, which counts as asked for."""
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
        return slot

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
        packed = None
        if len(value.body) > max(AT_ONCE, self.most_plain):
            # Plain, it would push everything else out before its turn to be packed.
            packed = await asyncio.to_thread(zlib.compress, value.body, _LEVEL)
        kept = self._keep(key, value, ttl, packed)
        if self._long:
            await self._pack_long(self.most_plain)
        return kept

    def _keep(self, key: str, value: Entry, ttl: float | None, packed: bytes | None) -> bool:
        slot = Slot(value, None if ttl is None else self._monotonic() + ttl)
        if packed is not None:
            slot.fill(packed)
        if slot.cost > self.max_bytes:
            self._drop(key)
            return False
        self._put(key, slot)
        return True

    def _put(self, key: str, slot: Slot) -> None:
        self._drop(key)
        self._kept[key] = slot
        self.bytes += slot.cost
        if not slot.tried:
            (self._short if slot.size <= AT_ONCE else self._long)[key] = slot.size
            self._plain += slot.size
        self._pack_short(self.most_plain)
        while self.bytes > self.max_bytes:
            self._drop(next(iter(self._kept)))

    def _pack_short(self, most: int) -> None:
        """Packs what is short and older than the plain bodies of `most` bytes."""
        while self._short and self._plain > most:
            key = next(iter(self._short))
            self._pack(key, zlib.compress(self._kept[key].entry.body, _LEVEL))

    async def _pack_long(self, most: int) -> None:
        """The same for what is long, beside the event loop."""
        while self._long and self._plain > most:
            key = next(iter(self._long))
            slot = self._kept[key]
            packed = await asyncio.to_thread(zlib.compress, slot.entry.body, _LEVEL)
            # Meanwhile it may have been dropped, replaced, or packed by another.
            if self._kept.get(key) is slot and not slot.tried:
                self._pack(key, packed)

    def _pack(self, key: str, packed: bytes) -> None:
        slot = self._kept[key]
        self._plain -= self._short.pop(key, 0) + self._long.pop(key, 0)
        self.bytes -= slot.cost
        slot.fill(packed)
        self.bytes += slot.cost

    async def rest(self) -> None:
        """Drops what may not be used any more, and packs the others."""
        now = self._monotonic()
        for key, slot in list(self._kept.items()):
            if slot.expires is not None and slot.expires <= now:
                self._drop(key)
        await self._pack_long(0)
        while self._short:
            self._pack_short(self._plain - 1)
            await asyncio.sleep(0)

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return self._slot(key) is not None

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
