"""Registries in memory, with declared abilities and failures, for tests of the federation."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from adapters.contract import Answer, Page, Politeness, RegistryInfo, Reply, Request
from gateway.clock import SystemClock
from gateway.config import LimitSettings
from gateway.errors import Outcome, RegistryError
from gateway.harmonise.table import Table
from gateway.model.entity import Entity
from gateway.model.field import computed, mapped, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.project import LocationView, ProjectRecord
from gateway.model.question import Collection, Op, Question, pushdown
from gateway.model.record import Origin, Record
from gateway.model.unit import UnitRecord
from gateway.provenance.evidence import CacheFacts, Exchange
from gateway.stitch.ask import Ask
from gateway.stitch.cursor import Cursors
from gateway.stitch.federation import Federation
from gateway.stitch.filters import decide
from gateway.upstream.health import Health
from gateway.upstream.terms import Terms
from gateway.upstream.upstream import Upstream

T = TypeVar("T")

STATUS = Table("fake-status", {"up": ProjectStatus.REGISTERED, "down": ProjectStatus.WITHDRAWN})
UNIT_STATUS = Table("fake-unit", {"held": UnitStatus.HELD, "gone": UnitStatus.RETIRED})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One wire row of any kind."""

    key: str
    name: str | None = None
    status: str | None = None
    country: str | None = None
    date: str | None = None
    project: str | None = None
    issuance: str | None = None
    origin: str | None = None
    origin_registry: str | None = None
    year: int | None = None


class Place(LocationView[Row]):
    country = wire("country")


class FakeProject(ProjectRecord[Row]):
    key = wire("key")
    project_id = wire("key")
    project_name = wire("name")
    project_status = mapped("status", STATUS)
    project_status_date = wire("date")
    registry_of_origin = wire("origin_registry")
    registry_of_origin_raw = wire("origin_registry")
    origin_project_id = wire("origin")
    project_locations = computed(lambda row: (Place(row),), "country")


class FakeIssuance(IssuanceRecord[Row]):
    key = wire("key")
    project_key = wire("project")
    issuance_id = wire("key")
    vintage_year = wire("year")


class FakeUnit(UnitRecord[Row]):
    key = wire("key")
    project_key = wire("project")
    issuance_key = wire("issuance")
    unit_serial_id = wire("key")
    unit_status = mapped("status", UNIT_STATUS)
    vintage_year = wire("year")


VIEWS: dict[Entity, type[Record[Any]]] = {
    Entity.PROJECT: FakeProject,
    Entity.ISSUANCE: FakeIssuance,
    Entity.UNIT: FakeUnit,
}
FULL = Collection(
    filters={
        "project_status": pushdown(Op.EQ, Op.IN, most=10),
        "origin_project_id": pushdown(Op.EQ, Op.IN, most=20),
        "unit_status": pushdown(Op.EQ, exact=False),
    },
    parents=frozenset({Entity.PROJECT, Entity.ISSUANCE}),
    parents_per_call=3,
    totals=True,
)


