"""Decoded bodies, remembered by decoder and digest: bytes that come again are decoded twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar, cast

from adapters.apart import apart_of, is_packed
from adapters.contract import Reply
from gateway.clock import Clock, SystemClock
from gateway.errors import InternalError
from gateway.kept import Kept
from gateway.measure import bytes_of
from gateway.sparing import Sparing
from gateway.upstream.decoding.parcel import part_of
from gateway.upstream.decoding.pool import Pool
from gateway.upstream.decoding.run import Decoded, run
from gateway.upstream.entry import Entry
from gateway.upstream.scheduler import for_all
from gateway.upstream.spoilt import Spoilt

T = TypeVar("T")

_logger = logging.getLogger(__name__)
# Decoders that are slow run apart for bodies so many times smaller than those of others.
_SLOW = 16


class Memo:
    """Bounded by the bytes of the values, which take several times those of their bodies. Values
    that are larger than all the room, as those of whole files are, have a room of their own: to
    read such a file again for each question would take seconds.

    Bodies that are packed or large are decoded by `pool`, in processes of their own, once for all
    who want the same, and their values are kept at once: they are dear. So is finding out that
    there is none, which is remembered for a while.
    """

    def __init__(
        self,
        max_bytes: int,
        pool: Pool | None = None,
        clock: Clock | None = None,
        *,
        large_bytes: int = 0,
    ) -> None:
        clock = clock or SystemClock()
        self._kept = Kept(max_bytes)
        self._large = Kept(large_bytes)
        self._pool = pool
        self._spoilt = Spoilt(clock)
        self._sparing = Sparing(_logger, clock)
        self._under_way: dict[Any, asyncio.Task[Decoded[Any]]] = {}

    def __len__(self) -> int:
        return len(self._kept) + len(self._large)

    @property
    def bytes(self) -> int:
        """Bytes of the values that are kept."""
        return self._kept.size + self._large.size

    def apart(self, decode: Callable[[Reply], object], reply: Reply) -> bool:
        """Whether the body is to be decoded apart from the event loop."""
        if self._pool is None:
            return False
        least, size = self._pool.bounds.least, len(reply.body)
        if size >= least or is_packed(decode):
            return True
        if size < least // _SLOW:
            return False
        found = apart_of(decode)
        return found is not None and found.slow

    async def decode_apart(
        self, decode: Callable[[Reply], T], reply: Reply, digest: str, registry: str
    ) -> Decoded[T]:
        """As `decode`, in a process of its own.

        Raises:
            InvalidPayload: there is no value.
            PayloadTooLarge: it takes more memory or time than it may.
            RegistryShed: too many wait to be decoded.
        """
        key = _key(decode, digest, reply)
        try:
            found = self._find(key)
        except TypeError:  # a decoder that cannot be hashed cannot be remembered
            return await self._doing(decode, reply, registry)
        if found is not None:
            return cast(Decoded[T], found)
        task = self._under_way.get(key)
        if task is None:
            self._spoilt.look(key)
            doing = self._doing(decode, reply, registry)
            task = asyncio.create_task(doing, name="decoding", context=for_all())
            self._under_way[key] = task
            task.add_done_callback(partial(self._done, key))
        # It goes on when whoever waits has to leave: asked again, the value is there.
        return await asyncio.shield(task)

    def _doing(
        self, decode: Callable[[Reply], T], reply: Reply, registry: str
    ) -> Coroutine[Any, Any, Decoded[T]]:
        pool, apart = self._pool, apart_of(decode)
        if pool is not None and apart is not None and part_of(apart.sent, free=apart.free):
            return pool.decode(registry, apart, reply)
        name = getattr(decode, "__qualname__", type(decode).__qualname__)
        if is_packed(decode):
            raise InternalError(f"{name} cannot run in another process")
        # Not of an adapter of this house: those all can, which tests see to. It gets a thread, so
        # that at least the event loop gets its turns.
        self._sparing.tell(
            logging.WARNING,
            "a decoder cannot run apart: give it an `apart` (docs/adapters.md)",
            (registry, name),
            registry=registry,
            decoder=name,
        )
        return asyncio.to_thread(run, decode, reply)

    def _done(self, key: Any, task: asyncio.Task[Decoded[Any]]) -> None:
        del self._under_way[key]
        if task.cancelled():
            return
        # The error is seen here, even when everybody has left.
        error = task.exception()
        if error is None:
            decoded = task.result()
            size = bytes_of(decoded)
            (self._kept if size <= self._kept.most else self._large).keep(key, decoded, size)
        else:
            self._spoilt.note(key, error)

    def known(self, decode: Callable[[Reply], T], entry: Entry) -> Decoded[T] | None:
        """What the decoder made of these bytes before, where that is still kept."""
        try:
            return cast("Decoded[T] | None", self._find(_key(decode, entry.digest, entry)))
        except TypeError:  # a decoder that cannot be hashed cannot be remembered
            return None

    def _find(self, key: Any) -> Any:
        found = self._kept.get(key)
        return self._large.get(key) if found is None else found

    def rest(self) -> None:
        """Forgets every value; the next who asks has the body decoded again."""
        self._kept.clear()
        self._large.clear()

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
        key = _key(decode, digest, reply)
        try:
            found = self._find(key)
        except TypeError:  # a decoder that cannot be hashed cannot be remembered
            return run(decode, reply)
        if found is not None:
            return cast(Decoded[T], found)
        decoded = run(decode, reply)
        # To measure a value takes a part of what making it took: only where it will be kept.
        size = bytes_of(decoded) if self._kept.noted(key) else 0
        if size > self._kept.most:
            self._large.keep(key, decoded, size)
        else:
            self._kept.put(key, decoded, size)
        return decoded


def _key(decode: Callable[[Reply], object], digest: str, told: Reply | Entry) -> Any:
    # Status and media type are part of what a decoder may look at.
    return decode, digest, told.status, told.headers.get("content-type")
