"""Single flight: one call for all who ask the same, whoever leaves."""

from __future__ import annotations

import asyncio

import pytest

from gateway.upstream.flight import Allowance, Flights, Left
from tests.upstream.virtual import VirtualClock, run_virtually


class Work:
    """Work that takes a while, and counts how often it was begun and called off."""

    def __init__(self, seconds: float, error: Exception | None = None) -> None:
        self.seconds = seconds
        self.error = error
        self.begun = 0
        self.called_off = 0
        self.allowance: Allowance | None = None

    async def __call__(self, allowance: Allowance) -> str:
        self.begun += 1
        self.allowance = allowance
        allowance.attempts += 1
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.called_off += 1
            raise
        if self.error is not None:
            raise self.error
        return "done"


def test_fifty_callers_share_one_call() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(7)
        told = await asyncio.gather(*(flights.join("k", 10, False, work) for _ in range(50)))
        assert work.begun == 1
        assert sorted(told) == [("done", False)] + [("done", True)] * 49
        assert len(flights) == 0

    run_virtually(main)


def test_a_failure_is_shared_too_and_the_next_question_starts_anew() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(1, ValueError("no"))
        joining = (flights.join("k", 10, False, work) for _ in range(50))
        told = await asyncio.gather(*joining, return_exceptions=True)
        assert all(isinstance(one, ValueError) for one in told)
        assert work.begun == 1
        with pytest.raises(ValueError, match="no"):
            await flights.join("k", 10, False, work)
        assert work.begun == 2

    run_virtually(main)


def test_a_leader_who_leaves_takes_nobody_with_him() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(5)
        leader = asyncio.create_task(flights.join("k", 10, False, work))
        await asyncio.sleep(1)
        follower = asyncio.create_task(flights.join("k", 10, False, work))
        await asyncio.sleep(1)
        leader.cancel()
        assert await follower == ("done", True)
        assert (work.begun, work.called_off) == (1, 0)

    run_virtually(main)


def test_the_last_one_to_leave_calls_the_flight_off() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(50)
        callers = [asyncio.create_task(flights.join("k", 99, False, work)) for _ in range(3)]
        await asyncio.sleep(1)
        for caller in callers:
            caller.cancel()
            await asyncio.sleep(1)
        assert (work.begun, work.called_off) == (1, 1)
        assert len(flights) == 0

    run_virtually(main)


def test_nobody_joins_a_flight_that_is_being_called_off() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(5)
        first = asyncio.create_task(flights.join("k", 10, False, work))
        await asyncio.sleep(1)
        first.cancel()
        await asyncio.sleep(0)
        assert await flights.join("k", 10, False, work) == ("done", False)
        assert (work.begun, work.called_off) == (2, 1)

    run_virtually(main)


def test_each_caller_leaves_at_his_own_deadline() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(5)
        patient = asyncio.create_task(flights.join("k", 10, True, work))
        await asyncio.sleep(0)
        with pytest.raises(Left) as caught:
            await flights.join("k", 3, True, work)
        assert caught.value.attempts == 1
        assert clock.monotonic() == pytest.approx(3, abs=0.01)
        assert await patient == ("done", False)

    run_virtually(main)


def test_the_flight_is_as_patient_and_as_urgent_as_the_most_so_of_its_callers() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(1)
        callers = [
            asyncio.create_task(flights.join("k", deadline, bulk, work))
            for deadline, bulk in [(5, True), (9, True), (7, False)]
        ]
        await asyncio.gather(*callers)
        assert work.allowance is not None
        assert work.allowance.deadline == 9
        assert work.allowance.bulk is False

    run_virtually(main)


def test_different_questions_fly_apart_and_closing_ends_them_all() -> None:
    async def main(clock: VirtualClock) -> None:
        flights: Flights[str] = Flights(clock)
        work = Work(50)
        callers = [asyncio.create_task(flights.join(k, 99, False, work)) for k in "abc"]
        await asyncio.sleep(1)
        assert len(flights) == 3
        await flights.close()
        assert work.called_off == 3
        told = await asyncio.gather(*callers, return_exceptions=True)
        assert all(isinstance(one, Left) for one in told)

    run_virtually(main)
