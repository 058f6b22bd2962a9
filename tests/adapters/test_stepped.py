"""Many rows in steps: all of them, in their order, and others between."""

from __future__ import annotations

import asyncio

from adapters.stepped import STEP, in_steps


async def test_every_row_is_worked_on_in_its_order() -> None:
    for count in (0, 1, STEP - 1, STEP, STEP + 1, 3 * STEP):
        assert await in_steps(str, range(count)) == list(map(str, range(count)))


async def test_others_come_between_the_steps() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await in_steps(str, range(5 * STEP))
    beside.cancel()
    assert turns >= 5
