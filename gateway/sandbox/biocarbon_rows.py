"""The world's projects, blocks and used units as BioCarbon's rows: its keys, types and words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.world import Issuance, Methodology, Project, Telling, Unit

Row = dict[str, Any]

HIDDEN = "Somebody who wants to stay private (invented)"
PERSONAL = "A person's data that must not be passed on (invented)"
YEARS = 20
STATUSES = {
    ProjectStatus.REGISTERED: "Registered",
    ProjectStatus.LISTED: "Listed",
    ProjectStatus.VALIDATED: "Registration Request Under Review",
    ProjectStatus.WITHDRAWN: "Withdrawn",
    ProjectStatus.REJECTED: "Declined",
    ProjectStatus.DE_REGISTERED: "De-registered",
}
# As they were typed into the registry, in one language or the other.
COUNTRIES = {"CO": "Colombia", "PE": "Perú", "TR": "Turquía"}
TYPES = {
    "Reforestation": "Reforestation",
    "Agriculture, forestry and other land use (AFOLU)": (
        "Reduced emissions from deforestation & degradation"
    ),
    "Solar": "Solar Energy",
}
LAND = "Agriculture forestry and other land use (AFOLU)"
SECTORS = {
    LAND: "Agriculture, forestry and other land uses (AFOLU)",
    "Energy industries (renewable-/ non renewable sources)": (
        "Energy industries (renewable sources / energy efficiency)"
    ),
}
STAMP = "2022-03-04T16:01:19.000000Z"


def market(unit: Unit) -> str:
    """For whom units were retired: to be free of the carbon tax, or voluntarily."""
    return "tax" if unit.unit_status_reason == "Compliance" else "voluntary"


def day_first(day: str) -> str:
    """`2024-01-31` as `31/01/2024`."""
    return f"{day[8:]}/{day[5:7]}/{day[:4]}"


class Rows:
    """A telling as rows."""

    def __init__(self, telling: Telling) -> None:
        self._projects = {project.key: project for project in telling.projects}
        self._units: dict[str, list[Unit]] = {}
        for unit in telling.units:
            self._units.setdefault(unit.issuance_key, []).append(unit)

    def project(self, project: Project) -> Row:
        """A row of `/projects`."""
        (place,) = project.project_locations
        status = STATUSES[project.project_status]
        body = _body(project)
        return {
            "id": project.row_id,
            "consecutive": project.number,
            "holder_id": project.number,
            "last_lifecycle_event_log_id": project.number,
            "project_id": project.key,
            "project_name": project.project_name,
            "type_project_id": 11,
            "country": COUNTRIES[place.country],
            "quantification_period_start": project.crediting_period_start,
            "quantification_period_end": project.crediting_period_end,
            "duration": YEARS,
            "created_at": "2024-05-07 05:15:09",
            "date_request_certificate": None,
            "acceptance_date": project.registration_date,
            "validation_body_id": body and body["id"],
            "holder_name": PERSONAL,
            "ovv": project.validation_body or "",
            "verified_reductions": "0",
            "country_iso": place.country,
            "type_project_name": TYPES[project.project_type],
            "sector_name": SECTORS[project.sector],
            "methodologies": [
                _methodology(method, number, project)
                for number, method in enumerate(project.methodologies, 1)
            ],
            "status_code": status,
            "status_translated": status,
            "status": status,
            "event": _event(project),
            "holder": {
                "id": project.number,
                "holder": project.project_developer,
                "fiscal_number": 900_000_000 + project.number,
            },
            "type_project": _type(project),
            "cobenefits": [],
            "objetives": [
                _goal(benefit.sdg, benefit.co_benefit, project) for benefit in project.co_benefits
            ],
            "validation_body": body,
            "migration_standard": None,
            "files": [],
            "last_lifecycle_event_log": {
                "id": project.number,
                "eventable_type": "App\\Initiative",
                "eventable_id": project.row_id,
                "lifecycle_event_id": 10,
                "from_event_log_id": None,
                "metadata": None,
                "performed_by_user_id": None,
                "created_at": STAMP,
                "updated_at": STAMP,
                "initiative_event": {"id": 10, "entity_type": "initiative"},
            },
        }

    def block(self, issuance: Issuance) -> Row:
        """A row of `/carbon-credits`."""
        project = self._projects[issuance.project_key]
        units = self._units[issuance.key]
        reserved = any(u.unit_status is UnitStatus.BUFFER for u in units)
        owners = [u.unit_owner for u in units if u.key == issuance.key]
        gone = _sum(units, UnitStatus.RETIRED)
        return {
            "amount": f"{int(issuance.unit_count):,}",
            "active": f"{_sum(units, UnitStatus.HELD, UnitStatus.BUFFER):,}",
            "outof": gone,
            "dropouts": f"{_sum(units, UnitStatus.CANCELLED):,}",
            "serial": issuance.unit_serial_id,
            "initial_vintage": issuance.issuance_start_date,
            "final_vintage": issuance.issuance_end_date,
            "destination": ("reserved" if issuance.batch % 2 else "Reserva")
            if reserved
            else "Impuesto",
            "credits_destination_id": issuance.batch,
            "year": str(issuance.vintage_year),
            "created_at": issuance.issuance_date,
            "date_issue": issuance.issuance_date,
            "initiative_id": project.row_id,
            "project_id": project.key,
            "country": project.project_locations[0].country,
            "holder": owners[0] if owners else project.project_developer,
            "holder_name": PERSONAL,
            "holder_email": PERSONAL,
            "sold": f"{gone:,}",
        }

    def retreat(self, unit: Unit) -> Row:
        """A row of `/retreats`; private ones come with what they want kept private."""
        project = self._projects[unit.project_key]
        public = unit.unit_retirement_beneficiary is not None
        taxed = market(unit) == "tax"
        return {
            "reason": (unit.unit_retirement_detail or "") if public else HIDDEN,
            "to_name": "Example Fuel Distributor (invented)",
            "nit_to_name": PERSONAL,
            "final_user": unit.unit_retirement_beneficiary or HIDDEN,
            "final_user_nit": PERSONAL,
            "destination": "tax",
            "serial": unit.unit_serial_id,
            "created_at": day_first(str(unit.unit_status_date)),
            "initial_serial": int(unit.unit_block_start),
            "final_serial": int(unit.unit_block_end),
            "sold": f"{int(unit.unit_count):,}",
            "market": market(unit),
            "passive_user": "Example Fuel Distributor (invented)" if taxed else None,
            "nit_passive_user": PERSONAL if taxed else None,
            "initiative_id": project.row_id,
            "project_name": project.project_name,
            "holder": unit.unit_owner,
            "holder_nit": PERSONAL,
            "data_visibility": "public" if public else "private",
        }

    def cancellation(self, unit: Unit) -> Row:
        """A row of a project's cancellations."""
        return {
            "serial": unit.unit_serial_id,
            "amount": f"{int(unit.unit_count):,}",
            "year": str(unit.vintage_year),
            "initial_vintage": unit.vintage_start_date,
            "final_vintage": unit.vintage_end_date,
            "cancellation_date": unit.unit_status_date,
        }


