"""How many bytes a value takes, with all that is in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Set
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from sys import getsizeof
from types import FunctionType
from typing import Any

import msgspec

_LEAVES = frozenset({str, bytes, int, float, Decimal})
# Of longer lists so many items are looked at, evenly spread, and the others taken for like them.
_MANY = 1024
# What the allocator rounds an object up to, on average.
_ROUNDING = 8


def bytes_of(value: Any) -> int:
    """What the value takes, as the interpreter tells it. What stands in it twice counts twice;
    classes, functions and members of enums, which live anyway, count nothing."""
    size = 0
    left = [value]
    while left:
        one = left.pop()
        kind = type(one)
        if kind in _LEAVES:
            size += getsizeof(one) + _ROUNDING
        elif (
            one is not None and kind is not bool and not isinstance(one, (type, Enum, FunctionType))
        ):
            size += getsizeof(one) + _ROUNDING
            inner = _inner(one, kind)
            if len(inner) > _MANY:
                step = -(-len(inner) // _MANY)
                some = inner[::step]
                size += sum(map(bytes_of, some)) * len(inner) // len(some)
            else:
                left.extend(inner)
    return size


def _inner(one: Any, kind: type) -> list[Any] | tuple[Any, ...]:
    if isinstance(one, (list, tuple)):
        return one
    if isinstance(one, Mapping):
        return [*one.keys(), *one.values()]
    if isinstance(one, Set):
        return list(one)
    return _fields(kind)(one)


@cache
def _fields(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of an object's fields."""
    names = list(_names(kind))
    if not names:
        return _dict
    if len(names) == 1:
        one = attrgetter(names[0])
        return lambda value: (one(value),)
    return attrgetter(*names)


def _names(kind: type) -> Iterable[str]:
    if issubclass(kind, msgspec.Struct):
        return kind.__struct_fields__
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    return ()


def _dict(value: Any) -> tuple[Any, ...]:
    return tuple(getattr(value, "__dict__", {}).values())
