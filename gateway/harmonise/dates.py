"""Dates as registries write them, to `YYYY-MM-DD` and RFC 3339 UTC; None for the unreadable."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from gateway.harmonise.text import plain
from gateway.model.values import Date, DateTime

SUBJECT = "dates"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE = r"(?:\s*(?P<zone>Z|z|UTC|GMT|\(GMT\)|\(UTC\)|[+-]\d{2}:?\d{2}|[+-]\d{2}))?"
_ISO = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})(?:[Tt ]\s*{_TIME}{_ZONE})?", re.ASCII)
_NUMERIC = re.compile(
    rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}})(?:,?\s+{_TIME})?{_ZONE}", re.ASCII
)
_ENGLISH = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})"
)
_ENGLISH_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})")
_RFC1123 = re.compile(
    r"(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+"
    r"(\d{2}):(\d{2}):(\d{2})\s*(?:GMT|UTC|[+-]0000)"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
# Day 60 of Excel's 1900 system is the 29 February 1900 that never was; no registry reaches back
# to it, so the epoch that is right for every later day serves.
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(61, 2_958_466)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DIGITS = 15
_EPOCH_MS = range(-2_208_988_800_000, 253_402_300_800_000)


def iso_date(raw: Any) -> Date | None:
    """The date of `2024-03-01`, or of an ISO datetime, as it is written (no zone shift)."""
    if type(raw) is str:
        if len(raw) == 10:
            if raw[4] != "-" or raw[7] != "-":
                return None
            try:
                date.fromisoformat(raw)
            except ValueError:
                return None
            return Date(raw)
        if _plain_instant(raw) is not None:
            return Date(raw[:10])
        found = _ISO.fullmatch(plain(raw))
        if found is None or (found["hour"] and _instant(found, found["date"]) is None):
            return None
        return iso_date(found["date"])
    if isinstance(raw, date):
        return Date(raw.isoformat()[:10])
    return None


def iso_datetime(raw: Any) -> DateTime | None:
    """An ISO datetime in UTC with `Z`, whole seconds; without a zone it is taken as UTC.

    Fractions are cut off, so that texts compare in time order; the raw text keeps them. A plain
    date is the start of that day.
    """
    if type(raw) is str and raw[7:17:3] == "-T::":
        # Nearly every instant: said without a zone, or in UTC. The parser has checked the rest.
        try:
            moment = datetime.fromisoformat(raw)
        except ValueError:
            pass
        else:
            if moment.hour or raw[11:13] != "24":
                zone = moment.tzinfo
                if zone is not None and zone is not UTC:
                    return _utc(moment)
                return raw[:19] + "Z"  # type: ignore[return-value]  # naming the type costs a call
    if isinstance(raw, datetime):
        return _utc(raw if raw.tzinfo else raw.replace(tzinfo=UTC))
    if isinstance(raw, date):
        return DateTime(f"{raw.isoformat()}T00:00:00Z")
    if not isinstance(raw, str):
        return None
    instant = _plain_instant(raw)
    if instant is not None:
        return _utc(instant) if instant.utcoffset() else DateTime(f"{raw[:10]}T{raw[11:19]}Z")
    found = _ISO.fullmatch(plain(raw))
    if found is None:
        return None
    if found["hour"] is None:
        day = iso_date(found["date"])
        return None if day is None else DateTime(f"{day}T00:00:00Z")
    return _utc(_instant(found, found["date"]))


def day_first(raw: Any) -> Date | None:
    """`31/12/2024`, `31-12-2024` or `31.12.2024`, with or without a time after it."""
    return _numeric(raw, day=1, month=2)


def month_first(raw: Any) -> Date | None:
    """`12/31/2024`, with or without `h:mm:ss AM` and `(GMT)` after it."""
    return _numeric(raw, day=2, month=1)


def excel_serial(raw: Any) -> Date | None:
    """A day number of Excel's 1900 system (`38216`); an ISO date in the same column passes."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        text = plain(raw)
        if not re.fullmatch(r"\d{1,7}(?:\.\d{1,15})?", text):
            return iso_date(raw)
        days = int(text.partition(".")[0])
    elif isinstance(raw, (int, Decimal)):
        # `1e999999999` has a billion digits as an integer.
        if isinstance(raw, Decimal) and not (raw.is_finite() and 0 < raw < _EXCEL_DAYS.stop):
            return None
        days = int(raw)
    elif isinstance(raw, float):
        if not 0 < raw < _EXCEL_DAYS.stop:
            return None
        days = int(raw)
    else:
        return iso_date(raw)
    if days not in _EXCEL_DAYS:
        return None
    return Date((_EXCEL_EPOCH + timedelta(days=days)).isoformat())


