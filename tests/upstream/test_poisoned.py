"""What others put into the store that replicas share is not believed, and stops nobody."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
from aiohttp import web
from redis.asyncio import Redis

from adapters.contract import Request
from gateway.clock import SystemClock
from gateway.errors import RegistryHttpError
from gateway.upstream.entry import Entry, EntrySerializer
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.metrics import exposition
from gateway.upstream.rate import Rate
from gateway.upstream.redis_replicas import Note
from gateway.upstream.replicas import Turn
from gateway.upstream.seal import Seal
from tests.upstream.bench import Registry, as_json, terms
from tests.upstream.redis_server import redis_server
from tests.upstream.test_redis import SECRET, gateways, replicas


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def client(server: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(server) as made:
        await made.flushall()
        yield made


RATE = Rate(turns=5, window=1.0, interval=0.2, burst=3)


class Ledger:
    """A registry that tells the truth about each of its pages."""

    down = False

    async def __call__(self, request: web.Request) -> web.Response:
        if self.down:
            return web.Response(status=500)
        return web.json_response({"page": request.path})


async def asked(door: Any, path: str) -> tuple[Any, Any]:
    terms_ = terms()
    answer = await door.source("sample", terms_).read(Request(path), as_json)
    return answer.value["page"], terms_.evidence.exchanges[answer.source]


def _changed(sealed: bytes, other: bytes) -> bytes:
    return sealed.replace(b"/api/a", b"/api/z")


def _moved(sealed: bytes, other: bytes) -> bytes:
    return other


def _cut(sealed: bytes, other: bytes) -> bytes:
    return sealed[:-3]


def _bare(sealed: bytes, other: bytes) -> bytes:
    return sealed[32:]


def _empty(sealed: bytes, other: bytes) -> bytes:
    return b""


def _resealed_without_the_secret(sealed: bytes, other: bytes) -> bytes:
    return Seal(b"another secret", "body", SystemClock()).closed("any", sealed[32:])


@pytest.mark.parametrize(
    "poison", [_changed, _moved, _cut, _bare, _empty, _resealed_without_the_secret]
)
async def test_a_poisoned_body_is_dropped_counted_logged_and_asked_for(
    server: str, client: Redis, caplog: pytest.LogCaptureFixture, poison: Any
) -> None:
    async with Registry(Ledger()) as registry, gateways(server, registry, 2) as (one, two):
        await asked(one, "a")
        first = await client.keys("cgw:body:*")
        await asked(one, "b")
        (other,) = set(await client.keys("cgw:body:*")) - set(first)
        sealed = await client.get(first[0])
        await client.set(first[0], poison(sealed, await client.get(other)))
        page, exchange = await asked(two, "a")
        assert (page, registry.calls) == ("/api/a", 3)
        assert not exchange.cache.hit
        assert two.refused_entries == 1
        assert b"cgw_cache_refused_total 1.0" in exposition(two)[0]
        assert "no replica of ours put there" in caplog.text
        page, exchange = await asked(one, "a")
        assert exchange.cache.hit
        assert page == "/api/a"


async def test_a_poisoned_body_is_gone_even_where_the_registry_is_down(
    server: str, client: Redis
) -> None:
    ledger = Ledger()
    async with Registry(ledger) as registry, gateways(server, registry, 1) as (door,):
        await asked(door, "a")
        (key,) = await client.keys("cgw:body:*")
        await client.set(key, b"poison")
        ledger.down = True
        with pytest.raises(RegistryHttpError):
            await asked(door, "a")
        assert not await client.exists(key)


async def test_a_body_whose_digest_is_another_is_dropped_though_it_bears_the_mark(
    server: str, client: Redis
) -> None:
    async with Registry(Ledger()) as registry, gateways(server, registry, 1) as (door,):
        await asked(door, "a")
        (key,) = await client.keys("cgw:body:*")
        sealed, form = await client.get(key), EntrySerializer()
        assert isinstance(sealed, bytes)
        assert isinstance(key, bytes)
        entry = form.loads(sealed[32:])
        assert isinstance(entry, Entry)
        told = form.dumps(msgspec.structs.replace(entry, body=b'{"page":"/api/z"}'))
        assert form.loads(told) is None
        await client.set(key, Seal(SECRET, "body", SystemClock()).closed(key.decode(), told))
        assert (await asked(door, "a"))[0] == "/api/a"
        assert (registry.calls, door.refused_entries) == (2, 1)


async def test_the_log_tells_of_poison_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    class Later(SystemClock):
        ahead = 0.0

        def monotonic(self) -> float:
            return 1000.0 + self.ahead

    clock = Later()
    seal = Seal(SECRET, "body", clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            assert seal.opened("k", b"x" * 50) is None
        assert len(caplog.records) == 1
        clock.ahead = 61.0
        seal.refuse()
    assert len(caplog.records) == 2
    assert "101 so far" in caplog.text


def test_a_mark_fits_one_purpose_and_one_key() -> None:
    body, note = (Seal(SECRET, purpose, SystemClock()) for purpose in ("body", "note"))
    assert body.opened("k", body.closed("k", b"content")) == b"content"
    assert note.opened("k", body.closed("k", b"content")) is None
    # Key and content are not one text that could be parted elsewhere.
    assert body.opened("kc", body.closed("k", b"content")[:32] + b"ontent") is None


async def none() -> None:
    return None


async def fine() -> str:
    return "asked"


@pytest.mark.parametrize("old", [False, True])
async def test_a_failure_that_no_replica_tells_fails_nobody(
    server: str, client: Redis, old: bool
) -> None:
    one = replicas(server)
    note = b'{"code":"REGISTRY_HTTP_ERROR","message":"invented","at":0,"status":500}'
    if old:
        # True once, and put there again.
        ago = Note("REGISTRY_HTTP_ERROR", "invented", time.time() - 60, None, 500)
        seal = Seal(SECRET, "note", SystemClock())
        note = seal.closed("cgw:{k}:note", msgspec.json.encode(ago))
    await client.set("cgw:{k}:note", note)
    await client.set("cgw:{k}:lease", "somebody else", px=300)
    assert await one.once("k", Allowance(time.monotonic() + 30), fine, none) == "asked"
    assert one.refused == 1
    await one.close()


async def test_a_failure_that_a_replica_tells_is_believed(server: str, client: Redis) -> None:
    one = replicas(server)
    now = Note("REGISTRY_HTTP_ERROR", "status 500", time.time(), None, 500)
    seal = Seal(SECRET, "note", SystemClock())
    await client.set("cgw:{k}:note", seal.closed("cgw:{k}:note", msgspec.json.encode(now)))
    await client.set("cgw:{k}:lease", "somebody else", px=3000)
    with pytest.raises(Failure) as caught:
        await one.once("k", Allowance(time.monotonic() + 30), fine, none)
    assert isinstance(caught.value.error, RegistryHttpError)
    await one.close()


@pytest.mark.parametrize("lasts", [None, 3_600_000])
async def test_a_lease_that_lasts_for_longer_than_ours_holds_nobody_up(
    server: str, client: Redis, lasts: int | None
) -> None:
    one = replicas(server)
    await client.set("cgw:{k}:lease", "for ever", px=lasts)
    began = time.monotonic()
    assert await one.once("k", Allowance(began + 30), fine, none) == "asked"
    assert time.monotonic() - began < 20
    assert not await client.exists("cgw:{k}:lease")
    await one.close()


async def test_a_pace_that_was_put_off_for_ever_is_put_right(server: str, client: Redis) -> None:
    one = replicas(server)
    await client.set("cgw:{a}:pace", "9" * 18)
    wait, shut, _ = await one.turn("a", RATE)
    assert (wait <= 0.2, shut) == (True, 0.0)
    await one.close()


async def test_a_gate_that_is_closed_for_ever_is_open(server: str, client: Redis) -> None:
    one = replicas(server, gate_max=10.0)
    await client.set("cgw:{a}:gate", "1", px=86_400_000)
    assert await one.turn("a", RATE) == Turn()
    await client.set("cgw:{a}:gate", "1", px=9000)
    _, shut, _ = await one.turn("a", RATE)
    assert 5 < shut <= 9
    await one.close()


@pytest.mark.parametrize("kind", ["pace", "turns", "there", "budget", "gate", "lease", "note"])
async def test_values_of_another_kind_stop_nobody(
    server: str, client: Redis, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    await client.rpush("cgw:{sample}:" + kind, "no", "such", "kind")
    async with Registry(Ledger()) as registry, gateways(server, registry, 1) as (door,):
        for path in "abc":
            assert (await asked(door, path))[0] == f"/api/{path}"
