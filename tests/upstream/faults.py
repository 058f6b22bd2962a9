"""Faults on the way back from a registry, and a seeded proxy that plays them on loopback.

Each fault gets the registry's whole raw response and decides what the client sees of it, when.
The same faults run over TCP (fault matrix) and over in-memory streams (chaos suite).
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Protocol

LONG = 3600.0


class Out(Protocol):
    """The way back to the client of one connection."""

    async def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def reset(self) -> None: ...


Fault = Callable[[bytes, Out, random.Random], Awaitable[None]]


async def none(raw: bytes, out: Out, dice: random.Random) -> None:
    """Nothing is wrong."""
    await out.send(raw)


async def latency(raw: bytes, out: Out, dice: random.Random) -> None:
    """Late, but whole."""
    await asyncio.sleep(dice.uniform(0.005, 0.05))
    await out.send(raw)


async def bandwidth(raw: bytes, out: Out, dice: random.Random) -> None:
    """Whole, in small portions with pauses: too slow for any deadline if it is long."""
    for at in range(0, len(raw), 256):
        await asyncio.sleep(0.05)
        await out.send(raw[at : at + 256])


async def slow_close(raw: bytes, out: Out, dice: random.Random) -> None:
    """The body ends with the connection, and the connection does not end."""
    head, body = split(raw)
    kept = [line for line in head.split(b"\r\n") if not _framing(line)]
    await out.send(b"\r\n".join(kept) + b"\r\nConnection: close\r\n\r\n" + body)
    await asyncio.sleep(LONG)


async def timeout(raw: bytes, out: Out, dice: random.Random) -> None:
    """Nothing comes back."""
    await asyncio.sleep(LONG)


async def reset(raw: bytes, out: Out, dice: random.Random) -> None:
    """The connection breaks at a random byte."""
    if cut := dice.randrange(len(raw)):
        await out.send(raw[:cut])
    out.reset()


async def slicer(raw: bytes, out: Out, dice: random.Random) -> None:
    """Whole, cut at random places."""
    at = 0
    while at < len(raw):
        size = dice.randint(1, 97) if len(raw) < 20_000 else dice.randint(500, 5000)
        await out.send(raw[at : at + size])
        at += size


async def limit(raw: bytes, out: Out, dice: random.Random) -> None:
    """The connection is closed in good order, in the middle of the response."""
    await out.send(raw[: dice.randrange(1, len(raw))])
    out.close()


async def html(raw: bytes, out: Out, dice: random.Random) -> None:
    """A login page with status 200."""
    await out.send(_response(b"200 OK", b"<!doctype html><p>Please sign in", b"text/html"))


async def truncated(raw: bytes, out: Out, dice: random.Random) -> None:
    """Less body than Content-Length promised."""
    body = b'{"half": '
    await out.send(_response(b"200 OK", body, length=len(body) + 400))
    out.close()


async def gzip_bomb(raw: bytes, out: Out, dice: random.Random) -> None:
    """64 MiB of zeros in 64 KiB."""
    await out.send(_response(b"200 OK", BOMB, extra=b"Content-Encoding: gzip\r\n"))


async def endless(raw: bytes, out: Out, dice: random.Random) -> None:
    """A body that never ends."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    await out.send(head)
    while True:
        await out.send(b"4000\r\n" + b"[" * 0x4000 + b"\r\n")


async def absurd_429(raw: bytes, out: Out, dice: random.Random) -> None:
    """Come back in thirty years."""
    await out.send(_response(b"429 Too Many Requests", b"", extra=b"Retry-After: 1000000000\r\n"))


async def false_401(raw: bytes, out: Out, dice: random.Random) -> None:
    """An annoyed registry that pretends not to know us."""
    await out.send(_response(b"401 Unauthorized", b'{"error": "token"}'))


async def flaky_503(raw: bytes, out: Out, dice: random.Random) -> None:
    """Overloaded, without saying for how long."""
    await out.send(_response(b"503 Service Unavailable", b"busy", b"text/plain"))


async def sometimes_503(raw: bytes, out: Out, dice: random.Random) -> None:
    """Overloaded four times out of ten: retries help, and would make it worse."""
    await (flaky_503 if dice.random() < 0.4 else none)(raw, out, dice)


BOMB = gzip.compress(bytes(64 * 1024 * 1024), 9)

# Those that leave the response whole, and those after which there is no answer to be had.
# Those that may or may not be there belong to neither.
MOODS: Mapping[str, Fault] = {"sometimes 503": sometimes_503}
HARMLESS: Mapping[str, Fault] = {"none": none, "latency": latency, "slicer": slicer}
HARMFUL: Mapping[str, Fault] = {
    "bandwidth": bandwidth,
    "slow close": slow_close,
    "timeout": timeout,
    "reset": reset,
    "limit": limit,
    "html": html,
    "truncated": truncated,
    "gzip bomb": gzip_bomb,
    "endless": endless,
    "absurd 429": absurd_429,
    "false 401": false_401,
    "flaky 503": flaky_503,
}
FAULTS: Mapping[str, Fault] = {**HARMLESS, **HARMFUL}


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Head and body of a raw response."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return head, body


def _framing(line: bytes) -> bool:
    return line.lower().startswith((b"content-length:", b"transfer-encoding:", b"connection:"))


def _response(
    status: bytes,
    body: bytes,
    kind: bytes = b"application/json",
    *,
    extra: bytes = b"",
    length: int | None = None,
) -> bytes:
    size = len(body) if length is None else length
    return (
        b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\n"
        b"Content-Length: " + str(size).encode() + b"\r\n" + extra + b"\r\n" + body
    )


async def read_request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """One request off a connection: head with its blank line, and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            size = int(value)
    return head, await reader.readexactly(size) if size else b""


class _StreamOut:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        self._writer.transport.abort()


class FaultProxy:
    """Stands on loopback before a registry on loopback. `fault` may be changed at any time;
    `calls` counts the requests that came."""

    def __init__(self, host: str, port: int, *, seed: int, fault: Fault = none) -> None:
        self._target = (host, port)
        self._dice = random.Random(seed)
        self.fault = fault
        self.calls = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        found = self._server.sockets[0].getsockname()[1]
        assert isinstance(found, int)
        return found

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                head, body = await read_request(reader)
                self.calls += 1
                raw = await self._forward(head, body)
                await self.fault(raw, _StreamOut(writer), self._dice)
                if not writer.transport.is_closing():
                    await writer.drain()
            finally:
                writer.close()

    async def _forward(self, head: bytes, body: bytes) -> bytes:
        lines = [
            line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")
        ]
        lines.insert(1, b"Connection: close")
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(b"\r\n".join(lines) + body)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()
