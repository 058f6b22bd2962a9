"""Decoded bodies, remembered by decoder and digest: unchanged bytes are decoded once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar, cast

from adapters.contract import Reply
from gateway.errors import InvalidPayload

T = TypeVar("T")


# What share of the room is for values that nobody has come back for yet.
_UNPROVEN = 8


class Memo:
    """Bounded by the bytes of the bodies behind the values, in two halves.

    A value that is used again is proven, and kept until the room is needed for others like it.
    Those that are not, as of a registry whose bodies always change, share an eighth of the room:
    more would only be memory that is touched once and cold for everybody.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._fresh: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._fresh_bytes = 0
        self._proven: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._proven)

    def decode(self, decode: Callable[[Reply], T], reply: Reply, digest: str) -> T:
        """The decoder's value for these bytes, whether it runs now or ran before.

        Raises:
            InvalidPayload: whatever the decoder raised.
        """
        # Status and media type are part of what a decoder may look at.
        key = (decode, digest, reply.status, reply.headers.get("content-type"))
        try:
            found = self._proven.get(key)
        except TypeError:  # a decoder that cannot be hashed cannot be remembered
            return _run(decode, reply)
        if found is not None:
            self._proven.move_to_end(key)
            return cast(T, found[0])
        found = self._fresh.pop(key, None)
        if found is not None:
            self._fresh_bytes -= found[1]
            self._proven[key] = found
            return cast(T, found[0])
        value = _run(decode, reply)
        if len(reply.body) <= self.max_bytes:
            self._keep(key, value, len(reply.body))
        return value

    def _keep(self, key: Any, value: Any, size: int) -> None:
        self._fresh[key] = (value, size)
        self._fresh_bytes += size
        self.bytes += size
        while len(self._fresh) > 1 and self._fresh_bytes * _UNPROVEN > self.max_bytes:
            _, (_, freed) = self._fresh.popitem(last=False)
            self._fresh_bytes -= freed
            self.bytes -= freed
        while self.bytes > self.max_bytes:
            _, (_, freed) = self._proven.popitem(last=False)
            self.bytes -= freed


def _run(decode: Callable[[Reply], T], reply: Reply) -> T:
    try:
        return decode(reply)
    except InvalidPayload:
        raise
    except asyncio.CancelledError:
        raise
    except Exception as error:
        # What the registry sent is the only input, so any way to stumble is the payload's.
        raise InvalidPayload(
            f"the body is not what this registry's interface promises ({type(error).__name__})"
        ) from error
