"""Prometheus metrics of the signing keys, how long there is somebody who signs, and of the log.

Needs the extra `metrics`, as `gateway.upstream.metrics` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.clock import Clock
from gateway.provenance.log import Log
from gateway.provenance.notary import Notary


class SigningCollector(Collector):
    """The time that is left, read when it is scraped; keys that never end have none."""

    def __init__(self, notary: Notary, clock: Clock) -> None:
        self._notary = notary
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        key, whole = self._notary.keys.seconds_left(self._clock.now())
        gauges = {
            "cgw_signing_key_expiry_seconds": ("Until the key that signs now ends.", key),
            "cgw_signing_expiry_seconds": (
                "Until signing ends: the keys that follow without a gap are counted.",
                whole,
            ),
        }
        for name, (text, seconds) in gauges.items():
            if seconds is not None:
                yield GaugeMetricFamily(name, text, max(0.0, seconds))
        yield GaugeMetricFamily(
            "cgw_signing_ready", "1 where answers can be signed, else 0.", float(self._notary.ready)
        )
        yield GaugeMetricFamily(
            "cgw_signing_history_refused",
            "1 while keys.json cannot be read or takes back what was published, else 0.",
            float(bool(self._notary.keys.trouble)),
        )
        yield CounterMetricFamily(
            "cgw_signing_refused",
            "Answers that were not given because no key was in its time.",
            self._notary.refused,
        )
        yield CounterMetricFamily(
            "cgw_signing_errors",
            "Answers that could not be signed for another reason; the log has it.",
            self._notary.errors,
        )


class LogCollector(Collector):
    """The transparency log's numbers, read when they are scraped; without a log there are none."""

    def __init__(self, log: Log | None) -> None:
        self._log = log

    def collect(self) -> Iterable[Metric]:
        if self._log is not None:
            yield from _of_log(self._log)


def _of_log(log: Log) -> Iterable[Metric]:
    yield GaugeMetricFamily(
        "cgw_log_held", "Entries that were taken and are not yet under a checkpoint.", log.held
    )
    yield GaugeMetricFamily(
        "cgw_log_entries", "Entries under the last signed checkpoint.", log.store.head.size
    )
    yield GaugeMetricFamily(
        "cgw_log_stopped",
        "1 while the log takes nothing or signs no checkpoint, else 0.",
        float(bool(log.trouble)),
    )
