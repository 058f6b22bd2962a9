"""Somebody else writes to the store that replicas share, or it hangs, or goes. What must hold:
every answer is the registry's own, nobody waits for the store for long, and it is used again
when it is sound again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from redis.asyncio import Redis

from adapters.contract import Request
from gateway.log import JsonLines
from gateway.provenance.evidence import Evidence
from gateway.upstream.door import Door
from gateway.upstream.metrics import exposition
from gateway.upstream.outage import Outage
from gateway.upstream.stores import open_replicas, open_store
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.adversarial.toll import toll_before
from tests.upstream.bench import SWIFT, Dice, HandClock, Registry, as_json, upstream
from tests.upstream.redis_server import redis_server
from tests.upstream.test_redis import SECRET, settings

pytestmark = pytest.mark.adversarial

# What a body may be at most here; a poisoned one may be more.
LARGEST = 64 * 1024
# Long enough for any machine: what fails here fails by itself.
TUNING = replace(SWIFT, store_patience=30.0, store_pause=0.5, store_pause_max=1.0)
# For a store that hangs. What is found out once lasts for the whole test.
HASTY = replace(TUNING, store_patience=0.15, store_pause=3600.0, store_pause_max=3600.0)
# Seconds that only a hang takes.
HANG = 25.0


class LeapClock(HandClock):
    """The machine's clock, of which the monotonic one too may be put forward."""

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def client(server: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(server) as made:
        await made.flushall()
        await made.config_set("maxmemory", 0)
        yield made
        await made.config_set("maxmemory", 0)


async def ledger(request: web.Request) -> web.Response:
    return web.json_response({"page": request.path})


@asynccontextmanager
async def replica(
    url: str,
    registry: Registry,
    seed: int = 0,
    tuning: Tuning = TUNING,
    clock: HandClock | None = None,
) -> AsyncIterator[Door]:
    """A gateway's door as it is assembled: store and replicas know of one outage."""
    clock, chance = clock or LeapClock(), Dice(seed)
    outage = Outage(clock, chance, tuning)
    given = settings(url)
    one = upstream(registry.url)
    async with Door(
        {one.key: one},
        clock=clock,
        chance=chance,
        user_agent="carbon-gateway/test",
        store=open_store(given, clock, SECRET, largest=LARGEST),
        replicas=open_replicas(
            given, SECRET, clock=clock, chance=chance, tuning=tuning, outage=outage
        ),
        tuning=tuning,
        outage=outage,
    ) as door:
        yield door


def away(door: Door) -> bool:
    return door.outage.lasts


async def ask(door: Door, path: str) -> float:
    """The page, held to what the registry says; gives the seconds that it took."""
    began = time.monotonic()
    asked = Terms(door._clock.monotonic() + 120, evidence=Evidence())
    answer = await door.source("sample", asked).read(Request(path), as_json)
    assert answer.value == {"page": f"/api/{path}"}
    return time.monotonic() - began


async def value(client: Redis, key: bytes) -> bytes:
    found = await client.get(key) if await client.type(key) == b"string" else b"/api/"
    assert isinstance(found, bytes)
    return found


async def changed(client: Redis, keys: list[bytes]) -> None:
    for key in keys:
        await client.set(key, (await value(client, key)).replace(b"/api/", b"/evil"))


async def swapped(client: Redis, keys: list[bytes]) -> None:
    values = [await value(client, key) for key in keys]
    for key, other in zip(keys, reversed(values), strict=True):
        await client.set(key, other)


async def truncated(client: Redis, keys: list[bytes]) -> None:
    for length, key in enumerate(keys):
        await client.set(key, (await value(client, key))[: length * 17])


async def huge(client: Redis, keys: list[bytes]) -> None:
    for key in keys:
        await client.set(key, b"x" * 2_000_000)


async def lists(client: Redis, keys: list[bytes]) -> None:
    await _kind(client, keys, "rpush", "a", "b")


async def sets(client: Redis, keys: list[bytes]) -> None:
    await _kind(client, keys, "sadd", "a", "b")


async def hashes(client: Redis, keys: list[bytes]) -> None:
    await _kind(client, keys, "hset", "a", "b")


async def streams(client: Redis, keys: list[bytes]) -> None:
    for key in keys:
        await client.delete(key)
        await client.xadd(key, {"a": "b"})


async def texts(client: Redis, keys: list[bytes]) -> None:
    await _kind(client, keys, "set", "nan inf -1 \x00")


async def _kind(client: Redis, keys: list[bytes], command: str, *values: str) -> None:
    for key in keys:
        await client.delete(key)
        await getattr(client, command)(key, *values)


async def flushed(client: Redis, keys: list[bytes]) -> None:
    await client.flushall()


async def scripts_missing(client: Redis, keys: list[bytes]) -> None:
    await client.script_flush()


async def full(client: Redis, keys: list[bytes]) -> None:
    await client.config_set("maxmemory-policy", "noeviction")
    await client.config_set("maxmemory", 1)


POISONS = (
    changed, swapped, truncated, huge, lists, sets, hashes, streams, texts, flushed,
    scripts_missing, full,
)  # fmt: skip
# What replicas keep under a registry's name, and under a call's.
SHARED = ("pace", "turns", "there", "gate", "budget")


@pytest.mark.parametrize("poison", POISONS, ids=lambda one: one.__name__)
async def test_a_poisoned_store_changes_no_answer_and_holds_nobody_up(
    client: Redis, server: str, poison: Any
) -> None:
    async with (
        Registry(ledger) as registry,
        replica(server, registry, clock=(clock := LeapClock())) as one,
        replica(server, registry, 1, clock=clock) as other,
    ):
        await asyncio.gather(*(ask(one, path) for path in "abcdef"))
        for kind in SHARED:
            if not await client.exists(f"cgw:{{sample}}:{kind}"):
                await client.set(f"cgw:{{sample}}:{kind}", "1", px=100)
        await poison(client, sorted(await client.keys("cgw:*")))
        took = await asyncio.gather(*(ask(door, p) for p in "abcdefgh" for door in (other, one)))
        assert max(took) < HANG
        # Each page at most once more than without a store, for each of the two.
        assert registry.calls <= 6 + 2 * 8
        # And the store is of use again: what was asked for is in it.
        await client.config_set("maxmemory", 0)
        clock.ahead += TUNING.store_pause_max * 1.3
        await asyncio.gather(*(ask(one, path) for path in "abcdefgh"))
        calls = registry.calls
        await asyncio.gather(*(ask(one, path) for path in "abcdefgh"))
        assert registry.calls <= calls + 1
        assert not one.outage.lasts


async def test_a_poisoned_gate_or_pace_does_not_close_a_registry(
    client: Redis, server: str
) -> None:
    async with Registry(ledger) as registry, replica(server, registry) as door:
        await client.set("cgw:{sample}:gate", "1")
        await client.set("cgw:{sample}:pace", "9" * 300)
        await client.rpush("cgw:{sample}:turns", *["9" * 18] * 2000)
        await client.zadd("cgw:{sample}:there", {f"ghost-{n}": 9e18 for n in range(5000)})
        assert await ask(door, "a") < HANG
        assert registry.calls == 1


@pytest.mark.parametrize("how", ["hangs", "is slow", "is cut off", "refuses"])
async def test_a_store_in_trouble_costs_the_first_answers_a_moment_and_the_others_nothing(
    server: str, client: Redis, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        toll_before(urlsplit(server).port or 0) as toll,
        Registry(ledger) as registry,
        replica(toll.url, registry, tuning=HASTY) as door,
        replica(server, registry, 1) as other,
    ):
        await ask(door, "warm")
        if how == "hangs":
            toll.open.clear()
        elif how == "is slow":
            toll.delay = 60.0
        else:
            toll.cut()
        if how == "refuses":
            await toll.end()
        for n in range(3):
            await ask(door, f"first{n}")
        # A word or two are waited for, not one of each kind for each answer.
        assert 1 <= door.outage.failures.total() <= 3
        assert door.outage.lasts
        connections = toll.connections
        for n in range(20):
            await ask(door, f"calm{n}")
        assert toll.connections == connections
        assert door.outage.failures.total() <= 3
        text = exposition(door)[0].decode()
        assert "cgw_store_away 1.0" in text
        assert "cgw_store_failures_total{" in text
        ours = [record for record in caplog.records if record.name.startswith("gateway.")]
        lines = [JsonLines().format(record) for record in ours]
        assert any('"the shared store is out of reach"' in line for line in lines)
        assert len(lines) < 12
        # The other replica never noticed.
        assert await ask(other, "warm") < HANG
        assert not other.outage.lasts


async def test_a_store_that_comes_back_is_found_and_told(
    server: str, client: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    port = urlsplit(server).port or 0
    async with (
        toll_before(port) as toll,
        Registry(ledger) as registry,
        replica(toll.url, registry, tuning=replace(TUNING, store_patience=1.0)) as door,
    ):
        clock = door._clock
        assert isinstance(clock, LeapClock)
        await ask(door, "a")
        toll.open.clear()
        await ask(door, "b")
        assert away(door)
        toll.open.set()
        toll.cut()
        async with asyncio.timeout(60):
            while away(door):
                clock.ahead += 2
                await ask(door, "c")
        calls = registry.calls
        await ask(door, "a")
        assert registry.calls == calls
    assert "the shared store is back" in caplog.text


async def test_a_server_that_dies_midway_takes_no_answer_with_it(tmp_path: Path) -> None:
    go = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await go.wait()
        return await ledger(request)

    async with Registry(slow) as registry:
        with redis_server(tmp_path) as url:
            async with replica(url, registry) as one, replica(url, registry, 1) as other:
                under_way = [
                    asyncio.create_task(ask(door, path)) for path in "abcd" for door in (one, other)
                ]
                async with asyncio.timeout(60):
                    while registry.calls < 4:  # noqa: ASYNC110 - one for each page
                        await asyncio.sleep(0.01)
                async with Redis.from_url(url) as killer:
                    await killer.shutdown(nosave=True)
                go.set()
                assert max(await asyncio.gather(*under_way)) < HANG
                assert registry.calls <= 8
                await ask(one, "e")
