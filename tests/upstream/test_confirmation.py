"""What confirms a body and what does not, and what is a part of one only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp import web

from adapters.contract import Request
from gateway.errors import InvalidPayload, Outcome
from tests.upstream.bench import SWIFT, as_json, facing, terms
from tests.upstream.test_source import kept, version


class Odd:
    """A registry that confirms whatever it is asked about, with these headers."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.first = {"ETag": '"1"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        self.calls = 0
        self.mood = 200

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.calls += 1
        if "If-None-Match" in request.headers or "If-Modified-Since" in request.headers:
            return web.Response(status=304, headers=self.headers)
        if self.mood != 200:
            return web.Response(status=self.mood)
        return web.json_response({"version": self.calls}, headers=self.first)


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"2"'},
        {"ETag": 'W/"2"', "Last_Modified": "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"ETag": ""},
        {"ETag": '"1'},
        {"Last_Modified": "Fri, 02 Jan 2026 00:00:00 GMT"},
    ],
)
async def test_a_304_for_another_version_confirms_nothing(headers: dict[str, str]) -> None:
    odd, options = Odd(**headers), kept()
    async with facing(odd, **options) as (registry, door):
        _, first = await version(door)
        options["clock"].ahead += 61
        found, second = await version(door)
        assert (found, registry.calls) == (3, 3)
        assert "If-None-Match" not in registry.requests[2].headers
        assert "If-Modified-Since" not in registry.requests[2].headers
        assert (second.status, second.attempts) == (200, 2)
        assert second.digest != first.digest
        assert door.health("sample").revalidations == 0
        assert door.lane("sample").tally.outcomes[Outcome.INVALID_PAYLOAD] == 1


@pytest.mark.parametrize("headers", [{}, {"ETag": '"1"'}, {"ETag": 'W/"1"'}])
async def test_a_304_for_this_version_or_for_what_was_asked_confirms_it(
    headers: dict[str, str],
) -> None:
    odd, options = Odd(**headers), kept()
    async with facing(odd, **options) as (registry, door):
        await version(door)
        options["clock"].ahead += 61
        found, exchange = await version(door)
        assert (found, exchange.status, registry.calls) == (1, 304, 2)


async def test_a_304_with_a_tag_confirms_no_body_that_had_none() -> None:
    odd, options = Odd(ETag='"2"'), kept()
    del odd.first["ETag"]
    async with facing(odd, **options) as (_, door):
        await version(door)
        options["clock"].ahead += 61
        assert (await version(door))[0] == 3


async def test_after_a_foreign_304_the_body_is_asked_for_even_without_retries() -> None:
    odd, options = Odd(ETag='"2"'), kept()
    async with facing(odd, **options, tuning=replace(SWIFT, retries=0)) as (registry, door):
        await version(door)
        options["clock"].ahead += 61
        odd.mood = 500
        asked = terms()
        answer = await door.source("sample", asked).read(Request("page"), as_json)
        assert registry.calls == 3
        failed, stale = asked.evidence.exchanges
        assert (failed.outcome, failed.attempts) == (Outcome.HTTP_ERROR, 2)
        assert stale.outcome is Outcome.STALE
        assert answer.value == {"version": 1}


@pytest.mark.parametrize(
    ("status", "stated"),
    [
        (206, "bytes 0-12/900"),
        (206, None),
        (200, "bytes 0-12/900"),
        (200, "bytes 5-17/18"),
        (200, "bytes 0-12/*"),
    ],
)
async def test_a_part_of_a_body_is_no_answer(status: int, stated: str | None) -> None:
    async def part(_: web.Request) -> web.Response:
        headers = {} if stated is None else {"Content-Range": stated}
        return web.Response(status=status, text='{"version":1}', headers=headers)

    async with facing(part, **kept()) as (_, door):
        with pytest.raises(InvalidPayload, match="part"):
            await version(door)


@pytest.mark.parametrize(("status", "stated"), [(206, "items 0-24/900"), (200, "bytes 0-12/13")])
async def test_numbered_rows_and_whole_bodies_are_answers(status: int, stated: str) -> None:
    async def numbered(_: web.Request) -> web.Response:
        return web.Response(status=status, text='{"version":1}', headers={"Content-Range": stated})

    async with facing(numbered, **kept()) as (_, door):
        assert (await version(door))[0] == 1
