"""The breaker: a state machine against a model, and the sentences it was written from."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest
from aiohttp import web
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from adapters.contract import Request
from gateway.errors import CircuitOpen, RegistryError, RegistryHttpError
from gateway.provenance.evidence import Evidence
from gateway.upstream.breaker import Breaker, Permit
from gateway.upstream.health import BreakerState
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import Dice, SetClock, as_text, facing, terms

TUNING = Tuning(breaker_calls=6, breaker_least=3, breaker_window=10, breaker_open=4)


class BreakerMachine(RuleBasedStateMachine):
    """Calls start and end in any order while time passes; the model keeps plain lists."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.breaker = Breaker(self.clock, Dice(), TUNING)
        self.results: deque[tuple[float, bool]] = deque(maxlen=TUNING.breaker_calls)
        self.opened_at: float | None = None
        self.opened = 0
        self.healed = 0
        self.era = 0
        self.probe: Permit | None = None

    permits: Bundle[tuple[Permit, int]] = Bundle("permits")

    @rule(seconds=st.floats(0, 8))
    def time_passes(self, seconds: float) -> None:
        self.clock.at += seconds

    @rule(target=permits)
    def a_call_starts(self) -> tuple[Permit, int]:
        before = self.breaker.state
        permit = self.breaker.admit()
        if before is BreakerState.OPEN:
            assert permit is None
        if before is BreakerState.HALF_OPEN:
            assert (permit is None) == (self.probe is not None)
        if before is BreakerState.CLOSED:
            assert permit is not None
        if permit is not None and before is BreakerState.HALF_OPEN:
            self.probe = permit
        # A refused call is stood in for by a permit of an era that never was.
        return permit or Permit(self.breaker, -1, False), self.era

    @rule(pair=consumes(permits), ok=st.booleans())
    def a_call_ends(self, pair: tuple[Permit, int], ok: bool) -> None:
        permit, era = pair
        (permit.succeeded if ok else permit.failed)()
        permit.failed()  # a permit counts once
        if permit.era < 0 or era != self.era:
            return
        if permit is self.probe:
            self.probe = None
            self.healed = self.healed + 1 if ok else 0
            if not ok:
                self.opens()
            elif self.healed >= TUNING.breaker_heal:
                self.era += 1
                self.opened_at, self.opened, self.healed = None, 0, 0
                self.results.clear()
        else:
            self.results.append((self.clock.at, ok))
            since = self.clock.at - TUNING.breaker_window
            recent = [good for when, good in self.results if when >= since]
            enough = len(recent) >= TUNING.breaker_least
            if not ok and enough and recent.count(False) * 2 >= len(recent):
                self.opens()

    @rule(pair=consumes(permits))
    def a_call_is_given_up(self, pair: tuple[Permit, int]) -> None:
        permit, era = pair
        permit.withdrawn()
        if permit is self.probe and era == self.era:
            self.probe = None

    def opens(self) -> None:
        self.era += 1
        self.opened_at = self.clock.at
        self.opened += 1
        self.healed = 0
        self.probe = None
        self.results.clear()

    @invariant()
    def the_state_is_the_models(self) -> None:
        state = self.breaker.state
        if self.opened_at is None:
            assert state is BreakerState.CLOSED
            return
        pause = min(TUNING.breaker_open * 2 ** (self.opened - 1), TUNING.breaker_open_max)
        passed = self.clock.at - self.opened_at
        if passed < pause:
            assert state is BreakerState.OPEN
            assert self.breaker.retry_after > 0
        elif passed > pause * 1.1:
            assert state is BreakerState.HALF_OPEN


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def failing(times: int, breaker: Breaker) -> None:
    for _ in range(times):
        permit = breaker.admit()
        assert permit is not None
        permit.failed()


def test_the_breaker_needs_enough_calls_to_judge() -> None:
    breaker = Breaker(SetClock(), Dice(), Tuning())
    failing(4, breaker)
    assert not breaker.refuses
    failing(1, breaker)
    assert breaker.state is BreakerState.OPEN


def test_old_failures_are_forgotten() -> None:
    clock = SetClock()
    breaker = Breaker(clock, Dice(), Tuning())
    failing(4, breaker)
    clock.at += 31
    failing(4, breaker)
    assert breaker.state is BreakerState.CLOSED


