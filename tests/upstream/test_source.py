"""A source's answers: fresh, confirmed, shared, stale and labelled, or refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Reply, Request
from gateway.errors import (
    InvalidPayload,
    Outcome,
    RegistryError,
    RegistryHttpError,
    RegistryTimeout,
)
from gateway.upstream.memory import BoundedMemoryCache
from tests.upstream.bench import (
    HandClock,
    Registry,
    as_json,
    as_text,
    door_to,
    facing,
    terms,
    upstream,
)


class Page:
    """A registry's page with a version, an ETag and a mood."""

    def __init__(self, **headers: str) -> None:
        self.version = 1
        self.mood = 200
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.etag = True
        self.pause = 0.0

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.pause)
        if self.mood != 200:
            return web.Response(status=self.mood, text="trouble")
        tag = f'"{self.version}"'
        headers = {**self.headers, **({"ETag": tag} if self.etag else {})}
        if self.etag and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.json_response({"version": self.version}, headers=headers)


def kept() -> dict[str, Any]:
    """A door's options for a cache on a clock that tests put forward."""
    clock = HandClock()
    return {
        "clock": clock,
        "store": BoundedMemoryCache(1_000_000, monotonic=lambda: clock.ahead),
    }


async def version(door: Any, **changes: Any) -> tuple[int, Any]:
    """What the registry's page says now, and the exchange that said it."""
    asked = terms(**changes)
    answer = await door.source("sample", asked).read(Request("page"), as_json)
    return answer.value["version"], asked.evidence.exchanges[answer.source]


async def test_an_expired_body_is_confirmed_by_its_etag() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (registry, door):
        _, first = await version(door)
        options["clock"].ahead += 61
        found, second = await version(door)
        assert (found, registry.calls) == (1, 2)
        assert registry.requests[1].headers["If-None-Match"] == '"1"'
        assert second.status == 304
        assert second.digest == first.digest
        assert second.fetched_at == first.fetched_at
        assert second.cache.fwd == "stale"
        assert not second.cache.stale
        _, third = await version(door)
        assert (third.cache.hit, registry.calls) == (True, 2)
        health = door.health("sample")
        assert (health.requests, health.cache_hits, health.revalidations) == (3, 1, 1)


async def test_a_body_that_changed_replaces_the_old_one() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (registry, door):
        await version(door)
        page.version = 2
        assert (await version(door))[0] == 1
        options["clock"].ahead += 61
        assert (await version(door))[0] == 2
        assert registry.calls == 2


async def test_last_modified_confirms_where_there_is_no_etag() -> None:
    stamp = "Thu, 01 Jan 2026 00:00:00 GMT"

    async def dated(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-Modified-Since") == stamp:
            return web.Response(status=304)
        return web.json_response({"version": 1}, headers={"Last-Modified": stamp})

    options = kept()
    async with facing(dated, **options) as (registry, door):
        await version(door)
        options["clock"].ahead += 61
        found, exchange = await version(door)
        assert (found, exchange.status, registry.calls) == (1, 304, 2)
        assert exchange.last_modified == stamp


async def test_max_age_asks_again_what_is_too_old_for_this_client() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (registry, door):
        await version(door)
        options["clock"].ahead += 10
        await version(door, max_age=30.0)
        assert registry.calls == 1
        await version(door, max_age=5.0)
        assert registry.calls == 2
        await version(door, max_age=0.0)
        assert registry.calls == 3


async def test_an_old_body_stands_in_with_an_honest_label() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (registry, door):
        _, first = await version(door)
        options["clock"].ahead += 100
        page.mood = 500
        asked = terms()
        answer = await door.source("sample", asked).read(Request("page"), as_json)
        assert answer.value == {"version": 1}
        failed, stale = asked.evidence.exchanges
        assert failed.outcome is Outcome.HTTP_ERROR
        assert failed.status == 500
        assert answer.source == 1
        assert stale.outcome is Outcome.STALE
        assert stale.cache.stale
        assert stale.cache.stale_reason == "HTTP_ERROR"
        assert stale.cache.age_seconds == 100
        assert stale.cache.ttl_seconds == -40
        assert stale.fetched_at == first.fetched_at
        assert door.health("sample").stale_served == 1
        assert registry.calls == 2


async def test_a_client_can_refuse_old_bodies() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (_, door):
        await version(door)
        options["clock"].ahead += 100
        page.mood = 500
        with pytest.raises(RegistryHttpError):
            await version(door, max_stale=0.0)
        with pytest.raises(RegistryHttpError):
            await version(door, max_stale=30.0)
        assert (await version(door, max_stale=60.0))[0] == 1


async def test_a_body_past_its_grace_does_not_stand_in() -> None:
    page, options = Page(), kept()
    changes = {"politeness": {"fresh_for": 10.0, "stale_if_error": 20.0}}
    async with facing(page, changes=changes, **options) as (_, door):
        await version(door)
        options["clock"].ahead += 31
        page.mood = 500
        with pytest.raises(RegistryHttpError):
            await version(door)


@pytest.mark.parametrize("status", [404, 410, 400, 422])
async def test_what_the_registry_says_is_gone_is_not_shown_from_the_cache(status: int) -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (_, door):
        await version(door)
        options["clock"].ahead += 100
        page.mood = status
        with pytest.raises(RegistryHttpError):
            await version(door)


async def test_an_annoyed_registry_that_says_401_does_not_take_the_old_body_away() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (_, door):
        await version(door)
        options["clock"].ahead += 100
        page.mood = 401
        assert (await version(door))[1].outcome is Outcome.STALE


async def test_what_may_not_be_stored_is_asked_for_each_time_and_forgotten() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (registry, door):
        await version(door)
        options["clock"].ahead += 61
        page.version = 2
        page.headers["Cache-Control"] = "no-store"
        _, exchange = await version(door)
        assert exchange.cache.ttl_seconds is None
        await version(door)
        assert registry.calls == 3
        page.mood = 500
        with pytest.raises(RegistryHttpError):
            await version(door)


async def test_a_304_that_nobody_asked_for_is_no_answer_and_counts_against_the_registry() -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=304)

    async with facing(odd, **kept()) as (registry, door):
        for _ in range(5):
            with pytest.raises(InvalidPayload):
                await version(door)
        assert registry.calls == 5
        assert door.health("sample").breaker.value == "OPEN"


