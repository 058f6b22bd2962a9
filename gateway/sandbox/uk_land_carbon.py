"""The UK Land Carbon Registry, emulated: two codes on the S&P Global platform."""

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

TYPE = "Afforestation / Reforestation"


def of_project(project: Project, _: Project) -> Mapping[str, Any]:
    """The columns that this registry fills on a project."""
    return {
        "projectType": TYPE,
        "projectRegistrationDate": moment(project.registration_date),
        "projectStartDate": moment(project.crediting_period_start),
        "projectEndDate": moment(project.crediting_period_end),
    }


def of_unit(unit: Unit, project: Project) -> Mapping[str, Any]:
    """The columns that this registry fills on a block."""
    return {"projectType": TYPE, "corrAdjustmentName": None}


HAND = Hand(
    standards=(
        Standard(100000000000042, "WCC", "Woodland Carbon Code", "Woodland Carbon Code"),
        Standard(100000000000157, "PC", "Peatland Code", "Peatland Code"),
    ),
    statuses={ProjectStatus.REGISTERED: ("Registered",), ProjectStatus.LISTED: ("Listed",)},
    unit_type=lambda planned: "PIU" if planned else "WCU",
    of_project=of_project,
    of_issuance=lambda issuance, project: {"projectType": TYPE},
    of_unit=of_unit,
)


def serve(telling: Telling) -> web.Application:
    """This registry's part of the platform."""
    return application(Tenant("UKLR", HAND), telling)


EMULATOR = Emulator(
    registry="uk-land-carbon",
    application=serve,
    says={
        Entity.PROJECT: sp_says.PROJECT | sp_says.TENANT_PROJECT,
        Entity.ISSUANCE: sp_says.ISSUANCE,
        Entity.UNIT: sp_says.UNIT | {"is_ex_ante"},
    },
    told={Entity.PROJECT: sp_says.TOLD},
    traps=TRAPS,
    refusals=REFUSALS["sp"],
    base_path=BASE_PATH,
    credential=APPKEY,
)
