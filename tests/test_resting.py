"""Rest: what nobody asks for is given back, and no answer is another for it."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from typing import Any

import msgspec

from gateway import heap
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.fragment import plain
from gateway.engine.operation import GraphQLRequest
from gateway.model.link import link_form
from gateway.resting import Rest
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms
from tests.engine.test_repeat import NESTED, PAGE, asking
from tests.upstream.bench import SetClock


class Asked:
    def __init__(self) -> None:
        self.admitted = 0
        self.in_flight = 0


class Watched:
    """A rest of ten seconds on a clock that stands, and how often it shrank something."""

    def __init__(self) -> None:
        self.clock, self.asked, self.times = SetClock(), Asked(), 0
        self.rest = Rest(self.clock, 10.0, self.asked, self._shrink)

    async def _shrink(self) -> None:
        self.times += 1

    async def after(self, seconds: float) -> int:
        self.clock.at += seconds
        await self.rest.look()
        return self.times


async def test_it_comes_once_after_the_time_and_again_after_the_next_question() -> None:
    seen = Watched()
    assert await seen.after(9) == 0
    assert await seen.after(1) == 1
    assert await seen.after(100) == 1
    seen.asked.admitted += 1
    assert await seen.after(1) == 1
    assert await seen.after(9) == 1
    assert await seen.after(1) == 2


async def test_while_something_is_under_way_there_is_no_rest() -> None:
    seen = Watched()
    seen.asked.in_flight = 1
    assert await seen.after(50) == 0
    seen.asked.in_flight = 0
    assert await seen.after(9) == 0
    assert await seen.after(1) == 1


async def test_it_looks_until_it_is_cancelled() -> None:
    class Real(SetClock):
        async def sleep(self, seconds: float) -> None:
            self.at += seconds
            await asyncio.sleep(0)

    shrunk, asked = asyncio.Event(), Asked()

    async def shrink() -> None:
        shrunk.set()

    task = asyncio.create_task(Rest(Real(), 10.0, asked, shrink).run())
    await asyncio.wait_for(shrunk.wait(), 10)
    task.cancel()


async def _data(asked: Any, query: str, **variables: Any) -> Any:
    ask = Ask(asked.gateway.federation, Terms(asked.gateway.clock.monotonic() + 20))
    result = await asked.gateway.endpoint.executor.execute(GraphQLRequest(query, variables), ask)
    digests = sorted(str(one.digest) for one in ask.terms.evidence.exchanges)
    return plain(result.data), list(result.errors), digests


async def test_answers_are_the_same_with_and_without_a_rest_between_them() -> None:
    async with asking() as asked:
        expected = [await _data(asked, PAGE), await _data(asked, NESTED, n=20)]
        for _ in range(3):
            await asked.gateway.rest()
            assert [await _data(asked, PAGE), await _data(asked, NESTED, n=20)] == expected
        assert [await _data(asked, PAGE), await _data(asked, NESTED, n=20)] == expected


async def test_a_question_under_way_is_not_harmed_by_a_rest() -> None:
    async with asking() as asked:
        expected = await _data(asked, PAGE)
        going = [asyncio.create_task(_data(asked, PAGE)) for _ in range(5)]
        while not all(task.done() for task in going):
            await asked.gateway.rest()
            await asyncio.sleep(0)
        assert [await task for task in going] == [expected] * 5


async def test_after_a_rest_nothing_is_kept_but_bodies() -> None:
    async with asking() as asked:
        executor = asked.gateway.endpoint.executor
        assert isinstance(executor, CompiledExecutor)
        for _ in range(3):
            await _data(asked, PAGE)
        link_form("a link")
        door = asked.gateway.door
        assert executor.kept_bytes > 0
        assert door.memo_bytes > 0
        bodies = door.store_bytes
        await asked.gateway.rest()
        assert (executor.kept_bytes, door.memo_bytes) == (0, 0)
        assert link_form.cache_info().currsize == 0
        assert all(door.lane(key).calls.bytes == 0 for key in door.registries)
        assert door.store_bytes is not None
        assert bodies is not None
        # The bodies may still stand in for a registry that fails; they are packed.
        assert 0 < door.store_bytes < bodies / 2


def test_giving_back_collects_rings() -> None:
    class Ring:
        pass

    ring = Ring()
    ring.__dict__["self"] = ring
    del ring
    heap.give_back()
    assert not [one for one in gc.get_objects() if type(one) is Ring]


def test_keys_of_objects_that_were_read_are_not_held() -> None:
    def key() -> str:
        return next(iter(msgspec.json.decode(b'{"a key of a registry": 1}', type=dict[str, int])))

    kept = key()
    assert kept is key()
    heap.give_back()
    assert kept is not key()


def test_where_the_library_is_another_nothing_is_done() -> None:
    code = (
        "import ctypes; from gateway import heap\n"
        "ctypes.CDLL = lambda name: object()\n"
        "heap.give_back(); print(heap.tidy())\n"
        "def none(name): raise OSError\n"
        "ctypes.CDLL = none; heap.give_back(); print(heap.tidy())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert said.stdout.split() == [b"False", b"False"]


def test_large_pieces_that_were_used_once_are_given_back() -> None:
    code = (
        "import threading; from pathlib import Path; from gateway import heap\n"
        "tidy = heap.tidy()\n"
        "def rss(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096\n"
        "def work():\n"
        "    kept = []\n"
        "    for _ in range(60): kept.append((bytes(1_000_000), bytes(700)))\n"
        "    small.extend(one for _, one in kept)\n"
        "small, before = [], rss()\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "heap.give_back(); print(not tidy or rss() - before < 10_000_000)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert said.stdout.strip() == b"True"
