"""Pace: the registry's declared rate, kept by every call whatever it is for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol

from adapters.contract import Politeness
from gateway.clock import Clock
from gateway.upstream.gate import Gate
from gateway.upstream.rate import Rate
from gateway.upstream.replicas import Alone, Replicas

# What is less than this is rounding.
_NOW = 1e-6
# Seconds until it is worth a look whether a request has left.
_LOOK = 0.02


class Pace(Protocol):
    """Where the next call gets its turn."""

    @property
    def interval(self) -> float:
        """Seconds between turns when many wait."""
        ...

    @property
    def ready(self) -> bool:
        """Whether `turn` would give a turn at once."""
        ...

    def least(self, ahead: int) -> float:
        """Seconds that a call with so many before it waits at the very least, so that nobody is
        refused who could have made it."""
        ...

    async def turn(self) -> Taken:
        """Wait for the next turn and take it. Never fails."""
        ...


class Taken:
    """A turn that somebody has. It counts from when it was taken until a window after the request
    left: reaching a registry may take seconds, and what left later arrives later."""

    __slots__ = ("_left",)

    def __init__(self, left: Callable[[], None] | None) -> None:
        self._left = left

    def left(self) -> None:
        """The request leaves now, or never will. Only the first word counts."""
        if self._left is not None:
            self._left()
            self._left = None


# Tells that the request of the call in this context leaves.
LEAVING: ContextVar[Taken] = ContextVar("LEAVING", default=Taken(None))  # noqa: B039 - it has no state


class LocalPace:
    """One process' pace. It remembers the turns that it gave, so that no window of the declared
    length holds more than declared, wherever it begins: a burst is inside the rate."""

    def __init__(self, politeness: Politeness, clock: Clock) -> None:
        self.rate = Rate.of(politeness)
        self._clock = clock
        # When the requests of the last turns left, and how many are yet to leave.
        self._gone: deque[float] = deque(maxlen=self.rate.turns)
        self._open = 0
        # When the last turn was taken, and when the next one would be due if all came evenly.
        self._last = self._due = float("-inf")

    @property
    def interval(self) -> float:
        return self.rate.interval

    @property
    def ready(self) -> bool:
        return not self.wait()

    def wait(self, among: int = 1) -> float:
        """Seconds until a turn is free, or it is worth another look; zero for now. Of so many
        parts of the rate, ours."""
        rate, now = self.rate.shared(among), self._clock.monotonic()
        due = self._due if among == 1 else max(self._due, self._last + rate.interval)
        found = due - (rate.burst - 1) * rate.interval - now
        room = rate.turns - self._open
        if room <= 0:
            found = max(found, _LOOK)
        elif len(self._gone) >= room:
            found = max(found, self._gone[-room] + rate.window - now)
        return found if found > _NOW else 0.0

    def take(self) -> Taken:
        """Take a turn now."""
        self._last = self._clock.monotonic()
        self._due = max(self._due, self._last) + self.rate.interval
        self._open += 1
        return Taken(self._left)

    def _left(self) -> None:
        self._open -= 1
        self._gone.append(self._clock.monotonic())

    def least(self, ahead: int) -> float:
        rate, now = self.rate, self._clock.monotonic()
        even = max(self._due, now) - now + (ahead + 1 - rate.burst) * rate.interval
        # The turn so many before it must have left the window; those yet to leave may do so now.
        gone = [*self._gone, *[now] * self._open][-rate.turns :]
        before, windows = len(gone) + ahead - rate.turns, 0
        while before >= len(gone):
            before, windows = before - rate.turns, windows + 1
        if before < 0:
            return max(0.0, even, windows * rate.window)
        return max(0.0, even, gone[before] + (windows + 1) * rate.window - now)

    async def turn(self) -> Taken:
        while (wait := self.wait()) > 0:
            await self._clock.sleep(wait)
        return self.take()


class SharedPace:
    """The pace of one process within the pace that all replicas share."""

    def __init__(
        self,
        registry: str,
        politeness: Politeness,
        replicas: Replicas,
        *,
        gate: Gate,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._local = LocalPace(politeness, clock)
        self._replicas = replicas
        self._gate = gate
        self._clock = clock
        self._turning = asyncio.Lock()
        # Requests that left so long after their turn that the others count them again.
        self._late = 0

    @property
    def interval(self) -> float:
        return self._local.interval

    @property
    def ready(self) -> bool:
        # Others are asked over the network, which takes its time.
        alone = isinstance(self._replicas, Alone)
        return alone and not self._turning.locked() and self._local.ready

    def least(self, ahead: int) -> float:
        return self._local.least(ahead)

    async def turn(self) -> Taken:
        # One after the other: between the look at our own turns and the others' word, nobody
        # else of this process takes one.
        async with self._turning:
            among = 1
            while True:
                if (wait := self._local.wait(among)) > 0:
                    await self._clock.sleep(wait)
                    continue
                late, self._late = self._late, 0
                told = await self._replicas.turn(self._registry, self._local.rate, late)
                if told.shut:
                    # Another replica was told to wait. No turn was taken, and with the gate
                    # closed none will be used.
                    self._gate.close(told.shut)
                    return Taken(None)
                if told.wait:
                    await self._clock.sleep(told.wait)
                    continue
                among = told.among
                if not self._local.wait(among):
                    return self._noted(self._local.take())

    def _noted(self, taken: Taken) -> Taken:
        if isinstance(self._replicas, Alone):
            return taken
        began = self._clock.monotonic()

        def left() -> None:
            taken.left()
            if self._clock.monotonic() - began > self._local.rate.slack:
                self._late += 1

        return Taken(left)
