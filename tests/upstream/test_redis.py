"""Several gateways in front of the same registries, agreeing through a real Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr
from redis.asyncio import Redis

from adapters.contract import Request
from gateway.clock import Clock
from gateway.config import CacheSettings
from gateway.errors import (
    ConfigError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryTimeout,
)
from gateway.upstream.door import Door
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.outage import Outage
from gateway.upstream.redis_replicas import RedisReplicas
from gateway.upstream.redis_store import RedisStore
from gateway.upstream.replicas import Alone
from gateway.upstream.seal import Seal
from gateway.upstream.stores import open_replicas, open_store
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import (
    Dice,
    HandClock,
    Registry,
    as_json,
    as_text,
    door_to,
    terms,
    upstream,
)
from tests.upstream.redis_server import free_port, redis_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def url(server: str) -> str:
    async with Redis.from_url(server) as client:
        await client.flushall()
    return server


def settings(url: str) -> CacheSettings:
    return CacheSettings(backend="redis", redis_url=SecretStr(url))


SECRET = b"what the replicas share, and nobody else"


def replicas(
    url: str, seed: int = 0, *, secret: bytes = SECRET, clock: Clock | None = None, **changes: Any
) -> RedisReplicas:
    clock = clock or HandClock()
    tuning, seal, chance = Tuning(**changes), Seal(secret, "note", clock), Dice(seed)
    outage = Outage(clock, chance, tuning)
    return RedisReplicas.at(url, seal, clock=clock, chance=chance, tuning=tuning, outage=outage)


class WaitClock(HandClock):
    """The machine's clock; it knows how often somebody waited for a moment, as those do who wait
    for another replica's answer."""

    waits = 0

    async def sleep(self, seconds: float) -> None:
        self.waits += seconds < 0.5
        await super().sleep(seconds)


def waiting(door: Door) -> int:
    """How many callers wait for calls of this door."""
    flights = door._flights["sample"]._flights.values()
    return sum(len(flight.waiting) for flight in flights)


async def all_wait(doors: list[Door], clocks: list[WaitClock], each: int) -> None:
    """Until each door has so many callers that wait, and all doors but one wait for that one."""
    async with asyncio.timeout(60):
        while (  # noqa: ASYNC110 - nobody tells
            any(waiting(door) < each for door in doors)
            or sum(bool(clock.waits) for clock in clocks) < len(doors) - 1
        ):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def gateways(
    url: str,
    registry: Registry,
    count: int,
    clocks: list[WaitClock] | None = None,
    **changes: Any,
) -> Any:
    """So many doors to one registry, each with a store and a say of its own."""
    async with AsyncExitStack() as stack:
        doors: list[Door] = []
        for number in range(count):
            options = {
                "store": open_store(settings(url), HandClock(), SECRET),
                "replicas": replicas(url, number, clock=clocks[number] if clocks else None),
                "chance": Dice(number),
            }
            doors.append(
                await stack.enter_async_context(
                    door_to(upstream(registry.url, **changes), **options)
                )
            )
        yield doors


async def test_bodies_are_shared_through_the_store(url: str) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.json_response({"a": "b"}, headers={"ETag": '"1"'})

    async with Registry(page) as registry, gateways(url, registry, 2) as (one, two):
        first, second = terms(), terms()
        await one.source("sample", first).read(Request("x"), as_json)
        found = await two.source("sample", second).read(Request("x"), as_json)
        assert found.value == {"a": "b"}
        assert registry.calls == 1
        assert second.evidence.exchanges[0].cache.hit
        assert second.evidence.exchanges[0].digest == first.evidence.exchanges[0].digest
        assert second.evidence.exchanges[0].fetched_at == first.evidence.exchanges[0].fetched_at


async def test_one_question_to_three_gateways_is_one_call(url: str) -> None:
    go, clocks = asyncio.Event(), [WaitClock() for _ in range(3)]

    async def slow(_: web.Request) -> web.Response:
        await go.wait()
        return web.json_response({"a": "b"})

    async with Registry(slow) as registry, gateways(url, registry, 3, clocks) as doors:

        async def one(door: Door) -> Any:
            asked = terms()
            await door.source("sample", asked).read(Request("x"), as_json)
            return asked.evidence.exchanges[0]

        asking = [asyncio.create_task(one(door)) for door in doors for _ in range(5)]
        await all_wait(doors, clocks, 5)
        go.set()
        told = await asyncio.gather(*asking)
        assert registry.calls == 1
        assert sum(not exchange.cache.collapsed for exchange in told) == 1
        assert len({exchange.digest for exchange in told}) == 1


async def test_a_failure_is_shared_between_gateways(url: str) -> None:
    go, clocks = asyncio.Event(), [WaitClock() for _ in range(3)]

    async def broken(_: web.Request) -> web.Response:
        await go.wait()
        return web.Response(status=500)

    async with Registry(broken) as registry, gateways(url, registry, 3, clocks) as doors:

        async def one(door: Door) -> int:
            with pytest.raises(RegistryHttpError) as caught:
                await door.source("sample", terms()).read(Request("x"), as_json)
            return caught.value.status

        asking = [asyncio.create_task(one(door)) for door in doors]
        await all_wait(doors, clocks, 1)
        go.set()
        assert await asyncio.gather(*asking) == [500, 500, 500]
        assert registry.calls == 1


