"""Leaf values: how each scalar and enum of the schema is written, and what may skip the call."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType, Undefined

from gateway.model.entity import Entity
from gateway.model.globalid import format_id
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


class Memo(dict[str, Any]):
    """What a rule makes of each distinct raw text, made once; emptied when it grows too large."""

    __slots__ = ("_make",)

    def __init__(self, make: Leaf) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: str) -> Any:
        if len(self) >= MEMO_SIZE:
            self.clear()
        made = self[raw] = self._make(raw)
        return made


class Remembered(dict[Any, Any]):
    """What a rule makes of a row, by the plain fields that the rule reads."""

    __slots__ = ("_make",)

    def __init__(self, make: Leaf) -> None:
        super().__init__()
        self._make = make

    def learn(self, key: Any, row: Any) -> Any:
        """What is made of the row, kept unless its key is long."""
        made = self._make(row)
        if key.__class__ is not str or len(key) <= MEMO_TEXT:
            if len(self) >= MEMO_SIZE:
                self.clear()
            self[key] = made
        return made


class Ids(dict[str, Memo]):
    """The global ids of one entity's records, by registry and key."""

    __slots__ = ("_entity",)

    def __init__(self, entity: Entity) -> None:
        super().__init__()
        self._entity = entity

    def __missing__(self, registry: str) -> Memo:
        entity = self._entity
        made = self[registry] = Memo(lambda key: format_id(registry, entity, key))
        return made


def leaf(kind: GraphQLLeafType) -> Leaf:
    """Writes a value that is not None; raises for one that the type cannot take."""
    if isinstance(kind, GraphQLEnumType):
        return names(kind).__getitem__
    if kind.name == "Decimal":
        return _decimal
    coerce = kind.coerce_output_value

    def write(value: Any) -> Any:
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
