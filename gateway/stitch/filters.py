"""Predicates checked here: the part of `where` that a registry cannot, or not exactly, apply.

A filter name reads one or more values from a record; the predicate holds when any of them
satisfies it. A record whose registry does not say the value satisfies nothing but `isNull`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from gateway.harmonise.methodologies import methodology_key
from gateway.harmonise.table import fold
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.model.record import Record, View

Values = Callable[[Any], Iterable[Any]]

PARENT = "project."


def _children(child: str, name: str) -> Values:
    def read(record: Any) -> Iterable[Any]:
        return [getattr(view, name) for view in getattr(record, child) or ()]

    return read


def _either(*names: str) -> Values:
    def read(record: Any) -> Iterable[Any]:
        return [getattr(record, name) for name in names]

    return read


def _several(plural: str, single: str) -> Values:
    def read(record: Any) -> Iterable[Any]:
        return getattr(record, plural) or (getattr(record, single),)

    return read


def _methodologies(record: Any) -> Iterable[Any]:
    found = [methodology_key(m.methodology_code or "") for m in record.methodologies or ()]
    return found or [methodology_key(record.methodology or "")]


# Filter names that are not simply the record field of the same name, with the record fields
# whose publication decides whether a registry can satisfy the filter at all.
_SPECIAL: dict[tuple[Entity, str], tuple[tuple[str, ...], Values]] = {
    (Entity.PROJECT, "text"): (
        ("project_name", "project_description"),
        _either("project_name", "project_description"),
    ),
    (Entity.PROJECT, "country"): (
        ("project_locations",),
        _children("project_locations", "country"),
    ),
    (Entity.PROJECT, "sector"): (("sectors", "sector"), _several("sectors", "sector")),
    (Entity.PROJECT, "project_type"): (
        ("project_types", "project_type"),
        _several("project_types", "project_type"),
    ),
    (Entity.PROJECT, "methodology"): (("methodologies", "methodology"), _methodologies),
    (Entity.PROJECT, "label"): (("labels",), _children("labels", "label")),
    (Entity.PROJECT, "co_benefit"): (("co_benefits",), _children("co_benefits", "co_benefit")),
    (Entity.PROJECT, "crediting_period_start"): (
        ("estimations",),
        _children("estimations", "crediting_period_start"),
    ),
    (Entity.PROJECT, "crediting_period_end"): (
        ("estimations",),
        _children("estimations", "crediting_period_end"),
    ),
    (Entity.ISSUANCE, "label"): (("labels",), _children("labels", "label")),
    (Entity.UNIT, "label"): (("labels",), _children("labels", "label")),
    (Entity.UNIT, "text"): (
        ("unit_serial_id", "unit_retirement_beneficiary", "unit_retirement_detail"),
        _either(
            "unit_serial_id",
            "unit_retirement_beneficiary",
            "unit_retirement_detail",
            "unit_owner",
        ),
    ),
}


def published(views: Iterable[type[View[Any]]], entity: Entity, name: str) -> bool:
    """Whether any of the views ever gives what the filter looks at."""
    fields = _SPECIAL[entity, name][0] if (entity, name) in _SPECIAL else (name,)
    return any(view.publishes(field) for view in views for field in fields)


def matches(record: Record[Any], predicates: Iterable[Predicate]) -> bool:
    """Whether the record satisfies every predicate on its own fields."""
    return all(holds(record, predicate) for predicate in predicates)


def holds(record: Record[Any], predicate: Predicate) -> bool:
    """Whether the record satisfies one predicate on its own fields."""
    name = predicate.field
    special = _SPECIAL.get((record.entity, name))
    found = special[1](record) if special else (getattr(record, name),)
    present = [value for value in found if value is not None and value != ""]
    if predicate.op is Op.IS_NULL:
        return bool(predicate.value) is (not present)
    test = _tests[predicate.op]
    if name == "methodology" and predicate.op in (Op.EQ, Op.IN):
        wanted = tuple(methodology_key(str(value)) for value in predicate.values())
        return any(value in wanted for value in present)
    return any(test(comparable(value), predicate) for value in present)


def comparable(value: Any) -> Any:
    """Text folded as registries' own searches do; everything else as it is."""
    return fold(value) if isinstance(value, str) and not isinstance(value, Enum) else value


def _among(value: Any, predicate: Predicate) -> bool:
    return any(value == comparable(wanted) for wanted in predicate.values())


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
