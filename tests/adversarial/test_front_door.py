"""Clients that send too much, too slowly, or do not read: others are answered meanwhile."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.app import Readiness
from gateway.config import ServerSettings
from gateway.frontdoor import LEAST_READ, MOST_HEADERS, MOST_WAITING
from gateway.frontdoor_metrics import FrontDoorCollector
from gateway.serve import Server, listen
from gateway.upstream.shares import Shares
from tests.upstream.bench import SetClock

pytestmark = pytest.mark.adversarial

HEALTH = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
LARGE = 8 * 1024 * 1024


@dataclass
class Site:
    """A served application whose answers can wait, be large, or be quick; for its front door time
    passes only when it is told so."""

    server: Server
    port: int
    clock: SetClock
    go: asyncio.Event
    asked: list[str]

    async def connect(
        self, source: str = "127.0.0.1"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))

    async def says(self, raw: bytes, source: str = "127.0.0.1") -> bytes:
        """All that comes back until the connection ends."""
        reader, writer = await self.connect(source)
        writer.write(raw)
        found = bytearray()
        with suppress(ConnectionError):
            while part := await asyncio.wait_for(reader.read(65_536), 60):
                found += part
        writer.close()
        return bytes(found)

    async def healthy(self, source: str = "127.0.0.2") -> bool:
        """Whether another client is answered."""
        reader, writer = await self.connect(source)
        writer.write(HEALTH)
        line = await asyncio.wait_for(reader.readline(), 60)
        writer.close()
        return line == b"HTTP/1.1 200 OK\r\n"

    async def until(self, test: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not test():  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.02)

    def refused(self, why: str) -> int:
        return self.server.door.refused[why]

    def later(self, seconds: float) -> None:
        """So much time goes by, and the door looks."""
        self.clock.at += seconds
        self.server.door.look()

    @property
    def unread(self) -> list[int]:
        """For each connection, the bytes that its client did not read yet."""
        return [line.unread for line in self.server.door._lines]

    @property
    def begun(self) -> int:
        """How many connections are in the middle of a request."""
        return sum(seen.begun for seen in self.server.door._lines.values())


@asynccontextmanager
async def site(shares: Shares | None = None, **given: float) -> AsyncIterator[Site]:
    go, asked = asyncio.Event(), list[str]()

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def waits(request: Request) -> Response:
        asked.append("waits")
        await go.wait()
        return PlainTextResponse("waited")

    async def large(request: Request) -> Response:
        asked.append("large")
        return PlainTextResponse("x" * LARGE)

    def route(path: str, answer: Callable[[Request], Awaitable[Response]]) -> Route:
        return Route(path, answer)

    routes = [route("/healthz", healthz), route("/waits", waits), route("/large", large)]
    listener = listen("127.0.0.1", 0)
    readiness = Readiness(started=True)
    settings = ServerSettings.model_validate({"drain": 0, **given})
    clock = SetClock()
    server = Server(Starlette(routes=routes), settings, readiness, shares, clock)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    try:
        yield Site(server, listener.getsockname()[1], clock, go, asked)
    finally:
        go.set()
        server.should_exit = True
        await task


async def test_a_head_that_drips_is_refused_in_its_time_and_others_are_answered() -> None:
    async with site(header_timeout=10) as here:
        reader, writer = await here.connect()
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        await here.until(lambda: here.begun == 1)
        for _ in range(9):
            here.later(1)
            assert await here.healthy()
            writer.write(b"a: b\r\n")
        assert here.refused("header_timeout") == 0
        here.later(1.5)
        told = b""
        with suppress(ConnectionError):
            told = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        assert here.refused("header_timeout") == 1
        assert not told or told.startswith(b"HTTP/1.1 408 ")


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with site(idle_timeout=30) as here:
        silent, asker = await here.connect(), await here.connect()
        await here.until(lambda: len(here.server.door) == 2)
        here.later(29)
        asker[1].write(HEALTH)
        assert await asyncio.wait_for(asker[0].readuntil(b"ok"), 60)
        await here.until(lambda: not here.begun)
        here.later(2)
        assert await asyncio.wait_for(silent[0].read(), 60) == b""
        await here.until(lambda: len(here.server.door) == 1)
        here.later(29)
        assert await asyncio.wait_for(asker[0].read(), 60) == b""
        await here.until(lambda: len(here.server.door) == 0)
        for _, writer in (silent, asker):
            writer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"a: " + b"x" * 100_000,
        b"a" * 100_000 + b": b",
        b"\r\n".join(b"a%d: b" % n for n in range(MOST_HEADERS + 1)),
        b"\r\n".join(b"a%d: %s" % (n, b"x" * 2_000) for n in range(40)),
    ],
    ids=["a long value", "a long name", "many fields", "many bytes"],
)
async def test_a_flood_of_headers_is_refused_in_typed_words(head: bytes) -> None:
    async with site() as here:
        for ended in (b"\r\n\r\n", b""):
            told = await here.says(b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + head + ended)
            if not told and not ended:
                continue  # reset before it was read
            assert told.startswith(b"HTTP/1.1 431 ") or not told
            assert not told or json.loads(told.partition(b"\r\n\r\n")[2])["errors"]
            assert await here.healthy()
        await here.until(lambda: len(here.server.door) == 0)


async def test_a_body_that_comes_with_its_head_is_no_part_of_the_head() -> None:
    async with site() as here:
        for size in (40_000, 200_000):
            reader, writer = await here.connect()
            head = b"POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size
            writer.write(head + b"x" * size)
            line = await asyncio.wait_for(reader.readline(), 60)
            assert line == b"HTTP/1.1 405 Method Not Allowed\r\n"
            writer.close()


async def test_a_long_address_is_refused() -> None:
    async with site() as here:
        told = await here.says(b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 431 ") or not told


async def test_what_is_no_http_is_refused_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with site() as here:
        for raw in (b"\x16\x03\x01\x02\x00\x01", b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
            told = await here.says(raw)
            assert told.startswith(b"HTTP/1.1 400 ")
            assert b"Invalid HTTP request received." in told
        assert await here.healthy()
    assert not [one for one in caplog.records if "Invalid HTTP" in one.message]


async def test_one_address_has_its_share_of_connections_and_another_its_own() -> None:
    async with site(connections_each=3) as here:
        held = [await here.connect() for _ in range(3)]
        await here.until(lambda: len(here.server.door) == 3)
        told = await here.says(b"")
        assert told.startswith(b"HTTP/1.1 429 ")
        error = json.loads(told.partition(b"\r\n\r\n")[2])["errors"][0]
        assert error["extensions"] == {
            "code": "OVERLOADED",
            "limit": "connections_each",
            "allowed": 3,
        }
        assert await here.healthy("127.0.0.2")
        held.pop()[1].close()
        await here.until(lambda: len(here.server.door) == 2)
        assert await here.healthy("127.0.0.1")
        for _, writer in held:
            writer.close()


async def test_the_longest_idle_connection_makes_room_for_a_new_one() -> None:
    async with site(connections=4) as here:
        held = [await here.connect() for _ in range(4)]
        await here.until(lambda: len(here.server.door) == 4)
        for _ in range(3):
            assert await here.healthy()
        assert await held[0][0].read() == b""
        assert here.refused("room") >= 1
        assert len(here.server.door) <= 4
        for _, writer in held:
            writer.close()


async def test_what_was_refused_is_counted_where_it_is_scraped() -> None:
    async with site(connections_each=1) as here:
        _, writer = await here.connect()
        await here.until(lambda: len(here.server.door) == 1)
        assert (await here.says(b"")).startswith(b"HTTP/1.1 429 ")
        here.server.door.paused()
        (registry := CollectorRegistry()).register(FrontDoorCollector(here.server.door))
        text = generate_latest(registry).decode()
        assert "\ncgw_connections 1.0\n" in text
        assert 'cgw_connections_refused_total{why="connections_each"} 1.0' in text
        assert "\ncgw_accept_pauses_total 1.0\n" in text
        writer.close()


async def test_where_all_connections_are_being_answered_a_new_one_is_told_so() -> None:
    async with site(connections=2) as here:
        held = [await here.connect() for _ in range(2)]
        for _, writer in held:
            writer.write(HEALTH.replace(b"/healthz", b"/waits"))
        await here.until(lambda: len(here.asked) == 2)
        assert (await here.says(b"")).startswith(b"HTTP/1.1 503 ")
        here.go.set()
        for reader, writer in held:
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
            writer.close()
        assert await here.healthy()


async def test_requests_that_wait_on_one_connection_are_few() -> None:
    async with site() as here:
        waits = HEALTH.replace(b"/healthz", b"/waits")
        told = await here.says(waits + HEALTH * 10_000)
        assert told == b""
        assert await here.healthy()
        here.go.set()
        few = await here.connect()
        few[1].write(HEALTH * MOST_WAITING)
        for _ in range(MOST_WAITING):
            assert await few[0].readline() == b"HTTP/1.1 200 OK\r\n"
            await few[0].readuntil(b"ok")
        few[1].close()


async def test_a_client_that_does_not_read_holds_its_answer_for_a_while_only() -> None:
    async with site(write_timeout=20) as here:
        held = [await here.connect() for _ in range(3)]
        for _, writer in held:
            writer.write(HEALTH.replace(b"/healthz", b"/large") * 3)
        await here.until(lambda: sum(map(bool, here.unread)) == 3)
        here.later(0)
        here.later(19)
        assert here.refused("unread") == 0
        assert await here.healthy()

        def dropped() -> bool:
            here.later(21)
            return here.refused("unread") == 3

        await here.until(dropped)
        await here.until(lambda: len(here.server.door) == 0)
        await here.until(lambda: not here.server.server_state.tasks)
        for _, writer in held:
            writer.close()


async def test_a_client_that_reads_slowly_but_reads_is_served_whole() -> None:
    async with site(write_timeout=20) as here:
        reader, writer = await here.connect()
        writer.write(HEALTH.replace(b"/healthz", b"/large"))
        await here.until(lambda: sum(here.unread) > 0)
        here.later(0)
        found = looks = 0
        while found < LARGE:
            enough = max(0, sum(here.unread) - LEAST_READ)
            while found < LARGE and (sum(here.unread) > enough or not enough):
                part = await asyncio.wait_for(reader.read(1_000_000), 60)
                assert part
                found += len(part)
            here.later(18)
            looks += 1
        assert looks >= 2
        assert here.refused("unread") == 0
        writer.close()


async def test_clients_that_leave_take_their_requests_along() -> None:
    async with site() as here:
        for _ in range(20):
            _, writer = await here.connect()
            writer.write(HEALTH.replace(b"/healthz", b"/waits") + HEALTH * 4)
            await writer.drain()
            writer.transport.abort()
        await here.until(lambda: len(here.server.door) == 0)
        assert await here.healthy()
        here.go.set()
        await here.until(lambda: not here.server.server_state.tasks)


async def test_files_can_be_opened_when_clients_hold_all_the_connections_that_they_may() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("few_files.py")),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    held: list[asyncio.StreamWriter] = []
    try:
        port = int(await asyncio.wait_for(process.stdout.readline(), 60))
        for _ in range(300):
            with suppress(OSError):
                held.append((await asyncio.open_connection("127.0.0.1", port))[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEALTH)
        whole = await asyncio.wait_for(reader.readuntil(b"opened 50"), 60)
        assert whole.startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()
    finally:
        for one in held:
            one.close()
        process.kill()
        await process.wait()
