"""A toll gate before a server: what goes through it can be held up, slowed down or cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Toll:
    """Passes bytes on in both directions. While `open` is not set nothing comes back; `delay` is
    how many seconds each answer is late."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.delay = 0.0
        self.connections = 0
        self.url = ""
        self._server: asyncio.Server | None = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, forth}
        tasks = {
            asyncio.create_task(self._pass(reader, forth, toll=False)),
            asyncio.create_task(self._pass(back, writer, toll=True)),
        }
        self._tasks |= tasks
        for task in tasks:
            task.add_done_callback(self._tasks.discard)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, toll: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if toll:
                    await asyncio.sleep(self.delay)
                    await self.open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        """Break every connection."""
        for writer in self._writers:
            if writer.transport is not None:
                writer.transport.abort()
        self._writers.clear()

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def end(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def toll_before(port: int) -> AsyncIterator[Toll]:
    """An open toll gate before this port of loopback."""
    toll = Toll(port)
    await toll.begin()
    try:
        yield toll
    finally:
        await toll.end()
