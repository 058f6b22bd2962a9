"""The root fields: records by their ids and codes, registries, picklists."""

from __future__ import annotations

import pytest

from tests.schema.asking import data, refusal


async def test_records_are_found_by_their_ids_in_the_order_asked_for() -> None:
    ids = ["cgw:two:project:p2", "cgw:one:project:gone", "cgw:one:unit:u0"]
    found = await data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert found["nodes"] == [{"id": ids[0]}, None, {"id": ids[2]}]


async def test_more_ids_than_one_question_may_have_are_refused() -> None:
    ids = [f"cgw:one:project:p{n}" for n in range(501)]
    told = await refusal("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert "At most 500 ids at once, not 501." in told


async def test_a_project_is_found_by_its_id_or_its_code() -> None:
    found = await data(
        '{ a: project(id: "cgw:one:project:p1") { id } '
        'b: project(registry: "one", projectId: "P-p1") { id } '
        'c: unit(registry: "one", unitSerialId: "u1") { id } }'
    )
    assert found["a"] == found["b"] == {"id": "cgw:one:project:p1"}
    assert found["c"] == {"id": "cgw:one:unit:u1"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('id: "cgw:one:unit:u1"', "This is the id of a unit."),
        ('id: "one"', "is not a global id"),
        ('registry: "one"', "Give either `id`, or `registry` and `projectId`."),
        ('id: "cgw:one:project:p1", registry: "one"', "Give either"),
        ('registry: "three", projectId: "p1"', "three"),
        ('registry: "one", projectId: "P-"', "has no project ids of this form"),
        (f'registry: "one", projectId: "{"x" * 201}"', "must have 1 to 200"),
    ],
)
async def test_a_project_that_is_not_named_clearly_is_refused(arguments: str, told: str) -> None:
    assert told in await refusal(f"{{ project({arguments}) {{ id }} }}")


async def test_a_registry_is_found_by_its_key() -> None:
    assert await data('{ registry(key: "one") { key } }') == {"registry": {"key": "one"}}


async def test_picklists_are_told_all_together_and_by_name() -> None:
    found = await data("{ picklists { name values { value } } }")
    first = found["picklists"][0]
    again = await data(
        "query ($name: String!) { picklist(name: $name) { name values { value } } }",
        {"name": first["name"]},
    )
    assert again["picklist"] == first
