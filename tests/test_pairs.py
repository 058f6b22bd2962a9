"""No answer ever comes from another request: pairs of requests, one after the other."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.assemble import Gateway, assemble
from gateway.config import CacheSettings
from gateway.demo import settings
from gateway.engine.compiled import CompiledExecutor
from gateway.provenance.canonical import canonical
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.runner import Sandbox
from tests.pairs import Sent, pair

PAIRS = 1000


@asynccontextmanager
async def gateways() -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two over the same emulated registries: one keeps what it can, the other no bodies."""
    async with Sandbox(only=("verra", "gold-standard")) as sandbox:
        made = settings(sandbox, "127.0.0.1", 0)
        off = made.model_copy(update={"cache": CacheSettings(backend="off")})
        both = [assemble(one, signer=throw_away_signer()) for one in (made, off)]
        for gateway in both:
            await gateway.start()
        try:
            yield both[0], both[1]
        finally:
            for gateway in both:
                await gateway.close()


async def posted(app: ASGIApp, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and body of what an ASGI application answers to a POST."""
    headers = [
        (b"host", b"127.0.0.1"),
        (b"content-type", b"application/json"),
        (b"accept", b"application/graphql-response+json"),
    ]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    waiting, answer = [body], list[Any]()

    async def receive() -> Any:
        if waiting:
            return {"type": "http.request", "body": waiting.pop()}
        return await asyncio.Event().wait()  # the client stays

    async def send(message: Any) -> None:
        answer.append(message)

    await app(scope, receive, send)
    whole = b"".join(message.get("body", b"") for message in answer[1:])
    return answer[0]["status"], json.loads(whole)


async def answered(endpoint: Any, sent: Sent) -> tuple[Any, dict[str, Any] | None]:
    """Status and answer, and what was signed of the request, None where nothing was."""
    status, told = await posted(endpoint, sent.body)
    extensions = told.pop("extensions", {})
    signed = extensions.get("provenance")
    extensions.pop("timing", None)
    statement = None
    if signed is not None:
        statement = signed["statement"]
        digest = statement["subject"][0]["digest"]["sha256"]
        assert digest == sha256(canonical(told)).hexdigest()
    return (status, told, extensions.get("explain")), statement


def fresh(gateway: Gateway) -> Any:
    """The gateway's endpoint with nothing compiled and no answer kept."""
    return replace(
        gateway.endpoint,
        executor=CompiledExecutor(
            gateway.endpoint.limits, mappings=lambda key: gateway.recipes.digest(key)
        ),
    )


def signed(sent: Sent) -> dict[str, Any]:
    """What the statement says of the request; a plan is no answer to it."""
    plan = sent.extensions.get("explain")
    document = {"sha256": sha256(sent.query.encode()).hexdigest()}
    variables = {"sha256": sha256(canonical(sent.variables)).hexdigest()}
    return {
        "documentDigest": None if plan else document,
        "variablesDigest": None if plan or not sent.variables else variables,
        "operationName": None if plan else sent.name,
        "nonce": sent.extensions.get("provenance", {}).get("nonce"),
    }


async def test_the_answer_to_one_request_is_never_that_of_another() -> None:
    chance = random.Random("pairs")
    executed = 0
    alone: dict[bytes, Any] = {}
    async with gateways() as (warm, cold):
        app = create_app(warm)
        for number in range(PAIRS):
            one, other = pair(chance)
            for _ in range(chance.randint(1, 2)):  # an answer is kept from the second time on
                await answered(app, one)
            found, statement = await answered(app, other)
            if other.body not in alone:
                alone[other.body], _ = await answered(fresh(cold), other)
            expected = alone[other.body]
            assert found[0] in (200, 400), f"pair {number}: {other}"
            assert found == expected, f"pair {number}: {one} then {other}"
            executed += "data" in found[1]
            if statement is not None:
                assert statement["predicate"]["request"] == signed(other)
    assert executed > PAIRS / 3  # most of the others are refused, which is an answer too
