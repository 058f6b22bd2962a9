"""Values with odd rows in them, written out: rows of classes that the type alone does not name.

A row with odd values is of a subclass of the one that was declared (`gateway.model.odd`). Such
values are few, so each says what it is; only classes that the declared type leads to are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import inspect

from adapters.apart import freed, unmarked
from adapters.odd_row import odd_class
from adapters.rows import Some, lost

_LIST, _TUPLE, _MAPPING, _ROW, _ODD = "l", "t", "m", "r", "o"
_decode = msgspec.msgpack.Decoder(ext_hook=unmarked).decode


class Tree:
    """Writes and reads values of one type, whatever is odd in them."""

    def __init__(self, kind: Any) -> None:
        self._classes: dict[str, type[Any]] = {}
        self._collect(inspect.type_info(kind))

    def encode(self, value: Any) -> bytes:
        """The value, written out."""
        return msgspec.msgpack.encode(self._told(value))

    def decode(self, data: bytes) -> Any:
        """The value again.

        Raises:
            ValueError: it is none.
        """
        return self._made(_decode(data))

    def _collect(self, found: Any) -> None:
        if isinstance(found, (inspect.StructType, inspect.DataclassType)):
            known = self._classes.get(found.cls.__qualname__)
            if known is None:
                self._classes[found.cls.__qualname__] = found.cls
                for field in found.fields:
                    self._collect(field.type)
            elif known is not found.cls:
                raise TypeError(f"two classes are called {found.cls.__qualname__}")
        else:
            for inner in inner_types(found):
                self._collect(inner)

    def _told(self, value: Any) -> Any:
        if isinstance(value, (Decimal, int)):
            return freed(value)
        if isinstance(value, list):
            return [_LIST, list(lost(value)), *map(self._told, value)]
        if isinstance(value, tuple):
            return [_TUPLE, *map(self._told, value)]
        if isinstance(value, Mapping):
            return [_MAPPING, *([name, self._told(one)] for name, one in value.items())]
        if isinstance(value, msgspec.Struct):
            kind = type(value)
            fields = {name: self._told(getattr(value, name)) for name in kind.__struct_fields__}
            if kind.__qualname__ in self._classes:
                return [_ROW, kind.__qualname__, fields]
            return [_ODD, kind.__bases__[0].__qualname__, fields]
        return value

    def _made(self, told: Any) -> Any:
        if not isinstance(told, list):
            return told
        match told:
            case [str(kind), list(gone), *items] if kind == _LIST:
                found = [self._made(one) for one in items]
                return Some(found, tuple(map(int, gone))) if gone else found
            case [str(kind), *items] if kind == _TUPLE:
                return tuple(self._made(one) for one in items)
            case [str(kind), *items] if kind == _MAPPING:
                return {name: self._made(one) for name, one in items}
            case [str(kind), str(name), dict(fields)] if kind in (_ROW, _ODD):
                made = self._classes[name]
                values = {field: self._made(one) for field, one in fields.items()}
                return (odd_class(made) if kind == _ODD else made)(**values)
        raise ValueError("no value is written like this")


def inner_types(found: Any) -> list[Any]:
    """The types inside a type that is no class."""
    inner = [
        *getattr(found, "types", ()),
        *getattr(found, "item_types", ()),
        *(getattr(found, name, None) for name in ("item_type", "key_type", "value_type")),
    ]
    return [one for one in inner if one is not None]
