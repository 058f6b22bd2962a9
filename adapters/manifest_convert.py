"""Converters by name: what a manifest may say under `convert`, and what each field's default is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from adapters.children import Label, Method
from gateway.harmonise import dates, numbers
from gateway.harmonise.countries import country, country_name, country_parts
from gateway.harmonise.labels import labels
from gateway.harmonise.methodologies import methodologies, methodology
from gateway.harmonise.picklist import by_value
from gateway.harmonise.project_types import project_type, project_types
from gateway.harmonise.registries import registry_key
from gateway.harmonise.sdgs import Sdg, sdg_parts
from gateway.harmonise.sectors import sector, sectors
from gateway.harmonise.table import Table
from gateway.harmonise.vocabulary import vocabularies
from gateway.model.field import computed, wire
from gateway.model.nearest import or_else
from gateway.model.project import CoBenefitView, LocationView
from gateway.model.record import View
from gateway.model.values import CountryCode, raw_text

SUBJECT = "manifest"
Convert = Callable[[Any], Any]

BOOLEAN: Final = Table(
    "manifest-boolean",
    {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False,
     "0": False},
)  # fmt: skip


def text(raw: object) -> str | None:
    """The registry's own text."""
    return raw_text(raw)


def upper(raw: object) -> str | None:
    """The text in capitals, as for codes."""
    found = raw_text(raw)
    return None if found is None else found.upper()


# What each name converts to: `gives` is matched against what the field is.
CONVERTERS: Final[dict[str, tuple[str, Convert]]] = {
    "text": ("text", text),
    "upper": ("text", upper),
    "iso_date": ("date", dates.iso_date),
    "day_first": ("date", dates.day_first),
    "month_first": ("date", dates.month_first),
    "english_day": ("date", dates.english_day),
    "excel_serial": ("date", dates.excel_serial),
    "epoch_ms_date": ("date", dates.epoch_ms_date),
    "epoch_seconds_date": ("date", dates.epoch_seconds_date),
    "rfc1123_date": ("date", dates.rfc1123_date),
    "iso_datetime": ("instant", dates.iso_datetime),
    "epoch_ms": ("instant", dates.epoch_ms),
    "epoch_seconds": ("instant", dates.epoch_seconds),
    "rfc1123": ("instant", dates.rfc1123),
    "decimal": ("quantity", numbers.decimal),
    "grouped": ("quantity", numbers.grouped),
    "dot_grouped": ("quantity", numbers.dot_grouped),
    "integer": ("integer", numbers.integer),
    "year": ("integer", numbers.year),
    "boolean": ("boolean", BOOLEAN),
    "country": ("country", country),
    "sector": ("text", sector),
    "project_type": ("text", project_type),
    "methodology": ("text", methodology),
    "registry_key": ("text", registry_key),
    "sectors": ("texts", sectors),
    "project_types": ("texts", project_types),
}
DEFAULTS: Final[dict[str, str]] = {
    "date": "iso_date",
    "instant": "iso_datetime",
    "quantity": "decimal",
    "integer": "integer",
    "boolean": "boolean",
    "country": "country",
}
# Fields whose own vocabulary says more than their kind.
DEFAULTS_BY_FIELD: Final[dict[str, str]] = {
    "vintage_year": "year",
    "sector": "sector",
    "sectors": "sectors",
    "project_type": "project_type",
    "project_types": "project_types",
    "methodology": "methodology",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal of a list, and the whole list as it was written; of a part that names none, that
    part."""

    sdg: Sdg | None
    raw: str | None


def goal_name(goal: Goal) -> str | None:
    return goal.sdg.co_benefit if goal.sdg else None


def goal_number(goal: Goal) -> int | None:
    return goal.sdg.number if goal.sdg else None


class GoalOf(CoBenefitView[Goal]):
    __slots__ = ()
    co_benefit = computed(goal_name, "sdg")
    co_benefit_raw = wire("raw")
    sdg = computed(goal_number, "sdg")


@dataclass(frozen=True, slots=True)
class Place:
    """One country of a list, and the whole list as it was written; of a part that names none,
    that part."""

    country: CountryCode | None
    raw: str | None


class PlaceOf(LocationView[Place]):
    __slots__ = ()
    country = wire("country")
    country_raw = wire("raw")


def label_views(raw: Any) -> tuple[Label, ...]:
    return tuple(map(Label, labels(raw)))


def method_views(raw: Any) -> tuple[Method, ...]:
    return tuple(map(Method, methodologies(raw)))


def goal_views(raw: Any) -> tuple[GoalOf, ...]:
    return tuple(
        GoalOf(Goal(goal, raw_text(raw) if goal else text)) for goal, text in sdg_parts(raw)
    )


def place_views(raw: Any) -> tuple[PlaceOf, ...]:
    return tuple(
        PlaceOf(Place(code, raw_text(raw) if code else text)) for code, text in country_parts(raw)
    )


# Texts and lists that become several children: field, the converter's name, what it gives.
CHILD_CONVERTERS: Final[dict[str, tuple[str, Callable[[Any], tuple[View[Any], ...]]]]] = {
    "labels": ("labels", label_views),
    "methodologies": ("methodologies", method_views),
    "co_benefits": ("sdgs", goal_views),
    "project_locations": ("countries", place_views),
}


def picklist(enum: type[Enum], name: str) -> Table[Any]:
    """Reads the enum in its own spelling."""
    return by_value(enum, name)


# Fields whose values can only be filtered by the words of a closed list, with that list's name.
CLOSED: Final[dict[str, str]] = {
    "sector": "sector",
    "sectors": "sector",
    "project_type": "project_type",
    "project_types": "project_type",
    "co_benefit": "co_benefit",
}


def among(field: str, value: Any) -> None:
    """Holds what a lookup puts into a field to the words that can be asked for.

    Raises:
        ValueError: nobody could ever filter by the value.
    """
    closed = CLOSED.get(field)
    if closed is None or value is None:
        return
    words = vocabularies()[closed]
    for word in value if isinstance(value, tuple) else (value,):
        if word not in words:
            remedy = or_else(words.near(word)) or f" There are: {', '.join(words.words)}."
            raise ValueError(f"{word!r} is no {closed}, so that nobody could ask for it.{remedy}")


def coerced(kind: str, enum: type[Enum] | None, value: Any) -> Any:
    """A value of the manifest as the field has it, for constants and lookups.

    Raises:
        ValueError: the field cannot have it.
    """
    if enum is not None:
        found = picklist(enum, "constant")(value)
        if found is None:
            known = ", ".join(repr(member.value) for member in enum)
            raise ValueError(f"{value!r} is no {enum.__name__}; there are: {known}")
        return found
    if kind == "country":
        if not isinstance(value, str) or country_name(value) is None:
            raise ValueError(f"{value!r} is no country code of two capitals")
        return value
    if kind == "texts":
        texts = value if isinstance(value, (list, tuple)) else (value,)
        return tuple(str(item) for item in texts)
    converted = value
    if kind != "text":
        converted = CONVERTERS[DEFAULTS[kind]][1](value)
    elif not isinstance(value, str):
        converted = None
    if converted is None or (isinstance(converted, Decimal) and not converted.is_finite()):
        raise ValueError(f"{value!r} is no {kind}")
    return converted
