"""BioCarbon's lists: walks that hold together, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from gateway.errors import BadCursor, InvalidPayload
from gateway.model.entity import Entity
from gateway.model.question import Question
from tests.adapters.biocarbon_shelf import (
    UNIT,
    Row,
    Shelf,
    block,
    keys,
    pages,
    records,
    registry,
    retreat,
    shelf,
)
from tests.adapters.source import loopback


@pytest.mark.parametrize("size", ["1", "7", "5000"])
async def test_a_walk_goes_on_from_any_page(size: str) -> None:
    async with registry(per_page=size) as source:
        walked = await pages(source, UNIT)
        for number, page in list(enumerate(walked))[::9]:
            again = await pages(source, UNIT, page.token)
            assert [keys(list(p.records)) for p in again] == [
                keys(list(p.records)) for p in walked[number:]
            ]
    assert [page.next for page in walked] == [*(page.token for page in walked[1:]), None]


@pytest.mark.parametrize("token", ["x", "3.1.0.", "0.0.0.", "-1.1.1.", "0.1.1"])
async def test_a_token_of_another_paging_is_refused(token: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            await pages(source, UNIT, token)


async def test_rows_that_new_ones_push_down_are_given_once() -> None:
    served = Shelf({"retreats": [retreat(n) for n in range(10)]})
    served.before = {5: [retreat(90), retreat(91)]}
    async with shelf(served, per_page="4") as source:
        found = await pages(source, UNIT)
    # The first two calls are for blocks and projects, the third is the first of retirements.
    given = [key for page in found for key in keys(list(page.records))]
    assert len(given) == len(set(given))
    assert {key[-7:] for key in given} >= {f"{n:07d}" for n in range(10)}


async def test_rows_pushed_down_between_two_requests_are_given_once() -> None:
    served = Shelf({"retreats": [retreat(n) for n in range(8)]})
    async with shelf(served, per_page="4") as source:
        first = next(p for p in await pages(source, UNIT) if p.token.startswith("1.1"))
        served.rows["retreats"][:0] = [retreat(90), retreat(91)]
        after = await pages(source, UNIT, first.next)
    given = [key[-7:] for page in after for key in keys(list(page.records))]
    assert given == [f"{n:07d}" for n in range(4, 8)]


async def test_a_list_that_shrinks_while_it_is_read_is_an_invalid_payload() -> None:
    served = Shelf({"retreats": [retreat(n) for n in range(10)]}, drop={4: 1})
    async with shelf(served, per_page="4") as source:
        with pytest.raises(InvalidPayload, match="shrank"):
            await pages(source, UNIT)


async def test_a_row_that_comes_twice_is_an_invalid_payload() -> None:
    served = Shelf({"retreats": [retreat(1), retreat(2), retreat(1)]})
    async with shelf(served) as source:
        with pytest.raises(InvalidPayload, match="twice"):
            await pages(source, UNIT)


@pytest.mark.parametrize(
    "change",
    [
        {"current_page": 2},
        {"last_page": 9},
        {"total": 7},
        {"per_page": 0},
        {"total": -1},
        {"data": [block("x", active="1.5")]},
        {"data": [block("x", active="many")]},
        {"data": [{"serial": 1}]},
        {"data": None},
    ],
)
async def test_a_list_that_does_not_add_up_is_an_invalid_payload(change: Row) -> None:
    answer = {"current_page": 1, "data": [], "last_page": 1, "per_page": 5000, "total": 0}
    if isinstance(change.get("data"), list):
        answer["total"] = 1
    async with shelf(Shelf(answer={**answer, **change})) as source:
        with pytest.raises(InvalidPayload):
            await records(source, UNIT)


async def test_pages_that_change_their_size_are_an_invalid_payload() -> None:
    served = Shelf({"carbon-credits": [block(str(n)) for n in range(9)]})
    application = served.application()

    @web.middleware
    async def odd(request: web.Request, handler: Any) -> web.StreamResponse:
        size = "4" if request.query["page"] == "1" else "3"
        changed = request.clone(rel_url=request.rel_url.update_query(per_page=size))
        return await served.read(changed)

    application.middlewares.append(odd)
    async with loopback(application, "biocarbon") as source:
        with pytest.raises(InvalidPayload, match="size of its pages"):
            await records(source, Question(Entity.ISSUANCE))
