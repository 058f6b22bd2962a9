"""The store of bodies in Redis or Valkey; imported only where it is configured."""

from __future__ import annotations

from typing import Any

from aiocache.backends.redis import RedisCache

from gateway.upstream.entry import EntrySerializer


class RedisStore(RedisCache):  # type: ignore[misc]
    """aiocache's Redis storage with bodies as msgpack. Redis' own `maxmemory` bounds it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(serializer=EntrySerializer(), **options)

    async def _close(self, *args: Any, _conn: Any = None, **kwargs: Any) -> None:
        # aiocache calls a name that redis-py has given up.
        await self.client.aclose()
