"""Prometheus metrics of the requests, and of what waits to be begun.

Needs the extra `metrics`, as `gateway.upstream.metrics` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from gateway.traffic import EDGES, Traffic


class TrafficCollector(Collector):
    """The numbers of the endpoint and of all paths, read when they are scraped."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def collect(self) -> Iterable[Metric]:
        answers = CounterMetricFamily(
            "cgw_requests_answered",
            "GraphQL requests, by status and by the code of their first error, if any.",
            labels=["status", "code"],
        )
        for (status, code), count in self._traffic.answers.items():
            answers.add_metric([str(status), code], count)
        yield answers
        responses = CounterMetricFamily(
            "cgw_http_responses",
            "Responses of all paths, by status; 0 where the client went before there was one.",
            labels=["status"],
        )
        for status, count in self._traffic.responses.items():
            responses.add_metric([str(status)], count)
        yield responses
        reached, buckets = 0, []
        for edge, count in zip(EDGES, self._traffic.buckets, strict=True):
            reached += count
            buckets.append(("+Inf" if edge == float("inf") else str(edge), float(reached)))
        seconds = HistogramMetricFamily(
            "cgw_request_seconds", "Seconds from a GraphQL request to its answer."
        )
        seconds.add_metric([], buckets, self._traffic.seconds)
        yield seconds
