"""Filters on a record's project: narrowed from the project side, or checked on the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract import Adapter, Source
from gateway.errors import TooExpensive
from gateway.model.entity import Entity
from gateway.model.link import Links, link_form
from gateway.model.question import Op, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.filters import PARENT, Doubt, Verdict, decide, repeats, wholly_published
from gateway.stitch.plan import plan

MOST_PARENTS = 2_000


async def project_keys(
    ask: Ask, source: Source, adapter: Adapter, predicates: tuple[Predicate, ...]
) -> tuple[str, ...]:
    """The keys of the registry's projects that satisfy the predicates, or may.

    Raises:
        TooExpensive: when there are more of them than children can be asked for.
    """
    asked = plan(adapter, Entity.PROJECT, predicates, want=MOST_PARENTS)
    keys: list[str] = []
    for question in asked.questions:
        async for page in adapter.pages(source, question):
            keys.extend(r.key for r in page.records if decide(r, asked.residual))
            if len(keys) > MOST_PARENTS:
                raise TooExpensive(
                    f"More than {MOST_PARENTS} projects of {adapter.info.name} match; "
                    "narrow `where.project`.",
                    registry=adapter.info.key,
                )
    return tuple(dict.fromkeys(keys))


async def parents_match(
    ask: Ask,
    source: Source,
    adapter: Adapter,
    records: Sequence[Record[Any]],
    predicates: tuple[Predicate, ...],
) -> list[Verdict]:
    """For each record, whether its project satisfies the predicates.

    The project fields that the row repeats are used where they are enough; else the projects are
    read by their keys, once per operation.
    """
    known: dict[str, Record[Any] | None] = ask.loaders.setdefault(("parents", adapter.info.key), {})
    views = adapter.views.get(Entity.PROJECT, ())
    first = [_by_row(record, predicates, views) for record in records]
    unsure: list[Any] = [r for r, told in zip(records, first, strict=True) if told is None]
    wanted = {r.project_key for r in unsure if r.project_key} - set(known)
    if wanted:
        keys = sorted(wanted | set(map(link_form, wanted)))
        page = await adapter.by_keys(source, Entity.PROJECT, keys)
        found = {project.key: project for project in page.records}
        means = Links(found)
        known.update({key: found.get(means.find(key) or "") for key in wanted})
    return [
        _by_project(record, predicates, known) if told is None else told
        for record, told in zip(records, first, strict=True)
    ]


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
