"""Work on many rows in steps, between which the event loop turns to whatever else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Rows of a step: to make a view of each takes a millisecond or two.
STEP = 500


async def in_steps(work: Callable[[T], R], rows: Iterable[T]) -> list[R]:
    """What the work makes of each row."""
    left, made = iter(rows), list[R]()
    while some := list(islice(left, STEP)):
        made += map(work, some)
        if len(some) == STEP:
            await asyncio.sleep(0)
    return made
