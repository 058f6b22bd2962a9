"""The default store: a cache in memory that is bounded in bytes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from gateway.upstream.entry import Entry

# What an entry costs besides its body: headers, keys, objects. Measured at 1.1 to 1.6 KiB.
_OVERHEAD = 2048


class BoundedMemoryCache(BaseCache):  # type: ignore[misc]
    """aiocache's storage port over a dictionary, least recently used out first.

    aiocache's own memory cache has no bound. Entries are frozen and hold `bytes`, so keeping
    them by reference is safe. `max_bytes` bounds bodies plus a flat cost per entry.
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
        self.bytes = 0
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[Entry, float | None, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> Entry | None:
        return self.find(key)

    def find(self, key: str) -> Entry | None:
        """The entry; there is nothing here to wait for."""
        found = self._kept.get(key)
        if found is None:
            return None
        entry, expires, _ = found
        if expires is not None and expires <= self._monotonic():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return entry

    _gets = _get

    async def _set(
        self,
        key: str,
        value: Entry,
        ttl: float | None = None,
        _cas_token: Any = None,
        _conn: Any = None,
    ) -> bool:
        return self.keep(key, value, ttl)

    def keep(self, key: str, value: Entry, ttl: float | None) -> bool:
        """Keep the entry, unless it is larger than all the room; whether it is kept."""
        self._drop(key)
        cost = len(value.body) + _OVERHEAD
        if cost > self.max_bytes:
            return False
        expires = None if ttl is None else self._monotonic() + ttl
        self._kept[key] = (value, expires, cost)
        self.bytes += cost
        while self.bytes > self.max_bytes:
            self._drop(next(iter(self._kept)))
        return True

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return await self._get(key) is not None

    async def _expire(self, key: str, ttl: float, _conn: Any = None) -> bool:
        found = self._kept.get(key)
        if found is None:
            return False
        self._kept[key] = (found[0], self._monotonic() + ttl, found[2])
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
        self.bytes -= found[2]
        return 1
