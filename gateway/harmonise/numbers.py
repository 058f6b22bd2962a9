"""Numbers as registries write them, to int and Decimal; None for what is not a number."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from gateway.harmonise.text import plain

SUBJECT = "numbers"
# Larger than any quantity or coordinate, small enough that printing one stays cheap.
MAX_DIGITS = 40

_PLAIN = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,40})?", re.ASCII)
_DOTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d{1,40})?", re.ASCII)
_BLANKS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f']\d{3})+(?:[.,]\d{1,40})?", re.ASCII)
_DOT_GROUPED = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d{1,40})(?:,\d{1,40})?", re.ASCII)
_BY_DOTS = re.compile(
    r"[+-]?(?:\d{1,3}(?:\.\d{3}){2,}(?:,\d{1,40})?|\d{1,3}\.\d{3},\d{1,40}"
    r"|\d{1,40},(?:\d\d?|\d{4,40}))",
    re.ASCII,
)
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_YEAR = r"(?:19|20|21)\d{2}"
_DAY = r"(?:-\d{2}-\d{2}(?:[T ][0-9:.]+Z?)?)?"
_YEARS = re.compile(rf"(?:{_YEAR}{_DAY}\s*(?:-|–|/|to|a|~)\s*)?({_YEAR}){_DAY}", re.ASCII)  # noqa: RUF001


def decimal(raw: Any) -> Decimal | None:
    """The number of an int, Decimal, float or plain text such as `18962.0`.

    Whole numbers lose their fraction (`18962.0` is 18962). NaN, infinities and numbers of more
    than 40 digits are None.
    """
    if type(raw) is int:
        return Decimal(raw) if -(10**MAX_DIGITS) < raw < 10**MAX_DIGITS else None
    if isinstance(raw, str):
        text = plain(raw)
        if text.isdigit() and text.isascii() and len(text) <= MAX_DIGITS:
            return Decimal(text)
        return _tidy(Decimal(text)) if _PLAIN.fullmatch(text) else None
    if isinstance(raw, Decimal):
        return _tidy(raw)
    if isinstance(raw, float):
        # The shortest text that is this float: what the file or database was given to hold.
        return _tidy(Decimal(repr(raw)))
    return None


def grouped(raw: Any) -> Decimal | None:
    """Also `299,564`, `6.726.799` and `1 234 567`: groups of three, and nothing ambiguous.

    A single dot is a decimal point, so `1.234` is 1.234; commas that do not group are refused.
    """
    if not isinstance(raw, str):
        return decimal(raw)
    text = plain(raw)
    if _COMMAS.fullmatch(text):
        text = text.replace(",", "")
    elif _DOTS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _BLANKS.fullmatch(text):
        text = re.sub(r"[\s']", "", text).replace(",", ".")
    return decimal(text)


def dot_grouped(raw: Any) -> Decimal | None:
    """The same by the other convention, for sources that keep to it: dots group and a comma is
    the decimal point, so `1.500` is 1500 and `2,5` is 2.5."""
    if not isinstance(raw, str):
        return decimal(raw)
    text = plain(raw)
    return (
        decimal(text.replace(".", "").replace(",", ".")) if _DOT_GROUPED.fullmatch(text) else None
    )


def groups_by_dots(text: str) -> bool:
    """Whether the text can only be read with dots that group, or with a decimal comma."""
    return _BY_DOTS.fullmatch(plain(text)) is not None


def reads_two_ways(text: str) -> bool:
    """Whether the text means thousands by one convention, and thousandths by another."""
    return _TWO_WAYS.fullmatch(plain(text)) is not None


def integer(raw: Any) -> int | None:
    """A whole number: of an int, an integral Decimal, or plain text such as `18962.0`."""
    if type(raw) is int:
        return raw
    found = decimal(raw)
    if found is None or found != found.to_integral_value():
        return None
    return int(found)


def year(raw: Any) -> int | None:
    """The year of `2024`, 2024 or an ISO date; the last one of `2003 - 2004` or of two dates.

    The last, since a vintage year is the year in which the vintage ends. Only 1900 to 2199.
    """
    if isinstance(raw, str):
        found = _YEARS.fullmatch(plain(raw))
        return int(found[1]) if found else _plausible(integer(raw))
    return _plausible(integer(raw))


def _plausible(number: int | None) -> int | None:
    return number if number is not None and 1900 <= number <= 2199 else None


def _tidy(number: Decimal) -> Decimal | None:
    if not number.is_finite() or not -MAX_DIGITS <= number.adjusted() < MAX_DIGITS:
        return None
    whole = int(number)
    if whole == number:
        return Decimal(whole)
    return number if len(number.as_tuple().digits) <= 2 * MAX_DIGITS else None
