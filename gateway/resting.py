"""Rest: when nothing was asked for a while, caches shrink and free memory is given back.

Nothing that is forgotten here is more than a short way to what can be asked or made again, so that
answers are the same with and without it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.clock import Clock

# Looks in the time that has to pass with nothing asked.
_LOOKS = 4


class Asked(Protocol):
    """What tells whether anything is asked."""

    admitted: int
    in_flight: int


class Rest:
    """Calls `shrink` once when nothing was asked for `idle` seconds, and again after the next time
    that something was."""

    def __init__(
        self, clock: Clock, idle: float, admission: Asked, shrink: Callable[[], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._idle = idle
        self._admission = admission
        self._shrink = shrink
        self._seen = admission.admitted
        self._since = clock.monotonic()
        self._resting = False

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._clock.sleep(self._idle / _LOOKS)
            await self.look()

    async def look(self) -> None:
        """One look; shrinks where it is time to."""
        now, asked = self._clock.monotonic(), self._admission.admitted
        if asked != self._seen or self._admission.in_flight:
            self._seen, self._since, self._resting = asked, now, False
        elif not self._resting and now - self._since >= self._idle:
            self._resting = True
            await self._shrink()
