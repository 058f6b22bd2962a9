"""A decoder put to a body: what it makes of it, or why there is nothing to be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.contract import Reply, Unread
from gateway.errors import InvalidPayload, PayloadTooLarge, RegistryError
from gateway.upstream.repeated import refuse_repeated_keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """What a decoder made of a body, and the rows of it that it could not read."""

    value: T
    unread: Unread


def run(decode: Callable[[Reply], T], reply: Reply) -> Decoded[T]:
    """The decoder's value for a body that has one meaning.

    Raises:
        InvalidPayload: there is none.
        PayloadTooLarge: it is larger than it may be.
    """
    try:
        value = decode(reply)
    except RegistryError:
        # A success may hold an error that says more than that the body is none.
        raise
    except MemoryError as error:
        raise PayloadTooLarge("reading the body takes more memory than there is for it") from error
    except Exception as error:
        # What the registry sent is the only input, so any way to stumble is the payload's.
        raise InvalidPayload(
            f"the body is not what this registry's interface promises ({type(error).__name__})"
        ) from error
    refuse_repeated_keys(reply)
    return Decoded(value, reply.unread)
