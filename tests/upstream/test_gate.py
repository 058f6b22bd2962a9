"""The gate: Retry-After in all its forms, shared by everybody."""

from __future__ import annotations

import pytest
from aiohttp import web

from adapters.contract import Request
from gateway.errors import RegistryRateLimited
from gateway.upstream.gate import Gate, retry_after
from tests.upstream.bench import Registry, SetClock, as_text, door_to, terms, upstream

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1000000000", 1000000000.0),
        ("9" * 400, 2.0**31),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1.5", None),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 99 Jan 2026 00:01:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(
    header: str | None, expected: float | None
) -> None:
    assert retry_after(header, NOW) == expected


def test_absurd_waits_are_clamped() -> None:
    gate = Gate(SetClock(), 300)
    assert gate.refused("1000000000") == 300


def test_a_longer_wait_stands_against_a_shorter_one() -> None:
    clock = SetClock()
    gate = Gate(clock, 300)
    gate.refused("100")
    clock.at += 10
    gate.refused("5")
    assert gate.wait == 90


def test_refusals_without_a_header_wait_longer_each_time() -> None:
    clock = SetClock()
    gate = Gate(clock, 300)
    waits = []
    for _ in range(8):
        waits.append(gate.refused(None))
        clock.at += gate.wait
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert gate.cautious
    gate.answered()
    assert not gate.cautious
    assert gate.refused(None) == 1


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
        asked = terms(3)
        answer = await door.source("sample", asked).read(Request("x"), as_text)
        assert answer.value == "now"
        assert registry.calls == 2
        assert asked.evidence.exchanges[0].attempts == 2
        assert asked.evidence.exchanges[0].latency_ms >= 990