async def test_without_a_store_every_question_is_asked() -> None:
    async with facing(Page()) as (registry, door):
        _, exchange = await version(door)
        await version(door)
        assert registry.calls == 2
        assert exchange.cache.fwd == "bypass"
        assert exchange.cache.ttl_seconds is None


async def test_a_body_that_is_no_answer_is_not_cached_and_counts_against_the_registry() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>please sign in")

    options = kept()
    async with facing(page, **options) as (registry, door):
        for _ in range(5):
            with pytest.raises(InvalidPayload):
                await version(door)
        assert registry.calls == 5
        assert len(options["store"]) == 0
        assert door.health("sample").breaker.value == "OPEN"


async def test_unchanged_bytes_are_decoded_until_they_are_known_to_come_again() -> None:
    ran: list[bytes] = []

    def decode(reply: Reply) -> list[bytes]:
        ran.append(reply.body)
        return [reply.body]

    options = kept()
    async with facing(Page(), **options) as (registry, door):
        values = []
        for _ in range(4):
            answer = await door.source("sample", terms()).read(Request("page"), decode)
            values.append(answer.value)
            options["clock"].ahead += 61
        assert registry.calls == 4
        assert len(ran) == 2
        assert values[1] is values[2] is values[3]


async def test_a_decoder_with_other_demands_on_a_cached_body_fails_alone() -> None:
    def picky(reply: Reply) -> None:
        raise InvalidPayload("not what I wanted")

    async with facing(Page(), **kept()) as (_, door):
        await version(door)
        asked = terms()
        with pytest.raises(InvalidPayload) as caught:
            await door.source("sample", asked).read(Request("page"), picky)
        assert caught.value.registry == "sample"
        assert caught.value.source == 0
        assert asked.evidence.exchanges[0].outcome is Outcome.INVALID_PAYLOAD
        assert (await version(door))[0] == 1


async def test_fifty_identical_questions_are_one_call_and_one_failure_is_enough() -> None:
    page = Page()
    page.pause = 0.1
    async with facing(page) as (registry, door):

        async def one() -> Any:
            asked = terms()
            try:
                await door.source("sample", asked).read(Request("page"), as_json)
            except RegistryError as error:
                return error, asked.evidence.exchanges
            return None, asked.evidence.exchanges

        told = await asyncio.gather(*(one() for _ in range(50)))
        assert registry.calls == 1
        assert sum(exchanges[0].cache.collapsed for _, exchanges in told) == 49
        assert door.health("sample").collapsed == 49
        page.mood = 500
        told = await asyncio.gather(*(one() for _ in range(50)))
        assert registry.calls == 2
        errors = [error for error, _ in told]
        assert all(isinstance(error, RegistryHttpError) for error in errors)
        assert len({id(error) for error in errors}) == 50


async def test_an_impatient_caller_leaves_a_shared_call_with_his_own_receipt() -> None:
    page = Page()
    came, go = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        came.set()
        await go.wait()
        return await page(request)

    async with facing(slow) as (registry, door):
        patient = asyncio.create_task(version(door))
        await came.wait()
        asked = terms(0.5)
        with pytest.raises(RegistryTimeout):
            await door.source("sample", asked).read(Request("page"), as_json)
        go.set()
        (receipt,) = asked.evidence.exchanges
        assert receipt.outcome is Outcome.TIMEOUT
        assert receipt.attempts == 1
        assert (await patient)[0] == 1
        assert registry.calls == 1


async def test_impatient_clients_cannot_close_a_registry_for_the_others() -> None:
    page = Page()
    page.pause = 0.2
    async with facing(page) as (_, door):
        for _ in range(8):
            with pytest.raises(RegistryTimeout):
                await version(door, seconds=0.1)
        assert (await version(door))[0] == 1


async def test_one_credentials_answers_are_not_given_to_another() -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["X-Api-Key"])

    store = BoundedMemoryCache(100_000)
    async with Registry(echo) as registry:
        for key in ("mine", "yours"):
            one = upstream(registry.url, headers={"X-Api-Key": key})
            async with door_to(one, store=store) as door:
                found = await door.source("sample", terms()).read(Request("x"), as_text)
                assert found.value == key
        assert registry.calls == 2


async def test_options_and_key_are_the_upstreams() -> None:
    async with facing(Page(), changes={"options": {"org": "1"}}) as (_, door):
        source = door.source("sample", terms())
        assert source.registry == "sample"
        assert source.options == {"org": "1"}


async def test_what_is_held_is_given_without_asking_as_long_as_it_is_fresh() -> None:
    page, options = Page(), kept()
    async with facing(page, **options) as (registry, door):
        asked = terms()
        source = door.source("sample", asked)
        assert await source.held(Request("page"), as_json) is None
        assert (registry.calls, asked.evidence.exchanges) == (0, [])
        await version(door)
        answer = await source.held(Request("page"), as_json)
        assert answer is not None
        assert (answer.value["version"], registry.calls) == (1, 1)
        (exchange,) = asked.evidence.exchanges
        assert (exchange.free, exchange.cache.hit) == (True, True)
        options["clock"].ahead += 61
        assert await source.held(Request("page"), as_json) is None
        assert registry.calls == 1
