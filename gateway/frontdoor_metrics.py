"""Prometheus metrics of the front door: who is connected, and who was refused or let go.

Needs the extra `metrics`, as `gateway.upstream.metrics` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.frontdoor import REFUSALS, FrontDoor


class FrontDoorCollector(Collector):
    """The door's numbers, read when they are scraped; without a door there are none."""

    def __init__(self, door: FrontDoor | None) -> None:
        self._door = door

    def collect(self) -> Iterable[Metric]:
        if self._door is not None:
            yield from _metrics(self._door)


def _metrics(door: FrontDoor) -> Iterable[Metric]:
    yield GaugeMetricFamily("cgw_connections", "Connections of clients.", len(door))
    yield GaugeMetricFamily(
        "cgw_connections_allowed", "Connections that there may be, as files allow.", door.most
    )
    yield GaugeMetricFamily(
        "cgw_connections_unread_bytes",
        "Bytes of answers not read yet by clients.",
        door.unread,
    )
    refused = CounterMetricFamily(
        "cgw_connections_refused",
        "Connections that were turned away or closed before their client wished it, by reason.",
        labels=["why"],
    )
    for why in REFUSALS:
        refused.add_metric([why], door.refused[why])
    yield refused
    yield CounterMetricFamily(
        "cgw_accept_pauses",
        "How often nobody could be let in for a while, since files or memory had run out.",
        door.pauses,
    )
