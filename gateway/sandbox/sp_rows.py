"""Writes the world as rows of the S&P Global platform: every key, with its JSON type or null.

Nothing is left out: a key that the world has no value for is null, as the platform sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.harmonise.countries import country_name
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox import sp_keys as keys
from gateway.sandbox.world import Issuance, Project, Telling, Unit

Row = dict[str, Any]
Own = Callable[[Any, Project], Mapping[str, Any]]

ISSUANCE_IDS = 199_300_000_000_001
UNIT_IDS = 199_400_000_000_001
# The platform keeps a row number beside a tenant's project number.
PROJECT_ROWS = 500_000_000_000


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard of a tenant, and the `program` of the world's projects that are its."""

    id: int
    acronym: str
    name: str
    program: str | None


def nothing(record: Any, project: Project) -> Mapping[str, Any]:
    """A tenant without columns of its own."""
    return {}


@dataclass(frozen=True, slots=True)
class Hand:
    """How one tenant fills the rows: its status words, unit types, and columns of its own.

    `numbered` is set where the project number is the public one and not the row number.
    """

    standards: tuple[Standard, ...]
    statuses: Mapping[ProjectStatus, tuple[str, ...]]
    unit_type: Callable[[bool], str]
    numbered: bool = False
    of_project: Own = nothing
    of_issuance: Own = nothing
    of_unit: Own = nothing


LEDGERS = ("project", "issuances", "holdings", "retirements", "cancellations")
Ledgers = dict[str, list[Row]]


def write(telling: Telling, hand: Hand) -> Ledgers:
    """Everything that the registry tells, as its rows."""
    found: Ledgers = {name: [] for name in LEDGERS}
    projects = {project.key: project for project in telling.projects}
    issuances = {issuance.key: issuance for issuance in telling.issuances}
    for project in telling.projects:
        found["project"].append(_project(project, hand))
    for at, issuance in enumerate(telling.issuances):
        project = projects[issuance.project_key]
        found["issuances"].append(_issuance(issuance, project, ISSUANCE_IDS + at, hand))
    for at, unit in enumerate(telling.units):
        ledger, of_ledger = _LEDGERS[unit.unit_status]
        project, issuance = projects[unit.project_key], issuances[unit.issuance_key]
        common = _common(project, UNIT_IDS + at, hand) | _of_unit(unit, issuance, project, hand)
        names = _KEYS[ledger]
        made = common | of_ledger(unit, issuance) | dict(hand.of_unit(unit, project))
        if ledger == "cancellations":
            made["additional_certification"] = made.get("additionalCertification")
        found[ledger].append({name: made.get(name) for name in names})
    for rows in found.values():
        rows.sort(key=lambda row: int(row["entityId"]))
    return found


def moment(text: str | None) -> str | None:
    """A date or instant as the platform writes it: without a zone."""
    if text is None:
        return None
    return f"{text}T00:00:00" if len(text) == 10 else text.removesuffix("Z")


def number(value: Decimal | None) -> float | None:
    """A quantity as a JSON float."""
    return None if value is None else float(value)


def _vintage(start: str, end: str) -> str:
    return end[:4] if start[:4] == end[:4] else f"{start[:4]} - {end[:4]}"


def _standard(project: Project, hand: Hand) -> Standard:
    return next(s for s in hand.standards if s.program in (None, project.program))


def project_number(project: Project, hand: Hand) -> int:
    """What the platform calls `projectId`."""
    return project.number if hand.numbered else project.row_id


def _common(project: Project, row: int, hand: Hand) -> Row:
    standard, here = _standard(project, hand), project.project_locations[0]
    return {
        "id": str(row),
        "entityId": row,
        "esUpdatedOn": "2026-07-01T00:00:00.000000001",
        "standardId": standard.id,
        "standardName": standard.name,
        "projectId": project_number(project, hand),
        "projectName": project.project_name,
        "publicProjectId": project_number(project, hand),
        "publicProjectName": project.project_name,
        "countryId": f"1000000000{sum(map(ord, here.country)):05d}",
        "countryName": country_name(here.country),
        "stateProvince": here.in_country_region,
        "city": "",
        "location": f"{country_name(here.country)}, {here.in_country_region}",
        "considerAccountPrivate": False,
        "publicVisibility": True,
        "statePublicVisibility": True,
        "creditingPeriodTerm": "1",
        "creditPeriodTerm": "1",
        "creditingPeriodDurationStartDate": moment(project.crediting_period_start),
        "creditingPeriodDurationEndDate": moment(project.crediting_period_end),
    }


def _project(project: Project, hand: Hand) -> Row:
    row = project.row_id if hand.numbered else project.row_id + PROJECT_ROWS
    words = hand.statuses[project.project_status]
    status, here = words[project.number % len(words)], project.project_locations[0]
    located = here.latitude is not None and here.longitude is not None
    latitude = float(here.latitude or 0) if located else 0.0
    longitude = float(here.longitude or 0) if located else 0.0
    made = _common(project, row, hand) | {
        "accountName": project.project_developer,
        "modifiedDate": moment(project.updated_at),
        "status": status,
        "publicStateNameEn": status,
        "stateCode": status.upper().replace(" ", "_"),
        "projectDescription": project.project_description,
        "environmentalCategory": "Carbon",
        "piusListed": "No",
        "projectPublicVisibility": True,
        "validatorName": project.validation_body,
        "units": project.registration_date is not None,
        "latitude": latitude,
        "longitude": longitude,
        "latitudeLongitude": f"{latitude:.6f}/{longitude:.6f}",
        "registeredOtherGhgProgram": False,
        "registeredInVcs": False,
        "creditPeriodStartDate": moment(project.crediting_period_start),
        "creditPeriodEndDate": moment(project.crediting_period_end),
        "creditPeriodTerm": "",
    }
    made |= hand.of_project(project, project)
    return {name: made.get(name) for name in keys.PROJECT}


