"""Filters on a record's project: narrowed from the project side, or checked on the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract import Adapter, Source
from gateway.errors import TooExpensive
from gateway.model.entity import Entity
from gateway.model.link import Links, link_form
from gateway.model.question import Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.filters import matches, published
from gateway.stitch.plan import plan

MOST_PARENTS = 2_000


async def project_keys(
    ask: Ask, source: Source, adapter: Adapter, predicates: tuple[Predicate, ...]
) -> tuple[str, ...]:
    """The keys of the registry's projects that satisfy the predicates.

    Raises:
        TooExpensive: when there are more of them than children can be asked for.
    """
    asked = plan(adapter, Entity.PROJECT, predicates, want=MOST_PARENTS)
    keys: list[str] = []
    async for page in adapter.pages(source, asked.question):
        keys.extend(r.key for r in page.records if matches(r, asked.residual))
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
) -> list[bool]:
    """For each record, whether its project satisfies the predicates.

    The project fields that the row repeats are used where they are enough; else the projects are
    read by their keys, once per operation.
    """
    known: dict[str, Record[Any] | None] = ask.loaders.setdefault(("parents", adapter.info.key), {})
    unsure: list[Any] = [r for r in records if not _enough(r, predicates)]
    wanted = {r.project_key for r in unsure if r.project_key} - set(known)
    if wanted:
        keys = sorted(wanted | set(map(link_form, wanted)))
        page = await adapter.by_keys(source, Entity.PROJECT, keys)
        found = {project.key: project for project in page.records}
        means = Links(found)
        known.update({key: found.get(means.find(key) or "") for key in wanted})
    return [_fits(record, predicates, known) for record in records]


def _enough(record: Any, predicates: tuple[Predicate, ...]) -> bool:
    parent = record.parent
    if parent is None:
        return False
    return all(published((type(parent),), Entity.PROJECT, p.field) for p in predicates)


def _fits(
    record: Any, predicates: tuple[Predicate, ...], known: dict[str, Record[Any] | None]
) -> bool:
    if _enough(record, predicates):
        return matches(record.parent, predicates)
    project = known.get(record.project_key or "")
    return project is not None and matches(project, predicates)
