"""No answer ever comes from another request: pairs of requests, one after the other."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx

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


async def answered(endpoint: Any, sent: Sent) -> tuple[Any, dict[str, Any] | None]:
    """Status and answer, and what was signed of the request, None where nothing was."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=endpoint), base_url="http://test"
    ) as http:
        response = await http.post(
            "/graphql",
            content=sent.body,
            headers={
                "content-type": "application/json",
                "accept": "application/graphql-response+json",
            },
        )
    told = response.json()
    extensions = told.pop("extensions", {})
    signed = extensions.get("provenance")
    extensions.pop("timing", None)
    statement = None
    if signed is not None:
        statement = signed["statement"]
        digest = statement["subject"][0]["digest"]["sha256"]
        assert digest == sha256(canonical(told)).hexdigest()
    return (response.status_code, told, extensions.get("explain")), statement


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
        for number in range(PAIRS):
            one, other = pair(chance)
            for _ in range(chance.randint(1, 2)):  # an answer is kept from the second time on
                await answered(warm.endpoint, one)
            found, statement = await answered(warm.endpoint, other)
            if other.body not in alone:
                alone[other.body], _ = await answered(fresh(cold), other)
            expected = alone[other.body]
            assert found[0] in (200, 400), f"pair {number}: {other}"
            assert found == expected, f"pair {number}: {one} then {other}"
            executed += "data" in found[1]
            if statement is not None:
                assert statement["predicate"]["request"] == signed(other)
    assert executed > PAIRS / 3  # most of the others are refused, which is an answer too
