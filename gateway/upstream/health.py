"""How one registry fares, as `registries { health }` and the metrics show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.errors import Outcome


class BreakerState(StrEnum):
    """CLOSED lets calls through, OPEN none, HALF_OPEN one to see whether it is over."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class Health:
    """A snapshot. Rates are in [0, 1]; None where nothing was asked lately.

    `latency_ms` is the median of recent answers. `limit` is how many calls may be in flight
    now. `not_before` is when the registry may be asked again, None for at once.
    """

    registry: str
    configured: bool
    breaker: BreakerState = BreakerState.CLOSED
    success_rate: float | None = None
    latency_ms: int | None = None
    in_flight: int = 0
    limit: int = 0
    queued: int = 0
    not_before: datetime | None = None
    last_outcome: Outcome | None = None
    last_success: datetime | None = None
    requests: int = 0
    attempts: int = 0
    cache_hits: int = 0
    revalidations: int = 0
    stale_served: int = 0
    collapsed: int = 0
