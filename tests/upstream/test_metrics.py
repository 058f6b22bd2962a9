"""Metrics and spans say how registries fare, and hold no secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from aiohttp import web
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from adapters.contract import Request
from gateway.errors import RegistryError
from gateway.upstream.admission import Admission
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.metrics import exposition
from tests.upstream.bench import HandClock, as_text, facing, terms

SECRET = "planted-secret-7c1d"


async def moody(request: web.Request) -> web.Response:
    if request.path.endswith("bad"):
        return web.Response(status=500, text=SECRET)
    return web.Response(text=SECRET)


def changes() -> dict[str, object]:
    return {"headers": {"X-Api-Key": SECRET}, "options": {"token": SECRET}}


async def ask(door: object, path: str) -> None:
    request = Request(path, query=(("token", SECRET),))
    source = door.source("sample", terms())  # type: ignore[attr-defined]
    await source.read(request, as_text)


def samples(text: str) -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = [v for k, v in sorted(sample.labels.items())]
            found[(sample.name, *labels)] = sample.value
    return found


async def test_the_metrics_count_what_happened() -> None:
    store = BoundedMemoryCache(100_000)
    admission = Admission(9, clock=HandClock())
    async with facing(moody, changes=changes(), store=store) as (_, door):
        for path in ("good", "good", "fine"):
            await ask(door, path)
        with pytest.raises(RegistryError):
            await ask(door, "bad")
        with admission.admit():
            body, content_type = exposition(door, admission)
    assert content_type.startswith("text/plain")
    found = samples(body.decode())
    assert found["cgw_upstream_questions_total", "sample"] == 4
    assert found["cgw_upstream_cache_hits_total", "sample"] == 1
    assert found["cgw_upstream_attempts_total", "OK", "sample"] == 2
    assert found["cgw_upstream_attempts_total", "HTTP_ERROR", "sample"] == 1
    assert found["cgw_upstream_latency_seconds_count", "sample"] == 2
    assert found["cgw_upstream_breaker", "sample"] == 0
    assert found["cgw_upstream_received_bytes_total", "sample"] == 3 * len(SECRET)
    assert found["cgw_requests_in_flight",] == 1
    assert found["cgw_cache_bytes",] == store.bytes
    assert SECRET not in body.decode()


async def test_without_store_and_admission_their_metrics_are_absent() -> None:
    async with facing(moody) as (_, door):
        body, _ = exposition(door)
    assert b"cgw_cache_bytes" not in body
    assert b"cgw_requests" not in body


@pytest.fixture(scope="module")
def exporter() -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    trace.set_tracer_provider(provider)
    yield made
    provider.shutdown()


async def test_every_attempt_has_a_span_without_a_secret(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    async with facing(moody, changes=changes()) as (_, door):
        await ask(door, "good")
        with pytest.raises(RegistryError):
            await ask(door, "bad")
    spans: tuple[ReadableSpan, ...] = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["GET sample", "GET sample"]
    good, bad = (dict(span.attributes or {}) for span in spans)
    assert good == {
        "http.request.method": "GET",
        "http.request.resend_count": 0,
        "http.response.status_code": 200,
        "url.full": "https://registry.example/api/good?token=REDACTED",
        "cgw.registry": "sample",
        "cgw.outcome": "OK",
    }
    assert bad["cgw.outcome"] == bad["error.type"] == "HTTP_ERROR"
    assert bad["http.response.status_code"] == 500
    for span in spans:
        assert SECRET not in span.to_json()


def test_the_door_works_without_the_extras() -> None:
    hidden = (
        "import sys\n"
        "for name in ('opentelemetry', 'prometheus_client', 'redis'):\n"
        "    sys.modules[name] = None\n"
        "import gateway.upstream.door\n"
        "from gateway.upstream import spans\n"
        "with spans.span(None, 1) as mark:\n"
        "    spans.ended(mark, 'TIMEOUT', 500)\n"
        "print('opened')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout.strip() == "opened", run.stderr
