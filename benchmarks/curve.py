"""A measured curve: what an answer costs as one thing grows, and whether it grows in line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# The cost of each at the largest size may be this much of that at the middle one: what figures of
# one machine differ by. Something that grows with n log n is at 1.67 from 1,000 to 100,000.
LINEAR = 1.5

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a cost grows.

    `ratio` is the cost of each at the largest size over that at the middle size: 1 is linear,
    below it large sizes are cheaper by the piece. `slope` is what one more costs between those
    two sizes, in the unit of the cost. `exponent` is the power of the size with which the cost
    grows between them.
    """

    ratio: float
    slope: float
    exponent: float

    @property
    def linear(self) -> bool:
        """Whether the cost grows no faster than the size."""
        return self.ratio <= LINEAR


def growth(points: Points) -> Growth:
    """The growth from the middle to the largest size.

    Raises:
        ValueError: fewer than two sizes above zero, or a cost that is not above zero.
    """
    found = sorted((x, y) for x, y in points if x > 0)
    if len(found) < 2 or any(y <= 0 for _, y in found):
        raise ValueError("growth needs two sizes, and costs above zero")
    # With an even number of sizes the upper middle would make a pair of two its own middle.
    middle, largest = found[(len(found) - 1) // 2], found[-1]
    times, cost = largest[0] / middle[0], largest[1] / middle[1]
    return Growth(
        cost / times,
        (largest[1] - middle[1]) / (largest[0] - middle[0]),
        math.log(cost) / math.log(times),
    )
