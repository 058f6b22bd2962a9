"""Status tables, one per registry for projects and one for units, as `mapped` fields take them.

CAD Trust's unit status has no word for "issued and in circulation" but Held. A project on hold
is Inactive, never Registered; what went over to another programme is Transitioned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.harmonise import project_status_data as projects
from gateway.harmonise import unit_status_data as units
from gateway.harmonise.picklist import by_value
from gateway.harmonise.table import Table, words
from gateway.model.picklists import ProjectStatus, UnitStatus

SUBJECT = "statuses"
PROJECT_TABLES: dict[str, Table[ProjectStatus]] = {}
UNIT_TABLES: dict[str, Table[UnitStatus]] = {}


def _project(registry: str, entries: Mapping[str, ProjectStatus]) -> Table[ProjectStatus]:
    return PROJECT_TABLES.setdefault(
        registry, Table(f"{registry}-project-status", entries, fold=words)
    )


def _unit(registry: str, entries: Mapping[str, UnitStatus]) -> Table[UnitStatus]:
    return UNIT_TABLES.setdefault(registry, Table(f"{registry}-unit-status", entries, fold=words))


VERRA_PROJECT: Final = _project("verra", projects.VERRA)
GOLD_STANDARD_PROJECT: Final = _project("gold-standard", projects.GOLD_STANDARD)
ACR_PROJECT: Final = _project("acr", projects.GREENTRACE)
ART_PROJECT: Final = _project("art", projects.ART)
CAR_PROJECT: Final = _project("car", projects.CAR)
CDM_PROJECT: Final = _project("cdm", projects.CDM)
ECOREGISTRY_PROJECT: Final = _project("ecoregistry", projects.ECOREGISTRY)
CERCARBONO_PROJECT: Final = _project("cercarbono", projects.ECOREGISTRY)
BIOCARBON_PROJECT: Final = _project("biocarbon", projects.BIOCARBON)
GCC_PROJECT: Final = _project("gcc", projects.PLATFORM)
PLAN_VIVO_PROJECT: Final = _project("plan-vivo", projects.PLATFORM)
UK_LAND_CARBON_PROJECT: Final = _project("uk-land-carbon", projects.PLATFORM)
UNDP_PROJECT: Final = _project("undp", projects.UNDP)
ISOMETRIC_PROJECT: Final = _project("isometric", projects.ISOMETRIC)
PURO_PROJECT: Final = _project("puro", projects.PURO)
SOCIAL_CARBON_PROJECT: Final = _project("social-carbon", projects.SOCIAL_CARBON)
ICR_PROJECT: Final = _project("icr", projects.ICR)
JCM_PROJECT: Final = _project("jcm", projects.JCM)
CDOP_PROJECT: Final = _project("cdop", projects.CDOP)
CAD_TRUST_PROJECT: Final = PROJECT_TABLES.setdefault(
    "cad-trust", by_value(ProjectStatus, "cad-trust-project-status", projects.CAD_TRUST_SPELLINGS)
)

VERRA_UNIT: Final = _unit("verra", units.PLATFORM)
GOLD_STANDARD_UNIT: Final = _unit("gold-standard", units.GOLD_STANDARD)
ACR_UNIT: Final = _unit("acr", units.GREENTRACE)
ART_UNIT: Final = _unit("art", units.GREENTRACE)
CAR_UNIT: Final = _unit("car", units.CAR)
ARB_UNIT: Final = _unit("arb", units.ARB)
CDM_UNIT: Final = _unit("cdm", units.CDM)
ECOREGISTRY_UNIT: Final = _unit("ecoregistry", units.ECOREGISTRY)
CERCARBONO_UNIT: Final = _unit("cercarbono", units.ECOREGISTRY)
BIOCARBON_UNIT: Final = _unit("biocarbon", units.BIOCARBON)
GCC_UNIT: Final = _unit("gcc", units.PLATFORM)
PLAN_VIVO_UNIT: Final = _unit("plan-vivo", units.PLATFORM)
UK_LAND_CARBON_UNIT: Final = _unit("uk-land-carbon", units.PLATFORM)
UNDP_UNIT: Final = _unit("undp", units.UNDP)
ISOMETRIC_UNIT: Final = _unit("isometric", units.ISOMETRIC)
PURO_UNIT: Final = _unit("puro", units.PURO)
SOCIAL_CARBON_UNIT: Final = _unit("social-carbon", units.SOCIAL_CARBON)
ICR_UNIT: Final = _unit("icr", units.ICR)
JCM_UNIT: Final = _unit("jcm", units.JCM)
CDOP_UNIT: Final = _unit("cdop", units.CDOP)
CAD_TRUST_UNIT: Final = UNIT_TABLES.setdefault(
    "cad-trust", by_value(UnitStatus, "cad-trust-unit-status", units.CAD_TRUST_SPELLINGS)
)

# What a cancellation was for: conversion into another programme's credit is Exported.
ACR_CANCELLATION: Final = Table("acr-cancellation-reason", units.GREENTRACE_REASONS, fold=words)
CAR_CANCELLATION: Final = Table("car-cancellation-reason", units.CAR_REASONS, fold=words)

_OPEN = frozenset((None, ProjectStatus.LISTED, ProjectStatus.REGISTERED))
# What became of a project that the platform only calls terminated.
_ENDS = frozenset((ProjectStatus.WITHDRAWN, ProjectStatus.TRANSITIONED))


def greentrace_project_status(
    status: str | None,
    listing: str | None = None,
    issued: int = 0,
    table: Table[ProjectStatus] = ACR_PROJECT,
) -> ProjectStatus | None:
    """The status of an ACR or ART project from GreenTrace's two fields, by the registry's table.

    `status` is `projectStatus` (ACTIVE, COMPLETED, TERMINATED), `listing` the
    `projectListingStatus` that only the detail has. An ACTIVE project is Registered where the
    detail says so, or credits were issued and it says nothing; without either, nobody can tell,
    and it is None. A TERMINATED one is Inactive, unless the detail says that it was cancelled or
    went over to another programme.
    """
    plain, told = table(status), table(listing)
    if plain in _OPEN:
        active = plain is None and words(status or "") == "active"
        return told or (ProjectStatus.REGISTERED if active and issued > 0 else plain)
    return told if plain is ProjectStatus.INACTIVE and told in _ENDS else plain


def greentrace_list_decides(status: str | None, table: Table[ProjectStatus] = ACR_PROJECT) -> bool:
    """Whether `projectStatus` alone, which is all that a list has, is enough: whether no
    `projectListingStatus` could make another status of it."""
    plain = table(status)
    return plain not in _OPEN and plain is not ProjectStatus.INACTIVE


def apx_project_status(voluntary: str | None, compliance: str | None) -> ProjectStatus | None:
    """The status of an ACR or CAR row that has a voluntary and a compliance column.

    The voluntary one decides; a compliance project has none and goes by the other.
    """
    for table in (ACR_PROJECT, CAR_PROJECT):
        found = table(voluntary)
        if found is not None:
            return found
    for table in (ACR_PROJECT, CAR_PROJECT):
        found = table(compliance)
        if found is not None:
            return found
    return None
