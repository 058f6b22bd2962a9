"""A cell that says something which is no value: told as text, never read as empty."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

# From here on a spreadsheet's numbers are not whole numbers any more.
_EXACT = 2**53
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class OddCell:
    """What stands in the cell: an error, a formula without a value, a number that is none."""

    text: str

    def __str__(self) -> str:
        return self.text if len(self.text) <= _LONGEST else f"{self.text[: _LONGEST - 1]}…"


def exact(text: str) -> int | Decimal | OddCell:
    """The number of a spreadsheet's text for a binary fraction: the shortest that it can stand
    for, since `46.000999999999998` is what is written for 46.001."""
    try:
        return shortest(float(text))
    except ValueError:
        return OddCell(text)


def shortest(value: float) -> int | Decimal | OddCell:
    """The number that was given to be held, as int or Decimal."""
    if value != value or value in (float("inf"), float("-inf")):
        return OddCell(repr(value).replace("nan", "NaN").replace("inf", "Infinity"))
    if value.is_integer():
        # A larger one may stand for several numbers.
        return int(value) if abs(value) < _EXACT else OddCell(repr(value))
    return Decimal(repr(value))
