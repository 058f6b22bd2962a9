"""Explaining: the plan and the price of a question, and not one call."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.compiled import CompiledExecutor
from gateway.engine.operation import GraphQLRequest
from gateway.errors import BadInput, ValidationFailed
from gateway.model.entity import Entity
from tests.engine.test_equivalence import LIMITS
from tests.stitch.fake import FakeRegistry, ask, federation, projects


def registry(key: str) -> FakeRegistry:
    rows: dict[Entity, Any] = {Entity.PROJECT: projects(9), Entity.ISSUANCE: [], Entity.UNIT: []}
    return FakeRegistry(key, rows)


async def prices(query: str, *registries: FakeRegistry, **options: Any) -> list[dict[str, Any]]:
    found = registries or (registry("one"), registry("two"))
    fed = federation(*found, limits=LIMITS, **options)
    told = await CompiledExecutor(LIMITS).explain(GraphQLRequest(query), ask(fed))
    assert all(one.calls == 0 for one in found)
    return told


async def test_each_registry_has_a_price_and_none_is_asked() -> None:
    told = await prices("{ projects(first: 250) { nodes { id } } }")
    assert [(p["field"], p["registry"], p["asked"]) for p in told] == [
        ("projects", "one", True),
        ("projects", "two", True),
    ]
    assert told[0]["calls"] == {"least": 3, "most": 3}
    assert told[0]["seconds"] == 2  # three calls, the first at once, one a second


async def test_what_is_checked_here_may_cost_up_to_the_budget() -> None:
    told = await prices(
        '{ projects(where: { projectName: { contains: "x" }, '
        "projectStatus: { eq: REGISTERED } }) { nodes { id } } }"
    )
    assert told[0]["pushedDown"] == ["projectStatus"]
    assert told[0]["checkedHere"] == ["projectName"]
    assert told[0]["calls"] == {"least": 1, "most": LIMITS.calls_per_registry}


async def test_edges_are_priced_by_their_parents() -> None:
    told = await prices(
        "{ p: projects(first: 30) { edges { node { u: units(first: 5) { nodes { project { id } "
        "} } sameAs { links { basis } } } } } }",
        registry("one"),
    )
    by_field = {p["field"]: p for p in told}
    assert by_field["p.edges.node.u"]["calls"] == {"least": 10, "most": 10}  # three a call
    assert by_field["p.edges.node.u.nodes.project"]["kind"] == "PROJECT"
    assert by_field["p.edges.node.sameAs"]["registry"] == "one"


async def test_records_by_id_are_priced_per_registry() -> None:
    told = await prices(
        '{ nodes(ids: ["cgw:one:project:p1", "cgw:one:project:p2", "cgw:x:unit:1"]) { id } '
        'node(id: "cgw:two:unit:u") { id } lookup(scheme: "one.id", value: "p1") { id } '
        'project(registry: "one", projectId: "P-1") { units { nodes { id } } } }'
    )
    assert [(p["field"], p["registry"]) for p in told] == [
        ("nodes", "one"),
        ("node", "two"),
        ("lookup", "one"),
        ("project", "one"),
        ("project.units", "one"),
    ]


async def test_who_would_not_be_asked_costs_nothing_and_says_why() -> None:
    told = await prices(
        "{ projects(where: { coveredByNdc: { eq: INSIDE_NDC } }) { nodes { id } } }",
        registry("one"),
        registry("two"),
        down=["two"],
    )
    assert [(p["asked"], p["outcome"], p["calls"]["most"]) for p in told] == [
        (False, "SKIPPED", 0),
        (False, "NOT_CONFIGURED", 0),
    ]
    assert all(p["message"] for p in told)


async def test_a_price_over_the_budget_says_so() -> None:
    told = await prices("{ projects(first: 500) { nodes { units(first: 500) { totalCount } } } }")
    units = next(p for p in told if p["field"].endswith("units"))
    assert units["calls"]["most"] == LIMITS.calls_per_registry
    assert "narrow the question" in units["message"]


async def test_a_request_that_cannot_be_executed_cannot_be_explained() -> None:
    with pytest.raises(BadInput):
        await prices('{ node(id: "junk") { id } }')
    with pytest.raises(ValidationFailed):
        await prices("{ nothing }")
