"""Pace: the registry's declared rate, kept by every call whatever it is for."""

from __future__ import annotations

from typing import Protocol

from aiolimiter import AsyncLimiter

from adapters.contract import Politeness
from gateway.clock import Clock
from gateway.upstream.gate import Gate
from gateway.upstream.replicas import Alone, Replicas


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

    @property
    def ready(self) -> bool:
        return self._bucket.has_capacity()

    def least(self, ahead: int) -> float:
        turns = ahead + 1 - self._burst if self._bucket.has_capacity() else ahead
        return max(0.0, turns * self.interval)

    async def turn(self) -> None:
        await self._bucket.acquire()


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
        self._burst = max(1, politeness.burst)
        self._local = LocalPace(politeness)
        self._replicas = replicas
        self._gate = gate
        self._clock = clock

    @property
    def interval(self) -> float:
        return self._local.interval

    @property
    def ready(self) -> bool:
        # Others are asked over the network, which takes its time.
        return isinstance(self._replicas, Alone) and self._local.ready

    def least(self, ahead: int) -> float:
        return self._local.least(ahead)

    async def turn(self) -> None:
        await self._local.turn()
        while True:
            wait, shut = await self._replicas.turn(self._registry, self.interval, self._burst)
            if shut:
                # Another replica was told to wait. No turn was taken, and with the gate closed
                # none will be used.
                self._gate.close(shut)
                return
            if not wait:
                return
            await self._clock.sleep(wait)
