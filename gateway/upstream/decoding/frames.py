"""Frames on the socket between the gateway and a process that decodes: kind, length, bytes."""

from __future__ import annotations

import socket
import struct

import msgspec

from gateway.errors import (
    InvalidPayload,
    PayloadTooLarge,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryUnavailable,
)

_HEAD = struct.Struct("!cI")
# The nursery is asked with one letter, and a name's length or a process's number after it.
FORK, END = b"f", b"e"
NUMBER = struct.Struct("!q")
# A piece of the value, the end of it, and why there is none.
PIECE, DONE, REFUSED = b"p", b"d", b"r"
# What a decoder may say of a body beside that it is none, by code.
_ERRORS = {
    error.code: error for error in (PayloadTooLarge, RegistryRateLimited, RegistryUnavailable)
}


class Job(msgspec.Struct, frozen=True):
    """What to decode, and within which limits; the body's `size` bytes come after it."""

    maker: str
    arguments: tuple[str, ...]
    status: int
    headers: dict[str, str]
    size: int
    unpacked: int
    cells: int
    memory: int
    seconds: float


class Missing(msgspec.Struct, frozen=True):
    """With the end of the value: rows that could not be read, and where and why the first."""

    count: int
    first: tuple[str, ...]


class Refusal(msgspec.Struct, frozen=True):
    """Why the body has no value: the code of the error, and what that says beside its message.

    `retry_after` is in seconds.
    """

    code: str
    message: str
    status: int = 0
    retry_after: float | None = None
    told: str = ""

    @classmethod
    def of(cls, error: RegistryError, most: int) -> Refusal:
        """What is sent of the error, its message cut at so many characters."""
        status = error.status if isinstance(error, RegistryHttpError) else 0
        return cls(error.code, error.message[:most], status, error.retry_after, error.told[:most])

    def error(self) -> RegistryError:
        """The error again; any that a decoder has no business to raise is an invalid payload."""
        made: RegistryError
        if self.code == RegistryHttpError.code:
            made = RegistryHttpError(self.message, status=self.status)
        else:
            made = _ERRORS.get(self.code, InvalidPayload)(self.message)
        made.retry_after, made.told = self.retry_after, self.told
        return made


class Gone(Exception):
    """The other side is not there any more."""


class TooLong(Exception):
    """More came than may come."""


def send(sock: socket.socket, kind: bytes, data: bytes) -> None:
    """One frame.

    Raises:
        Gone: nobody reads it.
    """
    try:
        sock.sendall(_HEAD.pack(kind, len(data)))
        sock.sendall(data)
    except OSError as error:
        raise Gone from error


def receive(sock: socket.socket, most: int) -> tuple[bytes, bytearray]:
    """The kind of the next frame and its bytes, of which there are at most so many.

    Raises:
        Gone: it does not come whole.
        TooLong: it is longer than it may be.
    """
    kind, length = _HEAD.unpack(exactly(sock, _HEAD.size))
    if length > most:
        raise TooLong
    return kind, exactly(sock, length)


def exactly(sock: socket.socket, size: int) -> bytearray:
    """So many bytes.

    Raises:
        Gone: there are fewer.
    """
    found = bytearray(size)
    view = memoryview(found)
    at = 0
    while at < size:
        try:
            got = sock.recv_into(view[at:])
        except OSError as error:
            raise Gone from error
        if not got:
            raise Gone
        at += got
    return found
