"""An invented national registry that hands out CSV files, over the sandbox's world."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.harmonise.countries import country_name
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.national import day_first, kept, marks, method_name, named, scheme
from gateway.sandbox.world import Issuance, Project, Telling, Unit

REGISTRY = "example-national-csv"
NAME = "Example National Registry, by upload (invented)"
STATUSES = {
    ProjectStatus.LISTED: "Under review",
    ProjectStatus.REGISTERED: "On the register",
    ProjectStatus.WITHDRAWN: "Struck off",
}
STATES = {
    UnitStatus.HELD: "In circulation",
    UnitStatus.RETIRED: "Used",
    UnitStatus.CANCELLED: "Void",
}
Row = dict[str, Any]


def project_row(project: Project) -> Row:
    """A line of projects.csv."""
    place, estimation = project.project_locations[0], project.estimations[0]
    return {
        "Registration no.": project.project_id,
        "Title": project.project_name,
        "Description": project.project_description,
        "Proponent": project.project_developer,
        "Status": STATUSES[project.project_status],
        "Status since": day_first(project.project_status_date),
        "Sector": project.sector,
        "Activity": project.project_type,
        "Methodology": "; ".join(map(named, project.methodologies)),
        "NDC": project.covered_by_ndc.value,
        "Validated by": project.validation_body or "",
        "Validated on": day_first(project.validation_date),
        "Registered on": day_first(project.registration_date),
        "Country": country_name(place.country),
        "County": place.in_country_region,
        "Latitude": place.latitude,
        "Longitude": place.longitude,
        "Crediting from": day_first(estimation.crediting_period_start),
        "Crediting to": day_first(estimation.crediting_period_end),
        "Tonnes per year": f"{estimation.unit_count:,}",
        "Goals": "; ".join(f"SDG {goal.sdg}" for goal in project.co_benefits),
        "Last change": project.updated_at,
        "Remarks of the desk": "",
    }


def issuance_row(issuance: Issuance) -> Row:
    """A line of issuances.csv."""
    return {
        "Issuance no.": issuance.key,
        "Registration no.": issuance.project_key,
        "Issued on": day_first(issuance.issuance_date),
        "From": day_first(issuance.issuance_start_date),
        "To": day_first(issuance.issuance_end_date),
        "Vintage": issuance.vintage_year,
        "Tonnes": f"{issuance.unit_count:,}",
        "Serials": issuance.unit_serial_id,
        "Verified by": issuance.verification_body or "",
        "Marks": marks(issuance.labels),
    }


def unit_row(unit: Unit) -> Row:
    """A line of units.csv."""
    return {
        "Serials": unit.key,
        "Issuance no.": unit.issuance_key,
        "Registration no.": unit.project_key,
        "First": unit.unit_block_start,
        "Last": unit.unit_block_end,
        "Tonnes": f"{unit.unit_count:,}",
        "Vintage": unit.vintage_year,
        "State": STATES[unit.unit_status],
        "State since": day_first(unit.unit_status_date),
        "Purpose": unit.unit_status_reason or "",
        "On behalf of": unit.unit_retirement_beneficiary or "",
        "Note": unit.unit_retirement_detail or "",
        "Holder": unit.unit_owner or "",
        "Marks": marks(unit.labels),
    }


def table(rows: Iterable[Row]) -> bytes:
    """The file of these rows, as a spreadsheet saves it."""
    lines = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]) if lines else ["Serials"])
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def files(telling: Telling) -> dict[str, bytes]:
    """The three files by name."""
    return {
        "projects.csv": table(map(project_row, telling.projects)),
        "issuances.csv": table(map(issuance_row, telling.issuances)),
        "units.csv": table(map(unit_row, telling.units)),
    }


def application(telling: Telling) -> web.Application:
    """The files, each with the ETag of its bytes."""
    found = files(telling)

    async def download(request: web.Request) -> web.Response:
        body = found.get(request.match_info["name"])
        if body is None:
            return web.Response(status=404, text="no such file")
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(
            body=body, content_type="text/csv", charset="utf-8", headers={"ETag": tag}
        )

    served = web.Application()
    served.router.add_get("/{name}", download)
    return served


def _changed(change: Callable[[list[list[str]]], Sequence[Sequence[str]]]) -> Middleware:
    """The same file with its lines changed."""

    @web.middleware
    async def changed(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            lines = list(csv.reader(io.StringIO(response.body.decode(), newline="")))
            text = io.StringIO(newline="")
            csv.writer(text).writerows(change(lines))
            response.body = text.getvalue().encode()
        return response

    return changed


def _recoded(change: Callable[[str], bytes]) -> Middleware:
    """The same text in other bytes."""

    @web.middleware
    async def recoded(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            response.body = change(response.body.decode())
        return response

    return recoded


TRAPS: Mapping[str, Middleware] = {
    "a column has another name": _changed(lambda lines: [[*lines[0][1:], "X"], *lines[1:]]),
    "a line stands twice": _changed(lambda lines: [*lines, lines[1]]),
    "a line has lost a cell": _changed(lambda lines: [*lines[:-1], lines[-1][:-1]]),
    "a line has no key": _changed(lambda lines: [*lines, ["", *lines[1][1:]]]),
    "columns stand in another order": _changed(lambda lines: [line[::-1] for line in lines]),
    "semicolons for commas": _recoded(lambda text: text.replace(",", ";").encode()),
    "saved as UTF-16": _recoded(lambda text: text.encode("utf-16")),
    "saved with a byte order mark": _recoded(lambda text: text.encode("utf-8-sig")),
    "the last line is cut": _recoded(lambda text: text.rstrip().encode()[:-3]),
}

EMULATOR = Emulator(
    registry=REGISTRY,
    application=application,
    says={
        Entity.PROJECT: kept(
            """project_id origin_project_id current_registry registry_of_origin project_name
            project_description project_link project_developer project_status project_status_date
            sector sectors project_type project_types covered_by_ndc unit_metric validation_body
            validation_date registration_date updated_at co_benefits.co_benefit co_benefits.sdg
            methodologies.methodology_code methodologies.methodology_name
            methodologies.methodology_version project_locations.country
            project_locations.in_country_region project_locations.latitude
            project_locations.longitude estimations.crediting_period_start
            estimations.crediting_period_end estimations.unit_count estimations.is_annual"""
        ),
        Entity.ISSUANCE: kept(
            """project_key issuance_id issuance_date issuance_start_date issuance_end_date
            vintage_start_date vintage_end_date vintage_year unit_count unit_serial_id
            verification_body labels.label labels.label_type"""
        ),
        Entity.UNIT: kept(
            """project_key issuance_key unit_serial_id unit_block_start unit_block_end unit_count
            vintage_year unit_metric unit_status unit_status_date unit_status_reason
            unit_retirement_beneficiary unit_retirement_detail unit_owner is_ex_ante labels.label
            labels.label_type"""
        ),
    },
    told={Entity.PROJECT: {"methodologies.methodology_name": method_name}},
    traps=TRAPS,
    scheme=scheme(
        REGISTRY,
        NAME,
        "XC-",
        "KE",
        (ProjectStatus.REGISTERED, ProjectStatus.LISTED, ProjectStatus.WITHDRAWN),
        lambda b: f"XCI-{b.batch}",
    ),
)
