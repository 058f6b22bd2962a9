"""Batching: everything asked for in one turn of the event loop is read with one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Batch(Generic[Key, Value]):
    """Loads values by key, each key once; `read` gives a value per key, in order.

    Failures of `read` reach everyone who waits for it.
    """

    def __init__(self, read: Callable[[Sequence[Key]], Awaitable[Sequence[Value]]]) -> None:
        self._read = read
        self._known: dict[Key, asyncio.Future[Value]] = {}
        self._waiting: list[Key] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: Key) -> Value:
        """The value of the key, read together with all that are asked for in this turn.

        One who stops waiting does not take the value from the others.
        """
        return await asyncio.shield(self.ask(key))

    def ask(self, key: Key) -> asyncio.Future[Value]:
        """The future of the value, for those who wait for several; not to be cancelled."""
        known = self._known.get(key)
        if known is None:
            loop = asyncio.get_running_loop()
            known = self._known[key] = loop.create_future()
            if not self._waiting:
                # Two turns later: the resolvers of all siblings have then run.
                loop.call_soon(loop.call_soon, self._start)
            self._waiting.append(key)
        return known

    def _start(self) -> None:
        keys, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._run(keys))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, keys: Sequence[Key]) -> None:
        futures = [self._known[key] for key in keys]
        try:
            values = await self._read(keys)
        except BaseException as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
                    future.exception()
            if not isinstance(error, Exception):
                raise
            return
        for future, value in zip(futures, values, strict=True):
            if not future.done():
                future.set_result(value)
