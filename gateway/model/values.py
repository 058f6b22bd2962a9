"""Plain values of the vocabulary, in the one form that filters compare and answers print.

A `Date` is `YYYY-MM-DD`, a `DateTime` is RFC 3339 in UTC with `Z`: as text both compare in
time order and print without conversion. Quantities are `Decimal` or `int`, never float.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NewType

Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
CountryCode = NewType("CountryCode", str)


def quantity_text(value: Decimal | int) -> str:
    """A quantity as answers print it: plain digits, no exponent, no plus sign."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    return "0" if text in ("-0", "+0") else text


_MOST_DIGITS = 60


def raw_text(value: object) -> str | None:
    """A registry's own value as text, unchanged apart from being text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        # `1e999999999` has a billion digits when it is written out.
        plain = not value.is_finite() or abs(value.adjusted()) <= _MOST_DIGITS
        return format(value, "f") if plain else str(value)
    if isinstance(value, (list, tuple)):
        return "; ".join(t for t in map(raw_text, value) if t is not None)
    return str(value)


_SENTENCE = 200
_SHOWN = 600
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def sentence(value: Any) -> str:
    """A text that a registry sent about its own trouble, as it may be shown: on one line, without
    control characters, bounded. Empty for what is no text."""
    if not isinstance(value, str):
        return ""
    plain = " ".join(_NOT_SHOWN.sub(" ", value[: 10 * _SENTENCE]).split())
    return plain if len(plain) <= _SENTENCE else f"{plain[:_SENTENCE]}..."


def shown(text: str) -> str:
    """A text of ours that a client is shown. What a registry calls things may stand in it (a
    column, a type), so it is held to one line, without control characters, and bounded."""
    if len(text) <= _SHOWN and text.isprintable():
        return text
    plain = " ".join(_NOT_SHOWN.sub(" ", text[: 10 * _SHOWN]).split())
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."
