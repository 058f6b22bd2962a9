"""Captured answers of a CAD Trust node through rows and views, and against the emulator's rows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from adapters.cad_trust import adapter
from adapters.cad_trust_rows import (
    read_project,
    read_project_page,
    read_unit,
    read_unit_page,
)
from adapters.cad_trust_views import Issuance, Project, Unit
from adapters.contract import InvalidPayload
from gateway.model.entity import Entity
from gateway.model.picklists import LabelType, ProjectStatus, UnitStatus, UnitType
from gateway.model.question import Question
from gateway.model.record import Origin
from gateway.sandbox.cad_trust import application
from gateway.sandbox.cad_trust_rows import project_rows, unit_rows
from tests.adapters.captured import replied, types_by_key, unmapped
from tests.adapters.source import loopback
from tests.market import make
from tests.paths import SHARED

pytestmark = pytest.mark.captured

SAMPLES = SHARED / "cadtrust" / "samples"
ORIGIN = Origin("cad-trust", 0)
PAGES = ("v1_projects_page", "v1_projects_page_seeded")
UNIT_PAGES = ("v1_units_page", "v1_units_page_seeded")
# Free text that names no goal, and words that are no sector or no type of the picklists.
UNMAPPED = {"co_benefit", "sdg", "sector", "project_type"}


def body(name: str) -> Any:
    """A captured body; the test is skipped where the folder with them is missing."""
    path = SAMPLES / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"no captured payload: ../shared/cadtrust/samples/{path.name}")
    found = json.loads(path.read_text())
    if "request" not in found:
        return found
    inner = found["body"]
    return json.loads(inner) if inner == "null" else inner


def raw(name: str) -> bytes:
    found = body(name)
    return found.encode() if isinstance(found, str) else json.dumps(found).encode()


def rows(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [row for name in names for row in body(name)["data"]]


@pytest.mark.parametrize("name", PAGES)
def test_every_captured_project_decodes_and_maps(name: str) -> None:
    page = read_project_page(replied(raw(name)))
    assert len(page.data) == 2
    for row in page.data:
        project = Project(row, ORIGIN)
        assert {field for field, _ in unmapped(project)} <= UNMAPPED
        assert project.key == project.cad_trust_project_id == row.warehouseProjectId
        assert project.project_locations is not None
        assert [place.country for place in project.project_locations] in (["SG"], ["LT"], ["CG"])
        assert [unmapped(Issuance(one, ORIGIN)) for one in row.issuances] == [set()]


def test_a_captured_project_keeps_a_junk_id_of_origin() -> None:
    row = read_project(replied(raw("v1_project_one")))
    assert row is not None
    project = Project(row, ORIGIN)
    assert project.origin_project_id == "Singapore National Registry"
    assert project.registry_of_origin == project.registry_of_origin_raw
    assert project.project_status is ProjectStatus.REGISTERED
    assert project.project_status_date == "2022-01-31"
    assert project.updated_at == "2026-11-22T18:59:28Z"
    assert project.labels is not None
    assert [label.label_type for label in project.labels] == [
        LabelType.CERTIFICATION,
        LabelType.ENDORSEMENT,
    ]
    assert project.labels[0].unit_quantity == Decimal(7)
    assert project.estimations is not None
    assert project.estimations[0].unit_count == Decimal(27000)
    assert project.co_benefits is not None
    assert project.co_benefits[0].co_benefit is None
    assert project.co_benefits[0].co_benefit_raw
    assert project.project_locations is not None
    assert project.project_locations[0].latitude is None


def test_the_same_methodology_in_both_columns_is_one() -> None:
    row = read_project(replied(raw("v1_project_one")))
    assert row is not None
    project = Project(row, ORIGIN)
    assert row.methodology == row.methodology2
    assert project.methodologies is not None
    assert len(project.methodologies) == 1


@pytest.mark.parametrize("name", UNIT_PAGES)
def test_every_captured_unit_decodes_and_maps(name: str) -> None:
    page = read_unit_page(replied(raw(name)))
    assert len(page.data) == 2
    for row in page.data:
        unit = Unit(row, ORIGIN)
        assert unmapped(unit) == set()
        assert row.issuance is not None
        assert unit.project_key == row.issuance.warehouseProjectId
        assert unit.issuance_key == row.issuance.id


def test_a_captured_unit_with_its_label() -> None:
    row = read_unit(replied(raw("v1_unit_one")))
    assert row is not None
    unit = Unit(row, ORIGIN)
    assert (unit.unit_status, unit.unit_type) == (UnitStatus.HELD, UnitType.REMOVAL_NATURE)
    assert unit.unit_count == Decimal(10)
    assert unit.country_jurisdiction_of_owner == "NL"
    assert unit.labels is not None
    assert [label.label_id for label in unit.labels] == ["5bf5961d-ee0c-45cb-baa5-a9e703147e37"]
    assert unit.unit_issuance_location is not None
    assert unit.unit_issuance_location.project_location_id == row.projectLocationId


def test_a_captured_answer_for_a_missing_record_is_no_record() -> None:
    assert read_project(replied(raw("v1_project_missing"))) is None


@pytest.mark.parametrize("name", ["v1_404", "v1_projects_error_limit", "v1_error_api_key"])
def test_a_captured_error_is_no_answer(name: str) -> None:
    with pytest.raises(InvalidPayload):
        read_project_page(replied(raw(name)))


def shapes(found: list[dict[str, Any]], at: str = "") -> dict[str, set[str]]:
    """Every object's keys and JSON types, by its place."""
    made = {f"{at}.{key}": kinds for key, kinds in types_by_key(found).items()}
    for key in dict.fromkeys(key for row in found for key in row):
        inner = [row.get(key) for row in found]
        children = [c for value in inner if isinstance(value, list) for c in value]
        children += [value for value in inner if isinstance(value, dict)]
        if children:
            for place, kinds in shapes(children, f"{at}.{key}").items():
                made.setdefault(place, set()).update(kinds)
    return made


