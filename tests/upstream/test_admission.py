"""Admission: what is refused under load, and how a process stops."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Overloaded
from gateway.upstream.admission import Admission
from tests.upstream.bench import HandClock, SetClock
from tests.upstream.virtual import VirtualClock, run_virtually


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


def test_a_loop_that_lags_for_a_second_sheds_until_it_recovers() -> None:
    async def main(clock: VirtualClock) -> None:
        slow = LateClock(asyncio.get_running_loop())
        admission = Admission(9, clock=slow)
        admission.start()
        admission.start()
        await asyncio.sleep(1)
        slow.late = 0.3
        await asyncio.sleep(0.9)
        assert not admission.lagging
        await asyncio.sleep(0.9)
        assert admission.lagging
        with pytest.raises(Overloaded), admission.admit():
            raise AssertionError
        slow.late = 0.0
        await asyncio.sleep(0.5)
        assert not admission.lagging
        await admission.close()
        await admission.close()

    run_virtually(main)


async def test_a_healthy_loop_does_not_shed() -> None:
    admission = Admission(9, clock=HandClock())
    admission.start()
    await asyncio.sleep(0.2)
    assert not admission.lagging
    await admission.close()
