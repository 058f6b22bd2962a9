"""Bounds in time: what they end, and what they leave alone."""

from __future__ import annotations

import asyncio

import pytest

from gateway.within import Within
from tests.upstream.virtual import VirtualClock, run_virtually


async def test_what_takes_too_long_is_cancelled_and_called_a_timeout() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    with pytest.raises(TimeoutError), Within(0.01):
        await work()
    assert seen == ["cancelled"]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


def test_what_is_done_in_time_is_left_alone() -> None:
    async def main(clock: VirtualClock) -> None:
        with Within(1):
            await clock.sleep(0.9)
        await clock.sleep(3)

    run_virtually(main)


async def test_a_time_that_is_over_already_ends_the_first_wait() -> None:
    with pytest.raises(TimeoutError), Within(-1):
        await asyncio.sleep(5)


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def work() -> None:
        with Within(5):
            await asyncio.sleep(5)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_both_at_once_the_one_from_outside_counts() -> None:
    async def work() -> None:
        with Within(0):
            await asyncio.sleep(5)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_its_own_is_not_hidden_by_the_end() -> None:
    async def work() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            raise ValueError("own") from None

    with pytest.raises(ValueError, match="own"), Within(0.01):
        await work()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


def test_outside_of_a_task_there_is_nothing_to_bind() -> None:
    with pytest.raises(RuntimeError), Within(1):
        pass
