"""The tally of one registry: what became of recent attempts, and counts since the start."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from datetime import datetime
from statistics import median

from gateway.clock import Clock
from gateway.errors import Outcome

_RECENT = 100
_WINDOW = 300.0
# Upper edges in seconds; the last holds whatever is slower.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, float("inf"))


class Tally:
    """Counts only what was sent, except for the counters that say what need not be sent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: deque[tuple[float, Outcome, float]] = deque(maxlen=_RECENT)
        self.last_outcome: Outcome | None = None
        self.last_success: datetime | None = None
        self.requests = 0
        self.calls = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.buckets = [0] * len(BUCKETS)
        self.seconds = 0.0
        self.received_bytes = 0
        self.attempts = 0
        self.retries = 0
        self.cache_hits = 0
        self.revalidations = 0
        self.stale_served = 0
        self.refused = 0
        self.collapsed = 0
        self.opened = 0

    def add(self, outcome: Outcome, began: float) -> None:
        """An attempt that began then (monotonic seconds) has ended."""
        now = self._clock.monotonic()
        self._recent.append((now, outcome, now - began))
        self.attempts += 1
        self.last_outcome = outcome
        self.outcomes[outcome] += 1
        if outcome is Outcome.OK:
            self.last_success = self._clock.now()
            self.buckets[bisect_left(BUCKETS, now - began)] += 1
            self.seconds += now - began

    def _since(self) -> list[tuple[float, Outcome, float]]:
        after = self._clock.monotonic() - _WINDOW
        return [one for one in self._recent if one[0] >= after]

    @property
    def success_rate(self) -> float | None:
        """The share of recent attempts that were answered, None where there were none."""
        recent = self._since()
        if not recent:
            return None
        return sum(outcome is Outcome.OK for _, outcome, _ in recent) / len(recent)

    @property
    def latency_ms(self) -> int | None:
        """The median of recent answers, None where there were none."""
        took = [taken for _, outcome, taken in self._since() if outcome is Outcome.OK]
        return int(median(took) * 1000) if took else None
