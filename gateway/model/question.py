"""A question to one or more registries, free of any framework or wire format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.model.entity import Entity


class Op(StrEnum):
    """Comparison operators; text comparisons ignore case, as every registry's search does."""

    EQ = "eq"
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    GTE = "gte"
    LTE = "lte"
    IS_NULL = "isNull"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition. `field` is a filter name of the entity, `project.<name>` its parent's.

    `value` is a model value (an enum, a Date, an int, a str), a tuple of them for IN, a bool
    for IS_NULL.
    """

    field: str
    op: Op
    value: Any

    def values(self) -> tuple[Any, ...]:
        """The accepted values of EQ or IN."""
        return tuple(self.value) if self.op is Op.IN else (self.value,)


@dataclass(frozen=True, slots=True)
class Parent:
    """Restricts to the children of these records, named by their registry's own keys."""

    entity: Entity
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by one model field; ties and nulls fall back to the registry's own order."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one adapter: only what it declared that it can push down.

    `want` is how many records the asker hopes to get from the first page: a hint for the page
    size, never a limit on the answer.
    """

    entity: Entity
    predicates: tuple[Predicate, ...] = ()
    parent: Parent | None = None
    order: Order | None = None
    want: int = 25

    def where(self, name: str) -> Predicate | None:
        """The predicate on a filter name, or None."""
        return next((p for p in self.predicates if p.field == name), None)


# What may be asked of each entity. The names are filter names, not always record fields:
# `country` looks at every location, `label` at every label, `text` at names and descriptions.
PROJECT_FILTERS: tuple[str, ...] = (
    "project_id",
    "project_name",
    "text",
    "project_developer",
    "program",
    "registry_of_origin",
    "origin_project_id",
    "country",
    "sector",
    "project_type",
    "methodology",
    "project_status",
    "project_status_date",
    "registration_date",
    "covered_by_ndc",
    "crediting_period_start",
    "crediting_period_end",
    "label",
    "co_benefit",
    "updated_at",
)
ISSUANCE_FILTERS: tuple[str, ...] = (
    "issuance_id",
    "issuance_date",
    "issuance_start_date",
    "issuance_end_date",
    "vintage_year",
    "verification_body",
    "unit_serial_id",
    "label",
)
UNIT_FILTERS: tuple[str, ...] = (
    "unit_serial_id",
    "unit_status",
    "unit_status_date",
    "unit_type",
    "vintage_year",
    "vintage_start_date",
    "vintage_end_date",
    "is_ex_ante",
    "label",
    "unit_owner",
    "unit_retirement_beneficiary",
    "unit_status_reason",
    "country_jurisdiction_of_owner",
    "corresponding_adjustment_declaration",
    "corresponding_adjustment_status",
    "marketplace",
    "marketplace_identifier",
    "text",
)
FILTERS: dict[Entity, tuple[str, ...]] = {
    Entity.PROJECT: PROJECT_FILTERS,
    Entity.ISSUANCE: ISSUANCE_FILTERS,
    Entity.UNIT: UNIT_FILTERS,
}


# Filters on texts that people write, with accents or without, rather than words or codes.
FREE_TEXTS: frozenset[str] = frozenset(
    {
        "text",
        "project_name",
        "project_developer",
        "verification_body",
        "unit_owner",
        "unit_retirement_beneficiary",
        "unit_status_reason",
        "marketplace",
    }
)


@dataclass(frozen=True, slots=True)
class Pushdown:
    """What a registry does with one filter.

    `exact=False` means that it narrows, but the rows must be checked again here.
    `most` caps how many values one call takes (IN lists). `by_words` says that the registry
    compares its own words and that nobody can tell what it leaves out: a row in a word that no
    table knows never comes, so no answer that was narrowed so is complete. Where a registry can
    be asked for such rows too, its adapter does that, and the pushdown is merely not exact.
    `single` says that no row fits two values, so that parts of a long list have no row in common.
    """

    ops: frozenset[Op]
    exact: bool = True
    most: int = 1
    by_words: bool = False
    single: bool = False


# For `keys_in_full`: however many.
ALL = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Collection:
    """What can be asked of one entity of one registry, and at what price.

    `parents` says by which parent the children can be asked, `parents_per_call` how many
    parents one call takes. Of more than `keys_in_full` keys at once the records come as lists have
    them, without what is told on pages of their own. `full_scan_calls` is how many calls reading
    everything costs, None where nobody knows. `totals` says whether the registry tells how many
    rows match. `expected` is how many rows there should be, at least and at most, for `cgw check`;
    None leaves that to what a full scan is said to cost.
    """

    filters: dict[str, Pushdown] = field(default_factory=dict)
    orders: frozenset[str] = frozenset()
    parents: frozenset[Entity] = frozenset()
    parents_per_call: int = 1
    keys_per_call: int = 1
    keys_in_full: int = ALL
    by_keys: bool = True
    totals: bool = False
    page_size: int = 100
    full_scan_calls: int | None = None
    expected: tuple[int, int | None] | None = None

    def accepts(self, predicate: Predicate) -> bool:
        """Whether the registry narrows by this predicate."""
        pushdown = self.filters.get(predicate.field)
        if pushdown is None or predicate.op not in pushdown.ops:
            return False
        return predicate.op is not Op.IN or len(predicate.value) <= pushdown.most

    def by_words(self, predicate: Predicate) -> bool:
        """Whether it narrows by words of its own, and what it leaves out cannot be told."""
        return self.accepts(predicate) and self.filters[predicate.field].by_words

    def exact(self, predicate: Predicate) -> bool:
        """Whether it narrows to exactly the rows that match."""
        return self.accepts(predicate) and self.filters[predicate.field].exact


def about(rows: int | None) -> tuple[int, int] | None:
    """What to expect of a list that had so many rows when it was last counted: registries grow,
    and lose a third of their rows only when something is wrong."""
    return None if rows is None else (rows * 2 // 3, rows * 5)


def pushdown(
    *ops: Op, exact: bool = True, most: int = 1, by_words: bool = False, single: bool = False
) -> Pushdown:
    """Shorthand for declarations: `pushdown(Op.EQ, Op.IN, most=50)`."""
    return Pushdown(frozenset(ops), exact, most, by_words, single)


def only(values: Iterable[Predicate], accepted: Collection) -> tuple[Predicate, ...]:
    """The predicates that the collection accepts, in order."""
    return tuple(p for p in values if accepted.accepts(p))
