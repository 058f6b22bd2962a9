"""Reading closer costs an operation each record once, half of its calls, and says what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.config import LimitSettings
from gateway.errors import RegistryTimeout
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Collection, Op, Predicate
from gateway.stitch.ask import Ask
from gateway.stitch.connection import Connection, connect
from tests.stitch.fake import ask, federation
from tests.stitch.test_undecided import Detailed, detailed

UP = (Predicate("project_status", Op.EQ, ProjectStatus.REGISTERED),)
DOWN = (Predicate("project_status", Op.EQ, ProjectStatus.WITHDRAWN),)
ONE_BY_ONE = Collection(keys_per_call=1)


async def pages(asking: Ask, *questions: tuple[Predicate, ...]) -> list[Connection]:
    return await asyncio.gather(
        *(
            connect(asking, Entity.PROJECT, registries=("r",), predicates=where, first=100)
            for where in questions
        )
    )


def read_by_key(asking: Ask) -> int:
    return sum(exchange.uri == "/keys" for exchange in asking.terms.evidence.exchanges)


def left(page: Connection) -> list[str]:
    return [note for note in page.coverage[0].notes if "could not be read" in note]


def keys(page: Connection) -> list[str]:
    return [node.key for node in page.nodes]


async def test_two_questions_of_one_operation_read_a_record_once() -> None:
    asking = ask(federation(detailed("up", "down", "up", collection=ONE_BY_ONE)))
    up, down = await pages(asking, UP, DOWN)
    assert (keys(up), keys(down)) == (["p0", "p2"], ["p1"])
    assert read_by_key(asking) == 3
    assert all(page.coverage[0].complete for page in (up, down))


async def test_several_questions_together_stay_within_half_of_the_calls() -> None:
    one = detailed(*["up", "down"] * 20, collection=ONE_BY_ONE)
    asking = ask(federation(one, limits=LimitSettings(calls_per_registry=20)))
    up, down, again = await pages(asking, UP, DOWN, UP)
    assert read_by_key(asking) == 10
    assert keys(up) == keys(again)
    told = {note for page in (up, down, again) for note in left(page)}
    assert told == {
        "30 records could not be read by their keys, which may have decided: of the calls of one "
        "operation 10 are for that, and they are used up; narrow `where`, or ask for fewer "
        "records at once."
    }
    assert not any(page.coverage[0].complete for page in (up, down, again))


async def test_what_the_cache_has_is_read_closer_at_no_price() -> None:
    one = detailed(*["up"] * 40, collection=ONE_BY_ONE)
    one.from_cache = lambda path: path == "/keys"
    asking = ask(federation(one, limits=LimitSettings(calls_per_registry=20)))
    (page,) = await pages(asking, UP)
    assert (len(page.nodes), left(page)) == (40, [])


async def test_a_registry_that_fails_is_named_as_the_reason() -> None:
    one = detailed("up", "up", fail_paths={"/keys": RegistryTimeout("late", registry="r")})
    asking = ask(federation(one))
    (page,) = await pages(asking, UP)
    assert left(page) == [
        "2 records could not be read by their keys, which may have decided: the registry did not "
        "give them (REGISTRY_TIMEOUT)."
    ]


class Giving(Detailed):
    """A registry that gives the first of the keys that it is asked for, as if the others were
    not there."""

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Any:
        return await super().by_keys(source, entity, keys[:1])


async def test_a_record_that_is_gone_is_not_asked_for_again() -> None:
    rows = detailed("up", "up", "up").rows
    one = Giving("r", rows, collection=Collection(keys_per_call=10), page_size=50)
    asking = ask(federation(one))
    first, second = await pages(asking, UP, UP)
    assert (keys(first), keys(second)) == (["p0"], ["p0"])
    assert read_by_key(asking) == 1
    assert left(first) == []
