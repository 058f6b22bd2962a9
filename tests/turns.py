"""How often the event loop came round while something was done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class Turns:
    """`count` is how often others had their turn."""

    count: int = 0


@asynccontextmanager
async def counted() -> AsyncIterator[Turns]:
    """Counts the rounds of the event loop inside."""
    turns = Turns()

    async def beat() -> None:
        while True:
            await asyncio.sleep(0)
            turns.count += 1

    beating = asyncio.create_task(beat())
    try:
        yield turns
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