@dataclass
class FakeRegistry:
    """An adapter over rows; `fail` and `fail_paths` say which calls get an error, by number or
    by path."""

    key: str
    rows: dict[Entity, list[Row]]
    page_size: int = 3
    collection: Collection = FULL
    fail: dict[int, RegistryError] = field(default_factory=dict)
    fail_paths: dict[str, RegistryError] = field(default_factory=dict)
    from_cache: Callable[[str], bool] = lambda path: False
    calls: int = 0
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = field(
        default_factory=lambda: {entity: (view,) for entity, view in VIEWS.items()}
    )

    @property
    def info(self) -> RegistryInfo:
        return RegistryInfo(
            self.key, self.key.title(), "Nobody (invented)", "https://x.test", "", "none", "none"
        )

    politeness = Politeness()

    @property
    def collections(self) -> Mapping[Entity, Collection]:
        return dict.fromkeys(self.rows, self.collection)

    async def pages(
        self, source: Any, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        found = [r for r in self.records(question.entity, 0) if self._asked(r, question)]
        if question.order:
            name = question.order.field
            found.sort(key=lambda r: getattr(r, name) or "", reverse=question.order.descending)
        at = int(token or 0)
        while True:
            answer = await source.read(Request(f"/{question.entity}/{at}"), _nothing)
            rows = [
                type(r)(r.row, replace(r.origin, source=answer.source), r.place)
                for r in found[at : at + self.page_size]
            ]
            end = at + self.page_size
            after = str(end) if end < len(found) else None
            yield Page(rows, str(at), after, len(found))
            if after is None:
                return
            at = end

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Page:
        answer = await source.read(Request("/keys"), _nothing)
        return Page([r for r in self.records(entity, answer.source) if r.key in keys])

    def records(self, entity: Entity, source: int) -> list[Record[Any]]:
        origin = Origin(self.key, source)
        view = VIEWS[entity]
        return [view(row, origin, i) for i, row in enumerate(self.rows.get(entity, []))]

    def digest(self) -> str:
        """Another one for other rows, as that of a body."""
        return hashlib.sha256(msgspec.json.encode(self.rows)).hexdigest()

    def project_key(self, text: str) -> str | None:
        key = text.removeprefix("P-")
        return key if key else None

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        return (Entity.PROJECT, value) if scheme == f"{self.key}.id" else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        told: Any = unit
        return bool(told.issuance_key == issuance.key)

    def _asked(self, record: Any, question: Question) -> bool:
        if question.parent:
            above = "project_key" if question.parent.entity is Entity.PROJECT else "issuance_key"
            if getattr(record, above) not in question.parent.keys:
                return False
        exact = [p for p in question.predicates if self.collection.exact(p)]
        return decide(record, exact) is True


def _nothing(reply: Reply) -> None:
    return None


class FakeSource:
    """Counts the calls of one registry and fails those that are to fail."""

    options: Mapping[str, str] = {}

    def __init__(self, registry: FakeRegistry, terms: Terms) -> None:
        self._registry = registry
        self._terms = terms

    @property
    def registry(self) -> str:
        return self._registry.key

    async def held(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T] | None:
        if not self._registry.from_cache(request.path):
            return None
        return await self.read(request, decode)

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        number = self._registry.calls
        self._registry.calls += 1
        error = self._registry.fail.get(number) or self._registry.fail_paths.get(request.path)
        outcome = error.outcome if error else Outcome.OK
        held = self._registry.from_cache(request.path)
        index = self._terms.evidence.add(
            Exchange(
                self.registry,
                outcome,
                "GET",
                request.path,
                digest=None if error else self._registry.digest(),
                status=None if error else 200,
                fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
                latency_ms=1,
                # Kept, as most are; what may not be kept is shared within its operation.
                cache=CacheFacts(hit=held, ttl_seconds=60),
                attempts=0 if held else 1,
            )
        )
        if error:
            error.source = index
            raise error
        return Answer(decode(Reply(200, {}, b"")), index, {})


class FakeDoor:
    """Hands out sources of the fake registries."""

    def __init__(self, registries: Sequence[FakeRegistry]) -> None:
        self._registries = {registry.key: registry for registry in registries}

    def source(self, registry: str, terms: Terms) -> FakeSource:
        return FakeSource(self._registries[registry], terms)

    def health(self, registry: str) -> Health:
        return Health(registry, True)


def federation(
    *registries: FakeRegistry, limits: LimitSettings | None = None, down: Sequence[str] = ()
) -> Federation:
    """A federation over the fake registries; those in `down` are not configured."""
    return Federation(
        adapters={registry.key: registry for registry in registries},
        upstreams={
            registry.key: Upstream(
                registry.key,
                "http://x.test",
                "http://x.test",
                Politeness(),
                configured=registry.key not in down,
                why_not="no host is configured" if registry.key in down else "",
            )
            for registry in registries
        },
        door=FakeDoor(registries),
        clock=SystemClock(),
        cursors=Cursors([b"k" * 32]),
        limits=limits or LimitSettings(),
    )


def ask(fed: Federation, *, require_all: bool = False) -> Ask:
    """One operation's way of asking."""
    return Ask(fed, Terms(deadline=fed.clock.monotonic() + 60), require_all=require_all)


def projects(count: int, prefix: str = "p") -> list[Row]:
    """Rows with distinct keys and varied values."""
    return [
        Row(
            key=f"{prefix}{i}",
            name=f"Name {(i * 7) % 11}",
            status=("up", "down", "odd")[i % 3],
            country=("KE", "PE", None)[i % 3],
            date=f"2024-01-{1 + (i * 5) % 28:02d}",
        )
        for i in range(count)
    ]
