"""Records that a filter or an order cannot decide: counted once, named, never silently left out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.contract import Page
from gateway.config import LimitSettings
from gateway.errors import Incomplete, Outcome, RegistryTimeout
from gateway.harmonise.dates import iso_date
from gateway.model.entity import Entity
from gateway.model.field import mapped
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Collection, Op, Order, Predicate, pushdown
from gateway.model.record import Record
from gateway.stitch import edges
from gateway.stitch.connection import Connection, connect
from tests.stitch.fake import STATUS, FakeProject, FakeRegistry, Row, ask, federation

HERE = Collection(parents=frozenset({Entity.PROJECT}), parents_per_call=10, totals=True)
UP = (Predicate("project_status", Op.EQ, ProjectStatus.REGISTERED),)
HELD = (Predicate("unit_status", Op.EQ, UnitStatus.HELD),)
OF_UP = (Predicate("project.project_status", Op.EQ, ProjectStatus.REGISTERED),)


def registry(*statuses: str | None, **options: Any) -> FakeRegistry:
    rows = [Row(key=f"p{n}", status=status) for n, status in enumerate(statuses)]
    given: dict[str, Any] = {"collection": HERE} | options
    return FakeRegistry("r", {Entity.PROJECT: rows}, **given)


async def projects(one: FakeRegistry, **options: Any) -> Connection:
    given: dict[str, Any] = {"predicates": UP, "first": 50} | options
    fed = given.pop("fed", None) or federation(one)
    asking = ask(fed, require_all=given.pop("require_all", False))
    return await connect(asking, Entity.PROJECT, registries=("r",), **given)


def keys(page: Any) -> list[str]:
    return [node.key for node in page.nodes]


async def test_an_unknown_word_is_counted_and_the_answer_is_not_complete() -> None:
    page = await projects(registry("up", "odd", "down", None, "odd", "strange"))
    (row,) = page.coverage
    assert keys(page) == ["p0"]
    assert (row.outcome, row.complete, row.exhausted) == (Outcome.OK, False, True)
    (open_,) = row.undecided
    assert (open_.field, open_.count) == ("projectStatus", 3)
    assert open_.texts == ["odd", "strange"]
    assert open_.ids == ["cgw:r:project:p1", "cgw:r:project:p4", "cgw:r:project:p5"]
    assert row.message is not None
    assert "3 records could not be decided" in row.message


async def test_what_is_said_in_unknown_words_is_not_null() -> None:
    one = registry("up", "odd", None)
    null = await projects(one, predicates=(Predicate("project_status", Op.IS_NULL, True),))
    told = await projects(one, predicates=(Predicate("project_status", Op.IS_NULL, False),))
    assert (keys(null), keys(told)) == (["p2"], ["p0", "p1"])
    assert null.coverage[0].complete
    assert told.coverage[0].complete


async def test_how_many_match_is_not_known_while_some_are_undecided() -> None:
    known = await projects(registry("up", "down"), order=Order("project_id"))
    unsure = await projects(registry("up", "odd"), order=Order("project_id"))
    assert (known.total_count, unsure.total_count) == (1, None)


async def test_gaps_are_refused_where_all_is_required() -> None:
    with pytest.raises(Incomplete, match="1 record could not be decided"):
        await projects(registry("up", "odd"), require_all=True)


@pytest.mark.parametrize("first", [1, 2, 3, 7])
@pytest.mark.parametrize("size", [1, 2, 5])
async def test_a_walk_tells_each_undecided_record_on_one_page(first: int, size: int) -> None:
    statuses = ["odd", "up", "odd", "odd", "up", "up", "down", "odd", "up", "odd", "odd"]
    one = registry(*statuses, page_size=size)
    fed = federation(one)
    told: list[str] = []
    found: list[str] = []
    after = None
    while True:
        page = await projects(one, fed=fed, first=first, after=after)
        found += keys(page)
        told += [key for open_ in page.coverage[0].undecided for key in open_.ids]
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
    assert found == [f"p{n}" for n, status in enumerate(statuses) if status == "up"]
    assert told == [f"cgw:r:project:p{n}" for n, s in enumerate(statuses) if s == "odd"]


async def test_many_texts_and_ids_are_bounded_and_the_count_is_not() -> None:
    page = await projects(registry(*(f"{n} {'x' * 300}" for n in range(130)), page_size=200))
    (open_,) = page.coverage[0].undecided
    assert (open_.count, len(open_.texts), len(open_.ids)) == (130, 20, 100)
    assert max(map(len, open_.texts)) == 200


class Dated(FakeProject):
    project_status_date = mapped("date", iso_date)


async def test_an_order_puts_unreadable_values_last_and_says_so() -> None:
    class Calendar(FakeRegistry):
        def records(self, entity: Entity, source: int) -> list[Record[Any]]:
            found = super().records(entity, source)
            return [Dated(one.row, one.origin, one.place) for one in found]

    dates = ["2024-03-01", "last spring", "2024-01-01", None]
    rows = [Row(key=f"p{n}", date=date) for n, date in enumerate(dates)]
    one = Calendar("r", {Entity.PROJECT: rows}, collection=HERE)
    fed = federation(one)
    order = Order("project_status_date")
    part = await projects(one, fed=fed, predicates=(), order=order, first=2)
    whole = await projects(one, fed=fed, predicates=(), order=order)
    assert (keys(part), keys(whole)) == (["p2", "p0"], ["p2", "p0", "p1", "p3"])
    for page in (part, whole):
        (open_,) = page.coverage[0].undecided
        assert (open_.field, open_.count) == ("orderBy.projectStatusDate", 1)
        assert open_.texts == ["last spring"]
        assert page.total_count in (None, 4)
    # The record may belong on the first page; on a page that holds all, nothing is missing.
    assert [page.coverage[0].complete for page in (part, whole)] == [False, True]


def with_units(**options: Any) -> FakeRegistry:
    statuses = ("up", "odd", "down")
    rows = {
        Entity.PROJECT: [Row(key=f"p{n}", status=status) for n, status in enumerate(statuses)],
        Entity.UNIT: [
            Row(key=f"u{p}{n}", project=f"p{p}", status=status)
            for p in range(3)
            for n, status in enumerate(("held", "odd", "gone"))
        ],
    }
    given: dict[str, Any] = {"collection": HERE, "page_size": 50} | options
    return FakeRegistry("r", rows, **given)


@pytest.mark.parametrize("narrows", [False, True])
async def test_children_of_an_undecided_project_are_undecided(narrows: bool) -> None:
    filters = {"project_name": pushdown(Op.EQ), "project_status": pushdown(Op.EQ, exact=False)}
    one = with_units(collection=Collection(filters, parents=HERE.parents, parents_per_call=10))
    one = one if narrows else with_units()
    page = await connect(
        ask(federation(one)), Entity.UNIT, registries=("r",), predicates=(*OF_UP, *HELD), first=50
    )
    assert keys(page) == ["u00"]
    told = {open_.field: open_.ids for open_ in page.coverage[0].undecided}
    assert told == {
        "unitStatus": ["cgw:r:unit:u01", "cgw:r:unit:u11"],
        "project.projectStatus": ["cgw:r:unit:u10", "cgw:r:unit:u11"],
    }


async def test_a_project_that_cannot_be_found_decides_nothing() -> None:
    one = with_units()
    one.rows[Entity.UNIT] = [Row(key="u", project="gone"), Row(key="v")]
    asked = {
        value: await connect(
            ask(federation(one)),
            Entity.UNIT,
            registries=("r",),
            predicates=(Predicate("project.project_status", Op.IS_NULL, value),),
        )
        for value in (True, False)
    }
    assert [keys(page) for page in asked.values()] == [["v"], []]
    for page in asked.values():
        assert [open_.ids for open_ in page.coverage[0].undecided] == [["cgw:r:unit:u"]]


async def test_children_are_told_with_their_parent_and_in_the_signed_scope() -> None:
    one = with_units()
    asking = ask(federation(one))
    parents = one.records(Entity.PROJECT, 0)[:2]
    found = await edges.children_of(asking, parents, Entity.UNIT, HELD)
    for parent, page in zip(parents, found, strict=True):
        assert not isinstance(page, BaseException)
        assert keys(page) == [f"u{parent.key[1:]}0"]
        (open_,) = page.coverage[0].undecided
        assert open_.ids == [f"cgw:r:unit:u{parent.key[1:]}1"]
        assert (page.total_count, page.coverage[0].complete) == (None, False)
    assert not any(row.complete for row in asking.covered)


async def test_children_are_checked_on_their_project_too() -> None:
    one = with_units()
    asking = ask(federation(one))
    pages = await asyncio.gather(
        *(
            edges.children(asking, parent, Entity.UNIT, OF_UP)
            for parent in one.records(Entity.PROJECT, 0)
        )
    )
    assert [keys(page) for page in pages] == [["u00", "u01", "u02"], [], []]
    assert [len(page.coverage[0].undecided) for page in pages] == [0, 1, 0]


class Summary(FakeProject):
    """A row of a list: one status is told on the record's page alone."""

    project_status = mapped("status", STATUS)

    @property
    def not_read(self) -> frozenset[str]:
        return frozenset({"project_status"})


