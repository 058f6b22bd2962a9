"""Prometheus metrics of the signing keys: how long there is somebody who signs.

Needs the extra `metrics`, as `gateway.upstream.metrics` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.clock import Clock
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
