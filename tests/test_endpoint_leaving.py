"""Clients that leave, servers that stop, and deadlines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.config import LimitSettings
from gateway.endpoint import Endpoint
from gateway.upstream.terms import Terms
from tests.smallworld import Operation, Small, client, endpoint


class Wire:
    """One raw ASGI exchange, for clients that misbehave."""

    def __init__(self, *incoming: MutableMapping[str, Any]) -> None:
        self.incoming: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        for message in incoming:
            self.incoming.put_nowait(message)
        self.sent: list[MutableMapping[str, Any]] = []

    async def run(self, app: Endpoint) -> None:
        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
        await app(scope, self.incoming.get, self.send)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)


def body(query: str) -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": json.dumps({"query": query}).encode()}


async def test_a_client_that_leaves_cancels_its_operation() -> None:
    executor = Small()
    wire = Wire(body("{ zebra # slow\n}"))
    running = asyncio.create_task(wire.run(endpoint(executor)))
    await executor.started.wait()
    assert not executor.cancelled.is_set()
    wire.incoming.put_nowait({"type": "http.disconnect"})
    await running
    assert executor.cancelled.is_set()
    assert wire.sent == []


async def test_who_is_answered_at_once_is_not_watched() -> None:
    wire = Wire(body("{ zebra }"))
    wire.incoming.put_nowait({"type": "http.disconnect"})
    await wire.run(endpoint())
    assert wire.incoming.qsize() == 1
    assert [message["type"] for message in wire.sent] == [
        "http.response.start",
        "http.response.body",
    ]


async def test_a_client_that_leaves_before_its_body_is_whole_is_forgotten() -> None:
    wire = Wire({"type": "http.request", "body": b"{", "more_body": True})
    wire.incoming.put_nowait({"type": "http.disconnect"})
    await wire.run(endpoint())
    assert wire.sent == []


async def test_cancelling_the_server_cancels_the_operation() -> None:
    executor = Small()
    wire = Wire(body("{ zebra # slow\n}"))
    running = asyncio.create_task(wire.run(endpoint(executor)))
    await executor.started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert executor.cancelled.is_set()


async def test_no_task_is_left_behind() -> None:
    before = len(asyncio.all_tasks())
    async with client() as http:
        for _ in range(20):
            await http.post("/graphql", json={"query": "{ zebra }"})
    await asyncio.sleep(0)  # what was cancelled ends at the loop's next turn
    assert len(asyncio.all_tasks()) == before


def test_the_deadline_is_counted_from_the_request() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    class Still:
        def now(self) -> datetime:
            return moment

        def monotonic(self) -> float:
            return 100.0

        async def sleep(self, seconds: float) -> None:
            raise AssertionError(seconds)

    seen: list[Terms] = []

    def asked(terms: Terms) -> Operation:
        seen.append(terms)
        return Operation(terms)

    wire = Wire(body("{ zebra }"))
    asyncio.run(wire.run(endpoint(clock=Still(), asked=asked, limits=LimitSettings(timeout=7))))
    assert [terms.deadline for terms in seen] == [107.0]
