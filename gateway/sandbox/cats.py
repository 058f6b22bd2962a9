"""The files that an operator would put in place for CATS, over the sandbox's world."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.sandbox import kinds
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Issuance, Project, Telling, Unit

Row = dict[str, str]
TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}


def application(telling: Telling) -> web.Application:
    """A place with three files, each as CSV and as JSON Lines."""
    tables = {
        "projects": [project_row(project) for project in telling.projects],
        "issuances": [issuance_row(issuance) for issuance in telling.issuances],
        "units": [unit_row(unit) for unit in telling.units],
    }
    bodies = {}
    for name, rows in tables.items():
        bodies[f"{name}.csv"] = as_csv(rows)
        bodies[f"{name}.jsonl"] = as_jsonl(rows)

    async def file(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in bodies:
            return web.Response(status=404, text="Not Found")
        media_type = TYPES[name.rpartition(".")[2]]
        return web.Response(body=bodies[name], content_type=media_type, charset="utf-8")

    served = web.Application()
    served.router.add_get("/{name}", file)
    return served


def as_csv(rows: Sequence[Row]) -> bytes:
    """As Excel would save it: with a byte order mark and Windows line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def as_jsonl(rows: Sequence[Row]) -> bytes:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def project_row(project: Project) -> Row:
    """A line of `projects`."""
    (place,), (estimation,) = project.project_locations, project.estimations
    return _texts(
        {
            "projectId": project.key,
            "cadTrustProjectId": project.cad_trust_project_id,
            "program": project.program,
            "projectName": project.project_name,
            "projectDescription": project.project_description,
            "projectLink": project.project_link,
            "projectDeveloper": project.project_developer,
            "sector": project.sector,
            "projectType": project.project_type,
            "methodology": "; ".join(m.methodology_code for m in project.methodologies),
            "coveredByNDC": project.covered_by_ndc.value,
            "ndcInformation": project.ndc_information,
            "projectStatus": project.project_status.value,
            "projectStatusDate": project.project_status_date,
            "unitMetric": project.unit_metric.value,
            "validationBody": project.validation_body,
            "validationDate": project.validation_date,
            "registrationDate": project.registration_date,
            "updatedAt": project.updated_at,
            "coBenefits": "; ".join(one.co_benefit for one in project.co_benefits),
            "country": place.country,
            "inCountryRegion": place.in_country_region,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "creditingPeriodStart": estimation.crediting_period_start,
            "creditingPeriodEnd": estimation.crediting_period_end,
            "estimatedUnitCount": f"{estimation.unit_count:,}",
        }
    )


def issuance_row(issuance: Issuance) -> Row:
    """A line of `issuances`."""
    return _texts(
        {
            "issuanceId": issuance.key,
            "projectId": issuance.project_key,
            "issuanceDate": issuance.issuance_date,
            "issuanceStartDate": issuance.issuance_start_date,
            "issuanceEndDate": issuance.issuance_end_date,
            "verificationApproach": issuance.verification_approach,
            "verificationReportDate": issuance.verification_report_date,
            "verificationBody": issuance.verification_body,
            "unitCount": f"{issuance.unit_count:,}",
            "vintageYear": issuance.vintage_year,
            "unitSerialId": issuance.unit_serial_id,
        }
    )


def unit_row(unit: Unit) -> Row:
    """A line of `units`."""
    return _texts(
        {
            "unitSerialId": unit.unit_serial_id,
            "projectId": unit.project_key,
            "issuanceId": unit.issuance_key,
            "unitBlockStart": unit.unit_block_start,
            "unitBlockEnd": unit.unit_block_end,
            "unitCount": unit.unit_count,
            "vintageYear": unit.vintage_year,
            "vintageStartDate": unit.vintage_start_date,
            "vintageEndDate": unit.vintage_end_date,
            "unitType": unit.unit_type.value,
            "unitMetric": unit.unit_metric.value,
            "unitStatus": unit.unit_status.value,
            "unitStatusReason": unit.unit_status_reason,
            "unitStatusDate": unit.unit_status_date,
            "unitRetirementBeneficiary": unit.unit_retirement_beneficiary,
            "unitRetirementDetail": unit.unit_retirement_detail,
            "unitOwner": unit.unit_owner,
            "countryJurisdictionOfOwner": unit.country_jurisdiction_of_owner,
            "unitRegistryLink": unit.unit_registry_link,
            "correspondingAdjustmentDeclaration": unit.corresponding_adjustment_declaration.value,
            "correspondingAdjustmentStatus": unit.corresponding_adjustment_status.value,
            "updatedAt": unit.updated_at,
            "labels": "; ".join(label.label for label in unit.labels),
        }
    )


def _texts(row: Mapping[str, object]) -> Row:
    return {name: "" if value is None else str(value) for name, value in row.items()}


def _rewriting(change: Callable[[bytes], bytes]) -> Middleware:
    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            response.body = change(response.body)
        return response

    return trap


def _last_line_lost(body: bytes) -> bytes:
    """Everything but the end of the last line."""
    return body[:-20]


def _column_renamed(body: bytes) -> bytes:
    return body.replace(b"projectId", b"programId", 1)


def _line_twice(body: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    out = io.StringIO()
    csv.writer(out).writerows([*rows, rows[-1]])
    return out.getvalue().encode("utf-8-sig")


def _with_semicolons(body: bytes) -> bytes:
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


@web.middleware
async def login(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The place wants a login, and says so with a page and status 200."""
    return web.Response(text="<!doctype html><html><body>Sign in</body></html>\n")


TRAPS: Mapping[str, Middleware] = {
    "the end of the file is missing": _rewriting(_last_line_lost),
    "a column is called otherwise": _rewriting(_column_renamed),
    "a line stands twice": _rewriting(_line_twice),
    "a spreadsheet saved it with semicolons": _rewriting(_with_semicolons),
    "a login page comes with status 200": login,
}

EMULATOR = Emulator(
    registry="cats",
    application=application,
    says={
        Entity.PROJECT: frozenset(
            {
                "cad_trust_project_id",
                "current_registry",
                "registry_of_origin",
                "project_id",
                "origin_project_id",
                "program",
                "project_name",
                "project_description",
                "project_link",
                "project_developer",
                "sector",
                "project_type",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "covered_by_ndc",
                "ndc_information",
                "project_status",
                "project_status_date",
                "unit_metric",
                "validation_body",
                "validation_date",
                "registration_date",
                "updated_at",
                "co_benefits.co_benefit",
                "co_benefits.sdg",
                "project_locations.country",
                "project_locations.in_country_region",
                "project_locations.latitude",
                "project_locations.longitude",
                "estimations.crediting_period_start",
                "estimations.crediting_period_end",
                "estimations.unit_count",
            }
        ),
        Entity.ISSUANCE: frozenset(
            {
                "project_key",
                "issuance_id",
                "issuance_date",
                "issuance_start_date",
                "issuance_end_date",
                "verification_approach",
                "verification_report_date",
                "verification_body",
                "unit_count",
                "vintage_year",
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
                "unit_type",
                "unit_metric",
                "unit_status",
                "unit_status_reason",
                "unit_status_date",
                "unit_retirement_beneficiary",
                "unit_retirement_detail",
                "unit_owner",
                "country_jurisdiction_of_owner",
                "unit_registry_link",
                "corresponding_adjustment_declaration",
                "corresponding_adjustment_status",
                "updated_at",
                "labels.label",
                "labels.label_type",
            }
        ),
    },
    told={
        # The files have codes alone, which the gateway's own table names.
        Entity.PROJECT: {"methodologies.methodology_name": kinds.title}
    },
    traps=TRAPS,
)
