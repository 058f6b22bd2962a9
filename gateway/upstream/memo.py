"""Decoded bodies, remembered by decoder and digest: bytes that come again are decoded twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from adapters.contract import Reply, Unread
from gateway.errors import InvalidPayload, RegistryError
from gateway.kept import Kept
from gateway.upstream.repeated import refuse_repeated_keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """What a decoder made of a body, and the rows of it that it could not read."""

    value: T
    unread: Unread


class Memo:
    """Bounded by the bytes of the bodies behind the values."""

    def __init__(self, max_bytes: int) -> None:
        self._kept = Kept(max_bytes)

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """Bytes of the bodies whose values are kept."""
        return self._kept.size

    def decode(self, decode: Callable[[Reply], T], reply: Reply, digest: str) -> Decoded[T]:
        """The decoder's value for these bytes, whether it runs now or ran before.

        Raises:
            InvalidPayload: whatever the decoder raised.
        """
        # Status and media type are part of what a decoder may look at.
        key = (decode, digest, reply.status, reply.headers.get("content-type"))
        try:
            found = self._kept.get(key)
        except TypeError:  # a decoder that cannot be hashed cannot be remembered
            return run(decode, reply)
        if found is not None:
            return cast(Decoded[T], found)
        decoded = run(decode, reply)
        self._kept.put(key, decoded, len(reply.body))
        return decoded


def run(decode: Callable[[Reply], T], reply: Reply) -> Decoded[T]:
    """The decoder's value for a body that has one meaning.

    Raises:
        InvalidPayload: there is none.
    """
    try:
        value = decode(reply)
    except RegistryError:
        # A success may hold an error that says more than that the body is none.
        raise
    except asyncio.CancelledError:
        raise
    except Exception as error:
        # What the registry sent is the only input, so any way to stumble is the payload's.
        raise InvalidPayload(
            f"the body is not what this registry's interface promises ({type(error).__name__})"
        ) from error
    refuse_repeated_keys(reply)
    return Decoded(value, reply.unread)
