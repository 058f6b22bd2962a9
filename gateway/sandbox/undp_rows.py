"""The world's projects and units as rows of UNDP's lists, field by field as its code has them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.serials import undp_block
from gateway.sandbox.world import Estimation, Project, Telling, Unit

Row = dict[str, Any]

STAGES = {
    ProjectStatus.LISTED: ("New", "AwaitingAuthorization"),
    ProjectStatus.APPROVED: ("Approved",),
    ProjectStatus.AUTHORIZED: ("Authorised",),
    ProjectStatus.REJECTED: ("Rejected",),
}
PROPOSALS = {
    ProjectStatus.LISTED: "SUBMITTED_INF",
    ProjectStatus.APPROVED: "APPROVED",
    ProjectStatus.AUTHORIZED: "AUTHORISED",
    ProjectStatus.REJECTED: "REJECTED",
}
SCOPES = {
    "Energy industries (renewable-/ non renewable sources)": "ENERGY_INDUSTRIES",
    "Waste handling and disposal": "WASTE_HANDLING_AND_DISPOSAL",
}
RETIREMENTS = {
    UnitStatus.EXPORTED: "Cross-Border Transactions",
    UnitStatus.CANCELLED: "Voluntary Cancellations",
}


class Rows:
    """A telling as the rows of the four lists, in the order of their ids."""

    def __init__(self, telling: Telling) -> None:
        self._names = {project.key: project.project_name for project in telling.projects}
        held = [u for u in telling.units if u.unit_status is UnitStatus.HELD]
        ended = [u for u in telling.units if u.unit_status is not UnitStatus.HELD]
        self.lists: dict[str, list[Row]] = {
            "programme/query": [programme(project) for project in telling.projects],
            "projectManagement/query": [proposal(project) for project in telling.projects],
            "creditTransactionsManagement/queryBalance": [self.balance(unit) for unit in held],
            "creditTransactionsManagement/queryRetirements": [
                row for unit in ended for row in self.retirements(unit)
            ],
        }

    def balance(self, unit: Unit) -> Row:
        """A block that somebody holds."""
        return self._block(unit, unit.issued_on) | {
            "id": undp_block(unit.unit_serial_id),
            "receiverId": unit.number % 97,
            "receiverName": unit.unit_owner,
            "receiverLogo": None,
            "senderId": None,
            "senderName": None,
            "senderLogo": None,
            "type": "issued" if unit.number % 2 else "received",
        }

    def retirements(self, unit: Unit) -> list[Row]:
        """A completed request; now and then one that was turned down stands before it."""
        done = self._block(unit, str(unit.unit_status_date)) | {
            "retirementType": RETIREMENTS[unit.unit_status],
            "status": "Completed",
            "country": "Exampleland",
            "organizationName": "Example Receiving Party (invented)",
            "remarks": unit.unit_retirement_detail,
            "senderId": unit.number % 97,
            "senderName": unit.unit_owner,
            "senderLogo": None,
        }
        if unit.number % 4:
            return [done]
        return [done | {"id": str(unit.number + 10_000_000), "status": "Rejected"}, done]

    def _block(self, unit: Unit, day: str) -> Row:
        return {
            # One counter for all transactions, sent as text.
            "id": str(unit.number),
            "serialNumber": unit.unit_serial_id,
            # PostgreSQL's large numbers come as text.
            "creditAmount": int(unit.unit_count) if unit.number % 3 else str(unit.unit_count),
            "createdDate": milliseconds(day) if unit.number % 2 else str(milliseconds(day)),
            "projectId": unit.project_key,
            "projectName": self._names[unit.project_key],
        }


def programme(project: Project) -> Row:
    """A row of the first generation's list, with the companies that are joined to it."""
    (place,), (estimation,) = project.project_locations, project.estimations
    stages = STAGES[project.project_status]
    authorised = project.project_status is ProjectStatus.AUTHORIZED
    changed = milliseconds(project.project_status_date)
    company = 1 + project.number % 97
    return {
        "programmeId": project.key,
        "serialNo": None,
        "title": project.project_name,
        "externalId": f"EX-{project.number}",
        "sectoralScope": SCOPES[project.sector],
        "sector": "ENERGY",
        "countryCodeA2": place.country,
        "currentStage": stages[project.number % len(stages)],
        "startTime": seconds(project.crediting_period_start),
        "endTime": str(seconds(project.crediting_period_end)),
        "creditEst": str(whole(estimation)),
        "emissionReductionExpected": str(whole(estimation)),
        "emissionReductionAchieved": None,
        "creditChange": None,
        "creditIssued": "0",
        "creditBalance": "0",
        "creditRetired": [],
        "creditFrozen": [],
        "creditTransferred": [],
        "companyId": [company],
        "proponentTaxVatId": ["00000"],
        "proponentPercentage": [100],
        "creditOwnerPercentage": [100],
        "certifierId": [],
        "revokedCertifierId": [],
        "creditUnit": "ITMO",
        "constantVersion": "1",
        "article6trade": authorised,
        "mvcAdjust": None,
        "mvcUnadjusted": None,
        "programmeProperties": {"geographicalLocation": [place.in_country_region]},
        "mitigationActions": [
            {
                "typeOfMitigation": project.project_type,
                "properties": {"methodology": method.methodology_code},
            }
            for method in project.methodologies
        ],
        "txTime": changed,
        "createdTime": milliseconds(project.crediting_period_start),
        "authTime": changed if authorised else None,
        "creditUpdateTime": None,
        "statusUpdateTime": changed,
        "certifiedTime": None,
        "geographicalLocationCordintes": [{"type": "Feature", "geometry": None}],
        "projectLocation": None,
        "cadtId": project.cad_trust_project_id,
        "blockBounds": None,
        "environmentalAssessmentRegistrationNo": None,
        "createdAt": f"{project.crediting_period_start}T00:00:00.000Z",
        "updatedAt": project.updated_at.replace("Z", ".123Z"),
        "company": [
            {
                "companyId": company,
                "name": project.project_developer,
                "email": "nobody@example.org",
                "phoneNo": "+000000000",
                "address": "No Street 1, Exampleland",
                "companyRole": "ProgrammeDeveloper",
                "logo": None,
            }
        ],
    }


def proposal(project: Project) -> Row:
    """A row of the second generation's list."""
    return {
        "projectId": project.key,
        "refId": project.key,
        "title": project.project_name,
        "projectProposalStage": PROPOSALS[project.project_status],
        "createdTime": milliseconds(project.crediting_period_start),
        "creditBalance": 0,
        "creditRetired": 0,
        "sector": "ENERGY",
        "sectoralScope": SCOPES[project.sector],
        "authorizationId": None,
        "independentCertifiers": [],
        "companyId": 1 + project.number % 97,
        "name": project.project_developer,
        "logo": None,
        "companyRole": "PROJECT_DEVELOPER",
    }


def seconds(day: str) -> int:
    """Seconds since 1970 at the beginning of the day in UTC."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def milliseconds(day: str) -> int:
    """Milliseconds since 1970 at noon of the day in UTC."""
    return (seconds(day) + 43_200) * 1000


def whole(estimation: Estimation) -> Decimal:
    """A yearly estimate over its whole period, in whole years."""
    start = date.fromisoformat(estimation.crediting_period_start)
    end = date.fromisoformat(estimation.crediting_period_end)
    return estimation.unit_count * round((end - start).days / 365.25)
