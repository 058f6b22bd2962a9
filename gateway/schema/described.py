"""Declaring CAD Trust tables: every field described, every mapped field with its raw sibling.

A field's Python name is the record's attribute, so that the default resolver is attribute access
on the view and the compiled projection can do the same without a call.
"""

import inspect
from collections.abc import Callable
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.types.field import StrawberryField

from gateway.schema.volatility import Volatility, declared
from gateway.stitch.coverage import camel

T = TypeVar("T")


def said(description: str, *, name: str | None = None, volatility: Volatility | None = None) -> Any:
    """A field that is passed on as the registry wrote it, or that the gateway itself knows."""
    return strawberry.field(description=description, name=name, metadata=declared(volatility))


def resolved(description: str, volatility: Volatility) -> Any:
    """A field that a method works out. It always says itself what its value rests on: a method
    can look anywhere, so no type can say it for all of its methods."""
    return strawberry.field(description=description, metadata=declared(volatility))


class Mapped:
    """Marks a field whose value is mapped, so that `table` adds its raw sibling."""

    def __init__(self, description: str, name: str | None) -> None:
        self.description = description
        self.name = name


def mapped(description: str, *, name: str | None = None) -> Any:
    """A field whose value is mapped or typed: `<name>Raw` is added beside it."""
    return Mapped(description, name)


@dataclass_transform(kw_only_default=True)
def table(
    name: str, description: str, volatility: Volatility | None = None
) -> Callable[[type[T]], type[T]]:
    """Makes an object type of a class of `said` and `mapped` fields.

    `volatility` is what the values of all of them rest on; without it, and where one differs, a
    field says it itself. What a method works out always does (see `resolved`).
    """

    def make(cls: type[T]) -> type[T]:
        annotations: dict[str, Any] = {}
        for field, kind in inspect.get_annotations(cls).items():
            annotations[field] = kind
            mark = cls.__dict__.get(field)
            if isinstance(mark, Mapped):
                told = said(mark.description, name=mark.name, volatility=volatility)
                setattr(cls, field, told)
                raw_name = f"{mark.name}Raw" if mark.name else None
                shown = mark.name or camel(field)
                beside = said(
                    f"The registry's own text for `{shown}`, unchanged.",
                    name=raw_name,
                    volatility=volatility,
                )
                annotations[f"{field}_raw"] = str | None
                setattr(cls, f"{field}_raw", beside)
            elif isinstance(mark, StrawberryField) and mark.base_resolver is None:
                mark.metadata = MappingProxyType({**declared(volatility), **mark.metadata})
        cls.__annotations__ = annotations
        return strawberry.type(cls, name=name, description=description)

    return make


def enum(cls: type[Enum], name: str, description: str, values: dict[str, str]) -> None:
    """Makes a GraphQL enum of a model enum, every value described.

    Raises:
        KeyError: where a value has no description.
    """
    made: Any = strawberry.enum(cls, name=name, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = values[value.name]


def argument(description: str) -> Any:
    """The annotation that describes an argument."""
    return strawberry.argument(description=description)
