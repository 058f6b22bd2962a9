"""Whether a node is whole is the node's own word; with one organisation, that one's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from adapters.cad_trust import adapter
from adapters.cad_trust_synced import read_organisations, trouble
from adapters.contract import Page, Reply
from gateway.errors import RegistryHttpError, RegistryUnavailable
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from tests.adapters.source import loopback

BEHIND = "The node has not yet synced all of its organisations' data"
OURS = {"synced": True, "sync_remaining": 0}


def node(headers: dict[str, str], organisations: Any = None) -> web.Application:
    async def listed(request: web.Request) -> web.Response:
        if "page" not in request.query:
            # One key, and no such record.
            return web.json_response(None, headers=headers)
        return web.json_response({"page": 1, "pageCount": 0, "data": []}, headers=headers)

    async def known(_: web.Request) -> web.Response:
        if organisations is None:
            return web.json_response({"message": "no"}, status=400)
        return web.json_response(organisations)

    made = web.Application()
    made.router.add_get("/v1/projects", listed)
    made.router.add_get("/v1/units", listed)
    made.router.add_get("/v1/organizations", known)
    return made


async def asked(
    headers: dict[str, str],
    organisations: Any = None,
    question: Question | None = None,
    **options: str,
) -> list[Page]:
    wanted = question or Question(Entity.PROJECT)
    async with loopback(node(headers, organisations), "cad-trust", options=options) as source:
        return [page async for page in adapter.pages(source, wanted)]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"x-data-synced": "false", "x-sync-remaining": "0"}, f"{BEHIND} (0 changes to go)."),
        ({"x-data-synced": "False", "x-sync-remaining": "7"}, f"{BEHIND} (7 changes to go)."),
        ({"x-data-synced": " false "}, f"{BEHIND}."),
        ({"x-data-synced": "no", "x-sync-remaining": "many"}, f"{BEHIND}."),
        ({"x-data-synced": "true", "x-sync-remaining": "9"}, None),
        ({}, None),
    ],
)
async def test_false_is_the_word_and_the_number_a_hint(
    headers: dict[str, str], told: str | None
) -> None:
    (page,) = await asked(headers)
    assert page.whole == told


@pytest.mark.parametrize(
    ("organisations", "whole"),
    [
        ({"ours": OURS, "other": {"synced": False}}, True),
        ({"ours": {**OURS, "synced": 1}}, True),
        ({"ours": {**OURS, "synced": False}, "other": {"synced": True}}, False),
        ({"ours": {"sync_remaining": 0}}, False),
        ({"other": {"synced": True}}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
async def test_with_one_organisation_its_own_entry_decides(organisations: Any, whole: bool) -> None:
    behind = {"x-data-synced": "false", "x-sync-remaining": "0"}
    (page,) = await asked(behind, organisations, orgUid="ours")
    assert (page.whole is None) is whole


async def test_parents_without_children_are_not_certain_on_a_node_that_is_behind() -> None:
    parent = Parent(Entity.PROJECT, ("00000000-0000-4000-8000-000000000001",))
    question = Question(Entity.UNIT, parent=parent)
    (page,) = await asked({"x-data-synced": "false"}, question=question)
    assert (page.records, page.whole) == ((), f"{BEHIND}.")
    assert await asked({"x-data-synced": "true"}, question=question) == []


def told(body: Any, status: int = 400) -> Any:
    return trouble(Reply(status, {}, json.dumps(body).encode()))


def test_a_node_that_is_cut_off_is_unavailable_and_the_operator_hears_its_words() -> None:
    away = "Your node is on  but your climate warehouse is set to mainnet,\r\n please change."
    error = told({"message": "Chia Exception", "error": away, "success": False})
    assert isinstance(error, RegistryUnavailable)
    assert error.message == "the node is cut off from the data it serves"
    assert error.told.endswith("climate warehouse is set to mainnet, please change.")
    assert error.extensions["retryable"] is True
    endless = told({"message": "Chia Exception", "error": "x" * 9000})
    assert len(endless.told) < 300
    assert told({"message": "Chia Exception", "error": 5}).told == ""


def test_a_wrong_question_and_a_refused_key_are_no_outage() -> None:
    wrong = told({"message": "Data Validation error", "errors": ["limit is required", "page"]})
    key = told({"message": "CADT API key not found"}, 403)
    for error in (wrong, key):
        assert isinstance(error, RegistryHttpError)
        assert error.extensions["retryable"] is False
    assert "Data Validation error; limit is required; page" in wrong.told
    assert (wrong.status, key.status) == (400, 403)
    assert told({"success": False}) is None


@pytest.mark.parametrize("odd", ["null", "7", '"x"', "[]", '{"synced": []}', '{"synced": "yes"}'])
def test_an_entry_that_cannot_be_read_costs_no_other(odd: str) -> None:
    body = f'{{"sound": {{"synced": true}}, "odd": {odd}, "old": {{"synced": 1}}}}'
    found = read_organisations(Reply(200, {}, body.encode()))
    assert found == {"sound": True, "odd": False, "old": True}
