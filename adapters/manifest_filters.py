"""Filters of a manifest: what a value is in the registry's own words, and whether it kept to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from adapters.contract import InvalidPayload
from adapters.manifest_parts import LISTS
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records
from adapters.manifest_resource import Filter, RestFilter
from gateway.harmonise.countries import country
from gateway.harmonise.methodologies import methodology
from gateway.harmonise.registries import registry_key
from gateway.harmonise.table import Table, search_form
from gateway.model.entity import Entity
from gateway.model.field import Listed, Mapped
from gateway.model.question import (
    FILTERS,
    FREE_TEXTS,
    PROJECT_FILTERS,
    Op,
    Predicate,
    Pushdown,
)
from gateway.model.record import Record

PARENT = "project."
# What clients ask by these may name a person: it is sent, and printed nowhere.
PERSONAL = frozenset({"text", "unit_owner", "unit_retirement_beneficiary", "project_developer"})

# Filters on words that rows may write in other ways than clients ask for: what a child says, or
# the parent. Of fields of the row itself the converter tells.
_TRANSLATED = frozenset({"country", "sector", "project_type", "methodology", "label", "co_benefit"})
_TRANSLATING = (country, methodology, registry_key)


class Asked:
    """One declared filter, checked when the manifest is loaded.

    Raises:
        Problem: it names no filter, or can never be answered.
    """

    def __init__(self, records: Records, name: str, declared: Filter) -> None:
        self.name = name
        self.declared = declared
        self.place = (*records.place, "filters", name)
        self.field = records.view.fields.get(name)
        entity = records.entity
        known = [*FILTERS[entity]]
        if entity is not Entity.PROJECT:
            known += [f"{PARENT}{parent}" for parent in PROJECT_FILTERS]
        if name not in known:
            raise Problem(self.place, f"there is no filter {name}; there are: {', '.join(known)}")
        if Op.IN not in declared.ops and declared.most > 1:
            raise Problem(self.place, '`most` is for the operator "in"')
        self.table = records.table(name, declared.lookup, (*self.place,))
        self.vocabulary = self.table
        if self.vocabulary is None and isinstance(self.field, Mapped):
            self.vocabulary = _picklist(self.field.convert)
        if declared.exact and not self._told(records):
            raise Problem(
                (*self.place, "exact"),
                f"{name} cannot be exact: the rows do not tell it, so nobody could check",
            )

    def _told(self, records: Records) -> bool:
        if self.name == "country" and records.entity is Entity.PROJECT:
            return records.view.publishes("project_locations")
        return records.view.publishes(self.name)

    @property
    def pushdown(self) -> Pushdown:
        """The declaration for the gateway's planner.

        Words of a vocabulary that is not closed are never compared exactly. A database is asked
        for the unknown ones too; of an interface nobody can tell what it leaves out.
        """
        interface = isinstance(self.declared, RestFilter)
        words = self.vocabulary is not None
        # Without a lookup our own word is sent, and rows may hold another one for the same.
        translated = not words and self._translated()
        # Numbers, days and truth: a row may hold a text that is none, or that reads like one.
        typed = not words and not translated and isinstance(self.field, Mapped)
        # A database gives rows in unknown words too, whatever the manifest says.
        opened = words or translated or typed
        opened = opened and not (self.declared.closed and (interface or not words))
        # What an interface's search makes of accents, case and apostrophes is its own.
        searched = interface and not self.declared.closed
        searched = searched and self.name.removeprefix(PARENT) in FREE_TEXTS
        return Pushdown(
            frozenset(self.declared.ops),
            self.declared.exact and not opened,
            self.declared.most,
            by_words=(opened and (interface or translated)) or searched,
        )

    def _translated(self) -> bool:
        if isinstance(self.field, Mapped):
            return isinstance(self.field, Listed) or self.field.convert in _TRANSLATING
        return self.field is None and self.name.removeprefix(PARENT) in _TRANSLATED

    def words(self, value: Any) -> list[Any]:
        """The value as the registry writes it: several texts where its lookup has several, none
        where it has no word for it."""
        if self.table is not None:
            return backwards(self.table, value)
        return [value.value if isinstance(value, Enum) else value]

    def check(self, record: Record[Any], predicate: Predicate) -> None:
        """A registry that ignores a filter gives everything, and must not be believed.

        Raises:
            InvalidPayload: the record does not satisfy an exact filter.
        """
        if not self.declared.exact or holds(record, predicate):
            return
        # Of a value that cannot be read nobody knows whether it is one that was asked for.
        if not is_open(record, predicate):
            raise InvalidPayload(f"the registry ignored the filter {self.name}: {record.key}")

    def others(self, predicate: Predicate) -> list[str] | None:
        """The words that surely mean something else than is asked for; None where the filter does
        not compare words of a vocabulary."""
        if self.vocabulary is None or predicate.op not in (Op.EQ, Op.IN):
            return None
        wanted = predicate.values()
        return [text for text, meant in self.vocabulary.entries.items() if meant not in wanted]


def _picklist(convert: object) -> Table[Any] | None:
    """The table of a field that is written in CAD Trust's own words; numbers and truth are none."""
    if not isinstance(convert, Table):
        return None
    return convert if all(isinstance(v, Enum) for v in convert.entries.values()) else None


def backwards(table: Table[Any], value: Any) -> list[Any]:
    """Every text that the table reads as the value."""
    return [text for text, meant in table.entries.items() if meant == value]


def holds(record: Record[Any], predicate: Predicate) -> bool:
    """Whether the record's own field satisfies the predicate; texts compare folded."""
    if predicate.field == "country":
        project: Any = record
        found = [place.country for place in project.project_locations or ()]
    else:
        several = LISTS.get(predicate.field, (predicate.field,))[0]
        value = getattr(record, predicate.field)
        if (
            isinstance(listed := getattr(record, several, None), tuple)
            and several != "methodologies"
        ):
            value = listed or value
        found = list(value) if isinstance(value, tuple) else [value]
    present = [_plain(value) for value in found if value is not None and value != ""]
    if predicate.op is Op.IS_NULL:
        return bool(predicate.value) is (not present)
    wanted = [_plain(value) for value in predicate.values()]
    return any(_TESTS[predicate.op](value, wanted) for value in present)


def is_open(record: Record[Any], predicate: Predicate) -> bool:
    """Whether the record says something to the filter that no value could be made of."""
    name = predicate.field
    if name == "country":
        places = getattr(record, "project_locations", None) or ()
        return bool(record.odd("project_locations")) or any(p.unmapped("country") for p in places)
    several = LISTS.get(name, (name,))[0]
    return any(record.unmapped(one) for one in dict.fromkeys((name, several)))


def _plain(value: Any) -> Any:
    return search_form(value) if isinstance(value, str) and not isinstance(value, Enum) else value


_TESTS: Mapping[Op, Callable[[Any, list[Any]], bool]] = {
    Op.EQ: lambda value, wanted: value in wanted,
    Op.IN: lambda value, wanted: value in wanted,
    Op.CONTAINS: lambda value, wanted: wanted[0] in value,
    Op.STARTS_WITH: lambda value, wanted: bool(value.startswith(wanted[0])),
    Op.GTE: lambda value, wanted: bool(value >= wanted[0]),
    Op.LTE: lambda value, wanted: bool(value <= wanted[0]),
}
