"""Prometheus metrics of the engine: what was not compiled, and what need not be worked out again.

Needs the extra `metrics`, as `gateway.upstream.metrics` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.engine.compiled import CompiledExecutor


class EngineCollector(Collector):
    """The compiled executor's numbers, read when they are scraped; another one has none."""

    def __init__(self, executor: object) -> None:
        self._executor = executor

    def collect(self) -> Iterable[Metric]:
        if isinstance(self._executor, CompiledExecutor):
            yield from _metrics(self._executor)


def _metrics(executor: CompiledExecutor) -> Iterable[Metric]:
    fallbacks = CounterMetricFamily(
        "cgw_engine_fallbacks",
        "Operations, or odd objects in them, that were not completed by their projection.",
        labels=["construct"],
    )
    for construct, count in executor.fallbacks.items():
        fallbacks.add_metric([construct], count)
    yield fallbacks
    yield CounterMetricFamily(
        "cgw_engine_repeated",
        "Answers that rest on the very bytes of an earlier one.",
        executor.repeated,
    )
    yield GaugeMetricFamily(
        "cgw_engine_kept_bytes",
        "Bytes of documents, of what rules made, and of what was written before.",
        executor.kept_bytes,
    )
    yield GaugeMetricFamily(
        "cgw_engine_refused_documents",
        "Documents that were refused and are remembered, to be refused again unread.",
        executor.documents.refused,
    )
