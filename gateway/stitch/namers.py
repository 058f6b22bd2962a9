"""Who names a project: the records of other registries that state one of its names.

The names of all projects of an operation are asked together. A few are asked by a filter; for
more, the registry's projects are read whole where that costs no more than two calls for each
fifty names, as it does for every node of a usual size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.contract import Naming, naming_of
from gateway.errors import RegistryError, RegistryNotConfigured
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.batch import Batch
from gateway.stitch.claims import Name, Stated, core, means, spellings, stated_names
from gateway.stitch.connection import connect
from gateway.stitch.coverage import Coverage
from gateway.stitch.federation import Federation
from gateway.stitch.plan import NO_COLLECTION

# So many names are asked by a filter; more by reading the list, as are names too short for one.
FEW, SHORT = 2, 3
PER_CALLS = 50
CALLS = 2
# More records than these do not name one project.
MOST = 500


@dataclass(frozen=True, slots=True)
class Named:
    """The records of one registry that state a name, with their words, and how it was asked."""

    records: Sequence[tuple[Record[Any], Stated]]
    coverage: Sequence[Coverage]


def loader(ask: Ask, registry: str) -> Batch[Name, Named]:
    """Who states a name in this registry: each name is asked once, all of a turn together."""
    slot = ("named", registry)
    if slot not in ask.loaders:
        ask.loaders[slot] = Batch(partial(_read, ask, registry))
    found: Batch[Name, Named] = ask.loaders[slot]
    return found


async def _read(ask: Ask, registry: str, names: Sequence[Name]) -> Sequence[Named]:
    if len(names) > FEW or any(len(core(name.code)) < SHORT for name in names):
        whole = await _whole(ask, registry, len(names))
        if whole is not None:
            return await _sorted(ask, whole, names)
    return await _sorted(ask, await _filtered(ask, registry, names), names)


async def _whole(
    ask: Ask, registry: str, names: int
) -> tuple[list[Record[Any]], list[Coverage]] | None:
    """All projects of the registry; None where they are too many to be read for this."""
    collection = ask.federation.adapters[registry].collections.get(Entity.PROJECT, NO_COLLECTION)
    most = collection.page_size * CALLS * -(-names // PER_CALLS)
    page = await connect(ask, Entity.PROJECT, registries=(registry,), first=most)
    if page.merged.has_next and all(row.complete for row in page.coverage):
        return None
    return page.nodes, page.coverage


async def _filtered(
    ask: Ask, registry: str, names: Sequence[Name]
) -> tuple[list[Record[Any]], list[Coverage]]:
    pages = await asyncio.gather(
        *(
            connect(
                ask,
                Entity.PROJECT,
                registries=(registry,),
                predicates=(_holds(field, name),),
                first=MOST,
            )
            for field in ("origin_project_id", "project_id")
            for name in names
        )
    )
    records = {record.id: record for page in pages for record in page.nodes}
    rows = [row for page in pages for row in page.coverage]
    for page in pages:
        if page.merged.has_next:
            page.coverage[0].undecide(f"More than {MOST} records have such an id; not all are read")
    return list(records.values()), rows


def _holds(field: str, name: Name) -> Predicate:
    """What every spelling of the name passes."""
    held = core(name.code)
    if len(held) < SHORT:
        return Predicate(field, Op.IN, spellings((name.code,)))
    return Predicate(field, Op.CONTAINS, held)


def naming(fed: Federation) -> dict[str, Naming]:
    """The registries that can be asked which of their projects name one elsewhere."""
    found = {key: naming_of(adapter) for key, adapter in fed.adapters.items()}
    return {key: adapter for key, adapter in found.items() if adapter is not None}


def elsewhere(ask: Ask, registry: str, adapter: Naming) -> Batch[Name, Named]:
    """Whose project in this registry says that it is that of another one."""
    slot = ("elsewhere", registry)
    if slot not in ask.loaders:
        ask.loaders[slot] = Batch(partial(_elsewhere, ask, registry, adapter))
    found: Batch[Name, Named] = ask.loaders[slot]
    return found


async def _elsewhere(
    ask: Ask, registry: str, adapter: Naming, names: Sequence[Name]
) -> Sequence[Named]:
    row, upstream = Coverage(registry, exhausted=True), ask.federation.upstreams[registry]
    source = ask.source(registry)
    records: Sequence[Record[Any]] = ()
    if not upstream.configured:
        row.fail(RegistryNotConfigured(upstream.why_not, registry=registry), some=False)
        return await _sorted(ask, ([], [row]), names)
    try:
        page = await adapter.naming(source, spellings(name.code for name in names))
        records, row.returned = page.records, len(page.records)
    except RegistryError as error:
        row.fail(error, some=False)
    except BudgetSpent:
        row.undecide(f"the reads that one operation may ask of {registry} are used up")
    row.sources = tuple(source.sources)
    row.read(ask.terms.evidence)
    return await _sorted(ask, (list(records), [row]), names)


def shared(ask: Ask, registry: str) -> Batch[Name, Named]:
    """Whose project in this registry shows an id of a programme that several registries serve."""
    slot = ("shared", registry)
    if slot not in ask.loaders:
        ask.loaders[slot] = Batch(partial(_shared, ask, registry))
    found: Batch[Name, Named] = ask.loaders[slot]
    return found


async def _shared(ask: Ask, registry: str, names: Sequence[Name]) -> Sequence[Named]:
    whole = await _whole(ask, registry, len(names))
    if whole is None:
        row = Coverage(registry, exhausted=True)
        row.undecide("its projects are too many to be looked through for this id")
        whole = [], [row]
    return await _sorted(ask, whole, names)


async def _sorted(
    ask: Ask, read: tuple[list[Record[Any]], list[Coverage]], names: Sequence[Name]
) -> list[Named]:
    fed, (records, coverage) = ask.federation, read
    told: dict[str, list[tuple[Record[Any], Stated]]] = {}
    every = await fed.steps.each(lambda record: list(stated_names(fed, record)), records)
    for record, some in zip(records, every, strict=True):
        for stated in some:
            told.setdefault(stated.name.registry, []).append((record, stated))
    return [
        Named(
            [
                (record, stated)
                for record, stated in told.get(name.registry, ())
                if means(fed, stated.name, name)
            ],
            coverage,
        )
        for name in names
    ]