def test_pauses_double_up_to_a_minute_and_start_over_once_healed() -> None:
    clock = SetClock()
    breaker = Breaker(clock, Dice(), Tuning())
    failing(5, breaker)
    pauses = []
    for _ in range(6):
        pauses.append(breaker.retry_after)
        clock.at += breaker.retry_after
        failing(1, breaker)
    for seen, least in zip(pauses, [5, 10, 20, 40, 60, 60], strict=True):
        assert least <= seen <= least * 1.1
    clock.at += breaker.retry_after
    for _ in range(2):
        permit = breaker.admit()
        assert permit is not None
        permit.succeeded()
    assert breaker.state is BreakerState.CLOSED
    failing(5, breaker)
    assert breaker.retry_after <= 5.5


async def test_a_hundred_callers_at_a_half_open_breaker_make_one_call() -> None:
    healthy = asyncio.Event()

    async def sick(_: web.Request) -> web.Response:
        await asyncio.sleep(0.02)
        return web.Response(status=200 if healthy.is_set() else 500)

    clock = SetClock()

    def terms() -> Terms:
        return Terms(deadline=clock.monotonic() + 30, evidence=Evidence())

    tuning = Tuning(margin=0.02, floor=0.03, breaker_open=10, queue=200)
    async with facing(sick, tuning=tuning, clock=clock) as (registry, door):
        for n in range(5):
            with pytest.raises(RegistryHttpError):
                await door.source("sample", terms()).read(Request(f"x{n}"), as_text)
        with pytest.raises(CircuitOpen) as caught:
            await door.source("sample", terms()).read(Request("y"), as_text)
        assert caught.value.retry_after is not None
        assert door.health("sample").breaker is BreakerState.OPEN
        assert registry.calls == 5
        clock.at += 12
        assert door.health("sample").breaker is BreakerState.HALF_OPEN

        async def one(n: int) -> str:
            try:
                await door.source("sample", terms()).read(Request(f"z{n}"), as_text)
            except RegistryError as error:
                return error.code
            return "OK"

        told = await asyncio.gather(*(one(n) for n in range(100)))
        assert registry.calls == 6
        assert told.count("REGISTRY_CIRCUIT_OPEN") == 99
        assert told.count("REGISTRY_HTTP_ERROR") == 1
        healthy.set()
        clock.at += 25
        assert [await one(200), await one(201)] == ["OK", "OK"]
        assert door.health("sample").breaker is BreakerState.CLOSED


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
async def test_that_the_registry_says_no_is_not_a_failure(status: int) -> None:
    async def no(_: web.Request) -> web.Response:
        return web.Response(status=status)

    async with facing(no) as (registry, door):
        for n in range(10):
            with pytest.raises(RegistryHttpError):
                await door.source("sample", terms()).read(Request(f"x{n}"), as_text)
        assert registry.calls == 10
        assert door.health("sample").breaker is BreakerState.CLOSED


def test_answers_that_turn_out_to_be_none_count_as_failures() -> None:
    breaker = Breaker(SetClock(), Dice(), TUNING)
    for _ in range(3):
        permit = breaker.admit()
        assert permit is not None
        permit.succeeded()
        breaker.refused()
    assert breaker.state is BreakerState.OPEN
    breaker.refused()
    assert breaker.state is BreakerState.OPEN


def test_one_answer_in_many_that_turns_out_to_be_none_closes_nobody_out() -> None:
    breaker = Breaker(SetClock(), Dice(), TUNING)
    for _ in range(6):
        permit = breaker.admit()
        assert permit is not None
        permit.succeeded()
    breaker.refused()
    assert breaker.state is BreakerState.CLOSED


def test_a_probe_whose_answer_turns_out_to_be_none_heals_nothing() -> None:
    clock = SetClock()
    breaker = Breaker(clock, Dice(), TUNING)
    for _ in range(3):
        breaker.refused()
    clock.at += 6
    probe = breaker.admit()
    assert probe is not None
    probe.succeeded()
    breaker.refused()
    assert breaker.state is BreakerState.OPEN
