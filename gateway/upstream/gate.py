"""The gate: when a registry says "later", nobody asks before then."""

from __future__ import annotations

import re

from gateway.clock import Chance, Clock
from gateway.upstream.freshness import http_date
from gateway.upstream.tuning import Tuning

# Some send the header twice, and some write parts of a second.
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_LONGEST = float(2**31)


class Gate:
    """One registry's "not before", on the clock's monotonic axis, shared by all operations.

    `cautious` holds from the first "later" to the next answer: calls then go one at a time, so
    that an opening gate is not a stampede. Each "later" doubles the least wait, whatever the
    header asks for; it falls again step by step, after so many answers in a row, so that a
    registry that says "later" to every other call is asked less and less.
    """

    def __init__(self, clock: Clock, chance: Chance, tuning: Tuning) -> None:
        self._clock = clock
        self._chance = chance
        self._tuning = tuning
        self._not_before = float("-inf")
        self._level = 0
        self._answers = 0
        self._cautious = False

    @property
    def wait(self) -> float:
        """Seconds until the registry may be asked; zero for now."""
        return max(0.0, self._not_before - self._clock.monotonic())

    @property
    def cautious(self) -> bool:
        """Whether the registry has not answered since it last said "later"."""
        return self._cautious

    def refused(self, header: str | None, date: str | None = None) -> float:
        """The registry said "later", with this Retry-After header or none, at this Date; seconds
        to wait."""
        tuning = self._tuning
        # Of those that follow while it is closed, the level is the first one's.
        level = max(0, self._level - 1) if self.wait else self._level
        least = min(tuning.gate_least * 2**level, tuning.gate_backoff_max)
        # A quarter of jitter, so that replicas do not come back in step.
        least *= 1 + self._chance.random() / 4
        asked = retry_after(header, self._clock.now().timestamp(), date)
        if not self.wait:
            # Calls that were under way together are told so together: that is one "later".
            self._level = min(self._level + 1, 16)
        self._answers = 0
        self._cautious = True
        self.close(min(max(least, asked or 0.0), tuning.gate_max))
        return self.wait

    def close(self, seconds: float) -> None:
        """Nobody asks for so long; a longer wait already given stands."""
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def answered(self) -> None:
        """The registry answered again."""
        self._cautious = False
        if self._level:
            self._answers += 1
            if self._answers >= self._tuning.gate_heal:
                self._answers = 0
                self._level -= 1


def retry_after(header: str | None, now: float, date: str | None = None) -> float | None:
    """Seconds that a Retry-After header (RFC 9110 section 10.2.3) asks for, None if it makes no
    sense. A moment is counted from the response's own Date, where it has one: clocks differ. One
    in the past asks for none."""
    if header is None:
        return None
    told = [part.strip() for part in header.split(",")]
    if all(_SECONDS.fullmatch(part) for part in told):
        return max(min(float(part[:12]), _LONGEST) for part in told)
    moment = http_date(header.strip())
    if moment is None:
        return None
    sent = http_date(date) if date is not None else None
    return max(0.0, moment - (now if sent is None else sent))
