"""The emulated `/v2` pages, filters, orders and refuses as its code says."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from gateway.sandbox.cad_trust_v2 import application
from gateway.sandbox.world import Telling
from tests.adapters.source import loopback
from tests.market import make

ALL = "page=1&limit=1000"


@cache
def telling() -> Telling:
    return make().told_by("cad-trust-v2")


async def asked(path: str) -> tuple[int, Any]:
    async with (
        loopback(application(telling()), "cad-trust-v2") as source,
        source.session.get(f"{source.base_url}/v2/{path}") as answer,
    ):
        return answer.status, await answer.json()


async def rows(path: str) -> list[Any]:
    status, body = await asked(path)
    assert status == 200, body
    found: list[Any] = body["data"]
    return found


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("project", "page is required"),
        ("unit?page=1&limit=1001", "limit must not exceed 1000"),
        ("unit?page=0&limit=1", "page must be at least 1"),
        ("unit?page=x&limit=1", "page must be a number"),
        (f"verification?{ALL}&filter=a:b:eq", '"filter" is not allowed'),
    ],
)
async def test_wrong_parameters_are_refused(path: str, error: str) -> None:
    status, body = await asked(path)
    assert status == 400
    assert error in body["errors"]


@pytest.mark.parametrize("order", ["nope:ASC", "orgUid:ASC", "up"])
async def test_only_known_columns_order(order: str) -> None:
    status, body = await asked(f"project?{ALL}&order={order}")
    assert (status, body["success"]) == (400, False)
    assert body["error"].startswith("Invalid")


async def test_a_filter_that_does_not_read_as_one_is_ignored() -> None:
    assert len(await rows(f"project?{ALL}&filter=nonsense")) == len(telling().projects)


async def test_a_missing_row_is_404() -> None:
    assert await asked("unit-label/nope") == (
        404,
        {"message": "Unit label not found", "success": False},
    )


async def test_children_come_where_columns_ask_for_them_and_owners_do_not() -> None:
    flat = await rows(f"project?{ALL}")
    assert all(row["orgUid"] and "locations" not in row for row in flat)
    full = await rows(f"project?{ALL}&columns=projectName,orgUid&columns=locations,program")
    assert {tuple(row) for row in full} == {("projectName", "program", "locations")}
    bare = await rows(f"unit?{ALL}&columns=nope")
    assert {tuple(row) for row in bare} == {("cadTrustUnitId",)}


async def test_ids_may_be_listed_with_commas() -> None:
    wanted = [project.key for project in telling().projects[:3]]
    found = await rows(f"project?{ALL}&projectIds={','.join(wanted)}&order=cadTrustProjectId:ASC")
    assert [row["cadTrustProjectId"] for row in found] == wanted


async def test_tables_are_paged() -> None:
    status, body = await asked("verification?page=2&limit=20")
    assert status == 200
    assert (body["page"], body["pageCount"]) == (2, 2)
    assert len(body["data"]) == len(telling().issuances) - 20
