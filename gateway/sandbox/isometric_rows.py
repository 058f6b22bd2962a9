"""The world's projects, issuances and units as Isometric's nodes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.harmonise.countries import country_name
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.names import PLACE_OF
from gateway.sandbox.world import Issuance, Project, Telling, Unit

Row = dict[str, Any]

PATHWAY = {"shortName": "BC", "name": "Biochar"}
CCP = "ICVCM CCP"
STATUSES = {
    ProjectStatus.VALIDATED: "VALIDATED",
    ProjectStatus.LISTED: "UNDER_VALIDATION",
    ProjectStatus.REJECTED: "VALIDATION_UNSUCCESSFUL",
    ProjectStatus.WITHDRAWN: "CANCELLED",
}
UNIT_STATUSES = {
    UnitStatus.HELD: "ACTIVE",
    UnitStatus.RETIRED: "RETIRED",
    UnitStatus.CANCELLED: "CANCELLED",
    UnitStatus.BUFFER: "ACTIVE",
}


class Rows:
    """A telling as nodes; batches stand inside their issuance."""

    def __init__(self, telling: Telling) -> None:
        self._projects = {row.key: self.project(row) for row in telling.projects}
        self._units: dict[str, list[Unit]] = {row.key: [] for row in telling.issuances}
        for unit in telling.units:
            self._units[unit.issuance_key].append(unit)

    def project(self, project: Project) -> Row:
        """A node of `projects`."""
        (place,) = project.project_locations
        return {
            "id": f"prj_{project.row_id:016d}",
            "name": project.project_name,
            "shortCode": project.key,
            "status": STATUSES[project.project_status],
            "description": project.project_description,
            "shortDescription": None,
            "durability": "OVER_ONE_THOUSAND_YEARS",
            "country": {
                "isoAlpha3Code": PLACE_OF[place.country].iso3,
                "name": country_name(place.country),
            },
            "location": {"name": place.in_country_region},
            "process": {"pathway": PATHWAY},
            "supplier": {
                "id": f"spl_{project.row_id:016d}",
                "organisation": {
                    "id": f"org_{project.row_id:016d}",
                    "name": project.project_developer,
                    "imageUrl": None,
                },
            },
            "validatedAt": _instant(project.validation_date),
            "creditingPeriodStart": project.crediting_period_start,
            "creditingPeriodEnd": project.crediting_period_end,
        }

    def issuance(self, issuance: Issuance) -> Row:
        """A node of `issuances`."""
        units = self._units[issuance.key]
        buffered = [unit for unit in units if unit.unit_status is UnitStatus.BUFFER]
        supplied = [unit for unit in units if unit.unit_status is not UnitStatus.BUFFER]
        project = self._projects[issuance.project_key]
        return {
            "id": issuance.key,
            "createdAt": _instant(issuance.issuance_date),
            "creditBatchSizeTotal": _size(issuance.unit_count),
            "bufferPoolBatchSize": _size(_sum(buffered)),
            "supplierBatchSize": _size(_sum(supplied)),
            "project": project,
            "supplier": project["supplier"],
            "supplierCreditBatches": [_batch(unit, issuance, project) for unit in supplied],
            "bufferPoolCreditBatches": [_batch(unit, issuance, project) for unit in buffered],
            "ghgStatement": {
                "id": f"ggs_{issuance.batch:016d}",
                "reportingPeriodStartAt": issuance.issuance_start_date,
                "reportingPeriodEndAt": issuance.issuance_end_date,
                "status": "CREDITS_ISSUED",
            },
        }


def _batch(unit: Unit, issuance: Issuance, project: Row) -> Row:
    return {
        "id": f"ctb_{unit.number:016d}",
        "serialNumber": unit.unit_serial_id,
        "issuedAt": _instant(unit.issued_on),
        "sequesteredOn": issuance.issuance_end_date,
        "status": UNIT_STATUSES[unit.unit_status],
        "countryOfIssue": project["country"]["isoAlpha3Code"],
        "ccpApproved": any(label.label == CCP for label in unit.labels),
        "size": _size(unit.unit_count),
        "feedstockName": None,
    }


def _sum(units: list[Unit]) -> Decimal:
    return sum((unit.unit_count for unit in units), Decimal(0))


def _size(tonnes: Decimal) -> Row:
    return {"credits": float(tonnes), "creditsKg": str(int(tonnes * 1000))}


def _instant(day: str | None) -> str | None:
    return None if day is None else f"{day}T09:47:11.635914+00:00"
