"""Packed bodies come back as they were, and are unpacked only for who needs them."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Reply, Request
from gateway.errors import Outcome
from gateway.upstream.entry import Entry
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.packed import AT_ONCE, Packed, PackedEntry, pack, packed
from tests.upstream.bench import EASY, HandClock, facing, terms

SIZES = (400, 100_000, AT_ONCE + 1, 2_000_000)


def entry(body: bytes) -> Entry:
    return Entry(200, {"etag": '"1"'}, body, "d" * 64, 1.0, 2.0, 3.0, 4.0, "tls", "question")


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(1, 2000))
async def test_a_packed_entry_says_all_that_the_plain_one_said(some: bytes, times: int) -> None:
    plain = entry(some * times)
    made = packed(plain, pack(plain.body))
    assert await made.whole() == plain
    assert (made.body, made.size) == (plain.body, len(plain.body))
    assert (made.reply(), made.conditions()) == (plain.reply(), plain.conditions())
    renewed, _ = made.renewed({"etag": '"1"', "date": "x"}, 9.0, EASY)
    assert type(renewed) is type(made)
    assert await renewed.whole() == plain.renewed({"etag": '"1"', "date": "x"}, 9.0, EASY)[0]


def test_what_packing_does_not_make_smaller_stays_plain() -> None:
    plain = entry(random.Random(3).randbytes(5000))
    assert packed(plain, pack(plain.body)) is plain


async def test_all_who_want_a_long_body_at_once_get_one_copy_of_it() -> None:
    body = b"a row of a file\n" * 100_000
    held = Packed(pack(body), len(body))
    leaving = asyncio.create_task(held.body())
    first, second = asyncio.create_task(held.body()), asyncio.create_task(held.body())
    await asyncio.sleep(0)
    leaving.cancel()
    assert await first is await second
    assert await first == body
    # Nobody holds it for those who come later.
    assert held._under_way is None
    assert await held.body() is not await first


class Page:
    """A registry's page of a size, with an ETag; `mood` is its status."""

    def __init__(self, size: int) -> None:
        self.body = b'{"text": "' + b"row " * (size // 4) + b'"}'
        self.mood = 200

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if self.mood != 200:
            return web.Response(status=self.mood)
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304, headers={"ETag": '"1"'})
        return web.Response(body=self.body, headers={"ETag": '"1"'})


class Counted:
    """A decoder that counts its runs."""

    def __init__(self) -> None:
        self.ran = 0

    def decode(self, reply: Reply) -> int:
        self.ran += 1
        return len(reply.body)


async def at_rest(store: BoundedMemoryCache) -> list[Packed]:
    """The store after a rest: its bodies, all of them packed."""
    await store.rest()
    entries = [slot.entry for slot in store._kept.values()]
    assert all(isinstance(one, PackedEntry) for one in entries)
    return [one.packed for one in entries if isinstance(one, PackedEntry)]


async def ask(door: Any, decode: Any, **changes: Any) -> tuple[int, Any]:
    asked = terms(**changes)
    asked.evidence.keep_bodies = changes == {}
    answer = await door.source("sample", asked).read(Request("page"), decode)
    return answer.value, asked.evidence.exchanges[answer.source]


async def test_a_packed_body_is_answered_with_fresh_confirmed_and_as_a_stand_in() -> None:
    for size in SIZES:
        page, clock, counted = Page(size), HandClock(), Counted()
        store = BoundedMemoryCache(4_000_000)
        async with facing(page, clock=clock, store=store) as (_, door):
            value, first = await ask(door, counted.decode)
            assert first.body == page.body
            await at_rest(store)
            fresh, second = await ask(door, counted.decode)
            clock.ahead += 61
            confirmed, third = await ask(door, counted.decode)
            await at_rest(store)
            clock.ahead += 61
            page.mood = 500
            stale, fourth = await ask(door, counted.decode)
            assert (fresh, confirmed, stale) == (value, value, value)
            told = [(one.digest, one.size, one.body) for one in (first, second, third, fourth)]
            assert told == [told[0]] * 4
            assert (second.cache.hit, third.status) == (True, 304)
            assert fourth.outcome is Outcome.STALE


async def test_what_was_made_of_a_body_that_is_still_kept_spares_the_unpacking() -> None:
    for size in SIZES:
        page, counted = Page(size), Counted()
        store = BoundedMemoryCache(4_000_000)
        async with facing(page, store=store) as (_, door):
            for _ in range(3):
                await ask(door, counted.decode)
            ran = counted.ran
            for held in await at_rest(store):
                # From here on to unpack it fails.
                held.data = b"no zlib"
            value, exchange = await ask(door, counted.decode, max_stale=None)
            assert (value, exchange.size) == (len(page.body), len(page.body))
            assert exchange.cache.hit
            assert counted.ran == ran


async def test_a_confirmed_body_stays_packed_and_in_its_bound() -> None:
    page, clock = Page(2_000_000), HandClock()
    store = BoundedMemoryCache(400_000, monotonic=lambda: clock.ahead)
    async with facing(page, clock=clock, store=store) as (registry, door):
        for _ in range(3):
            await ask(door, Counted().decode)
            assert 0 < store.bytes < 100_000
            clock.ahead += 61
        assert [one.headers.get("If-None-Match") for one in registry.requests[1:]] == ['"1"'] * 2
