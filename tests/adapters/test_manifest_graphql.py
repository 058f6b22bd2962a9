"""GraphQL lists by manifest: asked with variables, and errors believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.errors import (
    InvalidPayload,
)
from gateway.model.picklists import ProjectStatus
from tests.adapters.manifests import asked, manifest
from tests.adapters.test_manifest_rest import (
    Interface,
    facing,
)

GRAPHQL = """\
[client]
type = "graphql"

[resources.project]
[resources.project.by_key]
query = "query One($code: ID!) { project(code: $code) { code name } }"
param = "code"
data_selector = "data.project"
[resources.project.endpoint]
path = "graphql"
query = \"\"\"
query All($after: String, $status: [Status!]) {
  projects(first: 2, after: $after, status: $status) {
    totalCount nodes { code name status } pageInfo { hasNextPage endCursor }
  }
}
\"\"\"
variables = { locale = "en" }
data_selector = "data.projects.nodes"
total_selector = "data.projects.totalCount"
[resources.project.endpoint.paginator]
type = "cursor"
cursor_path = "data.projects.pageInfo.endCursor"
has_more_path = "data.projects.pageInfo.hasNextPage"
cursor_body_path = "variables.after"
[resources.project.filters]
project_status = { ops = ["eq"], param = "status", exact = true }
[resources.project.fields]
key = "code"
project_name = "name"
project_status = "status"
"""


def projects(request: web.Request, body: Any) -> Any:
    variables = body["variables"]
    codes = ["P-1", "P-2", "P-3"]
    if "code" in variables:
        found = variables["code"] in codes
        return {"data": {"project": {"code": variables["code"], "name": "N"} if found else None}}
    start = int(variables.get("after", 0))
    nodes = [{"code": code, "name": code, "status": "Listed"} for code in codes[start : start + 2]]
    more = start + 2 < len(codes)
    info = {"hasNextPage": more, "endCursor": str(start + 2)}
    return {"data": {"projects": {"totalCount": 3, "nodes": nodes, "pageInfo": info}}}


async def test_graphql_is_asked_with_variables(tmp_path: Path) -> None:
    interface = Interface(projects)
    async with facing(manifest(tmp_path, GRAPHQL), interface) as at:
        assert await at.keys() == ["P-1", "P-2", "P-3"]
        assert [body["variables"] for body in interface.bodies] == [
            {"locale": "en"},
            {"locale": "en", "after": "2"},
        ]
        await at.keys(asked("project_status", ProjectStatus.LISTED))
        assert interface.bodies[2]["variables"]["status"] == "Listed"
        assert [r.key for r in await at.by_keys("P-2", "P-9")] == ["P-2"]
        assert interface.bodies[-1]["variables"] == {"code": "P-9"}


@pytest.mark.parametrize(
    "answer",
    [
        {"errors": [{"message": "no"}], "data": None},
        {"errors": [{"message": "no"}], "data": projects(None, {"variables": {}})["data"]},  # type: ignore[arg-type]
        {"data": {"projects": None}},
    ],
)
async def test_graphql_errors_are_an_invalid_payload(tmp_path: Path, answer: Any) -> None:
    async with facing(manifest(tmp_path, GRAPHQL), Interface(lambda r, b: answer)) as at:
        with pytest.raises(InvalidPayload):
            await at.ask()
        if "errors" in answer:
            with pytest.raises(InvalidPayload):
                await at.by_keys("P-1")
