"""The gate: when a registry says "later", nobody asks before then."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.upstream.freshness import http_date


class Gate:
    """One registry's "not before", on the clock's monotonic axis, shared by all operations.

    `cautious` holds from the first "later" to the next answer: calls then go one at a time, so
    that an opening gate is not a stampede.
    """

    def __init__(self, clock: Clock, most: float) -> None:
        self._clock = clock
        self._most = most
        self._not_before = float("-inf")
        self._refusals = 0

    @property
    def wait(self) -> float:
        """Seconds until the registry may be asked; zero for now."""
        return max(0.0, self._not_before - self._clock.monotonic())

    @property
    def cautious(self) -> bool:
        """Whether the registry has not answered since it last said "later"."""
        return self._refusals > 0

    def refused(self, header: str | None) -> float:
        """The registry said "later", with this Retry-After header or none; seconds to wait."""
        asked = retry_after(header, self._clock.now().timestamp())
        if asked is None:
            asked = float(min(2**self._refusals, 60))
        self._refusals = min(self._refusals + 1, 16)
        self.close(min(asked, self._most))
        return self.wait

    def close(self, seconds: float) -> None:
        """Nobody asks for so long; a longer wait already given stands."""
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def answered(self) -> None:
        """The registry answered again."""
        self._refusals = 0


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header (RFC 9110 section 10.2.3) asks for, None if it makes no
    sense. A date in the past asks for none."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), 2**31))
    moment = http_date(text)
    return None if moment is None else max(0.0, moment - now)
