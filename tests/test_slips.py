"""What a registry shows can be asked again, and a slip is told, over the whole gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.sandbox.runner import Sandbox
from tests.test_partial_failure import House, world

SOME = ("cad-trust", "cercarbono", "social-carbon", "verra")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with Sandbox(world(), only=SOME) as sandbox:
        made = House(sandbox, SOME)
        yield made
        await made.close()


async def page(house: House, registry: str, field: str, shown: str) -> list[dict[str, Any]]:
    query = (
        f'{{ {field}(registries: ["{registry}"], first: 12) '
        f"{{ nodes {{ id {shown} identifiers {{ scheme value }} }} }} }}"
    )
    found: list[dict[str, Any]] = (await house.ask(query))["data"][field]["nodes"]
    assert found
    return found


@pytest.mark.parametrize("registry", SOME)
@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [("projects", "project", "projectId"), ("units", "unit", "unitSerialId")],
)
async def test_a_record_is_found_by_the_code_that_it_shows_and_by_each_identifier(
    house: House, registry: str, fields: str, field: str, code: str
) -> None:
    for record in await page(house, registry, fields, code):
        if record[code]:
            query = "query Q($r: RegistryKey!, $c: String!) "
            query += f"{{ {field}(registry: $r, {code}: $c) {{ id }} }}"
            body = await house.ask(query, r=registry, c=f" {record[code]} ")
            if "errors" in body:
                # Of several with one code none is chosen; all of them are named.
                assert record["id"] in body["errors"][0]["extensions"]["didYouMean"]
            else:
                assert body["data"][field] == {"id": record["id"]}
        for shown in record["identifiers"]:
            query = "query Q($s: String!, $v: String!) { lookup(scheme: $s, value: $v) { id } }"
            body = await house.ask(query, s=shown["scheme"], v=shown["value"])
            assert {"id": record["id"]} in body["data"]["lookup"]


async def test_every_scheme_that_is_printed_is_listed(house: House) -> None:
    listed = (await house.ask("{ lookupSchemes { scheme registry kind example } }"))["data"]
    known = {(one["scheme"], one["registry"]) for one in listed["lookupSchemes"]}
    assert ("verra.vcs", "verra") in known
    for registry in SOME:
        for record in await page(house, registry, "projects", "projectId"):
            assert {(i["scheme"], registry) for i in record["identifiers"]} <= known


@pytest.mark.parametrize(
    ("query", "argument", "meant"),
    [
        ('{ lookup(scheme: "vera.vcs", value: "1529") { id } }', "scheme", "verra.vcs"),
        ('{ lookup(scheme: "Verra.VCS", value: "1529") { id } }', "scheme", "verra.vcs"),
        ('{ lookup(scheme: "verra.vcs", value: "not a number") { id } }', "value", "901002"),
        ('{ node(id: "cgw:vera:project:1529") { id } }', "id", "cgw:verra:project:1529"),
        ('{ node(id: "cgw:verra:project:VCS1529") { id } }', "id", "cgw:verra:project:1529"),
        ('{ node(id: "cgw:verra:project:abc") { id } }', "id", "901002"),
        ('{ project(registry: "verra", projectId: "abc") { id } }', "projectId", "901002"),
        (
            '{ projects(where: { country: { eq: "UK" } }) { nodes { id } } }',
            "where.country.eq",
            "GB",
        ),
    ],
)
async def test_a_slip_names_the_right_word_under_a_valid_signature(
    house: House, query: str, argument: str, meant: str
) -> None:
    (error,) = (await house.ask(query))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"] == argument
    assert meant in error["message"]


async def test_one_wrong_id_among_many_takes_nothing_with_it(house: House) -> None:
    query = """{ nodes(ids: ["cgw:verra:project:901002", "cgw:vera:project:1", "x",
        "cgw:verra:project:424242"]) { id } }"""
    body = await house.ask(query)
    assert body["data"]["nodes"] == [{"id": "cgw:verra:project:901002"}, None, None, None]
    assert [error["path"] for error in body["errors"]] == [["nodes", 1], ["nodes", 2]]
