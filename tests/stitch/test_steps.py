"""Long work goes step by step, and whatever else waits has its turn between two of them."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from gateway.config import LimitSettings
from gateway.errors import Outcome
from gateway.model.entity import Entity
from gateway.model.question import Op, Order, Predicate
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.stitch.steps import STEP, Steps
from gateway.upstream.terms import Terms
from tests.stepclock import StepClock
from tests.stitch.fake import FakeRegistry, ask, federation, projects
from tests.turns import counted

MANY = 3_000
NOWHERE = (Predicate("text", Op.CONTAINS, "nowhere"),)


@pytest.mark.parametrize("count", [0, 1, STEP, STEP + 1, 5 * STEP, 1000])
async def test_each_row_is_worked_on_once_and_in_order(count: int) -> None:
    assert await Steps().each(lambda n: -n, range(count)) == [-n for n in range(count)]


async def test_others_have_their_turn_between_two_steps() -> None:
    async with counted() as turns:
        await Steps().each(lambda n: n, range(STEP))
        assert turns.count == 0
        await Steps().each(lambda n: n, range(50 * STEP))
    assert turns.count >= 49


async def test_several_works_take_one_step_a_round_together() -> None:
    steps, done = Steps(), 0
    most, before = 0, 0

    def work(n: int) -> None:
        nonlocal done
        done += 1

    async def watch() -> None:
        nonlocal most, before
        while True:
            before = done
            await asyncio.sleep(0)
            most = max(most, done - before)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(steps.each(work, range(20 * STEP)) for _ in range(10)))
    watching.cancel()
    assert done == 10 * 20 * STEP
    assert most <= STEP


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 5003])
async def test_rows_are_ranked_as_sorted_does_it(count: int, descending: bool) -> None:
    dice = random.Random(count)
    rows = [(dice.randrange(50), n) for n in range(count)]
    expected = sorted(rows, key=lambda row: row[0], reverse=descending)
    assert await Steps().ranked(lambda row: row[0], rows, descending=descending) == expected


async def test_a_work_that_fails_or_is_given_up_gives_its_turn_on() -> None:
    steps = Steps()

    def broken(n: int) -> None:
        if n == 3 * STEP:
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the work's own
        await steps.each(broken, range(10 * STEP))
    given_up = asyncio.create_task(steps.each(str, range(1000 * STEP)))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await steps.each(int, range(2 * STEP)) == list(range(2 * STEP))


def file_like(count: int = MANY) -> FakeRegistry:
    """A registry whose pages are at hand, as those of a file are."""
    return FakeRegistry("r", {Entity.PROJECT: projects(count)}, page_size=1000)


@pytest.mark.parametrize(
    "asked",
    [
        {"predicates": NOWHERE},
        {"predicates": NOWHERE, "order": Order("project_name")},
        {"order": Order("project_name", descending=True)},
    ],
)
async def test_a_walk_over_pages_that_are_at_hand_holds_nobody_up(asked: Any) -> None:
    one = file_like()
    made = ask(federation(one))
    async with counted() as turns:
        page = await connect(made, Entity.PROJECT, registries=("r",), **asked)
    assert page.coverage[0].outcome is Outcome.OK
    assert turns.count >= MANY // STEP


async def test_a_filter_on_the_project_holds_nobody_up_either() -> None:
    units = [
        msgspec.structs.replace(row, key=f"u{n}", project=f"p{n}")
        for n, row in enumerate(projects(MANY))
    ]
    one = FakeRegistry("r", {Entity.PROJECT: projects(5), Entity.UNIT: units}, page_size=1000)
    made = ask(federation(one))
    asked = (Predicate("project.text", Op.CONTAINS, "nowhere"),)
    async with counted() as turns:
        await connect(made, Entity.UNIT, registries=("r",), predicates=asked)
    assert turns.count >= MANY // STEP


async def test_a_walk_that_reads_nothing_more_ends_at_the_deadline_and_goes_on_later() -> None:
    one = file_like(5_000)
    clock = StepClock()
    fed = replace(federation(one, limits=LimitSettings()), clock=clock)
    asked = (Predicate("text", Op.CONTAINS, "Name 3"),)

    def made() -> Ask:
        return Ask(fed, Terms(deadline=clock.monotonic() + 10))

    first = made()
    reading = asyncio.create_task(
        connect(first, Entity.PROJECT, registries=("r",), predicates=asked, first=10**6)
    )
    while one.calls < 2:  # noqa: ASYNC110 - the fake tells nobody
        await asyncio.sleep(0)
    await clock.forward(20)
    page = await reading
    row = page.coverage[0]
    assert (row.outcome, row.complete) == (Outcome.PARTIAL, False)
    assert "the time of one operation is used up; go on from `endCursor`" in str(row.message)
    assert first.truncated
    rest = await connect(
        made(),
        Entity.PROJECT,
        registries=("r",),
        predicates=asked,
        first=10**6,
        after=page.page_info.end_cursor,
    )
    keys = [record.key for record in (*page.nodes, *rest.nodes)]
    assert keys == [f"p{n}" for n in range(5_000) if (n * 7) % 11 == 3]
