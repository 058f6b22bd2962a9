"""Isometric's captured issuance through rows and views, and against the emulator's nodes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from adapters.isometric_rows import UnitRow, read_issuances
from adapters.isometric_views import IsometricIssuance, IsometricUnit
from gateway.model.picklists import ProjectStatus, UnitStatus, UnitType
from gateway.model.record import Origin
from gateway.sandbox.isometric import application
from tests.adapters.captured import json_type, replied, sample, unmapped
from tests.market import make

pytestmark = pytest.mark.captured

ORIGIN = Origin("isometric", 0)


def captured() -> bytes:
    return sample("isometric", "graphql-issuances-node-2026-04.json")


def test_the_captured_issuance_decodes_and_maps() -> None:
    connection = read_issuances(replied(captured()))
    assert connection.total_count == 297
    issuance = IsometricIssuance(connection.nodes[0], ORIGIN, "0")
    assert unmapped(issuance) == set()
    assert (issuance.project_key, issuance.unit_count) == ("68X8", Decimal("46.94"))
    assert (issuance.issuance_date, issuance.vintage_year) == ("2026-04-01", 2025)
    assert (issuance.issuance_start_date, issuance.issuance_end_date) == (
        "2024-07-19",
        "2025-02-24",
    )
    assert issuance.parent is not None
    assert unmapped(issuance.parent) == set()
    assert issuance.parent.key == "68X8"
    assert issuance.parent.project_status is ProjectStatus.VALIDATED
    assert issuance.parent.project_locations is not None
    assert issuance.parent.project_locations[0].country == "BR"


def test_the_captured_batches_decode_and_map() -> None:
    (row,) = read_issuances(replied(captured())).nodes
    (batch,), (buffer,) = row.supplier_credit_batches, row.buffer_pool_credit_batches
    unit = IsometricUnit(UnitRow(batch, row, False), ORIGIN, "0", "0")
    held = IsometricUnit(UnitRow(buffer, row, True), ORIGIN, "0", "0")
    assert unmapped(unit) == unmapped(held) == set()
    assert unit.key == unit.unit_serial_id == "ISO-1-MOMBA-BRA-68X8-2025-0-46001"
    assert (unit.unit_block_start, unit.unit_block_end) == ("0", "46000")
    assert (unit.unit_count, held.unit_count) == (Decimal("46.001"), Decimal("0.939"))
    assert (unit.unit_status, held.unit_status) == (UnitStatus.HELD, UnitStatus.BUFFER)
    assert unit.unit_type is UnitType.REMOVAL_TECHNICAL
    assert (unit.vintage_year, unit.labels) == (2025, ())


def selection(value: Any) -> str:
    """The GraphQL selection that gives a value of this shape."""
    if isinstance(value, list):
        return selection(value[0])
    if not isinstance(value, dict):
        return ""
    return "{" + " ".join(f"{name} {selection(inner)}" for name, inner in value.items()) + "}"


def shape(value: Any) -> Any:
    """Names and JSON types, the first of each list standing for all."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return json_type(value)


async def test_the_emulator_gives_nodes_of_the_captured_shape() -> None:
    real = json.loads(captured())["data"]["issuances"]
    asked = f"{{ issuances(first: 1, last: 0) {selection(real)} }}"
    server = TestServer(application(make().told_by("isometric")))
    async with server, ClientSession() as session:
        got = await session.post(server.make_url("/"), json={"query": asked})
        emulated = (await got.json())["data"]["issuances"]
    wanted = shape(real)
    # The world's batches of this registry are all the supplier's.
    assert shape(emulated)["nodes"][0]["bufferPoolCreditBatches"] == []
    wanted["nodes"][0]["bufferPoolCreditBatches"] = []
    assert shape(emulated) == wanted
