"""Gold Standard's paging while rows come and go, and rows of odd shapes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from adapters.gold_standard import adapter
from adapters.gold_standard_asks import credits_of
from adapters.gold_standard_walk import Place, place, walk
from gateway.errors import InvalidPayload
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from tests.adapters.source import LoopbackSource, loopback


def block(number: int, **other: Any) -> dict[str, Any]:
    """A row of `/credits` with no more than it takes."""
    serial = f"GS1-1-KE-GS990001-4-2020-7-{number}-{number}"
    plain = {
        "id": str(number),
        "number_of_credits": 1,
        "serial_number": serial,
        "batch_number": 7,
        "vintage": "2020",
        "project": {"id": "1", "sustaincert_id": 990001},
    }
    return plain | other


class Shifting:
    """A list of blocks that tests change between pages."""

    def __init__(self, numbers: list[int]) -> None:
        self.rows = [block(number) for number in sorted(numbers, reverse=True)]
        self.headers: dict[str, str] = {}

    async def answer(self, request: web.Request) -> web.Response:
        page, size = int(request.query["page"]), int(request.query["size"])
        query = request.query.get("query", "")
        found = [row for row in self.rows if query in str(row["serial_number"])]
        rows = found[(page - 1) * size : page * size]
        headers = {"X-Total-Count": str(len(found)), **self.headers}
        return web.json_response(rows, headers=headers)

    async def one(self, request: web.Request) -> web.Response:
        for row in self.rows:
            if row["id"] == request.match_info["id"]:
                return web.json_response(row)
        return web.json_response({"message": "Not Found"}, status=404)


@asynccontextmanager
async def serving(shifting: Shifting) -> AsyncIterator[LoopbackSource]:
    served = web.Application()
    served.router.add_get("/credits", shifting.answer)
    served.router.add_get("/credits/{id}", shifting.one)
    async with loopback(served, "gold-standard") as source:
        yield source


ALL = credits_of("", None)


async def test_rows_pushed_on_by_new_ones_come_once() -> None:
    shifting = Shifting(list(range(1, 61)))
    found: list[str] = []
    async with serving(shifting) as source:
        async for step in walk(source, ALL, Place()):
            found += [row.id for _, row in step.rows]
            if step.place.page == 1:
                shifting.rows[:0] = [block(number) for number in (63, 62, 61)]
    assert found == [str(number) for number in range(60, 0, -1)]


async def test_rows_moved_up_by_a_vanished_one_are_not_lost() -> None:
    shifting = Shifting(list(range(1, 61)))
    found: list[str] = []
    async with serving(shifting) as source:
        async for step in walk(source, ALL, Place()):
            found += [row.id for _, row in step.rows]
            if len(found) == 25:
                del shifting.rows[3]
    assert found == [str(number) for number in range(60, 0, -1)]


async def test_a_list_that_keeps_shrinking_is_no_answer() -> None:
    shifting = Shifting(list(range(1, 101)))
    async with serving(shifting) as source:
        steps = walk(source, ALL, Place())
        for _ in range(2):
            await anext(steps)
            del shifting.rows[0]
        with pytest.raises(InvalidPayload, match="shrank"):
            await anext(steps)


async def test_a_place_goes_on_after_the_last_row_wherever_it_moved() -> None:
    shifting = Shifting(list(range(1, 61)))
    async with serving(shifting) as source:
        first = await anext(walk(source, ALL, Place()))
        shifting.rows[:0] = [block(61)]
        token = str(first.next)
        rest = [row.id async for s in walk(source, ALL, place(token, 25)) for _, row in s.rows]
    assert rest == [str(number) for number in range(35, 0, -1)]


@pytest.mark.parametrize("total", ["", "many", "-1", "1" * 16])
async def test_a_list_without_a_total_has_no_end_and_is_refused(total: str) -> None:
    shifting = Shifting([1, 2])
    shifting.headers = {"X-Total-Count": total}
    async with serving(shifting) as source:
        with pytest.raises(InvalidPayload, match="X-Total-Count"):
            [step async for step in walk(source, ALL, Place())]


@pytest.mark.parametrize("number", ["", "x1", "1" * 18, "-3"])
async def test_a_row_whose_id_is_no_number_is_left_out(number: str) -> None:
    shifting = Shifting([1])
    shifting.rows = [block(3), block(2, id=number), block(1)]
    async with serving(shifting) as source:
        steps = [step async for step in walk(source, ALL, Place())]
    assert [(place, row.id) for step in steps for place, row in step.rows] == [(0, "3"), (2, "1")]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "{}",
        '{"message": "error"}',
        "<!doctype html><p>Attention</p>",
        '[{"id": "1"}]',
        json.dumps([block(1)])[:-4],
        "[" * 5000,
    ],
)
async def test_a_body_that_is_no_list_of_rows_is_an_invalid_payload(body: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body, headers={"X-Total-Count": "1"})

    served = web.Application()
    served.router.add_get("/credits", answer)
    async with loopback(served, "gold-standard") as source:
        with pytest.raises(InvalidPayload):
            [page async for page in adapter.pages(source, Question(Entity.UNIT))]


async def test_a_block_without_a_range_has_its_row_id_as_key_and_is_read_by_it() -> None:
    shifting = Shifting([1, 2, 3])
    shifting.rows[1] = block(2, serial_number="1 - 500", batch_number=None)
    shifting.rows[2] = block(1, serial_number=None)
    async with serving(shifting) as source:
        (page,) = [page async for page in adapter.pages(source, Question(Entity.UNIT))]
        assert [record.key for record in page.records][1:] == ["2", "1"]
        assert [record.identifiers for record in page.records][1:] == [(), ()]
        found = await adapter.by_keys(source, Entity.UNIT, ["2", "1", "9", "3"])
        assert [record.key for record in found.records] == ["2", "1"]
        assert [record.pointer for record in found.records] == ["", ""]
        parents = [record.parent.pointer for record in found.records]  # type: ignore[attr-defined]
        assert parents == ["/project", "/project"]


async def test_a_pair_of_cdm_serials_leads_to_its_row() -> None:
    pair = "RW-5-1000001-2-2-0-90001 - RW-5-1000500-2-2-0-90001"
    shifting = Shifting([1, 2])
    shifting.rows[0] = block(2, serial_number=pair)
    async with serving(shifting) as source:
        found = await adapter.by_keys(source, Entity.UNIT, [pair])
    assert [record.key for record in found.records] == [f"{pair}~2"]


async def test_a_block_without_batch_or_vintage_is_part_of_no_issuance() -> None:
    shifting = Shifting([1, 2, 3, 4])
    shifting.rows[0] = block(4, batch_number=None)
    shifting.rows[1] = block(3, vintage=None)
    shifting.rows[2] = block(2, vintage="unknown")
    parent = Parent(Entity.PROJECT, ("GS990001",))
    async with serving(shifting) as source:
        units = [p async for p in adapter.pages(source, Question(Entity.UNIT))]
        listed = [p async for p in adapter.pages(source, Question(Entity.ISSUANCE, parent=parent))]
    keys = [record.issuance_key for page in units for record in page.records]  # type: ignore[attr-defined]
    assert keys == [None, None, None, "GS990001-7-2020"]
    assert [record.key for page in listed for record in page.records] == ["GS990001-7-2020"]