def _issuance(issuance: Issuance, project: Project, row: int, hand: Hand) -> Row:
    made = _common(project, row, hand) | {
        "accountName": project.project_developer,
        "modifiedDate": moment(issuance.issuance_date),
        "vintage": _vintage(issuance.issuance_start_date, issuance.issuance_end_date),
        "holdingQuantity": number(issuance.unit_count),
        "serialNo": issuance.unit_serial_id,
        "unitType": hand.unit_type(False),
        "unitClass": "Unit",
        "issuanceRequestedDate": moment(issuance.verification_report_date),
        "unitMeasurementName": "tCO2e",
        "issueDate": moment(issuance.issuance_date),
        "issuancePublicVisibility": False,
        "unitsIssuedInPermanenceBufferAccount": 0,
        "unitsIssuedInCorrespondingAdjustmentReserveAccount": 0,
        "unitsIssuedInCountrySopReserveAccount": 0,
        "omgeQuantity": 0,
        "adaptationFundQuantity": 0,
        "periodStartDate": moment(issuance.issuance_start_date),
        "periodEndDate": moment(issuance.issuance_end_date),
        "verifierName": issuance.verification_body,
        "stateCode": "ISSUED",
        "stateName": "Issued",
        "creditingPeriodDuration": f"{issuance.issuance_start_date} - {issuance.issuance_end_date}",
    }
    made |= hand.of_issuance(issuance, project)
    return {name: made.get(name) for name in keys.ISSUANCE}


def _of_unit(unit: Unit, issuance: Issuance, project: Project, hand: Hand) -> Row:
    return {
        "accountName": unit.unit_owner,
        "accountPublicVisibility": unit.unit_owner is not None,
        "accountStatePublicVisibility": True,
        "accountStateCode": "ACTIVE",
        "modifiedDate": moment(unit.updated_at),
        "unitType": hand.unit_type(unit.is_ex_ante),
        "holdingQuantity": number(unit.unit_count),
        "vintage": _vintage(unit.vintage_start_date, unit.vintage_end_date),
        "serialNo": unit.unit_serial_id,
        "serial_no": unit.unit_serial_id,
        "corrAdjustmentName": unit.corresponding_adjustment_status.value,
        "monitoringPeriodStart": moment(issuance.issuance_start_date),
        "monitoringPeriodEnd": moment(issuance.issuance_end_date),
        "verifierName": issuance.verification_body,
        "issueDate": moment(unit.issued_on),
    }


def _holding(unit: Unit, issuance: Issuance) -> Row:
    listed = unit.number % 3 == 0
    return {
        "unitMeasurementName": "tCO2e",
        "unitClassName": "Unit",
        "stateCode": "LISTED" if listed else "ACTIVE",
        "status": "Listed" if listed else "Active",
        "isBuffer": unit.unit_status is UnitStatus.BUFFER,
        "creditingPeriodTerm": "",
    }


def _retirement(unit: Unit, issuance: Issuance) -> Row:
    # Older retirements have a remark where newer ones have details, with a flag of their own.
    remark = unit.number % 2 == 0
    return {
        "retiredDate": moment(unit.unit_status_date),
        "beneficialOwner": unit.unit_retirement_beneficiary,
        "makeBeneficialOwnerPublic": unit.unit_retirement_beneficiary is not None,
        "retirementReason": unit.unit_status_reason,
        "makeRetirementReasonPublic": unit.unit_status_reason is not None,
        "retirementRemarks": unit.unit_retirement_detail if remark else None,
        "retirementReasonDetails": None if remark else unit.unit_retirement_detail,
        "makeRetirementReasonDetailsPublic": not remark,
        "emailNotification": "somebody@registry.example",
        "stateCode": "RETIRED",
        "stateNameEn": "Retired",
    }


def _cancellation(unit: Unit, issuance: Issuance) -> Row:
    remark = unit.number % 2 == 0
    return {
        "trading_name": "Cancellation account",
        "unit_measurement_name": "tCO2e",
        "retired_date": moment(unit.unit_status_date),
        "block_start": int(unit.unit_block_start),
        "block_end": int(unit.unit_block_end),
        "unit_class_name": "Unit",
        "verifier_account_name": issuance.verification_body,
        "corresponding_adjustment_status": unit.corresponding_adjustment_status.value,
        "cancellation_purpose": unit.unit_status_reason if remark else None,
        "cancellation_date": moment(unit.unit_status_date),
        "cancellation_remarks": unit.unit_retirement_detail if remark else None,
        "monitoring_period_start": moment(issuance.issuance_start_date),
        "monitoring_period_end": moment(issuance.issuance_end_date),
        "status": "Cancelled",
        "cancellationReason": None if remark else unit.unit_status_reason,
        "makeCancellationReasonPublic": not remark,
        "cancellationReasonDetails": None if remark else unit.unit_retirement_detail,
        "makeCancellationReasonDetailsPublic": not remark,
    }


_KEYS = {
    "holdings": keys.HOLDING,
    "retirements": keys.RETIREMENT,
    "cancellations": keys.CANCELLATION,
}
_LEDGERS: dict[UnitStatus, tuple[str, Callable[[Unit, Issuance], Row]]] = {
    UnitStatus.HELD: ("holdings", _holding),
    UnitStatus.BUFFER: ("holdings", _holding),
    UnitStatus.RETIRED: ("retirements", _retirement),
    UnitStatus.CANCELLED: ("cancellations", _cancellation),
}
