"""Requests are counted by status and code, in few words whatever clients send."""

from __future__ import annotations

import httpx
import pytest

from gateway.app import create_app
from gateway.assemble import assemble
from gateway.clock import SystemClock
from gateway.config import ServerSettings, Settings
from gateway.provenance.keys import throw_away_signer
from gateway.traffic import OTHER, Traffic


async def test_metrics_tell_requests_by_status_and_code_and_how_long_they_took() -> None:
    settings = Settings(server=ServerSettings(metrics=True))
    gateway = assemble(settings, signer=throw_away_signer(), adapters={}, clock=SystemClock())
    transport = httpx.ASGITransport(create_app(gateway), client=("198.51.100.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        newer = {"accept": "application/graphql-response+json"}
        await http.post("/graphql", json={"query": "{ __typename }"})
        await http.post("/graphql", json={"query": "{ nothing }"}, headers=newer)
        await http.post("/graphql", json={"query": "{"}, headers=newer)
        await http.post("/graphql", content=b"{", headers={"content-type": "text/plain"})
        for n in range(5):
            await http.get(f"/wp-login-{n}.php")
        text = (await http.get("/metrics")).text
    await gateway.close()
    assert 'cgw_requests_answered_total{code="",status="200"} 1.0' in text
    assert 'cgw_requests_answered_total{code="GRAPHQL_VALIDATION_FAILED",status="400"} 1.0' in text
    assert 'cgw_requests_answered_total{code="GRAPHQL_PARSE_FAILED",status="400"} 1.0' in text
    assert 'cgw_requests_answered_total{code="BAD_REQUEST",status="415"} 1.0' in text
    assert 'cgw_http_responses_total{status="404"} 5.0' in text
    assert 'cgw_request_seconds_bucket{le="+Inf"} 4.0' in text
    assert "cgw_request_seconds_count 4.0" in text
    assert "cgw_signing_errors_total 0.0" in text
    assert "cgw_requests_queued 0.0" in text
    assert "wp-login" not in text


@pytest.mark.parametrize("status", [-1, 0, 99, 600, 10**9])
def test_labels_are_few_whatever_comes(status: int) -> None:
    traffic = Traffic()
    for n in range(100):
        traffic.answered(200, f"MADE_UP_{n}", 0.001)
    traffic.responded(status)
    assert dict(traffic.answers) == {(200, OTHER): 100}
    assert dict(traffic.responses) == {0: 1}


def test_times_beyond_the_last_edge_are_counted_too() -> None:
    traffic = Traffic()
    for seconds in (0.0, 0.005, 0.006, 25.0, 9999.0):
        traffic.answered(200, None, seconds)
    assert traffic.buckets[0] == 2
    assert traffic.buckets[-1] == 1
    assert sum(traffic.buckets) == 5
