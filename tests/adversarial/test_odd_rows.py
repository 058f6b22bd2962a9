"""Odd values in the rows of a CAD Trust node, as real nodes hold them, seen through the gateway.

What must hold for the others: every other row is there and whole, the registry is not left alone,
and another registry's answer is complete. What must hold for the odd one: it is null with its own
text, undecided for filters and orders, and the same whichever way it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.engine.compiled import CompiledExecutor
from gateway.engine.execute import ReferenceExecutor
from gateway.engine.fragment import plain
from gateway.engine.operation import GraphQLRequest
from gateway.sandbox.fault import changed
from gateway.sandbox.runner import Sandbox
from gateway.stitch.ask import Ask
from gateway.upstream.health import BreakerState
from gateway.upstream.terms import Terms
from tests.test_partial_failure import House, signed, world

pytestmark = pytest.mark.adversarial

NODE = "cad-trust"
V2 = "cad-trust-v2"
COVERAGE = (
    "coverage { registry outcome complete message returned warnings "
    "undecided { field count texts ids } }"
)
UNIT = (
    "id registry unitCount unitCountRaw vintageYear vintageYearRaw unitOwner unitStatus "
    "unitStatusRaw updatedAt labels { label unitQuantity unitQuantityRaw }"
)
UNITS = f'query U($where: UnitWhere, $order: UnitOrder) {{ units(registries: ["{NODE}"], first: 500, where: $where, orderBy: $order) {{ nodes {{ {UNIT} }} totalCount {COVERAGE} }} }}'  # noqa: E501
NODES = f"query N($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Unit {{ {UNIT} }} }} }}"

Row = dict[str, Any]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with Sandbox(world(), only=(NODE, "verra")) as sandbox:
        made = House(sandbox, (NODE, "verra"))
        yield made
        await made.close()


def stored(change: Callable[[Row], Any]) -> Middleware:
    """Each unit as the node stores it once this was done to it; None leaves it as it is."""

    def spoil(body: bytes) -> bytes:
        document = json.loads(body)
        if isinstance(document, dict) and isinstance(document.get("data"), list):
            document["data"] = [_spoilt(row, change) for row in document["data"]]
        elif isinstance(document, dict):
            document = _spoilt(document, change)
        return json.dumps(document).encode()

    @web.middleware
    async def node(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        return changed(response, spoil) if request.path == "/v1/units" else response

    return node


def _spoilt(row: Any, change: Callable[[Row], Any]) -> Any:
    known = isinstance(row, dict) and "warehouseUnitId" in row
    return change(row) if known and row["warehouseUnitId"] == CHOSEN[0] else row


CHOSEN: list[str] = []


async def choose(house: House) -> tuple[list[Row], str]:
    """All units of the sound node, and the id of the one that is going to be odd."""
    found = (await house.ask(UNITS))["data"]["units"]
    assert found["coverage"][0]["complete"] is True
    id = found["nodes"][7]["id"]
    CHOSEN[:] = [id.rpartition(":")[2]]
    return found["nodes"], id


ODD: list[tuple[str, Any, str, str]] = [
    ("vintageYear", "2016-2017", "vintageYear", "2016-2017"),
    ("vintageYear", 2016.5, "vintageYear", "2016.5"),
    ("unitCount", "1,000", "unitCount", "1,000"),
    ("unitCount", "n/a", "unitCount", "n/a"),
    ("unitCount", "NaN", "unitCount", "NaN"),
    ("unitCount", {"value": 5}, "unitCount", '{"value": 5}'),
    ("unitStatus", ["Held"], "unitStatus", '["Held"]'),
    ("unitStatus", 7, "unitStatus", "7"),
]


@pytest.mark.parametrize(("column", "value", "field", "text"), ODD)
async def test_an_odd_value_is_null_with_its_text_and_all_else_is_there(
    house: House, column: str, value: Any, field: str, text: str
) -> None:
    whole, id = await choose(house)
    house.sandbox.fail(NODE, stored(lambda row: {**row, column: value}))
    found = (await house.ask(UNITS))["data"]["units"]
    told = {row["id"]: row for row in found["nodes"]}
    expected = {row["id"]: row for row in whole}
    expected[id] = {**expected[id], field: None, f"{field}Raw": text}
    assert told == expected
    (row,) = found["coverage"]
    assert (row["outcome"], row["complete"]) == ("OK", True)
    assert any(text[:20] in warning for warning in row["warnings"])
    assert (await house.ask(NODES, ids=[id]))["data"]["nodes"] == [expected[id]]
    assert house.gateway.door.health(NODE).breaker is BreakerState.CLOSED


async def test_a_value_that_can_mean_one_thing_only_is_read(house: House) -> None:
    whole, id = await choose(house)
    expected = next(row for row in whole if row["id"] == id)
    year, count = str(expected["vintageYear"]), str(expected["unitCount"])
    house.sandbox.fail(NODE, stored(lambda row: {**row, "vintageYear": year, "unitCount": count}))
    told = {row["id"]: row for row in (await house.ask(UNITS))["data"]["units"]["nodes"]}
    assert told[id] == expected


@pytest.mark.parametrize(
    "where",
    [
        {"unitStatus": {"eq": "RETIRED"}},
        {"unitStatus": {"in": ["HELD", "RETIRED"]}},
    ],
)
async def test_a_filter_cannot_decide_an_odd_value(house: House, where: Row) -> None:
    _, id = await choose(house)
    whole = (await house.ask(UNITS, where=where))["data"]["units"]["nodes"]
    house.sandbox.fail(NODE, stored(lambda row: {**row, "unitStatus": {"odd": 1}}))
    found = (await house.ask(UNITS, where=where))["data"]["units"]
    expected = {row["id"] for row in whole} - {id}
    # There may be more on the next page.
    assert {row["id"] for row in found["nodes"]} >= expected
    assert id not in {row["id"] for row in found["nodes"]}
    (row,) = found["coverage"]
    assert row["complete"] is False
    assert row["undecided"] == [
        {"field": "unitStatus", "count": 1, "texts": ['{"odd": 1}'], "ids": [id]}
    ]


async def test_a_vintage_that_is_odd_is_undecided_for_every_year(house: House) -> None:
    whole, id = await choose(house)
    own = next(row["vintageYear"] for row in whole if row["id"] == id)
    year = next(row["vintageYear"] for row in whole if row["vintageYear"] not in (None, own))
    house.sandbox.fail(NODE, stored(lambda row: {**row, "vintageYear": "2016-2017"}))
    found = (await house.ask(UNITS, where={"vintageYear": {"eq": year}}))["data"]["units"]
    (row,) = found["coverage"]
    assert row["complete"] is False
    assert [one["ids"] for one in row["undecided"]] == [[id]]


DATES: list[tuple[str, str, str, str, str]] = [
    # registry, kind, where its rows come from, their key, the field
    (NODE, "projects", "/v1/projects", "warehouseProjectId", "projectStatusDate"),
    (NODE, "projects", "/v1/projects", "warehouseProjectId", "updatedAt"),
    (V2, "projects", "/v2/project", "cadTrustProjectId", "projectStatusDate"),
    (V2, "projects", "/v2/project", "cadTrustProjectId", "updatedAt"),
    (V2, "units", "/v2/unit", "cadTrustUnitId", "unitStatusDate"),
]


@pytest.mark.parametrize("odd", ["n/a", "2021-13-45", "01.02.2021"])
@pytest.mark.parametrize(("registry", "kind", "path", "key", "field"), DATES)
async def test_a_date_that_is_none_is_undecided_before_and_after_any_other(
    registry: str, kind: str, path: str, key: str, field: str, odd: str
) -> None:
    type = {"projects": "ProjectWhere", "units": "UnitWhere"}[kind]
    query = (
        f'query Q($where: {type}) {{ {kind}(registries: ["{registry}"], first: 500, '
        f"where: $where) {{ nodes {{ id {field} }} {COVERAGE} }} }}"
    )

    def change(body: bytes) -> bytes:
        document = json.loads(body)
        rows = document["data"] if isinstance(document.get("data"), list) else [document]
        for row in rows:
            if row.get(key) == chosen:
                row[field] = odd
        return json.dumps(document).encode()

    @web.middleware
    async def node(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        return changed(response, change) if request.path == path else response

    async with Sandbox(world(), only=(registry,)) as sandbox:
        house = House(sandbox, (registry,))
        sound = await house.ask(query)
        assert "errors" not in sound, sound
        sound = sound["data"][kind]
        dates = sorted(row[field] for row in sound["nodes"] if row[field])
        # One that no bound below takes in, so that the node would leave it out.
        id = next(row["id"] for row in sound["nodes"] if row[field] == dates[len(dates) // 2])
        chosen = id.rpartition(":")[2]
        sandbox.fail(registry, node)
        for bound in ({"gte": dates[-1]}, {"lte": dates[0]}):
            found = (await house.ask(query, where={field: bound}))["data"][kind]
            (row,) = found["coverage"]
            assert row["complete"] is False
            assert [one["ids"] for one in row["undecided"]] == [[id]]
            assert found["nodes"] != []
        await house.close()


async def test_the_place_of_an_odd_value_in_an_order_is_not_known(house: House) -> None:
    _, id = await choose(house)
    house.sandbox.fail(NODE, stored(lambda row: {**row, "unitCount": "many"}))
    order = {"field": "UNIT_COUNT", "direction": "ASC"}
    found = (await house.ask(UNITS, order=order))["data"]["units"]
    (row,) = found["coverage"]
    assert row["undecided"][0]["ids"] == [id]
    assert row["undecided"][0]["texts"] == ["many"]


KEYLESS: dict[str, Callable[[Row], Any]] = {
    "null": lambda row: None,
    "a text": lambda row: "unexpected",
    "without its key": lambda row: {k: v for k, v in row.items() if k != "warehouseUnitId"},
    "with an empty key": lambda row: {**row, "warehouseUnitId": ""},
    "with a list for a key": lambda row: {**row, "warehouseUnitId": ["x"]},
}


@pytest.mark.parametrize("kind", KEYLESS)
async def test_a_row_without_a_key_is_left_out_and_told(house: House, kind: str) -> None:
    whole, id = await choose(house)
    house.sandbox.fail(NODE, stored(KEYLESS[kind]))
    found = (await house.ask(UNITS))["data"]["units"]
    there = {row["id"] for row in found["nodes"]}
    assert id not in there
    assert there >= {row["id"] for row in whole} - {id}
    (row,) = found["coverage"]
    assert (row["outcome"], row["complete"], found["totalCount"]) == ("PARTIAL", False, None)
    assert row["message"].startswith("ROWS_NOT_READ: 1 row of the registry could not be read")
    assert any("/data/7: " in warning for warning in row["warnings"])
    health = house.gateway.door.health(NODE)
    assert health.breaker is BreakerState.CLOSED


async def test_a_record_that_may_be_a_row_without_a_key_is_an_error_and_no_null(
    house: House,
) -> None:
    _, id = await choose(house)
    house.sandbox.fail(NODE, stored(KEYLESS["with a list for a key"]))
    body = await house.ask(NODES, ids=[id])
    assert body["data"]["nodes"] == [None]
    assert body["errors"][0]["extensions"]["code"] == "REGISTRY_INVALID_PAYLOAD"
    assert signed(body)["scope"]["complete"] is False


async def test_all_is_required_and_one_row_cannot_be_read(house: House) -> None:
    await choose(house)
    house.sandbox.fail(NODE, stored(KEYLESS["null"]))
    query = (
        f'query U @ask(requireAll: true) {{ units(registries: ["{NODE}"]) {{ nodes {{ id }} }} }}'
    )
    body = await house.ask(query)
    assert body["errors"][0]["extensions"]["code"] == "REGISTRY_INCOMPLETE"


@pytest.mark.parametrize(("column", "value", "field", "text"), ODD)
async def test_the_compiled_answer_to_an_odd_row_is_the_reference_s(
    house: House, column: str, value: Any, field: str, text: str
) -> None:
    await choose(house)
    house.sandbox.fail(NODE, stored(lambda row: {**row, column: value}))
    told = []
    for executor in (
        CompiledExecutor(house.gateway.settings.limits),
        ReferenceExecutor(house.gateway.settings.limits),
    ):
        deadline = house.gateway.clock.monotonic() + 60
        ask = Ask(house.gateway.federation, Terms(deadline))
        result = await executor.execute(GraphQLRequest(UNITS, {}), ask)
        assert not result.errors
        told.append(plain(result.data))
    assert told[0] == told[1]
