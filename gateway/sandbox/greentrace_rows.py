"""The world's projects, issuances and units as GreenTrace's rows: its keys, its JSON types."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gateway.model.picklists import UnitStatus, UnitType
from gateway.sandbox.greentrace_words import (
    CONTACT,
    CONVERTED,
    CREDIT_KEYS,
    ENDED,
    LABELS,
    OTHERS,
    REMOVAL,
    REMOVED,
    SAID_NO,
    STATUSES,
    TYPES,
)
from gateway.sandbox.world import Issuance, Project, Telling, Unit

Row = dict[str, Any]

_HOLDING_STATUSES = {
    UnitStatus.RETIRED: "RETIRED",
    UnitStatus.CANCELLED: "CANCELED",
    UnitStatus.EXPORTED: "CANCELED",
}


@dataclass(frozen=True, slots=True)
class Tenant:
    """One registry of the platform: its path in the front end, its key, its code in rows."""

    path: str
    registry: str
    code: str


class Rows:
    """A telling as rows."""

    def __init__(self, telling: Telling, tenant: Tenant) -> None:
        self._tenant = tenant
        self._projects = {project.key: project for project in telling.projects}
        self._issuances = {issuance.key: issuance for issuance in telling.issuances}

    def project(self, project: Project) -> Row:
        """A row of `project-summaries`."""
        key = project_key(project)
        return {
            "details": self._link("projects", f"project/{key}", project.project_name),
            "developerLink": self._developer(project),
            "projectId": project.project_id,
            "projectKey": key,
            "projectName": project.project_name,
            "projectStatus": self._statuses(project)[0],
            "projectMethodology": project.methodologies[0].methodology_name,
            "projectType": TYPES[project.project_type][0],
            "projectDeveloper": project.project_developer,
            "projectDeveloperProfileKey": developer_key(project),
            "creditingProgram": project.program,
            "country": project.project_locations[0].country,
            "issuedCredits": self._issued(project),
            "projectExtensionMap": _extension(project),
        }

    def detail(self, project: Project) -> Row:
        """The body of a project's own page."""
        return {
            "projectDetail": self._facts(project),
            "developerLink": self._developer(project),
            "documents": {"datasets": {"publicDocuments": {"rows": [], "totalCount": 0}}},
        }

    def issued(self, issuance: Issuance) -> list[Row]:
        """The rows of an issuance as it was issued, in one block or in two.

        A real block has a batch number of its own; the sandbox's have their issuance's.
        """
        project = self._projects[issuance.project_key]
        total = int(issuance.unit_count)
        cuts = [issuance.block_start, issuance.block_end + 1]
        if is_cut(issuance):
            cuts.insert(1, issuance.block_start + total // 3 + 1)
        head = issuance.unit_serial_id.rpartition("-")[0]
        rows = []
        for number, (start, end) in enumerate(pairwise(cuts)):
            row = self._block(project, issuance, f"{head}-{start} to {end - 1}", end - start)
            row["holdingKey"] = f"C{issuance.batch}{number}Z"
            row["issuanceQuantity"] = total
            rows.append(self._linked(row, project))
        return rows

    def held(self, unit: Unit) -> Row:
        """A row of the book: a block in its present state."""
        project, issuance = self._projects[unit.project_key], self._issuances[unit.issuance_key]
        row = self._block(project, issuance, unit.unit_serial_id, int(unit.unit_count))
        row["holdingKey"] = holding_key(unit)
        row["holdingStatus"] = _HOLDING_STATUSES.get(unit.unit_status, "ACTIVE")
        row["holdingStatusEffectiveTimestamp"] = f"{unit.updated_at[:-1]}.000000-04:00"
        row["issuanceQuantity"] = int(issuance.unit_count)
        row |= dict.fromkeys(("isEscrowed", "isTokenized", "isSequestered"), False)
        row["isReserve"] = unit.unit_status is UnitStatus.BUFFER
        row |= dict.fromkeys(SAID_NO, "No")
        row |= {"correspondingAdjustment": "N/A", "corsiaEligible": True, "corsiaPending": False}
        row["registryLabels"] = [
            *(self._label(*LABELS[label.label]) for label in unit.labels),
            self._label("UN_SDGS", "SDG-13 : Climate Action"),
        ]
        if unit.unit_type is UnitType.REMOVAL_NATURE:
            row["registryLabels"].append(self._label("PROJECT_TYPE", REMOVAL))
        row |= _ending(unit)
        return self._linked(row, project)

    def _facts(self, project: Project) -> Row:
        place = project.project_locations[0]
        status, listing = self._statuses(project)
        kind, kind_code = TYPES[project.project_type]
        issued = self._issued(project)
        validator = project.validation_body
        return {
            "projectKey": project_key(project),
            "projectName": project.project_name,
            "projectDescription": project.project_description,
            "projectStatus": status,
            "projectListingStatus": listing,
            "creditType": "NONE",
            "creditingProgram": project.program,
            "registryCode": self._tenant.code,
            "registryKey": self._tenant.registry,
            "projectReferenceId": project.project_id,
            "hasAnotherCarbonProgram": False,
            "hasAnotherEnvironmentalMarket": False,
            "isPublic": True,
            "isRegistryTransferred": False,
            "isTribeAffiliated": False,
            "projectCreationDate": project.crediting_period_start,
            "projectRegistrationDate": None,
            "projectStartDate": project.crediting_period_start,
            "estimatedAnnualCredits": project.annual_estimate,
            "estimatedTotalCredits": 0,
            "coverageArea": 0,
            "coverageAreaUnit": None,
            "numberOfCohorts": 0,
            "numberOfLandowners": 0,
            "projectMethodologyMethodologyKey": f"{self._tenant.code}0001",
            "projectMethodologyName": project.methodologies[0].methodology_name,
            **dict.fromkeys(CONTACT),
            "projectMailingAddrLocName": None,
            "projectMailingAddrLocAddressLine1": "1 Example Street",
            "projectMailingAddrLocCity": "Exampleton",
            "projectMailingAddrLocCountry": place.country,
            "projectMailingAddrLocPostalCode": "00000",
            "projectMailingAddrLocState": "EX",
            "projectSiteLocName": None,
            "projectSiteLocAddressLine1": None,
            "projectSiteLocCity": None,
            "projectSiteLocLatitude": float(place.latitude or 0),
            "projectSiteLocLongitude": float(place.longitude or 0),
            "projectSiteLocDescription": place.in_country_region,
            "projectSiteLocAdditionalStates": None,
            "projectSiteLocCountry": place.country,
            "projectSiteLocPostalCode": None,
            "projectSiteLocState": place.in_country_region,
            "projectTypeCode": kind_code,
            "projectTypeName": kind,
            "owningProfileKey": developer_key(project),
            "owningProfileCompanyId": developer_key(project).partition(":")[0],
            "owningProfileProfileName": f"{project.project_developer} - Project Developer",
            "owningProfileParticipantName": project.project_developer,
            "owningProfileStatus": "ACTIVE",
            "owningProfileIsRegistryProfile": False,
            **dict.fromkeys(OTHERS),
            **_body("verifier", validator),
            **_body("validator", validator),
            "currentCreditingPeriodStartDate": project.crediting_period_start,
            "currentCreditingPeriodEndDate": project.crediting_period_end,
            "initialCreditingPeriodStartDate": project.crediting_period_start,
            "initialCreditingPeriodEndDate": project.crediting_period_end,
            "projectExtensionMap": _extension(project),
            "projectHoldingsTotalQuantity": issued,
            "projectHoldingsTotalRetiredQuantity": 0,
            "projectHoldingsTotalReserveQuantity": 0,
            "website": None,
        }

    def _block(self, project: Project, issuance: Issuance, serial: str, amount: int) -> Row:
        place = project.project_locations[0]
        kind, kind_code = TYPES[project.project_type]
        row: Row = dict.fromkeys(CREDIT_KEYS)
        row |= {
            "holdingSerialNumber": serial,
            "holdingQuantity": amount,
            "projectKey": project_key(project),
            "projectReferenceId": project.project_id,
            "projectName": project.project_name,
            "projectIsPublic": True,
            "projectSiteLocationState": place.in_country_region,
            "projectSiteLocationCountry": place.country,
            "projectTypeName": kind,
            "projectTypeCode": kind_code,
            "developerProfileKey": developer_key(project),
            "developerProfileName": project.project_developer,
            "issuanceKey": issuance.key,
            "issuanceVintageStartDate": issuance.issuance_start_date,
            "vintage": str(issuance.vintage_year),
            "issuanceDate": issuance.issuance_date,
            "registryCode": self._tenant.code,
            "bufferPool": 0,
            "arbEligible": "No",
            "ecologyEligible": "No",
        }
        return row

    def _linked(self, row: Row, project: Project) -> Row:
        key, serial = row["holdingKey"], row["holdingSerialNumber"]
        row["creditLink"] = self._link("credits", f"credit/{key}", serial)
        row["projectLink"] = self._link(
            "projects", f"project/{project_key(project)}", project.project_name
        )
        row["developerLink"] = self._developer(project)
        return row

    def _link(self, place: str, rest: str, label: str) -> Row:
        url = f"/{self._tenant.path}/{place}/registry/{self._tenant.registry}/{rest}"
        return {"type": "link", "url": url, "method": "GET", "params": [], "label": label}

    def _developer(self, project: Project) -> Row:
        url = f"/{self._tenant.path}/developer/{developer_key(project)}"
        label = project.project_developer
        return {"type": "link", "url": url, "method": "GET", "params": [], "label": label}

    def _label(self, category: str, text: str) -> Row:
        key = "_".join(part for part in text.upper().split() if part.isalnum())
        return {
            "registryLabelKey": f"{self._tenant.code}_{key}",
            "registryLabelDisplayName": text,
            "registryLabelDisplayTextColor": "#000000",
            "registryLabelDisplayBackgroundColor": "#FFFFFF",
            "registryLabelDisplayPriority": 100,
            "registryLabelIsPublicVisible": True,
            "labelCategoryName": category.replace("_", " "),
            "labelCategoryCode": category,
            "labelKey": key,
            "labelDisplayName": text,
            "labelApplicabilityTimestamp": "2026-05-28T17:30:20.436396Z",
            "links": [],
        }

    def _statuses(self, project: Project) -> tuple[str, str]:
        pairs = STATUSES[self._tenant.code][project.project_status]
        return pairs[project.number % len(pairs)]

    def _issued(self, project: Project) -> int:
        return sum(
            int(issuance.unit_count)
            for issuance in self._issuances.values()
            if issuance.project_key == project.key
        )


def project_key(project: Project) -> str:
    """The platform's own key of the project."""
    return f"P{project.row_id:X}Z{project.number:X}"


def developer_key(project: Project) -> str:
    """The platform's own key of the developer."""
    return f"{4_003_000_000_000_000_000 + project.row_id}:PROJECT_DEVELOPER"


def holding_key(unit: Unit) -> str:
    """The platform's own key of a block."""
    return f"H{unit.number}Z"


def is_cut(issuance: Issuance) -> bool:
    """Whether the issuance was made in two blocks; each repeats the amount of both."""
    return issuance.batch % 2 == 0 and issuance.block_end > issuance.block_start + 1


def arb_id(project: Project) -> str | None:
    """The project's id in California's programme, which two registries may have served it by."""
    return f"CAMM{project.number}" if project.number % 4 == 1 else None


def _extension(project: Project) -> Row:
    moment = f"{project.project_status_date}T00:00:00.000Z"
    return {
        "timingOfPublicDisplay": "LISTING",
        "complianceProjectId": arb_id(project) if project.registry == "acr" else None,
        "lastProjectStateChanged": moment,
        "lastProjectStatusChanged": moment,
        "conservationEasement": "false",
        "conservationEasementStateOrJurisdiction": None,
    }


def _body(role: str, name: str | None) -> Row:
    said = name is not None
    return {
        f"{role}ProfileKey": "4003000000000000001:PROJECT_VVB" if said else None,
        f"{role}CompanyId": "4003000000000000001" if said else None,
        f"{role}ProfileName": f"{name} - Project VVB" if said else None,
        f"{role}ParticipantName": name,
        f"{role}Status": "ACTIVE" if said else None,
        f"{role}IsRegistryProfile": False if said else None,
    }


def _ending(unit: Unit) -> Row:
    """What a retirement or a cancellation adds; the holder is public from then on."""
    if unit.unit_status not in ENDED:
        return {}
    holder = {
        "accountHolderProfileKey": "4003000000000000002:TRANSACTION",
        "accountHolderProfileName": unit.unit_owner,
        "registryAccountKey": f"A{unit.number}Z",
        "registryAccountName": "Default (Retirement)",
        "registryAccountType": "PROFILE",
    }
    if unit.unit_status is UnitStatus.RETIRED:
        reason = str(unit.unit_status_reason)
        return holder | {
            "retirementKey": f"R{unit.number}Z",
            "retirementDate": unit.unit_status_date,
            "retirementReason": reason.upper().replace(" ", "_"),
            "retirementReasonDisplayName": reason,
            "retirementReasonDescription": f"Retirement: {reason}",
            "retirementPurpose": unit.unit_retirement_detail,
            "retirementOnBehalfOfName": unit.unit_retirement_beneficiary,
        }
    code, name = CONVERTED if unit.unit_status is UnitStatus.EXPORTED else REMOVED
    return holder | {
        "cancellationKey": f"C{unit.number}Z",
        "cancellationDate": unit.unit_status_date,
        "cancellationReason": code,
        "cancellationReasonDisplayName": name,
        "cancellationReasonDescription": name,
    }
