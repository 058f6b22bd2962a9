"""The world's projects, issuances and retirements as EcoRegistry's rows: its keys and types."""

from __future__ import annotations

from typing import Any

from gateway.harmonise.countries import country_name
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.world import Issuance, Location, Methodology, Project, Telling, Unit

Row = dict[str, Any]

STAGES = {
    ProjectStatus.REGISTERED: "Certified",
    ProjectStatus.COMPLETED: "Finished",
    ProjectStatus.LISTED: "Public comments",
    ProjectStatus.INACTIVE: "Suspended",
    ProjectStatus.WITHDRAWN: "Cancelled",
}
SECTORS = {
    "Agriculture forestry and other land use (AFOLU)": ("CF", 14, "Land use (AFOLU)"),
    "Energy industries (renewable-/ non renewable sources)": ("IE", 1, "Energy industries"),
}
GOALS = {4: "Education", 8: "Economic growth"}
PURPOSES = {"Compliance": (1, "Colombian Carbon Tax")}
VOLUNTARY = (12, "Voluntary compensation")
NOBODY = "No definido"
COLOURS = {"colorDark": "#333333", "colorLight": "#EEEEEE", "imgDesktop": {}, "imgMobile": {}}


def purpose(unit: Unit) -> tuple[int, str]:
    """What units were retired for, in the platform's words."""
    return PURPOSES.get(unit.unit_status_reason or "", VOLUNTARY)


def instant(day: str) -> str:
    """The day as the platform writes instants."""
    return f"{day}T18:33:46.000Z"


def former_link(project: Project) -> str | None:
    """The page of the project that this one was before."""
    if not project.related_projects:
        return None
    former = project.related_projects[0].related_project_id
    return f"https://biocarbonregistry.com/en/project/?id={former}"


class Rows:
    """A telling as rows; `standard` is what the platform calls the registry's standard."""

    def __init__(self, telling: Telling, standard: str) -> None:
        self.standard = standard
        self._projects = {project.key: project for project in telling.projects}
        self._buffered = {
            u.issuance_key for u in telling.units if u.unit_status is UnitStatus.BUFFER
        }
        self._issuances: dict[str, list[Issuance]] = {}
        for issuance in telling.issuances:
            self._issuances.setdefault(issuance.project_key, []).append(issuance)

    def project(self, project: Project) -> Row:
        """A row of a list of projects: methodologies and sectors once per verification."""
        (place,) = project.project_locations
        short, _, sector = SECTORS[project.sector]
        issued = self._issuances.get(project.key, [])
        times = max(1, len(issued))
        former = former_link(project)
        return {
            "id": project.row_id,
            "name": project.project_name,
            "code": project.key,
            "projectStage": STAGES[project.project_status],
            "projectStageId": 4,
            "standard": self.standard,
            "verifier": project.validation_body or NOBODY,
            "vintage": sorted({issuance.vintage_year for issuance in issued}),
            "sectorsText": sector,
            "protocols": [{"description": "CVCC V2.1"}],
            "methodology": [
                {
                    "methodologyId": number,
                    "description": _methodology(method),
                    "type_avoidance_removals": "Removal",
                    "type_mechanism": "ARR",
                }
                for number, method in enumerate(project.methodologies * times)
            ],
            "sectors": [{"shortName": short, "description": sector}] * times,
            "location": [country_name(place.country)],
            "locationText": country_name(place.country),
            "developer": project.project_developer,
            "convertedFromLink": former,
            "projectsGlobalGoal": [
                {"globalGoalId": benefit.sdg, "description": _goal(benefit.sdg, benefit.co_benefit)}
                for benefit in project.co_benefits
            ],
            "projectImage": "https://images.example/project.jpg?signature=invented",
            "serials": f"BCR2{project.key}_1_2024" if former else " ".join(i.key for i in issued),
            "eligibles": [{"id": 12, "code": "CV", "description": VOLUNTARY[1]}],
            "ratedBy": [],
            "insurances": [],
            "tonAvailable": bool(issued),
            "dmrv": [],
        }

    def analytics(self, project: Project) -> Row:
        """A project with its issuances."""
        (place,) = project.project_locations
        _, number, sector = SECTORS[project.sector]
        return {
            "id": project.row_id,
            "is_public": True,
            "owner": project.project_developer,
            "owner_id": f"ECOxC_{project.number}",
            "developer": project.project_developer,
            "developer_id": f"ECOxC_{project.number}",
            "validator": project.validation_body or NOBODY,
            "verifier": project.validation_body or NOBODY,
            "credits_type": "Carbon offsets",
            "name": project.project_name,
            "description": project.project_description,
            "standard": self.standard,
            "sector": [{"id": number, "description": sector}],
            "evaluation_criteria": "PROTOCOL CVCC V2.1",
            "quantification_method": _methodology(project.methodologies[0]),
            "stage": STAGES[project.project_status],
            "locations": [
                {
                    "city": "Worldwide",
                    "country": country_name(place.country),
                    "region": "Worldwide",
                    "data_map": _point(place),
                }
            ],
            "serials": [
                self._serial(issuance) for issuance in self._issuances.get(project.key, [])
            ],
        }

    def retirement(self, unit: Unit) -> Row:
        """A retirement of units of the issuance's serial."""
        project = self._projects[unit.project_key]
        number, text = purpose(unit)
        return {
            "id": unit.number,
            "project_id": project.row_id,
            "serial": unit.issuance_key,
            "quantity": int(unit.unit_count),
            "date": instant(str(unit.unit_status_date)),
            "vintage": unit.vintage_end_date,
            "is_kg": 0,
            "final_user": unit.unit_retirement_beneficiary or "",
            "country_final_user": country_name(unit.country_jurisdiction_of_owner or "") or "",
            "reason_using": {"id": number, "description": text},
            "methodologies": [],
            "sectors": [],
        }

    def _serial(self, issuance: Issuance) -> Row:
        return {
            "verification": 1,
            "serial": issuance.key,
            "issued_quantity": int(issuance.unit_count),
            "issuance_date": instant(issuance.issuance_date),
            "year": issuance.vintage_year,
            "is_buffer": issuance.key in self._buffered,
            "vintage_of_credits": f"{issuance.issuance_start_date} / {issuance.issuance_end_date}",
            "global_goals": [],
            "elegible": [{"description": VOLUNTARY[1]}],
        }


