"""Isometric's emulator answers as its GraphQL endpoint does, errors included."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.sandbox.isometric import application
from tests.market import make

TOLD = make().told_by("isometric")


async def answer(query: str) -> dict[str, Any]:
    async with TestClient(TestServer(application(TOLD))) as asking:
        got = await asking.post("/", json={"query": query})
        assert got.status == 200
        found: dict[str, Any] = await got.json()
        return found


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ issuances(first: 5) { totalCount } }", "last"),
        ("{ issuances(first: 101, last: 0) { totalCount } }", "first"),
        ("{ projects { totalCount } }", "first"),
        ('{ projects(first: 1, after: "?") { totalCount } }', "cursor"),
        ("{ projects(first: 1) { secret } }", "secret"),
        ("{", "Syntax"),
    ],
)
async def test_errors_come_with_status_200(query: str, told: str) -> None:
    found = await answer(query)
    assert told in found["errors"][0]["message"]


async def test_statuses_narrow_and_cursors_go_on() -> None:
    validated = await answer(
        "{ projects(first: 100, filter: {statusIn: [VALIDATED]}) { nodes { status } totalCount } }"
    )
    nodes = validated["data"]["projects"]["nodes"]
    assert {node["status"] for node in nodes} == {"VALIDATED"}
    assert len(nodes) == validated["data"]["projects"]["totalCount"] < len(TOLD.projects)

    found: list[str] = []
    after = ""
    for _ in TOLD.projects:
        page = await answer(
            f"{{ projects(first: 3{after}) {{ nodes {{ shortCode }} "
            "pageInfo { hasNextPage endCursor } } }"
        )
        found += [node["shortCode"] for node in page["data"]["projects"]["nodes"]]
        info = page["data"]["projects"]["pageInfo"]
        if not info["hasNextPage"]:
            break
        after = f', after: "{info["endCursor"]}"'
    assert found == [project.key for project in TOLD.projects]
