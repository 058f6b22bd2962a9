"""The scheduler: steps are timed, and those of clients that used little come first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from gateway.upstream.scheduler import SLICE, Scheduler, charged, for_all, working_for
from gateway.upstream.shares import Shares
from tests.upstream.bench import SetClock


class Timer:
    """Time that passes when a step says so."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def bench() -> AsyncIterator[tuple[Scheduler, Shares, Timer]]:
    timer = Timer()
    shares = Shares(SetClock())
    scheduler = Scheduler(shares, timer)
    loop = asyncio.get_running_loop()
    scheduler.install(loop)
    yield scheduler, shares, timer
    scheduler.remove(loop)


Bench = tuple[Scheduler, Shares, Timer]


def steps(
    timer: Timer, order: list[str], name: str, many: int, took: float
) -> Callable[[], Coroutine[Any, Any, str]]:
    async def work() -> str:
        for _ in range(many):
            timer.at += took
            order.append(name)
            await asyncio.sleep(0)
        return name

    return work


async def test_each_step_counts_as_its_client_s_and_those_of_his_tasks_too(bench: Bench) -> None:
    scheduler, shares, timer = bench

    async def work() -> str:
        timer.at += 0.25
        order: list[str] = []
        await asyncio.gather(*(steps(timer, order, "b", 2, 0.5)() for _ in range(3)))
        return "done"

    assert await scheduler.run("one", work()) == "done"
    assert shares.account("one").worked == pytest.approx(3.25)
    assert working_for() is None


async def test_nobody_s_tasks_are_left_as_they_are(bench: Bench) -> None:
    _, shares, timer = bench
    order: list[str] = []
    assert await asyncio.create_task(steps(timer, order, "x", 2, 1.0)()) == "x"
    assert shares.account("").worked == 0.0


async def test_who_used_least_goes_first_once_a_slice_is_spent(bench: Bench) -> None:
    scheduler, shares, timer = bench
    shares.used("much", 5.0)
    order: list[str] = []

    def client(name: str) -> Coroutine[Any, Any, str]:
        return scheduler.run(name, steps(timer, order, name, 3, SLICE)())

    async def later() -> str:
        return await client("little")

    many = [asyncio.ensure_future(client("much")) for _ in range(5)]
    await asyncio.gather(*many, later())
    # A few of those who came first, and then all of the one who used least.
    last = max(n for n, name in enumerate(order) if name == "little")
    assert last < 7
    assert order.count("much") == 15
    assert scheduler.waiting == 0


async def test_others_get_their_turn_while_steps_wait(bench: Bench) -> None:
    scheduler, _, timer = bench
    order: list[str] = []
    many = [
        asyncio.ensure_future(scheduler.run("one", steps(timer, order, "one", 1, SLICE)()))
        for _ in range(20)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    # A turn of the loop later only some have had theirs.
    assert 0 < len(order) < 5
    await asyncio.gather(*many)
    assert len(order) == 20


async def test_work_for_several_clients_does_not_wait(bench: Bench) -> None:
    scheduler, shares, timer = bench
    order: list[str] = []

    async def begin() -> str:
        work = steps(timer, order, "all", 3, SLICE)()
        task = asyncio.create_task(work, context=for_all())
        return await task

    await asyncio.gather(
        *(scheduler.run("much", steps(timer, order, "much", 3, SLICE)()) for _ in range(4)),
        scheduler.run("much", begin()),
    )
    assert order.index("all") < 6
    assert shares.account("much").worked == pytest.approx(15 * SLICE)


async def test_who_is_called_off_while_waiting_is_told_so_and_holds_nobody_up(bench: Bench) -> None:
    scheduler, _, timer = bench
    order: list[str] = []
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(0)
            timer.at += SLICE
            await asyncio.sleep(0)
            await asyncio.sleep(3600)
        finally:
            cleaned.append("yes")

    tasks = [asyncio.ensure_future(scheduler.run("one", work())) for _ in range(6)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert scheduler.waiting
    for task in tasks:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in found)
    assert len(cleaned) <= 6
    await scheduler.run("one", steps(timer, order, "next", 1, 0.0)())
    assert order == ["next"]


async def test_errors_come_through_and_go_in(bench: Bench) -> None:
    scheduler, _, _ = bench

    async def inner() -> None:
        raise KeyError("inner")

    async def work() -> str:
        with pytest.raises(KeyError):
            await asyncio.create_task(inner())
        async with asyncio.timeout(0.0):
            await asyncio.sleep(3600)
        return "never"

    with pytest.raises(TimeoutError):
        await scheduler.run("one", work())


async def test_a_task_that_is_called_off_before_it_began_leaves_nothing_behind(
    bench: Bench,
) -> None:
    scheduler, _, _ = bench

    async def never() -> None:
        raise AssertionError("begun")

    async def work() -> None:
        task = asyncio.create_task(never())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    await scheduler.run("one", work())


async def test_work_in_a_thread_is_counted_whether_it_succeeds_or_not(bench: Bench) -> None:
    scheduler, shares, _ = bench

    def busy(fails: bool) -> int:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        if fails:
            raise KeyError("no")
        return 7

    async def work() -> None:
        assert await charged(asyncio.to_thread, busy, False) == 7
        with pytest.raises(KeyError):
            await charged(asyncio.to_thread, busy, True)

    await scheduler.run("one", work())
    assert shares.account("one").worked >= 0.04
    assert await charged(asyncio.to_thread, busy, False) == 7


async def test_who_used_much_rests_after_a_step_while_another_has_a_request_under_way(
    bench: Bench,
) -> None:
    scheduler, shares, timer = bench
    order: list[str] = []
    shares.used("much", 5.0)
    with shares.request("little"), shares.request("much"):
        work = asyncio.ensure_future(
            scheduler.run("much", steps(timer, order, "much", 3, SLICE / 2)())
        )
        for _ in range(20):
            await asyncio.sleep(0)
        # One step, and then a rest; whoever used little goes meanwhile.
        assert order == ["much"]
        assert scheduler.waiting == 1
        await scheduler.run("little", steps(timer, order, "little", 3, SLICE / 2)())
        assert order == ["much", *["little"] * 3]
        timer.at += 60
    assert await work == "much"
    assert order.count("much") == 3


async def test_who_used_much_does_not_rest_where_nobody_else_has_a_request_under_way(
    bench: Bench,
) -> None:
    scheduler, shares, timer = bench
    order: list[str] = []
    shares.used("much", 5.0)
    with shares.request("little"):
        pass
    with shares.request("much"):
        await scheduler.run("much", steps(timer, order, "much", 50, SLICE)())
    assert len(order) == 50
    assert not scheduler.rests(shares.account("much"))


async def test_calling_off_waits_for_its_turn_too_and_comes_through(bench: Bench) -> None:
    scheduler, shares, timer = bench
    shares.used("much", 5.0)
    order: list[str] = []

    async def work() -> None:
        timer.at += SLICE
        try:
            await asyncio.sleep(3600)
        finally:
            order.append("called off")

    with shares.request("little"), shares.request("much"):
        task = asyncio.ensure_future(scheduler.run("much", work()))
        await asyncio.sleep(0)
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == []
        timer.at += 60
        with pytest.raises(asyncio.CancelledError):
            await task
    assert order == ["called off"]