def detail(project: Project, standard: str) -> Row:
    """The body of `/project/public/{id}`."""
    (place,) = project.project_locations
    _, number, sector = SECTORS[project.sector]
    former = former_link(project)
    start, end = project.crediting_period_start, project.crediting_period_end
    body = project.validation_body or NOBODY
    return {
        "status": 1,
        "projectNotesActive": 0,
        "locations": [
            {
                "id": project.number,
                "locationName": "",
                "countryId": 47,
                "countryDescription": country_name(place.country),
                "regionId": 1,
                "regionCode": "1",
                "regionDescription": place.in_country_region,
                "cityId": 1,
                "cityCode": "1",
                "cityDescription": "Worldwide",
                "area": "1",
                "verificationNumber": 1,
                "active": False,
                "dataMap": _point(place),
                "checked": True,
            }
        ],
        "certificatedVerification": [],
        "URLApplication": "https://www.ecoregistry.io/",
        "monitoringReport": True,
        "formulation": False,
        "validator": False,
        "validCertifier": False,
        "verifier": False,
        "certifier": False,
        "isAdminCertifier": False,
        "previousCertifications": [],
        "project": {
            "hasPublicCartography": False,
            "isKml": 0,
            "isFormulated": 1,
            "isValidated": 1,
            "isVerified": 1,
            "isAsigned": False,
            "webSite": "",
            "date": project.project_status_date,
            "id": project.row_id,
            "code": project.key,
            "hashId": "eb",
            "name": project.project_name,
            "accreditationPeriod": f"{start} / {end}",
            "descriptionProject": "Un texto en español.",
            "descriptionProjectIng": project.project_description,
            "projectStageId": 4,
            "projectStageOrder": 5,
            "projectsStage": STAGES[project.project_status],
            "projectsStagePreapproval": False,
            "projectsStageInactive": False,
            "verifier": body,
            "verifierIsCredit": 0,
            "verifierUrlImage": "",
            "validator": body,
            "validatorIsCredit": 0,
            "validatorUrlImage": "",
            "sectors": [
                {"sectorId": number, "multZonesActive": 1, "isBuffer": 1, "description": sector}
            ],
            "protocols": [],
            "sectorsMethodologies": [],
            "process": 6,
            "validations": [],
            "validatorId": True,
            "verifierId": True,
            "standardId": 1,
            "standarDescription": standard,
            "standardCode": "SxCDC",
            "standarUrlImage": "",
            "standardMetaData": COLOURS,
            "creditUnit": project.unit_metric.value,
            "acceptsDmrv": True,
            "isConvertedFrom": former is not None,
            "isCreditConversion": former is not None,
            "convertedFromId": 10 if former else None,
            "convertedFromLink": former,
            "convertedFromDescription": "BioCarbon" if former else "",
            "isPublic": True,
            "projectsGlobalGoal": [],
            "periodInit": start,
            "periodEnd": end,
            "periodInitVerifier": start,
            "periodEndVerifier": end,
            "verificationNumber": 1,
            "validationNumber": 1,
            "projectsFirms": [],
            "publicConsultationInit": None,
            "publicConsultationEnd": None,
            "projectsApprovedFirm": None,
            "typeProjectId": 2,
            "developerId": project.number,
            "ownerId": project.number,
            "activities": [],
            "typeMaterial": [],
            "specificMaterial": [],
            "projectsCreditingPeriod": [],
            "isDmrv": 0,
            "DMRV": [],
            "beZero": None,
            "isRated": 0,
        },
        "projectsCorrectionHistory": 1,
        "projectsCommentPending": 0,
        "projectsStage": [{"id": 9, "description": "Registration", "order": 0}],
        "projectsMedia": [],
        "keyMapGoogle": "",
        "projectRatings": [],
    }


def _methodology(method: Methodology) -> str:
    version = method.methodology_version
    ending = f" - Version: {version.removesuffix('.0')}" if version else ""
    return f"CDM - {method.methodology_code}: {method.methodology_name}{ending}"


def _goal(number: int, text: str) -> str:
    return GOALS.get(number, text.partition(" - ")[2])


def _point(place: Location) -> Row:
    return {
        "latitude": None if place.latitude is None else float(place.latitude),
        "longitude": None if place.longitude is None else float(place.longitude),
    }
