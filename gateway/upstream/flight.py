"""Single flight: identical reads that are under way share one call and its end, good or bad."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from gateway.clock import Clock
from gateway.upstream.scheduler import for_all, working_for
from gateway.upstream.shares import Account

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Allowance:
    """What a flight may spend: the latest deadline of those who wait (monotonic seconds),
    and their rank.

    `account` is the client among them who used least of late. `attempts` counts what was sent so
    far, for those who cannot wait for the end.
    """

    deadline: float
    bulk: bool = False
    attempts: int = 0
    account: Account | None = field(default_factory=working_for)

    @property
    def rank(self) -> tuple[bool, float]:
        """Who goes first: the least."""
        return self.bulk, 0.0 if self.account is None else self.account.standing

    def widen(self, deadline: float, bulk: bool) -> None:
        """Another caller joins: the flight may take as long as the most patient one waits, and
        is as urgent as the most urgent one."""
        self.deadline = max(self.deadline, deadline)
        self.bulk = self.bulk and bulk
        other = working_for()
        if other is None or self.account is None:
            self.account = None
        elif other.standing < self.account.standing:
            self.account = other


class _Flight(Generic[T]):
    __slots__ = ("allowance", "key", "task", "waiting")

    def __init__(self, key: str, allowance: Allowance, task: asyncio.Task[T]) -> None:
        self.key = key
        self.allowance = allowance
        self.task = task
        self.waiting: list[asyncio.Future[T]] = []

    def leave(self, caller: asyncio.Future[T]) -> None:
        """The caller's time is up."""
        if not caller.done():
            caller.set_exception(Left(self.allowance.attempts))


class Left(Exception):
    """The flight did not end in time for this caller."""

    def __init__(self, attempts: int) -> None:
        super().__init__()
        self.attempts = attempts


class Flights(Generic[T]):
    """The flights of one registry. A caller who leaves takes nobody with him; when the last one
    leaves, the flight is called off."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._flights: dict[str, _Flight[T]] = {}
        self._tasks: set[asyncio.Task[T]] = set()

    def __len__(self) -> int:
        return len(self._flights)

    async def join(
        self,
        key: str,
        deadline: float,
        bulk: bool,
        begin: Callable[[Allowance], Coroutine[Any, Any, T]],
    ) -> tuple[T, bool]:
        """The flight's result, and whether another caller had begun it.

        Raises:
            Left: at the caller's deadline, or when the door closes.
        """
        flight = self._flights.get(key)
        collapsed = flight is not None
        if flight is None:
            flight = self._begin(key, Allowance(deadline, bulk), begin)
        else:
            flight.allowance.widen(deadline, bulk)
        # A future of the caller's own: one who leaves takes nobody with him.
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[T] = loop.create_future()
        flight.waiting.append(mine)
        timer = loop.call_later(deadline - self._clock.monotonic(), flight.leave, mine)
        try:
            return await mine, collapsed
        finally:
            timer.cancel()
            flight.waiting.remove(mine)
            if mine.done() and not mine.cancelled():
                mine.exception()  # seen, even when its caller was cancelled meanwhile
            if not flight.waiting and not flight.task.done():
                # Nobody may join a flight that is being called off.
                self._flights.pop(key, None)
                flight.task.cancel()

    def _begin(
        self, key: str, allowance: Allowance, begin: Callable[[Allowance], Coroutine[Any, Any, T]]
    ) -> _Flight[T]:
        task = asyncio.create_task(begin(allowance), name="flight", context=for_all())
        flight = self._flights[key] = _Flight(key, allowance, task)
        self._tasks.add(task)
        task.add_done_callback(partial(self._land, flight))
        return flight

    def _land(self, flight: _Flight[T], task: asyncio.Task[T]) -> None:
        self._tasks.discard(task)
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        if task.cancelled():
            # The door closed.
            for caller in flight.waiting:
                flight.leave(caller)
            return
        error = task.exception()  # seen, even when everybody has left
        for caller in flight.waiting:
            if caller.done():
                continue
            if error is None:
                caller.set_result(task.result())
            else:
                caller.set_exception(error)

    async def close(self) -> None:
        """Call off every flight and wait until each has let go of its connection."""
        self._flights.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
