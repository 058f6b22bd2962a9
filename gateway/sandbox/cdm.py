"""The CDM's workbook and map over the sandbox's world: day numbers, footnotes, and XML."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.workbook import Cell, workbook
from gateway.sandbox.world import Project, Telling

SHEET = "CDM activities"
WORKBOOK = "/Statistics/Public/files/Database for PAs and PoAs.xlsx"
MAP = "/Projects/MapApp/projectsLocationAll.xml"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANGED = "Mon, 01 Jun 2026 08:00:00 GMT"
EXCEL = date(1899, 12, 30)
STATUSES = {
    ProjectStatus.REGISTERED: "Registered",
    ProjectStatus.COMPLETED: "End of crediting period",
    ProjectStatus.WITHDRAWN: "Withdrawn",
    ProjectStatus.REJECTED: "Rejected",
}
DECIDED = (ProjectStatus.REGISTERED, ProjectStatus.REJECTED)
SCOPES = {
    "Energy industries (renewable-/ non renewable sources)": 1,
    "Waste handling and disposal": 13,
    "Chemical industries": 5,
}
# A methodology that the gateway knows by its code alone.
NAMELESS = "ACM0019"
Column = Callable[[Project], Cell]


def day(project: Project, text: str) -> Cell:
    """A day as the sheet has it: a number in one row, a text in the next."""
    if project.number % 2:
        return (date.fromisoformat(text) - EXCEL).days
    return f"{text} 00:00:00"


def _scale(project: Project) -> str:
    return "LARGE" if project.annual_estimate > 15_000 else "SMALL"


def _methodologies(project: Project) -> str:
    return "; ".join(f"{m.methodology_code} {m.methodology_version}" for m in project.methodologies)


# The sheet's headings, in its order. Those that say nothing of the world are empty.
COLUMNS: dict[str, Column | None] = {
    "CDM project reference number": lambda p: float(p.number),
    "Unique project identifier (traceable with Google)": lambda p: f"SANDBOX{p.number:023d}",
    "Registration project title": lambda p: p.project_name,
    "Type of CDM project: PA/PoA": lambda p: "PA",
    "Project classification": _scale,
    "Sectoral scope number(s)": lambda p: SCOPES[p.sector],
    "Methodologies used at registration": _methodologies,
    "Project type (UNEP DTU)": lambda p: p.project_type,
    "Project subtype (UNEP DTU)": None,
    "DOE": lambda p: p.validation_body,
    "Start of validation": None,
    "PA:Initial registration request/PoA:First CPA request": None,
    "PA:Lastest registration request/PoA:Lastest CPA request": None,
    "Date of EB decision (see EB59 Annex 12, §25)": lambda p: day(p, p.project_status_date),
    "Registered or rejected": None,
    "Simplified project status": None,
    "Website project status": lambda p: STATUSES[p.project_status],
    "Type of crediting period": lambda p: "Fixed",
    "Start of first crediting period": lambda p: day(p, p.crediting_period_start),
    "End of first crediting period": lambda p: day(p, p.crediting_period_end),
    "Amount Of Reductions (PDD ex-ante) per year in CP1 (PoA based on the sum of CPAs)": (
        lambda p: p.annual_estimate
    ),
    "Status of the second CP request": None,
    "Second crediting period: renew date": None,
    "Second crediting period: renewed date": None,
    "Amount Of Reductions (PDD ex-ante) per year in CP2": None,
    "Start of Second crediting period": None,
    "End of second crediting period": None,
    "Status of the third CP request": None,
    "Third crediting period: renew date": None,
    "Third crediting period: renewed date": None,
    "Amount Of Reductions (PDD ex-ante) per year in CP3": None,
    "Start of third crediting period": None,
    "End of third crediting period": None,
    "List of host countries (ISO 2)": lambda p: p.project_locations[0].country,
    "UNFCCC region": None,
    "LDC country": None,
    "Total CERs issued": None,
    "Reporting date": lambda p: 46_174,
}
NOTES: tuple[tuple[Cell, ...], ...] = (
    (),
    ("Notes: an invented workbook; no row of it is real.",),
    (None, "Project titles are as registered."),
)


def book(telling: Telling) -> bytes:
    """The workbook: footnotes in the first row, notes below the last."""
    footnotes: list[Cell] = [None, "AuxID", *(f"({n})" for n in range(2, len(COLUMNS)))]
    rows = [
        [column and column(project) for column in COLUMNS.values()] for project in telling.projects
    ]
    return workbook(
        {
            "Explanations": [["An invented workbook (sandbox)"]],
            SHEET: [list(COLUMNS), footnotes, *rows, *NOTES],
        }
    )


def chart(telling: Telling) -> bytes:
    """The map: each project's point twice, as the place of the whole and as that of a site."""
    states = ['<state id="default_color">\n\t<color>000000</color>\n</state>']
    for project in telling.projects:
        (place,) = project.project_locations
        title = f"{project.number}: {project.project_name[:35]}..."
        name = f"Location {place.in_country_region} of {title}"
        ending = f"({_scale(project)}, {project.annual_estimate})"
        states.append(
            f'<state id="point"><name>{escape(f"{name} {ending}")}</name>'
            f"<loc>{place.latitude},{place.longitude}</loc>"
            f"<url>/Projects/redirector?ref={project.number}</url><data>1</data></state>"
        )
    states.append('<state id="NA">\n\t<name>Namibia</name>\n\t<data />\n</state>')
    return f"<countrydata>{''.join(states)}</countrydata>".encode()


