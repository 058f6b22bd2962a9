"""Serial numbers of the S&P Global registry platform's tenants, read from both ends.

Verra's have four forms: with or without the `VCS` segment (before 2014 there was none), with or
without the sectoral scope, and with several scopes. Plan Vivo's and the UK Land Carbon Registry's
carry the class of unit first and the block after the dates. All ranges are inclusive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.harmonise.dates import iso_date
from gateway.model.values import Date

SUBJECT = "sp-global"
_VERRA_HEAD = re.compile(r"(\d+)-(\d+)-(\d+)-(?:VCS-)?VCU-(\d+)-([A-Z0-9]+)-([A-Z]{2})-")
_VERRA_TAIL = re.compile(r"(?<=-)(\d+)-(\d{8})-(\d{8})-(\d)$")
_TENANT = re.compile(
    r"(?P<kind>[A-Za-z0-9]+(?:-[A-Za-z0-9 ]+)?)-(?P<country>[A-Z]{2})-(?P<project>\d+)-"
    r"(?P<begin>\d{8})-(?P<end>\d{8})-(?P<first>\d+)-(?P<last>\d+)-(?P<ending>SPG|MER-\d+-[A-Z])"
)


@dataclass(frozen=True, slots=True)
class Serial:
    """A block of consecutively numbered units.

    Two blocks are of one numbering when `lot` is the same: Verra's batch, or all that another
    tenant writes around the range.
    """

    lot: str
    first: int
    last: int
    country: str
    project: str
    begin: Date | None
    end: Date | None

    def holds(self, other: Serial) -> bool:
        """Whether the other block lies inside this one."""
        same = self.lot == other.lot and self.project == other.project
        return same and self.first <= other.first and other.last <= self.last


@lru_cache(maxsize=8192)
def parse_serial(text: str | None) -> Serial | None:
    """The block that a serial of any tenant names, None where it names none."""
    if not text or len(text) > 200:
        return None
    text = text.strip()
    return _verra(text) or _tenant(text)


def _verra(text: str) -> Serial | None:
    head = _VERRA_HEAD.match(text)
    tail = _VERRA_TAIL.search(text, head.end()) if head else None
    if head is None or tail is None:
        return None
    place = (head[6], tail[1])
    return _block(head[1], (head[2], head[3]), place, (tail[2], tail[3]))


def _tenant(text: str) -> Serial | None:
    found = _TENANT.fullmatch(text)
    if found is None:
        return None
    lot = f"{found['kind']}-{found['begin']}-{found['end']}-{found['ending']}"
    units, place = (found["first"], found["last"]), (found["country"], found["project"])
    return _block(lot, units, place, (found["begin"], found["end"]))


def _block(
    lot: str, units: tuple[str, str], place: tuple[str, str], days: tuple[str, str]
) -> Serial | None:
    first, last = map(int, units)
    if last < first:
        return None
    country, project = place
    return Serial(lot, first, last, country, str(int(project)), _day(days[0]), _day(days[1]))


def _day(text: str) -> Date | None:
    """`31012024` as a date."""
    return iso_date(f"{text[4:]}-{text[2:4]}-{text[:2]}")
