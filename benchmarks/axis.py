"""One axis of a plot: where a value stands on it, and which values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high`, drawn from `begin` to `end`, in the plot's own units."""

    low: float
    high: float
    begin: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """The place of a value; values below what a logarithm can show stand at the low end."""
        low, high = self._on(self.low), self._on(self.high)
        share = (self._on(max(value, self.low)) - low) / (high - low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self) -> list[float]:
        """Round values to write beside the axis, between four and ten of them."""
        if self.logarithmic:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            every = max(1, -(-(last - first) // 8))
            return [10.0**power for power in range(first, last + 1, every)]
        step = _step(self.high - self.low)
        count = round((self.high - self.low) / step)
        return [self.low + number * step for number in range(count + 1)]

    def _on(self, value: float) -> float:
        return math.log10(value) if self.logarithmic else value


def axis(values: Iterable[float], begin: float, end: float, *, logarithmic: bool = False) -> Axis:
    """An axis on which all values have room: from zero, or from a power of ten."""
    found = list(values)
    if logarithmic:
        shown = [value for value in found if value > 0] or [1.0]
        low = math.floor(math.log10(min(shown)) + 1e-9)
        high = max(math.ceil(math.log10(max(shown)) - 1e-9), low + 1)
        return Axis(10.0**low, 10.0**high, begin, end, True)
    most = max([*found, 0.0]) or 1.0
    step = _step(most)
    return Axis(0.0, math.ceil(most / step - 1e-9) * step, begin, end)


def short(value: float) -> str:
    """A value as it is written beside an axis."""
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    if value >= 1000:
        return f"{value / 1000:g}k"
    return f"{value:.10g}"


def _step(span: float) -> float:
    rough = span / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9)))
