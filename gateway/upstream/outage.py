"""The breaker of what replicas share: a store that hangs or is gone is left alone for a while.

It is no registry: whatever it would say, the gateway can do without. So one failure is enough to
let it be, every call to it is short, and one call finds out whether it is back.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway import log
from gateway.clock import Chance, Clock
from gateway.upstream.tuning import Tuning
from gateway.within import Within

T = TypeVar("T")
_logger = logging.getLogger(__name__)


class Outage:
    """Shared by all that use one store; `failures` counts by what was asked of it."""

    def __init__(self, clock: Clock, chance: Chance, tuning: Tuning) -> None:
        self._clock = clock
        self._chance = chance
        self._tuning = tuning
        self._until = float("-inf")
        # Since when the store is away, and when that was last found out.
        self._began: float | None = None
        self._found_out = float("-inf")
        self._pauses = 0
        self._trying = False
        self._skipped = 0
        self.failures: Counter[str] = Counter()

    @property
    def over(self) -> bool:
        """Whether the store may be asked now."""
        if self._began is None:
            return True
        return not self._trying and self._clock.monotonic() >= self._until

    @property
    def lasts(self) -> bool:
        """Whether the store was out of reach when it was last asked."""
        return self._began is not None

    async def bound(
        self, what: str, do: Callable[[], Awaitable[T]], seconds: float | None = None
    ) -> T | None:
        """What the store says, in so many seconds at most; None where it is left alone, or fails.

        `what` is one of few words, for the counter and the log.
        """
        if not self.over:
            self._skipped += 1
            return None
        trial = self._began is not None
        self._trying = trial
        began = self._clock.monotonic()
        try:
            with Within(self._tuning.store_patience if seconds is None else seconds):
                found = await do()
        except Exception as error:
            # Drivers raise what they like.
            self._failed(what, error, began)
            return None
        finally:
            if trial:
                self._trying = False
        if trial:
            self._back()
        return found

    def _failed(self, what: str, error: Exception, began: float) -> None:
        self.failures[what] += 1
        if self._began is not None and began < self._found_out:
            # It was under way when another one found out.
            return
        tuning, first = self._tuning, self._began is None
        pause = min(tuning.store_pause * 2**self._pauses, tuning.store_pause_max)
        # A quarter of jitter, so that replicas do not come back in step.
        pause *= 1 + self._chance.random() / 4
        self._pauses = min(self._pauses + 1, 16)
        now = self._clock.monotonic()
        self._until, self._found_out = now + pause, now
        self._began = now if first else self._began
        log.event(
            _logger,
            logging.WARNING,
            "the shared store is out of reach" if first else "the shared store is still away",
            doing=what,
            # The message may name the host or a password; its kind is enough.
            error=type(error).__name__,
            failures=self.failures.total(),
            skipped=self._skipped,
            secondsUntilNextTry=round(pause, 1),
        )

    def _back(self) -> None:
        away = self._clock.monotonic() - (self._began or 0.0)
        log.event(
            _logger,
            logging.WARNING,
            "the shared store is back",
            secondsAway=round(away, 1),
            skipped=self._skipped,
        )
        self._began = None
        self._pauses = self._skipped = 0
