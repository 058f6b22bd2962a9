"""The store in memory is bounded in bytes, and the memo too."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Reply
from gateway.errors import InvalidPayload, PayloadTooLarge
from gateway.log import JsonLines
from gateway.measure import bytes_of
from gateway.upstream.cache import Cache
from gateway.upstream.entry import Entry
from gateway.upstream.memo import Memo
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.outage import Outage
from gateway.upstream.packed import AT_ONCE
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
        assert bytes_of(store._kept) <= store.max_bytes
        found = await store.get(str(key))
        # What alone is larger than all the room is not kept, and nothing else is lost at once.
        assert found is not None or size + 1536 > store.max_bytes
        assert found is None or found.body == b"x" * size
    for key in range(10):
        await store.delete(str(key))
    assert store.bytes == 0
    assert len(store) == 0


noise = random.Random(1).randbytes


def text(size: int, seed: int = 0) -> bytes:
    """Like what registries send: much of it again and again."""
    chance = random.Random(seed)
    rows = [b'{"id":%d,"name":"A project"},' % chance.randrange(10**6) for _ in range(size // 30)]
    return b"".join(rows).ljust(size)[:size]


def bodied(body: bytes, **headers: str) -> Entry:
    return Entry(200, headers, body, "d" * 64, 0.0, 0.0, 60.0, 0.0)


bodies = st.builds(
    lambda packs, size, seed: text(size, seed) if packs else noise(size),
    st.booleans(),
    st.sampled_from([0, 100, 5_000, 60_000, AT_ONCE - 1, AT_ONCE + 1, 600_000, 3_000_000]),
    st.integers(0, 3),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), bodies, st.booleans()), max_size=25),
    st.sampled_from([300_000, 1_000_000, 2_500_000]),
)
async def test_what_is_packed_comes_back_as_it_was_and_all_of_it_is_within_the_bound(
    puts: list[tuple[int, bytes, bool]], most: int
) -> None:
    store, sent = BoundedMemoryCache(most), {}
    for key, body, resting in puts:
        sent[str(key)] = body
        await store.set(str(key), bodied(body, etag="e" * 40))
        if resting:
            await store.rest()
        for name, told in sent.items():
            found = await store.get(name)
            assert found is None or found == bodied(told, etag="e" * 40)
            assert max(store.bytes, bytes_of(store._kept)) <= most


async def test_packed_the_same_room_holds_several_times_as_many() -> None:
    store = BoundedMemoryCache(1_000_000)
    for number in range(30):
        await store.set(str(number), bodied(text(100_000, number)))
    assert len(store) == 30
    noisy = BoundedMemoryCache(1_000_000)
    for number in range(30):
        await noisy.set(str(number), bodied(noise(100_000)))
    assert len(noisy) == 9


async def test_a_body_longer_than_all_the_room_is_kept_where_it_packs_well() -> None:
    store = BoundedMemoryCache(1_000_000)
    await store.set("small", bodied(b"x"))
    await store.set("a", bodied(text(3_000_000)))
    await store.set("b", bodied(noise(3_000_000)))
    assert [await store.exists(key) for key in ("small", "a", "b")] == [True, True, False]


async def test_a_long_body_that_is_replaced_while_it_is_packed_stays_replaced() -> None:
    store = BoundedMemoryCache(8_000_000)
    await store.set("a", bodied(text(1_500_000, 1)))
    resting = asyncio.create_task(store.rest())
    await asyncio.sleep(0)
    await store.set("a", bodied(text(1_500_000, 2)))
    await resting
    assert await store.get("a") == bodied(text(1_500_000, 2))
    assert store.bytes == sum(slot.cost for slot in store._kept.values())


async def test_at_rest_entries_lie_in_one_piece_and_rise_as_they_were() -> None:
    clock = SetClock()
    store = BoundedMemoryCache(60_000, monotonic=clock.monotonic)
    made = {
        "long": bodied(text(9_000), etag='"1"', date="today"),
        "noise": bodied(noise(9_000)),
        "empty": bodied(b""),
        # aiohttp hands on what is no UTF-8 in a header as half of a surrogate pair.
        "odd": bodied(text(5_000), server="caf\udce9"),
        "short-lived": bodied(text(800)),
    }
    for key, entry in made.items():
        await store.set(key, entry, ttl=5 if key == "short-lived" else 50)
    await store.rest()
    size = store.bytes
    assert list(store._slots) == ["odd"]
    assert {key: await store.get(key) for key in made} == made
    assert (store.bytes, len(store)) == (size, 5)
    await store.rest()
    clock.at += 10
    assert await store.get("short-lived") is None
    assert await store.delete("long") == 1
    assert [await store.exists(key) for key in made] == [False, True, True, True, False]
    await store.rest()
    await store.set("new", bodied(noise(48_000)))
    # Those that were not asked for longest went, those that were asked for last stayed.
    assert [await store.exists(key) for key in ("noise", "odd", "new")] == [False, True, True]
    assert store.bytes == sum(slot.cost for slot in store._kept.values())


async def test_at_rest_what_may_not_be_used_any_more_is_dropped() -> None:
    clock = SetClock()
    store = BoundedMemoryCache(100_000, monotonic=clock.monotonic)
    await store.set("a", sized(10), ttl=5)
    await store.set("b", sized(10), ttl=50)
    clock.at += 10
    await cache_on(store).rest()
    await cache_on(None).rest()
    assert len(store) == 1


async def test_the_least_recently_used_goes_first() -> None:
    store = BoundedMemoryCache(10_000)
    for key in "abc":
        await store.set(key, bodied(noise(1500)))
    await store.get("a")
    await store.set("d", bodied(noise(1500)))
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
    memo, decoder, other = Memo(5000), Decoder(), Decoder()
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


def rows(answer: Reply) -> list[str]:
    return answer.body.decode().split(",")


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 300)), max_size=60))
def test_the_memo_is_bounded_by_the_bytes_of_its_values(asked: list[tuple[int, int]]) -> None:
    memo = Memo(20_000)
    for key, many in asked:
        # A row of the body is one byte and a comma; decoded it takes thirty times as much.
        body = reply(b",".join([b"x"] * many))
        memo.decode(rows, body, f"{key}/{many}")
        held = sum(bytes_of(value) for value, _ in memo._kept._kept.values())
        assert held <= memo.bytes <= 20_000
        before = memo.decode(rows, body, f"{key}/{many}")
        again = memo.decode(rows, body, f"{key}/{many}")
        # From the second time on it is kept, where it is not larger than all the room.
        assert again is before or bytes_of(before) > 20_000
    memo.rest()
    assert (memo.bytes, len(memo)) == (0, 0)


def test_a_value_that_is_larger_than_all_the_room_has_a_room_of_its_own() -> None:
    memo = Memo(2_000, large_bytes=100_000)
    small, large = reply(b"x"), reply(b",".join([b"x"] * 500))
    for body, digest in ((small, "small"), (large, "large")):
        memo.decode(rows, body, digest)
        kept = memo.decode(rows, body, digest)
        assert memo.decode(rows, body, digest) is kept
    assert len(memo) == 2
    assert 10_000 < memo.bytes <= 102_000
    memo.rest()
    assert (memo.bytes, len(memo)) == (0, 0)


def test_values_that_nobody_comes_back_for_take_no_room() -> None:
    memo, decoder = Memo(5000), Decoder()
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
