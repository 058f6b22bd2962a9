"""The pace: in no window of the declared length do more requests go out than are declared."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalogue import adapters
from adapters.contract import Politeness, Request
from adapters.sp_platform import POLITENESS as VERRA
from gateway.provenance.evidence import Evidence
from gateway.upstream.gate import Gate
from gateway.upstream.pace import LocalPace, SharedPace, Taken
from gateway.upstream.rate import Rate
from gateway.upstream.replicas import Turn
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import Dice, SetClock, as_text, facing
from tests.upstream.redis_server import redis_server
from tests.upstream.test_redis import replicas
from tests.upstream.virtual import VirtualClock, run_virtually


def most_within(times: Sequence[float], window: float) -> int:
    """The most that lie in any window of that length, its ends included."""
    found, first = 0, 0
    for last, when in enumerate(times):
        while when - times[first] > window:
            first += 1
        found = max(found, last - first + 1)
    return found


RATES = st.builds(
    Politeness,
    rate=st.one_of(st.integers(1, 80).map(float), st.floats(0.05, 40)),
    period=st.floats(0.5, 90),
    burst=st.integers(1, 100),
)
# Pauses between those who ask, in periods: crowds, drips and gaps.
PAUSES = st.lists(st.one_of(st.just(0.0), st.floats(0, 0.2), st.floats(0.9, 1.1)), max_size=200)


@given(RATES, PAUSES)
async def test_no_window_holds_more_than_declared(
    declared: Politeness, pauses: list[float]
) -> None:
    clock = SetClock()
    pace = LocalPace(declared, clock)
    times = []
    for pause in pauses:
        clock.at += pause * declared.period
        (await pace.turn()).left()
        times.append(clock.at)
    if declared.rate >= 1:
        assert most_within(times, declared.period) <= int(declared.rate)
    else:
        assert most_within(times, declared.period / declared.rate) <= 1


@given(st.lists(st.floats(0, 30), max_size=120))
async def test_verra_is_never_asked_fifty_one_times_in_a_minute(pauses: list[float]) -> None:
    clock = SetClock()
    pace = LocalPace(VERRA, clock)
    times = []
    for pause in [*pauses, *[0.0] * 120]:
        clock.at += pause
        (await pace.turn()).left()
        times.append(clock.at)
    assert VERRA.rate == 50
    assert most_within(times, 60.0) <= 50


async def test_the_declared_rate_is_also_reached() -> None:
    clock = SetClock()
    pace = LocalPace(VERRA, clock)
    for _ in range(500):
        (await pace.turn()).left()
    assert clock.at - 1000 <= 500 / 50 * 60 * 1.025


@given(RATES, st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 3)), max_size=120), st.randoms())
async def test_what_leaves_late_counts_from_when_it_left(
    declared: Politeness, asked: list[tuple[float, float]], dice: random.Random
) -> None:
    """Connections may take longer than a window: what was held up arrives all at once."""
    clock = SetClock()
    pace = LocalPace(declared, clock)
    times: list[float] = []
    held: list[tuple[float, Taken]] = []

    def leave(until: float) -> None:
        for when, taken in sorted(held, key=lambda one: one[0]):
            if when <= until:
                clock.at = max(clock.at, when)
                taken.left()
                times.append(clock.at)
        held[:] = [one for one in held if one[0] > until]

    for pause, takes in asked:
        leave(clock.at + pause * declared.period)
        clock.at += pause * declared.period
        while pace.wait():
            leave(clock.at + pace.wait())
            clock.at += pace.wait()
        held.append((clock.at + takes * declared.period, pace.take()))
    leave(float("inf"))
    times.sort()
    window, most = declared.period, int(declared.rate)
    if declared.rate < 1:
        window, most = window / declared.rate, 1
    assert most_within(times, window) <= most


@pytest.mark.parametrize("key", sorted(adapters()))
def test_every_adapter_declares_a_burst_inside_its_rate(key: str) -> None:
    declared = adapters()[key].politeness
    assert Rate.of(declared).burst == declared.burst


@given(RATES, st.integers(1, 70))
def test_parts_of_a_rate_are_together_no_more_than_the_whole(
    declared: Politeness, among: int
) -> None:
    whole = Rate.of(declared)
    part = whole.shared(among)
    assert part.turns * among / part.window <= whole.turns / whole.window * 1.000001
    assert part.burst <= part.turns


@settings(max_examples=50, deadline=None)
@given(RATES, st.integers(0, 100), st.integers(0, 40))
async def test_the_least_wait_is_never_more_than_the_real_one(
    declared: Politeness, before: int, ahead: int
) -> None:
    clock = SetClock()
    pace = LocalPace(declared, clock)
    for _ in range(before):
        (await pace.turn()).left()
    least, began = pace.least(ahead), clock.at
    for _ in range(ahead + 1):
        (await pace.turn()).left()
    assert least <= clock.at - began + 1e-3


class Away:
    """Replicas out of reach, of which there were so many."""

    def __init__(self, among: int) -> None:
        self.among = among

    async def turn(self, registry: str, rate: Rate, late: int = 0) -> Turn:
        return Turn(among=self.among)

    def __getattr__(self, name: str) -> None:
        raise AssertionError(name)


def test_replicas_that_lose_sight_of_each_other_keep_to_their_parts() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        declared = Politeness(rate=50, period=60, burst=5)
        times: list[float] = []

        async def replica() -> None:
            gate = Gate(clock, Dice(), Tuning())
            away = Away(3)
            pace = SharedPace("a", declared, away, gate=gate, clock=clock)  # type: ignore[arg-type]
            for _ in range(40):
                (await pace.turn()).left()
                times.append(clock.monotonic())

        await asyncio.gather(replica(), replica(), replica())
        return sorted(times)

    assert most_within(run_virtually(main), 60.0) <= 50


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


async def test_over_all_replicas_no_window_holds_more_than_declared(server: str) -> None:
    declared = Politeness(rate=12, period=0.6, burst=4)
    rate = Rate.of(declared)
    # When each turn was asked for, and when it was heard of: it was given between the two.
    turns: list[tuple[float, float]] = []

    async def replica(seed: int) -> None:
        one = replicas(server, seed)
        while len(turns) < 40:
            sent = time.monotonic()
            wait, _, _ = await one.turn("windows", rate)
            if wait:
                await asyncio.sleep(wait)
            else:
                turns.append((sent, time.monotonic()))
        await one.close()

    async with asyncio.timeout(120):
        await asyncio.gather(*(replica(seed) for seed in range(4)))
    # What surely was within one period, however late a busy machine heard of it.
    for began, _ in turns:
        ends = began + declared.period
        assert sum(began <= sent and heard < ends for sent, heard in turns) <= 12


async def test_replicas_are_counted_and_remembered_when_the_store_is_gone(tmp_path: Path) -> None:
    rate = Rate.of(Politeness(rate=50, period=60, burst=5))
    async with AsyncExitStack() as stack:
        with redis_server(tmp_path) as url:
            three = [replicas(url, seed) for seed in range(3)]
            for one in three:
                stack.push_async_callback(one.close)
                assert await one.turn("there", rate) == Turn()
            assert await three[0].turn("there", rate) == Turn()
        assert await three[0].turn("there", rate) == Turn(among=3)


async def test_every_hop_of_a_redirect_takes_a_turn() -> None:
    times: list[float] = []
    clock = SetClock()

    async def onward(request: web.Request) -> web.Response:
        times.append(clock.monotonic())
        step = int(request.path.rsplit("/", 1)[-1])
        if step < 3:
            return web.Response(status=302, headers={"Location": f"/api/{step + 1}"})
        return web.Response(text="there")

    slow = Politeness(rate=2, period=0.5, burst=1, timeout=5)
    async with facing(onward, changes={"politeness": slow}, clock=clock) as (_, door):
        asked = Terms(clock.monotonic() + 8, evidence=Evidence())
        await door.source("sample", asked).read(Request("0"), as_text)
    assert len(times) == 4
    assert most_within(times, 0.49) <= 2
