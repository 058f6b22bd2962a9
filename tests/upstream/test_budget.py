"""Retries: which failures deserve one, and how many in all."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Request
from gateway.errors import RegistryError
from gateway.provenance.evidence import Evidence
from gateway.upstream.budget import RetryBudget
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import SetClock, as_json, facing, terms

QUICK = Tuning(margin=0.02, floor=0.03, backoff=0.001, backoff_max=0.002, budget_floor=10)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 4)), max_size=200))
def test_retries_in_any_window_stay_within_their_share(steps: list[tuple[bool, float]]) -> None:
    clock, tuning = SetClock(), Tuning()
    budget = RetryBudget(clock, tuning)
    calls: list[float] = []
    retries: list[float] = []
    for is_call, pause in steps:
        clock.at += pause
        if is_call:
            budget.called()
            calls.append(clock.at)
        elif budget.spend():
            retries.append(clock.at)
            since = clock.at - tuning.budget_window
            used = sum(when > since for when in retries)
            made = sum(when > since for when in calls)
            assert used <= tuning.budget_share * made + tuning.budget_floor


@pytest.mark.parametrize(
    ("status", "attempts"),
    [
        (200, 1),
        (400, 1),
        (401, 1),
        (403, 1),
        (404, 1),
        (408, 3),
        (500, 1),
        (501, 1),
        (502, 3),
        (503, 3),
        (504, 3),
    ],
)
async def test_only_statuses_that_may_pass_are_tried_again(status: int, attempts: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="{}")

    async with facing(answer, tuning=QUICK) as (registry, door):
        with contextlib.suppress(RegistryError):
            await door.source("sample", terms()).read(Request("x"), as_json)
        assert registry.calls == attempts


async def test_a_body_that_is_no_answer_is_not_asked_for_again() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    async with facing(page, tuning=QUICK) as (registry, door):
        with pytest.raises(RegistryError, match="promises"):
            await door.source("sample", terms()).read(Request("x"), as_json)
        assert registry.calls == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_broken_connection_is_tried_again_by_the_door_alone(method: str) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with facing(hang_up, tuning=QUICK) as (registry, door):
        asked = terms()
        with pytest.raises(RegistryError):
            await door.source("sample", asked).read(Request("x", method=method), as_json)
        assert registry.calls == 3
        assert asked.evidence.exchanges[0].attempts == 3


async def test_a_registry_that_only_fails_is_not_stormed() -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=503)

    tuning = Tuning(
        margin=0.02, floor=0.03, backoff=0.001, backoff_max=0.002, breaker_least=10_000, queue=200
    )
    async with facing(busy, tuning=tuning) as (registry, door):

        async def one(n: int) -> None:
            with pytest.raises(RegistryError):
                await door.source("sample", terms()).read(Request(f"x{n}"), as_json)

        await asyncio.gather(*(one(n) for n in range(100)))
        assert registry.calls <= 100 * 1.2 + 1
        health = door.lane("sample").tally
        assert health.retries == registry.calls - 100


async def test_no_retry_starts_that_cannot_end_in_time() -> None:
    clock = SetClock()

    async def slow_and_busy(_: web.Request) -> web.Response:
        clock.at += 100
        return web.Response(status=503)

    tuning = Tuning(margin=20, floor=150, backoff=1, budget_floor=10)
    async with facing(slow_and_busy, tuning=tuning, clock=clock) as (registry, door):
        asked = Terms(deadline=clock.monotonic() + 240, evidence=Evidence())
        with pytest.raises(RegistryError, match="503"):
            await door.source("sample", asked).read(Request("x"), as_json)
        assert registry.calls == 1
