"""Leaf values: how each scalar and enum of the schema is written, and what may skip the call."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType, Undefined

from gateway.model.values import quantity_text

Leaf = Callable[[Any], Any]

# Scalars whose text passes through unchanged: what they are given as `str`, they print.
TEXTS = frozenset(
    {"String", "ID", "Date", "DateTime", "CountryCode", "RegistryKey", "URL", "Sha256"}
)
# Classes whose values a memo may be keyed by. Not bool or Decimal: they equal integers.
PLAIN = frozenset({str, int, type(None)})


class Odd(Exception):
    """Internal: not as expected; the value is completed again step by step."""


class Names(dict[Any, Any]):
    """The names of an enum's values; a stranger is Odd."""

    def __missing__(self, value: Any) -> Any:
        raise Odd(value)


def leaf(kind: GraphQLLeafType) -> Leaf:
    """Writes a value that is not None; raises for one that the type cannot take."""
    if isinstance(kind, GraphQLEnumType):
        return names(kind).__getitem__
    if kind.name == "Decimal":
        return _decimal
    coerce = kind.coerce_output_value
    texts = kind.name in TEXTS

    def write(value: Any) -> Any:
        if texts and value.__class__ is str:
            return value
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Odd(value)
        return coerced

    return write


@lru_cache(maxsize=256)
def names(kind: GraphQLEnumType) -> Names:
    """Member to name, as the enum type itself writes it."""
    return Names(
        {told.value: name for name, told in kind.values.items()}
        | {_member(kind, name): name for name in kind.values}
    )


def _member(kind: GraphQLEnumType, name: str) -> Any:
    return kind.coerce_input_value(name)


def _decimal(value: Any) -> str:
    if value.__class__ is int or value.__class__ is Decimal:
        return quantity_text(value)
    raise Odd(value)
