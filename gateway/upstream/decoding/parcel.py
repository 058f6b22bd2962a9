"""A decoded value on its way between processes: msgpack, in pieces that are read in a moment.

Both sides know the value's type, so nothing says what it is: the types of the pieces follow from
it, and bytes that do not fit are refused. Long lists go in pieces, since reading one of a hundred
thousand rows at once would hold everything else up.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from adapters.apart import unmarked
from adapters.rows import Some, lost
from gateway.upstream.decoding.tree import Tree, inner_types

Put = Callable[[bytes], None]
Get = Callable[[], bytes]

# Bytes of a piece, roughly: it is read in about a millisecond.
PIECE = 128 * 1024
_FIRST, _MOST = 64, 8192
_END = b""
# Before a piece: whether its bytes are as the type says, or written out.
_TYPED, _ODD = b"x", b"o"
_places = msgspec.msgpack.Decoder(tuple[int, ...]).decode


class Part(Protocol):
    """How values of one type are written as pieces, and read again."""

    def write(self, value: Any, put: Put) -> None: ...

    def read(self, get: Get) -> Any: ...


class Whole:
    """One piece."""

    def __init__(self, kind: Any, odd: Tree | None) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(kind, ext_hook=unmarked).decode
        self._odd = odd
        self._classes = frozenset(_classes(kind))

    def write(self, value: Any, put: Put) -> None:
        put(_written(value, self._encode, self._odd, _plain(value, self._classes)))

    def read(self, get: Get) -> Any:
        piece = get()
        if piece[:1] == _ODD and self._odd is not None:
            return self._odd.decode(piece[1:])
        return self._decode(memoryview(piece)[1:])


class Many:
    """A list, so many items in a piece that it has about the same bytes as any other."""

    def __init__(self, item: Any, odd: Tree | None) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[item], ext_hook=unmarked).decode
        self._odd = odd
        self._classes = frozenset(_classes(item))

    def write(self, value: Any, put: Put) -> None:
        put(b"t" if isinstance(value, tuple) else b"l")
        put(msgspec.msgpack.encode(lost(value)))
        for piece in pieces(value, self._piece):
            put(piece)
        put(_END)

    def _piece(self, some: list[Any]) -> bytes:
        plain = all(_plain(one, self._classes) for one in some)
        return _written(some, self._encode, self._odd, plain)

    def read(self, get: Get) -> Any:
        kind, gone = get(), _places(get())
        found: list[Any] = []
        while piece := get():
            if piece[:1] == _ODD and self._odd is not None:
                found += self._odd.decode(piece[1:])
            else:
                found += self._decode(memoryview(piece)[1:])
        if gone:
            return Some(found, gone)
        return tuple(found) if kind == b"t" else found


class Pairs:
    """A mapping, as a list of its pairs."""

    def __init__(self, key: Any, value: Any, odd: Tree | None) -> None:
        self._many = Many(tuple[key, value], odd)

    def write(self, value: Any, put: Put) -> None:
        self._many.write(list(value.items()), put)

    def read(self, get: Get) -> Any:
        return dict(self._many.read(get))


class Perhaps:
    """A value or None."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def write(self, value: Any, put: Put) -> None:
        put(b"0" if value is None else b"1")
        if value is not None:
            self._part.write(value, put)

    def read(self, get: Get) -> Any:
        return None if get() == b"0" else self._part.read(get)


class Fields:
    """An object with a long list among its fields: one after the other."""

    def __init__(self, kind: type[Any], parts: Mapping[str, Part], odd: Tree | None) -> None:
        self._kind = kind
        self._parts = parts
        self._odd = odd

    def write(self, value: Any, put: Put) -> None:
        if self._odd is not None and type(value) is not self._kind:
            put(_ODD + self._odd.encode(value))
            return
        put(_TYPED)
        for name, part in self._parts.items():
            part.write(getattr(value, name), put)

    def read(self, get: Get) -> Any:
        piece = get()
        if piece[:1] == _ODD and self._odd is not None:
            return self._odd.decode(piece[1:])
        return self._kind(**{name: part.read(get) for name, part in self._parts.items()})


