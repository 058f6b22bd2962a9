"""Plain values of the vocabulary, in the one form that filters compare and answers print.

A `Date` is `YYYY-MM-DD`, a `DateTime` is RFC 3339 in UTC with `Z`: as text both compare in
time order and print without conversion. Quantities are `Decimal` or `int`, never float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NewType

Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
CountryCode = NewType("CountryCode", str)


def quantity_text(value: Decimal | int) -> str:
    """A quantity as answers print it: plain digits, no exponent, no plus sign."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    return "0" if text in ("-0", "+0") else text


def raw_text(value: object) -> str | None:
    """A registry's own value as text, unchanged apart from being text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (list, tuple)):
        return "; ".join(t for t in map(raw_text, value) if t is not None)
    return str(value)