class Detailed(FakeRegistry):
    """A registry whose list writes `?` for a status that its pages tell."""

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Page:
        page = await super().by_keys(source, entity, keys)
        found = [r for r in super().records(entity, page.records[0].origin.source) if r.key in keys]
        return Page(found)

    def records(self, entity: Entity, source: int) -> list[Record[Any]]:
        listed: list[Record[Any]] = []
        for one in super().records(entity, source):
            status = "?" if one.row.status in ("up", "down") else one.row.status
            row = Row(key=one.row.key, status=status)
            listed.append(Summary(row, one.origin, one.place))
        return listed


def detailed(*statuses: str, **options: Any) -> Detailed:
    rows = [Row(key=f"p{n}", status=status) for n, status in enumerate(statuses)]
    given: dict[str, Any] = {"collection": HERE, "page_size": 50} | options
    return Detailed("r", {Entity.PROJECT: rows}, **given)


async def test_what_the_list_leaves_open_is_read_by_key_and_shown_as_it_is_there() -> None:
    one = detailed("up", "down", "odd", "up")
    page = await projects(one)
    assert keys(page) == ["p0", "p3"]
    shown: list[Any] = page.nodes
    assert [node.project_status for node in shown] == [ProjectStatus.REGISTERED] * 2
    assert [open_.texts for open_ in page.coverage[0].undecided] == [["odd"]]
    assert one.calls == 1 + 4  # the list, and each page, one key a call


