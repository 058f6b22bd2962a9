"""From a question to what each registry is asked: pushed down, checked here, or not asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from adapters.contract import Adapter
from gateway.model.entity import Entity
from gateway.model.question import (
    FREE_TEXTS,
    Collection,
    Op,
    Order,
    Parent,
    Predicate,
    Question,
)
from gateway.model.record import Record
from gateway.stitch.coverage import camel
from gateway.stitch.cut import Cut, cut, takes
from gateway.stitch.filters import PARENT, published

NO_COLLECTION = Collection(by_keys=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """One registry's part.

    `residual` is checked here on the record, `parent_residual` on the record's project.
    `narrow` is asked of the registry's projects first, to ask for their children only.
    `keep` is a further condition that no registry can be asked, None where it cannot be told.
    `cut` is a condition that is asked in parts, beside those of the question. `sort` is set where
    the order must be made here. `skipped` says why nothing is asked.
    """

    registry: str
    question: Question
    residual: tuple[Predicate, ...] = ()
    parent_residual: tuple[Predicate, ...] = ()
    narrow: tuple[Predicate, ...] = ()
    keep: Callable[[Record[Any]], bool | None] | None = None
    sort: Order | None = None
    skipped: str | None = None
    cut: Cut | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked one after the other: the question, with each part of what is cut."""
        own = self.question
        if self.cut is None:
            return (own,)
        return tuple(replace(own, predicates=(*own.predicates, part)) for part in self.cut.parts)

    @property
    def pushed_down(self) -> tuple[str, ...]:
        """The filters that the registry applies, by name."""
        own = [p.field for p in self.question.predicates]
        own += [self.cut.predicate.field] if self.cut else []
        return tuple(dict.fromkeys([*own, *(PARENT + p.field for p in self.narrow)]))

    def told_by_words(self, adapter: Adapter) -> str | None:
        """What to tell where the registry applies filters to words of its own, so that a row in a
        word that no table knows does not come; None where it does not."""
        asked = [(self.question.entity, p, p.field) for p in self.question.predicates]
        asked += [(Entity.PROJECT, p, PARENT + p.field) for p in self.narrow]
        if self.cut is not None:
            asked.append((self.question.entity, self.cut.parts[0], self.cut.predicate.field))
        names = dict.fromkeys(
            name
            for entity, predicate, name in asked
            if adapter.collections[entity].by_words(predicate)
        )
        texts = [name for name in names if name.removeprefix(PARENT) in FREE_TEXTS]
        words = [name for name in names if name not in texts]
        told = [
            f"{adapter.info.name} applied {', '.join(f'`{camel(name)}`' for name in some)} by "
            f"{how} may be missing."
            for some, how in (
                (
                    words,
                    "its own words: records that say it in words of which no table of ours knows "
                    "the meaning",
                ),
                (
                    texts,
                    "a search of its own: records that spell it otherwise, with accents or "
                    "without, or with another apostrophe,",
                ),
            )
            if some
        ]
        return " ".join(told) or None

    @property
    def checked_here(self) -> tuple[str, ...]:
        """The filters that are applied, or applied again, here."""
        own = [p.field for p in self.residual]
        return tuple(dict.fromkeys([*own, *(PARENT + p.field for p in self.parent_residual)]))

    @property
    def exact(self) -> bool:
        """Whether the registry's own total is the number of matching records."""
        here = self.residual or self.parent_residual or self.narrow or self.cut
        return not (here or self.question.parent)


def plan(
    adapter: Adapter,
    entity: Entity,
    predicates: tuple[Predicate, ...] = (),
    *,
    parent: Parent | None = None,
    order: Order | None = None,
    want: int = 25,
) -> Plan:
    """What to ask of one registry so that its records satisfy the question."""
    registry = adapter.info.key
    collection = adapter.collections.get(entity, NO_COLLECTION)
    made = Plan(registry, Question(entity, (), parent, None, want))
    if entity not in adapter.collections:
        return replace(made, skipped=f"{adapter.info.name} publishes no {entity.value}s")
    own = tuple(p for p in predicates if not p.field.startswith(PARENT))
    missing = next((p for p in own if not _can_match(adapter, entity, p)), None)
    if missing is not None:
        return replace(made, skipped=_never(adapter, missing.field))
    # Children of asked parents are few: what is too long for their registry is checked here.
    cutting = cut(adapter, entity, predicates) if parent is None else None
    made = _parent_part(replace(made, cut=cutting), adapter, predicates)
    if made.skipped:
        return made
    pushed = tuple(p for p in predicates if collection.accepts(p))
    pushed_order = order if order and order.field in collection.orders else None
    return replace(
        made,
        question=Question(entity, pushed, parent, pushed_order, want),
        residual=tuple(p for p in own if not _exact(made, collection, p)),
        sort=order if order and pushed_order is None else None,
    )


def _parent_part(made: Plan, adapter: Adapter, predicates: tuple[Predicate, ...]) -> Plan:
    entity = made.question.entity
    collection = adapter.collections[entity]
    above = tuple(p for p in predicates if p.field.startswith(PARENT))
    if not above:
        return made
    if Entity.PROJECT not in adapter.collections:
        return replace(made, skipped=f"{adapter.info.name} publishes no projects")
    asked = tuple(replace(p, field=p.field.removeprefix(PARENT)) for p in above)
    missing = next((p for p in asked if not _can_match(adapter, Entity.PROJECT, p)), None)
    if missing is not None:
        return replace(made, skipped=_never(adapter, missing.field))
    left = tuple(
        own for own, p in zip(asked, above, strict=True) if not _exact(made, collection, p)
    )
    projects = adapter.collections[Entity.PROJECT]
    cutting = made.cut.predicate if made.cut else None
    unpushed = [
        own
        for own, p in zip(asked, above, strict=True)
        if not collection.accepts(p) and p is not cutting
    ]
    narrows = (
        made.question.parent is None
        and Entity.PROJECT in collection.parents
        and any(takes(projects, p) for p in unpushed)
    )
    return replace(made, parent_residual=left, narrow=asked if narrows else ())


def _exact(made: Plan, collection: Collection, predicate: Predicate) -> bool:
    """Whether the registry gives just the rows that satisfy the predicate."""
    if made.cut is not None and predicate is made.cut.predicate:
        return made.cut.exact
    return collection.exact(predicate)


def _can_match(adapter: Adapter, entity: Entity, predicate: Predicate) -> bool:
    """Null is matched by what a registry never says; anything else is not."""
    if predicate.op is Op.IS_NULL and predicate.value:
        return True
    if takes(adapter.collections[entity], predicate):
        return True
    return published(adapter.views.get(entity, ()), entity, predicate.field)


def _never(adapter: Adapter, name: str) -> str:
    asked = f"`{camel(name)}`"
    return f"{adapter.info.name} does not publish what {asked} filters on, so it was not asked"
