"""How a decoder runs in another process: what it is known by there, and what is sent of its value.

Bodies are untrusted, and some are large: the door decodes those in processes of their own, which
may be killed at any moment. A decoder that is a function of a module is known by its name, and its
value by its annotation. One that is made, as of a manifest, says the same with `apart`; an object
with several decoders has there one for each, by the names of its methods.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

import msgspec

D = TypeVar("D", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Limits:
    """What one body may grow to: the bytes that it unpacks to, and rows times columns of a table.

    Decoders look at these before they make room for what the body only says of itself.
    """

    unpacked: int = 64 * 1024 * 1024
    cells: int = 8_000_000


LIMITS = Limits()


def itself(value: Any) -> Any:
    """For values that are sent as they are."""
    return value


@dataclass(frozen=True, slots=True)
class Apart:
    """A decoder as another process finds it: `module:name`, called with `arguments` if there are
    any. `sent` is the type of what `send` makes of the decoder's value, and `receive` makes the
    value of that again. In a `free` one may be values of any type: Decimals are marked by `freed`.
    A decoder that is `slow` is written in Python, row by row: it runs apart for smaller bodies.
    """

    maker: str
    arguments: tuple[str, ...]
    sent: Any
    send: Callable[[Any], Any] = itself
    receive: Callable[[Any], Any] = itself
    free: bool = False
    slow: bool = False


def slow(decode: D) -> D:
    """Marks a function that goes through a body in Python, which takes ten times and more of what
    the decoders of msgspec take: it runs apart for smaller bodies than those. Made decoders say it
    with their `apart`."""
    decode.slow = True  # type: ignore[attr-defined]
    return decode


def packed(decode: D) -> D:
    """Marks a function that decodes what is packed (a workbook, Parquet, anything compressed
    inside): it runs apart, whatever the size of a body. Objects say it with `packed`."""
    decode.packed = True  # type: ignore[attr-defined]
    return decode


def is_packed(decode: Callable[..., Any]) -> bool:
    """Whether what the decoder reads is packed."""
    return bool(getattr(getattr(decode, "__self__", decode), "packed", False))


def apart_of(decode: Callable[..., Any]) -> Apart | None:
    """How the decoder runs apart, None where it has to run here."""
    told = getattr(getattr(decode, "__self__", decode), "apart", None)
    if isinstance(told, Mapping):
        told = told.get(getattr(decode, "__name__", ""))
    if isinstance(told, Apart):
        return told
    try:
        return _function(decode)
    except TypeError:  # it cannot be hashed, so it is made anew each time
        return None


@lru_cache(maxsize=512)
def _function(decode: Callable[..., Any]) -> Apart | None:
    module, name = getattr(decode, "__module__", ""), getattr(decode, "__qualname__", "")
    found = getattr(sys.modules.get(module), name, None)
    if found is not decode or not module.startswith("adapters."):
        return None
    try:
        sent = get_type_hints(decode)["return"]
    except (KeyError, NameError):
        return None
    return Apart(f"{module}:{name}", (), sent, slow=getattr(decode, "slow", False))


@lru_cache(maxsize=64)
def made(maker: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """The decoder of this name, in the process that decodes."""
    module, _, name = maker.partition(":")
    found: Callable[..., Any] = attrgetter(name)(import_module(module))
    if arguments:
        found = found(*arguments)
    return found


_DECIMAL, _INTEGER = 1, 2
# What msgpack has a number for.
_LEAST, _MOST = -(2**63), 2**64 - 1


def freed(value: Any) -> Any:
    """The value with every Decimal in it marked as one, since msgpack would make a text of it, and
    whole numbers that are too large for it."""
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if type(value) is int and not _LEAST <= value <= _MOST:
        return msgspec.msgpack.Ext(_INTEGER, b"%x" % value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(freed, value))
    if isinstance(value, msgspec.Struct):
        fields = value.__struct_fields__
        if any(_marks(getattr(value, name)) for name in fields):
            return type(value)(*(freed(getattr(value, name)) for name in fields))
    return value


def _marks(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return not _LEAST <= value <= _MOST
    return kind is not str and isinstance(value, (Decimal, list, tuple))


def unmarked(code: int, data: memoryview) -> Decimal | int:
    """What was marked.

    Raises:
        ValueError: it is no such mark.
    """
    if code == _INTEGER:
        return int(bytes(data), 16)
    if code != _DECIMAL:
        raise ValueError(f"there is no mark {code}")
    return Decimal(bytes(data).decode())
