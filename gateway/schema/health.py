"""How a registry has been lately, from the door's own counters."""

from enum import Enum
from typing import Any

from gateway.clock import rfc3339
from gateway.model.values import DateTime
from gateway.schema.context import Info
from gateway.schema.described import enum, said, table
from gateway.schema.enums import RegistryOutcome
from gateway.schema.volatility import Volatility


class BreakerState(Enum):
    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


enum(
    BreakerState,
    "BreakerState",
    "Whether calls to a registry are let through (gateway).",
    {
        "CLOSED": "Calls go through.",
        "OPEN": "It failed so often lately that it is left alone for a while.",
        "HALF_OPEN": "One call is let through to see whether it is over.",
    },
)


@table(
    "RegistryHealth",
    "How a registry has been lately, as this process saw it (gateway).",
    Volatility.MOMENT,
)
class RegistryHealth:
    breaker: BreakerState = said("Whether calls are let through (gateway).")
    success_percent: int | None = said("Of recent calls; null: none were made (gateway).")
    latency_ms: int | None = said("Median of recent calls, in milliseconds (gateway).")
    in_flight: int = said("Calls under way (gateway).")
    limit: int = said("Calls that may be under way now (gateway).")
    queued: int = said("Questions that wait for it (gateway).")
    not_before: DateTime | None = said("When it may be asked again; null: at once (gateway).")
    last_outcome: RegistryOutcome | None = said("How the last call ended (gateway).")
    last_success: DateTime | None = said("When it last answered (gateway).")
    requests: int = said("Questions put to it since the start (gateway).")
    attempts: int = said("Calls made since the start, retries included (gateway).")
    cache_hits: int = said("Questions answered from fresh bodies since the start (gateway).")
    revalidations: int = said("Bodies it confirmed by 304 since the start (gateway).")
    stale_served: int = said("Old bodies that stood in for failed calls (gateway).")
    collapsed: int = said("Questions that shared another's call (gateway).")


def health_of(info: Info, key: str) -> Any:
    """The door's snapshot of one registry; None for one that is not configured."""
    seen = info.context.ask.federation.door.health(key)
    if not seen.configured:
        return None
    return RegistryHealth(
        breaker=BreakerState(seen.breaker.value),
        success_percent=None if seen.success_rate is None else round(100 * seen.success_rate),
        latency_ms=seen.latency_ms,
        in_flight=seen.in_flight,
        limit=seen.limit,
        queued=seen.queued,
        not_before=_instant(seen.not_before),
        last_outcome=seen.last_outcome,
        last_success=_instant(seen.last_success),
        requests=seen.requests,
        attempts=seen.attempts,
        cache_hits=seen.cache_hits,
        revalidations=seen.revalidations,
        stale_served=seen.stale_served,
        collapsed=seen.collapsed,
    )


def _instant(moment: Any) -> DateTime | None:
    return DateTime(rfc3339(moment)) if moment else None
