"""ACR's captured payloads through rows and views, and against the emulator's rows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from adapters.acr import adapter
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus, UnitType
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.sandbox.acr import TENANT
from gateway.sandbox.greentrace_rows import Rows
from tests.adapters.captured import sample, types_by_key, unmapped
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

pytestmark = pytest.mark.captured

REPORTS = {
    "": "acr-projects.json",
    "ISSUED": "acr-issuances.json",
    "RETIRED": "acr-retirements.json",
    "CANCELED": "acr-cancellations.json",
}
# Cold stores, whose type is none, and what California's protocols are called.
NO_TYPE = {("project_type", "Refrigerants"), ("project_type", "Industrial Process Emissions")}
# What is known and not decoded; all else of a captured row is read by a view.
UNREAD_CREDIT = {
    "accountHolderProfileKey",
    "arbEligible",
    "bufferPool",
    "cancellationKey",
    "cancellationReasonDescription",
    "correspondingAdjustment",
    "corsiaDoubleClaimingCompensation",
    "corsiaEligible",
    "corsiaPending",
    "developerLink",
    "developerProfileKey",
    "ecologyEligible",
    "holdingStatusEffectiveTimestamp",
    "isEscrowed",
    "isSequestered",
    "isTokenized",
    "projectIsPublic",
    "projectLink",
    "projectSiteLocationName",
    "projectTypeCode",
    "registryAccountKey",
    "registryAccountName",
    "registryAccountType",
    "registryCode",
    "retirementKey",
    "retirementReason",
    "retirementReasonDescription",
}
UNREAD_PROJECT = {"details", "developerLink", "projectDeveloperProfileKey"}


def captured(name: str) -> Any:
    return json.loads(sample("acr", name))


def rows(name: str) -> list[dict[str, Any]]:
    ((_, dataset),) = captured(name)["datasets"].items()
    found: list[dict[str, Any]] = dataset["rows"]
    return found


def replay() -> web.Application:
    """A platform that answers with what was captured, and has no more than that."""
    details = captured("acr-details.json")
    bodies = {status: sample("acr", name) for status, name in REPORTS.items()}

    async def listed(request: web.Request) -> web.Response:
        status = str((await request.post()).get("holdingStatus", ""))
        return web.Response(body=bodies[status], content_type="application/json")

    async def page(request: web.Request) -> web.Response:
        return web.json_response(details[request.match_info["key"]])

    served = web.Application()
    served.router.add_post("/project/registry/ACR_REGISTRY/project-summaries/results", listed)
    served.router.add_post("/credit/registry/ACR_REGISTRY/holding-summaries/results", listed)
    served.router.add_get("/project/registry/ACR_REGISTRY/project/{key}", page)
    return served


async def records(source: LoopbackSource, question: Question) -> list[Any]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


async def test_every_captured_project_decodes_and_maps() -> None:
    async with loopback(replay(), "acr") as source:
        found = await records(source, Question(Entity.PROJECT))
    assert len(found) == 12
    assert set().union(*map(unmapped, found)) <= NO_TYPE
    assert {p.key for p in found} >= {"ACR885", "ACR234", "ACR1187"}
    by_key = {p.key: p for p in found}
    assert by_key["ACR1187"].project_status is ProjectStatus.COMPLETED
    for open_in_the_list in ("ACR885", "ACR838", "ACR234"):
        assert by_key[open_in_the_list].project_status is None
        assert "project_status" in by_key[open_in_the_list].not_read
    assert {p.project_locations[0].country for p in found} == {"US", "CA", "MX", "IL", "DE"}
    assert by_key["ACR885"].methodology == "ACR-IFM-NONFED"
    assert all(p.methodologies for p in found)


async def test_every_captured_page_of_a_project_decodes_and_maps() -> None:
    keys = [row["projectId"].replace("ACR0", "ACR") for row in rows("acr-projects.json")]
    async with loopback(replay(), "acr") as source:
        found: list[Any] = [*(await adapter.by_keys(source, Entity.PROJECT, keys)).records]
    assert len(found) == 12
    assert set().union(*map(unmapped, found)) <= NO_TYPE
    by_key = {p.key: p for p in found}
    assert by_key["ACR838"].project_status is ProjectStatus.LISTED
    assert by_key["ACR838"].project_status_raw == "ACTIVE; Listed"
    assert by_key["ACR885"].project_status is ProjectStatus.REGISTERED
    assert by_key["ACR234"].project_status is ProjectStatus.INACTIVE
    assert by_key["ACR1187"].project_status is ProjectStatus.COMPLETED
    assert all(not record.not_read for record in found)
    razorback = by_key["ACR885"]
    (place,) = razorback.project_locations
    assert (place.latitude, place.in_country_region) == (Decimal("33.98965"), "ARKANSAS")
    (estimation,) = razorback.estimations
    assert (estimation.unit_count, estimation.crediting_period_end) == (40000, "2043-01-31")
    assert razorback.validation_body == "S&A Carbon, LLC"
    assert razorback.project_status_date == "2025-07-22"


async def test_every_captured_issuance_decodes_and_its_blocks_add_up() -> None:
    async with loopback(replay(), "acr") as source:
        (page,) = [p async for p in adapter.pages(source, Question(Entity.ISSUANCE))]
    found: list[Any] = [*page.records]
    assert len(found) == len({row["issuanceKey"] for row in rows("acr-issuances.json")}) == 20
    assert page.warnings == ()
    assert set().union(*map(unmapped, found)) == set()
    event = next(i for i in found if i.key == "I3323C9XKDJM")
    assert (event.unit_count, event.vintage_year) == (Decimal(209118), 2024)
    assert (event.issuance_date, event.unit_serial_id) == ("2025-10-28", None)
    assert event.project_key == "ACR885"
    total = sum(i.unit_count for i in found)
    assert total == sum(row["holdingQuantity"] for row in rows("acr-issuances.json"))


@pytest.mark.parametrize(
    ("status", "name", "states"),
    [
        (UnitStatus.RETIRED, "acr-retirements.json", {UnitStatus.RETIRED}),
        (
            UnitStatus.CANCELLED,
            "acr-cancellations.json",
            {UnitStatus.CANCELLED, UnitStatus.EXPORTED},
        ),
    ],
)
async def test_every_captured_block_decodes_and_maps(
    status: UnitStatus, name: str, states: set[UnitStatus]
) -> None:
    asked = Question(Entity.UNIT, (Predicate("unit_status", Op.EQ, status),))
    async with loopback(replay(), "acr") as source:
        found = await records(source, asked)
    assert len(found) == len(rows(name))
    assert set().union(*map(unmapped, found)) == set()
    assert set().union(*(unmapped(u.parent) for u in found)) <= NO_TYPE
    assert {u.unit_status for u in found} == states
    for unit in found:
        assert unit.key == unit.unit_serial_id
        size = int(unit.unit_block_end) - int(unit.unit_block_start) + 1
        assert unit.unit_count == size
        assert unit.unit_status_date
        assert unit.unit_status_reason
        assert f"-{unit.project_key.removeprefix('ACR')}-" in unit.key


async def test_captured_labels_keep_what_is_pending_apart_and_leave_goals_out() -> None:
    asked = Question(Entity.UNIT, (Predicate("unit_status", Op.EQ, UnitStatus.RETIRED),))
    async with loopback(replay(), "acr") as source:
        found = await records(source, asked)
    texts = {label.label for unit in found for label in unit.labels}
    assert texts == {
        "CORSIA - Pilot Phase, 2021-2023 Pending",
        "CORSIA - Second Phase, 2027-2029 Pending",
        "CORSIA Double Claiming Compensation Mechanism Required",
    }
    removals = [unit for unit in found if unit.unit_type is not None]
    assert {unit.unit_type for unit in removals} <= {UnitType.REMOVAL_NATURE}


async def test_a_captured_block_belongs_to_its_captured_issuance() -> None:
    asked = Question(Entity.UNIT, (Predicate("unit_status", Op.EQ, UnitStatus.RETIRED),))
    parent = Question(Entity.ISSUANCE, parent=Parent(Entity.PROJECT, ("ACR885",)))
    async with loopback(replay(), "acr") as source:
        units = [u for u in await records(source, asked) if u.project_key == "ACR885"]
        issuances = await records(source, parent)
    owners = [[i.key for i in issuances if adapter.belongs(u, i)] for u in units]
    assert ["I3323C9XKDJM"] in owners
    assert all(len(found) <= 1 for found in owners)


def test_every_captured_field_is_read_or_known_to_be_left() -> None:
    unit, issuance = adapter.views[Entity.UNIT][0], adapter.views[Entity.ISSUANCE][0]
    read = _inputs(unit) | {"projectName", "developerProfileName", "projectTypeName"}
    read |= {name.partition(".")[2] for name in _inputs(issuance, whole=True)}
    read |= {"projectSiteLocationCountry", "projectSiteLocationState", "projectKey"}
    for name in list(REPORTS.values())[1:]:
        for row in rows(name):
            assert set(row) - read - UNREAD_CREDIT == set()
    assert read & UNREAD_CREDIT == set()
    # The adapter itself reads how many credits a project has.
    summary = _inputs(adapter.views[Entity.PROJECT][0]) | {"issuedCredits"}
    for row in rows("acr-projects.json"):
        assert set(row) - summary - UNREAD_PROJECT == set()


def _inputs(view: Any, whole: bool = False) -> set[str]:
    """The wire fields that a view reads, with or without what lies inside them."""
    paths = {path for field in view.fields.values() for path in field.inputs}
    return paths if whole else {path.partition(".")[0] for path in paths}


def test_the_emulators_rows_have_the_captured_keys_and_types() -> None:
    telling = make().told_by("acr")
    made = Rows(telling, TENANT)
    same_shape([made.project(row) for row in telling.projects], rows("acr-projects.json"))
    details = [body["projectDetail"] for body in captured("acr-details.json").values()]
    same_shape([made.detail(row)["projectDetail"] for row in telling.projects], details)
    issued = [row for issuance in telling.issuances for row in made.issued(issuance)]
    same_shape(issued, rows("acr-issuances.json"))
    ended = [made.held(unit) for unit in telling.units if unit.unit_status_date]
    both = [*rows("acr-retirements.json"), *rows("acr-cancellations.json")]
    same_shape(ended, both)
    labels = [label for row in both for label in row["registryLabels"]]
    same_shape([label for row in ended for label in row["registryLabels"]], labels)
    same_shape([row["creditLink"] for row in ended], [row["creditLink"] for row in both])


def same_shape(emulated: list[dict[str, Any]], real: list[dict[str, Any]]) -> None:
    assert {tuple(row) for row in emulated} == {tuple(row) for row in real}
    allowed = types_by_key(real)
    wrong = {k: v - allowed[k] for k, v in types_by_key(emulated).items() if v - allowed[k]}
    assert wrong == {}
