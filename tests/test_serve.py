"""Starting and stopping: nothing under way is lost, and the process ends of itself."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.app import Readiness
from gateway.config import ServerSettings
from gateway.errors import ConfigError
from gateway.serve import Server, listen, run


class Slow:
    """An application whose answer waits to be let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def answer(self, request: Request) -> PlainTextResponse:
        self.asked.set()
        await self.go.wait()
        return PlainTextResponse("answered")


@asynccontextmanager
async def serving(slow: Slow, **given: float) -> AsyncIterator[tuple[Server, Readiness, str]]:
    listener = listen("127.0.0.1", 0)
    readiness = Readiness(started=True)
    settings = ServerSettings.model_validate(given)
    server = Server(Starlette(routes=[Route("/", slow.answer)]), settings, readiness)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    try:
        yield server, readiness, f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        slow.go.set()
        server.should_exit = True
        await task


async def closed(url: str) -> None:
    """Returns once nobody listens there any more."""
    place = httpx.URL(url)
    while True:
        try:
            _, writer = await asyncio.open_connection(place.host, place.port)
        except OSError:
            return
        writer.close()
        await asyncio.sleep(0.05)


async def test_an_answer_under_way_survives_the_stop_and_new_ones_are_not_taken() -> None:
    slow = Slow()
    async with serving(slow) as (server, readiness, url), httpx.AsyncClient(timeout=60) as http:
        first = asyncio.create_task(http.get(url))
        await slow.asked.wait()
        server.handle_exit(signal.SIGTERM, None)
        assert not readiness.ready
        await closed(url)
        with pytest.raises(httpx.ConnectError):
            await http.get(url)
        slow.go.set()
        assert (await first).text == "answered"


async def test_a_stop_can_wait_for_balancers_to_notice() -> None:
    slow = Slow()
    slow.go.set()
    async with serving(slow, drain_delay=30) as (server, readiness, url):
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.sleep(0.3)
        assert not readiness.ready
        assert not server.should_exit
        async with httpx.AsyncClient(timeout=60) as http:
            assert (await http.get(url)).text == "answered"


async def test_the_second_signal_stops_at_once() -> None:
    slow = Slow()
    async with serving(slow, drain_delay=30) as (server, _, _url):
        server.handle_exit(signal.SIGINT, None)
        server.handle_exit(signal.SIGINT, None)
        assert server.should_exit
        assert server.force_exit


async def test_a_stop_at_once_still_closes_what_was_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed = asyncio.Event()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        closed.set()

    listener = listen("127.0.0.1", 0)
    server = Server(Starlette(lifespan=lifespan), ServerSettings(), Readiness(started=True))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    server.handle_exit(signal.SIGTERM, None)
    server.handle_exit(signal.SIGTERM, None)
    await task
    assert closed.is_set()
    assert "Traceback" not in caplog.text


async def test_answers_cut_off_by_a_second_signal_leave_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = Slow()
    async with serving(slow) as (server, _, url), httpx.AsyncClient(timeout=60) as http:
        asked = asyncio.create_task(http.get(url))
        await slow.asked.wait()
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGTERM, None)
        assert (await asked).status_code == 500
    assert "Traceback" not in caplog.text


def test_a_taken_port_is_told_with_the_remedy() -> None:
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}: .*--port"):
        listen("127.0.0.1", port)
    taken.close()


def test_an_address_may_be_of_either_kind() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    six = listen("::1", 0)
    assert six.getsockname()[0] == "::1"
    six.close()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1:0: .*--host"):
        listen("192.0.2.1", 0)


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(ConfigError, match="ports are 0 to 65535"):
        listen("127.0.0.1", 70_000)


def test_work_runs_in_a_loop_of_its_own() -> None:
    async def work() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(work()) == "uvloop"
