"""EcoRegistry's platform over the sandbox's world: whole lists, two of them of all standards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.sandbox.ecoregistry_rows import COLOURS, Row, Rows, detail, purpose
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.world import Project, Telling

BASE = "/platform"
SITES = (None, "https://www.ecoregistry.io", "https://registry.cercarbono.com")
REFUSED = {
    "status": 0,
    "codeMessages": [{"codeMessage": "ERROR_401", "param": "invalid", "message": "No autorizado"}],
}
# What the platform's other standards' rows start from, so that no number is one of ours.
OTHERS = 50_000_000


@dataclass(frozen=True, slots=True)
class Board:
    """One registry on the platform: what its standard is called, and the path of its list.

    `other` is a standard that is told by somebody else; in `everything` it stands in the list too.
    """

    standard: str
    other: str
    path: str
    everything: bool = False

    def application(self, telling: Telling) -> web.Application:
        """The platform as its own site sees it, with another standard's rows among the lists."""
        other = _others(telling)
        ours, theirs = Rows(telling, self.standard), Rows(other, self.other)
        listed = [ours.project(project) for project in telling.projects]
        if self.everything:
            listed[1:1] = [theirs.project(project) for project in other.projects]
        analysed = [theirs.analytics(project) for project in other.projects]
        analysed += [ours.analytics(p) for p in telling.projects if not p.related_projects]
        used = [theirs.retirement(u) for u in other.units]
        used += [ours.retirement(u) for u in telling.units if u.unit_status is UnitStatus.RETIRED]
        bodies: dict[str, Row] = {
            self.path: {
                "status": 1,
                "standardName": self.standard,
                "standardId": 1,
                "standardMetaData": COLOURS,
                "creditUnit": "tCO2e",
                "acceptsDmrv": True,
                "projects": listed,
            },
            "/analytics/projects": {"status": True, "project": analysed},
            "/analytics/get-retirements": {"status": 1, "retirements": used},
        }
        for project in telling.projects:
            bodies[f"/project/public/{project.row_id}"] = detail(project, self.standard)
        texts = {path: json.dumps(body, ensure_ascii=False) for path, body in bodies.items()}

        async def answer(request: web.Request) -> web.Response:
            text = texts.get(request.path.removeprefix(BASE))
            if text is None:
                return web.json_response({"status": 0, "message": "Not Found"}, status=404)
            return web.Response(text=text, content_type="application/json")

        served = web.Application(middlewares=[_own_site])
        served.router.add_get(f"{BASE}/{{path:.*}}", answer)
        return served

    def emulator(self, registry: str, project: frozenset[str], unit: frozenset[str]) -> Emulator:
        """The emulator of one registry; `project` and `unit` are what only it can say."""
        return Emulator(
            registry=registry,
            application=self.application,
            base_path=BASE,
            says={
                Entity.PROJECT: PROJECT | project,
                Entity.ISSUANCE: ISSUANCE,
                Entity.UNIT: UNIT | unit,
            },
            told={
                Entity.PROJECT: {
                    "related_projects.related_registry": lambda r: "biocarbon",
                    "project_locations.latitude": lambda place: plain(place.latitude),
                    "project_locations.longitude": lambda place: plain(place.longitude),
                },
                Entity.UNIT: {
                    "unit_serial_id": lambda u: u.issuance_key,
                    "unit_status_reason": lambda u: (
                        purpose(u)[1] if u.unit_status is UnitStatus.RETIRED else None
                    ),
                    # A retirement's row says one day of its vintage only.
                    "vintage_start_date": lambda u: (
                        u.vintage_start_date if u.unit_status is UnitStatus.BUFFER else None
                    ),
                    "vintage_end_date": lambda u: (
                        u.vintage_end_date if u.unit_status is UnitStatus.BUFFER else None
                    ),
                },
            },
            by_key={Entity.PROJECT: BY_KEY | (project if self.everything else set())},
            traps=TRAPS,
            refusals=REFUSALS["ecoregistry"],
        )


def plain(degrees: Decimal | None) -> Decimal | None:
    """The degrees as a JSON number has them: without zeros at the end."""
    return None if degrees is None else Decimal(repr(float(degrees)))


def _others(telling: Telling) -> Telling:
    """The same market told by another standard, under numbers, codes and serials of its own."""

    def moved(project: Project) -> Project:
        return replace(
            project, key=f"XX-{project.number}", row_id=project.row_id + OTHERS, related_projects=()
        )

    first = next(p for p in telling.projects if any(u.project_key == p.key for u in telling.units))
    project = moved(first)
    return Telling(
        telling.registry,
        (project,),
        tuple(
            replace(i, key=f"XX_{i.key}", project_key=project.key)
            for i in telling.issuances
            if i.project_key == first.key
        ),
        tuple(
            replace(
                u,
                number=u.number + OTHERS,
                project_key=project.key,
                issuance_key=f"XX_{u.issuance_key}",
                unit_status=UnitStatus.RETIRED,
                unit_status_date=u.unit_status_date or u.issued_on,
            )
            for u in telling.units
            if u.project_key == first.key
        ),
    )


@web.middleware
async def _own_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The platform's own headers are demanded, and a strange site meets a fault."""
    if request.headers.get("Origin") not in SITES:
        return web.json_response({"error": "Internal Server Error"}, status=500)
    if request.headers.get("platform") != "ecoregistry" or not request.headers.get("lng"):
        return web.json_response(REFUSED)
    return await handler(request)


@web.middleware
async def _refused(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The platform wants other headers from today on: HTTP 200, and ERROR_401 inside."""
    return web.json_response(REFUSED)


@web.middleware
async def _shell(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A body that says that all is well, and has no list."""
    return web.json_response({"status": 1})


@web.middleware
async def _twice(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lists with their last row twice."""
    response = await handler(request)
    if not isinstance(response, web.Response) or response.text is None:
        return response
    document = json.loads(response.text)
    for name in ("projects", "retirements"):
        if name in document:
            document[name].append(document[name][-1])
    for row in document.get("project", []) if isinstance(document.get("project"), list) else []:
        row["serials"] += row["serials"][-1:]
    return web.json_response(document)


TRAPS: Mapping[str, Middleware] = {
    "the headers are refused inside a 200": _refused,
    "the list is missing": _shell,
    "a row comes twice": _twice,
}

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
        "sectors",
        "project_status",
        "methodologies.methodology_code",
        "methodologies.methodology_name",
        "methodologies.methodology_version",
        "validation_body",
        "project_locations.country",
        "project_locations.in_country_region",
        "project_locations.latitude",
        "project_locations.longitude",
        "co_benefits.co_benefit",
        "co_benefits.sdg",
        "estimations.crediting_period_start",
        "estimations.crediting_period_end",
        "related_projects.related_project_id",
        "related_projects.relationship_type",
        "related_projects.related_registry",
    }
)
BY_KEY = frozenset(
    {
        "project_description",
        "validation_body",
        "project_locations.in_country_region",
        "project_locations.latitude",
        "project_locations.longitude",
        "estimations",
        "estimations.crediting_period_start",
        "estimations.crediting_period_end",
    }
)
ISSUANCE = frozenset(
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
)
UNIT = frozenset(
    {
        "project_key",
        "issuance_key",
        "unit_serial_id",
        "unit_count",
        "vintage_year",
        "vintage_start_date",
        "vintage_end_date",
        "unit_status",
        "unit_status_reason",
        "unit_status_date",
        "unit_retirement_beneficiary",
        "unit_registry_link",
    }
)
