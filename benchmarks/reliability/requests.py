"""A small and quick HTTP client for load: persistent connections, nothing but POSTs of GraphQL."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Got:
    """One answer. `seconds` is from sending to the last byte; status 0: the connection ended."""

    status: int
    seconds: float
    retry_after: str | None
    body: bytes

    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


def post(query: str, extensions: dict[str, Any] | None = None) -> bytes:
    """The raw request of one GraphQL question."""
    body = json.dumps({"query": query, "extensions": extensions or {}}).encode()
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    return head + body


class Connection(asyncio.Protocol):
    """One connection; one question at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[Got] | None = None
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._done(Got(0, time.perf_counter() - self._sent, None, b""))

    @property
    def open(self) -> bool:
        """Whether questions can be asked on it."""
        return self._transport is not None

    def ask(self, raw: bytes) -> asyncio.Future[Got]:
        """Send a raw request; its answer will be the future's result."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._sent = time.perf_counter()
        self._transport.write(raw)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:])
        size = end + 4 + int(headers.get("content-length", "0"))
        if len(self._buffer) < size:
            return
        body = bytes(self._buffer[end + 4 : size])
        del self._buffer[:size]
        taken = time.perf_counter() - self._sent
        self._done(Got(int(head[0].split(" ")[1]), taken, headers.get("retry-after"), body))

    def _done(self, got: Got) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(got)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Connection:
    """A connection to loopback."""
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(Connection, "127.0.0.1", port)
    return protocol
