"""Bodies are decoded in processes of their own: whatever happens there costs one answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Reply
from gateway.errors import (
    InvalidPayload,
    PayloadTooLarge,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryShed,
)
from gateway.upstream.decoding.bounds import Bounds
from gateway.upstream.decoding.nursery import Nursery
from gateway.upstream.decoding.pool import Pool
from gateway.upstream.decoding.run import Decoded
from tests.upstream.decoding.decoders import BEHAVE

SMALL = Bounds(memory=400 * 1024 * 1024, seconds=20.0, result=8 * 1024 * 1024)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(SMALL)
    yield made
    await made.close()


async def told(pool: Pool, text: str, registry: str = "a") -> Decoded[Any]:
    return await pool.decode(registry, BEHAVE, Reply(200, {}, text.encode()))


async def words(pool: Pool, text: str, registry: str = "a") -> list[str]:
    found: list[str] = (await told(pool, text, registry)).value
    return found


async def test_a_body_is_decoded_in_another_process_which_is_used_again(pool: Pool) -> None:
    (first,) = await words(pool, "pid")
    assert int(first) != os.getpid()
    assert await words(pool, "pid") == [first]
    assert pool.alive == (int(first),)
    assert pool.ends == {"ok": 2}


async def test_a_long_value_comes_in_pieces_and_whole(pool: Pool) -> None:
    assert await words(pool, "many 100000") == [f"word {n}" for n in range(100_000)]


async def test_rows_that_could_not_be_read_are_told_beside_the_value(pool: Pool) -> None:
    found = await told(pool, "unread x")
    assert found.value == ["unread", "x"]
    assert (found.unread.count, found.unread.first) == (1, ["/3: it is no word"])


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("invalid", InvalidPayload, "these are no words"),
        ("large", PayloadTooLarge, "these are too many words"),
        ("bug", InvalidPayload, "ZeroDivisionError"),
        ("abort", InvalidPayload, "ended the process that decoded it (SIGABRT)"),
        ("exit", InvalidPayload, "ended the process that decoded it (code 3)"),
        ("killed", PayloadTooLarge, "more memory or time than it may"),
        ("memory", PayloadTooLarge, "memory"),
        ("lie", InvalidPayload, "gave what does not fit"),
        ("many 2000000", PayloadTooLarge, "decoded to more than 8388608 bytes"),
    ],
)
async def test_what_goes_wrong_there_is_a_typed_error_and_the_next_body_is_decoded(
    pool: Pool, text: str, error: type[RegistryError], message: str
) -> None:
    with pytest.raises(error) as raised:
        await words(pool, text)
    assert message in raised.value.message
    assert await words(pool, "still here") == ["still", "here"]
    assert len(pool.alive) == 1


async def test_what_a_decoder_says_of_the_registry_comes_through(pool: Pool) -> None:
    with pytest.raises(RegistryRateLimited, match="not so many words") as limited:
        await words(pool, "limited")
    assert (limited.value.retry_after, limited.value.told) == (7.0, "slow down")
    with pytest.raises(RegistryHttpError) as status:
        await words(pool, "status")
    assert status.value.status == 418
    # Of that a decoder can know nothing.
    with pytest.raises(InvalidPayload, match="words take their time"):
        await words(pool, "timeout")


@pytest.mark.parametrize("text", ["spin", "sleep"])
async def test_a_body_that_takes_too_long_is_given_up(text: str) -> None:
    pool = Pool(replace(SMALL, seconds=1.0))
    with pytest.raises(PayloadTooLarge, match=r"more than 1 seconds|more memory or time"):
        await words(pool, text)
    assert pool.alive == ()
    await pool.close()


async def test_while_one_body_spins_the_loop_goes_on_and_others_are_decoded(pool: Pool) -> None:
    spinning = asyncio.create_task(words(pool, "spin"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert await words(pool, "pid", "b") != [str(os.getpid())]
    assert not spinning.done()
    spinning.cancel()
    with suppress(asyncio.CancelledError):
        await spinning
    assert len(pool.alive) == 1


async def test_one_registry_decodes_one_body_at_a_time(pool: Pool) -> None:
    spinning = asyncio.create_task(words(pool, "spin"))
    waiting = asyncio.create_task(words(pool, "pid"))
    assert await words(pool, "x", "b") == ["x"]
    assert not waiting.done()
    assert pool.waiting == 1
    spinning.cancel()
    assert await waiting != []


async def test_who_leaves_while_he_waits_holds_no_turn(pool: Pool) -> None:
    spinning = asyncio.create_task(words(pool, "spin"))
    leaving = asyncio.create_task(words(pool, "pid"))
    await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert pool.waiting == 0
    spinning.cancel()
    await asyncio.gather(spinning, return_exceptions=True)
    assert await words(pool, "x") == ["x"]


async def test_more_than_the_queue_takes_are_turned_away() -> None:
    pool = Pool(replace(SMALL, processes=1, queue=1))
    spinning = asyncio.create_task(words(pool, "spin"))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(words(pool, "x", "b"))
    await asyncio.sleep(0.01)
    with pytest.raises(RegistryShed):
        await words(pool, "x", "c")
    spinning.cancel()
    assert await waiting == ["x"]
    await pool.close()


async def test_a_process_has_no_file_no_secret_and_no_right_to_write(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGW_SECRET", "x")
    with (tmp_path / "open").open("w"):
        # The three standard ones, its socket, and the folder that is being listed.
        assert len(await words(pool, "files")) <= 5
    assert "CGW_SECRET" not in await words(pool, "environment")
    with pytest.raises(InvalidPayload):
        await words(pool, f"write {tmp_path / 'written'}")
    assert not (tmp_path / "written").exists() or not (tmp_path / "written").read_bytes()


async def test_processes_that_have_nothing_to_do_end() -> None:
    pool = Pool(replace(SMALL, idle=0.01))
    (number,) = await words(pool, "pid")
    async with asyncio.timeout(20):
        while pool.alive or _lives(int(number)):  # noqa: ASYNC110 - the kernel says it to nobody
            await asyncio.sleep(0.01)
    assert await words(pool, "x") == ["x"]
    await pool.close()


async def test_what_made_the_processes_ends_after_the_last_of_them() -> None:
    nursery = Nursery(30.0)
    pool = Pool(replace(SMALL, idle=0.2), nursery)
    await asyncio.gather(*(words(pool, "x", registry) for registry in "abc"))
    made = nursery._process
    assert made is not None
    async with asyncio.timeout(20):
        while made.returncode is None:  # noqa: ASYNC110 - a thread ends it
            await asyncio.sleep(0.01)
    await pool.close()


async def test_what_is_at_work_when_the_pool_closes_is_given_up(pool: Pool) -> None:
    spinning = asyncio.create_task(words(pool, "spin"))
    async with asyncio.timeout(20):
        while not pool.alive:  # noqa: ASYNC110 - a thread starts it
            await asyncio.sleep(0.01)
    await pool.close()
    with pytest.raises(RegistryError):
        await spinning


async def test_a_nursery_that_was_killed_is_replaced() -> None:
    nursery = Nursery(30.0)
    pool = Pool(SMALL, nursery)
    assert await words(pool, "x") == ["x"]
    process = nursery._process
    assert process is not None
    process.kill()
    process.wait()
    with suppress(RegistryError):
        await words(pool, "x")
    assert await words(pool, "y") == ["y"]
    await pool.close()
    nursery.close()


async def test_where_no_process_can_be_started_the_body_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nursery = Nursery(5.0)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    pool = Pool(SMALL, nursery)
    with pytest.raises(RegistryShed, match="no process could be started"):
        await words(pool, "x")
    await pool.close()


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