async def test_a_gate_that_one_gateway_closed_is_closed_for_all(url: str) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "60"})

    async with Registry(refuse) as registry, gateways(url, registry, 2) as (one, two):
        # The first one is told "later" by the registry, the other one waits in vain.
        for door, seconds in ((one, 30.0), (two, 4.0)):
            with pytest.raises(RegistryRateLimited) as caught:
                await door.source("sample", terms(seconds)).read(Request("x"), as_text)
            assert caught.value.retry_after is not None
        assert registry.calls == 1
        with pytest.raises(RegistryRateLimited):
            await two.source("sample", terms(4)).read(Request("y"), as_text)
        assert registry.calls == 1


async def test_the_pace_is_one_pace_for_all(url: str) -> None:
    arrived = [time.monotonic()]

    async def note(_: web.Request) -> web.Response:
        arrived.append(time.monotonic())
        return web.Response(text="ok")

    rate: dict[str, Any] = {"politeness": {"rate": 20.0, "period": 1.0, "burst": 2}}
    async with Registry(note) as registry, gateways(url, registry, 3, **rate) as doors:
        asking = (
            door.source("sample", terms()).read(Request(f"{n}-{m}"), as_text)
            for n, door in enumerate(doors)
            for m in range(6)
        )
        await asyncio.gather(*asking)
    assert len(arrived) == 1 + 18
    # Three paces of their own would take a third of this; a busy machine only takes longer.
    assert arrived[-1] - arrived[0] >= (18 - 2) / 20 - 0.05


async def test_retries_of_all_gateways_come_out_of_one_budget(url: str) -> None:
    one, two = replicas(url, budget_floor=1), replicas(url, 1, budget_floor=1)
    for _ in range(10):
        await one.called("a")
    spent = [await two.spend("a") for _ in range(3)] + [await one.spend("a") for _ in range(2)]
    assert spent == [True, True, True, False, False]
    assert await one.spend("b")
    await one.close()
    await two.close()


async def test_a_lease_ends_with_its_holder_and_a_shared_wait_with_the_deadline(url: str) -> None:
    holder, heir = replicas(url), replicas(url, 1)
    async with Redis.from_url(url) as client:

        async def crash(lasts: int) -> None:
            # As good as a crash: the lease is neither renewed nor released.
            await client.set("cgw:{k}:lease", "somebody else", px=lasts)

        async def look() -> str | None:
            return None

        async def ask() -> str:
            assert await client.pttl("cgw:{k}:lease") > 3000
            return "asked"

        began = time.monotonic()
        await crash(300)
        allowance = Allowance(time.monotonic() + 30)
        assert await heir.once("k", allowance, ask, look) == "asked"
        assert 0.2 < time.monotonic() - began < 20
        assert await client.exists("cgw:{k}:lease") == 0
        await crash(3000)
        with pytest.raises(Failure) as caught:
            await holder.once("k", Allowance(time.monotonic() + 0.05), ask, look)
        assert isinstance(caught.value.error, RegistryTimeout)
    await holder.close()
    await heir.close()


async def test_without_redis_every_gateway_goes_on_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    nowhere = f"redis://user:planted-secret@127.0.0.1:{free_port()}/0"
    async with Registry(hello) as registry, gateways(nowhere, registry, 1) as (door,):
        for _ in range(3):
            found = await door.source("sample", terms()).read(Request("x"), as_text)
            assert found.value == "hello"
        assert registry.calls == 3
    assert "out of reach" in caplog.text
    assert "planted-secret" not in caplog.text


async def test_a_password_is_used_and_a_wrong_one_is_no_disaster(tmp_path: Path) -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    with redis_server(tmp_path, password="s3cret") as good:
        async with Registry(hello) as registry:
            for url, calls in ((good, 1), (good, 1), (good.replace("s3cret", "wrong"), 2)):
                async with gateways(url, registry, 1) as (door,):
                    await door.source("sample", terms()).read(Request("x"), as_text)
                    assert registry.calls == calls


@pytest.mark.parametrize(
    "url", ["http://x", "redis://", "redis://host/db", "unix:///run/redis.sock"]
)
def test_a_url_that_is_none_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigError, match="redis_url"):
        open_store(settings(url), HandClock(), SECRET)


def test_the_configuration_chooses_the_store() -> None:
    clock, chance = HandClock(), Dice()
    assert open_store(CacheSettings(backend="off"), clock) is None
    assert open_store(CacheSettings(max_bytes=0), clock) is None
    assert isinstance(open_store(CacheSettings(), clock), BoundedMemoryCache)
    found = open_store(settings("rediss://me:pw@host:1234/5"), clock, SECRET)
    assert isinstance(found, RedisStore)
    assert (found.endpoint, found.port, found.db) == ("host", 1234, 5)
    assert isinstance(open_replicas(CacheSettings(), clock=clock, chance=chance), Alone)
    with pytest.raises(ConfigError, match="redis_url"):
        open_replicas(CacheSettings(backend="redis"), clock=clock, chance=chance)
