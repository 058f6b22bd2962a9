"""The store in memory is bounded in bytes, and the memo too."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Reply
from gateway.errors import InvalidPayload, PayloadTooLarge
from gateway.log import JsonLines
from gateway.upstream.cache import Cache
from gateway.upstream.entry import Entry
from gateway.upstream.memo import Memo
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.outage import Outage
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import Dice, SetClock


def sized(size: int, **changes: float) -> Entry:
    times = {"fetched_at": 0.0, "checked_at": 0.0, "lifetime": 60.0, "grace": 0.0, **changes}
    return Entry(200, {}, b"x" * size, "d", **times)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20_000)), max_size=60))
async def test_the_store_never_holds_more_than_its_bound(puts: list[tuple[int, int]]) -> None:
    store = BoundedMemoryCache(40_000)
    for key, size in puts:
        await store.set(str(key), sized(size))
        assert store.bytes <= store.max_bytes
        assert (await store.get(str(key))) is not None or size + 2048 > store.max_bytes
    for key in range(10):
        await store.delete(str(key))
    assert store.bytes == 0
    assert len(store) == 0


async def test_the_least_recently_used_goes_first() -> None:
    store = BoundedMemoryCache(10_000)
    for key in "abc":
        await store.set(key, sized(1000))
    await store.get("a")
    await store.set("d", sized(1000))
    assert await store.exists("a")
    assert not await store.exists("b")


async def test_entries_expire_by_the_injected_clock() -> None:
    clock = SetClock()
    store = BoundedMemoryCache(10_000, monotonic=clock.monotonic)
    await store.set("a", sized(10), ttl=5)
    await store.set("b", sized(10), ttl=5)
    clock.at += 4
    assert await store.exists("a")
    assert await store.expire("b", 100)
    assert not await store.expire("missing", 100)
    clock.at += 1
    assert not await store.exists("a")
    assert await store.exists("b")
    await store.clear()
    assert store.bytes == 0


def cache_on(store: BoundedMemoryCache | None) -> Cache:
    clock = SetClock()
    return Cache(store, Outage(clock, Dice(), Tuning()), 60.0)


async def test_entries_without_any_use_are_not_kept() -> None:
    store = BoundedMemoryCache(10_000)
    cache = cache_on(store)
    await cache.put("a", sized(10, lifetime=0.0))
    assert len(store) == 0
    await cache.put("b", sized(10, lifetime=0.0, grace=30.0))
    assert len(store) == 1
    await cache.drop("b")
    assert await cache.get("b") is None


class Broken(BoundedMemoryCache):
    async def _get(self, key: str, encoding: str | None = None, _conn: object = None) -> Entry:
        raise ConnectionError("secret host")

    async def _set(self, *_: object, **__: object) -> bool:
        raise OSError("secret host")


async def test_a_store_that_fails_is_a_store_that_has_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = cache_on(Broken(1000))
    assert await cache.get("a") is None
    await cache.put("a", sized(10))
    ours = [record for record in caplog.records if record.name.startswith("gateway.")]
    (line,) = [JsonLines().format(record) for record in ours]
    assert "ConnectionError" in line
    assert "secret" not in line


class Slow(BoundedMemoryCache):
    async def _get(self, key: str, encoding: str | None = None, _conn: object = None) -> Entry:
        await asyncio.sleep(60)
        raise AssertionError


async def test_leaving_a_slow_store_is_leaving() -> None:
    task = asyncio.create_task(cache_on(Slow(1000)).get("a"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_no_store_is_a_cache_that_is_off() -> None:
    cache = cache_on(None)
    assert not cache.on
    await cache.put("a", sized(10))
    await cache.drop("a")
    assert await cache.get("a") is None
    await cache.close()


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, {"content-type": "text/plain"}, body)


class Counting:
    def __init__(self) -> None:
        self.ran = 0

    def decode(self, answer: Reply) -> list[int]:
        self.ran += 1
        return [len(answer.body), answer.status]

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, answer: Reply) -> list[int]:
        return self.decode(answer)


class Decoder:
    def __init__(self) -> None:
        self.ran = 0

    def decode(self, answer: Reply) -> list[int]:
        self.ran += 1
        return [len(answer.body), answer.status]


def test_bytes_that_come_again_are_remembered_per_decoder_and_status() -> None:
    memo, decoder, other = Memo(1000), Decoder(), Decoder()
    memo.decode(decoder.decode, reply(b"abc"), "d1")
    assert len(memo) == 0
    second = memo.decode(decoder.decode, reply(b"abc"), "d1")
    assert memo.decode(decoder.decode, reply(b"abc"), "d1") is second
    assert decoder.ran == 2
    memo.decode(decoder.decode, reply(b"abc", 404), "d1")
    memo.decode(other.decode, reply(b"abc"), "d1")
    assert (decoder.ran, other.ran) == (3, 1)


def test_a_decoder_that_cannot_be_hashed_is_simply_run() -> None:
    memo, decoder = Memo(1000), Counting()
    assert memo.decode(decoder, reply(b"abc"), "d1").value == [3, 200]
    memo.decode(decoder, reply(b"abc"), "d1")
    assert decoder.ran == 2
    assert len(memo) == 0


def test_the_memo_is_bounded_by_the_bytes_behind_its_values() -> None:
    memo, decoder = Memo(100), Decoder()
    for n in range(20):
        for _ in range(3):
            memo.decode(decoder.decode, reply(b"x" * 30), str(n))
            assert memo.bytes <= 100
    assert decoder.ran == 40
    assert len(memo) == 3
    for _ in range(2):
        memo.decode(decoder.decode, reply(b"x" * 101), "huge")
    assert len(memo) == 3


def test_values_that_nobody_comes_back_for_take_no_room() -> None:
    memo, decoder = Memo(1000), Decoder()
    for _ in range(2):
        memo.decode(decoder.decode, reply(b"x" * 50), "used")
    for n in range(5000):
        memo.decode(decoder.decode, reply(b"x" * 50), str(n))
    assert len(memo) == 1
    ran = decoder.ran
    memo.decode(decoder.decode, reply(b"x" * 50), "used")
    assert decoder.ran == ran


@pytest.mark.parametrize(
    "error", [ValueError, KeyError, RecursionError, UnicodeError, ZeroDivisionError]
)
def test_whatever_a_decoder_raises_is_the_payloads_fault(error: type[Exception]) -> None:
    def stumble(_: Reply) -> None:
        raise error("secret content")

    with pytest.raises(InvalidPayload) as caught:
        Memo(100).decode(stumble, reply(b""), "d")
    assert error.__name__ in caught.value.message
    assert "secret" not in caught.value.message


def test_a_body_that_takes_more_memory_than_there_is_is_too_large() -> None:
    def stumble(_: Reply) -> None:
        raise MemoryError

    with pytest.raises(PayloadTooLarge):
        Memo(100).decode(stumble, reply(b""), "d")


def test_what_a_decoder_says_itself_is_passed_on() -> None:
    def refuse(_: Reply) -> None:
        raise InvalidPayload("a login page")

    with pytest.raises(InvalidPayload, match="a login page"):
        Memo(100).decode(refuse, reply(b""), "d")
