"""A list that grows while it is read: each row that was there comes once, and the answer says that
rows came in meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from gateway.errors import Incomplete, InvalidPayload, Outcome
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.sandbox.national_rest import REGISTRY, adds
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.upstream.terms import Terms
from tests.adapters.manifests import manifest
from tests.adapters.test_manifest_rest import facing
from tests.conformance.desk import desk
from tests.conformance.test_whole_truth import fresh

ENTITIES = [Entity.PROJECT, Entity.ISSUANCE, Entity.UNIT]
GREW = "The list grew by 1 row while it was read: not all may be among those given."


def ask(fed: Any, *, require_all: bool = False) -> Ask:
    return Ask(fed, Terms(deadline=fed.clock.monotonic() + 60), require_all=require_all)


@pytest.mark.parametrize("entity", ENTITIES)
async def test_a_walk_gives_each_row_once_and_says_that_one_came_in(entity: Entity) -> None:
    async with desk(REGISTRY, scale=3) as at, fresh(at, REGISTRY) as fed:
        at.sandbox.fail(REGISTRY, adds)
        page = await connect(ask(fed), entity, registries=(REGISTRY,), first=10_000)
        (row,) = page.coverage
        assert sorted(node.key for node in page.nodes) == sorted(at.truth.rows(entity))
        assert (row.outcome, row.complete, row.total_count) == (Outcome.PARTIAL, False, None)
        assert row.message == f"REGISTRY_NOT_WHOLE: {GREW}"
        with pytest.raises(Incomplete, match="The list grew"):
            await connect(ask(fed, require_all=True), entity, registries=(REGISTRY,), first=10_000)


@pytest.mark.parametrize("entity", ENTITIES)
async def test_page_by_page_each_row_comes_once_too(entity: Entity) -> None:
    async with desk(REGISTRY, scale=3) as at, fresh(at, REGISTRY) as fed:
        at.sandbox.fail(REGISTRY, adds)
        found: list[str] = []
        after: str | None = None
        complete = []
        while True:
            page = await connect(ask(fed), entity, registries=(REGISTRY,), first=7, after=after)
            found += [node.key for node in page.nodes]
            complete.append(page.coverage[0].complete)
            if not page.page_info.has_next_page:
                break
            after = page.page_info.end_cursor
        assert sorted(found) == sorted(at.truth.rows(entity))
        assert complete[-1] is False


LIST = """\
[client]
type = "rest"
paginator = { type = "page_number", base_page = 1, limit = 2, limit_param = "size" }
[resources.project]
[resources.project.endpoint]
path = "projects"
data_selector = "rows"
total_selector = "total"
[resources.project.fields]
key = "code"
"""
PROJECTS = Question(Entity.PROJECT, want=2)


@dataclass
class Growing:
    """A list to which `more` rows come after its first page, at this place."""

    at: int
    more: int = 1

    async def serve(self, request: web.Request) -> web.Response:
        page = int(request.query.get("page", "1"))
        rows = [f"P{n}" for n in range(5)]
        if page > 1:
            new = [f"N{n}" for n in range(self.more)]
            rows = [*rows[: self.at], *new, *rows[self.at :]] if self.more > 0 else rows[:-1]
        part = rows[(page - 1) * 2 : page * 2]
        return web.json_response({"rows": [{"code": c} for c in part], "total": len(rows)})


async def walked(tmp_path: Any, growing: Growing) -> list[Any]:
    interface: Any = growing
    async with facing(manifest(tmp_path, LIST), interface) as at:
        return await at.pages(PROJECTS)


@pytest.mark.parametrize(("place", "told"), [(0, True), (1, True), (3, False), (5, False)])
async def test_rows_that_come_in_behind_the_walk_are_given_and_others_are_told(
    tmp_path: Any, place: int, told: bool
) -> None:
    pages = await walked(tmp_path, Growing(place))
    found = [record.key for page in pages for record in page.records]
    assert [key for key in found if key.startswith("P")] == [f"P{n}" for n in range(5)]
    assert ("N0" in found) is not told
    assert [page.whole for page in pages] == [None] * (len(pages) - 1) + [GREW if told else None]


async def test_several_rows_are_counted(tmp_path: Any) -> None:
    pages = await walked(tmp_path, Growing(0, more=2))
    assert "grew by 2 rows" in pages[-1].whole


async def test_whoever_comes_back_later_is_told_how_the_list_moved(tmp_path: Any) -> None:
    interface: Any = Growing(5)
    async with facing(manifest(tmp_path, LIST), interface) as at:
        first, *_ = await at.pages(PROJECTS)
        later = await at.pages(PROJECTS, first.next)
        assert later[-1].whole == GREW
        assert (await at.pages(PROJECTS, "2.2"))[-1].whole is None
        interface.more = 0
        with pytest.raises(InvalidPayload, match="became shorter"):
            await at.pages(PROJECTS, first.next)
