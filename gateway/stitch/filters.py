"""Predicates checked here: the part of `where` that a registry cannot, or not exactly, apply.

A filter name looks at one or more fields of a record; the predicate holds when any of their
values satisfies it. Each field is in one of three states: said, said but not mapped, not said.
What the registry does not say satisfies nothing but `isNull`. What it says in words that no
table knows is said, so it is not null, but whether it satisfies anything else is not decided:
logic has three values here (Kleene's), and None is "not decided".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from gateway.harmonise.methodologies import methodology_key
from gateway.harmonise.table import search_form
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.model.record import Record, View

PARENT = "project."

# Filter names that are not simply the record field of the same name, with the fields that they
# look at. Of alternatives a later one is looked at only where the earlier ones say nothing.
_LOOKS: dict[tuple[Entity, str], tuple[str, ...]] = {
    (Entity.PROJECT, "text"): ("project_name", "project_description"),
    (Entity.PROJECT, "country"): ("project_locations.country",),
    (Entity.PROJECT, "sector"): ("sectors", "sector"),
    (Entity.PROJECT, "project_type"): ("project_types", "project_type"),
    (Entity.PROJECT, "methodology"): ("methodologies.methodology_code", "methodology"),
    (Entity.PROJECT, "label"): ("labels.label",),
    (Entity.PROJECT, "co_benefit"): ("co_benefits.co_benefit",),
    (Entity.PROJECT, "crediting_period_start"): ("estimations.crediting_period_start",),
    (Entity.PROJECT, "crediting_period_end"): ("estimations.crediting_period_end",),
    (Entity.ISSUANCE, "label"): ("labels.label",),
    (Entity.UNIT, "label"): ("labels.label",),
    (Entity.UNIT, "text"): (
        "unit_serial_id",
        "unit_retirement_beneficiary",
        "unit_retirement_detail",
        "unit_owner",
    ),
}
_ALTERNATIVES = frozenset({"sector", "project_type", "methodology"})
_PATHS = {
    looked: tuple((path, *path.partition(".")[::2]) for path in paths)
    for looked, paths in _LOOKS.items()
}
_NOTHING = (None, "", ())


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says to a filter: the values, the texts that no table knows, and whether the
    registry says more of it elsewhere, so that reading the record by its key may tell."""

    values: tuple[Any, ...]
    unmapped: tuple[str, ...] = ()
    not_read: bool = False

    @property
    def decided(self) -> bool:
        """Whether the values are all there is."""
        return not self.unmapped and not self.not_read


@dataclass(frozen=True, slots=True)
class Doubt:
    """A condition that a record neither satisfies nor fails, as far as we can read it.

    `field` is the filter's name as it was asked for, `texts` are the registry's own words for it.
    """

    field: str
    texts: tuple[str, ...] = ()
    not_read: bool = False


# Whether a record matches: yes, no, or what is not decided.
Verdict = bool | tuple[Doubt, ...]


def elsewhere(verdict: Verdict) -> bool:
    """Whether reading the record by its key may decide what is open."""
    return isinstance(verdict, tuple) and any(doubt.not_read for doubt in verdict)


def looks_at(entity: Entity, name: str) -> tuple[str, ...]:
    """The fields that a filter looks at; a child's field is written `labels.label`."""
    return _LOOKS.get((entity, name), (name,))


def published(views: Iterable[type[View[Any]]], entity: Entity, name: str) -> bool:
    """Whether any of the views ever gives what the filter looks at."""
    fields = [path.partition(".")[0] for path in looks_at(entity, name)]
    return any(view.publishes(field) for view in views for field in fields)


def wholly_published(
    view: type[View[Any]], views: Iterable[type[View[Any]]], entity: Entity, name: str
) -> bool:
    """Whether the view gives everything that the filter looks at and any of the views gives."""
    fields = {path.partition(".")[0] for path in looks_at(entity, name)}
    told = {field for field in fields if any(other.publishes(field) for other in views)}
    return bool(told) and all(view.publishes(field) for field in told)


def said(record: Record[Any], name: str) -> Said:
    """Everything that the record says to the filter, in its three states.

    Filters, orders and whatever counts or sums records by a field stand on this.
    """
    values, whole = _present(record, name)
    if whole:
        return Said(tuple(values))
    away = record.not_read
    not_read = False
    texts: dict[str, None] = {}
    for path, own, field in _PATHS.get((record.entity, name)) or ((name, name, ""),):
        value = getattr(record, own)
        children = (value or ()) if field else ()
        for view in children if field else (record,):
            texts.update(dict.fromkeys(view.unmapped(field or own)))
        if field:
            texts.update(dict.fromkeys(record.odd(own)))
        if own in away or path in away:
            blank = not children or any(getattr(child, field) is None for child in children)
            not_read = not_read or (blank if field else value in _NOTHING)
        if value and name in _ALTERNATIVES:
            break
    return Said(tuple(values), tuple(texts), not_read)


