"""Gold Standard's emulator keeps the registry's own manners."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from gateway.sandbox.gold_standard import application
from tests.market import told_at

TOLD = told_at("gold-standard", 7)
Get = Any


@asynccontextmanager
async def client() -> AsyncIterator[Get]:
    async with TestClient(TestServer(application(TOLD))) as asking:
        yield asking


async def rows(answer: ClientResponse) -> tuple[list[dict[str, Any]], int]:
    return await answer.json(), int(answer.headers["X-Total-Count"])


async def test_lists_are_bare_arrays_newest_first_with_totals_in_headers() -> None:
    async with client() as asking:
        answer = await asking.get("/credits")
        found, total = await rows(answer)
    assert (len(found), total) == (25, len(TOLD.units))
    assert [int(row["id"]) for row in found] == sorted(u.number for u in TOLD.units)[:-26:-1]
    amount = sum(int(unit.unit_count) for unit in TOLD.units)
    assert answer.headers["X-Total-Number-Of-Credits"] == str(amount)


async def test_projects_are_silently_clamped_to_150() -> None:
    assert len(TOLD.projects) == 168
    async with client() as asking:
        found, total = await rows(await asking.get("/projects", params={"size": "1000"}))
        rest, _ = await rows(await asking.get("/projects", params={"size": "1000", "page": "2"}))
    assert (len(found), total, len(rest)) == (150, 168, 18)


async def test_more_than_25_credits_are_refused_as_html() -> None:
    async with client() as asking:
        answer = await asking.get("/credits", params={"size": "26"})
    assert (answer.status, answer.content_type) == (403, "text/html")


@pytest.mark.parametrize("headers", [{"User-Agent": ""}])
async def test_no_user_agent_is_refused_as_html(headers: Mapping[str, str]) -> None:
    async with client() as asking:
        answer = await asking.get("/projects", headers=headers)
    assert (answer.status, answer.content_type) == (403, "text/html")


@pytest.mark.parametrize("name", ["project_id", "status", "sustaincert_id"])
async def test_unknown_parameters_are_ignored(name: str) -> None:
    async with client() as asking:
        _, total = await rows(await asking.get("/projects", params={name: "1"}))
    assert total == len(TOLD.projects)


async def test_query_countries_and_issuances_narrow() -> None:
    project = TOLD.projects[0]
    country = project.project_locations[0].country
    retired = {"issuances": "false", "query": project.key, "countries": f"{country},XX"}
    async with client() as asking:
        found, _ = await rows(await asking.get("/projects", params={"query": project.key.lower()}))
        own, _ = await rows(await asking.get("/credits", params=retired))
        none, _ = await rows(await asking.get("/projects", params={"countries": "XX"}))
    assert project.number in [row["sustaincert_id"] for row in found]
    assert {row["status"] for row in own} <= {"RETIRED"}
    assert none == []


async def test_one_row_is_read_by_its_row_id() -> None:
    project, unit = TOLD.projects[0], TOLD.units[0]
    async with client() as asking:
        told = await (await asking.get(f"/projects/{project.row_id}")).json()
        block = await (await asking.get(f"/credits/{unit.number}")).json()
        missing = await asking.get(f"/projects/{project.number}")
    assert told["sustaincert_id"] == project.number
    assert block["serial_number"] == unit.unit_serial_id
    assert missing.status == 404
