"""Leaf values: how each scalar and enum of the schema is written, and what may skip the call."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
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
MEMO_SIZE = 8_192
# Long texts are descriptions: each is its own, and looking them up would only keep them.
MEMO_TEXT = 256


class Odd(Exception):
    """Internal: not as expected; the value is completed again step by step."""


class Names(dict[Any, Any]):
    """The names of an enum's values; a stranger is Odd."""

    def __missing__(self, value: Any) -> Any:
        raise Odd(value)


Learn = Callable[[Any, Any], Any]


def remembered(make: Leaf) -> tuple[dict[Any, Any], Learn]:
    """What a rule makes of each distinct key, and what makes a missing one of `(key, source)`.

    A plain dict, since a subclass of it is looked up more slowly. Emptied when it grows too
    large; a long text is a description, which is its own key and would only be kept.
    """
    known: dict[Any, Any] = {}

    def learn(key: Any, source: Any) -> Any:
        made = make(source)
        if key.__class__ is not str or len(key) <= MEMO_TEXT:
            if len(known) >= MEMO_SIZE:
                known.clear()
            known[key] = made
        return made

    return known, learn


def remembered_by(make: Callable[[Any, Any], Any]) -> tuple[dict[Any, Any], Learn]:
    """The same for a rule of the first part of the key and of the source."""
    known: dict[Any, Any] = {}

    def learn(key: Any, source: Any) -> Any:
        if len(known) >= MEMO_SIZE:
            known.clear()
        made = known[key] = make(key[0], source)
        return made

    return known, learn


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
