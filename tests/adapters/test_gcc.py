"""The Global Carbon Council's adapter: a tenant whose standard is looked up."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Adapter
from adapters.gcc import adapter
from gateway.errors import InvalidPayload
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.sandbox.gcc import EMULATOR
from tests.adapters.source import loopback
from tests.adapters.tenant import ask, keys, serve
from tests.market import make

TOLD = make().told_by("gcc")


def test_it_is_an_adapter_that_says_that_nothing_was_verified() -> None:
    checked: Adapter = adapter
    assert checked.info.verified == ""
    assert "ot verified against a live host" in checked.info.notes


async def test_the_standard_is_read_from_the_tenants_own_list() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        found = await ask(adapter, source, Question(Entity.PROJECT))
        assert sorted(keys(found)) == sorted(p.key for p in TOLD.projects)
        assert source.asked[0].path.endswith("/standardsByRegistry/GCC")
        assert dict(source.asked[1].headers) == {
            "standardid": "199000000000001",
            "standardacronym": "GCC",
        }


async def test_a_number_of_the_project_portal_is_no_project_here() -> None:
    assert adapter.project_key("S00209") is None
    assert adapter.project_key("199700000000003") == "199700000000003"
    async with serve(adapter, EMULATOR, TOLD) as source:
        page = await adapter.by_keys(source, Entity.PROJECT, ["S00209"])
        assert page.records == []


@pytest.mark.parametrize(
    "body", ["[]", "{}", "<html></html>", '[{"name": "no id"}]', '[{"id": null}]', ""]
)
async def test_a_list_of_standards_that_names_none_is_an_error(body: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    async with loopback(app, "gcc") as source:
        with pytest.raises(InvalidPayload) as raised:
            await ask(adapter, source, Question(Entity.PROJECT))
        assert "standards" in raised.value.message or "web page" in raised.value.message


async def test_a_registry_without_any_project_is_not_believed() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response([{"id": "1", "metaData": "A"}, {"id": 2, "name": "B"}])
        found: list[Any] = []
        return web.json_response({"entities": found, "totalEntities": 0, "start": 0})

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    async with loopback(app, "gcc", options=adapter.info.options) as source:
        with pytest.raises(InvalidPayload, match="standardid"):
            await ask(adapter, source, Question(Entity.UNIT))
    async with loopback(app, "gcc") as source:
        assert await ask(adapter, source, Question(Entity.UNIT)) == []
        assert {dict(r.headers).get("standardacronym") for r in source.asked[1:]} == {"A", "B"}
