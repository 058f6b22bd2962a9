"""The emulated S&P platform: its interface to the letter, and its silent misses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from gateway.sandbox import gcc, plan_vivo, uk_land_carbon, verra
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.sp_platform import APPKEY, BASE_PATH
from tests.market import make

TOLD = make().told_by("verra")
HEADERS = {
    "registry": "VERRA",
    "standardid": "150000000000001",
    "standardacronym": "VCS",
    "language": "en",
    "application": "Markit",
    "appkey": APPKEY,
}
SORTED = [{"sort": "entityId", "dir": "ASC"}]
BASE = f"{BASE_PATH}/raas-report-api/es/public"
Client = TestClient[Request, Application]


@asynccontextmanager
async def platform(emulated: Emulator = verra.EMULATOR) -> AsyncIterator[Client]:
    told = make().told_by(emulated.registry)
    async with TestClient(TestServer(emulated.application(told))) as client:
        yield client


async def search(
    client: Client,
    ledger: str = "project",
    *,
    start: int = 0,
    limit: int = 400,
    sort: list[dict[str, str]] | None = SORTED,
    headers: Mapping[str, str] = HEADERS,
    filters: Mapping[str, Any] | None = None,
) -> tuple[int, Any]:
    pagination: dict[str, Any] = {"start": start, "limit": limit}
    if sort is not None:
        pagination["sortOptions"] = sort
    model = {column: {"columnFilters": [one]} for column, one in (filters or {}).items()}
    body = {"searchFilter": {"pagination": pagination, "filterModel": model}}
    url = f"{BASE}/{ledger}/publicReportPageSearch"
    async with client.post(url, json=body, headers=headers) as got:
        return got.status, await got.json() if got.content_type == "application/json" else None


def text(kind: str, **condition: Any) -> dict[str, Any]:
    return {"filterType": "Text", "type": kind, **condition}


async def test_the_envelope_has_the_captured_keys() -> None:
    async with platform() as client:
        status, found = await search(client, limit=10)
        assert status == 200
        assert {key: value for key, value in found.items() if key != "entities"} == {
            "totalPages": 3, "totalEntities": 24, "start": 0, "limit": 10,
            "numberOfElements": 10, "first": False, "last": False, "pageStats": None,
            "searchAfter": None, "pitId": None,
        }  # fmt: skip


@pytest.mark.parametrize("missing", [*HEADERS])
async def test_without_an_identity_header_every_call_is_a_plain_500(missing: str) -> None:
    headers = {name: value for name, value in HEADERS.items() if name != missing}
    async with platform() as client:
        assert await search(client, headers=headers) == (500, None)


async def test_another_tenants_name_is_a_plain_500() -> None:
    async with platform() as client:
        assert (await search(client, headers={**HEADERS, "registry": "GCC"}))[0] == 500


async def test_a_standard_that_it_does_not_know_is_an_empty_registry() -> None:
    async with platform() as client:
        status, found = await search(client, headers={**HEADERS, "standardid": "1"})
        assert (status, found["totalEntities"], found["entities"]) == (200, 0, [])


@pytest.mark.parametrize(
    ("start", "limit", "status"),
    [(0, 400, 200), (0, 401, 500), (0, 0, 500), (10_000, 400, 200), (10_001, 1, 500), (-1, 1, 500)],
)
async def test_pages_and_window_have_hard_ends(start: int, limit: int, status: int) -> None:
    async with platform() as client:
        assert (await search(client, start=start, limit=limit))[0] == status


@pytest.mark.parametrize(
    ("column", "condition", "total"),
    [
        ("projectId", {"filterType": "Number", "type": "equals", "filter": "901002"}, 1),
        ("vcsProjectId", text("equals", filter="901002"), 1),
        ("status", text("in", strList=["Withdrawn", "No such"]), 3),
        ("status", text("equals", filter="withdrawn"), 0),
        ("units", {"filterType": "Boolean", "type": "equals", "filter": "false"}, 10),
        ("projectId", {"filterType": "Number", "type": "inRange", "filter": "1"}, 0),
        ("modifiedDate", {"filterType": "Date", "type": "inRange", "filter": "x"}, 24),
        ("status", text("blank"), 24),
        ("status", text("contains", filter="With"), 24),
        ("noSuchColumn", text("equals", filter="x"), 24),
    ],
)
async def test_filters_narrow_or_are_ignored_without_a_word(
    column: str, condition: dict[str, Any], total: int
) -> None:
    async with platform() as client:
        status, found = await search(client, filters={column: condition})
        assert (status, found["totalEntities"]) == (200, total)


async def test_the_order_is_stable_only_by_the_row_number() -> None:
    async with platform() as client:

        async def order(sort: list[dict[str, str]] | None) -> list[int]:
            return [row["entityId"] for row in (await search(client, sort=sort))[1]["entities"]]

        ordered = await order(SORTED)
        assert ordered == sorted(ordered) == await order(SORTED)
        assert await order([{"sort": "entityId", "dir": "DESC"}]) == ordered[::-1]
        assert len({tuple(await order(None)) for _ in range(3)}) > 1
        names = await search(client, sort=[{"sort": "projectName.keyword", "dir": "ASC"}])
        found = [row["projectName"] for row in names[1]["entities"]]
        assert found == sorted(found)
        assert (await search(client, sort=[{"sort": "id", "dir": "ASC"}]))[0] == 500


async def test_every_unit_stands_in_one_ledger() -> None:
    async with platform() as client:
        serials: list[str] = []
        for ledger in ("holdings", "retirements", "cancellations"):
            rows = (await search(client, ledger))[1]["entities"]
            serials += [row.get("serialNo") or row["serial_no"] for row in rows]
        assert sorted(serials) == sorted(unit.unit_serial_id for unit in TOLD.units)


async def test_sums_are_made_for_a_filter_but_not_in_groups() -> None:
    body: dict[str, Any] = {
        "filterModel": {},
        "groupKeys": [],
        "statsSumByField": "holdingQuantity",
    }
    async with platform() as client:
        url = f"{BASE}/issuances/aggregateResultBySearchFilter"
        async with client.post(url, json={"searchFilter": body}, headers=HEADERS) as got:
            found = await got.json()
        assert Decimal(str(found["sum"])) == sum(i.unit_count for i in TOLD.issuances)
        body["groupKeys"] = ["vintage"]
        async with client.post(url, json={"searchFilter": body}, headers=HEADERS) as got:
            assert got.status == 500
        url = f"{BASE}/project/publicProjectsSum"
        async with client.post(url, json={"searchFilter": {}}, headers=HEADERS) as got:
            assert (await got.json())["total"] == 24


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"searchFilter": {"pagination": {}}}'])
async def test_a_body_that_it_does_not_understand_is_a_plain_500(body: bytes) -> None:
    async with platform() as client:
        url = f"{BASE}/project/publicReportPageSearch"
        async with client.post(url, data=body, headers=HEADERS) as got:
            assert got.status == 500


async def test_a_ledger_that_it_does_not_have_is_a_plain_500() -> None:
    async with platform() as client:
        assert (await search(client, "assignments"))[0] == 500


@pytest.mark.parametrize("path", ["/", "/uiapi/resource/resource/search", f"{BASE_PATH}/nothing"])
async def test_any_other_path_is_the_front_ends_page(path: str) -> None:
    async with platform() as client, client.post(path) as got:
        assert (got.status, got.content_type) == (200, "text/html")


async def test_the_public_client_key_is_in_the_public_configuration() -> None:
    async with platform() as client, client.get("/config/environment.config.json") as got:
        found = await got.json()
        assert found["headers"]["appkey"] == APPKEY
        assert found["uris"]["raasUri"].endswith(BASE_PATH)


@pytest.mark.parametrize(
    ("emulated", "registry", "standards"),
    [
        (verra.EMULATOR, "VERRA", {"150000000000001": "VCS"}),
        (plan_vivo.EMULATOR, "PVCL", {"671000000000001": "PV"}),
        (gcc.EMULATOR, "GCC", {"199000000000001": "GCC"}),
        (
            uk_land_carbon.EMULATOR,
            "UKLR",
            {"100000000000042": "WCC", "100000000000157": "PC"},
        ),
    ],
)
async def test_a_tenant_lists_its_standards(
    emulated: Emulator, registry: str, standards: dict[str, str]
) -> None:
    async with platform(emulated) as client:
        url = f"{BASE_PATH}/cms-resources/public/standardsByRegistry/"
        async with client.get(url + registry) as got:
            assert {row["id"]: row["metaData"] for row in await got.json()} == standards
        async with client.get(url + "OTHER") as got:
            assert await got.json() == []
