"""The gate: Retry-After in all its forms, shared by everybody."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Request
from gateway.errors import RegistryRateLimited
from gateway.upstream.gate import Gate, retry_after
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import Registry, SetClock, as_text, door_to, terms, upstream

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


DAY = "Thu, 01 Jan 2026 00:00:00 GMT"


class Even:
    """Chance that never adds anything."""

    def random(self) -> float:
        return 0.0

    def uuid(self) -> str:
        return "even"


def gate_of(clock: SetClock, **changes: float) -> Gate:
    return Gate(clock, Even(), Tuning(**{"gate_max": 300.0, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("00", 0.0),
        ("1.5", 1.5),
        ("1000000000", 1000000000.0),
        ("9" * 400, 999_999_999_999.0),
        ("5, 90", 90.0),
        ("-5", None),
        ("-0", None),
        ("+5", None),
        ("1e3", None),
        ("\u0661\u0662", None),
        ("nan", None),
        ("soon", None),
        ("5 seconds", None),
        ("", None),
        (",", None),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 99 Jan 2026 00:01:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_635_075_199.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(
    header: str | None, expected: float | None
) -> None:
    found = retry_after(header, NOW)
    if expected is None or expected < 2**31:
        assert found == expected
    else:
        assert found is not None
        assert found >= 2**31


def test_a_moment_is_counted_from_the_responses_own_date() -> None:
    told = "Thu, 01 Jan 2026 00:01:00 GMT"
    assert retry_after(told, NOW + 3600, DAY) == 60.0
    assert retry_after(told, NOW - 3600, DAY) == 60.0
    assert retry_after(told, NOW, "no date") == 60.0
    assert retry_after("7", NOW, DAY) == 7.0


@pytest.mark.parametrize("header", ["1000000000", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_absurd_waits_are_clamped(header: str) -> None:
    assert gate_of(SetClock()).refused(header) == 300


def test_a_longer_wait_stands_against_a_shorter_one() -> None:
    clock = SetClock()
    gate = gate_of(clock)
    gate.refused("100")
    clock.at += 10
    gate.refused("5")
    assert gate.wait == 90


@pytest.mark.parametrize("header", [None, "0", "-5", "soon", "1", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_whatever_the_header_says_each_refusal_waits_longer(header: str | None) -> None:
    clock = SetClock()
    gate = gate_of(clock)
    waits = []
    for _ in range(8):
        waits.append(gate.refused(header))
        clock.at += gate.wait
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert gate.cautious
    gate.answered()
    assert not gate.cautious


def test_a_registry_that_refuses_every_other_call_is_asked_less_and_less() -> None:
    clock = SetClock()
    gate = gate_of(clock)
    waits = []
    for _ in range(6):
        waits.append(gate.refused("0"))
        clock.at += gate.wait
        gate.answered()
    assert waits == [1, 2, 4, 8, 16, 32]


def test_many_answers_in_a_row_are_forgiveness_step_by_step() -> None:
    clock = SetClock()
    gate = gate_of(clock)
    for _ in range(3):
        gate.refused(None)
        clock.at += gate.wait
    for _ in range(10):
        gate.answered()
    assert gate.refused(None) == 2


def test_calls_that_are_refused_together_count_once() -> None:
    clock = SetClock()
    gate = gate_of(clock)
    assert [gate.refused("0") for _ in range(4)] == [1, 1, 1, 1]
    clock.at += 1
    assert gate.refused("0") == 2


@given(st.floats(0, 0.999), st.integers(0, 20))
def test_jitter_only_ever_adds(chance: float, refusals: int) -> None:
    class Loaded(Even):
        def random(self) -> float:
            return chance

    clock = SetClock()
    gate = Gate(clock, Loaded(), Tuning())
    for n in range(refusals):
        wait = gate.refused("0")
        least = min(2**n, 60)
        assert least - 1e-6 <= wait <= least * 1.25
        clock.at += wait + 1e-6


async def test_one_refusal_spares_the_registry_all_further_questions() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    async with Registry(refuse) as registry, door_to(upstream(registry.url)) as door:
        waits = []
        for n in range(5):
            with pytest.raises(RegistryRateLimited) as caught:
                await door.source("sample", terms()).read(Request(f"x{n}"), as_text)
            waits.append(caught.value.retry_after)
        assert registry.calls == 1
        assert all(wait is not None and 119 <= wait <= 120 for wait in waits)
        assert door.health("sample").not_before is not None


async def test_a_short_wait_is_waited_out_within_the_deadline() -> None:
    state = {"refused": False}

    async def once(_: web.Request) -> web.Response:
        if not state["refused"]:
            state["refused"] = True
            return web.Response(status=429, headers={"Retry-After": "1"})
        return web.Response(text="now")

    async with Registry(once) as registry, door_to(upstream(registry.url)) as door:
        asked = terms()
        answer = await door.source("sample", asked).read(Request("x"), as_text)
        assert answer.value == "now"
        assert registry.calls == 2
        assert asked.evidence.exchanges[0].attempts == 2
        assert asked.evidence.exchanges[0].latency_ms >= 990


@pytest.mark.parametrize("header", ["0", "-1", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_registry_that_says_now_is_not_asked_at_once_again(header: str) -> None:
    times: list[float] = []

    async def refuse(_: web.Request) -> web.Response:
        times.append(time.monotonic())
        return web.Response(status=429, headers={"Retry-After": header})

    async with Registry(refuse) as registry, door_to(upstream(registry.url)) as door:
        for n in range(4):
            with pytest.raises(RegistryRateLimited):
                await door.source("sample", terms(2.5)).read(Request(f"x{n}"), as_text)
    pauses = [later - sooner for sooner, later in pairwise(times)]
    assert all(pause >= 0.99 * 2**n for n, pause in enumerate(pauses))
