"""One registry's emulator, adapter and door, running: where the conformance suite asks from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from adapters.catalogue import adapters, renamed
from adapters.contract import Adapter, Page
from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.config import LimitSettings
from gateway.errors import Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Parent, Predicate, Question
from gateway.model.record import Record
from gateway.provenance.evidence import Evidence
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.fault import Fault
from gateway.sandbox.runner import Sandbox, load, places, telling
from gateway.sandbox.world import World
from gateway.stitch.cursor import Cursors
from gateway.stitch.federation import Federation
from gateway.stitch.guarded import Guarded
from gateway.upstream.door import Door
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.source import RegistrySource
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.conformance.comparison import Truth, differences
from tests.market import make

T = TypeVar("T")

REGISTRIES = tuple(key for key in places() if key in adapters())
# Those that tell most and least of the market: what goes through all of it has its cost from there.
LONG = ("cad-trust", "cad-trust-v2", "gold-standard", "verra")
SHORT = ("cats", "cdm", "ecoregistry", "example-national-csv", "icr", "undp")

# Failing tests must fail at once: no second attempts, no registry left alone for a while, and
# none that can ask for a long pause.
BRISK = Tuning(
    margin=0.01, floor=0.01, fair=60.0, retries=0, breaker_least=1_000_000, gate_max=0.05
)


# Keys of no registry, in the shapes that keys have.
UNKNOWN = ("no-such-key", "999999999999", "00000000-0000-4000-8000-000000000000")
OUTCOMES = {
    Fault.DOWN: Outcome.CONNECT_ERROR,
    Fault.SLOW: Outcome.TIMEOUT,
    Fault.ERROR: Outcome.HTTP_ERROR,
    Fault.LIMITED: Outcome.RATE_LIMITED,
    Fault.HTML: Outcome.INVALID_PAYLOAD,
    Fault.EMPTY: Outcome.INVALID_PAYLOAD,
    Fault.TRUNCATED: Outcome.INVALID_PAYLOAD,
    Fault.WRONG_TYPE: Outcome.INVALID_PAYLOAD,
}


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

    async def projects(self) -> dict[str, Record[Any]]:
        """All projects by key, where the registry publishes any."""
        if Entity.PROJECT not in self.adapter.collections:
            return {}
        return {record.key: record for record in await self.everything(Entity.PROJECT)}

    async def until_error(self, question: Question) -> tuple[list[Page], RegistryError | None]:
        """The pages that came, and the error that ended them."""
        found: list[Page] = []
        try:
            async for page in self.adapter.pages(self.source(), question):
                found.append(page)  # noqa: PERF401  (a comprehension would lose them on the error)
        except RegistryError as error:
            return found, error
        return found, None

    def wrong(self, entity: Entity, records: Sequence[Record[Any]]) -> list[str]:
        """Everything in which these records differ from the world."""
        return [
            line
            for record in records
            for line in differences(self.truth, self.emulated, entity, record)
        ]

    @property
    def calls(self) -> int:
        """How many exchanges there were."""
        return len(self.evidence.exchanges)

    async def below(self, entity: Entity, parent: Entity, keys: Sequence[str]) -> set[str]:
        """The keys of the children of these parents."""
        found = await self.ask(Question(entity, parent=Parent(parent, tuple(keys)), want=500))
        return {record.key for record in found}


@asynccontextmanager
async def desk(
    registry: str,
    *,
    scale: int = 1,
    known_as: str | None = None,
    keeping: bool = False,
    told: World | None = None,
    tuning: Tuning = BRISK,
) -> AsyncIterator[Desk]:
    """The registry's emulator started and a desk in front of it.

    `known_as` runs a second instance of the adapter under a key of its own. With `keeping` bodies
    are kept, and confirmed by the registry each time. `told` takes the place of the usual world.
    """
    adapter = adapters()[registry]
    if known_as is not None:
        adapter = renamed(adapter, known_as)
    key = adapter.info.key
    told = told or world(scale)
    async with Sandbox(told, only=(registry,), record=True) as sandbox:
        upstream = assemble.upstream(key, adapter, sandbox.settings()[registry])
        store = None
        if keeping:
            store = BoundedMemoryCache(1 << 26, monotonic=SystemClock().monotonic)
            politeness = replace(upstream.politeness, fresh_for=0.0)
            upstream = replace(upstream, politeness=politeness)
        door = Door(
            {key: upstream},
            clock=SystemClock(),
            chance=SystemChance(),
            user_agent="carbon-gateway-conformance (mailto:nobody@example.org)",
            tuning=tuning,
            store=store,
            transport=sandbox.transport,
        )
        async with door:
            emulated = load((registry,))[registry]
            truth = Truth.of(telling(told, emulated))
            # As it is served: what all answers pass through sees these too.
            guarded: Any = Guarded(adapter)
            yield Desk(key, guarded, emulated, sandbox, door, truth)


def federation(at: Desk, limits: LimitSettings) -> Federation:
    """A federation of that registry alone."""
    given = at.sandbox.settings()[at.emulated.registry]
    return Federation(
        adapters={at.key: at.adapter},
        upstreams={at.key: assemble.upstream(at.key, at.adapter, given)},
        door=at.door,
        clock=SystemClock(),
        cursors=Cursors([b"k" * 32]),
        limits=limits,
    )


def keys(records: Sequence[Record[Any]]) -> list[str]:
    return [record.key for record in records]


def keys_of(pages: Sequence[Page]) -> list[str]:
    return [record.key for page in pages for record in page.records]


def some(rows: list[T], count: int) -> list[T]:
    """Up to so many rows from the whole length of the list."""
    return rows[:: max(1, len(rows) // count)][:count]


def busiest(rows: Mapping[str, Any], link: str) -> str:
    """The parent with the most children."""
    parents: list[str] = [getattr(row, link) for row in rows.values()]
    return max(sorted(set(parents)), key=parents.count)
