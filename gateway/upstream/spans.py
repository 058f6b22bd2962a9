"""OpenTelemetry spans around upstream calls, where the extra `otel` is installed.

Spans hold what provenance may print and nothing more: the redacted URI, method, status, outcome.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from gateway.upstream.call import Call

try:
    from opentelemetry import trace as _trace
except ImportError:
    _trace = None  # type: ignore[assignment]


class Mark(Protocol):
    """What can be said of a call while it is under way."""

    def set_attribute(self, key: str, value: str | int) -> object: ...


class _Unseen:
    def set_attribute(self, key: str, value: str | int) -> object:
        return None


_UNSEEN = _Unseen()


def span(call: Call, attempt: int) -> AbstractContextManager[Mark]:
    """The span of one attempt; its attributes follow OpenTelemetry's HTTP client conventions."""
    if _trace is None:
        return nullcontext(_UNSEEN)
    if isinstance(_trace.get_tracer_provider(), _trace.ProxyTracerProvider):
        # Nobody collects spans, and a tracer that throws them away is slow.
        return nullcontext(_UNSEEN)
    tracer = _trace.get_tracer("carbon-gateway")
    return tracer.start_as_current_span(
        f"{call.method} {call.registry}",
        kind=_trace.SpanKind.CLIENT,
        attributes={
            "http.request.method": call.method,
            "url.full": call.uri,
            "http.request.resend_count": attempt - 1,
            "cgw.registry": call.registry,
        },
        # The text of an exception may quote what a registry sent; the outcome says enough.
        record_exception=False,
        set_status_on_exception=False,
    )


def ended(mark: Mark, outcome: str, status: int | None) -> None:
    """How the attempt ended."""
    mark.set_attribute("cgw.outcome", outcome)
    if status is not None:
        mark.set_attribute("http.response.status_code", status)
    if outcome != "OK":
        mark.set_attribute("error.type", outcome)
