"""Leaving leaves nothing behind, however often it happens."""

from __future__ import annotations

import asyncio

from adapters.contract import Politeness, Request
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream
from tests.upstream.bench import Dice, as_text
from tests.upstream.virtual import ClientEnd, MemoryConnector, VirtualClock, run_virtually


def test_ten_thousand_callers_who_leave_leave_no_task_and_no_connection() -> None:
    async def silent(reader: asyncio.StreamReader, client: ClientEnd) -> None:
        await reader.read(-1)

    async def main(clock: VirtualClock) -> None:
        connector = MemoryConnector(silent)
        polite = Politeness(rate=10_000, burst=1000, concurrency=50, timeout=20.0)
        one = Upstream("sample", "http://registry.example", "", polite)
        door = Door(
            {"sample": one},
            clock=clock,
            chance=Dice(),
            user_agent="soak",
            tuning=Tuning(queue=100),
            connector=lambda _: connector,
        )
        async with door:
            source = door.source("sample", Terms(1e9))
            base = len(asyncio.all_tasks())
            for crowd in range(100):
                callers = [
                    asyncio.create_task(source.read(Request(f"{crowd}/{n % 70}"), as_text))
                    for n in range(100)
                ]
                await asyncio.sleep(0.1)
                for caller in callers:
                    caller.cancel()
                await asyncio.gather(*callers, return_exceptions=True)
                await asyncio.sleep(0.01)
                health = door.health("sample")
                assert (health.in_flight, health.queued) == (0, 0)
                assert connector.open == 0
            assert health.requests == 10_000
            assert len(asyncio.all_tasks()) == base
            assert health.breaker.value == "CLOSED"
        await connector.hang_up()

    run_virtually(main)
