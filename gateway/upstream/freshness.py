"""How long a body may be used: the subset of RFC 9111 and RFC 5861 that registries speak.

The gateway is the user agent here: it asks in its own name, and bodies are kept apart by
credential. So it is a private cache in the words of the RFC, and `private` does not forbid it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType

from adapters.contract import Politeness


@dataclass(frozen=True, slots=True)
class Freshness:
    """`keep` is False where the registry forbids storing. Seconds otherwise."""

    keep: bool
    lifetime: float
    grace: float


@lru_cache(256)
def directives(header: str) -> Mapping[str, str]:
    """The directives of a Cache-Control header, names in lower case; of doubles the first."""
    found: dict[str, str] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return MappingProxyType(found)


def seconds(text: str | None) -> float | None:
    """Delta-seconds (RFC 9111 section 1.2.2), or None for anything else."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    return float(min(int(text[:12]), 2**31))


def http_date(text: str | None) -> float | None:
    """An HTTP date as seconds since the epoch, or None."""
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def freshness(headers: Mapping[str, str], now: float, politeness: Politeness) -> Freshness:
    """What the response headers allow, never more than the registry's politeness says.

    `now` is in Unix seconds.
    """
    control = directives(headers.get("cache-control", ""))
    grace = politeness.stale_if_error
    if "no-store" in control or headers.get("vary", "").strip() == "*":
        return Freshness(False, 0.0, 0.0)
    if (own := seconds(control.get("stale-if-error"))) is not None:
        grace = min(grace, own)
    if "must-revalidate" in control or "no-cache" in control:
        grace = 0.0
    if "no-cache" in control:
        return Freshness(True, 0.0, grace)
    lifetime = _declared(headers, control, now)
    if lifetime is None:
        return Freshness(True, politeness.fresh_for, grace)
    age = seconds(headers.get("age")) or 0.0
    return Freshness(True, min(max(0.0, lifetime - age), politeness.fresh_for), grace)


def _declared(headers: Mapping[str, str], control: Mapping[str, str], now: float) -> float | None:
    """The lifetime that the registry states (RFC 9111 section 4.2.1), or None."""
    if "max-age" in control:
        stated = seconds(control["max-age"])
        return 0.0 if stated is None else stated
    if "expires" in headers:
        # An invalid date, "0" above all, means already expired (section 5.3).
        expires = http_date(headers["expires"])
        date = http_date(headers.get("date"))
        return 0.0 if expires is None else expires - (now if date is None else date)
    return None
