"""The world's projects, issuances and units as rows of Social Carbon's collections."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from gateway.harmonise.countries import country_name
from gateway.model.picklists import ProjectStatus, UnitStatus, UnitType
from gateway.sandbox.world import Issuance, Location, Project, Telling, Unit

Row = dict[str, Any]

AFOLU = "Agriculture Forestry and Other Land Use"
CORSIA = "CORSIA Eligible"
NON_PERMANENCE = "Non-Permanence"
STATUSES = {
    ProjectStatus.LISTED: "Listed",
    ProjectStatus.VALIDATED: "Certified Design",
    ProjectStatus.REGISTERED: "Certified Project",
}
ASSETS = {
    UnitType.REMOVAL_NATURE: "SCU - Removal",
    UnitType.REDUCTION_NATURE: "SCU - Reduction",
}
GOALS = {
    "SDG 1": "1 - No Poverty",
    "SDG 4": "4 - Quality Education",
    "SDG 12": "12 - Responsible Consumption and Production",
    "SDG 13": "13 - Climate Action",
    "SDG 15": "15 - Life on Land",
}
# When midnight is in UTC, by country: the form's dates are its user's midnights.
MIDNIGHT = {"BR": ("T03:00:00.000Z", 0), "US": ("T07:00:00.000Z", 0), "IN": ("T18:30:00.000Z", 1)}


class Rows:
    """A telling as the rows of the four collections."""

    def __init__(self, telling: Telling) -> None:
        self._projects = {project.key: project for project in telling.projects}
        self._kinds = {unit.issuance_key: ASSETS[unit.unit_type] for unit in telling.units}
        self.lists: dict[str, list[Row]] = {
            "project": [self.project(project) for project in telling.projects],
            "issuance": [row for issuance in telling.issuances for row in self.issuance(issuance)],
            "retirement": [self.retirement(u) for u in _with(telling.units, UnitStatus.RETIRED)],
            "cancellations": [
                self.cancellation(u) for u in _with(telling.units, UnitStatus.CANCELLED)
            ],
        }

    def project(self, project: Project) -> Row:
        """A row of `project`."""
        (place,) = project.project_locations
        start = instant(project.crediting_period_start, place)
        end = instant(project.crediting_period_end, place)
        validator = project.validation_body or ("TBC" if project.number % 2 else "TBD")
        return {
            "Description": project.project_description,
            "Project documents approved": project.validation_body is not None,
            "Address": _address(place) if project.number % 3 else None,
            "Standard": "SOCIALCARBON",
            "Total Project Area": project.annual_estimate,
            "Created Date": f"{project.crediting_period_start}T08:32:52.128Z",
            "Crediting period end": end,
            "Project Type": AFOLU,
            "End Date": end,
            "Methodology": ", ".join(m.methodology_code for m in project.methodologies),
            "Start Date": start,
            "verifier": validator,
            "Crediting period start": start,
            "Country": country_name(place.country),
            "Estimated Annual Emission Reductions": project.annual_estimate,
            "Project Name": project.project_name,
            "Project Proponent(s)": [_id(project.project_developer)],
            "Project Proponent(s)_TEXT": [project.project_developer],
            "Project ID": project.project_id,
            "Project Status": STATUSES[project.project_status],
            "Photos": [],
            "SDGs": [GOALS[c.co_benefit.partition(" - ")[0]] for c in project.co_benefits],
            "Latitude": float(place.latitude or 0),
            "Longitude": float(place.longitude or 0),
            "Listed_Status_Approver": [_id("approver")],
            "validator": validator,
            "Created By": _id(project.project_developer),
            "_id": project.key,
        }

    def issuance(self, issuance: Issuance) -> list[Row]:
        """The rows of `issuance` for one: now and then a request before it was turned down."""
        row = self._request(issuance)
        if issuance.batch % 4:
            return [row]
        refused = {"_id": f"{issuance.key}0", "Approved": False, "Issuance complete": False}
        return [row | refused, row]

    def _request(self, issuance: Issuance) -> Row:
        (place,) = self._projects[issuance.project_key].project_locations
        batch, _, _ = issuance.unit_serial_id.rsplit("-", 2)
        return {
            "Approved": True,
            "Monitoring period start": instant(issuance.issuance_start_date, place),
            "Standard": "SOCIALCARBON",
            "Issuance complete": True,
            "Asset type": self._kinds[issuance.key],
            "Verifier": issuance.verification_body,
            "Verification / Validation Files": [],
            "Payment received": True,
            "CORSIA eligible": any(label.label == CORSIA for label in issuance.labels),
            "Monitoring Period": _id(issuance.key),
            "Monitoring period end": instant(issuance.issuance_end_date, place),
            "Quantity requested": int(issuance.unit_count),
            "Project": issuance.project_key,
            "Vintage": vintage(issuance.vintage_year, issuance.batch),
            "Created Date": f"{issuance.verification_report_date}T09:17:55.665Z",
            "Created By": _id("issuer"),
            "Batch_ID": batch,
            "Serial Number Batch": issuance.unit_serial_id,
            "_id": issuance.key,
        }

    def retirement(self, unit: Unit) -> Row:
        """A row of `retirement`; older ones tell beneficiary and purpose in their notes alone."""
        old = is_old(unit)
        row = self._ended(unit)
        return row | {
            "Notes": notes(unit),
            "Retiree": unit.unit_owner,
            "Retiree_ID": _id(unit.unit_owner),
            "Beneficiary": None if old else unit.unit_retirement_beneficiary,
            "Purpose": None if old else unit.unit_status_reason,
            "certificate": None,
        }

    def cancellation(self, unit: Unit) -> Row:
        """A row of `cancellations`."""
        return self._ended(unit) | {
            "Notes": unit.unit_retirement_detail,
            "Canceller": unit.unit_owner,
            "Non-Permanence": is_lost(unit),
        }

    def _ended(self, unit: Unit) -> Row:
        project = self._projects[unit.project_key]
        return {
            "Asset": _id(unit.issuance_key),
            "Quantity": int(unit.unit_count),
            "Vintage": vintage(unit.vintage_year, unit.batch),
            "Created By": _id(unit.unit_owner),
            "Created Date": f"{unit.unit_status_date}T11:09:21.029Z",
            "Asset name": f"{project.project_name}, {unit.vintage_year}",
            "Asset Type": ASSETS[unit.unit_type],
            "Project": unit.project_key,
            "Standard": "SOCIALCARBON",
            "Modified Date": unit.updated_at.replace("Z", ".639Z"),
            "Project type": AFOLU,
            "txid": hashlib.sha512(unit.key.encode()).hexdigest(),
            "Serial Numbers": unit.unit_serial_id,
            "_id": unit.key,
        }


def is_old(unit: Unit) -> bool:
    """Whether the retirement is of the time before it had columns for whom and what for."""
    return unit.number % 3 == 0 and unit.unit_retirement_beneficiary is not None


def is_lost(unit: Unit) -> bool:
    """Whether the cancellation makes up for carbon that was lost again."""
    return unit.number % 2 == 0


def notes(unit: Unit) -> str | None:
    """The free text of a row."""
    if unit.unit_status is UnitStatus.RETIRED and is_old(unit):
        return f"Beneficiary: {unit.unit_retirement_beneficiary}, Purpose: {reason(unit)}"
    return unit.unit_retirement_detail


def reason(unit: Unit) -> str | None:
    """Why the unit is no more, as far as the wire says it."""
    if unit.unit_status is UnitStatus.CANCELLED:
        return NON_PERMANENCE if is_lost(unit) else None
    return unit.unit_status_reason


def vintage(year: int, batch: int) -> str:
    """A year, or the same year twice."""
    return f"{year} - {year}" if batch % 3 == 0 else str(year)


def instant(day: str, place: Location) -> str:
    """The midnight at which the day begins at that place, in UTC."""
    clock, before = MIDNIGHT[place.country]
    return f"{date.fromisoformat(day) - timedelta(days=before)}{clock}"


def _address(place: Location) -> Row:
    return {
        "address": f"{place.in_country_region}, {country_name(place.country)}",
        "lat": float(place.latitude or 0),
        "lng": float(place.longitude or 0),
    }


def _id(text: str | None) -> str:
    """A row id that stands for something the world has none for."""
    number = int(hashlib.sha256((text or "").encode()).hexdigest()[:24], 16)
    return f"{number % 10**13:013d}x{number // 10**13 % 10**18:018d}"


def _with(units: Iterable[Unit], status: UnitStatus) -> list[Unit]:
    return [unit for unit in units if unit.unit_status is status]
