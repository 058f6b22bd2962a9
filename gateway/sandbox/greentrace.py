"""GreenTrace's reports over the sandbox's world: forms, datasets named by status, clamped pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from aiohttp import web

from gateway.harmonise.table import fold
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus, UnitType
from gateway.sandbox.asked import number
from gateway.sandbox.greentrace_rows import Row, Rows, Tenant, holding_key, is_cut, project_key
from gateway.sandbox.greentrace_traps import SEARCH, unmapped
from gateway.sandbox.greentrace_words import CONVERTED, REMOVED
from gateway.sandbox.world import Location, Telling, Unit

BASE_PATH = "/api/greentraceservice/v1"
MOST = 2_000
DEFAULT = 20
SITE = "https://greentrace.ice.com"
_FORM = "application/x-www-form-urlencoded"
_LEDGERS = {"ISSUED": "issuedCredits", "RETIRED": "retiredCredits", "CANCELED": "cancelledCredits"}


class Reports:
    """One registry's reports and the pages of its projects."""

    def __init__(self, telling: Telling, tenant: Tenant) -> None:
        rows = Rows(telling, tenant)
        self.projects = [rows.project(project) for project in telling.projects]
        self.details = {project_key(p): rows.detail(p) for p in telling.projects}
        self.book = [rows.held(unit) for unit in telling.units]
        self.issued = [row for issuance in telling.issuances for row in rows.issued(issuance)]

    async def list_projects(self, request: web.Request) -> web.Response:
        if request.content_type != _FORM:
            return unmapped(request)
        return await _answer(request, "projects", self.projects)

    async def list_holdings(self, request: web.Request) -> web.Response:
        if request.content_type != _FORM:
            return unmapped(request)
        status = str((await request.post()).get("holdingStatus", ""))
        if not status:
            return await _answer(request, "holdings", self.book)
        if status == "ISSUED":
            return await _answer(request, _LEDGERS[status], self.issued)
        found = [row for row in self.book if row["holdingStatus"] == status]
        if status not in _LEDGERS:
            # A status that the platform does not know finds nothing, under the book's name.
            return await _answer(request, "holdings", [])
        return await _answer(request, _LEDGERS[status], found)

    async def one_project(self, request: web.Request) -> web.Response:
        found = self.details.get(request.match_info["key"])
        if found is None:
            return web.json_response({"status": 404, "message": "Not Found"}, status=404)
        return _json(found)


def application(tenant: Tenant, telling: Telling) -> web.Application:
    """One registry's part of the platform."""
    reports = Reports(telling, tenant)
    served = web.Application(client_max_size=64 * 1024)
    project = f"{BASE_PATH}/project/registry/{tenant.registry}"
    credit = f"{BASE_PATH}/credit/registry/{tenant.registry}"
    served.router.add_post(f"{project}/project-summaries/results", reports.list_projects)
    served.router.add_post(f"{credit}/holding-summaries/results", reports.list_holdings)
    served.router.add_get(f"{project}/project/{{key}}", reports.one_project)
    served.router.add_route("*", f"{BASE_PATH}/{{rest:.*}}", _unmapped)
    return served


def serving(tenant: Tenant) -> Callable[[Telling], web.Application]:
    """The application of a registry, for its emulator."""
    return partial(application, tenant)


async def _unmapped(request: web.Request) -> web.Response:
    return unmapped(request)


async def _answer(request: web.Request, dataset: str, rows: list[Row]) -> web.Response:
    form = await request.post()
    search = fold(request.get(SEARCH, str(form.get("searchText", ""))))
    found = [row for row in rows if search in _text(row)] if search else rows
    offset = number(form.get("offset"), 0)
    size = min(number(form.get("max"), DEFAULT), MOST)
    page = found[offset : offset + size]
    return _json({"datasets": {dataset: {"rows": page, "totalCount": len(found)}}})


def _text(row: Row) -> str:
    said = (row.get("projectId"), row.get("projectReferenceId"), row["projectName"])
    return fold(" ".join(str(part) for part in said if part))


def _json(document: Row) -> web.Response:
    body = json.dumps(document, ensure_ascii=False).encode()
    return web.Response(body=body, content_type="application/json")


PROJECT = frozenset(
    {
        "current_registry",
        "project_id",
        "origin_project_id",
        "registry_of_origin",
        "program",
        "project_name",
        "project_description",
        "project_link",
        "project_developer",
        "sector",
        "project_type",
        "project_status",
        "project_status_date",
        "unit_metric",
        "methodologies.methodology_code",
        "methodologies.methodology_name",
        "validation_body",
        "project_locations.country",
        "project_locations.in_country_region",
        "project_locations.latitude",
        "project_locations.longitude",
        "estimations.crediting_period_start",
        "estimations.crediting_period_end",
        "estimations.unit_count",
        "estimations.is_annual",
    }
)
ISSUANCE = frozenset(
    {
        "project_key",
        "issuance_id",
        "issuance_date",
        "unit_count",
        "vintage_year",
        "vintage_start_date",
        "unit_serial_id",
        "location.country",
        "location.in_country_region",
    }
)
UNIT = frozenset(
    {
        "project_key",
        "issuance_key",
        "unit_serial_id",
        "unit_block_start",
        "unit_block_end",
        "unit_count",
        "vintage_year",
        "vintage_start_date",
        "unit_type",
        "unit_metric",
        "unit_status",
        "unit_status_reason",
        "unit_status_date",
        "unit_retirement_beneficiary",
        "unit_retirement_detail",
        "unit_owner",
        "unit_registry_link",
        "labels.label",
        "labels.label_type",
    }
)
# What only a project's own page says.
BY_KEY = {
    Entity.PROJECT: frozenset(
        {
            "project_description",
            "project_status",
            "validation_body",
            "project_locations.in_country_region",
            "project_locations.latitude",
            "project_locations.longitude",
            "estimations",
        }
    )
}
_REASONS = {UnitStatus.CANCELLED: REMOVED[1], UnitStatus.EXPORTED: CONVERTED[1]}


def told(tenant: Tenant) -> dict[Entity, Mapping[str, Any]]:
    """How fields read once the platform has said them."""

    def page(unit: Unit) -> str:
        key = holding_key(unit)
        return f"{SITE}/{tenant.path}/credits/registry/{tenant.registry}/credit/{key}"

    def ended(name: str, *states: UnitStatus) -> Callable[[Unit], Any]:
        return lambda unit: getattr(unit, name) if unit.unit_status in states else None

    def short(name: str) -> Callable[[Location], Decimal | None]:
        """JSON numbers end without zeros."""
        return lambda place: None if (n := getattr(place, name)) is None else Decimal(str(float(n)))

    return {
        Entity.PROJECT: {
            "project_locations.latitude": short("latitude"),
            "project_locations.longitude": short("longitude"),
        },
        Entity.ISSUANCE: {
            "unit_serial_id": lambda row: None if is_cut(row) else row.unit_serial_id,
        },
        Entity.UNIT: {
            # Only removals are labelled as what they stand for.
            "unit_type": lambda unit: (
                unit.unit_type if unit.unit_type is UnitType.REMOVAL_NATURE else None
            ),
            "unit_status_reason": lambda unit: (
                _REASONS.get(unit.unit_status) or unit.unit_status_reason
            ),
            "unit_retirement_detail": ended("unit_retirement_detail", UnitStatus.RETIRED),
            "unit_owner": ended(
                "unit_owner", UnitStatus.RETIRED, UnitStatus.CANCELLED, UnitStatus.EXPORTED
            ),
            "unit_registry_link": page,
        },
    }
