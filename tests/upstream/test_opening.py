"""Registries that want a session first: cookie, token, then the question."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.contract import Opening, Reply, Request
from gateway.errors import InvalidPayload, Outcome
from gateway.upstream.memory import BoundedMemoryCache
from tests.upstream.bench import Registry, as_text, door_to, terms, upstream


def token(reply: Reply) -> tuple[tuple[str, str], ...]:
    found = re.search(rb"c16e=(\w+)", reply.body)
    if found is None:
        raise InvalidPayload("no token")
    return (("c16e", found[1].decode()),)


FORM = Request("form", query=(("r", "111"),))
TABLE = Request("csv", method="POST", form=(("format", "csv"),), opening=Opening(FORM, token))


class Stateful:
    """Hands out a new session and token each time, and serves the table only for both."""

    def __init__(self) -> None:
        self.sessions = 0

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path.endswith("form"):
            self.sessions += 1
            response = web.Response(text=f"c16e=token{self.sessions}")
            response.set_cookie("SESSION", str(self.sessions))
            return response
        posted = await request.post()
        number = request.cookies.get("SESSION")
        if posted.get("c16e") != f"token{number}" or posted.get("format") != "csv":
            return web.Response(text="home page", status=403)
        return web.Response(text=f"table {number}")


async def test_the_session_of_the_opening_goes_with_the_question() -> None:
    async with Registry(Stateful()) as registry, door_to(upstream(registry.url)) as door:
        asked = terms()
        answer = await door.source("sample", asked).read(TABLE, as_text)
        assert answer.value == "table 1"
        first, second = asked.evidence.exchanges
        assert first.uri.endswith("/form?r=REDACTED")
        assert second.uri.endswith("/csv")
        assert answer.source == 1


async def test_cookies_are_forgotten_with_the_answer() -> None:
    async with Registry(Stateful()) as registry, door_to(upstream(registry.url)) as door:
        source = door.source("sample", terms())
        assert (await source.read(TABLE, as_text)).value == "table 1"
        assert (await source.read(TABLE, as_text)).value == "table 2"
        assert [r.headers.get("Cookie") for r in registry.requests] == [
            None,
            "SESSION=1",
            None,
            "SESSION=2",
        ]


async def test_answers_are_cached_without_what_the_session_carried() -> None:
    store = BoundedMemoryCache(100_000)
    async with (
        Registry(Stateful()) as registry,
        door_to(upstream(registry.url), store=store) as door,
    ):
        asked = terms()
        source = door.source("sample", asked)
        await source.read(TABLE, as_text)
        again = await source.read(TABLE, as_text)
        assert again.value == "table 1"
        assert registry.calls == 2
        _, sent, hit = asked.evidence.exchanges
        assert hit.request_digest == sent.request_digest


async def test_an_opening_without_its_token_fails_the_question() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="down for maintenance")

    async with Registry(page) as registry, door_to(upstream(registry.url)) as door:
        asked = terms()
        with pytest.raises(InvalidPayload):
            await door.source("sample", asked).read(TABLE, as_text)
        assert registry.calls == 1
        (only,) = asked.evidence.exchanges
        assert only.outcome is Outcome.INVALID_PAYLOAD
        assert only.uri.endswith("/form?r=REDACTED")


async def test_a_question_that_fails_after_its_opening_shows_both_exchanges() -> None:
    async def half(request: web.Request) -> web.Response:
        if request.path.endswith("form"):
            return web.Response(text="c16e=x")
        return web.Response(status=500)

    async with Registry(half) as registry, door_to(upstream(registry.url)) as door:
        asked = terms()
        with pytest.raises(Exception, match="500"):
            await door.source("sample", asked).read(TABLE, as_text)
        assert [e.outcome for e in asked.evidence.exchanges] == [Outcome.OK, Outcome.HTTP_ERROR]


def announced(opening: Reply, table: object) -> None:
    if not str(table).endswith(opening.body.decode().removeprefix("c16e=token")):
        raise InvalidPayload("not the table that was announced")


async def test_an_answer_that_is_not_what_the_opening_announced_is_refused() -> None:
    store = BoundedMemoryCache(100_000)
    checked = replace(TABLE, opening=Opening(FORM, token, announced))

    class Swapping(Stateful):
        async def __call__(self, request: web.Request) -> web.Response:
            response = await super().__call__(request)
            return web.Response(text="table 7") if request.path.endswith("csv") else response

    async with Registry(Stateful()) as registry, door_to(upstream(registry.url)) as door:
        assert (await door.source("sample", terms()).read(checked, as_text)).value == "table 1"
    async with (
        Registry(Swapping()) as registry,
        door_to(upstream(registry.url), store=store) as door,
    ):
        asked = terms()
        for _ in range(2):
            with pytest.raises(InvalidPayload, match="announced"):
                await door.source("sample", asked).read(checked, as_text)
        outcomes = [exchange.outcome for exchange in asked.evidence.exchanges]
        assert outcomes == [Outcome.OK, Outcome.INVALID_PAYLOAD] * 2
