"""Batching: everything asked for in one turn of the event loop is read with one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Batch(Generic[Key, Value]):
    """Loads values by key, each key once; `read` gives a value per key, in order.

    Failures of `read` reach everyone who waits for it.
    """

    def __init__(self, read: Callable[[Sequence[Key]], Awaitable[Sequence[Value]]]) -> None:
        self._read = read
        # Keys that are read together share a future.
        self._known: dict[Key, asyncio.Future[Mapping[Key, Value]]] = {}
        self._next: asyncio.Future[Mapping[Key, Value]] | None = None
        self._waiting: list[Key] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: Key) -> Value:
        """The value of the key, read together with all that are asked for in this turn.

        One who stops waiting does not take the value from the others.
        """
        # Each waits for a future of his own; `asyncio.shield` does that too, at a higher price.
        mine: asyncio.Future[Mapping[Key, Value]] = asyncio.get_running_loop().create_future()
        self._batch(key).add_done_callback(partial(_hand_on, mine))
        return (await mine)[key]

    async def load_all(self, keys: Sequence[Key]) -> list[Value | BaseException]:
        """What `load` gives for each of the keys, or the failure that it raises."""
        batches = [self._batch(key) for key in keys]
        distinct = dict.fromkeys(batches)
        if distinct:
            await asyncio.wait(distinct)
        failed = {batch: error for batch in distinct if (error := batch.exception()) is not None}
        return [
            failed[batch] if batch in failed else batch.result()[key]
            for key, batch in zip(keys, batches, strict=True)
        ]

    def _batch(self, key: Key) -> asyncio.Future[Mapping[Key, Value]]:
        known = self._known.get(key)
        if known is None:
            if self._next is None:
                loop = asyncio.get_running_loop()
                self._next = loop.create_future()
                # Two turns later: the resolvers of all siblings have then run.
                loop.call_soon(loop.call_soon, self._start, self._next)
            known = self._known[key] = self._next
            self._waiting.append(key)
        return known

    def _start(self, batch: asyncio.Future[Mapping[Key, Value]]) -> None:
        keys, self._waiting, self._next = self._waiting, [], None
        task = asyncio.get_running_loop().create_task(self._run(keys, batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, keys: Sequence[Key], batch: asyncio.Future[Mapping[Key, Value]]) -> None:
        try:
            values = await self._read(keys)
            found = dict(zip(keys, values, strict=True))
        except BaseException as error:
            batch.set_exception(error)
            # Nobody may be left to look at it.
            batch.exception()
            if not isinstance(error, Exception):
                raise
            return
        batch.set_result(found)


def _hand_on(mine: asyncio.Future[Value], batch: asyncio.Future[Value]) -> None:
    if mine.done():
        return
    error = batch.exception()
    if error is None:
        mine.set_result(batch.result())
    else:
        mine.set_exception(error)
