"""BioCarbon's captured payloads through rows and views, and against the emulator's rows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.biocarbon_rows import (
    BlockRow,
    Cancelled,
    DetailRow,
    Project,
    Retired,
    parse_serial,
    read_blocks,
    read_cancellations,
    read_detail,
    read_projects,
    read_retreats,
)
from adapters.biocarbon_views import (
    BioCarbonIssuance,
    BioCarbonProject,
    CancelledUnit,
    HeldUnit,
    RetiredUnit,
)
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.record import Origin, Record
from gateway.sandbox.biocarbon_detail import detail
from gateway.sandbox.biocarbon_rows import Rows
from tests.adapters.captured import json_type, replied, sample, unmapped
from tests.market import make

pytestmark = pytest.mark.captured

ORIGIN = Origin("biocarbon", 0)
Row = dict[str, Any]


def body(name: str) -> bytes:
    return sample("biocarbon", f"biocarbon-{name}.json")


def parts(name: str) -> dict[str, bytes]:
    """Several bodies that were captured into one file, by project."""
    return {key: json.dumps(one).encode() for key, one in json.loads(body(name)).items()}


def rows(*names: str) -> list[Row]:
    return [row for name in names for row in json.loads(body(name))["data"]]


def details() -> dict[int, DetailRow]:
    found = {int(key): read_detail(replied(one)) for key, one in parts("details").items()}
    return {key: one for key, one in found.items() if one is not None}


def projects() -> list[BioCarbonProject]:
    known = details()
    return [
        BioCarbonProject(Project(row, known[row.id]), ORIGIN, i)
        for name in ("projects-page1", "projects-page2")
        for i, row in enumerate(read_projects(replied(body(name))).data)
    ]


def blocks() -> list[BlockRow]:
    return read_blocks(replied(body("carbon-credits"))).data


def retired() -> list[RetiredUnit]:
    return [
        RetiredUnit(Retired(row, "BCR-CO-1-14-001", row.initiative_id), ORIGIN, i)
        for name in ("retreats-page1", "retreats-page2")
        for i, row in enumerate(read_retreats(replied(body(name))).data)
    ]


def without_map(found: list[Any]) -> set[tuple[str, str]]:
    return set().union(*map(unmapped, found))


def test_every_captured_project_decodes_and_maps() -> None:
    found = projects()
    assert len(found) == 10
    assert without_map(found) == set()
    assert {p.project_status for p in found} == {ProjectStatus.LISTED, ProjectStatus.REGISTERED}
    assert {p.project_locations[0].country for p in found if p.project_locations} == {
        "CO",
        "NG",
        "TR",
    }
    assert all(p.methodology and p.sector and p.project_type for p in found)
    assert all(p.co_benefits for p in found)


def test_every_captured_detail_names_its_cad_trust_record() -> None:
    found = projects()
    crosswalk = {p.cad_trust_project_id for p in found}
    assert len(crosswalk) == len(found)
    assert None not in crosswalk


def test_an_estimate_is_of_the_whole_period_and_may_be_missing() -> None:
    found = {p.key: p.estimations[0] for p in projects() if p.estimations}
    tigre = found["BCR-CO-319-14-004"]
    assert (tigre.unit_count, tigre.is_annual) == (Decimal(1719967), False)
    assert (tigre.crediting_period_start, tigre.crediting_period_end) == (
        "2018-06-30",
        "2048-06-29",
    )
    assert found["BCR-NG-657-14-001"].unit_count is None


def test_every_captured_block_decodes_and_maps() -> None:
    found = [BioCarbonIssuance(row, ORIGIN, i) for i, row in enumerate(blocks())]
    assert len(found) == 144
    assert without_map(found) == set()
    for issuance in found:
        serial = parse_serial(issuance.key)
        assert serial is not None
        assert issuance.unit_count == serial.end - serial.start + 1
        assert issuance.vintage_year == serial.year
        assert issuance.issuance_date
        assert issuance.parent is not None
        assert issuance.parent.key == issuance.project_key


def test_what_is_left_of_captured_blocks_is_held_or_in_the_reserve() -> None:
    found = [HeldUnit(row, ORIGIN, i) for i, row in enumerate(blocks())]
    assert without_map(found) == set()
    states = [u.unit_status for u in found]
    assert (states.count(UnitStatus.HELD), states.count(UnitStatus.BUFFER)) == (59, 85)
    for unit, row in zip(found, rows("carbon-credits"), strict=True):
        gone = row["sold"].replace(",", ""), row["dropouts"].replace(",", "")
        amount = Decimal(row["amount"].replace(",", ""))
        assert unit.unit_count == amount - sum(map(Decimal, gone))


def test_every_captured_retirement_decodes_and_maps() -> None:
    found = retired()
    assert len(found) == 60
    assert without_map(found) == set()
    assert len({u.key for u in found}) == 60
    assert {u.unit_status_date[:7] for u in found if u.unit_status_date} == {"2026-07", "2026-08"}
    for unit in found:
        assert unit.unit_block_start is not None
        assert unit.unit_block_end is not None
        length = int(unit.unit_block_end) - int(unit.unit_block_start) + 1
        assert unit.unit_count == length
        assert unit.vintage_year
    assert sum(u.unit_retirement_beneficiary is not None for u in found) == 46


def test_captured_retirements_lie_inside_one_block() -> None:
    wholes = [s for row in blocks() if (s := parse_serial(row.serial))]
    for unit in retired():
        part = parse_serial(unit.key)
        assert part is not None
        owners = [s for s in wholes if s.holds(part)]
        assert len(owners) <= 1


def test_every_captured_cancellation_decodes_and_adds_up_to_the_blocks() -> None:
    listed = {
        int(key): read_cancellations(replied(one)) for key, one in parts("cancellations").items()
    }
    found = [
        CancelledUnit(Cancelled(row, "BCR-CO-1-14-001", key), ORIGIN, i)
        for key, of_project in listed.items()
        for i, row in enumerate(of_project)
    ]
    assert len(found) == 3
    assert without_map(found) == set()
    said = sum(int(row["dropouts"].replace(",", "")) for row in rows("carbon-credits"))
    assert sum(u.unit_count for u in found if u.unit_count) == said


def test_nothing_personal_is_decoded() -> None:
    found: list[Record[Any]] = [*projects(), *retired()]
    for record in found:
        for name in type(record).fields:
            assert "REDACTED" not in str(getattr(record, name))


def test_the_emulators_rows_have_the_captured_keys_and_types() -> None:
    telling = make().told_by("biocarbon")
    made = Rows(telling)
    ours = [made.project(project) for project in telling.projects]
    theirs = rows("projects-page1", "projects-page2")
    same_shape(ours, theirs)
    for inner in ("methodologies", "objetives"):
        same_shape(inside(ours, inner), inside(theirs, inner))
    for inner in ("holder", "type_project", "validation_body"):
        same_shape(held(ours, inner), held(theirs, inner), ("bcr_old_spanish", "bcr_old_english"))
    captured = [json.loads(one)["initiative"] for one in parts("details").values()]
    emulated = [
        detail(project, row)["initiative"]
        for project, row in zip(telling.projects, ours, strict=True)
    ]
    same_shape(emulated, captured, ("warehouse_project_id", "latitude", "longitude"))
    same_shape([made.block(one) for one in telling.issuances], rows("carbon-credits"))
    used = [u for u in telling.units if u.unit_status is UnitStatus.RETIRED]
    same_shape([made.retreat(u) for u in used], rows("retreats-page1", "retreats-page2"))
    gone = [u for u in telling.units if u.unit_status is UnitStatus.CANCELLED]
    lists = [json.loads(one)["data"] for one in parts("cancellations").values()]
    same_shape([made.cancellation(u) for u in gone], [row for one in lists for row in one])


def inside(found: list[Row], name: str) -> list[Row]:
    return [inner for row in found for inner in row[name]]


def held(found: list[Row], name: str) -> list[Row]:
    return [row[name] for row in found if row[name]]


def same_shape(emulated: list[Row], captured: list[Row], may_be_null: tuple[str, ...] = ()) -> None:
    assert {frozenset(row) for row in emulated} == {frozenset(row) for row in captured}
    for key in captured[0]:
        allowed = {json_type(row[key]) for row in captured}
        if key in may_be_null:
            allowed.add("null")
        assert {json_type(row[key]) for row in emulated} <= allowed, key
