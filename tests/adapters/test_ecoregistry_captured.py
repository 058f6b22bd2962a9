"""EcoRegistry's captured payloads through rows and views, and against the emulator's rows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.cercarbono import CercarbonoProject, adapter
from adapters.contract import Page
from adapters.ecoregistry import METRIC, ours
from adapters.ecoregistry_rows import (
    DetailRow,
    Project,
    ProjectRow,
    read_analytics,
    read_detail,
    read_projects,
    read_retirements,
)
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitMetric, UnitStatus
from gateway.model.question import Question
from gateway.model.record import Origin
from gateway.sandbox.ecoregistry_rows import Rows, detail
from tests.adapters.captured import json_type, replayed, replied, sample, unmapped
from tests.adapters.source import LoopbackSource
from tests.market import make

pytestmark = pytest.mark.captured

FOLDER = "cercarbono-ecoregistry"
PAGES = {
    "/project/public-by-standard/cercarbono-co2": (FOLDER, "cercarbono-projects.json"),
    "/analytics/projects": (FOLDER, "cercarbono-analytics.json"),
    "/analytics/get-retirements": (FOLDER, "cercarbono-retirements.json"),
    "/project/public/1": (FOLDER, "cercarbono-detail.json"),
    "/project/public/106": (FOLDER, "cercarbono-detail-converted.json"),
}
# Methodologies in Spanish and others that nobody has a key for would stand here.
UNMAPPED: set[tuple[str, str]] = set()
Row = dict[str, Any]


def body(name: str) -> bytes:
    return sample(FOLDER, f"cercarbono-{name}.json")


@asynccontextmanager
async def registry() -> AsyncIterator[LoopbackSource]:
    async with replayed(PAGES, "cercarbono", "application/json") as source:
        yield source


async def pages(entity: Entity) -> list[Page]:
    async with registry() as source:
        return [page async for page in adapter.pages(source, Question(entity))]


async def listed(entity: Entity) -> list[Any]:
    return [record for page in await pages(entity) for record in page.records]


def without_map(found: list[Any]) -> set[tuple[str, str]]:
    return set().union(*map(unmapped, found))


async def test_every_captured_project_decodes_and_maps() -> None:
    found = await listed(Entity.PROJECT)
    assert [p.key for p in found] == ["CDC-271", "CDC-106", "CDC-85", "CDC-29", "CDC-1"]
    assert without_map(found) <= UNMAPPED
    assert {p.project_status for p in found} == {ProjectStatus.REGISTERED}
    assert {p.project_locations[0].country for p in found} == {"CO", "ZA"}
    by_key = {p.key: p for p in found}
    assert by_key["CDC-106"].methodology is None
    assert [p.methodology for p in found if p.key != "CDC-106"] == [
        "AMS-III.H",
        "ACM0002",
        "M/UT/F-A01",
        "AR-ACM0003",
    ]
    assert [c.sdg for c in by_key["CDC-29"].co_benefits] == [1, 4, 5, 8, 13, 15]


async def test_a_captured_conversion_names_its_biocarbon_project() -> None:
    (found,) = [p for p in await listed(Entity.PROJECT) if p.key == "CDC-106"]
    assert (found.registry_of_origin, found.origin_project_id) == ("BioCarbon Standard", "24")
    assert found.related_projects[0].related_registry == "biocarbon"


async def test_captured_details_give_place_and_period() -> None:
    async with registry() as source:
        page = await adapter.by_keys(source, Entity.PROJECT, ["CDC-1", "CDC-106"])
    found: list[Any] = list(page.records)
    assert without_map(found) <= UNMAPPED
    converted, own = found
    assert [
        p.in_country_region for p in (*own.project_locations, *converted.project_locations)
    ] == [
        "Cordoba",
        "Caqueta",
    ]
    period = own.estimations[0]
    assert (period.crediting_period_start, period.crediting_period_end) == (
        "2008-01-16",
        "2032-01-15",
    )
    assert converted.project_description.startswith("Monochoa REDD+ is a project")
    # Ratings are there, and are not public.
    assert own.project_ratings == ()


async def test_every_captured_serial_decodes_and_maps() -> None:
    (page,) = await pages(Entity.ISSUANCE)
    found: list[Any] = list(page.records)
    assert len(found) == 128
    assert without_map(found) == set()
    assert all(i.vintage_year and i.issuance_date and i.project_key for i in found)
    certified = read_detail(replied(body("detail"))).project
    assert certified is not None
    # The detail's own total of the project, the buffer's part included.
    assert sum(i.unit_count for i in found if i.project_key == "CDC-1") == 81_169
    assert [text[:8] for text in page.warnings] == ["CDC-106 "]


async def test_every_captured_retirement_of_the_standard_decodes_and_maps() -> None:
    found = await listed(Entity.UNIT)
    assert without_map(found) == set()
    retired = [u for u in found if u.unit_status is UnitStatus.RETIRED]
    buffered = [u for u in found if u.unit_status is UnitStatus.BUFFER]
    rows = read_retirements(replied(body("retirements")))
    # Six more are of a biodiversity standard, whose credits are no tonnes.
    assert (len(rows), len(retired)) == (24, 18)
    assert all(u.unit_status_date and u.vintage_year and u.unit_count > 0 for u in retired)
    assert len(buffered) == 60
    issuances = {i.key for i in await listed(Entity.ISSUANCE)}
    assert {u.issuance_key for u in buffered} <= issuances
    assert {u.project_key for u in retired if u.issuance_key not in issuances} == {"CDC-106"}


def test_captured_rows_of_other_standards_decode_too() -> None:
    rows = read_analytics(replied(body("analytics")))
    projects = read_projects(replied(body("projects"))).projects or ()
    others = {row.id for row in rows} - {row.id for row in projects}
    assert others == {209}
    assert not any(ours(row) for row in projects)
    assert ours(ProjectRow(id=1, code="X-1", standard="CarbonPath"))
    assert METRIC("tCO2e") is UnitMetric.TCO2E


def test_a_project_is_the_same_with_an_empty_detail() -> None:
    rows = read_projects(replied(body("projects"))).projects or ()
    origin = Origin("cercarbono", 0)
    for row in rows:
        record = CercarbonoProject(Project(row, DetailRow()), origin)
        assert record.key == row.code
        assert record.project_link == f"https://registry.cercarbono.com/projects/{row.id}"


def test_the_emulators_rows_have_the_captured_keys_and_types() -> None:
    telling = make().told_by("cercarbono")
    made = Rows(telling, "Carbono")
    ours_listed = [made.project(p) for p in telling.projects]
    theirs_listed = json.loads(body("projects"))["projects"]
    same_shape(ours_listed, theirs_listed)
    for inner in ("sectors", "methodology", "projectsGlobalGoal", "protocols"):
        same_shape(inside(ours_listed, inner), inside(theirs_listed, inner))
    analysed = [made.analytics(p) for p in telling.projects]
    captured = json.loads(body("analytics"))["project"]
    same_shape(analysed, captured)
    for inner in ("serials", "locations", "sector"):
        same_shape(inside(analysed, inner), inside(captured, inner))
    used = [u for u in telling.units if u.unit_status is UnitStatus.RETIRED]
    same_shape([made.retirement(u) for u in used], json.loads(body("retirements"))["retirements"])
    details = [detail(p, "Carbono") for p in telling.projects]
    captured = [json.loads(body(name)) for name in ("detail", "detail-converted")]
    same_shape(details, captured)
    same_shape([d["project"] for d in details], [d["project"] for d in captured])
    same_shape(inside(details, "locations"), inside(captured, "locations"))


def inside(found: list[Row], name: str) -> list[Row]:
    return [inner for row in found for inner in row[name]]


def same_shape(emulated: list[Row], captured: list[Row]) -> None:
    assert {frozenset(row) for row in emulated} == {frozenset(row) for row in captured}
    for key in captured[0]:
        allowed = {json_type(row[key]) for row in captured}
        assert {json_type(row[key]) for row in emulated} <= allowed, key