def _present(record: Record[Any], name: str) -> tuple[list[Any], bool]:
    """The values that the record has for the filter, and whether they surely are all it says."""
    paths = _PATHS.get((record.entity, name))
    # Beside what could not be read, what could be is not surely all that the registry says.
    whole = not record.watch(record.row)
    if paths is None:
        value = getattr(record, name)
        return ([], False) if value is None or value == "" else ([value], whole)
    found: list[Any] = []
    for _, own, field in paths:
        value = getattr(record, own)
        if field:
            for child in value or ():
                found.append(getattr(child, field))
                whole = whole and field not in child.parted
        else:
            found += value if value.__class__ is tuple else (value,)
            whole = whole and own not in record.parted
        whole = whole and bool(value)
        if value and name in _ALTERNATIVES:
            break
    if name == "methodology":
        return _methodologies(record, found), whole and None not in found
    values = [value for value in found if value is not None and value != ""]
    return values, whole and len(values) == len(found)


def _methodologies(record: Any, codes: list[str | None]) -> list[Any]:
    """The keys; a protocol that we have no code for goes by its own words."""
    texts = [view.methodology_raw for view in record.methodologies or ()]
    told = codes
    if len(texts) == len(codes):
        told = [code or text for code, text in zip(codes, texts, strict=True)]
    return [key for text in told if (key := methodology_key(text or ""))]


def values(record: Record[Any], name: str) -> list[Any]:
    """What a filter of this name looks at in the record, as far as it is there."""
    return _present(record, name)[0]


def decide(record: Record[Any], predicates: Iterable[Predicate], prefix: str = "") -> Verdict:
    """Whether the record satisfies every predicate on its own fields.

    One that fails decides; else one that is not decided leaves the record open, and every such
    condition is named. `prefix` stands before the names of doubts, as `project.` does.
    """
    doubts: list[Doubt] = []
    for predicate in predicates:
        verdict = holds(record, predicate)
        if verdict is False:
            return False
        if verdict is None:
            told = said(record, predicate.field)
            doubts.append(Doubt(prefix + predicate.field, told.unmapped, told.not_read))
    return tuple(doubts) or True


def holds(record: Record[Any], predicate: Predicate) -> bool | None:
    """Whether the record satisfies one predicate on its own fields; None: not decided."""
    name = predicate.field
    values, whole = _present(record, name)
    if predicate.op is Op.IS_NULL:
        return _is_null(record, predicate, values)
    test = _tests[predicate.op]
    if name == "methodology" and predicate.op in (Op.EQ, Op.IN):
        protocols = _protocols(predicate)
        matches = any(value in protocols for value in values)
    else:
        matches = any(test(comparable(value), predicate) for value in values)
    if matches:
        return True
    return False if whole or said(record, name).decided else None


def repeats(record: Record[Any], predicate: Predicate) -> bool | None:
    """What a record that repeats some of what another says decides for that one: a value that it
    has decides, one that it lacks the other may have; None: not decided."""
    values, whole = _present(record, predicate.field)
    verdict = holds(record, predicate)
    told = bool(values) if predicate.op is Op.IS_NULL else verdict is True
    return verdict if told or whole else None


def _is_null(record: Record[Any], predicate: Predicate, values: list[Any]) -> bool | None:
    if values:
        return not predicate.value
    told = said(record, predicate.field)
    if told.unmapped:
        return not predicate.value
    return None if told.not_read else bool(predicate.value)


def comparable(value: Any) -> Any:
    """Text in the form that searches compare; everything else as it is."""
    return search_form(value) if isinstance(value, str) and not isinstance(value, Enum) else value


# By questions, of which an operation has a few: a list of hundreds is not read for each record.
@lru_cache(maxsize=256)
def _protocols(predicate: Predicate) -> frozenset[str | None]:
    return frozenset(methodology_key(str(value)) for value in predicate.values())


@lru_cache(maxsize=256)
def _wanted(predicate: Predicate) -> frozenset[Any]:
    return frozenset(comparable(value) for value in predicate.values())


def _among(value: Any, predicate: Predicate) -> bool:
    return value in _wanted(predicate)


def _contains(value: Any, predicate: Predicate) -> bool:
    return comparable(predicate.value) in value


def _starts(value: Any, predicate: Predicate) -> bool:
    return bool(value.startswith(comparable(predicate.value)))


def _at_least(value: Any, predicate: Predicate) -> bool:
    return bool(value >= comparable(predicate.value))


def _at_most(value: Any, predicate: Predicate) -> bool:
    return bool(value <= comparable(predicate.value))


_tests: dict[Op, Callable[[Any, Predicate], bool]] = {
    Op.EQ: _among,
    Op.IN: _among,
    Op.CONTAINS: _contains,
    Op.STARTS_WITH: _starts,
    Op.GTE: _at_least,
    Op.LTE: _at_most,
}
