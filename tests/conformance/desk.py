"""One registry's emulator, adapter and door, running: where the conformance suite asks from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from adapters.catalogue import adapters, renamed
from adapters.contract import Adapter, Page
from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.model.entity import Entity
from gateway.model.question import Parent, Predicate, Question
from gateway.model.record import Record
from gateway.provenance.evidence import Evidence
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox, load, places, telling
from gateway.sandbox.world import World
from gateway.upstream.door import Door
from gateway.upstream.source import RegistrySource
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.conformance.comparison import Truth

REGISTRIES = tuple(key for key in places() if key in adapters())

# Failing tests must fail at once: no second attempts, no registry left alone for a while, and
# none that can ask for a long pause.
BRISK = Tuning(
    margin=0.01, floor=0.01, fair=60.0, retries=0, breaker_least=1_000_000, gate_max=0.05
)


@cache
def world(scale: int = 1) -> World:
    return make(scale=scale)


@dataclass(slots=True)
class Desk:
    """One registry, asked through the real door."""

    key: str
    adapter: Adapter
    emulated: Emulator
    sandbox: Sandbox
    door: Door
    truth: Truth
    evidence: Evidence = field(default_factory=lambda: Evidence(keep_bodies=True))

    def source(self, seconds: float = 60.0) -> RegistrySource:
        """The registry, with a deadline so many seconds from now."""
        deadline = SystemClock().monotonic() + seconds
        return self.door.source(self.key, Terms(deadline, evidence=self.evidence))

    async def pages(self, question: Question, token: str | None = None) -> list[Page]:
        """All pages of the answer, from the token on."""
        return [page async for page in self.adapter.pages(self.source(), question, token)]

    async def ask(self, question: Question) -> list[Record[Any]]:
        """All records of the answer."""
        return [record for page in await self.pages(question) for record in page.records]

    async def everything(self, entity: Entity) -> list[Record[Any]]:
        """All records of one kind."""
        return await self.ask(Question(entity, want=500))

    async def narrowed(self, entity: Entity, *predicates: Predicate) -> list[Record[Any]]:
        """The records that the registry finds for the predicates."""
        return await self.ask(Question(entity, predicates, want=500))

    async def below(self, entity: Entity, parent: Entity, keys: Sequence[str]) -> set[str]:
        """The keys of the children of these parents."""
        found = await self.ask(Question(entity, parent=Parent(parent, tuple(keys)), want=500))
        return {record.key for record in found}


@asynccontextmanager
async def desk(
    registry: str, *, scale: int = 1, known_as: str | None = None
) -> AsyncIterator[Desk]:
    """The registry's emulator started and a desk in front of it.

    `known_as` runs a second instance of the adapter under a key of its own.
    """
    adapter = adapters()[registry]
    if known_as is not None:
        adapter = renamed(adapter, known_as)
    key = adapter.info.key
    told = world(scale)
    async with Sandbox(told, only=(registry,), record=True) as sandbox:
        upstream = assemble.upstream(key, adapter, sandbox.settings()[registry])
        door = Door(
            {key: upstream},
            clock=SystemClock(),
            chance=SystemChance(),
            user_agent="carbon-gateway-conformance (mailto:nobody@example.org)",
            tuning=BRISK,
        )
        async with door:
            emulated = load((registry,))[registry]
            truth = Truth.of(telling(told, emulated))
            yield Desk(key, adapter, emulated, sandbox, door, truth)
