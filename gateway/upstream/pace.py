"""Pace: the registry's declared rate, kept by every call whatever it is for."""

from __future__ import annotations

from typing import Protocol

from aiolimiter import AsyncLimiter

from adapters.contract import Politeness


class Pace(Protocol):
    """Where the next call gets its turn."""

    @property
    def interval(self) -> float:
        """Seconds between turns when many wait."""
        ...

    def least(self, ahead: int) -> float:
        """Seconds that a call with so many before it waits at the very least, so that nobody is
        refused who could have made it."""
        ...

    async def turn(self) -> None:
        """Wait for the next turn and take it. Never fails."""
        ...


class LocalPace:
    """One process' pace: a leaky bucket as deep as the declared burst. In any span of t seconds
    at most `burst + t * rate / period` turns are given."""

    def __init__(self, politeness: Politeness) -> None:
        self._burst = max(1, politeness.burst)
        self.interval = politeness.period / politeness.rate
        self._bucket = AsyncLimiter(self._burst, self._burst * self.interval)

    def least(self, ahead: int) -> float:
        turns = ahead + 1 - self._burst if self._bucket.has_capacity() else ahead
        return max(0.0, turns * self.interval)

    async def turn(self) -> None:
        await self._bucket.acquire()
