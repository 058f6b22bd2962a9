"""Edges between records of one registry: children of a project or issuance, and the way up.

The children of many parents are read together, in as few calls as the registry allows; each
parent then gets a connection of its own, whose cursors go on in a walk over that parent alone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.errors import Outcome, RegistryError, TooExpensive
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.question import Parent, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.batch import Batch
from gateway.stitch.closer import Closer
from gateway.stitch.connection import Connection, connect, fingerprint, settle
from gateway.stitch.coverage import Coverage, Doubtful, not_published
from gateway.stitch.judge import Judged, judged, own
from gateway.stitch.kinship import kinship, known, undecided
from gateway.stitch.nodes import Found, linked
from gateway.stitch.part import Asked, Children, Part, Reading, connection
from gateway.stitch.plan import Plan, plan
from gateway.stitch.sameas import same_as
from gateway.stitch.vocabulary import VOCABULARY

ALL = 1_000_000_000


async def children(
    ask: Ask,
    parent: Record[Any],
    entity: Entity,
    predicates: tuple[Predicate, ...] = (),
    *,
    first: int = 25,
    after: str | None = None,
    stitched: bool = False,
    told_by: Sequence[str] | None = None,
) -> Connection:
    """The parent's children of one kind: the first page batched with its siblings', later ones
    by a walk of their own. `stitched` adds the children of the same project elsewhere. Where
    `told_by` is given, only children that these registries tell are wanted.

    Raises:
        BadCursor: for a foreign `after`.
        Incomplete: where all registries were required and this one did not answer in full.
    """
    if stitched:
        return await _stitched(ask, parent, entity, predicates, first, after, told_by)
    registry, adapter = parent.registry, ask.federation.adapters[parent.registry]
    if told_by is not None and registry not in told_by:
        # Nobody is asked, as where a root field leaves a registry out: there is no row for it.
        return await connect(ask, entity, registries=(), predicates=predicates, first=first)
    known(ask, registry, parent.entity)[parent.key] = parent
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
        part = whole.narrowed(lambda unit: adapter.belongs(unit, parent))
    else:
        part = await _loader(ask, registry, parent.entity, entity, predicates, first).load(
            parent.key
        )
    made = connection(Asked(ask, entity, predicates, first), parent, part)
    settle(ask, made.coverage)
    return made


async def children_of(
    ask: Ask,
    parents: Sequence[Record[Any]],
    entity: Entity,
    predicates: tuple[Predicate, ...] = (),
    *,
    first: int = 25,
    after: str | None = None,
    stitched: bool = False,
    told_by: Sequence[str] | None = None,
) -> Sequence[Connection | Children | BaseException]:
    """What `children` gives for each of the parents, or the error it raises for that one."""
    # Where gaps are refused, each parent's part is looked at for itself.
    alone = stitched or after is not None or ask.require_all or told_by is not None
    if alone or any(_only_by_project(ask, parent, entity) for parent in parents):
        each = (
            children(
                ask,
                parent,
                entity,
                predicates,
                first=first,
                after=after,
                stitched=stitched,
                told_by=told_by,
            )
            for parent in parents
        )
        return await asyncio.gather(*each, return_exceptions=True)
    asked = Asked(ask, entity, predicates, first)
    groups: dict[tuple[str, Entity], list[str]] = {}
    for parent in parents:
        groups.setdefault((parent.registry, parent.entity), []).append(parent.key)
        known(ask, parent.registry, parent.entity)[parent.key] = parent
    loaded = await asyncio.gather(
        *(
            _loader(ask, registry, above, entity, predicates, first).load_all(keys)
            for (registry, above), keys in groups.items()
        )
    )
    parts = {group: iter(found) for group, found in zip(groups, loaded, strict=True)}
    some: dict[Reading, bool] = {}
    doubtful: dict[Reading, list[Doubtful]] = {}
    loose: Counter[Reading] = Counter()
    made: list[Children | BaseException] = []
    for parent in parents:
        part = next(parts[parent.registry, parent.entity])
        if isinstance(part, Part):
            some[part.reading] = some.get(part.reading, False) or part.count() > 0
            loose[part.reading] += part.loose
            if part.doubtful:
                doubtful.setdefault(part.reading, []).extend(part.passed(first))
            made.append(Children(asked, parent, part))
        else:
            made.append(part)
    for reading, any_ in some.items():
        row = reading.covered(some=any_)
        row.leave(doubtful.get(reading, ()))
        if loose[reading]:
            row.undecide(undecided(loose[reading]))
        ask.covered.append(row)
    return made


async def _stitched(
    ask: Ask,
    project: Record[Any],
    entity: Entity,
    predicates: tuple[Predicate, ...],
    first: int,
    after: str | None,
    told_by: Sequence[str] | None,
) -> Connection:
    hurried = ask.hurried()
    links = await same_as(hurried, project)
    ask.truncated |= hurried.truncated
    keys: dict[str, tuple[str, ...]] = {project.registry: (project.key,)}
    for link in links.links:
        there = link.project.registry
        keys[there] = (*keys.get(there, ()), link.project.key)
    if told_by is not None:
        keys = {registry: found for registry, found in keys.items() if registry in told_by}
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
        row
        for row in links.coverage
        if row.registry not in asked
        and not row.complete
        and (told_by is None or row.registry in told_by)
    )
    return page


async def project(ask: Ask, child: Any) -> Found:
    """The project of an issuance or unit, or None where the row does not say it."""
    if child.project_key is None:
        return None
    return await linked(ask, GlobalId(child.registry, Entity.PROJECT, child.project_key))


async def issuance(ask: Ask, unit: Any) -> Found:
    """The issuance of a unit: by key where the row says it, else the one its block lies in.

    Raises:
        RegistryError: the issuances that it may be could not be read to the end.
        TooExpensive: so, for want of calls that the operation may make.
    """
    if unit.issuance_key is not None:
        return await linked(ask, GlobalId(unit.registry, Entity.ISSUANCE, unit.issuance_key))
    adapter = ask.federation.adapters[unit.registry]
    if unit.project_key is None or Entity.ISSUANCE not in adapter.collections:
        return None
    loader = _loader(ask, unit.registry, Entity.PROJECT, Entity.ISSUANCE, (), ALL)
    part = await loader.load(unit.project_key)
    found = next((record for record in part.matching() if adapter.belongs(unit, record)), None)
    if found is None and part.reading.failed is not None:
        raise part.reading.failed
    if found is None and part.reading.spent is not None:
        raise TooExpensive(part.reading.spent, registry=unit.registry)
    return found


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
    if some.outcome is not Outcome.OK:
        nothing = Reading(some, ended=True)
        return [Part(nothing) for _ in parent.keys]
    size = adapter.collections[entity].parents_per_call
    chunks = [parent.keys[at : at + size] for at in range(0, len(parent.keys), size)]
    read = await asyncio.gather(*(_chunk(ask, asked, some, chunk, first) for chunk in chunks))
    return [part for parts in read for part in parts]


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
    elif (told := asked.told_by_words(adapter)) is not None:
        coverage.undecide(told)
    return coverage


async def _chunk(
    ask: Ask, asked: Plan, some: Coverage, keys: Sequence[str], first: int
) -> list[Part]:
    adapter = ask.federation.adapters[asked.registry]
    source = ask.source(asked.registry)
    above = asked.question.parent.entity if asked.question.parent else Entity.PROJECT
    question = replace(asked.question, parent=Parent(above, tuple(keys)))
    kin = kinship(ask, adapter, Parent(above, tuple(keys)))
    residual, higher = asked.residual, asked.parent_residual
    applied = own(asked.question.predicates)
    checked = bool(residual or higher or applied)
    closer = Closer(ask, source, adapter, asked.question.entity)
    reading = Reading(some.copy())
    parts = {key: Part(reading, checked=checked) for key in keys}
    notes: dict[str, None] = {}
    steps = ask.federation.steps
    try:
        async for page in adapter.pages(source, question):
            kindred = await steps.each(lambda record: (record, *kin.parents(record)), page.records)
            kindred = [one for one in kindred if one[1] or one[2]]
            verdicts: list[Judged] = [(record, True) for record, _, _ in kindred]
            if checked:
                rows = [record for record, _, _ in kindred]
                verdicts = await judged(closer, rows, residual, higher, applied=applied)
            for (_, sure, unsure), (record, verdict) in zip(kindred, verdicts, strict=True):
                for key in sure:
                    parts[key].add(record, verdict)
                for key in unsure:
                    parts[key].loose += verdict is not False
            notes.update(dict.fromkeys(page.warnings))
            if page.next is not None and all(part.count() >= first for part in parts.values()):
                break
            if page.next is not None:
                ask.in_time()
        else:
            reading.ended = True
    except RegistryError as error:
        reading.failed = error
    except (BudgetSpent, TooExpensive) as spent:
        ask.truncated = True
        reading.spent = spent.message
    reading.coverage.notes.extend(notes)
    if (left := closer.told()) is not None:
        reading.coverage.notes.append(left)
    reading.coverage.sources = tuple(dict.fromkeys(source.sources))
    reading.coverage.read(ask.terms.evidence)
    return [parts[key] for key in keys]
