"""The wire trusts nothing that a registry sends."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.contract import Request
from gateway.errors import (
    InvalidPayload,
    PayloadTooLarge,
    RegistryError,
    RegistryHttpError,
    RegistryUnreachable,
)
from gateway.upstream.connector import platform
from tests.turns import counted
from tests.upstream.bench import as_text, door_to, facing, terms, upstream
from tests.upstream.tls import certificate


async def raw_server(response: bytes) -> asyncio.Server:
    """A server that sends these bytes to whoever asks, and closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


async def ask_raw(response: bytes, **changes: Any) -> str:
    server = await raw_server(response)
    port = server.sockets[0].getsockname()[1]
    try:
        async with door_to(upstream(f"http://127.0.0.1:{port}", **changes)) as door:
            return (await door.source("sample", terms(30)).read(Request("x"), as_text)).value
    finally:
        server.close()


def answer(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", b""]
    return b"\r\n".join(lines) + body


async def test_gzip_is_taken_and_nothing_else_is() -> None:
    zipped = gzip.compress(b"hello ") + gzip.compress(b"world")
    assert await ask_raw(answer(zipped, b"Content-Encoding: gzip")) == "hello world"
    assert await ask_raw(answer(b"plain", b"Content-Encoding: identity")) == "plain"
    for coding in (b"br", b"zstd", b"deflate", b"gzip, gzip", b"\xff"):
        with pytest.raises(InvalidPayload):
            await ask_raw(answer(zlib.compress(b"x"), b"Content-Encoding: " + coding))


async def test_a_coding_that_makes_much_of_little_is_undone_in_steps() -> None:
    # 30 MB in 30 kB, which one chunk of the connection holds.
    zipped = gzip.compress(b"0" * 30_000_000) + gzip.compress(b"1" * 3_000_001)
    async with counted() as turns:
        found = await ask_raw(
            answer(zipped, b"Content-Encoding: gzip"), politeness={"max_bytes": 40_000_000}
        )
    assert found == "0" * 30_000_000 + "1" * 3_000_001
    assert turns.count >= 60
    # At every length a step can end.
    for size in (524_287, 524_288, 524_289, 1_048_576):
        zipped = gzip.compress(b"x" * size)
        assert len(await ask_raw(answer(zipped, b"Content-Encoding: gzip"))) == size


async def test_the_platforms_trust_store_is_read_before_anybody_waits() -> None:
    async with door_to(upstream("https://localhost:1")):
        assert platform.cache_info().currsize == 1


async def test_broken_gzip_is_no_answer() -> None:
    with pytest.raises(InvalidPayload, match="broken"):
        await ask_raw(answer(b"not gzip at all", b"Content-Encoding: gzip"))
    half = gzip.compress(bytes(range(256)) * 50)[:-20]
    with pytest.raises(InvalidPayload, match="cut short"):
        await ask_raw(answer(half, b"Content-Encoding: gzip"))


async def test_a_gzip_body_of_nothing_is_nothing() -> None:
    assert await ask_raw(answer(b"", b"Content-Encoding: gzip")) == ""


async def test_a_bomb_is_defused_at_the_limit() -> None:
    bomb = gzip.compress(bytes(32 * 1024 * 1024), 9)
    small = {"max_bytes": 100_000}
    with pytest.raises(PayloadTooLarge):
        await ask_raw(answer(bomb, b"Content-Encoding: gzip"), politeness=small)
    exact = gzip.compress(b"x" * 100_000)
    assert len(await ask_raw(answer(exact, b"Content-Encoding: gzip"), politeness=small)) == 100_000


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nBad\x00Name: y\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ],
)
async def test_a_malformed_response_is_a_typed_error(response: bytes) -> None:
    with pytest.raises(RegistryError):
        await ask_raw(response)


async def test_header_values_come_clean_and_cookies_do_not_come_at_all() -> None:
    seen: dict[str, str] = {}

    def note(reply: object) -> str:
        seen.update(reply.headers)  # type: ignore[attr-defined]
        return ""

    headers = [b'ETag: "a\x1bb"', b"Link: <1>", b"LINK: <2>", b"X-Latin: caf\xe9"]
    headers += [b"X-Long: " + b"z" * 5000] + [b"Set-Cookie: a=b"] * 100
    server = await raw_server(answer(b"ok", *headers))
    port = server.sockets[0].getsockname()[1]
    async with door_to(upstream(f"http://127.0.0.1:{port}")) as door:
        asked = terms()
        await door.source("sample", asked).read(Request("x"), note)
    server.close()
    assert seen["link"] == "<1>, <2>"
    assert len(seen["x-long"]) == 2048
    assert "set-cookie" not in seen
    assert all(value.isprintable() for value in seen.values())
    assert asked.evidence.exchanges[0].etag == '"ab"'