def application(telling: Telling) -> web.Application:
    """The two files, with validators for conditional requests."""
    files = {WORKBOOK: (book(telling), XLSX), MAP: (chart(telling), "application/xml")}

    async def answer(request: web.Request) -> web.Response:
        if request.path not in files:
            return web.Response(status=404, text="<html><body>Not Found</body></html>")
        body, media_type = files[request.path]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": CHANGED}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=media_type, headers=headers)

    served = web.Application()
    served.router.add_get("/{path:.*}", answer)
    return served


def _instead(path: str, body: bytes, media_type: str) -> Middleware:
    """The site with another body in the place of one of its files."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == path:
            return web.Response(body=body, content_type=media_type)
        return await handler(request)

    return trap


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE countrydata [<!ENTITY a "ha">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><countrydata><state id="point">'
    b"<name>&b;</name></state></countrydata>"
)
TRAPS: Mapping[str, Middleware] = {
    "the sheet has another name": _instead(
        WORKBOOK, workbook({"Activities": [list(COLUMNS)]}), XLSX
    ),
    "columns are missing": _instead(WORKBOOK, workbook({SHEET: [list(COLUMNS)[:9]]}), XLSX),
    "there are headings alone": _instead(WORKBOOK, workbook({SHEET: [list(COLUMNS)]}), XLSX),
    "the map brings entities": _instead(MAP, BOMB, "application/xml"),
}

EMULATOR = Emulator(
    registry="cdm",
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
                "project_link",
                "sector",
                "sectors",
                "project_type",
                "project_tags",
                "project_status",
                "project_status_date",
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "methodologies.methodology_version",
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
        ),
    },
    told={
        Entity.PROJECT: {
            "project_tags": lambda project: f"PA; {_scale(project)}",
            "project_status_date": lambda project: (
                project.project_status_date if project.project_status in DECIDED else None
            ),
            "methodologies.methodology_name": lambda method: (
                None if method.methodology_code == NAMELESS else method.methodology_name
            ),
        }
    },
    by_key={
        Entity.PROJECT: frozenset(
            {
                "project_locations.in_country_region",
                "project_locations.latitude",
                "project_locations.longitude",
            }
        )
    },
    traps=TRAPS,
)
