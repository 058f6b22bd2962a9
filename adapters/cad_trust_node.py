"""Reading a CAD Trust node over `/v1`: the one class behind every registry that runs such a node.

What costs what: projects and their children come 150 to a call by key, or page by page. Units
cannot be asked for by project, so a project is read first and then its issuances' units, two
issuances to a call. A node gives its own records UUIDs for keys; those of other organisations hold
whatever text was sent, and are asked for exactly as they came. Serials are free text, and no list
finds a unit by one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.cad_trust_filters import Route, checks, one_of, plan
from adapters.cad_trust_keys import (
    issuances_by_key,
    issued_by,
    named_key,
    once,
    project_calls,
    projects_by_key,
    typed_key,
    unit_calls,
    units_by_key,
)
from adapters.cad_trust_synced import Synced, trouble
from adapters.cad_trust_tables import (
    COLLECTIONS,
    ISSUANCE_COLUMNS,
    PROJECTS,
    UNITS,
)
from adapters.cad_trust_views import Issuance, Project, Unit
from adapters.cad_trust_walk import Rows, leg_of, organisation_of, token_of, walk
from adapters.contract import Code, Page, Politeness, RegistryInfo, Reply, Source
from adapters.one_by_one import one_by_one
from gateway.errors import RegistryError
from gateway.model.entity import Entity
from gateway.model.odd import told
from gateway.model.question import Parent, Question
from gateway.model.record import Record

VIEWS: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
    Entity.PROJECT: (Project,),
    Entity.ISSUANCE: (Issuance,),
    Entity.UNIT: (Unit,),
}
# CERs keep the CDM's serials; each row that holds the number is looked at.
WITHIN_SERIALS = Code(Entity.UNIT, "90002", r"[1-9]\d{0,5}", search="", within="unit_serial_id")
# Builds that serve /v2 too allow 1,000 requests in 15 minutes; older ones name no limit.
POLITENESS = Politeness(rate=60, period=60, burst=20, max_bytes=16 * 1024 * 1024)

_SCHEMES = {
    "cadtrust.warehouseProjectId": Entity.PROJECT,
    "cadtrust.issuanceId": Entity.ISSUANCE,
    "cadtrust.warehouseUnitId": Entity.UNIT,
}


class CadTrustNode:
    """The adapter of one node; `info` says which registry it is configured as."""

    collections = COLLECTIONS
    views = VIEWS

    def __init__(self, info: RegistryInfo, politeness: Politeness = POLITENESS) -> None:
        self.info = info
        self.politeness = politeness

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        entity = question.entity
        ask = {Entity.PROJECT: _projects, Entity.ISSUANCE: _issuances, Entity.UNIT: _units}
        node, organisation, empty = Synced(source), organisation_of(source), True
        async for rows in ask[entity](node, question, token):
            records, whole = tuple(_records(entity, rows)), await node.whole(organisation)
            yield Page(records, rows.token, rows.next, rows.total, rows.warnings, whole)
            empty = False
        if empty and (whole := await node.whole(organisation)) is not None:
            # Parents without children on a node that may not have heard of them yet.
            yield Page((), whole=whole)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        ask = {
            Entity.PROJECT: projects_by_key,
            Entity.ISSUANCE: issuances_by_key,
            Entity.UNIT: units_by_key,
        }
        node, organisation = Synced(source), organisation_of(source)
        calls = {Entity.PROJECT: project_calls, Entity.UNIT: unit_calls}.get(entity)
        parts = [once(keys)] if calls is None else calls(keys)
        warnings: dict[str, None] = {}

        async def read(part: Sequence[str]) -> list[Record[Any]]:
            found: list[Record[Any]] = []
            async for rows in ask[entity](node, part):
                found += _records(entity, rows)
                warnings.update(dict.fromkeys(rows.warnings))
            return found

        page = await one_by_one(((part, part) for part in parts), read, [k for k in keys if not k])
        whole = await node.whole(organisation)
        told = (*warnings, *page.warnings)
        return replace(page, records=tuple(page.records), warnings=told, whole=whole)

    def trouble(self, reply: Reply) -> RegistryError | None:
        return trouble(reply)

    def project_key(self, text: str) -> str | None:
        """The warehouse project id, letter by letter. Other texts than UUIDs may be codes too:
        only `lookup_key` takes them for keys."""
        return typed_key(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        entity = _SCHEMES.get(scheme)
        key = named_key(value)
        return (entity, key) if entity and key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        return isinstance(unit, Unit) and unit.issuance_key == issuance.key


async def _projects(source: Source, question: Question, token: str | None) -> AsyncIterator[Rows]:
    route = plan(PROJECTS.columns, question.predicates, PROJECTS.room)
    async for rows in walk(source, PROJECTS, route, token, question.want):
        yield rows


async def _issuances(source: Source, question: Question, token: str | None) -> AsyncIterator[Rows]:
    if question.parent is not None:
        pages = _parents(source, question.parent, token)
        rest = checks(ISSUANCE_COLUMNS, question.predicates)
    else:
        route = plan(ISSUANCE_COLUMNS, question.predicates, PROJECTS.room)
        pages = walk(source, PROJECTS, route, token, question.want, count=False)
        rest = ()
    async for rows in pages:
        kept = [
            (place, issued)
            for place, issued in issued_by(rows)
            if told(issued.project) is not None or all(check(issued.project) for check in rest)
        ]
        yield Rows(rows.origin, kept, rows.token, rows.next, None, rows.warnings)


async def _parents(source: Source, parent: Parent, token: str | None) -> AsyncIterator[Rows]:
    """The projects of these keys, one call to a page."""
    chunks = project_calls(parent.keys)
    for number in range(leg_of(source, token), len(chunks)):
        following = token_of(number + 1) if number + 1 < len(chunks) else None
        async for rows in projects_by_key(source, chunks[number]):
            yield replace(rows, token=token_of(number), next=following)


async def _units(source: Source, question: Question, token: str | None) -> AsyncIterator[Rows]:
    if question.parent is None:
        route = plan(UNITS.columns, question.predicates, UNITS.room)
    else:
        keys = await _issuance_keys(source, question.parent)
        legs = tuple(one_of("issuanceId", keys, UNITS.room)) if keys else ()
        route = Route(legs, checks(UNITS.columns, question.predicates))
    async for rows in walk(source, UNITS, route, token, question.want):
        yield rows


async def _issuance_keys(source: Source, parent: Parent) -> Sequence[str]:
    if parent.entity is Entity.ISSUANCE:
        return once(parent.keys)
    found: dict[str, None] = {}
    async for rows in projects_by_key(source, parent.keys):
        found.update(dict.fromkeys(issued.issuance.id for _, issued in issued_by(rows)))
    return tuple(found)


def _records(entity: Entity, rows: Rows) -> Iterable[Record[Any]]:
    if entity is Entity.ISSUANCE:
        return (Issuance(i.issuance, rows.origin, place, i.project) for place, i in rows.rows)
    view = Project if entity is Entity.PROJECT else Unit
    return (view(row, rows.origin, place) for place, row in rows.rows)
