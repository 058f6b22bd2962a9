"""Every registry that is emulated, under every fault, beside one that is well."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from aiohttp import web

from adapters.catalogue import adapters
from adapters.contract import Page, Request
from gateway import assemble
from gateway.errors import RegistryError, RegistryRateLimited
from gateway.model.outcome import Outcome
from gateway.model.question import Question
from gateway.provenance.evidence import Evidence
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox, places
from gateway.sandbox.world import World
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import Registry, as_text, door_to, upstream
from tests.upstream.faults import FAULTS, HARMFUL, HARMLESS, FaultProxy

REGISTRIES = tuple(key for key in places() if key in adapters())
DEADLINE = 0.4
TUNING = Tuning(margin=0.02, floor=0.03, backoff=0.001, backoff_max=0.005)

EXPECTED = {
    "bandwidth": {Outcome.TIMEOUT},
    "slow close": {Outcome.TIMEOUT},
    "timeout": {Outcome.TIMEOUT},
    "reset": {Outcome.CONNECT_ERROR, Outcome.INVALID_PAYLOAD},
    "limit": {Outcome.CONNECT_ERROR, Outcome.INVALID_PAYLOAD},
    "html": {Outcome.INVALID_PAYLOAD},
    "truncated": {Outcome.INVALID_PAYLOAD},
    "gzip bomb": {Outcome.TOO_LARGE},
    "endless": {Outcome.TOO_LARGE, Outcome.TIMEOUT},
    "absurd 429": {Outcome.RATE_LIMITED},
    "false 401": {Outcome.HTTP_ERROR},
    "flaky 503": {Outcome.HTTP_ERROR},
}


@cache
def world() -> World:
    return make()


async def first_page(door: Door, registry: str, terms: Terms) -> Page | None:
    adapter = adapters()[registry]
    entity = next(iter(adapter.collections))
    source = door.source(registry, terms)
    async for page in adapter.pages(source, Question(entity, want=5)):
        return page
    return None


async def healthy(_: web.Request) -> web.Response:
    return web.Response(text="well")


async def ask_beside(door: Door, terms: Terms) -> str:
    await asyncio.sleep(0.02)
    return (await door.source("bystander", terms).read(Request("x"), as_text)).value


def terms() -> Terms:
    return Terms(time.monotonic() + DEADLINE, evidence=Evidence(keep_bodies=True))


def test_every_fault_has_an_expectation() -> None:
    assert EXPECTED.keys() == HARMFUL.keys()
    assert REGISTRIES


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("registry", REGISTRIES)
async def test_a_fault_gives_its_typed_outcome_in_time_and_harms_nobody_else(
    registry: str, fault: str
) -> None:
    seed = sum(f"{registry}/{fault}".encode())
    async with Sandbox(world(), only=(registry,)) as sandbox, Registry(healthy) as beside:
        settings = sandbox.settings()[registry]
        assert settings.base_url is not None
        place = urlsplit(settings.base_url)
        assert place.port is not None
        async with FaultProxy("127.0.0.1", place.port, seed=seed, fault=FAULTS[fault]) as proxy:
            behind = urlunsplit(place._replace(netloc=f"127.0.0.1:{proxy.port}"))
            settings = settings.model_copy(update={"base_url": behind, "max_bytes": 4_000_000})
            made = assemble.upstream(registry, adapters()[registry], settings)
            made = replace(made, politeness=replace(made.politeness, timeout=5.0))
            bystander = upstream(beside.url, "bystander")
            async with door_to(made, bystander, tuning=TUNING) as door:
                asked, other = terms(), terms()
                began = time.monotonic()
                told, neighbour = await asyncio.gather(
                    first_page(door, registry, asked),
                    ask_beside(door, other),
                    return_exceptions=True,
                )
                took = time.monotonic() - began
    assert neighbour == "well"
    assert took < DEADLINE + 0.35
    assert proxy.calls > 0
    judge(fault, told, asked.evidence)


def judge(fault: str, told: Any, evidence: Evidence) -> None:
    """Whether what the caller was told is what the fault deserves."""
    outcomes = {exchange.outcome for exchange in evidence.exchanges}
    if fault in HARMLESS:
        assert isinstance(told, Page), repr(told)
        assert outcomes == {Outcome.OK}
        return
    if fault == "bandwidth" and isinstance(told, Page):
        # A small answer gets through a narrow line.
        assert sum(exchange.size or 0 for exchange in evidence.exchanges) < 4096
        return
    assert isinstance(told, RegistryError), repr(told)
    assert told.outcome in EXPECTED[fault]
    assert told.source is not None
    assert evidence.exchanges[told.source].outcome is told.outcome
    if isinstance(told, RegistryRateLimited):
        assert told.retry_after is not None
        assert 299 < told.retry_after <= 300
