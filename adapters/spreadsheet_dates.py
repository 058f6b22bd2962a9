"""Dates of spreadsheets: day numbers that a format shows as dates."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from adapters.odd_cell import OddCell

# Formats that are known by number alone, in every language's edition.
_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
# What of a format code is no sign of its own: quoted texts, escapes, blanks, colours, languages.
_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\[\]]*+\]', re.IGNORECASE)
_SIGNS = re.compile(r"[ymdhs]", re.IGNORECASE)
_DAY_MS = 86_400_000
# 1900 had no 29 February, but Lotus 1-2-3 thought so, and every spreadsheet since.
_NEVER = 60
_SINCE_1900, _BEFORE_NEVER, _SINCE_1904 = date(1899, 12, 30), date(1899, 12, 31), date(1904, 1, 1)


def is_date(number: str, code: str | None) -> bool:
    """Whether the format shows numbers as dates or times."""
    if code is None:
        return number.isascii() and number.isdigit() and int(number) in _BUILT_IN
    first = code.partition(";")[0]
    if first.strip().casefold() == "general":
        return False
    return _SIGNS.search(_ASIDE.sub("", first)) is not None


def dated(value: int | Decimal, *, since_1904: bool) -> Any:
    """The day of a number as text, with the time where there is one; a time alone where the
    number has no day. What is no day is odd."""
    moment = (
        int((value * _DAY_MS).to_integral_value())
        if isinstance(value, Decimal)
        else (value * _DAY_MS)
    )
    days, rest = divmod(moment, _DAY_MS)
    if days < 0 or days > 2_958_465 or (days == _NEVER and not since_1904):
        return OddCell(str(value))
    if not days and not since_1904:
        return _time(rest) if rest else OddCell(str(value))
    begin = _SINCE_1904 if since_1904 else _SINCE_1900 if days > _NEVER else _BEFORE_NEVER
    try:
        day = (begin + timedelta(days=days)).isoformat()
    except OverflowError:
        return OddCell(str(value))
    return f"{day}T{_time(rest)}" if rest else day


def _time(milliseconds: int) -> str:
    seconds, parts = divmod(milliseconds, 1000)
    hours, seconds = divmod(seconds, 3600)
    text = f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
    return f"{text}.{parts:03}" if parts else text
