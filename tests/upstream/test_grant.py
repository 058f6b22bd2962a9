"""Credentials in every place that registries want them, and none of them in the evidence."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Auth, Request
from gateway.errors import ConfigError, Outcome, RegistryError
from gateway.upstream.credential import placed
from gateway.upstream.upstream import Grant
from tests.upstream.bench import as_json, facing, terms


class Granting:
    """A registry that wants a token, and the server that gives it."""

    def __init__(self) -> None:
        self.given = 0
        self.asked: list[dict[str, str]] = []
        self.answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": 3600}
        self.status = 200
        self.good = "Bearer token-1"

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/token"):
            form = await request.post()
            told = {k: str(v) for k, v in form.items()}
            self.asked.append({**told, "auth": request.headers.get("Authorization", "")})
            self.given += 1
            answer = {"access_token": f"token-{self.given}", **self.answer}
            return web.json_response(answer, status=self.status)
        if request.headers.get("Authorization") != self.good:
            return web.json_response({"error": "unauthorized"}, status=401)
        return web.json_response({"rows": []})


async def read(door: Any) -> tuple[Any, Any]:
    asked = terms()
    answer = await door.source("sample", asked).read(Request("rows"), as_json)
    return answer.value, asked.evidence


def grant(server: Any) -> Grant:
    return Grant(f"{server.url}/token", "client", "s3cret", "read")


async def test_a_token_is_had_once_and_sent_with_every_call() -> None:
    registry = Granting()
    async with facing(registry) as (server, _), facing_with(server) as door:
        assert (await read(door))[0] == {"rows": []}
        _, evidence = await read(door)
    assert registry.given == 1
    assert registry.asked[0]["grant_type"] == "client_credentials"
    assert registry.asked[0]["scope"] == "read"
    assert base64.b64decode(registry.asked[0]["auth"].removeprefix("Basic ")) == b"client:s3cret"
    assert "token" not in repr(evidence)
    assert len(evidence.exchanges) == 1


def facing_with(server: Any) -> Any:
    from tests.upstream.bench import door_to, upstream

    return door_to(upstream(server.url, grant=grant(server)))


async def test_a_token_near_its_end_is_not_used_again() -> None:
    registry = Granting()
    registry.answer["expires_in"] = "29"
    async with facing(registry) as (server, _), facing_with(server) as door:
        await read(door)
        registry.good = "Bearer token-2"
        await read(door)
    assert registry.given == 2


async def test_a_token_that_is_refused_is_had_anew_once() -> None:
    registry = Granting()
    registry.answer.pop("expires_in")
    async with facing(registry) as (server, _), facing_with(server) as door:
        await read(door)
        registry.good = "Bearer token-2"
        assert (await read(door))[0] == {"rows": []}
        registry.good = "nothing will do"
        with pytest.raises(RegistryError) as raised:
            await read(door)
    assert raised.value.outcome is Outcome.HTTP_ERROR
    assert registry.given == 3


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (401, {}, Outcome.HTTP_ERROR),
        (302, {}, Outcome.HTTP_ERROR),
        (200, {"access_token": None}, Outcome.INVALID_PAYLOAD),
        (200, {"token_type": "mac"}, Outcome.INVALID_PAYLOAD),
        (200, {"access_token": "a\r\nx: y"}, Outcome.INVALID_PAYLOAD),
        (200, {"expires_in": "soon"}, Outcome.INVALID_PAYLOAD),
    ],
)
async def test_a_server_that_gives_no_token_is_a_typed_failure(
    status: int, answer: dict[str, Any], outcome: Outcome
) -> None:
    registry = Granting()
    registry.status = status
    registry.answer.update(answer)
    async with facing(registry) as (server, _), facing_with(server) as door:
        with pytest.raises(RegistryError) as raised:
            await read(door)
    assert raised.value.outcome is outcome


async def test_a_server_that_refuses_is_left_alone_longer_each_time() -> None:
    registry = Granting()
    registry.status = 401
    async with facing(registry) as (server, _), facing_with(server) as door:
        for _ in range(20):
            with pytest.raises(RegistryError) as raised:
                await read(door)
        assert registry.given == 1
        assert raised.value.outcome is Outcome.HTTP_ERROR
        assert 0 < (raised.value.retry_after or 0) <= 1
        tokens = door.lane("sample").wire._tokens
        waits = []
        for _ in range(3):
            tokens._not_before = 0.0
            with pytest.raises(RegistryError):
                await read(door)
            waits.append(tokens._not_before - asyncio.get_running_loop().time())
    assert registry.given == 4
    assert [round(wait) for wait in waits] == [2, 4, 8]


async def test_a_server_that_says_when_is_not_asked_before() -> None:
    registry = Granting()

    async def later(request: web.Request) -> web.StreamResponse:
        registry.given += 1
        return web.Response(status=429, headers={"Retry-After": "600"})

    async with facing(later) as (server, _), facing_with(server) as door:
        for _ in range(3):
            with pytest.raises(RegistryError) as raised:
                await read(door)
    assert registry.given == 1
    assert 500 < (raised.value.retry_after or 0) <= 600


async def test_a_secret_in_the_query_is_sent_and_not_printed() -> None:
    async def rows(request: web.Request) -> web.StreamResponse:
        return web.json_response(dict(request.query))

    secret = {"secret_query": (("api_key", "s3cret"),)}
    async with facing(rows, changes=secret) as (_, door):
        asked = terms()
        request = Request("rows", query=(("page", "1"),), public=frozenset({"page"}))
        answer = await door.source("sample", asked).read(request, as_json)
    assert answer.value == {"page": "1", "api_key": "s3cret"}
    (exchange,) = asked.evidence.exchanges
    assert exchange.uri == "https://registry.example/api/rows?page=1"
    assert exchange.uri_redacted


def test_secrets_go_where_their_kind_says() -> None:
    def put(auth: Auth, secret: str = "a:b") -> Any:
        return placed(auth, secret, "https://x.example/api", "registries.x.credential")

    assert put(Auth("api_key", "X-Key")).headers == {"x-key": "a:b"}
    assert put(Auth("api_key", "key", "query")).query == (("key", "a:b"),)
    assert put(Auth("bearer")).headers == {"authorization": "Bearer a:b"}
    assert put(Auth("http_basic")).headers == {"authorization": "Basic YTpi"}
    oauth = Auth("oauth2_client_credentials", token_url="token", scope="s")
    assert put(oauth).grant == Grant("https://x.example/api/token", "a", "b", "s")
    elsewhere = Auth("oauth2_client_credentials", token_url="https://login.example/token")
    assert put(elsewhere).grant.url == "https://login.example/token"
    with pytest.raises(ConfigError, match=r"registries\.x\.credential must read name:secret"):
        put(Auth("http_basic"), "only-a-name")
