"""The turnstile: rate, slots, order and the queue's end, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Politeness
from gateway.errors import CircuitOpen, RegistryRateLimited, RegistryShed
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.gate import Gate
from gateway.upstream.limit import Limit
from gateway.upstream.pace import LocalPace
from gateway.upstream.shares import Account
from gateway.upstream.tuning import Tuning
from gateway.upstream.turnstile import Turnstile
from tests.upstream.bench import Dice
from tests.upstream.virtual import VirtualClock, run_virtually


class Hall:
    """A turnstile and those who go through it, each staying a while."""

    def __init__(
        self,
        clock: VirtualClock,
        *,
        rate: float = 1000.0,
        period: float = 1.0,
        burst: int = 1000,
        concurrency: int = 4,
        queue: int = 32,
    ) -> None:
        self.clock = clock
        self.gate = Gate(clock, Dice(), Tuning())
        politeness = Politeness(rate=rate, period=period, burst=burst, concurrency=concurrency)
        self.turnstile = Turnstile(
            gate=self.gate,
            limit=Limit(concurrency),
            pace=LocalPace(politeness, clock),
            clock=clock,
            tuning=Tuning(queue=queue, floor=0.25),
        )
        self.passed: list[tuple[str, float]] = []
        self.most = 0

    async def go(
        self,
        name: str,
        *,
        stay: float = 0.0,
        patience: float = 1000.0,
        bulk: bool = False,
        account: Account | None = None,
    ) -> str:
        allowance = Allowance(self.clock.monotonic() + patience, bulk, account=account)
        try:
            async with self.turnstile.pass_through(allowance):
                self.passed.append((name, self.clock.monotonic()))
                self.most = max(self.most, self.turnstile.in_flight)
                await asyncio.sleep(stay)
        except Failure as failure:
            return type(failure.error).__name__
        return "passed"

    @property
    def order(self) -> list[str]:
        return [name for name, _ in self.passed]


def virtually(test: Any) -> Any:
    """Run the test's coroutine in virtual time."""

    def run() -> None:
        async def main(clock: VirtualClock) -> None:
            made: Coroutine[Any, Any, None] = test(clock)
            await made

        run_virtually(main)

    run.__name__ = test.__name__
    return run


@virtually
async def test_no_more_go_in_than_the_limit_and_those_who_wait_follow(clock: VirtualClock) -> None:
    hall = Hall(clock, concurrency=3)
    told = await asyncio.gather(*(hall.go(str(n), stay=1) for n in range(10)))
    assert told == ["passed"] * 10
    assert hall.most == 3
    assert clock.monotonic() == pytest.approx(4, abs=0.01)
    assert hall.turnstile.in_flight == 0


@virtually
async def test_the_pace_is_kept_after_the_burst(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=50, period=60, burst=5)
    await asyncio.gather(*(hall.go(str(n)) for n in range(10)))
    times = [when for _, when in hall.passed]
    assert times[4] == pytest.approx(0, abs=0.01)
    assert times[5] == pytest.approx(1.2, abs=0.01)
    assert times[9] == pytest.approx(6.0, abs=0.01)


@virtually
async def test_an_interactive_question_overtakes_bulk_use(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=1, burst=1)
    waiting = [asyncio.create_task(hall.go(f"bulk{n}", bulk=True)) for n in range(5)]
    await asyncio.sleep(1.5)
    waiting.append(asyncio.create_task(hall.go("first")))
    waiting.append(asyncio.create_task(hall.go("second")))
    await asyncio.gather(*waiting)
    assert hall.order == ["bulk0", "bulk1", "first", "second", "bulk2", "bulk3", "bulk4"]


@virtually
async def test_a_client_that_used_little_overtakes_one_that_used_much(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=1, burst=1, queue=6)
    much, little = Account(0.0, used=0.9), Account(0.0, used=0.1)
    waiting = [asyncio.create_task(hall.go(f"much{n}", account=much)) for n in range(6)]
    await asyncio.sleep(1.5)
    waiting.append(asyncio.create_task(hall.go("little", account=little, patience=2.0)))
    waiting.append(asyncio.create_task(hall.go("second", account=little)))
    waiting.append(asyncio.create_task(hall.go("third", account=little)))
    assert await asyncio.gather(*waiting) == [
        *["passed"] * 5,
        RegistryShed.__name__,
        *["passed"] * 3,
    ]
    assert hall.order == ["much0", "much1", "little", "second", "third", "much2", "much3", "much4"]


@virtually
async def test_a_full_queue_sheds_at_once(clock: VirtualClock) -> None:
    hall = Hall(clock, concurrency=1, queue=2)
    inside = asyncio.create_task(hall.go("inside", stay=9))
    await asyncio.sleep(0.1)
    waiting = [asyncio.create_task(hall.go(f"w{n}")) for n in range(2)]
    await asyncio.sleep(0.1)
    assert await hall.go("late") == RegistryShed.__name__
    assert clock.monotonic() == pytest.approx(0.2, abs=0.01)
    assert hall.turnstile.queued == 2
    await asyncio.gather(inside, *waiting)


