"""Isometric: projects, issuances, and the credit batches inside them.

Source: https://edge.isometric.com, the public GraphQL interface behind
https://registry.isometric.com (no account, cursor paging, 100 nodes a page). Quirks:

- Amounts are kilograms as text: 46,001 kg are 46.001 units. Serials count kilograms and are
  half-open: `0-46001` ends before kilogram 46,001, where the next block begins.
- An issuance has the supplier's batches and the buffer's. A batch that was split stays in the
  list as SPLIT, beside its parts: it is Inactive, so that nothing is counted twice.
- Errors come with status 200.
- Nothing can be filtered but the status of projects: children are picked here from all.
- A project's `shortCode` is its public id; serials carry it.

Only issuances were captured; projects follow the registry's queries as its site sends them.
Retirements are not read: no capture shows how they name the batches that they retire.

Personal data: none known.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.below import below
from adapters.contract import Code, Collection, Page, Politeness, RegistryInfo, Reply, Source
from adapters.isometric_rows import (
    SIZE,
    IssuanceRow,
    UnitRow,
    issuances_request,
    project_code,
    projects_request,
    read_issuances,
    read_projects,
    serial_range,
)
from adapters.isometric_views import (
    CODE,
    SERIAL,
    IsometricIssuance,
    IsometricProject,
    IsometricUnit,
)
from adapters.isometric_walk import Place, Step, place, walk
from adapters.trouble import of_graphql_body
from gateway.errors import RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Question, about
from gateway.model.record import Origin, Record

INFO = RegistryInfo(
    key="isometric",
    name="Isometric",
    operator="Isometric HQ Limited",
    url="https://registry.isometric.com",
    base_url="https://edge.isometric.com",
    terms="Public without an account; no licence is stated with the interface.",
    attribution="Isometric Registry",
    known_as=("Isometric", "Isometric Registry", "Isometric Standard"),
    schemes=(CODE, SERIAL),
    codes={
        CODE: Code(Entity.PROJECT, "X90003"),
        SERIAL: Code(Entity.UNIT, "ISO-1-EXAMP-BRA-X90003-2018-1-28232"),
    },
    headers=(("X-Frontend-Env", "production"), ("X-Frontend-Platform", "registry")),
    verified="2026-04-01",
    notes="Issuances and their batches were checked against a capture; projects were not. "
    "Retirements' beneficiaries are not read.",
)

_MANY = 100_000


def _collection(*parents: Entity, calls: int, rows: int | None = None) -> Collection:
    return Collection(
        parents=frozenset(parents),
        parents_per_call=_MANY,
        keys_per_call=_MANY,
        totals=Entity.ISSUANCE not in parents,
        page_size=SIZE,
        full_scan_calls=calls,
        expected=about(rows),
    )


class Isometric:
    """The Isometric registry."""

    politeness = Politeness(rate=2, period=1, concurrency=2, fresh_for=300)
    # 297 issuances in April 2026.
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: _collection(calls=2),
        Entity.ISSUANCE: _collection(Entity.PROJECT, calls=3, rows=297),
        Entity.UNIT: _collection(Entity.PROJECT, Entity.ISSUANCE, calls=3),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (IsometricProject,),
        Entity.ISSUANCE: (IsometricIssuance,),
        Entity.UNIT: (IsometricUnit,),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Pages in the registry's order; of children, those of the asked parents."""
        parent = question.parent
        size = SIZE if parent else max(10, min(question.want, SIZE))
        async for page in _pages(source, question.entity, place(token, size)):
            if parent is None:
                yield page
            else:
                kept = below(page.records, parent)
                yield Page(kept, token=page.token, next=page.next)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, issuances by id, units by serial; the lists are read to the last."""
        wanted = frozenset(keys)
        found: list[Record[Any]] = []
        if wanted:
            async for page in _pages(source, entity, Place(SIZE)):
                found += [record for record in page.records if record.key in wanted]
                if len(found) == len(wanted):
                    break
        return Page(found)

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The errors of a GraphQL answer, whatever its status."""
        return of_graphql_body(reply)

    def project_key(self, text: str) -> str | None:
        """`68X8`, also for `ISO-68X8`."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes and serials."""
        text = value.strip()
        if scheme == SERIAL:
            return (Entity.UNIT, text) if serial_range(text) else None
        key = project_code(text) if scheme == CODE else None
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        """Whether the batch stands in the issuance."""
        return isinstance(unit, IsometricUnit) and unit.issuance_key == issuance.key


async def _pages(source: Source, entity: Entity, start: Place) -> AsyncIterator[Page]:
    if entity is Entity.PROJECT:
        async for found in walk(source, projects_request, read_projects, start):
            yield _page(
                [
                    IsometricProject(row, _origin(source, found, "projects"), i)
                    for i, row in found.nodes
                ],
                found,
                found.total,
            )
        return
    async for step in walk(source, issuances_request, read_issuances, start):
        origin = _origin(source, step, "issuances")
        if entity is Entity.ISSUANCE:
            issuances = [IsometricIssuance(row, origin, str(i)) for i, row in step.nodes]
            yield _page(issuances, step, step.total)
        else:
            units = [unit for i, row in step.nodes for unit in _units(row, origin, str(i))]
            # The registry counts issuances, not their batches.
            yield _page(units, step, None)


def _origin(source: Source, step: Step[Any], name: str) -> Origin:
    return Origin(source.registry, step.source, f"/data/{name}/nodes")


def _page(records: Sequence[Record[Any]], step: Step[Any], total: int | None) -> Page:
    following = None if step.next is None else str(step.next)
    return Page(records, token=str(step.place), next=following, total=total)


def _units(row: IssuanceRow, origin: Origin, at: str) -> list[Record[Any]]:
    lists = (
        ("supplierCreditBatches", row.supplier_credit_batches, False),
        ("bufferPoolCreditBatches", row.buffer_pool_credit_batches, True),
    )
    return [
        IsometricUnit(UnitRow(batch, row, buffered), origin, f"{at}/{name}/{i}", at)
        for name, batches, buffered in lists
        for i, batch in enumerate(batches)
    ]


adapter = Isometric()
