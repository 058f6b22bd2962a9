"""One client's connection: HTTP/1.1 by httptools, with bounds on what comes before a request."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.frontdoor import MOST_HEADERS, MOST_WAITING, FrontDoor, told, written

# Where an answer is larger, what sends it waits until the client has read some of it.
_HIGH_WATER = 256 * 1024
# What clients send wrong is theirs to find out; a line in the log for each would be theirs too.
_logger = logging.getLogger("gateway.connection")
_logger.setLevel(logging.ERROR)


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, as it stands behind the front door."""

    def __init__(
        self,
        door: FrontDoor,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _logger
        self.address = ""
        self._door = door
        self._stays = False
        self._head = self._raw = self._fields = 0
        self._in_head = True
        # Whether a request came to its end in the bytes that were read last.
        self._ended = False
        self._refusal: tuple[int, str] | None = None

    @property
    def unread(self) -> int:
        """Bytes of answers that the client did not read yet."""
        return int(self.transport.get_write_buffer_size())

    @property
    def asking(self) -> bool:
        """Whether a request is being answered."""
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        self.address = self.client[0] if self.client else ""
        self._stays = self._door.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.leave(self)
        self.pipeline.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._stays or self.transport.is_closing():
            return
        if self._in_head:
            self._door.began(self)
        began = time.perf_counter()
        in_head, self._ended = self._in_head, False
        try:
            super().data_received(data)
        finally:
            self._door.worked(self, time.perf_counter() - began)
        if in_head and self._in_head and not self._ended and self._stays:
            # A field that does not end is told by no callback.
            self._raw += len(data)
            if self._raw > self._door.settings.header_bytes:
                self._refusal = self._too_long()
                self.send_400_response("")

    def on_message_begin(self) -> None:
        self._head = self._raw = self._fields = 0
        self._in_head = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._head += len(url)
        self._hold()
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        self._head += len(name) + len(value) + 4
        self._hold()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.pipeline) >= MOST_WAITING:
            self._refuse(429, f"more than {MOST_WAITING} requests wait on one connection")
        self._door.asked(self)
        super().on_headers_complete()
        if self.pipeline:
            # Uvicorn stops reading while requests wait, and would not notice that a client left.
            self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            async def sending(message: Any) -> None:
                # Between its end and the news of it, a connection must not be written to.
                if self.transport.is_closing():
                    cycle.disconnected = True
                await send(message)

            await app(scope, receive, sending)

        super()._start_asgi_task(cycle, guarded)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._raw = 0
        self._in_head = self._ended = True

    def on_response_complete(self) -> None:
        self._door.ended(self)
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """What is answered to something that is not HTTP, or that was refused while it came."""
        status, message = self._refusal or (400, msg)
        self._stays = False
        self.turn_away(status, told("BAD_REQUEST", message))

    def _hold(self) -> None:
        if self._head > self._door.settings.header_bytes:
            self._refuse(*self._too_long())
        if self._fields > MOST_HEADERS:
            self._refuse(431, f"the request has more than {MOST_HEADERS} header fields")

    def _too_long(self) -> tuple[int, str]:
        return 431, f"the request's head is over {self._door.settings.header_bytes} bytes"

    def _refuse(self, status: int, message: str) -> None:
        if self._refusal is None:
            self._refusal = (status, message)
        # Within the parser this ends the parsing; what called it answers.
        raise _Refused

    def turn_away(self, status: int, body: bytes) -> None:
        """Say why, if nothing else is being said, and close."""
        if self.transport.is_closing():
            return
        if self.asking:
            self.drop()
            return
        self.transport.write(written(status, body))
        self.transport.close()

    def hold(self, back: bool) -> None:
        """Read nothing more for now, or go on."""
        if back:
            self.flow.pause_reading()
        else:
            self.flow.resume_reading()

    def drop(self) -> None:
        """Close at once, whatever was not read."""
        self.transport.abort()


class _Refused(Exception):
    """Internal: ends the parsing of a request."""
