"""A thousand seeded schedules of faults, and what must hold in each of them."""

from __future__ import annotations

import gc
import logging
import tracemalloc

import pytest

from tests.tools import sweep
from tests.upstream.chaos import Schedule, verify
from tests.upstream.virtual import VirtualClock, run_virtually

BLOCKS, EACH = 20, 50


def play(seed: int) -> Schedule:
    """Play one schedule and check it; a failure names its seed."""

    async def main(clock: VirtualClock) -> Schedule:
        schedule = Schedule(seed, clock)
        door = await schedule.run()
        verify(schedule, door)
        return schedule

    try:
        return run_virtually(main)
    except BaseException as error:
        error.add_note(f"chaos seed {seed}: tests.upstream.test_chaos.play({seed})")
        raise


@pytest.mark.parametrize("block", sweep(range(BLOCKS), 1))
def test_the_invariants_hold_under_every_schedule(block: int) -> None:
    for seed in range(block * EACH, (block + 1) * EACH):
        play(seed)


@pytest.mark.slow
def test_memory_is_flat_over_many_schedules() -> None:
    # What pytest keeps of the log for its report would be counted too.
    logging.disable(logging.CRITICAL)
    try:
        grown = _grown()
    finally:
        logging.disable(logging.NOTSET)
    assert grown < 100_000, f"{grown} bytes more after 30 schedules"


def _grown() -> int:
    for seed in range(20):
        play(seed)
    gc.collect()
    tracemalloc.start()
    try:
        for seed in range(20, 30):
            play(seed)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for seed in range(30, 60):
            play(seed)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    return grown
