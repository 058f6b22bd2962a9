"""One decoding, as a thread of the gateway sees it to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.apart import Apart
from adapters.contract import Reply, Unread
from gateway.errors import InvalidPayload, PayloadTooLarge, RegistryError
from gateway.upstream.decoding.bounds import Bounds
from gateway.upstream.decoding.frames import (
    DONE,
    PIECE,
    REFUSED,
    Gone,
    Job,
    Missing,
    Refusal,
    TooLong,
    receive,
    send,
)
from gateway.upstream.decoding.nursery import Child, Nursery
from gateway.upstream.decoding.parcel import Part
from gateway.upstream.decoding.run import Decoded

# Bytes of the last frame.
_MOST_TOLD = 64 * 1024
_missing = msgspec.msgpack.Decoder(Missing).decode
_refusal = msgspec.msgpack.Decoder(Refusal).decode


class Unstarted(Exception):
    """There could be no process."""


class Broken(Exception):
    """The process did not answer as it should: it is gone, or, where `error` says so, it is not
    to be believed or to be heard to its end."""

    def __init__(self, error: RegistryError | None = None) -> None:
        super().__init__()
        self.error = error


class Work:
    """Has a body decoded by `child`, or by a new process where that is None."""

    def __init__(
        self,
        nursery: Nursery,
        child: Child | None,
        apart: Apart,
        part: Part,
        reply: Reply,
        bounds: Bounds,
    ) -> None:
        self.child = child
        self._nursery = nursery
        self._apart = apart
        self._part = part
        self._reply = reply
        self._bounds = bounds
        self._given_up = False

    def run(self) -> Decoded[Any] | Refusal:
        """The value, or why there is none; in a thread, since it waits.

        Raises:
            Unstarted: there could be no process.
            Broken: it is gone, or it is not to be believed.
        """
        if self.child is None:
            try:
                self.child = self._nursery.fork(self._apart.maker.partition(":")[0])
            except OSError as error:
                raise Unstarted from error
        if self._given_up:
            self._nursery.end(self.child)
            raise Broken
        try:
            return self._decoded(self.child)
        except Gone as error:
            raise Broken from error
        except TooLong as error:
            told = f"the body is decoded to more than {self._bounds.result} bytes"
            raise Broken(PayloadTooLarge(told)) from error
        except Exception as error:
            # What comes from there is believed only as far as it fits.
            told = "the process that decoded the body gave what does not fit"
            raise Broken(InvalidPayload(told)) from error

    def end(self) -> int:
        """Ends the process, and with it `run`; the exit code, as `subprocess` gives it."""
        self._given_up = True
        return 0 if self.child is None else self._nursery.end(self.child)

    def _decoded(self, child: Child) -> Decoded[Any] | Refusal:
        reply, bounds = self._reply, self._bounds
        job = Job(
            self._apart.maker,
            self._apart.arguments,
            reply.status,
            _plain(reply.headers),
            len(reply.body),
            reply.limits.unpacked,
            reply.limits.cells,
            bounds.memory,
            bounds.seconds,
        )
        send(child.sock, PIECE, msgspec.msgpack.encode(job))
        try:
            child.sock.sendall(reply.body)
        except OSError as error:
            raise Gone from error
        left = bounds.result

        def piece() -> bytes:
            nonlocal left
            kind, data = receive(child.sock, left)
            left -= len(data) + 1
            if kind == REFUSED:
                raise _Refused(_refusal(data))
            if kind != PIECE:
                raise Gone
            return bytes(data)

        try:
            value = self._apart.receive(self._part.read(piece))
        except _Refused as refused:
            return refused.refusal
        kind, told = receive(child.sock, _MOST_TOLD)
        if kind == REFUSED:
            return _refusal(told)
        if kind != DONE:
            raise Gone
        missing = _missing(told)
        return Decoded(value, Unread(missing.count, list(missing.first)))


class _Refused(Exception):
    """Instead of a piece, or of the rest of them, a reason came."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__()
        self.refusal = refusal


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {str(name): str(value) for name, value in headers.items()}
