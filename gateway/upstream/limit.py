"""How many calls a registry bears at once: additive increase, multiplicative decrease."""

from __future__ import annotations


class Limit:
    """Starts at what the registry declares and never goes above it, nor below one.

    It falls by a fifth when calls are lost, at most once per generation of calls: those already
    under way when it fell were sent under the old limit and say nothing about the new one. It
    rises by one for every full window of calls without loss, if it was needed at all.
    """

    def __init__(self, most: int) -> None:
        self._most = float(max(1, most))
        self._value = self._most
        self._fell_at = 0
        self._started = 0
        self._good = 0

    @property
    def value(self) -> int:
        """The calls that may be in flight now."""
        return int(self._value)

    def begin(self) -> int:
        """A number for the call that starts now; give it back with its result."""
        self._started += 1
        return self._started

    def kept(self, in_flight: int) -> None:
        """A call was answered while so many were in flight, itself included."""
        if in_flight * 2 < self.value:
            return
        self._good += 1
        if self._good >= self.value:
            self._good = 0
            self._value = min(self._value + 1, self._most)

    def lost(self, number: int) -> None:
        """The call with this number timed out or was told to come back later."""
        self._good = 0
        if number > self._fell_at:
            self._fell_at = self._started
            self._value = max(1.0, self._value * 0.8)
