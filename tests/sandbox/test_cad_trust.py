"""The emulated CAD Trust node speaks as the real one: parameters, filters, orders, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from gateway.sandbox.cad_trust import application
from gateway.sandbox.world import Telling
from tests.market import make


@cache
def telling() -> Telling:
    return make().told_by("cad-trust")


class Client:
    """Asks one emulated node."""

    def __init__(self, session: ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def get(
        self, path: str, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        async with self.session.get(f"{self.base}{path}", headers=headers) as answer:
            plain = answer.content_type != "application/json"
            body = await (answer.text() if plain else answer.json())
            return answer.status, body, {k.lower(): v for k, v in answer.headers.items()}

    async def rows(self, path: str) -> list[Any]:
        status, body, _ = await self.get(path)
        assert status == 200, body
        found: list[Any] = body["data"]
        return found

    async def errors(self, path: str) -> Any:
        status, body, _ = await self.get(path)
        assert status == 400
        assert body["success"] is False
        return body.get("errors") or body["error"]


@pytest.fixture
async def node() -> AsyncIterator[Client]:
    async with TestServer(application(telling())) as server, ClientSession() as session:
        yield Client(session, str(server.make_url("")).rstrip("/"))


ALL = "page=1&limit=1000"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/v1/projects?page=0&limit=5", '"page" must be greater than or equal to 1'),
        ("/v1/projects?page=x&limit=5", '"page" must be a number'),
        (f"/v1/projects?{ALL}&filter=a:b:eq&filter=c:d:eq", '"filter" must be a string'),
        (f"/v1/projects?{ALL}&filter=", '"filter" is not allowed to be empty'),
        (f"/v1/projects?{ALL}&onlyMarketplaceProjects=7", '"onlyMarketplaceProjects" must be'),
        (f"/v1/projects?{ALL}&filter=nonsense", '"filter" with value "nonsense" fails'),
        (f"/v1/projects?{ALL}&order=up", '"order" with value "up" fails'),
        (f"/v1/units?{ALL}&filter=unitOwner:{'x' * 100}:eq", '"filter" length must be less'),
        ("/v1/projects?projectIds=a&projectIds=b", '"page" is required'),
        (
            f"/v1/projects?{ALL}" + "&projectIds=a" * 201,
            '"projectIds" must contain less than or equal to 200 items',
        ),
    ],
)
async def test_wrong_parameters_are_refused(node: Client, path: str, error: str) -> None:
    errors = await node.errors(path)
    assert any(text.startswith(error) for text in errors)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (f"/v1/projects?{ALL}&order=nope:ASC", "SQLITE_ERROR: no such column: project.nope"),
        (f"/v1/units?{ALL}&filter=nope:1:eq", "SQLITE_ERROR: no such column: unit.nope"),
        (f"/v1/projects?{ALL}&filter=sector:a:in", "SQLITE_ERROR: near"),
        (f"/v1/projects?{ALL}&filter=sector:[1]:eq", "SQLITE_ERROR: near"),
        (f"/v1/projects?{ALL}&filter=sector:[a]:in", "Unexpected token"),
        (f"/v1/projects?{ALL}&search=a'b", "SQLITE_ERROR: fts5"),
    ],
)
async def test_what_sqlite_cannot_do_is_said(node: Client, path: str, error: str) -> None:
    assert (await node.errors(path)).startswith(error)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("projectStatus:Listed:eq", lambda p: p.project_status.value == "Listed"),
        ("projectStatus:listed:eq", lambda p: False),
        ("projectStatus:listed:like", lambda p: p.project_status.value == "Listed"),
        ("projectStatus:Listed:not", lambda p: p.project_status.value != "Listed"),
        ('projectStatus:["Listed","Withdrawn"]:in', lambda p: p.project_status.value
         in ("Listed", "Withdrawn")),
        ("projectName:%25Wind%25:like", lambda p: "wind" in p.project_name.lower()),
        ("updatedAt:2026-03-01T00:00:00.000Z:gt", lambda p: p.updated_at > "2026-03-01"),
        ("updatedAt:2026-03-01T00:00:00.000Z:lt", lambda p: p.updated_at < "2026-03-01"),
        ("updatedAt:nonsense:gt", lambda p: False),
    ],
)  # fmt: skip
async def test_a_filter_is_sqlites(node: Client, asked: str, count: Any) -> None:
    rows = await node.rows(f"/v1/projects?{ALL}&filter={asked}")
    wanted = {project.key for project in telling().projects if count(project)}
    assert {row["warehouseProjectId"] for row in rows} == wanted


async def test_at_least_is_read_as_more_than(node: Client) -> None:
    date = min(project.project_status_date for project in telling().projects)
    rows = await node.rows(f"/v1/projects?{ALL}&filter=projectStatusDate:{date}T00:00:00.000Z:gte")
    assert len(rows) < len(telling().projects)


async def test_the_default_order_is_the_newest_first(node: Client) -> None:
    rows = await node.rows(f"/v1/units?{ALL}")
    staged = [row["timeStaged"] for row in rows]
    assert staged == sorted(staged, reverse=True)


async def test_pages_cut_the_list_and_end_with_an_empty_one(node: Client) -> None:
    first = await node.get("/v1/units?page=1&limit=100&order=warehouseUnitId:ASC")
    last = await node.get("/v1/units?page=99&limit=100&order=warehouseUnitId:ASC")
    assert first[1]["pageCount"] == -(-len(telling().units) // 100)
    assert [row["warehouseUnitId"] for row in first[1]["data"]] == [
        unit.key for unit in telling().units[:100]
    ]
    assert last[1]["data"] == []


async def test_one_record_comes_bare_and_a_missing_one_is_null(node: Client) -> None:
    key = telling().units[0].key
    assert (await node.get(f"/v1/units?warehouseUnitId={key}"))[1]["warehouseUnitId"] == key
    assert (await node.get("/v1/units?warehouseUnitId=nope"))[1] is None


async def test_one_project_id_gives_a_bare_list(node: Client) -> None:
    key = telling().projects[0].key
    _, body, _ = await node.get(f"/v1/projects?projectIds={key}")
    assert [row["warehouseProjectId"] for row in body] == [key]


async def test_columns_leave_out_the_children(node: Client) -> None:
    rows = await node.rows(f"/v1/projects?{ALL}&columns=projectName&columns=sector")
    assert {tuple(row) for row in rows} == {("projectName", "sector")}
    rows = await node.rows(f"/v1/units?{ALL}&columns=nope")
    assert {tuple(row) for row in rows} == {("warehouseUnitId",)}


async def test_marketplace_switches_narrow(node: Client) -> None:
    listed = {u.key for u in telling().units if u.marketplace_identifier}
    for asked in ("onlyTokenizedUnits=true", "hasMarketplaceIdentifier=true"):
        rows = await node.rows(f"/v1/units?{ALL}&{asked}")
        assert {row["warehouseUnitId"] for row in rows} == listed
    rows = await node.rows(f"/v1/units?{ALL}&hasMarketplaceIdentifier=false")
    assert len(rows) == len(telling().units) - len(listed)
    code = next(u.marketplace_identifier for u in telling().units if u.marketplace_identifier)
    rows = await node.rows(f"/v1/units?{ALL}&marketplaceIdentifiers={code}")
    assert [row["marketplaceIdentifier"] for row in rows] == [code]


async def test_a_search_finds_words_and_drops_hyphens(node: Client) -> None:
    rows = await node.rows(f"/v1/projects?{ALL}&search=reforest")
    assert rows
    assert all("reforest" in str(row.values()).lower() for row in rows)
    rows = await node.rows(f"/v1/projects?{ALL}&search=VCS-901")
    assert not any("VCS-901" in row["originProjectId"] for row in rows)
    assert await node.rows(f"/v1/projects?{ALL}&search=*") == []


async def test_an_organisation_restricts_lists(node: Client) -> None:
    organisations = (await node.get("/v1/organizations"))[1]
    assert len(organisations) == 2
    counts = [len(await node.rows(f"/v1/projects?{ALL}&orgUid={uid}")) for uid in organisations]
    assert sum(counts) == len(telling().projects)
    assert len(await node.rows(f"/v1/projects?{ALL}&orgUid=all")) == sum(counts)


async def test_answers_carry_the_nodes_headers_and_a_weak_tag(node: Client) -> None:
    status, _, headers = await node.get("/health")
    assert (status, headers["x-api-version"], headers["x-data-synced"]) == (200, "1.7.24", "true")
    assert headers["cache-control"] == "no-store"
    again, _, _ = await node.get("/health", headers={"If-None-Match": headers["etag"]})
    assert (headers["etag"][:3], again) == ('W/"', 304)


async def test_unknown_routes_answer_in_html(node: Client) -> None:
    status, body, headers = await node.get("/v1/statistics")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Cannot GET /v1/statistics" in body