def estimate(annual: Decimal) -> Decimal:
    """The estimate of all years."""
    return annual * YEARS


def _sum(units: list[Unit], *states: UnitStatus) -> int:
    return int(sum(u.unit_count for u in units if u.unit_status in states))


def _event(project: Project) -> str:
    listed = project.project_status is ProjectStatus.LISTED
    return f"admin_accepted_initiative_{'inscription' if listed else 'registration'}"


def _body(project: Project) -> Row | None:
    if project.validation_body is None:
        return None
    return {
        "id": 1,
        "name": project.validation_body,
        "bcr_old_spanish": None,
        "bcr_old_english": None,
        "status": "active",
        "program_id": None,
        "created_at": STAMP,
        "updated_at": STAMP,
    }


def _methodology(method: Methodology, number: int, project: Project) -> Row:
    code, own = method.methodology_code, method.methodology_code.startswith("BCR")
    version = method.methodology_version
    return {
        "id": number,
        "code": code,
        "name": f"{'' if own else 'CDM - '}{code}_{method.methodology_name}",
        "created_at": STAMP,
        "updated_at": STAMP,
        "pivot": {
            "methodologyable_type": "App\\Initiative",
            "methodologyable_id": project.row_id,
            "methodology_id": number,
            "id": number,
            "version": version.removesuffix(".0") if version else None,
            "created_at": STAMP,
            "updated_at": STAMP,
        },
    }


def _goal(number: int, text: str, project: Project) -> Row:
    return {
        "id": number,
        "name": f"Objetivo {number}: un objetivo, en español.",
        "text_thallo": text.partition(" - ")[2].title(),
        "text_cadt": text,
        "icon": f"goals/E-WEB-Goal-{number:02d}.png",
        "created_at": STAMP,
        "updated_at": STAMP,
        "pivot": {"initiative_id": project.row_id, "objetive_id": number},
    }


def _type(project: Project) -> Row:
    return {
        "id": 11,
        "code": "code",
        "name": "Un tipo de actividad   ",
        "short_name": "TYPE",
        "sector_id": 4,
        "created_at": STAMP,
        "updated_at": STAMP,
        "sector": {
            "id": 4,
            "code": "14" if project.sector == LAND else "1",
            "name": "Un sector",
            "created_at": STAMP,
            "updated_at": STAMP,
        },
    }
