"""How many bytes a value takes, with all that is in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import chain
from sys import getsizeof
from types import FunctionType, NoneType
from typing import Any

import msgspec

_LEAVES = frozenset({str, bytes, int, float, Decimal})
# Of longer lists so many items are looked at, evenly spread, and the others taken for like them:
# a quarter of that after each so many values that were looked at, so that the longest of what is
# nested in lists of lists takes some hundredths of a second.
_MANY, _PATIENCE = 1024, 8192
# What the allocator rounds an object up to, on average.
_ROUNDING = 8


def bytes_of(value: Any) -> int:
    """What the value takes, as the interpreter tells it. An object that stands in it twice counts
    once, a text or a number each time; classes, functions and members of enums, which live
    anyway, count nothing."""
    size = 0.0
    looked = 0
    # Values, and with how many others each of them stands for.
    left: list[tuple[Sequence[Any], float]] = [((value,), 1.0)]
    seen: set[int] = set()
    while left:
        values, weight = left.pop()
        most = max(1, _MANY >> 2 * (looked // _PATIENCE))
        if len(values) > most:
            # An odd step, which takes of keys and values as many.
            some = values[:: -(-len(values) // most) | 1]
            values, weight = some, weight * len(values) / len(some)
        part = 0
        for one in values:
            looked += 1
            kind: Any = type(one)
            if kind in _LEAVES:
                part += getsizeof(one) + _ROUNDING
                continue
            inside = _inside(kind)
            if inside is None or id(one) in seen:
                continue
            seen.add(id(one))
            part += getsizeof(one) + _ROUNDING
            left.append((inside(one), weight))
        size += weight * part
    return int(size)


@cache
def _inside(kind: type) -> Callable[[Any], Sequence[Any]] | None:
    """What gives the values that stand in one of this kind, None where the kind counts nothing."""
    if issubclass(kind, (type, Enum, FunctionType, bool, NoneType)):
        return None
    if issubclass(kind, (list, tuple)):
        return lambda value: value
    if issubclass(kind, Mapping):
        return lambda value: [*chain.from_iterable(value.items())]
    if issubclass(kind, Set):
        return lambda value: [*value]
    names = [name for name in _names(kind) if not isinstance(getattr(kind, name, None), property)]
    if not names:
        return lambda value: [*getattr(value, "__dict__", {}).values()]
    return lambda value: [getattr(value, name, None) for name in names]


def _names(kind: type) -> Iterable[str]:
    if issubclass(kind, msgspec.Struct):
        return kind.__struct_fields__
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    slots = [getattr(each, "__slots__", ()) for each in kind.__mro__]
    found = [name for names in slots for name in ((names,) if isinstance(names, str) else names)]
    # An object may have both; then what is in its dict is more.
    return [name for name in found if name not in _SPECIAL] + ["__dict__"] * bool(found)


_SPECIAL = frozenset({"__dict__", "__weakref__"})
