"""Decoded bodies, remembered by decoder and digest: bytes that come again are decoded twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from adapters.apart import apart_of, is_packed
from adapters.contract import Reply
from gateway.errors import InternalError
from gateway.kept import Kept
from gateway.upstream.decoding.parcel import part_of
from gateway.upstream.decoding.pool import Pool
from gateway.upstream.decoding.run import Decoded, run

T = TypeVar("T")


class Memo:
    """Bounded by the bytes of the bodies behind the values.

    Bodies that are packed or large are decoded by `pool`, in processes of their own, once for all
    who want the same, and their values are kept at once: they are dear.
    """

    def __init__(self, max_bytes: int, pool: Pool | None = None) -> None:
        self._kept = Kept(max_bytes)
        self._pool = pool
        self._under_way: dict[Any, asyncio.Task[Decoded[Any]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """Bytes of the bodies whose values are kept."""
        return self._kept.size

    def apart(self, decode: Callable[[Reply], object], reply: Reply) -> bool:
        """Whether the body is to be decoded in a process of its own, where that can be."""
        pool = self._pool
        return pool is not None and (len(reply.body) >= pool.bounds.least or is_packed(decode))

    async def decode_apart(
        self, decode: Callable[[Reply], T], reply: Reply, digest: str, registry: str
    ) -> Decoded[T]:
        """As `decode`, in a process of its own.

        Raises:
            InvalidPayload: there is no value.
            PayloadTooLarge: it takes more memory or time than it may.
            RegistryShed: too many wait to be decoded.
        """
        pool, apart = self._pool, apart_of(decode)
        if pool is None or apart is None or part_of(apart.sent, free=apart.free) is None:
            if is_packed(decode):
                raise InternalError(f"{decode!r} cannot run in another process")
            return self.decode(decode, reply, digest)
        key = (decode, digest, reply.status, reply.headers.get("content-type"))
        found = self._kept.get(key)
        if found is not None:
            return cast(Decoded[T], found)
        task = self._under_way.get(key)
        if task is None:
            doing = pool.decode(registry, apart, reply)
            task = self._under_way[key] = asyncio.create_task(doing, name="decoding")
            task.add_done_callback(partial(self._done, key, len(reply.body)))
        # It goes on when whoever waits has to leave: asked again, the value is there.
        return await asyncio.shield(task)

    def _done(self, key: Any, size: int, task: asyncio.Task[Decoded[Any]]) -> None:
        del self._under_way[key]
        # The error is seen here, even when everybody has left.
        if not task.cancelled() and task.exception() is None:
            self._kept.keep(key, task.result(), size)

    async def close(self) -> None:
        """Gives up what is being decoded."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def decode(self, decode: Callable[[Reply], T], reply: Reply, digest: str) -> Decoded[T]:
        """The decoder's value for these bytes, whether it runs now or ran before.

        Raises:
            InvalidPayload: whatever the decoder raised.
        """
        # Status and media type are part of what a decoder may look at.
        key = (decode, digest, reply.status, reply.headers.get("content-type"))
        try:
            found = self._kept.get(key)
        except TypeError:  # a decoder that cannot be hashed cannot be remembered
            return run(decode, reply)
        if found is not None:
            return cast(Decoded[T], found)
        decoded = run(decode, reply)
        self._kept.put(key, decoded, len(reply.body))
        return decoded
