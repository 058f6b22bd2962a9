"""Questions that are no registry's: time stamps, key sets, answers, and what is fetched again."""

from __future__ import annotations

import ast
import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway import client
from gateway.errors import AskFailed, ProvenanceError
from gateway.provenance import timestamp
from gateway.provenance.bundle_verify import fetch_url
from gateway.provenance.outgoing import TooMuch, fetch
from gateway.provenance.outgoing import _Time as Limit
from tests.paths import ROOT

PACKAGES = ROOT


class Place:
    """A server that redirects, drips, cuts off or says too much, by path."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = asyncio.Event()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path.startswith("/away"):
            return web.Response(status=302, headers={"location": f"{self.url}/inside"})
        if request.path.startswith("/bad"):
            return web.Response(status=400, text="not so")
        if request.path.startswith("/garbled"):
            assert request.transport is not None
            head = b"HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n"
            request.transport.write(head + b"no size\r\n")
            request.transport.close()
        reply = web.StreamResponse(headers={"content-length": "1000"})
        await reply.prepare(request)
        await reply.write(b"x" * 100)
        if request.path.startswith("/drip"):
            await self.go.wait()
        elif request.path.startswith("/cut"):
            assert request.transport is not None
            request.transport.close()
        else:
            await reply.write(b"x" * 900)
        return reply


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    made, app = Place(), web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    async with TestServer(app) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made
        made.go.set()


async def found(url: str, seconds: float = 60.0, most: int = 5000) -> bytes:
    request = urllib.request.Request(url)
    return await asyncio.to_thread(fetch, request, seconds=seconds, most=most)


async def test_what_comes_whole_is_taken(place: Place) -> None:
    assert len(await found(f"{place.url}/fine")) == 1000


async def test_a_redirect_is_told_and_not_followed(place: Place) -> None:
    with pytest.raises(OSError, match=f"redirects to {place.url}/inside"):
        await found(f"{place.url}/away")
    assert place.asked == ["/away"]


async def test_an_error_can_be_read(place: Place) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        await found(f"{place.url}/bad")
    assert (caught.value.code, caught.value.read()) == (400, b"not so")


async def test_an_error_whose_words_cannot_be_read_is_told_without_them(place: Place) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        await found(f"{place.url}/garbled")
    assert (caught.value.code, caught.value.read()) == (400, b"")


async def test_who_does_not_speak_tls_is_not_listened_to(place: Place) -> None:
    with pytest.raises(OSError, match=r"(?i)ssl"):
        await found(f"{place.url.replace('http:', 'https:')}/fine")
    assert place.asked == []


async def test_a_connection_that_comes_when_the_time_is_over_is_ended_at_once(place: Place) -> None:
    host, _, port = place.url.removeprefix("http://").rpartition(":")
    with Limit(60) as limit, socket.socket() as ended:
        # One that is no connection any more keeps nobody from ending the others.
        limit._sockets.append(ended)
        limit._end()
        made = await asyncio.to_thread(limit.connect, (host, int(port)))
        assert made.recv(1) == b""
        made.close()
        with pytest.raises(TimeoutError, match="within 60 seconds"):
            limit.check()


async def test_more_than_there_may_be_is_refused(place: Place) -> None:
    with pytest.raises(TooMuch):
        await found(f"{place.url}/fine", most=999)


async def test_a_part_is_no_answer(place: Place) -> None:
    with pytest.raises(OSError, match="cut short"):
        await found(f"{place.url}/cut")


async def test_an_answer_that_does_not_end_is_left_in_time(place: Place) -> None:
    """Each read comes in its time, and all of them together do not."""
    with pytest.raises(TimeoutError, match=r"within 0\.5 seconds"):
        await found(f"{place.url}/drip", seconds=0.5)


def ask(url: str) -> object:
    return client.ask(url, "{a}")


def stamped(url: str) -> object:
    return timestamp._send(url, b"request")


@pytest.mark.parametrize("how", [ask, client.get, client.jwks, stamped, fetch_url])
async def test_nothing_that_asks_follows_a_redirect(
    place: Place, how: Callable[[str], object]
) -> None:
    with pytest.raises((AskFailed, ProvenanceError), match="no redirect is followed"):
        await asyncio.to_thread(how, f"{place.url}/away")
    assert "/inside" not in place.asked


@pytest.mark.slow
def test_nobody_opens_addresses_in_another_way() -> None:
    """Registries are asked through the door; all else through `gateway.provenance.outgoing`."""
    for package in ("gateway", "adapters"):
        for file in (PACKAGES / package).rglob("*.py"):
            if "sandbox" in file.parts or file.name == "outgoing.py":
                continue
            names = {
                node.attr if isinstance(node, ast.Attribute) else node.id
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Attribute | ast.Name)
            }
            opens = {"urlopen", "build_opener", "HTTPConnection", "HTTPSConnection", "httpx"}
            assert not names & opens, file
