"""What every tenant of the S&P Global platform is held to: distrust of what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from adapters.verra import adapter
from gateway.errors import (
    BadCursor,
    InvalidPayload,
    RegistryHttpError,
    RegistryRateLimited,
    TooExpensive,
)
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.sandbox.sp_traps import TRAPS
from gateway.sandbox.verra import EMULATOR
from tests.adapters.shelf import Shelf, row
from tests.adapters.source import LoopbackSource, loopback
from tests.adapters.tenant import ask, asking, keys, pages, serve
from tests.market import make

TOLD = make().told_by("verra")
HELD = (UnitStatus.HELD, UnitStatus.BUFFER)
SERIAL = "19385-941467007-941467431-VCS-VCU-1507-VER-ET-14-1340-01012020-31122020-1"


@asynccontextmanager
async def shelf(
    rows: dict[str, list[dict[str, Any]]], **options: str
) -> AsyncIterator[tuple[Shelf, LoopbackSource]]:
    standing = Shelf(rows)
    async with loopback(standing.application(), "verra", options=options) as source:
        yield standing, source


async def test_a_row_that_went_away_between_two_pages_takes_no_other_with_it() -> None:
    rows = [row(100 + n) for n in range(120)]
    async with shelf({"project": rows}) as (standing, source):
        walked = adapter.pages(source, Question(Entity.PROJECT, want=50))
        first = await anext(walked)
        standing.rows["project"] = rows[30:]
        rest = [record.row.entityId async for page in walked for record in page.records]
        assert len(first.records) == 50
        assert rest == [100 + n for n in range(50, 120)]


async def test_a_walk_whose_place_lies_beyond_what_is_left_steps_back_to_the_rest() -> None:
    rows = [row(100 + n) for n in range(200)]
    async with shelf({"project": rows}) as (standing, source):
        first = (await pages(adapter, source, Question(Entity.PROJECT, want=50)))[2]
        standing.rows["project"] = rows[140:]
        assert first.next is not None
        found = await pages(adapter, source, Question(Entity.PROJECT, want=50), first.next)
        assert [r.row.entityId for page in found for r in page.records] == [*range(248, 300)]


async def test_rows_beyond_the_window_are_refused_with_the_way_that_works() -> None:
    rows = [row(n + 1) for n in range(10_900)]
    async with shelf({"project": rows}) as (_, source):
        walked = adapter.pages(source, Question(Entity.PROJECT, want=400))
        seen = [len((await anext(walked)).records) for _ in range(26)]
        assert sum(seen) > 10_000
        with pytest.raises(TooExpensive, match=r"10400.*narrow"):
            await anext(walked)


@pytest.mark.parametrize(
    "token", ["", "x", "9.0.50.0", "0.0.51.0", "0.0.50", "0.-1.50.0", "0.0.50.0.0", "0.0.50.0\n"]
)
async def test_a_place_that_was_never_given_is_refused(token: str) -> None:
    async with shelf({"project": [row(1)]}) as (_, source):
        with pytest.raises(BadCursor):
            await pages(adapter, source, Question(Entity.PROJECT), token)


@pytest.mark.parametrize("trap", ["front-end-page", "ignored-order", "clamped-pages"])
async def test_an_answer_to_another_question_is_no_answer(trap: str) -> None:
    async with serve(adapter, EMULATOR, TOLD, TRAPS[trap]) as source:
        with pytest.raises(InvalidPayload):
            await ask(adapter, source, Question(Entity.UNIT, want=400))


async def test_an_ignored_filter_is_found_by_the_rows_it_lets_through() -> None:
    async with serve(adapter, EMULATOR, TOLD, TRAPS["ignored-filters"]) as source:
        with pytest.raises(InvalidPayload, match="projectId was ignored"):
            await ask(adapter, source, asking(Entity.PROJECT, "project_id", Op.EQ, "901002"))


async def test_an_ignored_filter_that_may_be_inexact_is_told_and_loses_nothing() -> None:
    async with serve(adapter, EMULATOR, TOLD, TRAPS["ignored-filters"]) as source:
        question = asking(Entity.PROJECT, "project_status", Op.EQ, ProjectStatus.REJECTED)
        found = await pages(adapter, source, question)
        assert sum(len(page.records) for page in found) == len(TOLD.projects)
        assert found[0].warnings
        assert found[0].total is None


async def test_a_total_that_is_the_whole_ledgers_is_not_believed_of_a_filter() -> None:
    rows = [row(n + 1, vintage="2020") for n in range(60)]
    async with shelf({"issuances": rows}) as (_, source):
        found = await pages(adapter, source, asking(Entity.ISSUANCE, "vintage_year", Op.EQ, 2020))
        assert found[0].total is None
        assert "filters may be ignored" in found[0].warnings[0]
        rows.append(row(99, vintage="2021"))
        found = await pages(adapter, source, asking(Entity.ISSUANCE, "vintage_year", Op.EQ, 2020))
        assert [page.total for page in found] == [60, 60]


async def test_a_ledger_that_is_known_not_to_be_empty_is_not_believed_when_it_is() -> None:
    expected = {"expect_rows": "VCS.project VCS.holdings"}
    async with shelf({}, **expected) as (_, source):
        with pytest.raises(InvalidPayload, match="standardid"):
            await ask(adapter, source, Question(Entity.PROJECT))
        with pytest.raises(InvalidPayload, match=r"VCS\.issuances is empty"):
            await ask(adapter, source, Question(Entity.ISSUANCE))
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.UNIT, [SERIAL])
    async with shelf({"project": [row(1)]}, expect_rows="VCS.project") as (_, source):
        assert await ask(adapter, source, Question(Entity.ISSUANCE)) == []


async def test_a_ledger_may_be_empty_where_nobody_knows_better() -> None:
    async with shelf({}) as (_, source):
        found = await pages(adapter, source, Question(Entity.PROJECT))
        assert [(len(page.records), page.total) for page in found] == [(0, 0)]


async def test_missing_identity_headers_are_an_error_of_the_registry() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        source.headers = {"appkey": EMULATOR.credential}
        with pytest.raises(RegistryHttpError) as raised:
            await ask(adapter, source, Question(Entity.PROJECT))
        assert raised.value.status == 500


async def test_a_status_in_a_spelling_that_nobody_knows_makes_the_walk_read_everything() -> None:
    rows = [
        row(1, status="Registered"),
        row(2, status="REGISTERED  twice"),
        row(3, status="Inactive"),
    ]
    async with shelf({"project": rows}) as (_, source):
        question = asking(Entity.PROJECT, "project_status", Op.EQ, ProjectStatus.INACTIVE)
        assert len(await ask(adapter, source, question)) == 3
        del rows[1]
        assert [p.row.entityId for p in await ask(adapter, source, question)] == [3]


async def test_a_status_that_the_registry_has_no_word_for_costs_no_call() -> None:
    async with shelf({"project": [row(1)]}) as (standing, source):
        question = asking(Entity.PROJECT, "project_status", Op.EQ, ProjectStatus.CERTIFIED)
        assert await ask(adapter, source, question) == []
        question = asking(Entity.UNIT, "unit_status", Op.EQ, UnitStatus.EXPORTED)
        assert await ask(adapter, source, question) == []
        question = asking(Entity.PROJECT, "project_id", Op.EQ, "GS1234")
        assert await ask(adapter, source, question) == []
        assert standing.asked == []


async def test_children_of_what_is_no_project_number_cost_no_call() -> None:
    async with shelf({}) as (standing, source):
        question = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, ("", "P1Z", "²")))
        assert await ask(adapter, source, question) == []
        assert standing.asked == []


async def test_two_filters_on_one_column_are_met_together() -> None:
    rows = [row(n, projectId=n) for n in range(1, 6)]
    async with shelf({"issuances": rows}) as (_, source):

        def both(*values: str) -> Question:
            named = Predicate("project.project_id", Op.IN, values)
            return Question(Entity.ISSUANCE, (named,), Parent(Entity.PROJECT, ("2", "3")))

        assert [r.row.projectId for r in await ask(adapter, source, both("3", "VCS4"))] == [3]
        assert await ask(adapter, source, both("4", "5")) == []


async def test_a_row_without_a_range_in_its_serial_goes_by_its_row_number() -> None:
    rows = [row(11, serialNo="PENDING"), row(12), row(13, serialNo=SERIAL)]
    async with shelf({"holdings": rows}) as (_, source):
        found = await ask(adapter, source, Question(Entity.UNIT))
        assert keys(found) == ["11", "12", SERIAL]
        page = await adapter.by_keys(source, Entity.UNIT, ["12", SERIAL, "11", "14", "x"])
        assert sorted(keys(page.records)) == ["11", "12", SERIAL]
        assert {unit.vintage_start_date for unit in found} == {None, "2020-01-01"}
        assert {unit.unit_block_end for unit in found} == {None, "941467431"}


async def test_many_keys_are_asked_for_in_few_calls() -> None:
    rows = [row(n, projectId=n) for n in range(1, 251)]
    async with shelf({"project": rows}) as (standing, source):
        page = await adapter.by_keys(source, Entity.PROJECT, [str(n) for n in range(1, 251)])
        assert len(page.records) == 250
        assert len(standing.asked) == 3


async def test_an_answer_with_a_page_from_elsewhere_is_refused() -> None:
    async with shelf({"project": [row(1), row(2)]}) as (standing, source):

        def other_start(answer: dict[str, Any]) -> None:
            answer["start"] = 7

        def fewer(answer: dict[str, Any]) -> None:
            answer["entities"] = answer["entities"][:1]

        def twice(answer: dict[str, Any]) -> None:
            answer["entities"] = answer["entities"][:1] * 2

        for twist in (other_start, fewer, twice):
            standing.twist = twist
            with pytest.raises(InvalidPayload) as raised:
                await ask(adapter, source, Question(Entity.PROJECT))
            assert raised.value.registry == "verra"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"entities": [{}], "totalEntities": 1, "start": 0}', b"\xff", b"null"],
)
async def test_a_body_of_another_shape_is_refused(body: bytes) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    async with loopback(app, "verra") as source:
        with pytest.raises(InvalidPayload):
            await ask(adapter, source, Question(Entity.PROJECT))


async def test_a_ledger_that_fails_loses_nothing_of_the_ones_before_it() -> None:
    async with serve(adapter, EMULATOR, TOLD, failing("retirements")) as source:
        walked = adapter.pages(source, Question(Entity.UNIT, want=400))
        held = await anext(walked)
        assert {getattr(u, "unit_status", None) for u in held.records} == {
            UnitStatus.HELD,
            UnitStatus.BUFFER,
        }
        assert held.total is None
        with pytest.raises(RegistryRateLimited):
            await anext(walked)


async def test_a_first_ledger_that_fails_is_not_asked_twice() -> None:
    async with serve(adapter, EMULATOR, TOLD, failing("holdings")) as source:
        with pytest.raises(RegistryRateLimited):
            await ask(adapter, source, Question(Entity.UNIT))
        assert len(source.asked) == 3


def failing(ledger: str) -> Any:
    """A platform that answers 429 for one ledger."""

    @web.middleware
    async def fail(request: web.Request, handler: Any) -> web.StreamResponse:
        if f"/{ledger}/" in request.path:
            return web.Response(status=429)
        found: web.StreamResponse = await handler(request)
        return found

    return fail


async def test_the_total_of_all_units_is_that_of_the_three_ledgers() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        found = await pages(adapter, source, Question(Entity.UNIT, want=100))
        assert {page.total for page in found} == {len(TOLD.units)}
        resumed = await pages(adapter, source, Question(Entity.UNIT, want=100), found[2].token)
        assert {page.total for page in resumed} == {len(TOLD.units)}
