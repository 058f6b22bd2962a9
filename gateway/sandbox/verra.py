"""Verra's registry, emulated: the VCS part of the S&P Global platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from gateway.harmonise import sectors
from gateway.harmonise.methodologies import methodologies
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.sandbox import sp_says
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.sp_platform import APPKEY, BASE_PATH, Tenant, application
from gateway.sandbox.sp_rows import Hand, Standard, moment
from gateway.sandbox.sp_traps import TRAPS
from gateway.sandbox.sp_words import certified, methods, scope
from gateway.sandbox.world import Issuance, Label, Project, Telling, Unit

STATUSES = {
    ProjectStatus.REGISTERED: ("Registered", "Late to Verify"),
    ProjectStatus.LISTED: ("Under Development", "Under Validation"),
    ProjectStatus.VALIDATED: ("Registration Requested",),
    ProjectStatus.WITHDRAWN: ("Withdrawn",),
    ProjectStatus.INACTIVE: ("Inactive", "On Hold - see notification letter"),
    ProjectStatus.REJECTED: ("Rejected by Administrator",),
    ProjectStatus.TRANSITIONED: ("Units Transferred from Approved GHG Program",),
}
# The world's project types that are AFOLU activities, as Verra abbreviates them.
ACTIVITIES = {
    "Reforestation": "ARR",
    "Agriculture": "ALM",
    "Agriculture, forestry and other land use (AFOLU)": "REDD",
}
# Elsewhere the wire says no more than the scope, and only these scopes are one activity.
TYPES_OF_SCOPES = {
    sectors.LIVESTOCK: "Methane avoidance",
    sectors.DEMAND: "Energy Demand",
}
GOALS = {
    1: "No Poverty", 3: "Good Health and Well-being", 4: "Quality Education",
    5: "Gender Equality", 7: "Affordable and Clean Energy", 8: "Decent Work and Economic Growth",
    11: "Sustainable Cities and Communities", 12: "Responsible Consumption and Production",
    13: "Climate Action", 15: "Life on Land",
}  # fmt: skip


def of_project(project: Project, _: Project) -> Mapping[str, Any]:
    """The columns that Verra fills on a project."""
    origin = next(iter(project.related_projects), None)
    return {
        "vcsProjectId": project.key,
        "projectSubmissionId": project.key,
        "verraProjectRegistrationDate": moment(project.registration_date),
        "proponents": f"{project.project_developer} (PP)",
        "sectoralScope": scope(project),
        "methodologies": methods(project),
        "afoluNames": ACTIVITIES.get(project.project_type),
        "avgAnnualVolVcu": project.annual_estimate,
        "sdContributions": ", ".join(
            f"{benefit.sdg:02d}: {GOALS[benefit.sdg]}" for benefit in project.co_benefits
        ),
        "additionalCertification": certified(project.labels),
        "otherGhgProgramName": origin.related_registry if origin else None,
        "otherGhgProgramId": origin.related_project_id if origin else None,
        "registeredOtherGhgProgram": origin is not None,
        "authorizedRepresentative": "",
        "website": "",
    }


def of_issuance(issuance: Issuance, project: Project) -> Mapping[str, Any]:
    """The columns that Verra fills on an issuance."""
    return of_row(issuance.labels, project)


def of_unit(unit: Unit, project: Project) -> Mapping[str, Any]:
    """The columns that Verra fills on a block."""
    return of_row(unit.labels, project)


def of_row(labels: tuple[Label, ...], project: Project) -> Mapping[str, Any]:
    """What issuances and blocks repeat of their project, and their labels."""
    return {
        "vcsProjectId": project.key,
        "sectoralScope": scope(project),
        "methodologies": methods(project),
        "additionalCertification": certified(labels),
    }


def told_type(project: Project) -> str | None:
    """Only land use has activities on the wire; few other scopes say as much."""
    if project.project_type in ACTIVITIES:
        return project.project_type
    return TYPES_OF_SCOPES.get(project.sector)


HAND = Hand(
    standards=(Standard(150000000000001, "VCS", "Verified Carbon Standard", "VCS"),),
    statuses=STATUSES,
    unit_type=lambda planned: "VCU",
    numbered=True,
    of_project=of_project,
    of_issuance=of_issuance,
    of_unit=of_unit,
)


def serve(telling: Telling) -> web.Application:
    """Verra's part of the platform."""
    return application(Tenant("VERRA", HAND), telling)


EMULATOR = Emulator(
    registry="verra",
    application=serve,
    says={
        Entity.PROJECT: sp_says.PROJECT
        | {
            "program",
            "project_developer",
            "sector",
            "sectors",
            "project_type",
            "project_types",
            "registration_date",
            "methodologies.methodology_code",
            "methodologies.methodology_name",
            "methodologies.methodology_version",
            "co_benefits.co_benefit",
            "co_benefits.sdg",
            "estimations.unit_count",
            "estimations.is_annual",
            "related_projects.related_project_id",
            "related_projects.related_registry",
        },
        Entity.ISSUANCE: sp_says.ISSUANCE | sp_says.LABELS,
        Entity.UNIT: sp_says.UNIT
        | sp_says.LABELS
        | {"is_ex_ante", "corresponding_adjustment_status"},
    },
    told={
        Entity.PROJECT: {
            **sp_says.TOLD,
            "project_type": told_type,
            "project_types": lambda project: tuple(filter(None, [told_type(project)])),
            "methodologies.methodology_name": lambda method: (
                methodologies(method.methodology_code)[0].name
            ),
        }
    },
    traps=TRAPS,
    refusals=REFUSALS["sp"],
    base_path=BASE_PATH,
    credential=APPKEY,
)
