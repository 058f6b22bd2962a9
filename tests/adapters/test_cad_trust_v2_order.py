"""A node's list of issuances has no order: rows that moved between two pages are told, not lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.cad_trust_v2 import adapter
from adapters.contract import Page
from gateway.model.entity import Entity
from gateway.model.question import Question
from tests.adapters.source import LoopbackSource, loopback

KEYS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(2_500)]
Listed = Callable[[int], list[str]]


@asynccontextmanager
async def node(listed: Listed, counted: int = len(KEYS)) -> AsyncIterator[LoopbackSource]:
    """A node whose issuances lie in this order while a page of that number is read."""

    async def answer(request: web.Request) -> web.Response:
        page, limit = int(request.query["page"]), int(request.query["limit"])
        rows = listed(page) if request.match_info["name"] == "issuance" else []
        told = [{"cadTrustIssuanceId": key} for key in rows[(page - 1) * limit : page * limit]]
        count = counted if rows and limit == 1 else len(rows)
        return web.json_response({"page": page, "pageCount": -(-count // limit), "data": told})

    served = web.Application()
    served.router.add_get("/v2/{name}", answer)
    async with loopback(served, "cad-trust-v2") as source:
        yield source


async def read(source: LoopbackSource, token: str | None = None) -> tuple[list[str], list[Page]]:
    found = [page async for page in adapter.pages(source, Question(Entity.ISSUANCE), token)]
    return [record.key for page in found for record in page.records], found


async def test_a_list_that_keeps_its_order_is_whole() -> None:
    async with node(lambda page: KEYS) as source:
        keys, pages = await read(source)
    assert keys == KEYS
    assert [page.whole for page in pages] == [None] * 3


async def test_rows_that_come_twice_are_given_once_and_others_are_told_to_be_missing() -> None:
    moved = [*KEYS[1_000:1_010], *KEYS[:1_000], *KEYS[1_010:]]
    async with node(lambda page: moved if page == 2 else KEYS) as source:
        keys, pages = await read(source)
    assert len(keys) == len(set(keys)) == 2_490
    assert [page.whole is None for page in pages] == [True, False, False]
    assert "10 rows came twice" in str(pages[-1].whole)


async def test_fewer_rows_than_there_are_is_not_whole() -> None:
    async with node(lambda page: KEYS, counted=2_503) as source:
        _, pages = await read(source)
    assert [page.whole is None for page in pages] == [True, True, False]
    assert "2500 rows came on its pages, where it has 2503" in str(pages[-1].whole)


async def test_a_walk_that_goes_on_later_cannot_know_what_moved() -> None:
    async with node(lambda page: KEYS) as source:
        _, pages = await read(source)
        keys, later = await read(source, pages[0].next)
    assert keys == KEYS[1_000:]
    assert "read at another time" in str(later[-1].whole)


async def test_a_list_of_one_page_costs_no_more_calls() -> None:
    async with node(lambda page: KEYS[:900]) as source:
        _, (page,) = await read(source)
        asked = [dict(one.query)["limit"] for one in source.asked if "issuance" in one.path]
    assert (page.whole, asked) == (None, ["1000"])