@pytest.mark.parametrize(
    ("names", "single"), [(PAGES, "v1_project_one"), (UNIT_PAGES, "v1_unit_one")]
)
def test_the_emulators_rows_have_the_captured_keys_in_order_and_types(
    names: tuple[str, ...], single: str
) -> None:
    captured = [*rows(names), body(single)]
    telling = make().told_by("cad-trust")
    made = project_rows(telling) if names is PAGES else unit_rows(telling)
    assert {tuple(row) for row in made} == {tuple(row) for row in captured}
    ours, theirs = shapes(made), shapes(captured)
    assert set(ours) == set(theirs)
    strange = {place: kinds - theirs[place] for place, kinds in ours.items()}
    # The captures have no project that was never validated, described or given tags.
    optional = {"null", "string"}
    assert {p: k for p, k in strange.items() if k and not ours[p] <= optional} == {}


ERRORS = {
    "v1_projects_error_no_pagination": "/v1/projects",
    "v1_projects_error_limit": "/v1/projects?page=1&limit=1001",
    "v1_error_unknown_param": "/v1/projects?page=1&limit=2&foo=1",
    "v1_error_columns": (
        "/v1/projects?page=1&limit=2&columns=projectName&columns=projectLocations"
    ),
    "v1_error_filter_bad_column": "/v1/projects?page=1&limit=2&filter=nope%3A1%3Aeq",
    "v1_units_error_no_pagination": "/v1/units",
    "v1_units_error_by_project": "/v1/units?page=1&limit=2&warehouseProjectId=x",
    "v1_project_missing": "/v1/projects?warehouseProjectId=nope",
}


@pytest.mark.parametrize(("name", "path"), ERRORS.items())
async def test_the_emulator_answers_wrong_questions_as_the_captured_node_did(
    name: str, path: str
) -> None:
    wanted = body(name)
    async with (
        loopback(application(make().told_by("cad-trust")), "cad-trust") as source,
        source.session.get(f"{source.base_url}{path}") as answer,
    ):
        assert await answer.json() == wanted
        assert answer.status == (400 if wanted else 200)


async def test_the_captured_page_is_read_from_a_node_that_sends_it() -> None:
    captured = body("v1_projects_page")

    async def projects(request: web.Request) -> web.Response:
        headers = {"x-data-synced": "false", "x-sync-remaining": "1"}
        return web.json_response({**captured, "pageCount": 1}, headers=headers)

    node = web.Application()
    node.router.add_get("/v1/projects", projects)
    async with loopback(node, "cad-trust") as source:
        (page,) = [p async for p in adapter.pages(source, Question(Entity.PROJECT))]
    assert page.total == len(page.records) == 2
    told = "The node has not yet synced all of its organisations' data (1 changes to go)."
    assert page.whole == told
