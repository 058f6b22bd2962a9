"""The world's projects, issuances and retired units as Puro's rows."""

from __future__ import annotations

from typing import Any

from gateway.harmonise.countries import country_name
from gateway.harmonise.sdgs import CO_BENEFITS
from gateway.sandbox.world import Issuance, Project, Telling, Unit

Row = dict[str, Any]

METHOD = "Biochar, 2022"
METHOD_CODE = "C03000000"
CREDIT_TYPE = "CORC100+"
RULES = "Puro Standard General Rules Version 4.1"
SITE = "https://registry.puro.earth"
STATEMENTS = "https://retirements.puro.earth/retirement-statement"
USAGES = {
    "Environmental Benefit": "SUPPORT",
    "Retirement for Person or Organization": "GENERIC_COMPENSATION",
    "Compliance": "DISCLOSURE",
    "Voluntary offsetting": "BUNDLED_WITH_PRODUCT_OR_SERVICE",
}


def project_page(project: Project) -> str:
    """The project's page on the registry's site."""
    return f"{SITE}/projects/{project.key}"


def retirement_id(unit: Unit) -> str:
    """The transaction that retired the unit."""
    return f"00000000-0000-4000-9000-{unit.number:012d}"


def statement_link(unit: Unit) -> str:
    """The public statement of the unit's retirement."""
    return f"{STATEMENTS}/{retirement_id(unit)}"


def usage(unit: Unit) -> str:
    """What the retirement is for, in the registry's words."""
    return USAGES.get(unit.unit_status_reason or "", "OTHER")


class Rows:
    """A telling as rows."""

    def __init__(self, telling: Telling) -> None:
        self._projects = {project.key: project for project in telling.projects}
        self._issuances = {issuance.key: issuance for issuance in telling.issuances}

    def project(self, project: Project) -> Row:
        """A row of `/projects`."""
        (place,) = project.project_locations
        return {
            "projectId": project.key,
            "code": project.key,
            "gsrn": None,
            "name": project.project_name,
            "countryCode": place.country,
            "supplierName": project.project_developer,
            "supplierListingUrl": None,
            "methodologyCode": METHOD_CODE,
            "creditingPeriodStart": project.crediting_period_start,
            "creditingPeriodEnd": project.crediting_period_end,
            "sdgs": [
                {"goal": benefit.sdg, "name": CO_BENEFITS[benefit.sdg].partition(" - ")[2]}
                for benefit in project.co_benefits
            ],
            "generalRules": {"url": f"{SITE}/rules.pdf", "version": RULES},
            "latitude": None if place.latitude is None else str(place.latitude),
            "longitude": None if place.longitude is None else str(place.longitude),
            "methodology": {
                "code": METHOD_CODE,
                "name": METHOD,
                "edition": "Edition 2022 V3",
                "url": f"{SITE}/methodology.pdf",
            },
        }

    def issuance(self, issuance: Issuance) -> Row:
        """A row of `/issuances`: one bundle, the whole batch."""
        row = self._issued(issuance)
        bundle = self._bundle(
            issuance,
            str(issuance.batch),
            issuance.unit_serial_id,
            str(issuance.block_start),
            str(issuance.block_end),
            int(issuance.unit_count),
            issuance.key,
        )
        labels = row.pop("labels")
        return row | {"bundles": [bundle], "labels": labels}

    def retirement(self, unit: Unit) -> Row:
        """A row of `/retirements` with the unit as its one bundle."""
        key = retirement_id(unit)
        row = self._transaction("Retirement", key, unit.unit_owner, unit.unit_status_date)
        hidden = unit.unit_retirement_beneficiary is None
        row["volume"] = int(unit.unit_count)
        row["retirementDetails"] = {
            "usageType": usage(unit),
            "beneficiaryName": unit.unit_retirement_beneficiary,
            "beneficiaryType": "END_CONSUMER",
            "retirementPurpose": unit.unit_retirement_detail,
            "publicStatementUrl": statement_link(unit),
            "beneficiaryLocation": (
                None if hidden else country_name(unit.country_jurisdiction_of_owner or "")
            ),
            "countryOfConsumption": unit.country_jurisdiction_of_owner,
            "beneficiaryHiddenUntil": "2099-12-31" if hidden else None,
            "consumptionPeriodEndDate": f"{unit.unit_status_date}T00:00:00.000Z",
            "consumptionPeriodStartDate": f"{unit.vintage_start_date}T00:00:00.000Z",
        }
        bundle = self._bundle(
            self._issuances[unit.issuance_key],
            str(unit.number),
            unit.unit_serial_id,
            unit.unit_block_start,
            unit.unit_block_end,
            int(unit.unit_count),
            key,
        )
        labels = row.pop("labels")
        return row | {"bundles": [bundle], "labels": labels}

    def _issued(self, issuance: Issuance) -> Row:
        project = self._projects[issuance.project_key]
        row = self._transaction(
            "Issuance", issuance.key, project.project_developer, issuance.issuance_date
        )
        row["volume"] = int(issuance.unit_count)
        row["issuanceDetails"] = {
            "auditBody": issuance.verification_body,
            "issuanceId": issuance.key,
            "issuanceDate": f"{issuance.issuance_date}T00:00:00.000Z",
        }
        return row

    def _transaction(self, kind: str, key: str, holder: str | None, day: str | None) -> Row:
        return {
            "id": key,
            "type": kind,
            "accountHolderName": holder,
            "completedOn": f"{day}T09:30:00.000Z",
            "volume": 0,
            "retirementId": key,
            "retirementDetails": None,
            "issuanceDetails": None,
            "withdrawalDetails": None,
            "transactionLabels": [],
            "transactionAdditionalLabels": [
                {"type": CREDIT_TYPE, "transactionId": key, "order": 0}
            ],
            "labels": [_label()],
        }

    def _bundle(
        self,
        issuance: Issuance,
        number: str,
        serial: str,
        start: str,
        end: str,
        volume: int,
        transaction: str,
    ) -> Row:
        project = self._projects[issuance.project_key]
        inside = self._issued(issuance)
        del inside["labels"]
        return {
            "id": f"00000000-0000-4000-a000-{int(number):012d}",
            "certificates": serial,
            "_start": start,
            "_end": end,
            "volume": volume,
            "methodologyCode": METHOD_CODE,
            "productionFacilityCode": project.key,
            "vintage": issuance.vintage_year,
            "productionStartDate": issuance.issuance_start_date,
            "productionEndDate": issuance.issuance_end_date,
            "creditType": CREDIT_TYPE,
            "issuanceId": issuance.key,
            "issuanceDate": issuance.issuance_date,
            "transactionId": transaction,
            "project": {"name": project.project_name, "supplierName": project.project_developer},
            "methodology": {"name": METHOD},
            "issuance": inside,
            "methodologyName": METHOD,
            "productionFacilityName": project.project_name,
            "supplierName": project.project_developer,
            "durability": 100,
            "labels": [_label()],
        }


def _label() -> Row:
    return {
        "id": CREDIT_TYPE,
        "name": "CORC 100+",
        "createdOn": "$D1970-01-01T00:00:00.000Z",
        "parentId": None,
    }
