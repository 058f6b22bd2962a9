"""Plan Vivo's registry, emulated: the PV Climate part of the S&P Global platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.sandbox import sp_says
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.sp_platform import APPKEY, BASE_PATH, Tenant, application
from gateway.sandbox.sp_rows import Hand, Standard, moment
from gateway.sandbox.sp_traps import TRAPS
from gateway.sandbox.world import Project, Telling, Unit

TYPES = {
    "Reforestation": "Afforestation / Reforestation",
    "Agriculture, forestry and other land use (AFOLU)": (
        "Reduced emissions from deforestation & degradation"
    ),
}
CLASS = "rPVC"


def of_project(project: Project, _: Project) -> Mapping[str, Any]:
    """The columns that Plan Vivo fills on a project."""
    return {
        "projectType": TYPES[project.project_type],
        "projectRegistrationDate": moment(project.registration_date),
        "projectStartDate": moment(project.crediting_period_start),
        "projectEndDate": moment(project.crediting_period_end),
    }


def of_unit(unit: Unit, project: Project) -> Mapping[str, Any]:
    """The columns that Plan Vivo fills on a block, under each ledger's name for the class."""
    return {
        "projectType": TYPES[project.project_type],
        "additionalCertification": "",
        "unitClassName": CLASS,
        "unitClassCode": CLASS,
        "className": CLASS,
        "unit_class_name": CLASS,
        "corrAdjustmentName": None,
        "corresponding_adjustment_status": None,
    }


HAND = Hand(
    standards=(Standard(671000000000001, "PV", "PV Climate", None),),
    statuses={ProjectStatus.REGISTERED: ("Active",), ProjectStatus.LISTED: ("Listed",)},
    unit_type=lambda planned: "fPVC" if planned else "rPVC",
    of_project=of_project,
    of_issuance=lambda issuance, project: {
        "projectType": TYPES[project.project_type],
        "additionalCertification": "",
        "unitClass": CLASS,
    },
    of_unit=of_unit,
)


def serve(telling: Telling) -> web.Application:
    """Plan Vivo's part of the platform."""
    return application(Tenant("PVCL", HAND), telling)


EMULATOR = Emulator(
    registry="plan-vivo",
    application=serve,
    says={
        Entity.PROJECT: sp_says.PROJECT | sp_says.TENANT_PROJECT,
        Entity.ISSUANCE: sp_says.ISSUANCE,
        Entity.UNIT: sp_says.UNIT | {"is_ex_ante", "unit_tags"},
    },
    told={
        Entity.PROJECT: sp_says.TOLD,
        Entity.UNIT: {"unit_tags": lambda unit: CLASS},
    },
    traps=TRAPS,
    refusals=REFUSALS["sp"],
    base_path=BASE_PATH,
    credential=APPKEY,
)