async def test_the_door_asks_with_its_own_headers_and_keeps_no_cookies() -> None:
    async def bake(_: web.Request) -> web.Response:
        response = web.Response(text="ok")
        response.set_cookie("tracking", "1")
        return response

    async with facing(bake, changes={"headers": {"X-Key": "k"}}) as (registry, door):
        for n in range(2):
            await door.source("sample", terms()).read(Request(f"x{n}"), as_text)
        for request in registry.requests:
            assert request.headers["User-Agent"].startswith("carbon-gateway/test (+mailto:")
            assert request.headers["Accept-Encoding"] == "gzip"
            assert request.headers["Accept"] == "application/json"
            assert request.headers["X-Key"] == "k"
            assert "Cookie" not in request.headers
            assert "Content-Type" not in request.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_registry_is_followed(status: int) -> None:
    async def move(request: web.Request) -> web.Response:
        if request.path.endswith("/old"):
            return web.Response(status=status, headers={"Location": "../api/new?a=1"})
        return web.Response(text=request.headers["X-Key"])

    async with facing(move, changes={"headers": {"X-Key": "k"}}) as (registry, door):
        found = await door.source("sample", terms()).read(Request("old"), as_text)
        assert found.value == "k"
        assert registry.requests[1].query_string == "a=1"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:1/",
        "http://127.0.0.1:1/",
        "http://user:pw@{host}/",
        "https://{host}.evil.example/",
        "//evil.example/",
        "ftp://{host}/",
        "file:///etc/passwd",
        "http://[::1",
        "http://" + "x" * 5000 + "/",
        "",
    ],
)
async def test_a_redirect_out_of_the_registry_is_refused(location: str) -> None:
    async def lure(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location.format(host=request.host)})

    async with facing(lure, changes={"headers": {"X-Key": "k"}}) as (registry, door):
        with pytest.raises(RegistryError) as caught:
            await door.source("sample", terms()).read(Request("x"), as_text)
        assert not isinstance(caught.value, RegistryUnreachable)
        assert registry.calls <= 4


async def test_a_redirect_loop_ends() -> None:
    async def loop(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.path})

    async with facing(loop) as (registry, door):
        with pytest.raises(RegistryHttpError, match="too many"):
            await door.source("sample", terms()).read(Request("x"), as_text)
        assert registry.calls == 4


async def test_a_posted_question_is_not_turned_into_another_one() -> None:
    async def move(request: web.Request) -> web.Response:
        if request.path.endswith("/kept"):
            return web.Response(status=307, headers={"Location": "/api/new"})
        if request.path.endswith("/lost"):
            return web.Response(status=302, headers={"Location": "/api/new"})
        return web.Response(text=f"{request.method} {await request.text()}")

    async with facing(move) as (_, door):
        source = door.source("sample", terms())
        found = await source.read(Request("kept", method="POST", json=[1]), as_text)
        assert found.value == "POST [1]"
        with pytest.raises(RegistryHttpError, match="body"):
            await source.read(Request("lost", method="POST", json=[1]), as_text)


async def test_the_certificate_of_the_registry_is_part_of_the_evidence(tmp_path: Path) -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    made = certificate(tmp_path, "localhost")
    app = web.Application()
    app.router.add_get("/{rest:.*}", hello)
    server = TestServer(app, host="localhost")
    await server.start_server(ssl=made.server)
    url = f"https://localhost:{server.port}"
    async with door_to(upstream(url), tls=made.client) as door:
        for n in range(2):
            asked = terms()
            await door.source("sample", asked).read(Request(f"x{n}"), as_text)
            assert asked.evidence.exchanges[0].tls_certificate == made.digest
    async with door_to(upstream(url)) as door:
        with pytest.raises(RegistryUnreachable, match="TLS"):
            await door.source("sample", terms()).read(Request("x"), as_text)
    async with door_to(upstream(f"https://127.0.0.1:{server.port}"), tls=made.client) as door:
        with pytest.raises(RegistryUnreachable, match="TLS"):
            await door.source("sample", terms()).read(Request("x"), as_text)
    await server.close()
    assert made.client.verify_mode is ssl.CERT_REQUIRED