@virtually
async def test_bulk_use_makes_room_in_a_full_queue(clock: VirtualClock) -> None:
    hall = Hall(clock, concurrency=1, queue=2)
    inside = asyncio.create_task(hall.go("inside", stay=9))
    await asyncio.sleep(0.1)
    bulk = [asyncio.create_task(hall.go(f"bulk{n}", bulk=True)) for n in range(2)]
    await asyncio.sleep(0.1)
    urgent = asyncio.create_task(hall.go("urgent"))
    assert await hall.go("more bulk", bulk=True) == RegistryShed.__name__
    assert await asyncio.gather(inside, *bulk, urgent) == [
        "passed",
        "passed",
        RegistryShed.__name__,
        "passed",
    ]
    assert hall.order == ["inside", "urgent", "bulk0"]


@virtually
async def test_those_whose_turn_comes_too_late_hear_it_at_once(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=1, burst=1)
    await hall.go("first")
    waiting = [asyncio.create_task(hall.go(f"w{n}")) for n in range(10)]
    await asyncio.sleep(0.01)
    assert await hall.go("hasty", patience=5) == RegistryRateLimited.__name__
    assert clock.monotonic() < 0.1
    await asyncio.gather(*waiting)


@virtually
async def test_nobody_waits_past_his_deadline(clock: VirtualClock) -> None:
    hall = Hall(clock, concurrency=1)
    inside = asyncio.create_task(hall.go("inside", stay=60))
    await asyncio.sleep(0.1)
    assert await hall.go("hasty", patience=5) == RegistryShed.__name__
    assert clock.monotonic() == pytest.approx(0.1 + 5 - 0.25, abs=0.01)
    await inside


@virtually
async def test_a_closed_gate_holds_everybody_and_then_lets_one_through(
    clock: VirtualClock,
) -> None:
    hall = Hall(clock, concurrency=4)
    hall.gate.refused("10")
    assert await hall.go("hasty", patience=5) == RegistryRateLimited.__name__
    waiting = [asyncio.create_task(hall.go(f"w{n}", stay=1)) for n in range(3)]
    await asyncio.gather(*waiting)
    times = [when for _, when in hall.passed]
    assert times == [pytest.approx(10 + n, abs=0.05) for n in range(3)]
    assert hall.most == 1


@virtually
async def test_a_turn_during_which_the_gate_closed_is_forfeit(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=1, burst=1)
    await hall.go("first")
    waiting = [asyncio.create_task(hall.go(f"w{n}")) for n in range(2)]
    await asyncio.sleep(0.5)
    hall.gate.close(10)
    await asyncio.gather(*waiting)
    times = [when for _, when in hall.passed]
    assert times[1] >= 10.5
    assert times[2] - times[1] >= 0.99


@virtually
async def test_those_who_leave_while_waiting_leave_no_trace(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=1, burst=1, concurrency=2)
    await hall.go("first")
    waiting = [asyncio.create_task(hall.go(f"w{n}")) for n in range(5)]
    await asyncio.sleep(0.5)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert hall.turnstile.queued == 0
    assert hall.turnstile.in_flight == 0
    assert len(asyncio.all_tasks()) == 1
    assert await hall.go("next") == "passed"
    assert clock.monotonic() == pytest.approx(1, abs=0.03)


@virtually
async def test_all_who_wait_are_turned_away_when_it_is_hopeless(clock: VirtualClock) -> None:
    hall = Hall(clock, rate=1, burst=1)
    await hall.go("first")
    waiting = [asyncio.create_task(hall.go(f"w{n}")) for n in range(5)]
    await asyncio.sleep(0.5)
    hall.turnstile.turn_away(CircuitOpen("open"))
    assert await asyncio.gather(*waiting) == [CircuitOpen.__name__] * 5
    assert clock.monotonic() == pytest.approx(0.5, abs=0.01)


@settings(max_examples=100, deadline=None)
@given(
    rate=st.sampled_from([0.5, 1.0, 3.0, 10.0]),
    burst=st.integers(1, 5),
    concurrency=st.integers(1, 5),
    calls=st.lists(
        st.tuples(
            st.floats(0, 20), st.floats(0, 3), st.floats(0.3, 30), st.booleans(), st.floats(0, 40)
        ),
        max_size=40,
    ),
)
def test_no_schedule_breaks_rate_limit_or_deadline(
    rate: float,
    burst: int,
    concurrency: int,
    calls: list[tuple[float, float, float, bool, float]],
) -> None:
    async def main(clock: VirtualClock) -> None:
        hall = Hall(clock, rate=rate, burst=burst, concurrency=concurrency, queue=8)

        async def caller(
            name: str, start: float, stay: float, patience: float, bulk: bool, leave: float
        ) -> None:
            await asyncio.sleep(start)
            try:
                async with asyncio.timeout(leave):
                    await hall.go(name, stay=stay, patience=patience, bulk=bulk)
            except TimeoutError:
                return
            assert clock.monotonic() <= start + patience + stay + 0.05

        await asyncio.gather(*(caller(str(n), *call) for n, call in enumerate(calls)))
        times = [when for _, when in hall.passed]
        for first in range(len(times)):
            for last in range(first, len(times)):
                assert last - first + 1 <= burst + (times[last] - times[first]) * rate + 0.01
        assert hall.most <= concurrency
        assert hall.turnstile.in_flight == 0
        assert hall.turnstile.queued == 0
        hall.turnstile.close()

    run_virtually(main)
