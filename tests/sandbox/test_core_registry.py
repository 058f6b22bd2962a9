"""The emulated Core Registry counts what its own lists say."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from gateway.model.picklists import UnitStatus
from gateway.sandbox.core_registry import application
from gateway.sandbox.world import Telling
from tests.adapters.source import loopback
from tests.market import make


@cache
def telling() -> Telling:
    return make().told_by("core-registry")


async def asked(path: str) -> tuple[int, Any]:
    async with (
        loopback(application(telling()), "core-registry") as source,
        source.session.get(f"{source.base_url}/v1/statistics/{path}") as answer,
    ):
        return answer.status, await answer.json()


def tons(*states: UnitStatus) -> int:
    return sum(int(u.unit_count) for u in telling().units if u.unit_status in states)


async def test_projects_are_counted_by_status_or_by_host() -> None:
    _, body = await asked("projects?status=true")
    assert sum(row["count"] for row in body["data"]) == len(telling().projects)
    _, body = await asked("projects?hostRegistry=true")
    assert body["data"]["selfHostedProjectCount"] == len(telling().projects)


async def test_tonnes_are_summed_by_what_is_asked_for() -> None:
    _, body = await asked("tonsCo2")
    assert body["data"] == [{"tonsCo2": tons(*UnitStatus)}]
    _, body = await asked("tonsCo2?unitStatus=Retired")
    assert body["data"] == [{"unitStatus": "Retired", "tonsCo2": tons(UnitStatus.RETIRED)}]
    _, body = await asked(
        "tonsCo2?unitTypeList=all&vintageYearRangeStart=1900&vintageYearRangeEnd=2100"
    )
    assert sum(row["tonsCo2"] for row in body["data"]) == tons(*UnitStatus)
    assert {tuple(row) for row in body["data"]} == {("unitType", "vintageYear", "tonsCo2")}


@pytest.mark.parametrize("name", ["Methodology", "ProjectType"])
async def test_tonnes_by_a_column_of_projects_leave_out_what_was_cancelled(name: str) -> None:
    _, body = await asked(f"issuedCarbonBy{name}")
    left = tons(*(state for state in UnitStatus if state is not UnitStatus.CANCELLED))
    assert sum(row["tonsCo2"] for row in body["data"]) == left
    column = name[0].lower() + name[1:]
    first = body["data"][0]
    _, body = await asked(f"issuedCarbonBy{name}?{column}={first[column]}")
    assert body["data"] == {first[column]: first["tonsCo2"]}


@pytest.mark.parametrize(
    "path", ["projects", "projects?foo=1", "tonsCo2?vintageYear=x", "tonsCo2?set=1"]
)
async def test_wrong_parameters_are_refused(path: str) -> None:
    status, body = await asked(path)
    assert (status, body["success"]) == (400, False)
