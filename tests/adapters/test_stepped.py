"""Many rows in steps: all of them, in their order, and others between."""

from __future__ import annotations

import asyncio

from adapters.stepped import STEP, in_steps
from tests.turns import counted


async def test_every_row_is_worked_on_in_its_order() -> None:
    for count in (0, 1, STEP - 1, STEP, STEP + 1, 3 * STEP):
        assert await in_steps(str, range(count)) == list(map(str, range(count)))


async def test_others_come_between_the_steps() -> None:
    async with counted() as turns:
        await asyncio.sleep(0)
        await in_steps(str, range(5 * STEP))
    assert turns.count >= 5
