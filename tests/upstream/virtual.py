"""Virtual time and in-memory connections: the whole door, aiohttp included, without a socket."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.tracing import Trace

T = TypeVar("T")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Stuck(RuntimeError):
    """Nothing is left that could ever happen."""


class _Jump(selectors.DefaultSelector):
    """A selector that never waits: it puts the clock forward instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck("every task waits for something that will not happen")
        if timeout > 0:
            # The microsecond keeps rounding from stopping time.
            self.loop.now += timeout + 1e-6
        self.loop.now += self.loop.turn
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when there is nothing else to do, and by `turn`
    seconds with each turn, as if something had been computed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turn = 0.0
        selector = _Jump()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


class VirtualClock:
    """The loop's virtual time as the gateway's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtually(main: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run the coroutine to its end in virtual time; it must leave no task behind."""
    loop = VirtualLoop()
    try:
        asyncio.set_event_loop(loop)
        result = loop.run_until_complete(main(VirtualClock(loop)))
        left = asyncio.all_tasks(loop)
        assert not left, f"tasks left behind: {left}"
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        loop.close()


class ClientEnd:
    """A registry's way back to the client of one connection."""

    def __init__(self, transport: MemoryTransport) -> None:
        self._transport = transport

    @property
    def gone(self) -> bool:
        """Whether either side has ended the connection."""
        return self._transport.is_closing()

    async def send(self, data: bytes) -> None:
        """Deliver the bytes once the client reads; raises when it is gone."""
        await self._transport.readable.wait()
        if self._transport.is_closing():
            raise ConnectionResetError
        self._transport.protocol.data_received(data)
        await asyncio.sleep(0)

    def close(self) -> None:
        """End the connection in good order."""
        self._transport.lose(None)

    def reset(self) -> None:
        """Break the connection."""
        self._transport.lose(ConnectionResetError("reset by peer"))


class MemoryTransport(asyncio.Transport):
    """The client's transport; what it writes is fed to the registry's reader."""

    def __init__(self, protocol: ResponseHandler, reader: asyncio.StreamReader) -> None:
        super().__init__()
        self.protocol = protocol
        self.reader = reader
        self.readable = asyncio.Event()
        self.readable.set()
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self.reader.feed_data(bytes(data))

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self.readable.clear()

    def resume_reading(self) -> None:
        self.readable.set()

    def close(self) -> None:
        self.lose(None)

    def abort(self) -> None:
        self.lose(None)

    def lose(self, error: Exception | None) -> None:
        """End both directions; the protocol hears of it in the next turn of the loop."""
        if self._closing:
            return
        self._closing = True
        self.readable.set()
        self.reader.feed_eof()
        asyncio.get_running_loop().call_soon(self.protocol.connection_lost, error)


Serve = Callable[[asyncio.StreamReader, ClientEnd], Awaitable[None]]
Dial = Callable[[], Awaitable[None]]


class MemoryConnector(aiohttp.BaseConnector):
    """Connects to a coroutine instead of a host. `dial` may wait or raise OSError first."""

    def __init__(self, serve: Serve, dial: Dial | None = None) -> None:
        super().__init__(limit=64)
        self._serve = serve
        self._dial = dial
        self.transports: set[MemoryTransport] = set()
        self._servers: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """Connections that nobody has closed."""
        return sum(not transport.is_closing() for transport in self.transports)

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  aiohttp's own signature
    ) -> ResponseHandler:
        if self._dial is not None:
            try:
                await self._dial()
            except OSError as error:
                raise aiohttp.ClientConnectorError(req.connection_key, error) from error
        protocol = self._factory()
        transport = MemoryTransport(protocol, asyncio.StreamReader())
        protocol.connection_made(transport)
        self.transports.add(transport)
        server = asyncio.create_task(self._answer(transport))
        self._servers.add(server)
        server.add_done_callback(self._servers.discard)
        return protocol

    async def _answer(self, transport: MemoryTransport) -> None:
        try:
            await self._serve(transport.reader, ClientEnd(transport))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            transport.close()

    async def hang_up(self) -> None:
        """End the registry's side."""
        for server in tuple(self._servers):
            server.cancel()
        await asyncio.gather(*self._servers, return_exceptions=True)
