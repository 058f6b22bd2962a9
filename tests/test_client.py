"""Asking over HTTP from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway import client
from gateway.errors import AskFailed


async def answering(request: web.Request) -> web.Response:
    if request.path == "/ok/graphql":
        body = await request.json()
        return web.json_response({"asked": body, "type": request.content_type})
    if request.path == "/refused/graphql":
        return web.json_response({"errors": [{"message": "not like this"}]}, status=400)
    if request.path == "/html/graphql":
        return web.Response(text="<h1>no</h1>", status=502, content_type="text/html")
    return web.json_response({"keys": []})


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answering)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def asked(url: str, **given: Any) -> bytes:
    return await asyncio.to_thread(client.ask, url, "{a}", **given)


async def test_a_request_is_posted_as_json(url: str) -> None:
    body = await asked(f"{url}/ok/", variables={"é": 1}, extensions={"timing": True})
    assert b'"asked": {"query": "{a}"' in body
    assert b'"application/json"' in body


async def test_the_key_set_is_found_below_the_origin(url: str) -> None:
    assert await asyncio.to_thread(client.jwks, url) == {"keys": []}


async def test_a_refusal_is_told_in_the_gateways_own_words(url: str) -> None:
    with pytest.raises(AskFailed, match="HTTP 400: not like this"):
        await asked(f"{url}/refused")
    with pytest.raises(AskFailed, match="HTTP 502: Bad Gateway"):
        await asked(f"{url}/html")


async def test_a_gateway_that_is_not_there_is_told() -> None:
    with pytest.raises(AskFailed, match=r"cannot be reached: .*refused"):
        await asked("http://127.0.0.1:9")


@pytest.mark.parametrize("url", ["file:///etc/passwd?", "ftp://x"])
async def test_only_http_is_asked(url: str) -> None:
    with pytest.raises(AskFailed, match="not an http or https URL"):
        await asked(url)


async def test_an_endless_answer_is_cut(url: str) -> None:
    with pytest.raises(AskFailed, match="over 5 bytes"):
        await asked(f"{url}/ok", most=5)


@pytest.mark.parametrize("text", ["", "gw.example", "ftp://gw.example", "http://", "http://[::1"])
def test_what_is_no_url_is_refused_in_words(text: str) -> None:
    with pytest.raises(AskFailed, match="is not a"):
        client.ask(text, "{a}")


def test_a_host_name_that_cannot_be_is_told() -> None:
    with pytest.raises(AskFailed, match="cannot be reached"):
        client.ask("http://a..b", "{a}")
