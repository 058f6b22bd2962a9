"""The door answers, proves what it got, and turns every fault into a typed error."""

from __future__ import annotations

import asyncio
import gzip
import hashlib

import pytest
from aiohttp import web

from adapters.contract import Request
from gateway.errors import (
    InvalidPayload,
    Outcome,
    PayloadTooLarge,
    RegistryHttpError,
    RegistryNotConfigured,
    RegistryTimeout,
    RegistryUnreachable,
)
from gateway.upstream.memory import BoundedMemoryCache
from tests.upstream.bench import as_json, as_text, door_to, facing, terms, upstream


async def hello(request: web.Request) -> web.Response:
    return web.json_response({"path": request.path, "q": request.query_string})


async def test_a_read_gives_the_decoded_body_and_its_evidence() -> None:
    async with facing(hello) as (_registry, door):
        asked = terms()
        request = Request(
            "things/1", query=(("page", "2"), ("key", "hush")), public=frozenset({"page"})
        )
        answer = await door.source("sample", asked).read(request, as_json)
        assert answer.value["path"] == "/api/things/1"
        assert answer.value["q"] == "page=2&key=hush"
        exchange = asked.evidence.exchanges[answer.source]
        assert exchange.uri == "https://registry.example/api/things/1?page=2&key=REDACTED"
        assert exchange.uri_redacted
        assert exchange.outcome is Outcome.OK
        assert exchange.status == 200
        assert exchange.body is None
        assert exchange.attempts == 1


async def test_the_digest_is_of_the_body_without_its_content_coding() -> None:
    plain = b'{"a": 1}' * 1000

    async def zipped(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(plain), headers={"Content-Encoding": "gzip"})

    async with facing(zipped) as (_registry, door):
        asked = terms()
        asked.evidence.keep_bodies = True
        await door.source("sample", asked).read(Request("x"), as_text)
        (exchange,) = asked.evidence.exchanges
        assert exchange.digest == hashlib.sha256(plain).hexdigest()
        assert exchange.size == len(plain)
        assert exchange.body == plain


async def test_a_registry_that_is_slow_is_left_before_the_deadline() -> None:
    left = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await left.wait()
        return web.Response()

    async with facing(slow) as (_registry, door):
        asked = terms(0.5)
        with pytest.raises(RegistryTimeout) as caught:
            await door.source("sample", asked).read(Request("x"), as_text)
        left.set()
        assert caught.value.registry == "sample"
        assert caught.value.source == 0
        assert asked.evidence.exchanges[0].outcome is Outcome.TIMEOUT


async def test_a_status_that_is_no_success_is_an_http_error_with_its_digest() -> None:
    async def missing(_: web.Request) -> web.Response:
        return web.Response(status=404, text="no")

    async with facing(missing) as (_registry, door):
        asked = terms()
        with pytest.raises(RegistryHttpError) as caught:
            await door.source("sample", asked).read(Request("x"), as_text)
        assert caught.value.status == 404
        assert asked.evidence.exchanges[0].digest == hashlib.sha256(b"no").hexdigest()
        allowed = Request("x", allowed=frozenset({404}))
        answer = await door.source("sample", asked).read(allowed, as_text)
        assert answer.value == "no"


async def test_whatever_a_decoder_raises_is_an_invalid_payload() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async with facing(page) as (_registry, door):
        asked = terms()
        with pytest.raises(InvalidPayload) as caught:
            await door.source("sample", asked).read(Request("x"), as_json)
        assert caught.value.source == 0
        assert asked.evidence.exchanges[0].outcome is Outcome.INVALID_PAYLOAD
        assert asked.evidence.exchanges[0].digest == hashlib.sha256(b"<html>").hexdigest()


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole() -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x" * 4096)
        return response

    limited = {"politeness": {"max_bytes": 10_000}}
    async with facing(huge, changes=limited) as (_registry, door):
        with pytest.raises(PayloadTooLarge):
            await door.source("sample", terms()).read(Request("x"), as_text)


async def test_a_host_that_is_not_there_is_unreachable() -> None:
    async with door_to(upstream("http://127.0.0.1:9")) as door:
        with pytest.raises(RegistryUnreachable):
            await door.source("sample", terms()).read(Request("x"), as_text)


async def test_a_fresh_body_is_answered_from_the_cache() -> None:
    store = BoundedMemoryCache(1_000_000)
    async with facing(hello, store=store) as (registry, door):
        asked = terms()
        source = door.source("sample", asked)
        await source.read(Request("x"), as_json)
        await source.read(Request("x"), as_json)
        assert registry.calls == 1
        first, second = asked.evidence.exchanges
        assert not first.cache.hit
        assert second.cache.hit
        assert second.fetched_at == first.fetched_at
        assert second.digest == first.digest


async def test_a_registry_without_configuration_is_never_asked() -> None:
    missing = upstream("http://127.0.0.1:9", configured=False, why_not="no credential")
    async with door_to(missing) as door:
        asked = terms()
        with pytest.raises(RegistryNotConfigured, match="no credential"):
            await door.source("sample", asked).read(Request("x"), as_json)
        with pytest.raises(RegistryNotConfigured):
            door.source("other", asked)
        assert not asked.evidence.exchanges
