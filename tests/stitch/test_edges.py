"""Edges: children batched over their parents, and the way up."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.config import LimitSettings
from gateway.errors import Outcome, RegistryTimeout, TooExpensive
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Collection, Op, Predicate, Question
from gateway.stitch import edges
from gateway.stitch.ask import Ask
from tests.stitch.fake import FULL, FakeRegistry, Row, ask, federation, projects


def market(**options: Any) -> FakeRegistry:
    """Four projects; project i has i issuances of two units each."""
    issuances = [
        Row(key=f"i{p}-{n}", project=f"p{p}", year=2020 + n) for p in range(4) for n in range(p)
    ]
    units = [
        Row(
            key=f"u-{i.key}-{n}",
            project=i.project,
            issuance=i.key,
            status=("held", "gone")[n],
            year=i.year,
        )
        for i in issuances
        for n in range(2)
    ]
    rows = {Entity.PROJECT: projects(4), Entity.ISSUANCE: issuances, Entity.UNIT: units}
    return FakeRegistry("r", rows, **options)


def parents(of: FakeRegistry, entity: Entity = Entity.PROJECT) -> list[Any]:
    return of.records(entity, 0)


async def units_of(asking: Ask, parent: Any, **options: Any) -> Any:
    return await edges.children(asking, parent, Entity.UNIT, **options)


async def test_children_of_many_parents_are_read_in_few_calls() -> None:
    one = market(page_size=100)
    asking = ask(federation(one))
    found = await asyncio.gather(*(units_of(asking, p) for p in parents(one)))
    assert [len(page.nodes) for page in found] == [0, 2, 4, 6]
    assert one.calls == 2  # four parents, three a call
    assert all(not page.page_info.has_next_page for page in found)
    assert [page.total_count for page in found] == [0, 2, 4, 6]


async def test_each_parent_goes_on_by_its_own_cursor() -> None:
    one = market(page_size=2)
    fed = federation(one)
    pages = await asyncio.gather(
        *(units_of(a, p, first=1) for a in [ask(fed)] for p in parents(one))
    )
    for page, parent in zip(pages, parents(one), strict=True):
        found = [n.key for n in page.nodes]
        while page.page_info.has_next_page:
            page = await units_of(ask(fed), parent, first=1, after=page.page_info.end_cursor)
            found += [n.key for n in page.nodes]
        assert found == [u.key for u in one.rows[Entity.UNIT] if u.project == parent.key]


async def test_filters_on_children_are_applied_per_parent() -> None:
    one = market()
    held = (Predicate("unit_status", Op.EQ, UnitStatus.HELD),)
    page = await units_of(ask(federation(one)), parents(one)[3], predicates=held)
    assert [n.unit_status for n in page.nodes] == [UnitStatus.HELD] * 3
    assert page.coverage[0].checked_here == ("unit_status",)


async def test_a_failing_edge_is_partial_for_its_parents_only() -> None:
    one = market(page_size=2)
    one.collection = Collection(parents=FULL.parents, parents_per_call=1)
    one.fail = {2: RegistryTimeout("late", registry="r")}
    asking = ask(federation(one))
    found = await asyncio.gather(*(units_of(asking, p) for p in parents(one)))
    outcomes = sorted(page.coverage[0].outcome.value for page in found)
    assert outcomes.count("OK") == 3
    assert {"TIMEOUT", "PARTIAL"} & set(outcomes)


async def test_units_of_an_issuance_come_from_its_project_where_they_must() -> None:
    one = market(page_size=3)
    one.collection = Collection(parents=frozenset({Entity.PROJECT}), parents_per_call=5)
    fed = federation(one)
    for issuance in parents(one, Entity.ISSUANCE):
        page = await units_of(ask(fed), issuance, first=1)
        found = [n.key for n in page.nodes]
        while page.page_info.has_next_page:
            page = await units_of(ask(fed), issuance, first=1, after=page.page_info.end_cursor)
            found += [n.key for n in page.nodes]
        assert found == [f"u-{issuance.key}-0", f"u-{issuance.key}-1"]


async def test_the_way_up_is_read_once_per_parent() -> None:
    one = market()
    asking = ask(federation(one))
    units = parents(one, Entity.UNIT)
    found = await asyncio.gather(*(edges.project(asking, unit) for unit in units))
    assert [p.key for p in found if p] == [u.project_key for u in units]
    assert one.calls == 1
    issuances = await asyncio.gather(*(edges.issuance(asking, unit) for unit in units))
    assert [i.key for i in issuances if i] == [u.issuance_key for u in units]


async def test_a_unit_without_an_issuance_key_finds_it_by_belonging() -> None:
    class ByBlock(FakeRegistry):
        def belongs(self, unit: Any, issuance: Any) -> bool:
            return bool(unit.key.startswith(f"u-{issuance.key}-"))

    source = market()
    units = [Row(key=u.key, project=u.project) for u in source.rows[Entity.UNIT]]
    one = ByBlock("r", {**source.rows, Entity.UNIT: units})
    asking = ask(federation(one))
    for unit in parents(one, Entity.UNIT):
        found = await edges.issuance(asking, unit)
        assert found is not None
        assert unit.key.startswith(f"u-{found.key}-")


class ByBlock(FakeRegistry):
    """Its units say no issuance: `~` in a key says that not even the serial tells it."""

    def belongs(self, unit: Any, issuance: Any) -> bool | None:
        return None if "~" in unit.key else bool(unit.key.startswith(f"u-{issuance.key}-"))

    def _asked(self, record: Any, question: Question) -> bool:
        return True


def unsaid(*more: Row, by: frozenset[Entity] = FULL.parents) -> ByBlock:
    """The market with units that name no issuance."""
    source = market()
    units = [Row(key=u.key, project=u.project) for u in source.rows[Entity.UNIT]]
    collection = Collection(parents=by, parents_per_call=50)
    return ByBlock("r", {**source.rows, Entity.UNIT: [*units, *more]}, 100, collection)


BOTH_WAYS = pytest.mark.parametrize("by", [FULL.parents, frozenset({Entity.PROJECT})])


@BOTH_WAYS
async def test_units_that_name_no_issuance_hang_under_the_one_they_belong_to(
    by: frozenset[Entity],
) -> None:
    one = unsaid(by=by)
    above = parents(one, Entity.ISSUANCE)
    found = await edges.children_of(ask(federation(one)), above, Entity.UNIT)
    for page, issuance in zip(found, above, strict=True):
        assert not isinstance(page, BaseException)
        assert [n.key for n in page.nodes] == [f"u-{issuance.key}-0", f"u-{issuance.key}-1"]
        assert page.coverage[0].complete


@BOTH_WAYS
async def test_a_row_that_cannot_be_told_apart_is_counted_for_whom_it_may_belong_to(
    by: frozenset[Entity],
) -> None:
    one = unsaid(Row(key="~", project="p3"), by=by)
    fed = federation(one)
    for issuance in parents(one, Entity.ISSUANCE):
        page = await units_of(ask(fed), issuance, first=1)
        (row,) = page.coverage
        may = issuance.project_key == "p3"
        assert row.complete is not may
        assert any("may belong here" in note for note in row.warnings) is may
        assert (page.total_count is None) is may
        later = await units_of(ask(fed), issuance, first=9, after=page.page_info.end_cursor)
        assert [n.key for n in later.nodes] == [f"u-{issuance.key}-1"]
        assert later.coverage[0].complete is not may


async def test_a_row_without_a_project_is_counted_for_every_project() -> None:
    one = unsaid(Row(key="lost"), Row(key="gone"))
    found = await edges.children_of(ask(federation(one)), parents(one), Entity.UNIT)
    for page in found:
        assert not isinstance(page, BaseException)
        (row,) = page.coverage
        assert not row.complete
        assert row.warnings == [
            "2 records do not say clearly what they belong to, and may belong here"
        ]
        assert "lost" not in [node.key for node in page.nodes]


@pytest.mark.parametrize("told", ["p1 ", " p1", "p1\u00a0", "\ufeffp1", "p1\t"])
async def test_links_are_compared_without_blanks_and_shown_as_they_are(told: str) -> None:
    units = [Row(key="u", project=told), Row(key="v", project="p2")]
    one = unsaid()
    one.rows[Entity.UNIT] = units
    asking = ask(federation(one))
    found = await edges.children_of(asking, parents(one), Entity.UNIT)
    pages = [page for page in found if not isinstance(page, BaseException)]
    assert [[n.key for n in page.nodes] for page in pages] == [[], ["u"], ["v"], []]
    assert all(page.coverage[0].complete for page in pages)
    (unit, _) = parents(one, Entity.UNIT)
    assert unit.project_key == told
    above = await edges.project(asking, unit)
    assert above is not None
    assert above.key == "p1"


async def test_whole_numbers_with_a_fraction_of_zeros_are_the_same_link() -> None:
    one = unsaid()
    one.rows = {
        Entity.PROJECT: [Row(key="101"), Row(key="0101")],
        Entity.UNIT: [Row(key="u", project="101.0"), Row(key="v", project="0101")],
    }
    found = await edges.children_of(ask(federation(one)), parents(one), Entity.UNIT)
    pages = [page for page in found if not isinstance(page, BaseException)]
    assert [[n.key for n in page.nodes] for page in pages] == [["u"], ["v"]]


async def test_an_issuance_that_could_not_be_looked_for_is_an_error_and_not_none() -> None:
    one = unsaid()
    one.fail_paths = {"/issuance/0": RegistryTimeout("late", registry="r")}
    with pytest.raises(RegistryTimeout):
        await edges.issuance(ask(federation(one)), parents(one, Entity.UNIT)[0])
    one = unsaid()
    one.page_size = 1
    limits = LimitSettings(calls_per_registry=2)
    with pytest.raises(TooExpensive):
        await edges.issuance(ask(federation(one, limits=limits)), parents(one, Entity.UNIT)[-1])


async def test_a_registry_without_units_says_so() -> None:
    one = FakeRegistry("r", {Entity.PROJECT: projects(1)})
    page = await units_of(ask(federation(one)), parents(one)[0])
    assert page.coverage[0].outcome is Outcome.SKIPPED
    assert page.nodes == []
