"""Cuts: a list of values that is longer than a registry takes, asked in several parts.

The parts are asked one after the other, and their union is the answer: a record that fits several
of them is given with the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract import Adapter
from gateway.harmonise.methodologies import methodology_key
from gateway.model.entity import Entity
from gateway.model.question import Collection, Op, Predicate
from gateway.model.record import Record
from gateway.stitch.filters import PARENT, comparable, published, values

# Filters that look at several values of one record, so that two parts may find the same one.
_SEVERAL = frozenset({"country", "sector", "project_type", "methodology", "label", "co_benefit"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A condition in parts that the registry takes; `numbers` says which part has a value, `exact`
    is as for the pushdown of its filter."""

    predicate: Predicate
    parts: tuple[Predicate, ...]
    numbers: Mapping[Any, int]
    exact: bool

    def gives(self, record: Record[Any], number: int) -> bool:
        """Whether the record, found by the part of this number, is to be given with it."""
        if self.predicate.field.startswith(PARENT):
            return True
        told = map(comparable, values(record, self.predicate.field))
        found = [self.numbers[value] for value in told if value in self.numbers]
        return not found or min(found) == number


def cut(adapter: Adapter, entity: Entity, predicates: Iterable[Predicate]) -> Cut | None:
    """The condition to ask in parts: the one with the fewest, where that costs no more than
    reading everything. None where there is none."""
    collection = adapter.collections[entity]
    found = [
        made
        for predicate in predicates
        if _too_long(collection, predicate)
        and (made := _made(adapter, entity, predicate)) is not None
    ]
    return min(found, key=lambda made: len(made.parts), default=None)


def takes(collection: Collection, predicate: Predicate) -> bool:
    """Whether the registry narrows by this predicate, if it is asked in parts."""
    return collection.accepts(predicate) or _too_long(collection, predicate)


def _too_long(collection: Collection, predicate: Predicate) -> bool:
    known = collection.filters.get(predicate.field)
    if known is None or predicate.op is not Op.IN or collection.accepts(predicate):
        return False
    return bool(predicate.value) and bool({Op.IN, Op.EQ} & known.ops)


def _made(adapter: Adapter, entity: Entity, predicate: Predicate) -> Cut | None:
    collection = adapter.collections[entity]
    known = collection.filters[predicate.field]
    name = predicate.field.removeprefix(PARENT)
    above = name != predicate.field
    views = adapter.views.get(Entity.PROJECT if above else entity, ())
    shown = published(views, Entity.PROJECT if above else entity, name)
    if name in _SEVERAL and (above or not shown) and not known.single:
        # Two parts may find the same record, and nothing in it would tell.
        return None
    size = max(1, known.most) if Op.IN in known.ops else 1
    packed = _packed(name, predicate.value, size)
    if packed is None:
        return None
    parts = tuple(
        _part(
            predicate.field,
            [v for values in part.values() for v in values],
            by_one=Op.EQ in known.ops,
        )
        for part in packed
    )
    scan = collection.full_scan_calls
    if shown and scan is not None and len(parts) >= scan:
        return None
    numbers = {key: number for number, part in enumerate(packed) for key in part}
    return Cut(predicate, parts, numbers, known.exact)


def _packed(name: str, values: Iterable[Any], size: int) -> list[dict[Any, list[Any]]] | None:
    """The values in parts of so many, by what records are compared by; None where the spellings of
    one methodology are more than that: they belong into one part."""
    groups: dict[Any, dict[Any, Any]] = {}
    for value in values:
        known = methodology_key(str(value)) if name == "methodology" else None
        own = comparable(value)
        groups.setdefault(own if known is None else comparable(known), {}).setdefault(own, value)
    parts: list[dict[Any, list[Any]]] = []
    room = 0
    for key, spellings in groups.items():
        if len(spellings) > size:
            return None
        if len(spellings) > room:
            parts.append({})
            room = size
        parts[-1][key] = list(spellings.values())
        room -= len(spellings)
    return parts


def _part(name: str, values: Sequence[Any], *, by_one: bool) -> Predicate:
    if len(values) == 1 and by_one:
        return Predicate(name, Op.EQ, values[0])
    return Predicate(name, Op.IN, tuple(values))