def epoch_ms(raw: Any) -> DateTime | None:
    """Milliseconds since 1970 in UTC, as a number or its digits."""
    return _epoch(raw, 1)


def epoch_seconds(raw: Any) -> DateTime | None:
    """Seconds since 1970 in UTC, as a number or its digits."""
    return _epoch(raw, 1000)


def epoch_ms_date(raw: Any) -> Date | None:
    """The UTC date of milliseconds since 1970."""
    moment = _epoch(raw, 1)
    return None if moment is None else Date(moment[:10])


def epoch_seconds_date(raw: Any) -> Date | None:
    """The UTC date of seconds since 1970."""
    moment = _epoch(raw, 1000)
    return None if moment is None else Date(moment[:10])


def rfc1123(raw: Any) -> DateTime | None:
    """`Fri, 14 Jul 2023 00:00:00 GMT` (RFC 9110, section 5.6.7); the weekday is not checked."""
    found = _RFC1123.fullmatch(plain(raw)) if isinstance(raw, str) else None
    if found is None:
        return None
    day = _calendar(found[3], _MONTHS.get(found[2].lower(), 0), found[1])
    if day is None or int(found[4]) > 23 or int(found[5]) > 59 or int(found[6]) > 59:
        return None
    return DateTime(f"{day}T{found[4]}:{found[5]}:{found[6]}Z")


def rfc1123_date(raw: Any) -> Date | None:
    """The date of an RFC 1123 text, in UTC as it is written."""
    moment = rfc1123(raw)
    return None if moment is None else Date(moment[:10])


def english_day(raw: Any) -> Date | None:
    """`03 Mar 2023`, `3 March 2023`, `24 Jan 26` or `March 3, 2023`."""
    if not isinstance(raw, str):
        return None
    text = plain(raw)
    found = _ENGLISH.fullmatch(text)
    if found:
        day, month, year = found.groups()
        # Registries began in 2000 and crediting ends before 2100: two digits are this century.
        year = f"20{year}" if len(year) == 2 else year
    else:
        found = _ENGLISH_MONTH_FIRST.fullmatch(text)
        if found is None:
            return None
        month, day, year = found.groups()
    return _calendar(year, _MONTHS.get(month.lower(), 0), day)


def _plain_instant(raw: str) -> datetime | None:
    """The common form `YYYY-MM-DDTHH:MM:SS` with fraction and zone, by the fast parser.

    That parser takes more than this form; whatever else it would take is left to the patterns.
    """
    if len(raw) < 19 or raw[4::3][:5] not in ("--T::", "-- ::") or raw[11:13] == "24":
        return None
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return None


def _numeric(raw: Any, *, day: int, month: int) -> Date | None:
    if not isinstance(raw, str):
        return None
    found = _NUMERIC.fullmatch(plain(raw))
    if found is None:
        return None
    when = _calendar(found[3], found[month], found[day])
    if when is None or (found["hour"] and _instant(found, when) is None):
        return None
    return when


def _calendar(year: str, month: str | int, day: str) -> Date | None:
    try:
        return Date(date(int(year), int(month), int(day)).isoformat())
    except ValueError:
        return None


def _instant(found: re.Match[str], day: str) -> datetime | None:
    hour = int(found["hour"])
    half = (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return datetime.fromisoformat(day).replace(
            hour=hour,
            minute=int(found["minute"]),
            second=int(found["second"] or 0),
            tzinfo=_zone(found["zone"]),
        )
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _utc(moment: datetime | None) -> DateTime | None:
    if moment is None:
        return None
    try:
        return DateTime(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20))
    except OverflowError:
        return None


def _epoch(raw: Any, factor: int) -> DateTime | None:
    if isinstance(raw, str) and re.fullmatch(r"-?\d{1,15}(?:\.\d{1,9})?", plain(raw)):
        raw = Decimal(plain(raw))
    if isinstance(raw, bool) or not isinstance(raw, (int, Decimal, float)):
        return None
    number = Decimal(raw)
    # Not by its size: `1e999999999` is too large to be compared after rounding.
    if not number.is_finite() or number.adjusted() > _EPOCH_DIGITS or abs(number) > _EPOCH_MS.stop:
        return None
    milliseconds = int(number * factor)
    if milliseconds not in _EPOCH_MS:
        return None
    return _utc(_EPOCH + timedelta(milliseconds=milliseconds))
