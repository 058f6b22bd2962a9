"""The numbers the door is run by, in one place; tests turn them down to milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.upstream.decoding.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Tuning:
    """Seconds and counts, the same for every registry; rates and sizes are a registry's own.

    `margin` is kept back from the deadline for answering; with less than `floor` left no
    attempt starts. A timeout counts against a registry only if it had `fair` seconds, so that
    impatient clients cannot close it for the others. `connect` and `idle` bound reaching a
    registry and its silences. `queue` is how many calls may wait for one registry.

    `retries` are attempts after the first, with full jitter up to `backoff * 2**n`, at most
    `backoff_max`; over `budget_window` they may be `budget_share` of all calls plus
    `budget_floor`.

    A "later" closes a registry for what its Retry-After asks for, up to `gate_max`, and for
    `gate_least` at the least, doubled with each further one up to `gate_backoff_max`; each
    `gate_heal` answers in a row take one doubling back.

    The breaker opens when of the last `breaker_calls` within `breaker_window`, at least
    `breaker_least` of them, a share of `breaker_share` failed; for `breaker_open` at first,
    doubled up to `breaker_open_max`. `breaker_heal` probes in a row close it.

    What replicas share is waited for `store_patience` for each word, bodies longer by their size;
    where it fails, it is left alone for `store_pause`, doubled up to `store_pause_max`.

    `decoding` is what one decoding in a process of its own may use.
    """

    margin: float = 0.2
    floor: float = 0.25
    fair: float = 1.0
    connect: float = 10.0
    idle: float = 15.0
    redirects: int = 3
    memo_bytes: int = 20 * 1024 * 1024
    large_bytes: int = 512 * 1024 * 1024
    queue: int = 32
    retries: int = 2
    backoff: float = 0.2
    backoff_max: float = 2.0
    budget_share: float = 0.2
    budget_floor: int = 1
    budget_window: float = 10.0
    gate_max: float = 3600.0
    gate_least: float = 1.0
    gate_backoff_max: float = 60.0
    gate_heal: int = 5
    breaker_calls: int = 20
    breaker_window: float = 30.0
    breaker_least: int = 5
    breaker_share: float = 0.5
    breaker_open: float = 5.0
    breaker_open_max: float = 60.0
    breaker_heal: int = 2
    store_patience: float = 0.5
    store_pause: float = 2.0
    store_pause_max: float = 60.0
    decoding: Bounds = field(default_factory=Bounds)
