"""Batches: what is asked for in one turn is read with one call, each key once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.stitch.batch import Batch


class Reader:
    """Counts the calls; doubles keys, and fails for any call with a negative one."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, ...]] = []

    async def __call__(self, keys: Sequence[int]) -> Sequence[int]:
        self.calls.append(tuple(keys))
        await asyncio.sleep(0)
        if any(key < 0 for key in keys):
            raise ValueError("negative")
        return [2 * key for key in keys]


async def test_keys_of_one_turn_are_read_together_and_each_once() -> None:
    read = Reader()
    batch = Batch(read)
    found = list(await asyncio.gather(batch.load(1), batch.load_all([2, 1, 3]), batch.load(1)))
    assert found == [2, [4, 2, 6], 2]
    assert read.calls == [(1, 2, 3)]


async def test_a_key_that_is_known_is_not_read_again() -> None:
    read = Reader()
    batch = Batch(read)
    await batch.load_all([1, 2])
    assert await batch.load_all([2, 3]) == [4, 6]
    assert read.calls == [(1, 2), (3,)]


async def test_no_keys_are_no_call() -> None:
    read = Reader()
    assert await Batch(read).load_all([]) == []
    assert read.calls == []


async def test_a_failure_reaches_everyone_who_waits_for_that_call_and_nobody_else() -> None:
    read = Reader()
    batch = Batch(read)
    good = await batch.load(1)
    some = await batch.load_all([1, -1, 2])
    assert good == some[0] == 2
    assert [str(error) for error in some[1:]] == ["negative", "negative"]
    with pytest.raises(ValueError, match="negative"):
        await batch.load(2)


async def test_one_who_leaves_takes_the_value_from_nobody() -> None:
    read = Reader()
    batch = Batch(read)
    leaving = asyncio.create_task(batch.load_all([1]))
    staying = asyncio.create_task(batch.load(1))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 2
    assert leaving.cancelled()


async def test_a_read_that_is_called_off_does_not_leave_the_others_waiting() -> None:
    async def read(keys: Sequence[int]) -> Sequence[int]:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Batch(read).load(1)
