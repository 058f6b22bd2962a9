"""Questions made from what a registry declares and what its records say.

Filtering here is written anew, without the gateway's own: two that agree are worth a test.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from gateway.model.entity import Entity
from gateway.model.question import Collection, Op, Predicate
from gateway.model.record import Record

# How many values of one filter are tried for each operator.
TRIED = 4
NOTHING = "qqxzz no such thing"
ABOVE = "project."

# Filters that look at more than the field of their name: a field, or a child and its field.
LOOKS_AT: dict[tuple[Entity, str], tuple[str, ...]] = {
    (Entity.PROJECT, "text"): ("project_name", "project_description"),
    (Entity.PROJECT, "country"): ("project_locations.country",),
    (Entity.PROJECT, "sector"): ("sector", "sectors"),
    (Entity.PROJECT, "project_type"): ("project_type", "project_types"),
    (Entity.PROJECT, "methodology"): ("methodology", "methodologies.methodology_code"),
    (Entity.PROJECT, "label"): ("labels.label",),
    (Entity.PROJECT, "co_benefit"): ("co_benefits.co_benefit",),
    (Entity.PROJECT, "crediting_period_start"): ("estimations.crediting_period_start",),
    (Entity.PROJECT, "crediting_period_end"): ("estimations.crediting_period_end",),
    (Entity.ISSUANCE, "label"): ("labels.label",),
    (Entity.UNIT, "label"): ("labels.label",),
    (Entity.UNIT, "text"): (
        "unit_serial_id",
        "unit_owner",
        "unit_retirement_beneficiary",
        "unit_retirement_detail",
    ),
}


def values_of(record: Record[Any], name: str) -> list[Any]:
    """What the record says to a filter."""
    found: list[Any] = []
    for path in LOOKS_AT.get((record.entity, name), (name,)):
        child, _, field = path.partition(".")
        value = getattr(record, child)
        if field:
            found += [getattr(view, field) for view in value or ()]
        else:
            found += value if isinstance(value, tuple) else [value]
    return [value for value in found if value is not None and value != ""]


@lru_cache(maxsize=100_000, typed=True)
def _plain(value: Any) -> Any:
    """Text as people type it: without case, Latin accents and runs of blanks."""
    if not isinstance(value, str) or isinstance(value, Enum):
        return value
    bare = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", value).casefold())
    bare = "".join(c for c in bare if not 0x300 <= ord(c) <= 0x36F).replace("\u2019", "'")
    return " ".join(unicodedata.normalize("NFC", bare).split())


_TESTS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: lambda value, wanted: bool(value == wanted),
    Op.CONTAINS: lambda value, wanted: wanted in value,
    Op.STARTS_WITH: lambda value, wanted: bool(value.startswith(wanted)),
    Op.GTE: lambda value, wanted: bool(value >= wanted),
    Op.LTE: lambda value, wanted: bool(value <= wanted),
}


def holds_for(
    record: Record[Any], predicate: Predicate, projects: Mapping[str, Record[Any]]
) -> bool:
    """Client-side filtering, on the record or on the project it is of."""
    name = predicate.field
    told: Record[Any] | None = record
    if name.startswith(ABOVE):
        told, name = projects.get(getattr(record, "project_key", None) or ""), name[len(ABOVE) :]
    values = [] if told is None else [_plain(value) for value in values_of(told, name)]
    if predicate.op is Op.IS_NULL:
        return bool(predicate.value) is not bool(values)
    if predicate.op is Op.IN:
        return any(value in [_plain(v) for v in predicate.value] for value in values)
    test, wanted = _TESTS[predicate.op], _plain(predicate.value)
    return any(test(value, wanted) for value in values)


def predicates(
    collection: Collection,
    records: Sequence[Record[Any]],
    projects: Mapping[str, Record[Any]],
) -> list[Predicate]:
    """Several predicates for every filter and operator that the collection declares."""
    found: list[Predicate] = []
    for name, pushdown in collection.filters.items():
        rows = list(projects.values()) if name.startswith(ABOVE) else records
        values = sorted(
            {v for row in rows for v in values_of(row, name.removeprefix(ABOVE))}, key=_order
        )
        for op in sorted(pushdown.ops):
            found += [
                Predicate(name, op, value)
                for value in _operands(op, _spread(values, TRIED), pushdown.most)
            ]
        if Op.EQ in pushdown.ops:
            found += [Predicate(name, Op.EQ, value) for value in _absent(values)]
    return found


def _operands(op: Op, values: Sequence[Any], most: int) -> Iterable[Any]:
    if op is Op.IS_NULL:
        return [True, False]
    if op is Op.IN:
        return [tuple(values[:most])] if values else []
    texts = [v for v in values if isinstance(v, str) and not isinstance(v, Enum)]
    if op is Op.CONTAINS:
        return [_middle(text) for text in texts]
    if op is Op.STARTS_WITH:
        return [text[: max(1, len(text) // 2)] for text in texts]
    return values


def _middle(text: str) -> str:
    """A word of the text: half words are not what a registry's search is asked for."""
    words = [word for word in text.split() if word.isalnum() and len(word) > 2]
    return words[len(words) // 2] if words else text


def _absent(values: Sequence[Any]) -> list[Any]:
    """Values of the same sort that no record has."""
    if not values:
        return []
    sample = values[0]
    if isinstance(sample, Enum):
        return [member for member in type(sample) if member not in values][:1]
    if isinstance(sample, bool):
        return []
    if isinstance(sample, int):
        return [max(values) + 100]
    return [NOTHING] if isinstance(sample, str) and not sample[:4].isdigit() else []


def _spread(values: Sequence[Any], count: int) -> list[Any]:
    """Some of the values, from the first to the last."""
    if len(values) <= count:
        return list(values)
    step = (len(values) - 1) / (count - 1)
    return [values[round(step * i)] for i in range(count)]


def _order(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)
