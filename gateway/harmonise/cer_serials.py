"""Serials of CERs in other registries' rows: the last number is the CDM's reference.

A CER that was carried over keeps its serial range, written by hand: two serials with a dash, `to`
or a blank between them, blanks and no-break spaces inside, zeros before a part, or track and
reference in one number. The reference is read from both ends, which must agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

SUBJECT = "cer-serials"
# The scheme under which the CDM's own records show the reference.
CDM_REFERENCE: Final = "cdm.ref"

_BLANKS = re.compile(r"[\s\u00a0\u2007\u202f\u200b\u2060\ufeff]+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
# Country, kind of unit, serial number, the two commitment periods, track, reference.
_ONE = r"[A-Z]{{1,2}}-?0?[567]-(?:00-)?(?P<n{0}>\d+)-0?\d-0?\d-(?P<tail{0}>\d+(?:-\d+)?)"
_RANGE = re.compile(f"{_ONE.format(1)}(?:-|to|TO)?{_ONE.format(2)}")
_TRACK = re.compile(r"0{1,3}-0*([1-9]\d{0,5})")
_GLUED = re.compile(r"0([1-9]\d{0,5})")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class _Range:
    first: int
    last: int
    reference: str
    glued: bool


def cdm_reference(serial: str | None, count: int | Decimal | None = None) -> str | None:
    """The CDM reference of the project that the block's CERs are of; None where the text is no
    range of CERs, its ends name two projects, or it cannot be told for sure.

    Where track and reference stand in one number, `count` must be that of the range.
    """
    found = _read(serial) if serial and len(serial) <= LONGEST else None
    if found is None or found.first > found.last:
        return None
    if found.glued and (count is None or count != found.last - found.first + 1):
        return None
    return found.reference


@lru_cache(maxsize=4096)
def _read(serial: str) -> _Range | None:
    found = _RANGE.fullmatch(_BLANKS.sub("", serial).translate(_DASHES))
    if found is None:
        return None
    told = [_TRACK.fullmatch(found[f"tail{end}"]) for end in (1, 2)]
    glued = None in told
    if glued:
        told = [_GLUED.fullmatch(found[f"tail{end}"]) for end in (1, 2)]
    first, last = told
    if first is None or last is None or first[1] != last[1]:
        return None
    return _Range(int(found["n1"]), int(found["n2"]), first[1], glued)
