"""A clock that is moved by hand; who sleeps on it wakes when its time has come."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2025, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)
_STEP = 0.25


class StepClock:
    """Wall clock and monotonic clock in one, both standing still between `forward` calls."""

    def __init__(self, moment: datetime = BEGAN) -> None:
        self.moment = moment
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return (self.moment - BEGAN).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self.moment + timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (due, self._count, woken))
        await woken

    async def forward(self, seconds: float) -> None:
        """Move on by so many seconds, waking everybody on the way in order."""
        end = self.moment + timedelta(seconds=seconds)
        while self.moment < end:
            self.moment = min(end, self.moment + timedelta(seconds=max(_STEP, seconds / 200)))
            while self._sleepers and self._sleepers[0][0] <= self.moment:
                woken = heapq.heappop(self._sleepers)[2]
                if not woken.done():
                    woken.set_result(None)
                for _ in range(3):
                    await asyncio.sleep(0)