async def test_reading_by_key_stops_at_half_of_the_budget_and_the_rest_is_undecided() -> None:
    one = detailed(*["up"] * 40, collection=Collection(keys_per_call=1))
    fed = federation(one, limits=LimitSettings(calls_per_registry=20))
    page = await projects(one, fed=fed)
    (open_,) = page.coverage[0].undecided
    assert (len(page.nodes), open_.count) == (10, 30)
    assert not page.coverage[0].complete


async def test_reading_by_key_that_fails_leaves_the_records_undecided() -> None:
    one = detailed("up", "up", fail_paths={"/keys": RegistryTimeout("late", registry="r")})
    page = await projects(one)
    assert keys(page) == []
    assert [open_.count for open_ in page.coverage[0].undecided] == [2]


async def test_records_that_cannot_be_asked_by_key_stay_undecided() -> None:
    page = await projects(detailed("up", collection=Collection(by_keys=False)))
    assert [open_.count for open_ in page.coverage[0].undecided] == [1]


class Sparing(Detailed):
    """A registry that reads few pages at once: of more keys the rows of its list come."""

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Page:
        found: list[Record[Any]] = []
        size = self.collection.keys_per_call
        for at in range(0, len(keys), size):
            page = await super().by_keys(source, entity, keys[at : at + size])
            found += page.records
        if len(keys) > self.collection.keys_in_full:
            return Page([r for r in self.records(entity, 0) if r.key in keys])
        return Page(found)

    def records(self, entity: Entity, source: int) -> list[Record[Any]]:
        if entity is Entity.PROJECT:
            return super().records(entity, source)
        return FakeRegistry.records(self, entity, source)


