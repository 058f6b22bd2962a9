"""Admission: what is refused under load, and how a process stops."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Overloaded
from gateway.upstream.admission import Admission
from tests.upstream.bench import SetClock
from tests.upstream.virtual import VirtualClock, VirtualLoop, run_virtually


async def test_over_the_limit_requests_are_refused_at_once_with_a_time_to_return() -> None:
    admission = Admission(2, clock=SetClock(), retry_after=1.5)
    with admission.admit(), admission.admit():
        with pytest.raises(Overloaded) as caught, admission.admit():
            raise AssertionError
        assert caught.value.extensions == {"code": "OVERLOADED", "retryAfterSeconds": 2}
    with admission.admit():
        assert admission.in_flight == 1
    assert (admission.admitted, admission.shed, admission.in_flight) == (3, 1, 0)


async def test_wide_requests_leave_room_for_the_cheap_ones() -> None:
    admission = Admission(4, clock=SetClock())
    with admission.admit(wide=True), admission.admit(wide=True), admission.admit(wide=True):
        with pytest.raises(Overloaded), admission.admit(wide=True):
            raise AssertionError
        with admission.admit():
            assert admission.in_flight == 4


async def test_room_is_given_back_however_the_request_ends() -> None:
    admission = Admission(1, clock=SetClock())
    with pytest.raises(ZeroDivisionError), admission.admit():
        raise ZeroDivisionError
    with admission.admit():
        pass


def test_draining_waits_for_what_is_under_way_and_admits_nothing_more() -> None:
    async def main(clock: VirtualClock) -> None:
        admission = Admission(9, clock=clock)

        async def request(seconds: float) -> None:
            with admission.admit():
                await asyncio.sleep(seconds)

        under_way = [asyncio.create_task(request(5)), asyncio.create_task(request(2))]
        await asyncio.sleep(1)
        draining = asyncio.create_task(admission.drain(25))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="shutting down"), admission.admit():
            raise AssertionError
        assert await draining
        assert clock.monotonic() == pytest.approx(5, abs=0.01)
        await asyncio.gather(*under_way)

    run_virtually(main)


def test_draining_gives_up_at_its_deadline() -> None:
    async def main(clock: VirtualClock) -> None:
        admission = Admission(9, clock=clock)

        async def request() -> None:
            with admission.admit():
                await asyncio.sleep(60)

        stuck = asyncio.create_task(request())
        await asyncio.sleep(0)
        assert not await admission.drain(25)
        assert clock.monotonic() == pytest.approx(25, abs=0.01)
        await stuck
        assert await admission.drain(1)

    run_virtually(main)


class LateClock(VirtualClock):
    """A clock on which every sleep takes longer than it should."""

    late = 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds + self.late)


def test_a_loop_that_lags_for_a_second_admits_less_until_it_recovers() -> None:
    async def main(clock: VirtualClock) -> None:
        slow = LateClock(asyncio.get_running_loop())
        admission = Admission(100, clock=slow, lag_span=1.0)
        admission.start()
        admission.start()

        async def request() -> None:
            with admission.admit():
                await asyncio.sleep(0.01)

        async def load() -> None:
            while True:
                await asyncio.gather(*(request() for _ in range(40)), return_exceptions=True)

        busy = asyncio.create_task(load())
        await asyncio.sleep(1)
        slow.late = 0.5
        await asyncio.sleep(0.9)
        assert admission.allowed == 100
        await asyncio.sleep(0.4)
        assert admission.allowed == pytest.approx(20, abs=1)
        await asyncio.sleep(5)
        assert admission.allowed == 4
        assert admission.shed > 0
        slow.late = 0.0
        await asyncio.sleep(0.6)
        assert 4 < admission.allowed <= 16
        await asyncio.sleep(5)
        assert admission.allowed == 100
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        await admission.close()
        await admission.close()

    run_virtually(main)


def test_a_limit_below_the_least_stays_a_limit() -> None:
    async def main(clock: VirtualClock) -> None:
        slow = LateClock(asyncio.get_running_loop())
        slow.late = 2.0
        admission = Admission(2, clock=slow, lag_span=1.0)
        admission.start()
        await asyncio.sleep(10)
        assert admission.allowed == 2
        await admission.close()

    run_virtually(main)


def test_a_healthy_loop_does_not_shed() -> None:
    async def main(clock: VirtualClock) -> None:
        admission = Admission(9, clock=clock)
        admission.start()
        await asyncio.sleep(20)
        assert admission.allowed == 9
        await admission.close()

    run_virtually(main)


def test_requests_start_one_at_a_time_in_their_order() -> None:
    async def main(clock: VirtualClock) -> None:
        admission = Admission(99, clock=clock)
        started: list[int] = []
        active = most = 0

        async def request(number: int) -> None:
            nonlocal active, most
            async with admission.admit():
                started.append(number)
                active += 1
                most = max(most, active)
                for _ in range(3):
                    await asyncio.sleep(0)
                active -= 1

        await asyncio.gather(*(request(n) for n in range(50)))
        assert started == list(range(50))
        assert most < 10
        assert admission.in_flight == 0

    run_virtually(main)


def test_one_who_leaves_before_his_turn_gives_his_place_back() -> None:
    async def main(clock: VirtualClock) -> None:
        admission = Admission(99, clock=clock)
        started: list[int] = []

        async def request(number: int) -> None:
            async with admission.admit():
                started.append(number)

        tasks = [asyncio.create_task(request(n)) for n in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert started == [0, 2]
        assert admission.in_flight == 0

    run_virtually(main)


async def test_a_refused_request_never_waits_for_a_turn() -> None:
    admission = Admission(1, clock=SetClock())
    with admission.admit(), pytest.raises(Overloaded):
        async with admission.admit():
            raise AssertionError
    assert admission.in_flight == 0


def test_turns_that_come_late_are_a_reason_to_admit_less() -> None:
    async def main(clock: VirtualClock) -> None:
        admission = Admission(200, clock=clock, lag_span=1.0, wait=1.0)
        admission.start()
        refused = 0

        async def request() -> None:
            nonlocal refused
            try:
                async with admission.admit():
                    await asyncio.sleep(0)
            except Overloaded:
                refused += 1

        # A loop whose every turn takes 20 ms of virtual computing: 50 turns a second.
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.turn = 0.02
        requests = []
        for _ in range(40):
            requests += [asyncio.create_task(request()) for _ in range(20)]
            await asyncio.sleep(0.1)
        loop.turn = 0.0
        await asyncio.gather(*requests)
        assert refused > 300
        assert 4 <= admission.allowed < 120
        await admission.close()

    run_virtually(main)
