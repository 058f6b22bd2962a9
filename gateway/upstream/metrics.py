"""Prometheus metrics of the door, read off its own counters when they are scraped.

Needs the extra `metrics`. Labels are registry keys and typed outcomes, nothing else: no URL, no
header and no text of a client or registry can end up in one.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from gateway.upstream.admission import Admission
from gateway.upstream.door import Door
from gateway.upstream.health import BreakerState
from gateway.upstream.tally import BUCKETS, Tally

_BY_REGISTRY = ["registry"]
_COUNTERS = {
    "questions": ("requests", "Questions put to a registry's source."),
    "calls": ("calls", "Questions that went as far as the registry's lane."),
    "retries": ("retries", "Attempts after the first."),
    "cache_hits": ("cache_hits", "Questions answered by a fresh body."),
    "revalidations": ("revalidations", "Bodies that the registry confirmed by 304."),
    "stale_served": ("stale_served", "Old bodies that stood in for failed calls."),
    "refused": ("refused", "Answers that were decoded, and then found to be none."),
    "collapsed": ("collapsed", "Questions that shared another's call."),
    "breaker_opened": ("opened", "Times that the registry failed so often that it was left alone."),
    "received_bytes": ("received_bytes", "Bytes of bodies, content coding removed."),
}
_STATES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class DoorCollector(Collector):
    """The door's numbers, and those of admission where there is one."""

    def __init__(self, door: Door, admission: Admission | None = None) -> None:
        self._door = door
        self._admission = admission

    def collect(self) -> Iterable[Metric]:
        tallies = {key: self._door.lane(key).tally for key in self._door.registries}
        for name, (attribute, text) in _COUNTERS.items():
            family = CounterMetricFamily(f"cgw_upstream_{name}", text, labels=_BY_REGISTRY)
            for key, tally in tallies.items():
                family.add_metric([key], getattr(tally, attribute))
            yield family
        yield self._attempts(tallies)
        yield self._latency(tallies)
        yield from self._gauges()
        yield from self._door_wide()

    def _attempts(self, tallies: dict[str, Tally]) -> Metric:
        family = CounterMetricFamily(
            "cgw_upstream_attempts",
            "Calls sent to a registry, by how they ended.",
            labels=["registry", "outcome"],
        )
        for key, tally in tallies.items():
            for outcome, count in tally.outcomes.items():
                family.add_metric([key, outcome.value], count)
        return family

    def _latency(self, tallies: dict[str, Tally]) -> Metric:
        family = HistogramMetricFamily(
            "cgw_upstream_latency_seconds", "Time to a whole answer.", labels=_BY_REGISTRY
        )
        for key, tally in tallies.items():
            reached, buckets = 0, []
            for edge, count in zip(BUCKETS, tally.buckets, strict=True):
                reached += count
                buckets.append(("+Inf" if edge == float("inf") else str(edge), float(reached)))
            family.add_metric([key], buckets, tally.seconds)
        return family

    def _gauges(self) -> Iterable[Metric]:
        gauges = {
            "in_flight": "Calls under way.",
            "limit": "Calls that may be under way now.",
            "queued": "Calls that wait.",
        }
        seen = {key: self._door.health(key) for key in self._door.registries}
        for name, text in gauges.items():
            family = GaugeMetricFamily(f"cgw_upstream_{name}", text, labels=_BY_REGISTRY)
            for key, health in seen.items():
                family.add_metric([key], getattr(health, name))
            yield family
        breaker = GaugeMetricFamily(
            "cgw_upstream_breaker", "0 closed, 1 half-open, 2 open.", labels=_BY_REGISTRY
        )
        for key, health in seen.items():
            breaker.add_metric([key], _STATES[health.breaker])
        yield breaker

    def _door_wide(self) -> Iterable[Metric]:
        store = self._door.store_bytes
        if store is not None:
            yield GaugeMetricFamily("cgw_cache_bytes", "Bytes in the store of bodies.", store)
        yield CounterMetricFamily(
            "cgw_cache_refused",
            "Entries of the shared store that no replica of ours put there.",
            self._door.refused_entries,
        )
        outage = self._door.outage
        failures = CounterMetricFamily(
            "cgw_store_failures",
            "Words of the shared store that failed or came too late, by what it was asked.",
            labels=["doing"],
        )
        for doing, count in outage.failures.items():
            failures.add_metric([doing], count)
        yield failures
        yield GaugeMetricFamily(
            "cgw_store_away", "1 while the shared store is left alone, else 0.", float(outage.lasts)
        )
        yield GaugeMetricFamily(
            "cgw_memo_bytes", "Bytes of the decoded bodies kept.", self._door.memo_bytes
        )
        decoding = self._door.decoding
        ends = CounterMetricFamily(
            "cgw_decodings", "Bodies decoded in a process of their own, by how.", labels=["outcome"]
        )
        for outcome, count in decoding.ends.items():
            ends.add_metric([outcome], count)
        yield ends
        yield GaugeMetricFamily(
            "cgw_decoding_processes", "Processes that decode bodies.", len(decoding.alive)
        )
        yield GaugeMetricFamily(
            "cgw_decodings_waiting", "Bodies that wait to be decoded.", decoding.waiting
        )
        if (admission := self._admission) is not None:
            yield GaugeMetricFamily(
                "cgw_requests_in_flight", "Requests under way.", admission.in_flight
            )
            yield GaugeMetricFamily(
                "cgw_requests_allowed", "Requests that may be under way now.", admission.allowed
            )
            yield GaugeMetricFamily(
                "cgw_requests_queued", "Requests that wait for their turn.", admission.queued
            )
            yield CounterMetricFamily("cgw_requests_shed", "Requests refused.", admission.shed)


def exposition(
    door: Door, admission: Admission | None = None, *others: Collector
) -> tuple[bytes, str]:
    """The metrics in Prometheus' text format, those of others too, and its content type."""
    registry = CollectorRegistry()
    registry.register(DoorCollector(door, admission))
    for other in others:
        registry.register(other)
    return generate_latest(registry), CONTENT_TYPE_LATEST
