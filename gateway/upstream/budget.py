"""The retry budget: retries stay a small share of calls, so that they never make a storm."""

from __future__ import annotations

from collections import deque

from gateway.clock import Clock
from gateway.upstream.tuning import Tuning


class RetryBudget:
    """Counts calls and retries of one registry over a sliding window."""

    def __init__(self, clock: Clock, tuning: Tuning) -> None:
        self._clock = clock
        self._tuning = tuning
        self._calls: deque[float] = deque(maxlen=100_000)
        self._retries: deque[float] = deque(maxlen=100_000)

    def called(self) -> None:
        """A first attempt is made."""
        self._calls.append(self._clock.monotonic())

    def spend(self) -> bool:
        """Take one retry out of the budget, if there is one."""
        since = self._clock.monotonic() - self._tuning.budget_window
        for seen in (self._calls, self._retries):
            while seen and seen[0] <= since:
                seen.popleft()
        allowed = self._tuning.budget_share * len(self._calls) + self._tuning.budget_floor
        if len(self._retries) + 1 > allowed:
            return False
        self._retries.append(self._clock.monotonic())
        return True
