"""The Global Carbon Council's units, emulated: a tenant of the S&P Global platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

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

TYPES = {"Wind": "Wind power", "Solar": "Solar power", "Hydro": "Hydropower"}


def of_project(project: Project, _: Project) -> Mapping[str, Any]:
    """The columns of a project."""
    return {
        **of_row((), project),
        "projectRegistrationDate": moment(project.registration_date),
    }


def of_issuance(issuance: Issuance, project: Project) -> Mapping[str, Any]:
    """The columns of an issuance."""
    return of_row(issuance.labels, project)


def of_unit(unit: Unit, project: Project) -> Mapping[str, Any]:
    """The columns of a block."""
    return of_row(unit.labels, project)


def of_row(labels: tuple[Label, ...], project: Project) -> Mapping[str, Any]:
    """What every ledger repeats of the project, and the labels."""
    return {
        "projectType": TYPES[project.project_type],
        "sectoralScope": scope(project),
        "methodologies": methods(project),
        "additionalCertification": certified(labels),
    }


def row_number(project: Project) -> str:
    """The platform's number: GCC's own code for a project stands in no row."""
    return str(project.row_id)


HAND = Hand(
    standards=(Standard(199000000000001, "GCC", "Global Carbon Council", None),),
    statuses={ProjectStatus.REGISTERED: ("Registered",), ProjectStatus.LISTED: ("Listed",)},
    unit_type=lambda planned: "ACC",
    of_project=of_project,
    of_issuance=of_issuance,
    of_unit=of_unit,
)


def serve(telling: Telling) -> web.Application:
    """GCC's part of the platform."""
    return application(Tenant("GCC", HAND), telling)


EMULATOR = Emulator(
    registry="gcc",
    application=serve,
    says={
        Entity.PROJECT: sp_says.PROJECT
        | sp_says.TENANT_PROJECT
        | {
            "sector",
            "sectors",
            "methodologies.methodology_code",
            "methodologies.methodology_name",
            "methodologies.methodology_version",
        },
        Entity.ISSUANCE: sp_says.ISSUANCE | sp_says.LABELS,
        Entity.UNIT: sp_says.UNIT
        | sp_says.LABELS
        | {"is_ex_ante", "corresponding_adjustment_status"},
    },
    told={
        Entity.PROJECT: {
            **sp_says.TOLD,
            "project_id": row_number,
            "origin_project_id": row_number,
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