def pieces(items: Iterable[Any], encode: Callable[[list[Any]], bytes]) -> Iterator[bytes]:
    """The items in encoded lists of about `PIECE` bytes."""
    left, many = iter(items), _FIRST
    while some := list(islice(left, many)):
        piece = encode(some)
        yield piece
        many = max(1, min(_MOST, many * PIECE // max(1, len(piece))))


def _written(value: Any, encode: Callable[[Any], bytes], odd: Tree | None, plain: bool) -> bytes:
    if odd is None:
        return _TYPED + encode(value)
    if plain:
        # A number that msgpack has none for is as its type says, and has to be written out.
        with suppress(OverflowError):
            return _TYPED + encode(value)
    return _ODD + odd.encode(value)


def _plain(value: Any, classes: frozenset[type[Any]]) -> bool:
    """Whether the value is as its type says, with no odd row in it: a row with one inside is odd
    itself."""
    if isinstance(value, msgspec.Struct):
        return type(value) in classes
    if isinstance(value, (list, tuple)):
        return not lost(value) and all(_plain(one, classes) for one in value)
    if isinstance(value, dict):
        return all(_plain(one, classes) for one in value.values())
    return True


def _classes(kind: Any) -> Iterator[type[Any]]:
    """The classes of rows that may stand at the top of such a value, or in a list there."""
    left = [inspect.type_info(kind)]
    while left:
        found = left.pop()
        if isinstance(found, (inspect.StructType, inspect.DataclassType)):
            yield found.cls
        else:
            left += inner_types(found)


@lru_cache(maxsize=512)
def part_of(kind: Any, *, free: bool = False) -> Part | None:
    """How values of the type are sent; None for a type whose values would not come back as
    they were. In a `free` one, whoever sends takes care of that."""
    try:
        if not free and not _exact(inspect.type_info(kind)):
            return None
        # What is free of types has its odd values in fields of its own.
        return _part(kind, None if free else Tree(kind))
    except (TypeError, NameError):
        return None


def _part(kind: Any, odd: Tree | None) -> Part:
    origin, given = get_origin(kind), get_args(kind)
    if origin in (list, Sequence) or (origin is tuple and given[-1:] == (Ellipsis,)):
        return Many(given[0], odd)
    if origin in (dict, Mapping):
        return Pairs(given[0], given[1], odd)
    if origin in (Union, types.UnionType):
        kinds = [one for one in given if one is not type(None)]
        inner = _part(kinds[0], odd) if len(kinds) == 1 else Whole(kind, odd)
        return Whole(kind, odd) if isinstance(inner, Whole) else Perhaps(inner)
    made = origin if isinstance(origin, type) else kind
    if isinstance(made, type) and (
        issubclass(made, msgspec.Struct) or dataclasses.is_dataclass(made)
    ):
        parts = {name: _part(one, odd) for name, one in _fields(made, given).items()}
        if not all(isinstance(part, Whole) for part in parts.values()):
            return Fields(made, parts, odd)
    return Whole(kind, odd)


def _fields(made: type[Any], given: tuple[Any, ...]) -> dict[str, Any]:
    """The fields that the class is made of, with the types that stand for its parameters."""
    hints = get_type_hints(made, include_extras=True)
    names = (
        made.__struct_fields__
        if issubclass(made, msgspec.Struct)
        else [one.name for one in dataclasses.fields(made)]
    )
    known = dict(zip(getattr(made, "__parameters__", ()), given, strict=False))
    return {name: _filled(hints[name], known) for name in names}


def _filled(kind: Any, known: Mapping[Any, Any]) -> Any:
    if isinstance(kind, TypeVar):
        return known[kind]
    free = getattr(kind, "__parameters__", ())
    return kind[tuple(known[one] for one in free)] if free and known else kind


def _exact(found: Any, above: tuple[Any, ...] = ()) -> bool:
    """Whether msgpack and the type give back what was sent: no free values, no unknown classes."""
    if isinstance(found, (inspect.AnyType, inspect.CustomType, inspect.RawType)):
        return False
    if isinstance(found, (inspect.StructType, inspect.DataclassType)):
        if found.cls in above:
            return True
        return all(_exact(one.type, (*above, found.cls)) for one in found.fields)
    return all(_exact(one, above) for one in inner_types(found))
