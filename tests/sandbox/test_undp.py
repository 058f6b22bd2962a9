"""The emulated national registry takes a QueryDto as UNDP's software does."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.sandbox.undp import API_KEY, TOKEN, application
from tests.market import told_at

TOLD = told_at("undp", 4)
LIST = "programme/query"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def ask(
    path: str = LIST, *, headers: dict[str, str] = BEARER, size: int = 1000, **body: Any
) -> tuple[int, Any]:
    asked = {"page": 1, "size": size} | body
    async with TestClient(TestServer(application(TOLD))) as asking:
        answer = await asking.post(f"/national/{path}", json=asked, headers=headers)
        return answer.status, await answer.json()


def condition(key: str, operation: str, value: Any) -> dict[str, Any]:
    return {"key": key, "operation": operation, "value": value}


async def test_nobody_reads_without_a_key() -> None:
    status, told = await ask(headers={"api_key": "another"})
    assert (status, told["message"]) == (401, "Unauthorized")


async def test_pages_are_numbered_from_one_and_a_post_is_created() -> None:
    order = {"key": "programmeId", "order": "ASC"}
    status, first = await ask(size=5, sort=order)
    _, second = await ask(size=5, page=2, sort=order)
    assert (status, first["total"]) == (201, len(TOLD.projects))
    keys = [row["programmeId"] for row in first["data"] + second["data"]]
    assert keys == [project.key for project in TOLD.projects[:10]]


async def test_an_order_may_descend_and_nulls_come_last() -> None:
    _, found = await ask(sort={"key": "authTime", "order": "DESC"})
    times = [row["authTime"] for row in found["data"]]
    known = [time for time in times if time is not None]
    assert known == sorted(known, reverse=True)
    assert times == known + [None] * (len(times) - len(known))


@pytest.mark.parametrize(
    ("operation", "value", "holds"),
    [
        ("=", "Authorised", lambda stage: stage == "Authorised"),
        ("!=", "Authorised", lambda stage: stage != "Authorised"),
        ("in", ["New", "Approved"], lambda stage: stage in ("New", "Approved")),
        ("like", "A%", lambda stage: stage.startswith("A")),
        ("like", "a%", lambda stage: False),
    ],
)
async def test_conditions_go_into_sql(operation: str, value: Any, holds: Any) -> None:
    _, found = await ask(filterAnd=[condition("currentStage", operation, value)])
    _, every = await ask()
    stages = [row["currentStage"] for row in every["data"]]
    assert sorted(row["currentStage"] for row in found["data"]) == sorted(filter(holds, stages))


async def test_one_of_several_conditions_is_enough_in_filter_or() -> None:
    stages = [condition("currentStage", "=", stage) for stage in ("Approved", "Rejected")]
    _, found = await ask(filterOr=stages)
    assert {row["currentStage"] for row in found["data"]} == {"Approved", "Rejected"}


async def test_a_column_that_does_not_exist_is_an_sql_error() -> None:
    status, told = await ask(filterAnd=[condition("colour", "=", "green")])
    assert (status, told["message"]) == (500, "Internal server error")


@pytest.mark.parametrize(("value", "status"), [("O'Hara", 500), ("O''Hara", 201)])
async def test_a_quotation_mark_breaks_the_statement_unless_it_is_doubled(
    value: str, status: int
) -> None:
    assert (await ask(filterAnd=[condition("title", "=", value)]))[0] == status


async def test_retirements_without_an_order_are_an_sql_error() -> None:
    path = "creditTransactionsManagement/queryRetirements"
    assert (await ask(path))[0] == 500
    assert (await ask(path, sort={"key": "id", "order": "ASC"}))[0] == 201


async def test_a_key_opens_the_old_programmes_alone() -> None:
    key = {"api_key": API_KEY}
    assert (await ask("programme/query", headers=key))[0] == 201
    assert (await ask("projectManagement/query", headers=key))[0] == 401


async def test_a_list_that_does_not_exist_is_a_404() -> None:
    status, _ = await ask("colours/query")
    assert status == 404
