"""One cell of the fault matrix: an emulated registry, a fault, and a neighbour that is well."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web

from adapters.catalogue import adapters
from adapters.contract import Page, Request
from gateway import assemble
from gateway.model.question import Question
from gateway.provenance.evidence import Evidence
from gateway.sandbox.runner import Sandbox, load
from gateway.sandbox.world import World
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.market import make
from tests.upstream.bench import Registry, as_text, door_to, upstream
from tests.upstream.faults import FAULTS, FaultProxy

# A proxy stands before hosts only; what can happen to a database is in tests/conformance.
REGISTRIES = tuple(
    key for key, emulated in load().items() if key in adapters() and emulated.listens
)
# Faults that only end with the deadline get a short one, the others time on a busy machine.
ENDLESS = frozenset({"bandwidth", "slow close", "timeout", "endless"})
TUNING = Tuning(margin=0.02, floor=0.03, backoff=0.001, backoff_max=0.005)


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


def patience(fault: str) -> float:
    """Seconds that a caller has."""
    return 0.8 if fault in ENDLESS else 30.0


def terms(seconds: float) -> Terms:
    return Terms(time.monotonic() + seconds, evidence=Evidence(keep_bodies=True))


@dataclass
class Cell:
    """What the caller was told, how long it took, what his neighbour was told."""

    told: Any
    neighbour: Any
    seconds: float
    calls: int
    evidence: Evidence


async def cell(registry: str, fault: str) -> Cell:
    """Play the fault for the registry's adapter."""
    seed = sum(f"{registry}/{fault}".encode())
    async with Sandbox(world(), only=(registry,)) as sandbox, Registry(healthy) as beside:
        settings = sandbox.settings()[registry]
        assert settings.base_url is not None
        place = urlsplit(str(settings.base_url))
        assert place.port is not None
        async with FaultProxy("127.0.0.1", place.port, seed=seed, fault=FAULTS[fault]) as proxy:
            behind = urlunsplit(place._replace(netloc=f"127.0.0.1:{proxy.port}"))
            settings = settings.model_copy(update={"base_url": behind, "max_bytes": 4_000_000})
            made = assemble.upstream(registry, adapters()[registry], settings)
            made = replace(made, politeness=replace(made.politeness, timeout=60.0))
            bystander = upstream(beside.url, "bystander")
            async with door_to(made, bystander, tuning=TUNING) as door:
                asked, other = terms(patience(fault)), terms(30.0)
                began = time.monotonic()
                told, neighbour = await asyncio.gather(
                    first_page(door, registry, asked),
                    ask_beside(door, other),
                    return_exceptions=True,
                )
                took = time.monotonic() - began
    return Cell(told, neighbour, took, proxy.calls, asked.evidence)
