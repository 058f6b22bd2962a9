"""An operation's calls are counted by what was asked of registries, in whichever order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.contract import Answer, Reply, Request
from gateway.config import LimitSettings
from gateway.errors import InvalidPayload, RegistryTimeout
from gateway.stitch.ask import FROM_CACHE, Ask, BudgetSpent
from tests.stitch.fake import FakeRegistry, ask, federation


def nothing(reply: Reply) -> None:
    return None


def other(reply: Reply) -> None:
    return None


def asking(one: FakeRegistry, calls: int) -> Ask:
    return ask(federation(one, limits=LimitSettings(calls_per_registry=calls)))


async def reads(made: Ask, *requests: Request) -> list[Answer[Any] | BaseException]:
    return await asyncio.gather(
        *(made.source("r").read(request, nothing) for request in requests), return_exceptions=True
    )


def spent(found: list[Answer[Any] | BaseException]) -> int:
    return sum(isinstance(one, BudgetSpent) for one in found)


async def test_reads_at_once_that_the_cache_answers_reserve_no_calls() -> None:
    one = FakeRegistry("r", {}, from_cache=lambda path: True)
    made = asking(one, 3)
    assert spent(await reads(made, *(Request(f"/{n}") for n in range(40)))) == 0
    assert made.spent("r") == 0


@pytest.mark.parametrize("turn", [1, -1])
async def test_in_whichever_order_reads_begin_as_many_of_them_are_made(turn: int) -> None:
    one = FakeRegistry("r", {}, from_cache=lambda path: path.startswith("/held"))
    made = asking(one, 3)
    asked = [Request(f"/held{n}") for n in range(10)] + [Request(f"/new{n}") for n in range(3)]
    assert spent(await reads(made, *asked[::turn])) == 0
    assert made.spent("r") == 3
    assert spent(await reads(made, Request("/held1"), Request("/new9"))) == 1


async def test_of_reads_at_once_no_more_are_made_than_there_are_calls() -> None:
    one = FakeRegistry("r", {})
    made = asking(one, 3)
    assert spent(await reads(made, *(Request(f"/{n}") for n in range(10)))) == 7
    assert one.calls == 3


async def test_what_is_free_is_bounded_all_the_same() -> None:
    one = FakeRegistry("r", {}, from_cache=lambda path: True)
    found = await reads(asking(one, 1), *(Request(f"/{n}") for n in range(FROM_CACHE + 5)))
    assert spent(found) == 5


async def test_a_held_answer_that_is_none_is_its_error_and_no_end_of_the_calls() -> None:
    error = InvalidPayload("no answer", registry="r")
    one = FakeRegistry("r", {}, from_cache=lambda path: path == "/1", fail_paths={"/1": error})
    made = asking(one, 1)
    await reads(made, Request("/0"))
    assert await reads(made, Request("/1")) == [error]


async def test_a_read_that_is_given_up_lets_the_next_one_go_on() -> None:
    one = FakeRegistry("r", {})
    made = asking(one, 1)
    await made.reserve("r")
    waiting = asyncio.create_task(made.source("r").read(Request("/1"), nothing))
    given_up = asyncio.create_task(made.source("r").read(Request("/2"), nothing))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    made.settle("r", RegistryTimeout("late", registry="r"))
    with pytest.raises(BudgetSpent):
        await waiting
    assert given_up.cancelled()


COUNT = Request("/count", once=True)


async def test_what_one_answer_does_for_is_asked_once_in_an_operation() -> None:
    one = FakeRegistry("r", {})
    made = asking(one, 10)
    first, second = made.source("r"), made.source("r")
    found = [await first.read(COUNT, nothing), await second.read(COUNT, nothing)]
    assert one.calls == 1
    assert found[0] is found[1]
    assert first.sources == second.sources == [0]
    await first.read(COUNT, other)
    await first.read(Request("/other", once=True), nothing)
    assert one.calls == 3
    await asking(one, 10).source("r").read(COUNT, nothing)
    assert one.calls == 4


async def test_those_who_ask_it_at_once_wait_for_the_one_answer() -> None:
    one = FakeRegistry("r", {})
    assert not spent(await reads(asking(one, 1), COUNT, COUNT, COUNT))
    assert one.calls == 1


async def test_a_failure_of_it_is_everybodys() -> None:
    one = FakeRegistry("r", {}, fail={0: RegistryTimeout("late", registry="r")})
    made = asking(one, 10)
    source = made.source("r")
    found = await reads(made, COUNT, COUNT)
    assert [type(error) for error in found] == [RegistryTimeout] * 2
    with pytest.raises(RegistryTimeout):
        await source.read(COUNT, nothing)
    assert (one.calls, source.sources) == (1, [0])


async def test_one_who_gives_up_leaves_it_to_the_next() -> None:
    one = FakeRegistry("r", {})
    made = asking(one, 10)
    turn = made.once("r", COUNT, nothing).turn
    async with turn:
        waiting = asyncio.create_task(made.source("r").read(COUNT, nothing))
        await asyncio.sleep(0)
    answer = await waiting
    assert (one.calls, answer.source) == (1, 0)
