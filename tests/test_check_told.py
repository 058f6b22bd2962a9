"""`cgw check` on what registries do: errors in plain words, new columns, rows that lead nowhere."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.check_cli import document
from gateway.clock import SystemClock
from gateway.model.entity import Entity
from gateway.sandbox.runner import load
from tests.test_check import SOCIAL, asked, changing, printed


async def test_a_node_that_is_cut_off_says_so_in_plain_words() -> None:
    trap = load(("cad-trust",))["cad-trust"].traps["the network behind it is away"]
    async with asked("cad-trust", trouble=trap) as (report,):
        problem = report.problems[0]
        kind = report.kinds[0]
    assert problem.startswith("project: UNAVAILABLE: REGISTRY_UNAVAILABLE: the node is cut off")
    assert problem.endswith("that passes, or its operator must look.")
    assert kind.remedy in problem
    assert document([report], SystemClock())["registries"][0]["kinds"][0]["remedy"] == kind.remedy


async def test_a_question_that_is_refused_is_told_in_the_registrys_own_sentence() -> None:
    trap = load(("cad-trust",))["cad-trust"].traps["the question is refused"]
    async with asked("cad-trust", trouble=trap) as (report,):
        assert (
            "HTTP_ERROR: REGISTRY_HTTP_ERROR: the registry answered with status"
            in (report.problems[0])
        )
        assert "It refuses the question itself" in report.problems[0]


async def test_a_column_that_a_manifest_does_not_name_is_drift() -> None:
    key = "example-national-rest"

    @web.middleware
    async def wider(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        body = json.loads(response.body)
        for row in body["data"]["items"]:
            row["colour"] = "green"
        response.body = json.dumps(body).encode()
        return response

    async with asked(key, trouble=wider) as (report,):
        project = report.kinds[0]
        assert project.unknown == {"colour": project.rows}
        assert f"project: unknown field 'colour' in {project.rows} rows" in report.problems


async def test_issuances_of_a_project_that_is_not_there_are_orphans() -> None:
    key = "example-national-rest"

    @web.middleware
    async def astray(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        body = json.loads(response.body)
        if "/issuances" in request.path:
            body["data"]["items"][0]["programme_code"] = "XR9999"
        response.body = json.dumps(body).encode()
        return response

    async with asked(key, trouble=astray) as (report,):
        kind = next(one for one in report.kinds if one.kind is Entity.ISSUANCE)
        assert list(kind.quality.parents[Entity.PROJECT].orphans) == ["XR9999"]
        assert report.problems == []
        assert any("name a project that is not there: 'XR9999'" in note for note in report.notes)
    assert "orphans" in printed([report])


async def test_a_value_that_no_table_has_is_a_note() -> None:
    def odd(row: dict[str, Any]) -> None:
        if "Project Status" in row:
            row["Project Status"] = "Somewhere Between"

    async with asked(SOCIAL, trouble=changing(odd)) as (report,):
        project = report.kinds[0]
        assert project.unmapped == {("projectStatus", "Somewhere Between"): project.rows}
        assert report.problems == []
        told = f"no table has projectStatus 'Somewhere Between' ({project.rows} rows)"
        undecided = (
            f"cannot decide {project.rows} rows: {project.rows} in words that no table knows"
        )
        shares = tuple(f"project: {share}" for share in project.shares)
        assert f"sector is known in {project.rows} of {project.rows} rows" in shares[0]
        assert report.notes == [
            f"project: {told}",
            *shares,
            f"project: a filter on projectStatus {undecided}",
        ]
