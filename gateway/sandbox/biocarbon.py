"""BioCarbon's lists over the sandbox's world: Laravel's paginator, and refusals inside a 200."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.sandbox.asked import number
from gateway.sandbox.biocarbon_detail import detail
from gateway.sandbox.biocarbon_rows import Row, Rows, estimate, market
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.rewriting import asking, rewriting
from gateway.sandbox.world import Telling, Unit

BASE = "/api/ghg"
KEY = "sandbox-client-key"
DEFAULT_SIZE = 10
REFUSED = {
    "status": 403,
    "data": [],
    "message": "You do not have permissions to perform this action.",
}


def application(telling: Telling) -> web.Application:
    """The registry's interface for its own site."""
    rows = Rows(telling)
    projects = [rows.project(project) for project in telling.projects]
    used = [u for u in telling.units if u.unit_status is UnitStatus.RETIRED]
    used.sort(key=lambda u: (u.unit_status_date or "", u.number), reverse=True)
    lists: dict[str, Sequence[Row]] = {
        "projects": projects,
        "carbon-credits": [rows.block(issuance) for issuance in telling.issuances],
        "retreats": [rows.retreat(unit) for unit in used],
    }
    details = {
        row["id"]: detail(project, row)
        for project, row in zip(telling.projects, projects, strict=True)
    }
    cancelled: dict[int, list[Row]] = {}
    row_ids = {project.key: project.row_id for project in telling.projects}
    for unit in telling.units:
        if unit.unit_status is UnitStatus.CANCELLED:
            cancelled.setdefault(row_ids[unit.project_key], []).append(rows.cancellation(unit))

    async def listed(request: web.Request) -> web.Response:
        found = lists.get(request.match_info["list"])
        return _missing() if found is None else _page(request, found)

    async def one(request: web.Request) -> web.Response:
        found = details.get(int(request.match_info["id"]))
        return _missing() if found is None else web.json_response(found)

    async def cancellations(request: web.Request) -> web.Response:
        found = cancelled.get(int(request.match_info["id"]), [])
        return web.json_response({"status": 200, "data": found})

    served = web.Application(middlewares=[_known_clients])
    served.router.add_get(f"{BASE}/{{list}}", listed)
    served.router.add_get(f"{BASE}/projects/{{id:\\d+}}", one)
    served.router.add_get(f"{BASE}/carbon-credits/project/{{id:\\d+}}/cancellations", cancellations)
    return served


@web.middleware
async def _known_clients(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.headers.get("x-api-key") != KEY:
        return web.json_response(REFUSED)
    return await handler(request)


def _missing() -> web.Response:
    return web.json_response({"message": "Not Found"}, status=404)


def _page(request: web.Request, rows: Sequence[Row]) -> web.Response:
    size = max(1, number(request.query.get("per_page"), DEFAULT_SIZE))
    page = max(1, number(request.query.get("page"), 1))
    start = (page - 1) * size
    found = list(rows[start : start + size])
    pages = max(1, -(-len(rows) // size))
    path = str(request.url.with_query(None))

    def link(number: int) -> str | None:
        return f"{path}?page={number}" if 1 <= number <= pages else None

    return web.json_response(
        {
            "current_page": page,
            "data": found,
            "first_page_url": link(1),
            "from": start + 1 if found else None,
            "last_page": pages,
            "last_page_url": link(pages),
            "next_page_url": link(page + 1),
            "path": path,
            "per_page": size,
            "prev_page_url": link(page - 1),
            "to": start + len(found) if found else None,
            "total": len(rows),
        },
        dumps=lambda value: json.dumps(value, ensure_ascii=False),
    )


@web.middleware
async def _refused(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The client key was changed: HTTP 200, an empty list, and a 403 inside."""
    return web.json_response(REFUSED)


def _counted(document: Any) -> bool:
    return bool(document.get("total"))


def _incomplete(document: Any) -> Any:
    """Without the last row, and with totals as before."""
    return document | {"data": document["data"][:-1]}


TRAPS: Mapping[str, Middleware] = {
    "the key is refused inside a 200": _refused,
    "pages are clamped": asking(per_page="3"),
    "rows are missing": rewriting(_counted, _incomplete),
}


def _whole(unit: Unit) -> bool:
    """Whether the unit's numbers can be told: of what is left of a block they cannot."""
    return unit.key != unit.issuance_key or unit.unit_serial_id == unit.issuance_key


def _dated(unit: Unit) -> bool:
    return unit.unit_status is not UnitStatus.RETIRED


def _used(unit: Unit) -> bool:
    return unit.unit_status is UnitStatus.RETIRED


EMULATOR = Emulator(
    registry="biocarbon",
    application=application,
    base_path=BASE,
    credential=KEY,
    options={"per_page": "40"},
    says={
        Entity.PROJECT: frozenset(
            {
                "cad_trust_project_id",
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
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "methodologies.methodology_version",
                "validation_body",
                "updated_at",
                "project_locations.country",
                "project_locations.in_country_region",
                "project_locations.latitude",
                "project_locations.longitude",
                "co_benefits.co_benefit",
                "co_benefits.sdg",
                "estimations.crediting_period_start",
                "estimations.crediting_period_end",
                "estimations.unit_count",
                "estimations.is_annual",
            }
        ),
        Entity.ISSUANCE: frozenset(
            {
                "project_key",
                "issuance_id",
                "issuance_date",
                "issuance_start_date",
                "issuance_end_date",
                "unit_count",
                "vintage_year",
                "vintage_start_date",
                "vintage_end_date",
                "unit_serial_id",
            }
        ),
        Entity.UNIT: frozenset(
            {
                "project_key",
                "issuance_key",
                "unit_serial_id",
                "unit_block_start",
                "unit_block_end",
                "unit_count",
                "vintage_year",
                "vintage_start_date",
                "vintage_end_date",
                "unit_metric",
                "is_ex_ante",
                "unit_status",
                "unit_status_reason",
                "unit_status_date",
                "unit_retirement_beneficiary",
                "unit_retirement_detail",
                "unit_owner",
                "unit_registry_link",
            }
        ),
    },
    told={
        Entity.PROJECT: {
            "estimations.unit_count": lambda e: estimate(e.unit_count),
            "estimations.is_annual": lambda e: False,
        },
        Entity.UNIT: {
            "unit_serial_id": lambda u: u.key,
            "unit_block_start": lambda u: u.unit_block_start if _whole(u) else None,
            "unit_block_end": lambda u: u.unit_block_end if _whole(u) else None,
            # A retired unit's row says its vintage in the serial alone, to the month.
            "vintage_start_date": lambda u: u.vintage_start_date if _dated(u) else None,
            "vintage_end_date": lambda u: u.vintage_end_date if _dated(u) else None,
            "unit_status_reason": lambda u: market(u) if _used(u) else None,
            "unit_retirement_detail": lambda u: (
                u.unit_retirement_detail if u.unit_retirement_beneficiary else None
            ),
            "unit_owner": lambda u: None if u.unit_status is UnitStatus.CANCELLED else u.unit_owner,
        },
    },
    by_key={
        Entity.PROJECT: frozenset(
            {
                "cad_trust_project_id",
                "project_description",
                "updated_at",
                "project_locations.in_country_region",
                "project_locations.latitude",
                "project_locations.longitude",
                "estimations.unit_count",
                "estimations.is_annual",
            }
        ),
    },
    traps=TRAPS,
    refusals=REFUSALS["biocarbon"],
)
