"""The breaker: a registry that fails too often is left alone, then tried with one call."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Chance, Clock
from gateway.upstream.health import BreakerState
from gateway.upstream.tuning import Tuning


@dataclass(slots=True, eq=False)
class Permit:
    """Leave to make one call. Exactly one of its methods is called when the call has ended;
    results of calls that began before the breaker last changed its mind say nothing now."""

    breaker: Breaker
    era: int
    probe: bool
    used: bool = False

    def succeeded(self) -> None:
        """The registry answered, if only to say no."""
        if self._current():
            self.breaker._success(self.probe)

    def failed(self) -> None:
        """The registry is at fault."""
        if self._current():
            self.breaker._failure(self.probe)

    def withdrawn(self) -> None:
        """The call ended in a way that says nothing about the registry."""
        if self._current() and self.probe:
            self.breaker._probing = False

    def _current(self) -> bool:
        if self.used:
            return False
        self.used = True
        return self.era == self.breaker._era


class Breaker:
    """Rolling window of results, one half-open probe at a time.

    Times are on the clock's monotonic axis. Not meant to be shared between replicas: each may
    find out for itself, at the price of one call. `changed` hears of each opening, with its
    seconds, and of the closing.
    """

    def __init__(
        self,
        clock: Clock,
        chance: Chance,
        tuning: Tuning,
        changed: Callable[[BreakerState, float], None] = lambda state, seconds: None,
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._chance = chance
        self._tuning = tuning
        self._results: deque[tuple[float, bool]] = deque(maxlen=tuning.breaker_calls)
        self._open_until: float | None = None
        self._opened = 0
        self._healed = 0
        self._probing = False
        self._era = 0

    @property
    def state(self) -> BreakerState:
        """The state now; an open breaker is half-open as soon as its time is up."""
        if self._open_until is None:
            return BreakerState.CLOSED
        if self._clock.monotonic() < self._open_until:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN

    @property
    def retry_after(self) -> float:
        """Seconds until it is worth asking again; with a probe under way, a guess of one."""
        if self._open_until is None:
            return 0.0
        left = self._open_until - self._clock.monotonic()
        return left if left > 0 else float(self._probing)

    @property
    def refuses(self) -> bool:
        """Whether `admit` would say no."""
        state = self.state
        return state is BreakerState.OPEN or (state is BreakerState.HALF_OPEN and self._probing)

    def admit(self) -> Permit | None:
        """A permit for one call, or None while the registry is to be left alone."""
        if self.refuses:
            return None
        probe = self._open_until is not None
        self._probing = self._probing or probe
        return Permit(self, self._era, probe)

    def refused(self) -> None:
        """What had been taken for an answer was read, and is none."""
        state = self.state
        if state is BreakerState.HALF_OPEN:
            self._open()
        elif state is BreakerState.CLOSED:
            # It stands among the good ones; which of them it was makes no difference.
            if any(ok for _, ok in self._results):
                self._results.remove(next(r for r in reversed(self._results) if r[1]))
            self._failure(probe=False)

    def _success(self, probe: bool) -> None:
        if not probe:
            self._results.append((self._clock.monotonic(), True))
            return
        self._probing = False
        self._healed += 1
        if self._healed >= self._tuning.breaker_heal:
            self._era += 1
            self._open_until = None
            self._opened = self._healed = 0
            self._results.clear()
            self._changed(BreakerState.CLOSED, 0.0)

    def _failure(self, probe: bool) -> None:
        if not probe:
            self._results.append((self._clock.monotonic(), False))
            if not self._tripped():
                return
        self._open()

    def _tripped(self) -> bool:
        since = self._clock.monotonic() - self._tuning.breaker_window
        recent = [ok for when, ok in self._results if when >= since]
        failed = recent.count(False)
        enough = len(recent) >= self._tuning.breaker_least
        return enough and failed >= self._tuning.breaker_share * len(recent)

    def _open(self) -> None:
        self._era += 1
        pause = min(self._tuning.breaker_open * 2**self._opened, self._tuning.breaker_open_max)
        # A tenth of jitter, so that replicas do not probe in step.
        pause *= 1 + self._chance.random() / 10
        self._open_until = self._clock.monotonic() + pause
        self._opened = min(self._opened + 1, 16)
        self._healed = 0
        self._probing = False
        self._results.clear()
        self._changed(BreakerState.OPEN, pause)
