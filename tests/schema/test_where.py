"""Conditions of `where`: what they mean, and which are refused."""

from __future__ import annotations

import pytest

from tests.schema.asking import data, refusal

PROJECTS = "query ($w: ProjectWhere) { projects(where: $w) { nodes { id } } }"


@pytest.mark.parametrize(
    ("routing", "registries"),
    [
        ({"eq": "two"}, {"two"}),
        ({"in": ["one", "two"]}, {"one", "two"}),
        ({"eq": "one", "in": ["one", "two"]}, {"one"}),
    ],
)
async def test_the_registry_is_routing(routing: object, registries: set[str]) -> None:
    found = await data(PROJECTS, {"w": {"registry": routing}})
    assert {node["id"].split(":")[1] for node in found["projects"]["nodes"]} == registries


async def test_routing_to_an_unknown_registry_is_refused() -> None:
    assert "BAD_USER_INPUT" in await refusal(PROJECTS, {"w": {"registry": {"eq": "three"}}})


async def test_conditions_on_the_project_hold_for_its_units() -> None:
    found = await data(
        '{ units(where: { project: { projectId: { eq: "p1" } } }) { nodes { id } } }'
    )
    assert len(found["units"]["nodes"]) == 8
    none = await data('{ units(where: { project: { projectId: { eq: "p2" } } }) { nodes { id } } }')
    assert none["units"]["nodes"] == []


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"eq": ""}, "must have 1 to"),
        ({"eq": "  "}, "must have 1 to"),
        ({"contains": "x" * 5000}, "must have 1 to"),
        ({"eq": "a\u0000b"}, "control character"),
        ({"in": ["x"] * 1500}, "takes at most"),
    ],
)
async def test_a_text_that_no_registry_can_be_asked_is_refused(
    condition: object, told: str
) -> None:
    assert told in await refusal(PROJECTS, {"w": {"projectId": condition}})
