"""The store of bodies in Redis or Valkey; imported only where it is configured."""

from __future__ import annotations

import asyncio
from typing import Any

from aiocache.backends.redis import RedisCache

from gateway.upstream import scripts
from gateway.upstream.entry import Entry, EntrySerializer
from gateway.upstream.port import NullSerializer
from gateway.upstream.seal import Seal

# What the script for reading says.
_THERE, _NOT_OURS = 1, 2
_LARGE = 1024 * 1024


class RedisStore(RedisCache):  # type: ignore[misc]
    """aiocache's Redis storage with bodies as msgpack. Redis' own `maxmemory` bounds it.

    Others may write to it as well. So each entry bears the replicas' mark over its key and
    content, and its body is hashed again: what was changed, moved, cut short or is larger than
    any body may be is dropped, and the registry is asked instead.
    """

    def __init__(self, seal: Seal, *, most: int, **options: Any) -> None:
        self._seal = seal
        self._most = most
        self._entries = EntrySerializer()
        super().__init__(serializer=NullSerializer(), **options)
        self._reading = self.client.register_script(scripts.READ)

    @property
    def refused(self) -> int:
        """Entries that were dropped because they are not what a replica of ours put there."""
        return self._seal.refused

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> Entry | None:
        state, *found = await self._reading(keys=[key], args=[self._most])
        if int(state) != _THERE:
            if int(state) == _NOT_OURS:
                self._seal.refuse()
            return None
        sealed = found[0]
        if len(sealed) < _LARGE:
            entry = self._opened(key, sealed)
        else:
            # Marks and hashes of megabytes hold nobody up in a thread.
            entry = await asyncio.to_thread(self._opened, key, sealed)
        if entry is None:
            await self.client.delete(key)
        return entry

    def _opened(self, key: str, sealed: bytes) -> Entry | None:
        content = self._seal.opened(key, sealed)
        if content is None:
            return None
        entry = self._entries.loads(content)
        if entry is None:
            self._seal.refuse()
        return entry

    def _closed(self, key: str, entry: Entry) -> bytes:
        return self._seal.closed(key, self._entries.dumps(entry))

    async def _set(
        self,
        key: str,
        value: Entry,
        ttl: float | None = None,
        _cas_token: Any = None,
        _conn: Any = None,
    ) -> Any:
        if len(value.body) < _LARGE:
            sealed = self._closed(key, value)
        else:
            sealed = await asyncio.to_thread(self._closed, key, value)
        return await super()._set(key, sealed, ttl=ttl)

    async def _close(self, *args: Any, _conn: Any = None, **kwargs: Any) -> None:
        # aiocache calls a name that redis-py has given up.
        await self.client.aclose()
