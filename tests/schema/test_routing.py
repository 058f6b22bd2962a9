"""`where.registry` holds wherever it stands: at the root, on an edge, and on the project."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.compiled import CompiledExecutor
from gateway.engine.operation import GraphQLRequest
from tests.engine.test_equivalence import LIMITS
from tests.schema.asking import answer, asking, data, refusal

EDGE = """query ($w: UnitWhere, $s: Boolean = false) {
  projects(first: 20) { nodes { registry projectId units(where: $w, stitched: $s) {
    nodes { registry } coverage { registry } pageInfo { hasNextPage } } } } }"""


def by_registry(found: dict[str, Any]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for node in found["projects"]["nodes"]:
        if node["projectId"] == "p1":
            told[node["registry"]] = node["units"]["nodes"]
    return told


async def test_an_edge_gives_no_children_of_a_registry_that_is_left_out() -> None:
    found = by_registry(await data(EDGE, {"w": {"registry": {"eq": "one"}}}))
    assert len(found["one"]) == 4
    assert found["two"] == []


async def test_a_registry_that_is_left_out_has_no_row_of_coverage() -> None:
    found = await data(EDGE, {"w": {"registry": {"eq": "one"}}})
    rows = {n["registry"]: n["units"]["coverage"] for n in found["projects"]["nodes"]}
    assert rows == {"one": [{"registry": "one"}], "two": []}


async def test_stitched_children_are_those_of_the_registries_that_are_left() -> None:
    found = by_registry(await data(EDGE, {"w": {"registry": {"in": ["two"]}}, "s": True}))
    assert found["one"] == []
    assert {unit["registry"] for unit in found["two"]} == {"two"}


async def test_the_units_of_an_issuance_are_asked_of_their_registry_only() -> None:
    query = """query ($w: UnitWhere) {
      issuances(first: 5) { nodes { registry units(where: $w) { nodes { id } } } } }"""
    found = await data(query, {"w": {"registry": {"eq": "two"}}})
    assert {n["registry"]: len(n["units"]["nodes"]) for n in found["issuances"]["nodes"]} == {
        "one": 0,
        "two": 4,
    }


async def test_the_registry_of_the_project_is_that_of_the_record() -> None:
    query = "query ($w: UnitWhere) { units(where: $w, first: 20) { nodes { registry } } }"
    found = await data(query, {"w": {"project": {"registry": {"eq": "two"}}}})
    assert {unit["registry"] for unit in found["units"]["nodes"]} == {"two"}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"registry": {"eq": "three"}}, "where.registry"),
        ({"project": {"registry": {"eq": "three"}}}, "where.project.registry"),
        (
            {"registry": {"eq": "one"}, "project": {"registry": {"eq": "two"}}},
            "of one registry",
        ),
    ],
)
async def test_a_registry_that_is_not_served_or_contradicts_is_refused(
    where: object, told: str
) -> None:
    root = "query ($w: UnitWhere) { units(where: $w) { nodes { id } } }"
    assert told in await refusal(root, {"w": where})
    result = await answer(EDGE, {"w": where})
    assert all(told in error["message"] for error in result.errors)
    assert result.errors


async def test_the_compiled_executor_leaves_out_the_same() -> None:
    request = GraphQLRequest(EDGE, {"w": {"registry": {"eq": "one"}}})
    compiled = await CompiledExecutor(LIMITS).execute(request, asking())
    assert compiled.data == await data(EDGE, {"w": {"registry": {"eq": "one"}}})
