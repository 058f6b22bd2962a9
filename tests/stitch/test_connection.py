"""Paging over several registries: nothing twice, nothing lost, nothing silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Page, Reply, Request
from gateway.config import LimitSettings
from gateway.errors import (
    BadCursor,
    Incomplete,
    OrderUnsupported,
    Outcome,
    RegistryTimeout,
    RegistryUnreachable,
    TooExpensive,
)
from gateway.model.entity import Entity
from gateway.model.picklists import CoveredByNDC, ProjectStatus
from gateway.model.question import Collection, Op, Order, Predicate, Question
from gateway.stitch.ask import FROM_CACHE
from gateway.stitch.connection import Connection, connect
from gateway.stitch.federation import Federation
from tests.stitch.fake import FakeRegistry, ask, federation, projects


async def walk(fed: Federation, first: int, **options: Any) -> list[list[str]]:
    """Every page of a question, as ids; where the walk pauses, it is gone on with later."""
    pages: list[list[str]] = []
    after: str | None = None
    while len(pages) < 200:
        page = await connect(
            ask(fed),
            Entity.PROJECT,
            registries=tuple(fed.adapters),
            first=first,
            after=after,
            **options,
        )
        pages.append([node.id for node in page.nodes])
        paused = any(row.paused for row in page.coverage)
        if not page.page_info.has_next_page and not paused:
            return pages
        after = page.page_info.end_cursor
    raise AssertionError("the walk does not end")


def registry(key: str, count: int, page_size: int = 3) -> FakeRegistry:
    return FakeRegistry(key, {Entity.PROJECT: projects(count, key)}, page_size)


def flat(pages: list[list[str]]) -> list[str]:
    return [one for page in pages for one in page]


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 12), min_size=1, max_size=3),
    size=st.integers(1, 5),
    first=st.integers(1, 9),
)
def test_any_partition_into_pages_gives_the_records_of_one_big_page(
    counts: list[int], size: int, first: int
) -> None:
    fed = federation(*(registry(f"r{i}", n, size) for i, n in enumerate(counts)))
    paged = asyncio.run(walk(fed, first))
    whole = asyncio.run(walk(fed, 500))
    assert flat(paged) == flat(whole)
    assert len(flat(whole)) == sum(counts)
    assert all(len(page) <= first for page in paged)


@settings(max_examples=60, deadline=None)
@given(
    failing=st.sets(st.integers(0, 12), max_size=6),
    first=st.integers(1, 7),
)
def test_failures_in_the_middle_lose_nothing(failing: set[int], first: int) -> None:
    bad = registry("bad", 11, 2)
    bad.fail = {number: RegistryTimeout("late", registry="bad") for number in failing}
    fed = federation(registry("good", 7, 3), bad)
    found = flat(asyncio.run(walk(fed, first)))
    assert sorted(found) == sorted(flat(asyncio.run(walk(federation(*again()), 500))))


def again() -> tuple[FakeRegistry, FakeRegistry]:
    return registry("good", 7, 3), registry("bad", 11, 2)


@settings(max_examples=40, deadline=None)
@given(first=st.integers(1, 9), descending=st.booleans(), size=st.integers(1, 4))
def test_an_order_holds_over_pages_and_registries(first: int, descending: bool, size: int) -> None:
    order = Order("project_status_date", descending)
    pushed = Collection(orders=frozenset({"project_status_date"}))
    one, other = registry("one", 9, size), registry("two", 7, size)
    other.collection = pushed
    fed = federation(one, other)
    dates = {r.id: r.project_status_date for r in records(one) + records(other)}
    found = flat(asyncio.run(walk(fed, first, order=order)))
    assert sorted(found) == sorted(dates)
    assert [dates[i] for i in found] == sorted(dates.values(), reverse=descending)


def records(of: FakeRegistry) -> list[Any]:
    return of.records(Entity.PROJECT, 0)


async def page_of(fed: Federation, **options: Any) -> Connection:
    return await connect(ask(fed), Entity.PROJECT, registries=tuple(fed.adapters), **options)


async def test_filters_give_the_same_whether_pushed_down_or_checked_here() -> None:
    wanted = (Predicate("project_status", Op.EQ, ProjectStatus.REGISTERED),)
    able, unable = registry("r", 10), registry("r", 10)
    unable.collection = Collection()
    pushed = await page_of(federation(able), predicates=wanted, first=100)
    checked = await page_of(federation(unable), predicates=wanted, first=100)
    assert [n.id for n in pushed.nodes] == [n.id for n in checked.nodes] != []
    assert pushed.coverage[0].pushed_down == ("project_status",)
    assert checked.coverage[0].checked_here == ("project_status",)
    assert able.calls < unable.calls


async def test_a_failed_registry_has_a_row_and_does_not_touch_the_others() -> None:
    bad = registry("bad", 5)
    bad.fail = {0: RegistryUnreachable("refused", registry="bad", retry_after=1.2)}
    page = await page_of(federation(bad, registry("good", 2)))
    rows = {row.registry: row for row in page.coverage}
    assert rows["bad"].outcome is Outcome.CONNECT_ERROR
    assert not rows["bad"].complete
    assert rows["bad"].retry_after_seconds == 2
    assert rows["good"].outcome is Outcome.OK
    assert len(page.nodes) == 2
    assert page.page_info.has_next_page
    assert page.total_count is None


async def test_a_page_without_records_or_a_new_place_is_a_pause_that_keeps_the_place() -> None:
    bad = registry("bad", 5)
    bad.fail = {n: RegistryTimeout("late", registry="bad") for n in range(3)}
    fed = federation(bad, registry("good", 2))
    first = await page_of(fed)
    assert first.page_info.has_next_page
    assert not any(row.paused for row in first.coverage)
    second = await page_of(fed, after=first.page_info.end_cursor)
    rows = {row.registry: row for row in second.coverage}
    assert second.nodes == []
    assert not second.page_info.has_next_page
    assert (rows["bad"].paused, rows["bad"].exhausted) == (True, False)
    assert (rows["bad"].retry_after_seconds or 0) >= 1
    assert not rows["good"].paused
    third = await page_of(fed, after=second.page_info.end_cursor)
    assert not third.page_info.has_next_page
    last = await page_of(fed, after=third.page_info.end_cursor)
    assert len(last.nodes) == 5
    assert not last.page_info.has_next_page
    assert not any(row.paused for row in last.coverage)


@pytest.mark.parametrize("order", [None, Order("project_name"), Order("project_status_date", True)])
async def test_a_plain_loop_ends_while_a_registry_is_down(order: Order | None) -> None:
    bad = registry("bad", 5)
    bad.fail = {n: RegistryUnreachable("refused", registry="bad") for n in range(10_000)}
    fed = federation(registry("good", 7), bad, registry("well", 4))
    found: list[str] = []
    after, more = None, True
    while more:
        page = await page_of(fed, first=2, after=after, order=order)
        found += [node.id for node in page.nodes]
        after, more = page.page_info.end_cursor, page.page_info.has_next_page
        assert bad.calls < 50
    assert len(found) == len(set(found)) == 11
    assert [row.registry for row in page.coverage if row.paused] == ["bad"]


def nothing(reply: Reply) -> None:
    return None


@pytest.mark.parametrize("leads", ["same", "back"])
@pytest.mark.parametrize("first", [1, 10])
async def test_pages_that_lead_back_are_told_and_never_read_for_ever(
    leads: str, first: int
) -> None:
    class Circle(FakeRegistry):
        async def pages(
            self, source: Any, question: Question, token: str | None = None
        ) -> AsyncIterator[Page]:
            at = int(token or 0)
            while True:
                await source.read(Request(f"/{at}"), nothing)
                after = at + 1 if at < 2 else {"same": at, "back": 1}[leads]
                rows = self.records(Entity.PROJECT, 0)[at : at + 1]
                yield Page(rows, str(at), str(after))
                at = after

    one = Circle("r", {Entity.PROJECT: projects(3, "r")})
    fed = federation(one)
    pages, after, more = 0, None, True
    while more:
        page = await page_of(fed, first=first, after=after)
        pages += 1
        after, more = page.page_info.end_cursor, page.page_info.has_next_page
        assert pages < 20
    assert page.coverage[0].outcome is Outcome.INVALID_PAYLOAD
    assert "lead back" in (page.coverage[0].message or "")
    assert page.coverage[0].paused


async def test_a_failure_after_some_records_is_partial() -> None:
    bad = registry("bad", 9, 2)
    bad.fail = {1: RegistryTimeout("late", registry="bad")}
    page = await page_of(federation(bad))
    assert page.coverage[0].outcome is Outcome.PARTIAL
    assert len(page.nodes) == 2


async def test_requiring_all_turns_a_gap_into_an_error() -> None:
    bad = registry("bad", 5)
    bad.fail = {0: RegistryTimeout("late", registry="bad")}
    fed = federation(bad, registry("good", 2))
    with pytest.raises(Incomplete, match="bad: TIMEOUT"):
        await connect(ask(fed, require_all=True), Entity.PROJECT, registries=tuple(fed.adapters))


async def test_a_registry_without_a_host_is_listed_and_not_asked() -> None:
    absent = registry("absent", 5)
    page = await page_of(federation(absent, registry("good", 2), down=["absent"]))
    assert page.coverage[0].outcome is Outcome.NOT_CONFIGURED
    assert absent.calls == 0
    assert not page.page_info.has_next_page
    assert page.total_count == 2


async def test_a_filter_on_what_a_registry_never_says_skips_it_with_the_reason() -> None:
    one = registry("one", 5)
    page = await page_of(
        federation(one), predicates=(Predicate("covered_by_ndc", Op.EQ, CoveredByNDC.INSIDE_NDC),)
    )
    assert page.coverage[0].outcome is Outcome.SKIPPED
    assert "`coveredByNdc`" in (page.coverage[0].message or "")
    assert one.calls == 0


async def test_totals_are_summed_only_when_every_registry_can_tell() -> None:
    page = await page_of(federation(registry("a", 4), registry("b", 5)), first=2)
    assert page.total_count == 9
    text = (Predicate("project_name", Op.CONTAINS, "name"),)
    page = await page_of(federation(registry("a", 4)), first=2, predicates=text)
    assert page.total_count is None
    assert page.coverage[0].why_no_total_count == (
        "`projectName` had to be checked here: how many match is known on a first page that reads "
        "the registry to its end."
    )


async def test_a_total_is_known_where_the_registry_was_read_from_its_beginning_to_its_end() -> None:
    text = (Predicate("project_name", Op.CONTAINS, "name 7"),)
    fed = federation(registry("a", 9))
    page = await page_of(fed, first=9, predicates=text)
    assert page.total_count == len(page.nodes) == 1
    assert page.coverage[0].why_no_total_count is None
    every = (Predicate("project_name", Op.CONTAINS, "name"),)
    begun = await page_of(fed, first=7, predicates=every)
    ended = await page_of(fed, first=7, predicates=every, after=begun.page_info.end_cursor)
    assert ended.coverage[0].exhausted
    assert ended.total_count is None


async def test_a_total_that_is_not_known_has_its_reason() -> None:
    bad = registry("bad", 5)
    bad.fail = {0: RegistryUnreachable("refused", registry="bad")}
    page = await page_of(federation(bad))
    assert page.coverage[0].why_no_total_count == (
        "The answer is not complete: `message` says why."
    )
    skipped = (Predicate("covered_by_ndc", Op.EQ, CoveredByNDC.INSIDE_NDC),)
    page = await page_of(federation(registry("one", 5)), predicates=skipped)
    assert page.coverage[0].why_no_total_count is None


async def test_a_walk_stops_at_the_budget_and_says_so() -> None:
    fed = federation(registry("r", 30, 1), limits=LimitSettings(calls_per_registry=4))
    page = await page_of(fed, first=10)
    assert len(page.nodes) == 4
    assert page.coverage[0].outcome is Outcome.PARTIAL
    assert "QUERY_TOO_EXPENSIVE" in (page.coverage[0].message or "")
    assert page.page_info.has_next_page


async def test_what_the_cache_answers_costs_no_call() -> None:
    one = registry("r", 30, 1)
    one.from_cache = lambda path: path != "/project/7"
    fed = federation(one, limits=LimitSettings(calls_per_registry=4))
    page = await page_of(fed, first=30)
    assert len(page.nodes) == 30
    assert page.coverage[0].complete
    one.from_cache = lambda path: False
    assert len((await page_of(fed, first=30)).nodes) == 4


async def test_reads_from_the_cache_have_a_bound_too() -> None:
    one = registry("r", 90, 1)
    one.from_cache = lambda path: True
    page = await page_of(federation(one, limits=LimitSettings(calls_per_registry=4)), first=90)
    assert len(page.nodes) == 4 * FROM_CACHE
    assert page.page_info.has_next_page


async def test_an_order_over_more_than_the_budget_is_refused() -> None:
    fed = federation(registry("r", 30, 1), limits=LimitSettings(calls_per_registry=4))
    with pytest.raises(OrderUnsupported, match="cannot sort by projectName"):
        await page_of(fed, order=Order("project_name"))


async def test_a_cursor_for_another_question_is_refused() -> None:
    fed = federation(registry("r", 9))
    cursor = (await page_of(fed, first=2)).page_info.end_cursor
    with pytest.raises(BadCursor):
        await page_of(
            fed,
            first=2,
            after=cursor,
            predicates=(Predicate("project_status", Op.EQ, ProjectStatus.REGISTERED),),
        )


async def test_every_edge_has_a_cursor_that_goes_on_after_it() -> None:
    fed = federation(registry("a", 4), registry("b", 4))
    page = await page_of(fed, first=8)
    whole = [node.id for node in page.nodes]
    for edge in page.edges:
        rest = await page_of(fed, first=8, after=edge.cursor)
        assert [node.id for node in rest.nodes] == whole[edge.index + 1 :]


async def test_rows_that_moved_between_pages_come_once() -> None:
    one = registry("r", 9, 4)
    fed = federation(one)
    page = await page_of(fed, first=3)
    one.rows[Entity.PROJECT].insert(0, projects(1, "new")[0])
    rest = await page_of(fed, first=20, after=page.page_info.end_cursor)
    first, then = {n.id for n in page.nodes}, {n.id for n in rest.nodes}
    assert not first & then
    assert len(first | then) == 9


async def test_unmapped_raw_values_are_warned_of() -> None:
    page = await page_of(federation(registry("r", 6)), first=6)
    assert page.coverage[0].warnings == [
        "projectStatus: 'odd' is not in the mapping tables (2 records)"
    ]


async def test_a_bug_in_one_adapter_is_not_the_others_loss() -> None:
    class Broken(FakeRegistry):
        def records(self, entity: Entity, source: int) -> list[Any]:
            raise KeyError("bug")

    broken = Broken("broken", {Entity.PROJECT: projects(2)})
    page = await page_of(federation(broken, registry("good", 2)))
    assert [row.outcome for row in page.coverage] == [Outcome.INVALID_PAYLOAD, Outcome.OK]


async def test_a_walk_that_its_adapter_calls_too_expensive_is_partial_and_says_why() -> None:
    class Deep(FakeRegistry):
        async def pages(self, source: Any, question: Any, token: str | None = None) -> Any:
            async for page in super().pages(source, question, token):
                yield page
                raise TooExpensive("rows past 10,000 cannot be read; narrow `where`")

    page = await page_of(federation(Deep("deep", {Entity.PROJECT: projects(9)})))
    row = page.coverage[0]
    assert (row.outcome, row.returned) == (Outcome.PARTIAL, 3)
    assert "past 10,000" in (row.message or "")
    assert page.page_info.has_next_page
