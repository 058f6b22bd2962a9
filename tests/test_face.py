"""The outermost layer: request ids, hosts, headers, the access log, bugs."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from gateway import log
from gateway.clientaddress import ClientAddress
from gateway.clock import SystemChance
from gateway.face import Face


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    if request.url.path == "/bug":
        raise ZeroDivisionError("secret-detail")
    response: Response = PlainTextResponse(log.request_id.get())
    if request.url.path == "/page":
        response.headers["content-security-policy"] = "script-src 'self'"
    await response(scope, receive, send)
    if request.url.path == "/late":
        raise ZeroDivisionError("too late to say so")


def client(issuer: str = "https://gw.example", *hosts: str) -> httpx.AsyncClient:
    face = Face(hello, issuer=issuer, hosts=hosts or ("gw.example",), chance=SystemChance())
    transport = httpx.ASGITransport(face)
    return httpx.AsyncClient(transport=transport, base_url="http://gw.example")


async def test_every_answer_has_a_request_id_that_the_application_sees() -> None:
    async with client() as http:
        one, other = await http.get("/"), await http.get("/")
    assert len(one.headers["x-request-id"]) == 36
    assert uuid.UUID(one.text).version == uuid.UUID(other.text).version == 4
    assert one.headers["x-request-id"] == one.text
    assert one.text != other.text
    assert log.request_id.get() == ""


async def test_a_plain_request_id_of_the_client_is_kept_and_others_are_not() -> None:
    async with client() as http:
        kept = await http.get("/", headers={"x-request-id": "abc-1.2_3"})
        made = await http.get("/", headers={"x-request-id": 'a"\x1b[31m'})
        long = await http.get("/", headers={"x-request-id": "a" * 65})
    assert kept.text == "abc-1.2_3"
    assert len(made.text) == len(long.text) == 36


async def test_answers_may_not_be_framed_sniffed_or_loaded_elsewhere() -> None:
    async with client() as http:
        headers = (await http.get("/")).headers
        page = (await http.get("/page")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert page["content-security-policy"] == "script-src 'self'"


async def test_plain_http_promises_no_https() -> None:
    async with client("http://gw.example") as http:
        assert "strict-transport-security" not in (await http.get("/")).headers


@pytest.mark.parametrize("host", ["evil.example", "", "gw.example.evil.example", "[::1]:80"])
async def test_other_hosts_are_not_answered(host: str) -> None:
    async with client() as http:
        response = await http.get("/", headers={"host": host})
        probe = await http.get("/healthz", headers={"host": host})
    assert response.status_code == 421
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert probe.status_code == 200


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("gw.example", "GW.example:8000"),
        ("*", "anything"),
        ("[::1]", "[::1]"),
        ("[::1]", "[::1]:1"),
    ],
)
async def test_configured_hosts_are_answered_on_any_port(allowed: str, host: str) -> None:
    async with client("http://gw.example", allowed) as http:
        assert (await http.get("/", headers={"host": host})).status_code == 200


async def test_a_bug_is_masked_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        async with client() as http:
            response = await http.get("/bug", headers={"x-request-id": "r-1"})
    assert response.status_code == 500
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "r-1" in error["message"]
    assert "secret-detail" not in response.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_bug_after_the_answer_began_breaks_the_connection() -> None:
    async with client() as http:
        with pytest.raises(ZeroDivisionError):
            await http.get("/late")


async def test_the_access_log_tells_path_status_and_size_but_nothing_that_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        async with client() as http:
            await http.get("/x?query={canary}", headers={"authorization": "canary"})
            await http.get("/healthz")
    (record,) = [r for r in caplog.records if r.name == "gateway.http"]
    line = json.loads(log.JsonLines().format(record))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/x", 200)
    assert line["bytes"] == 36
    assert "canary" not in json.dumps(line)


async def test_the_access_log_names_the_client_behind_a_trusted_proxy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    face = Face(
        hello,
        issuer="https://gw.example",
        hosts=("gw.example",),
        chance=SystemChance(),
        clients=ClientAddress(("10.0.0.0/8",)),
    )
    told = {"x-forwarded-for": "6.6.6.6, 203.0.113.1"}
    with caplog.at_level(logging.INFO):
        for peer in ("10.0.0.1", "198.51.100.9"):
            transport = httpx.ASGITransport(face, client=(peer, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://gw.example") as http:
                await http.get("/x", headers=told)
    lines = [
        json.loads(log.JsonLines().format(r)) for r in caplog.records if r.name == "gateway.http"
    ]
    assert [line["client"] for line in lines] == ["203.0.113.1", "198.51.100.9"]


async def test_websockets_are_refused_and_the_lifespan_passes() -> None:
    sent: list[MutableMapping[str, Any]] = []
    seen: list[str] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nothing to receive")

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    face = Face(inner, issuer="http://a", hosts=(), chance=SystemChance())
    await face({"type": "websocket"}, receive, send)
    await face({"type": "lifespan"}, receive, send)
    assert sent[0]["type"] == "websocket.close"
    assert seen == ["lifespan"]