def sparing(count: int, **options: Any) -> Sparing:
    """Every second project is registered; each has one unit."""
    rows = {
        Entity.PROJECT: [Row(key=f"p{n}", status=("up", "down")[n % 2]) for n in range(count)],
        Entity.UNIT: [Row(key=f"u{n}", project=f"p{n}") for n in range(count)],
    }
    return Sparing("r", rows, collection=Collection(**options), page_size=100)


async def units(one: Sparing, budget: int) -> Connection:
    fed = federation(one, limits=LimitSettings(calls_per_registry=budget))
    return await connect(ask(fed), Entity.UNIT, registries=("r",), predicates=OF_UP, first=100)


async def test_projects_of_many_rows_are_read_in_parts_that_are_read_in_full() -> None:
    one = sparing(30, keys_per_call=100, keys_in_full=4)
    page = await units(one, 100)
    assert keys(page) == [f"u{n}" for n in range(0, 30, 2)]
    assert (page.coverage[0].undecided, page.coverage[0].complete) == ([], True)
    assert one.calls == 1 + 1 + 8  # the units, all projects at once, and four at a time


async def test_projects_that_the_budget_cannot_read_in_full_leave_their_rows_undecided() -> None:
    page = await units(sparing(30, keys_per_call=100, keys_in_full=4), 12)
    (open_,) = page.coverage[0].undecided
    assert keys(page) == [f"u{n}" for n in range(0, 24, 2)]
    assert (open_.field, open_.count) == ("project.projectStatus", 6)


async def test_a_page_whose_projects_cost_more_than_the_budget_is_passed_all_the_same() -> None:
    page = await units(sparing(30, keys_per_call=1), 25)
    (open_,) = page.coverage[0].undecided
    assert len(page.nodes) == 10
    assert (open_.count, page.page_info.has_next_page) == (10, False)
    assert not page.coverage[0].complete


BY_WORDS = Collection(
    filters={
        "project_status": pushdown(Op.EQ, exact=False, by_words=True),
        "unit_status": pushdown(Op.EQ, exact=False, by_words=True),
    },
    parents=frozenset({Entity.PROJECT}),
    parents_per_call=10,
)
TOLD = "R applied `{}` by its own words"


async def test_a_filter_that_a_registry_applies_by_its_own_words_is_never_complete() -> None:
    one = registry("up", "down", collection=BY_WORDS)
    (row,) = (await projects(one)).coverage
    assert (row.outcome, row.complete, row.total_count) == (Outcome.OK, False, None)
    assert row.message is not None
    assert TOLD.format("projectStatus").lower() in row.message.lower()
    (whole,) = (await projects(one, predicates=())).coverage
    assert whole.complete


async def test_what_a_registry_narrows_parents_or_children_by_its_own_words_is_not_complete() -> (
    None
):
    rows = {
        Entity.PROJECT: [Row(key="p0", status="up")],
        Entity.UNIT: [Row(key="u0", status="held", project="p0")],
    }
    one = FakeRegistry("r", rows, collection=BY_WORDS)
    asking = ask(federation(one))
    page = await connect(asking, Entity.UNIT, registries=("r",), predicates=OF_UP, first=9)
    assert (keys(page), page.coverage[0].complete) == (["u0"], False)
    assert "`project.projectStatus`" in (page.coverage[0].message or "")
    (project,) = (await projects(one, predicates=())).nodes
    below = await edges.children(asking, project, Entity.UNIT, HELD)
    assert (keys(below), below.coverage[0].complete) == (["u0"], False)
    assert "`unitStatus`" in (below.coverage[0].message or "")
