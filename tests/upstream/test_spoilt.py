"""A body that broke or overran what decoded it is not decoded again by each question."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.contract import Reply
from gateway.errors import InvalidPayload, PayloadTooLarge, RegistryError, RegistryShed
from gateway.upstream.decoding.bounds import Bounds
from gateway.upstream.decoding.pool import Pool
from gateway.upstream.memo import Memo
from gateway.upstream.spoilt import Spoilt, Unsure
from tests.stepclock import StepClock
from tests.upstream.decoding.decoders import Words

BOUNDS = Bounds(memory=400 * 1024 * 1024, seconds=20.0, least=1)
WORDS = Words("behave")
decode = WORDS.decode


class Desk:
    """A memo over real processes, and the clock that it looks at."""

    def __init__(self) -> None:
        self.clock = StepClock()
        self.pool = Pool(BOUNDS)
        self.memo = Memo(1_000_000, self.pool, self.clock)

    async def words(self, text: str) -> list[str]:
        return (
            await self.memo.decode_apart(decode, Reply(200, {}, text.encode()), text, "a")
        ).value


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.memo.close()
    await made.pool.close()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("abort", InvalidPayload),
        ("killed", PayloadTooLarge),
        ("memory", PayloadTooLarge),
        ("large", PayloadTooLarge),
        ("invalid", InvalidPayload),
    ],
)
async def test_the_same_bytes_meet_the_same_error_and_no_process(
    desk: Desk, text: str, error: type[RegistryError]
) -> None:
    with pytest.raises(error) as first:
        await desk.words(text)
    for _ in range(20):
        with pytest.raises(error) as again:
            await desk.words(text)
        assert again.value is not first.value
        assert again.value.message == first.value.message
    assert desk.pool.ends.total() == 1
    # Another file, as one that was mended is, is decoded.
    assert await desk.words("pid") != []


async def test_after_a_while_it_is_tried_again(desk: Desk) -> None:
    for times in (1, 2):
        for _ in range(3):
            with pytest.raises(InvalidPayload):
                await desk.words("abort")
        assert desk.pool.ends.total() == times
        await desk.clock.forward(121)


async def test_so_many_are_known_and_no_more() -> None:
    clock = StepClock()
    spoilt = Spoilt(clock, most=3)
    for n in range(10):
        spoilt.note(n, InvalidPayload(f"{n}"))
    assert len(spoilt) == 3
    spoilt.look(6)
    with pytest.raises(InvalidPayload, match="9"):
        spoilt.look(9)


async def test_what_says_nothing_of_the_bytes_is_not_remembered() -> None:
    spoilt = Spoilt(StepClock())
    for error in (RegistryShed("later"), Unsure("gone"), ValueError()):
        spoilt.note("x", error)
    assert len(spoilt) == 0


async def test_a_decoder_that_cannot_run_apart_gets_a_thread_and_a_line_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []

    def closure(reply: Reply) -> int:
        ran.append(threading.current_thread().name)
        return len(reply.body)

    with caplog.at_level(logging.WARNING):
        for n in range(3):
            body = Reply(200, {}, b"x" * (n + 1))
            assert (await desk.memo.decode_apart(closure, body, f"{n}", "a")).value == n + 1
    assert threading.main_thread().name not in ran
    assert [one.message for one in caplog.records] == [
        "a decoder cannot run apart: give it an `apart` (docs/adapters.md)"
    ]


async def test_a_decoder_in_python_runs_apart_for_smaller_bodies() -> None:
    memo = Memo(1000, Pool(replace(BOUNDS, least=1600)))
    slow = Words("behave")
    slow.apart = replace(slow.apart, slow=True)
    sizes = {99: (False, False), 100: (False, True), 1600: (True, True)}
    for size, expected in sizes.items():
        reply = Reply(200, {}, b"x" * size)
        assert (memo.apart(decode, reply), memo.apart(slow.decode, reply)) == expected
