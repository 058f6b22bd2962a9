"""Gold Standard's captured payloads through rows and views, and against the emulator's rows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.gold_standard_rows import BatchRow, read_credits, read_projects
from adapters.gold_standard_views import (
    GoldStandardIssuance,
    GoldStandardProject,
    GoldStandardUnit,
)
from gateway.model.picklists import ProjectStatus, UnitStatus, UnitType
from gateway.model.record import Origin
from gateway.sandbox.gold_standard_rows import Rows
from tests.adapters.captured import replied, sample, types_by_key, unmapped
from tests.market import make

pytestmark = pytest.mark.captured

ORIGIN = Origin("gold-standard", 0)
# Rice fields, solar farms, batteries: a type that is none.
UNMAPPED = {("project_type", "Other")}
OPTIONAL = {"note", "retirement_use_case"}
PROGRAMME = {"poa_project_id", "poa_project_sustaincert_id", "poa_project_name"}


def projects() -> list[GoldStandardProject]:
    rows = read_projects(replied(sample("gold-standard", "gs-projects.json")))
    return [GoldStandardProject(row, ORIGIN, i) for i, row in enumerate(rows)]


def units() -> list[GoldStandardUnit]:
    rows = read_credits(replied(sample("gold-standard", "gs-credits.json")))
    return [GoldStandardUnit(row, ORIGIN, i) for i, row in enumerate(rows)]


def test_every_captured_project_decodes_and_maps() -> None:
    found = projects()
    assert len(found) == 5
    assert set().union(*map(unmapped, found)) <= UNMAPPED
    assert {p.project_status for p in found} == {ProjectStatus.LISTED}
    assert [p.key for p in found][:2] == ["GS23718", "GS23711"]
    assert found[0].related_projects is not None
    assert [r.related_project_id for r in found[0].related_projects] == ["GS23711"]
    assert all(p.co_benefits for p in found)
    assert [p.project_locations[0].country for p in found if p.project_locations] == [
        "MZ",
        "MZ",
        "BT",
        "TR",
        "IN",
    ]


def test_every_captured_block_decodes_and_maps() -> None:
    found = units()
    assert len(found) == 8
    assert all(unmapped(unit) == set() for unit in found)
    assert all(unit.parent is not None and unmapped(unit.parent) == set() for unit in found)
    assert {u.unit_status for u in found} == {UnitStatus.HELD, UnitStatus.RETIRED}
    assert {u.unit_type for u in found} == {UnitType.REDUCTION_TECHNICAL}
    assert all(u.key == f"{u.unit_serial_id}~{u.row.id}" for u in found)
    assert all(u.issuance_key for u in found)
    retired = next(u for u in found if u.row.id == "280123")
    assert retired.unit_retirement_detail == retired.row.note
    assert retired.unit_count == Decimal(1)


def test_captured_blocks_add_up_to_an_issuance() -> None:
    blocks = tuple(u.row for u in units() if u.issuance_key == "GS817-1303-2012")
    issuance = GoldStandardIssuance(BatchRow(blocks[0], blocks, True), ORIGIN)
    assert (issuance.key, issuance.unit_count) == ("GS817-1303-2012", Decimal(4644))
    assert (issuance.issuance_date, issuance.vintage_year) == ("2013-10-08", 2012)
    assert unmapped(issuance) == set()


def test_the_emulators_project_rows_have_the_captured_keys_and_types() -> None:
    captured = json.loads(sample("gold-standard", "gs-projects.json"))
    telling = make().told_by("gold-standard")
    rows = [Rows(telling).project(project) for project in telling.projects]
    assert {tuple(row) for row in rows} == {tuple(row) for row in captured}
    inside = [row["project"] for row in json.loads(sample("gold-standard", "gs-credits.json"))]
    allowed = types_by_key([*captured, *inside])
    made = types_by_key(rows)
    assert {key: kinds - allowed[key] for key, kinds in made.items() if kinds - allowed[key]} == {}


def test_the_emulators_credit_rows_have_the_captured_keys_and_types() -> None:
    captured = json.loads(sample("gold-standard", "gs-credits.json"))
    telling = make().told_by("gold-standard")
    rows = [Rows(telling).credit(unit) for unit in telling.units]

    def shape(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(key for key in row if key not in OPTIONAL)

    assert {shape(row) for row in rows} == {shape(row) for row in captured}
    allowed = types_by_key(captured) | {"retirement_use_case": {"string"}}
    made = types_by_key(rows)
    assert {key: kinds - allowed[key] for key, kinds in made.items() if kinds - allowed[key]} == {}

    inside = {tuple(k for k in row["project"] if k not in PROGRAMME) for row in rows}
    assert inside == {tuple(k for k in row["project"] if k not in PROGRAMME) for row in captured}
    assert {tuple(row["product"]) for row in rows} == {tuple(row["product"]) for row in captured}
