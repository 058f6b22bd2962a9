"""Filters on a record's project: narrowed from the project side, or checked on the project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from adapters.contract import Adapter, Source
from gateway.errors import TooExpensive
from gateway.model.entity import Entity
from gateway.model.link import Links, link_form
from gateway.model.question import Op, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.closer import AT_ONCE, Closer
from gateway.stitch.filters import (
    PARENT,
    Doubt,
    Verdict,
    decide,
    elsewhere,
    repeats,
    wholly_published,
)
from gateway.stitch.plan import plan

MOST_PARENTS = 2_000
# Some registries take any number of keys, and read a page for each: what is lost with the budget.
MOST_AT_ONCE = 50


async def project_keys(
    ask: Ask, source: Source, adapter: Adapter, predicates: tuple[Predicate, ...]
) -> tuple[str, ...]:
    """The keys of the registry's projects that satisfy the predicates, or may.

    Raises:
        TooExpensive: when there are more of them than children can be asked for.
    """
    asked = plan(adapter, Entity.PROJECT, predicates, want=MOST_PARENTS)
    keys: list[str] = []
    steps = ask.federation.steps
    for question in asked.questions:
        async for page in adapter.pages(source, question):
            verdicts = await steps.each(lambda r: decide(r, asked.residual), page.records)
            keys.extend(r.key for r, fits in zip(page.records, verdicts, strict=True) if fits)
            if len(keys) > MOST_PARENTS:
                raise TooExpensive(
                    f"More than {MOST_PARENTS} projects of {adapter.info.name} match; "
                    "narrow `where.project`.",
                    registry=adapter.info.key,
                )
    return tuple(dict.fromkeys(keys))


async def parents_match(
    closer: Closer, records: Sequence[Record[Any]], predicates: tuple[Predicate, ...]
) -> list[Verdict]:
    """For each record, whether its project satisfies the predicates.

    The project fields that the row repeats are used where they are enough; else the projects are
    read by their keys, once per operation, and those that a list leaves open in so small parts
    that each is read in full, as far as the budget goes.
    """
    slot = ("parents", closer.adapter.info.key)
    known: dict[str, Record[Any] | None] = closer.ask.loaders.setdefault(slot, {})
    views = closer.adapter.views.get(Entity.PROJECT, ())
    steps = closer.ask.federation.steps
    first = await steps.each(lambda record: _by_row(record, predicates, views), records)
    unsure: list[Any] = [r for r, told in zip(records, first, strict=True) if told is None]
    above = replace(closer, entity=Entity.PROJECT)
    wanted = list(dict.fromkeys(r.project_key for r in unsure if r.project_key))
    await _read(above, known, [key for key in wanted if key not in known])
    await _read_in_full(above, known, wanted, predicates)
    found: list[Verdict] = list(first)  # type: ignore[arg-type]
    open_ = [at for at, told in enumerate(first) if told is None]
    last = await steps.each(lambda at: _by_project(records[at], predicates, known), open_)
    for at, verdict in zip(open_, last, strict=True):
        found[at] = verdict
    return found


async def _read(
    closer: Closer, known: dict[str, Record[Any] | None], wanted: Sequence[str]
) -> None:
    """Reads projects by what rows call them, in as many parts as calls are needed.

    Where the calls of the operation end, the rest stays unknown: a page of rows whose projects
    cost more than that would otherwise never be passed.
    """
    adapter = closer.adapter
    takes = adapter.collections[Entity.PROJECT].keys_per_call
    at_once = max(AT_ONCE, min(takes, MOST_AT_ONCE))
    for at in range(0, len(wanted), at_once):
        part = wanted[at : at + at_once]
        keys = sorted({*part, *map(link_form, part)})
        try:
            page = await adapter.by_keys(closer.source, Entity.PROJECT, keys)
        except BudgetSpent:
            closer.ask.truncated = True
            return
        found = {project.key: project for project in page.records}
        means = Links(found)
        known.update({key: found.get(means.find(key) or "") for key in part})


async def _read_in_full(
    closer: Closer,
    known: dict[str, Record[Any] | None],
    wanted: Iterable[str],
    predicates: tuple[Predicate, ...],
) -> None:
    """Reads the projects again that their list rows leave open."""
    projects = {key: project for key in wanted if (project := known.get(key)) is not None}
    steps = closer.ask.federation.steps
    above = list(projects.values())
    verdicts = await steps.each(lambda project: decide(project, predicates), above)
    open_ = [project for project, told in zip(above, verdicts, strict=True) if elsewhere(told)]
    if open_:
        read = await closer.read(open_)
        known.update({key: read.get(project.key, project) for key, project in projects.items()})


def _by_row(
    record: Any, predicates: tuple[Predicate, ...], views: Sequence[type[Record[Any]]]
) -> bool | None:
    """What the row decides by what it repeats of its project; None where that is not enough.

    What it does not repeat the project may say all the same.
    """
    parent = record.parent
    if parent is None:
        return None
    verdicts = [_repeated(parent, predicate, views) for predicate in predicates]
    return False if False in verdicts else None if None in verdicts else True


def _repeated(
    parent: Record[Any], predicate: Predicate, views: Sequence[type[Record[Any]]]
) -> bool | None:
    if not wholly_published(type(parent), views, Entity.PROJECT, predicate.field):
        return None
    return repeats(parent, predicate)


def _by_project(
    record: Any, predicates: tuple[Predicate, ...], known: dict[str, Record[Any] | None]
) -> Verdict:
    if record.project_key is None:
        # No project is said, so nothing of it is.
        return all(p.op is Op.IS_NULL and p.value for p in predicates)
    project = known.get(record.project_key)
    if project is None:
        return tuple(Doubt(PARENT + p.field, not_read=True) for p in predicates)
    return decide(project, predicates, PARENT)
