"""Declaring CAD Trust tables: every field described, every mapped field with its raw sibling.

A field's Python name is the record's attribute, so that the default resolver is attribute access
on the view and the compiled projection can do the same without a call.
"""

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar, dataclass_transform

import strawberry

from gateway.stitch.coverage import camel

T = TypeVar("T")


def said(description: str, *, name: str | None = None) -> Any:
    """A field that is passed on as the registry wrote it, or that the gateway itself knows."""
    return strawberry.field(description=description, name=name)


class Mapped:
    """Marks a field whose value is mapped, so that `table` adds its raw sibling."""

    def __init__(self, description: str, name: str | None) -> None:
        self.description = description
        self.name = name


def mapped(description: str, *, name: str | None = None) -> Any:
    """A field whose value is mapped or typed: `<name>Raw` is added beside it."""
    return Mapped(description, name)


@dataclass_transform(kw_only_default=True)
def table(name: str, description: str) -> Callable[[type[T]], type[T]]:
    """Makes an object type of a class of `said` and `mapped` fields."""

    def make(cls: type[T]) -> type[T]:
        annotations: dict[str, Any] = {}
        for field, kind in inspect.get_annotations(cls).items():
            annotations[field] = kind
            mark = cls.__dict__.get(field)
            if isinstance(mark, Mapped):
                setattr(cls, field, strawberry.field(description=mark.description, name=mark.name))
                raw_name = f"{mark.name}Raw" if mark.name else None
                shown = mark.name or camel(field)
                beside = strawberry.field(
                    description=f"The registry's own text for `{shown}`, unchanged.",
                    name=raw_name,
                )
                annotations[f"{field}_raw"] = str | None
                setattr(cls, f"{field}_raw", beside)
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
