"""Many records by id: what the calls suffice for is given, and every other place has its error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.contract import Page, Request
from gateway.config import LimitSettings
from gateway.errors import Outcome, RegistryTimeout, TooExpensive
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.question import Collection
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.nodes import linked, nodes
from tests.conformance.desk import desk
from tests.conformance.desk import federation as of_desk
from tests.stitch.fake import FakeRegistry, ask, federation, projects


class Detailing(FakeRegistry):
    """Reads a list of everything, and a page for each record: `pages` of them."""

    pages_each = 1

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Page:
        await source.read(Request("/list"), nothing)
        for key in keys:
            for number in range(self.pages_each):
                await source.read(Request(f"/{key}/{number}"), nothing)
        return Page([record for record in self.records(entity, 0) if record.key in keys])


def nothing(reply: object) -> None:
    return None


def registry(count: int = 300, **options: Any) -> Detailing:
    rows = {Entity.PROJECT: projects(count)}
    return Detailing("r", rows, collection=Collection(keys_per_call=1), **options)


def ids(*keys: str) -> list[GlobalId]:
    return [GlobalId("r", Entity.PROJECT, key) for key in keys]


def asking(one: FakeRegistry, calls: int = 100) -> Ask:
    return ask(federation(one, limits=LimitSettings(calls_per_registry=calls)))


def parted(found: list[Any]) -> tuple[list[Record[Any]], list[BaseException], int]:
    """The records, the errors, and how many places have neither."""
    records = [one for one in found if isinstance(one, Record)]
    errors = [one for one in found if isinstance(one, BaseException)]
    return records, errors, found.count(None)


async def test_as_many_as_fit_are_read_at_once() -> None:
    one = registry()
    made = asking(one)
    records, errors, absent = parted(await nodes(made, ids(*(f"p{n}" for n in range(95)))))
    assert (len(records), errors, absent) == (95, [], 0)
    assert one.calls == 96


async def test_of_more_the_calls_give_what_they_can_and_no_place_is_silently_empty() -> None:
    one = registry()
    made = asking(one)
    found = await nodes(made, ids(*(f"p{n}" for n in range(200)), "no-such"))
    records, errors, absent = parted(found)
    assert len(records) > 85
    assert (len(records) + len(errors), absent) == (201, 0)
    assert [record.key for record in records] == [f"p{n}" for n in range(len(records))]
    error = errors[0]
    assert isinstance(error, TooExpensive)
    assert error.message == (
        f"{len(errors)} of 201 records of R were not read: the 100 calls that one operation may "
        "make are used up. Ask for those alone, at most 95 at once."
    )
    (row,) = made.covered
    assert (row.outcome, row.complete) == (Outcome.PARTIAL, False)
    assert row.message is not None
    assert row.message.startswith("QUERY_TOO_EXPENSIVE: ")
    assert one.calls == 100


async def test_what_was_left_is_given_by_asking_again_as_the_error_says() -> None:
    one = registry()
    wanted = ids(*(f"p{n}" for n in range(250)))
    seen: list[str] = []
    for _ in range(4):
        found = await nodes(asking(one), wanted[:95])
        seen += [record.key for record in parted(found)[0]]
        wanted = wanted[95:]
    assert seen == [f"p{n}" for n in range(250)]


async def test_an_adapter_that_needs_more_calls_than_it_says_answers_some_all_the_same() -> None:
    one = registry()
    one.pages_each = 2
    records, errors, _ = parted(await nodes(asking(one), ids(*(f"p{n}" for n in range(200)))))
    assert len(records) > 30
    assert len(records) + len(errors) == 200


async def test_what_the_cache_has_is_given_although_no_call_is_left() -> None:
    one = registry(from_cache=lambda path: path == "/list" or int(path[2:-2]) % 2 == 0)
    records, errors, _ = parted(await nodes(asking(one, 20), ids(*(f"p{n}" for n in range(60)))))
    assert {record.key for record in records} >= {f"p{n}" for n in range(0, 60, 2)}
    assert len(records) + len(errors) == 60


async def test_a_failure_in_between_leaves_what_came_before() -> None:
    error = RegistryTimeout("late", registry="r")
    one = registry(fail_paths={"/p60/0": error})
    made = asking(one)
    found = await nodes(made, ids(*(f"p{n}" for n in range(200))))
    records, errors, absent = parted(found)
    assert len(records) > 40
    assert (set(errors), absent) == ({error}, 0)
    (row,) = made.covered
    assert (row.outcome, row.complete) == (Outcome.PARTIAL, False)


async def test_a_link_to_a_record_that_was_not_read_has_the_error_too() -> None:
    one = registry()
    made = asking(one, 8)
    await nodes(made, ids(*(f"p{n}" for n in range(20))))
    with pytest.raises(TooExpensive, match="1 of 1 records"):
        await linked(made, GlobalId("r", Entity.PROJECT, "p99"))


@pytest.mark.parametrize("key", ["ecoregistry", "biocarbon"])
async def test_a_registry_with_a_page_for_each_project_answers_what_it_can(key: str) -> None:
    async with desk(key) as at:
        keys = sorted(at.truth.projects)
        fed = of_desk(at, LimitSettings(calls_per_registry=8))
        made = ask(fed)
        found = await nodes(made, [GlobalId(key, Entity.PROJECT, one) for one in keys])
        records, errors, absent = parted(found)
        assert (len(records) > 1, absent) == (True, 0)
        assert len(records) + len(errors) == len(keys)
        assert errors
        assert at.wrong(Entity.PROJECT, records) == []
