"""Single flight: identical reads that are under way share one call and its end, good or bad."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.clock import Clock

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Allowance:
    """What a flight may spend: the latest deadline of those who wait, and their rank.

    `attempts` counts what was sent so far, for those who cannot wait for the end.
    """

    deadline: float
    bulk: bool = False
    attempts: int = 0

    def widen(self, deadline: float, bulk: bool) -> None:
        """Another caller joins: the flight may take as long as the most patient one waits, and
        is as urgent as the most urgent one."""
        self.deadline = max(self.deadline, deadline)
        self.bulk = self.bulk and bulk


@dataclass(slots=True, eq=False)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    allowance: Allowance
    waiting: int = 0


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
        begin: Callable[[Allowance], Awaitable[T]],
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
        flight.waiting += 1
        loop = asyncio.get_running_loop()
        when = loop.time() + deadline - self._clock.monotonic()
        try:
            async with asyncio.timeout_at(when):
                return await asyncio.shield(flight.task), collapsed
        except TimeoutError:
            raise Left(flight.allowance.attempts) from None
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is not None and not me.cancelling():
                # Not the caller was cancelled but the flight, when the door closed.
                raise Left(flight.allowance.attempts) from None
            raise
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                # Nobody may join a flight that is being called off.
                self._flights.pop(key, None)
                flight.task.cancel()

    def _begin(
        self, key: str, allowance: Allowance, begin: Callable[[Allowance], Awaitable[T]]
    ) -> _Flight[T]:
        async def fly() -> T:
            return await begin(allowance)

        flight = _Flight(asyncio.create_task(fly(), name=f"flight {key}"), allowance)
        self._flights[key] = flight
        self._tasks.add(flight.task)

        def land(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            if self._flights.get(key) is flight:
                del self._flights[key]
            if not task.cancelled():
                task.exception()  # seen, even when everybody has left

        flight.task.add_done_callback(land)
        return flight

    async def close(self) -> None:
        """Call off every flight and wait until each has let go of its connection."""
        self._flights.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
