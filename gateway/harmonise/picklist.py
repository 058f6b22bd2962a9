"""CAD Trust's governance picklists: as converters for its enforced ones, and whole, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TypeVar

import msgspec

from gateway.harmonise.load import load
from gateway.harmonise.table import Table, words

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One value, the data model versions that have it (`v1`, `v2`) and CAD Trust's glossary."""

    value: str
    versions: tuple[str, ...]
    description: str | None


@dataclass(frozen=True, slots=True)
class Picklist:
    """One list in its published spellings; `enforced` where nodes refuse other values."""

    name: str
    values: tuple[PicklistValue, ...]
    enforced: bool


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: str
    versions: tuple[str, ...]
    description: str | None = None


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enforced: bool
    values: tuple[_Value, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: str
    picklists: dict[str, _List]


def by_value(enum: type[E], name: str, aliases: Mapping[str, E] | None = None) -> Table[E]:
    """The table that reads an enum by its values' own spelling, and by the aliases.

    Case, blanks and punctuation do not count: "De-registered" is "de registered".
    """
    entries: dict[str, E] = {str(member.value): member for member in enum}
    return Table(name, entries | dict(aliases or {}), fold=words)


@cache
def _lists() -> dict[str, Picklist]:
    file = load("picklists.json", _File)
    return {
        name: Picklist(
            name=name,
            values=tuple(PicklistValue(v.value, v.versions, v.description) for v in found.values),
            enforced=found.enforced,
        )
        for name, found in file.picklists.items()
    }


def picklist_names() -> tuple[str, ...]:
    """The names of all lists, in text order."""
    return tuple(sorted(_lists()))


def picklist(name: str) -> Picklist | None:
    """The list of that name, or None."""
    return _lists().get(name)
