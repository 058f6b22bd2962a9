"""ICR's list over the sandbox's world: one body, behind a bearer token, with people in it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.names import CO_BENEFITS
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.rewriting import rewriting
from gateway.sandbox.world import Issuance, Project, Telling

Row = dict[str, Any]

TOKEN = "sandbox-token"  # noqa: S105  nobody's
STATUSES = {
    ProjectStatus.LISTED: ("under development", "under validation"),
    ProjectStatus.VALIDATED: ("validated",),
    ProjectStatus.REGISTERED: ("registered",),
}


def application(telling: Telling) -> web.Application:
    """The list, for whoever has the token."""
    credits: dict[str, list[Issuance]] = {}
    for issuance in telling.issuances:
        credits.setdefault(issuance.project_key, []).append(issuance)
    rows = [project_row(p, credits.get(p.key, [])) for p in telling.projects]
    body = json.dumps({"projects": rows}).encode()

    async def listed(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "Unauthorized"}, status=401)
        return web.Response(body=body, content_type="application/json")

    served = web.Application()
    served.router.add_get("/v1/projects", listed)
    return served


def project_row(project: Project, issuances: list[Issuance]) -> Row:
    """A project as the list has it, people and all."""
    (place,) = project.project_locations
    statuses = STATUSES[project.project_status]
    status = statuses[project.number % len(statuses)]
    row_id = str(uuid.UUID(int=project.row_id))
    method = project.methodologies[0].methodology_code
    person = {"fullName": "Example Person (invented)", "email": "nobody@example.org"}
    return {
        "_id": row_id,
        "num": int(project.key),
        "fullName": project.project_name,
        "statusState": "accepted",
        "status": status,
        "projectStatus": {"id": status, "title": status},
        "countryCode": place.country,
        "city": None,
        "state": None,
        "zip": None,
        "streetName": None,
        "geographicalRegion": place.in_country_region,
        "geoLocation": {"lat": float(place.latitude or 0), "lng": float(place.longitude or 0)},
        "createdAt": f"{project.crediting_period_start}T10:14:49.621Z",
        "updatedAt": project.updated_at.replace("Z", ".934Z"),
        "startDate": f"{project.crediting_period_start}T00:00:00.000Z",
        "creditingPeriodStartDate": f"{project.crediting_period_start}T00:00:00.000Z",
        "creditingPeriodNumYears": years(project),
        "creditingPeriodRenewal": False,
        "methodology": {"id": method, "title": method},
        "projectType": {
            "id": "avoidance",
            "title": "Avoidance / Reduction",
            "content": "...",
            "extraTitle": None,
        },
        "sector": {"id": "1", "title": project.sector},
        "ghgProgram": {
            "id": "icr",
            "title": "International Carbon Registry",
            "content": "...",
            "extraTitle": None,
        },
        "estimatedAnnualMitigations": [
            {
                "date": rfc1123(project.crediting_period_start),
                "vintage": project.crediting_period_start[:4],
                "estimatedMitigation": project.annual_estimate,
            }
        ],
        "carbonCredits": [
            {
                "serialization": issuance.unit_serial_id,
                "tokenId": str(number),
                "ticker": "ICC",
                "type": "ExPost",
                "vintage": str(issuance.vintage_year),
            }
            for number, issuance in enumerate(issuances, start=1)
        ],
        "otherBenefits": [
            {
                "title": text.replace(" - ", ": "),
                "checked": any(sdg == one.sdg for one in project.co_benefits),
                "benefitId": sdg - 1,
                "description": "",
            }
            for sdg, text in CO_BENEFITS.items()
        ],
        "validationBody": {"fullName": project.validation_body}
        if project.validation_body
        else None,
        "validationCriteria": [
            {"title": "ISO 14064-2:2019", "checked": True, "criteriaId": 0, "description": ""}
        ],
        "verificationCriteria": [
            {"title": "ICR requirements v4.0", "checked": True, "criteriaId": 2, "description": ""}
        ],
        "owner": {
            "fullName": project.project_developer,
            "ref": {"id": row_id, "city": "Nowhere", "website": "example.org", "countryCode": "IS"},
        },
        "participants": [person],
        "contactPerson": [person],
        "documents": [],
        "media": [],
        "gallery": [],
        "projectContracts": [{"address": "0x" + "0" * 40, "chainId": "", "projectId": row_id}],
        "onChainId": str(project.row_id),
        "additionalLevels": [],
        "areaSpan": [],
        "isGroupedProject": False,
        "isMethodology": True,
        "isTransitioningFromOtherGHGProgram": False,
        "isHostCountryApproval": False,
        "sequestrationPermanenceInYears": None,
        "mrvCycle": None,
        "acceptedTerms": True,
        "website": "",
    }


def years(project: Project) -> int:
    """How long the crediting period is."""
    after = date.fromisoformat(project.crediting_period_end) + timedelta(days=1)
    return after.year - int(project.crediting_period_start[:4])


def rfc1123(day: str) -> str:
    """The day's beginning as HTTP would write it."""
    return datetime.fromisoformat(day).strftime("%a, %d %b %Y %H:%M:%S GMT")


@dataclass(frozen=True, slots=True)
class Told:
    """An estimation as far as one entry of the row tells it."""

    crediting_period_start: str
    crediting_period_end: str | None = None
    unit_count: Decimal | None = None
    is_annual: bool | None = None


def estimations(project: Project) -> tuple[Told, ...]:
    """The period, and its first year."""
    start, end = project.crediting_period_start, project.crediting_period_end
    first = Told(start, unit_count=Decimal(project.annual_estimate), is_annual=True)
    return (Told(start, end), first)


def _changing(change: Callable[[Row], Any]) -> Middleware:
    return rewriting(lambda document: "projects" in document, change)


def _twice(document: Row) -> Row:
    return {"projects": [*document["projects"], document["projects"][0]]}


@web.middleware
async def expired(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The token has ended."""
    return web.json_response({"message": "Unauthorized"}, status=401)


TRAPS: Mapping[str, Middleware] = {
    "an error comes with status 200": _changing(lambda document: {"message": "Unauthorized"}),
    "a project comes twice": _changing(_twice),
    "the token has ended": expired,
}

EMULATOR = Emulator(
    registry="icr",
    application=application,
    says={
        Entity.PROJECT: frozenset(
            {
                "current_registry",
                "project_id",
                "origin_project_id",
                "registry_of_origin",
                "program",
                "project_name",
                "project_developer",
                "sector",
                "project_status",
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
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
            {"project_key", "issuance_id", "vintage_year", "unit_serial_id"}
        ),
    },
    told={
        Entity.PROJECT: {
            "estimations": estimations,
            # JSON numbers come without the zeros at their end.
            "project_locations.latitude": lambda place: Decimal(str(float(place.latitude))),
            "project_locations.longitude": lambda place: Decimal(str(float(place.longitude))),
        }
    },
    traps=TRAPS,
    refusals=REFUSALS["icr"],
    credential=TOKEN,
)
