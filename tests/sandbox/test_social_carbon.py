"""Social Carbon's emulator pages, narrows and refuses as Bubble's Data API does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.sandbox.social_carbon import application
from tests.market import told_at

TOLD = told_at("social-carbon", 16)


async def get(path: str, **query: str) -> tuple[int, dict[str, Any]]:
    async with TestClient(TestServer(application(TOLD))) as asking:
        answer = await asking.get(f"/api/1.1/obj/{path}", params=query)
        return answer.status, await answer.json()


def equals(key: str, value: str, kind: str = "equals") -> str:
    return json.dumps([{"key": key, "constraint_type": kind, "value": value}])


async def test_pages_hold_a_hundred_rows_at_most() -> None:
    assert len(TOLD.projects) == 128
    status, body = await get("project", limit="500", cursor="0")
    page = body["response"]
    assert (status, page["count"], page["remaining"]) == (200, 100, 28)
    _, rest = await get("project", limit="500", cursor="100")
    assert (rest["response"]["cursor"], rest["response"]["remaining"]) == (100, 0)
    keys = [row["_id"] for row in page["results"] + rest["response"]["results"]]
    assert keys == [project.key for project in TOLD.projects]


async def test_a_constraint_narrows_and_a_bad_one_is_refused() -> None:
    _, body = await get("project", constraints=equals("Country", "Brazil"))
    found = body["response"]["results"]
    assert 0 < len(found) < len(TOLD.projects)
    assert {row["Country"] for row in found} == {"Brazil"}
    status, told = await get("project", constraints=equals("Colour", "green"))
    assert (status, told["status"]) == (404, "NOT_FOUND")
    assert told["message"].startswith("Field not found")
    status, _ = await get("project", constraints=equals("Country", "Brazil", "sounds like"))
    assert status == 400


@pytest.mark.parametrize("query", [{"constraints": "{"}, {"cursor": "x"}, {"limit": "x"}])
async def test_a_malformed_parameter_is_refused(query: dict[str, str]) -> None:
    status, _ = await get("project", **query)
    assert status == 400


async def test_rows_are_read_by_id_and_missing_ones_say_so() -> None:
    _, body = await get(f"project/{TOLD.projects[3].key}")
    assert body["response"]["Project Name"] == TOLD.projects[3].project_name
    status, told = await get("project/1x1")
    assert (status, told["body"]["status"]) == (404, "MISSING_DATA")
    status, told = await get("colours")
    assert (status, told["message"]) == (404, "Type not found colours")


async def test_a_request_that_was_turned_down_stands_beside_the_issuances() -> None:
    _, body = await get("issuance")
    refused = [row for row in body["response"]["results"] if not row["Approved"]]
    assert refused
    assert not {row["_id"] for row in refused} & {issuance.key for issuance in TOLD.issuances}
