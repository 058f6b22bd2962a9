"""A registry's declared rate, in the numbers that turns are counted by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from adapters.contract import Politeness

# Turns are counted when they are given, and requests arrive a little later, some more than
# others. So a period is taken for so much longer, at most by so many seconds.
_SLACK = 0.02
_SLACK_MAX = 1.0
# More turns than this are counted in shorter windows, which hold together at most as many.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `turns` in any `window` seconds, wherever it begins; of these `burst` at once, the
    others `interval` seconds apart. `slack` of the window is for requests that arrive late."""

    turns: int
    window: float
    interval: float
    burst: int
    slack: float = 0.0

    @classmethod
    def of(cls, politeness: Politeness) -> Rate:
        """The rate that a registry or its operator declares; the burst is a part of it."""
        rate, period = politeness.rate, politeness.period
        interval = period / rate
        if rate < 1:
            # Fewer than one in a period is one in a longer one.
            rate, period = 1.0, interval
        whole = math.floor(rate)
        parts = -(-whole // _MOST)
        turns, window = whole // parts, period / parts
        slack = min(window * _SLACK, _SLACK_MAX)
        burst = min(max(1, politeness.burst), turns)
        return cls(turns, window + slack, interval, burst, slack)

    def shared(self, among: int) -> Rate:
        """One of so many equal parts of the rate, for who cannot ask the others."""
        if among <= 1:
            return self
        interval, burst = self.interval * among, max(1, self.burst // among)
        if self.turns >= among:
            return Rate(self.turns // among, self.window, interval, burst)
        return Rate(1, self.window * among / self.turns, interval, 1)
