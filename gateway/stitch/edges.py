"""Edges between records of one registry: children of a project or issuance, and the way up.

The children of many parents are read together, in as few calls as the registry allows; each
parent then gets a connection of its own, whose cursors go on in a walk over that parent alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.errors import Incomplete, RegistryError, TooExpensive
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.outcome import Outcome
from gateway.model.question import Parent, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.batch import Batch
from gateway.stitch.connection import Connection, connect, fingerprint, settle
from gateway.stitch.coverage import Coverage, not_published
from gateway.stitch.cursor import Position
from gateway.stitch.filters import matches
from gateway.stitch.merge import Merged
from gateway.stitch.nodes import Found, node
from gateway.stitch.place import Placed, Stretch, records_of
from gateway.stitch.plan import Plan, plan
from gateway.stitch.sameas import same_as
from gateway.stitch.vocabulary import VOCABULARY

ALL = 1_000_000_000


@dataclass(slots=True)
class Part:
    """What was read for one parent: all its rows, those that match, and how it went."""

    coverage: Coverage
    rows: list[Record[Any]]
    stretch: Stretch
    placed: list[Placed] = field(default_factory=list)

    def add(self, record: Record[Any], fits: bool) -> None:
        """Counts one row of the parent; keeps it where it matches."""
        if fits:
            self.placed.append(Placed((record, self.stretch, len(self.rows))))
        self.rows.append(record)

    def close(self, *, ended: bool) -> None:
        """All rows are there that will come; `ended` says that nothing follows the last one."""
        last = self.rows[-1].key if self.rows else None
        self.stretch.end = Position(0, None, len(self.rows), last, ended)


def _part(coverage: Coverage) -> Part:
    rows: list[Record[Any]] = []
    return Part(coverage, rows, Stretch(coverage.registry, rows, Position(), Position()))


async def children(
    ask: Ask,
    parent: Record[Any],
    entity: Entity,
    predicates: tuple[Predicate, ...] = (),
    *,
    first: int = 25,
    after: str | None = None,
    stitched: bool = False,
) -> Connection:
    """The parent's children of one kind: the first page batched with its siblings', later ones
    by a walk of their own. `stitched` adds the children of the same project elsewhere.

    Raises:
        BadCursor: for a foreign `after`.
        Incomplete: where all registries were required and this one did not answer in full.
    """
    if stitched:
        return await _stitched(ask, parent, entity, predicates, first, after)
    registry, adapter = parent.registry, ask.federation.adapters[parent.registry]
    named = {registry: Parent(parent.entity, (parent.key,))}
    through: Any = parent if _only_by_project(ask, parent, entity) else None
    if after is not None:
        above = Parent(Entity.PROJECT, (through.project_key or "",)) if through else None
        return await connect(
            ask,
            entity,
            registries=(registry,),
            predicates=predicates,
            first=first,
            after=after,
            parents={registry: above} if above else named,
            keep=(lambda unit: adapter.belongs(unit, parent)) if above else None,
            question=fingerprint(entity, (registry,), predicates, None, named),
        )
    if through:
        loader = _loader(ask, registry, Entity.PROJECT, entity, predicates, ALL)
        whole = await loader.load(through.project_key or "")
        placed = [p for p in whole.placed if adapter.belongs(p.record, parent)]
        part = Part(whole.coverage.copy(), whole.rows, whole.stretch, placed)
    else:
        part = await _loader(ask, registry, parent.entity, entity, predicates, first).load(
            parent.key
        )
    return _connection(ask, part, parent, entity, predicates, first)


async def children_of(
    ask: Ask,
    parents: Sequence[Record[Any]],
    entity: Entity,
    predicates: tuple[Predicate, ...] = (),
    *,
    first: int = 25,
    after: str | None = None,
    stitched: bool = False,
) -> list[Connection | BaseException]:
    """What `children` gives for each of the parents, or the error it raises for that one."""
    if stitched or after is not None or any(_only_by_project(ask, p, entity) for p in parents):
        each = (
            children(ask, parent, entity, predicates, first=first, after=after, stitched=stitched)
            for parent in parents
        )
        return await asyncio.gather(*each, return_exceptions=True)
    waiting = []
    for parent in parents:
        loader = _loader(ask, parent.registry, parent.entity, entity, predicates, first)
        waiting.append(loader.ask(parent.key))
    parts = await asyncio.shield(asyncio.gather(*waiting, return_exceptions=True))
    made: list[Connection | BaseException] = []
    for parent, part in zip(parents, parts, strict=True):
        if isinstance(part, BaseException):
            made.append(part)
            continue
        try:
            made.append(_connection(ask, part, parent, entity, predicates, first))
        except Incomplete as error:
            made.append(error)
    return made


async def _stitched(
    ask: Ask,
    project: Record[Any],
    entity: Entity,
    predicates: tuple[Predicate, ...],
    first: int,
    after: str | None,
) -> Connection:
    links = await same_as(ask, project)
    keys: dict[str, tuple[str, ...]] = {project.registry: (project.key,)}
    for link in links.links:
        there = link.project.registry
        keys[there] = (*keys.get(there, ()), link.project.key)
    page = await connect(
        ask,
        entity,
        registries=[key for key in ask.federation.adapters if key in keys],
        predicates=predicates,
        first=first,
        after=after,
        parents={key: Parent(Entity.PROJECT, found) for key, found in keys.items()},
    )
    # A registry that could not be asked for its record may have children that are not here.
    asked = {row.registry for row in page.coverage}
    page.coverage.extend(
        row for row in links.coverage if row.registry not in asked and not row.complete
    )
    return page


async def project(ask: Ask, child: Any) -> Found:
    """The project of an issuance or unit, or None where the row does not say it."""
    if child.project_key is None:
        return None
    return await node(ask, GlobalId(child.registry, Entity.PROJECT, child.project_key))


async def issuance(ask: Ask, unit: Any) -> Found:
    """The issuance of a unit: by key where the row says it, else the one its block lies in."""
    if unit.issuance_key is not None:
        return await node(ask, GlobalId(unit.registry, Entity.ISSUANCE, unit.issuance_key))
    adapter = ask.federation.adapters[unit.registry]
    if unit.project_key is None or Entity.ISSUANCE not in adapter.collections:
        return None
    loader = _loader(ask, unit.registry, Entity.PROJECT, Entity.ISSUANCE, (), ALL)
    part = await loader.load(unit.project_key)
    found = [p.record for p in part.placed if adapter.belongs(unit, p.record)]
    return found[0] if found else None


def _only_by_project(ask: Ask, parent: Record[Any], entity: Entity) -> bool:
    """Whether the parent is an issuance whose units can only be asked by its project."""
    collection = ask.federation.adapters[parent.registry].collections.get(entity)
    if parent.entity is Entity.PROJECT or collection is None:
        return False
    return parent.entity not in collection.parents


def _loader(
    ask: Ask,
    registry: str,
    above: Entity,
    entity: Entity,
    predicates: tuple[Predicate, ...],
    first: int,
) -> Batch[str, Part]:
    slot = ("children", registry, above, entity, predicates, first)
    if slot not in ask.loaders:

        async def load(keys: Sequence[str]) -> Sequence[Part]:
            return await _read(ask, registry, Parent(above, tuple(keys)), entity, predicates, first)

        ask.loaders[slot] = Batch(load)
    loader: Batch[str, Part] = ask.loaders[slot]
    return loader


async def _read(
    ask: Ask,
    registry: str,
    parent: Parent,
    entity: Entity,
    predicates: tuple[Predicate, ...],
    first: int,
) -> Sequence[Part]:
    adapter = ask.federation.adapters[registry]
    asked = plan(adapter, entity, predicates, parent=parent, want=min(first, 500))
    some = _coverage(ask, asked)
    parts = {key: _part(some.copy()) for key in parent.keys}
    if some.outcome is not Outcome.OK:
        for part in parts.values():
            part.close(ended=True)
        return list(parts.values())
    size = adapter.collections[entity].parents_per_call
    chunks = [parent.keys[at : at + size] for at in range(0, len(parent.keys), size)]
    await asyncio.gather(*(_chunk(ask, asked, chunk, parts, first) for chunk in chunks))
    return [parts[key] for key in parent.keys]


def _coverage(ask: Ask, asked: Plan) -> Coverage:
    coverage = Coverage(asked.registry)
    upstream = ask.federation.upstreams[asked.registry]
    adapter = ask.federation.adapters[asked.registry]
    entity = asked.question.entity
    coverage.pushed_down, coverage.checked_here = asked.pushed_down, asked.checked_here
    coverage.not_published = not_published(adapter.views.get(entity, ()), VOCABULARY[entity])
    if not upstream.configured:
        coverage.outcome, coverage.message = Outcome.NOT_CONFIGURED, upstream.why_not
        coverage.complete = False
    elif asked.skipped:
        coverage.outcome, coverage.message = Outcome.SKIPPED, asked.skipped
        coverage.complete = False
    return coverage


async def _chunk(
    ask: Ask, asked: Plan, keys: Sequence[str], parts: dict[str, Part], first: int
) -> None:
    adapter = ask.federation.adapters[asked.registry]
    source = ask.source(asked.registry)
    above = asked.question.parent.entity if asked.question.parent else Entity.PROJECT
    question = replace(asked.question, parent=Parent(above, tuple(keys)))
    owner = "project_key" if above is Entity.PROJECT else "issuance_key"
    residual = asked.residual
    ended = False
    notes: dict[str, None] = {}
    try:
        async for page in adapter.pages(source, question):
            for record in page.records:
                part = parts.get(getattr(record, owner) or "")
                if part is not None:
                    part.add(record, not residual or matches(record, residual))
            notes.update(dict.fromkeys(page.warnings))
            if page.next is not None and all(len(parts[k].placed) >= first for k in keys):
                break
        else:
            ended = True
    except RegistryError as error:
        for key in keys:
            parts[key].coverage.fail(error, some=bool(parts[key].placed))
    except (BudgetSpent, TooExpensive) as spent:
        ask.truncated = True
        told = getattr(spent, "message", "the upstream calls of one operation are used up")
        for key in keys:
            coverage = parts[key].coverage
            coverage.outcome, coverage.complete = Outcome.PARTIAL, False
            coverage.message = f"QUERY_TOO_EXPENSIVE: {told}"
    whole = Coverage(asked.registry, sources=tuple(dict.fromkeys(source.sources)))
    whole.read(ask.terms.evidence)
    for key in keys:
        part = parts[key]
        part.close(ended=ended)
        part.coverage.notes.extend(notes)
        part.coverage.read_with(whole)


def _connection(
    ask: Ask,
    part: Part,
    parent: Record[Any],
    entity: Entity,
    predicates: tuple[Predicate, ...],
    first: int,
) -> Connection:
    registry, coverage, here = parent.registry, part.coverage, part.stretch.end
    taken = part.placed[:first]
    end = here
    if len(part.placed) > len(taken):
        end = taken[-1].after if taken else part.placed[0].before
    coverage.records = records_of(taken)
    coverage.returned = len(taken)
    coverage.exhausted = end.exhausted
    if here.exhausted and coverage.outcome.answered:
        coverage.total_count = len(part.placed)
    settle(ask, (coverage,))

    def mint(places: Mapping[str, Position]) -> str:
        named = {registry: Parent(parent.entity, (parent.key,))}
        question = fingerprint(entity, (registry,), predicates, None, named)
        return ask.federation.cursors.mint(question, places)

    merged = Merged(tuple(taken), {registry: Position()}, {registry: end})
    return Connection(merged, (coverage,), mint)
