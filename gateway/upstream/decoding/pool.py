"""Decoding in processes of its own: bounded, and the end of one costs one registry one answer."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from adapters.apart import Apart
from adapters.contract import Reply
from gateway.errors import (
    InternalError,
    InvalidPayload,
    PayloadTooLarge,
    RegistryError,
    RegistryShed,
)
from gateway.upstream.decoding.bounds import Bounds
from gateway.upstream.decoding.frames import Refusal
from gateway.upstream.decoding.nursery import NURSERY, Child, Nursery
from gateway.upstream.decoding.parcel import part_of
from gateway.upstream.decoding.run import Decoded
from gateway.upstream.decoding.work import Broken, Unstarted, Work
from gateway.upstream.spoilt import Unsure

# How a process ends that went beyond its memory, by the kernel's doing, or beyond its time.
_OVER = frozenset({-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGALRM})


class Pool:
    """At most `bounds.processes` decodings at once, one of each registry, the others in turn.

    `ends` counts decodings by their outcome.
    """

    def __init__(self, bounds: Bounds, nursery: Nursery = NURSERY) -> None:
        self.bounds = bounds
        self.ends: Counter[str] = Counter()
        self.waiting = 0
        self._nursery = nursery
        self._turns = asyncio.Semaphore(bounds.processes)
        self._own: dict[str, asyncio.Semaphore] = {}
        self._idle: list[Child] = []
        self._at_work: set[Work] = set()
        self._threads: ThreadPoolExecutor | None = None
        self._rest: asyncio.TimerHandle | None = None

    @property
    def alive(self) -> tuple[int, ...]:
        """The numbers of the processes that there are."""
        busy = [work.child for work in self._at_work if work.child is not None]
        return tuple(child.number for child in (*self._idle, *busy) if not child.ended)

    async def decode(self, registry: str, apart: Apart, reply: Reply) -> Decoded[Any]:
        """The decoder's value for the body, made in another process.

        Raises:
            InvalidPayload: there is none, or the process ended over it.
            PayloadTooLarge: it takes more memory or time than it may.
            RegistryShed: too many wait, or there can be no process.
            InternalError: what the decoder returns cannot be sent between processes.
        """
        part = part_of(apart.sent, free=apart.free)
        if part is None:
            raise InternalError(f"{apart.maker}: what it gives cannot be sent")
        try:
            async with self._turn(registry):
                child = self._idle.pop() if self._idle else None
                work = Work(self._nursery, child, apart, part, reply, self.bounds)
                value = await self._done(work)
        except RegistryError as error:
            self.ends[error.outcome.value.lower()] += 1
            raise
        self.ends["ok"] += 1
        return value

    @asynccontextmanager
    async def _turn(self, registry: str) -> AsyncIterator[None]:
        """Waits until the registry, and then a process, is free."""
        if self.waiting >= self.bounds.queue:
            raise RegistryShed("too many bodies wait to be decoded; ask again later")
        own = self._own.setdefault(registry, asyncio.Semaphore(1))
        self.waiting += 1
        try:
            await own.acquire()
        except BaseException:
            self.waiting -= 1
            raise
        try:
            try:
                await self._turns.acquire()
            finally:
                self.waiting -= 1
            try:
                yield
            finally:
                self._turns.release()
        finally:
            own.release()

    async def _done(self, work: Work) -> Decoded[Any]:
        """The value, or the error that the process said or its end means."""
        if self._threads is None:
            # One sees a decoding to its end, another one may have to end it.
            self._threads = ThreadPoolExecutor(2 * self.bounds.processes, "decoding")
        running = asyncio.get_running_loop().run_in_executor(self._threads, work.run)
        self._at_work.add(work)
        try:
            try:
                done, _ = await asyncio.wait({running}, timeout=self.bounds.seconds)
            except asyncio.CancelledError:
                await self._end(work, running)
                raise
            if not done:
                await self._end(work, running)
                limit = f"{self.bounds.seconds:g} seconds"
                raise PayloadTooLarge(f"decoding the body takes more than {limit}")
            try:
                value = running.result()
            except Unstarted:
                raise RegistryShed("no process could be started to decode the body") from None
            except Broken as error:
                code = await self._end(work, running)
                raise (error.error or _ended(code)) from error
        finally:
            self._at_work.discard(work)
        if work.child is not None:
            self._idle.append(work.child)
            self._rest_later()
        if isinstance(value, Refusal):
            raise value.error()
        return value

    async def _end(self, work: Work, running: asyncio.Future[Any]) -> int:
        code = await asyncio.get_running_loop().run_in_executor(self._threads, work.end)
        await asyncio.wait({running})
        running.exception()  # seen
        return code

    def _rest_later(self) -> None:
        """Ends what is idle when it was that for a while: its memory is better used elsewhere."""
        if self._rest is not None:
            self._rest.cancel()
        loop = asyncio.get_running_loop()
        self._rest = loop.call_later(self.bounds.idle, self._end_idle)

    def _end_idle(self) -> None:
        idle, self._idle = self._idle, []
        threads = self._threads
        if threads is not None:
            threads.submit(self._end_all, idle)

    def _end_all(self, children: list[Child]) -> None:
        """One after the other: the nursery rests only where it has none left."""
        for child in children:
            self._nursery.end(child)
        self._nursery.rest()

    async def close(self) -> None:
        """Ends every process; what is at work is given up."""
        if self._rest is not None:
            self._rest.cancel()
        threads, self._threads = self._threads, None
        if threads is None:
            return
        idle, self._idle = self._idle, []
        children = [*idle, *(work.child for work in self._at_work if work.child is not None)]
        for child in children:
            threads.submit(self._nursery.end, child)
        await asyncio.to_thread(threads.shutdown)


def _ended(code: int) -> RegistryError:
    """What the end of a process says of the body that it read."""
    if code in _OVER:
        return PayloadTooLarge("decoding the body takes more memory or time than it may")
    if code == 0:
        # Its nursery is gone, which may be for another reason.
        return Unsure("the process that decoded the body is gone")
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    return InvalidPayload(f"the body ended the process that decoded it ({how})")
