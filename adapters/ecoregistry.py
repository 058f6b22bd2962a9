"""EcoRegistry: the standards on its platform that are no registry of their own here.

See `adapters.ecoregistry_platform` for the platform and its quirks. What is its own: the list
is that of all standards, less Cercarbono's carbon standard, which is told under its own key. Its
credits may be tonnes, or hectares of something else: what one is stands in a project's detail
alone. The list of all standards was not captured: its rows are taken to be those of one
standard's list, which were.
"""

from __future__ import annotations

import re

from adapters.contract import Code, RegistryInfo
from adapters.ecoregistry_platform import BASE_URL, HEADERS, Platform, Standards
from adapters.ecoregistry_rows import Issued, Project, ProjectRow, Retired
from adapters.ecoregistry_views import (
    OriginOf,
    OriginText,
    PlatformBuffered,
    PlatformIssuance,
    PlatformProject,
    PlatformRetired,
)
from gateway.harmonise.picklist import by_value
from gateway.harmonise.statuses import ECOREGISTRY_PROJECT
from gateway.harmonise.table import fold
from gateway.model import picklists as pick
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped, wire
from gateway.model.record import Identifier

SUBJECT = "ecoregistry"
NAME = "EcoRegistry"
CODE = "ecoregistry.code"
PAGE = "https://www.ecoregistry.io/projects/"
METRIC = by_value(pick.UnitMetric, "ecoregistry-credit-unit")
# The names of standards that have a registry key of their own.
TOLD_ELSEWHERE = frozenset(("carbono",))

INFO = RegistryInfo(
    key="ecoregistry",
    name=NAME,
    operator="EcoRegistry",
    url="https://www.ecoregistry.io",
    base_url=BASE_URL,
    terms="Public without an account; no licence is stated with the interface.",
    attribution="EcoRegistry",
    known_as=("EcoRegistry", "Eco Registry"),
    schemes=(CODE,),
    codes={
        CODE: Code(Entity.PROJECT, "CDB-9002"),
    },
    by_code={Entity.UNIT: "unit_serial_id"},
    headers=HEADERS,
    verified="2026-07-28",
    notes="The list of all standards was not captured; issuances, retirements and details were. "
    "Credits of some standards are no tonnes.",
)

_CODE = re.compile(r"\s*([A-Z]{2,6})[\s_-]*(\d{1,9})\s*", re.IGNORECASE | re.ASCII)


def project_code(text: str) -> str | None:
    """`CDB-1`, also for `cdb 1`; Cercarbono's carbon codes are told elsewhere."""
    found = _CODE.fullmatch(text)
    letters = found[1].upper() if found else "CDC"
    return None if found is None or letters == "CDC" else f"{letters}-{found[2]}"


def identifiers(row: Project) -> tuple[Identifier, ...]:
    return (Identifier(CODE, row.listed.code),)


def link(row: Project) -> str:
    return f"{PAGE}{row.listed.id}"


def ours(row: ProjectRow) -> bool:
    """Whether the project's standard is told here."""
    return fold(row.standard or "") not in TOLD_ELSEWHERE


class EcoRegistryProject(PlatformProject):
    __slots__ = ()
    identifiers = computed(identifiers, "listed.code")
    current_registry = constant(NAME)
    registry_of_origin = computed(OriginOf(NAME), "listed.convertedFromLink")
    registry_of_origin_raw = computed(OriginText(NAME), "listed.convertedFromLink")
    program = wire("listed.standard")
    project_link = computed(link, "listed.id")
    project_status = mapped("listed.projectStage", ECOREGISTRY_PROJECT)
    unit_metric = mapped("detail.creditUnit", METRIC)
    late = PlatformProject.late | {"unit_metric"}


class EcoRegistryIssuance(PlatformIssuance):
    __slots__ = ()


def buffered_page(row: Issued) -> str:
    return f"{PAGE}{row.project.id}"


class EcoRegistryBuffered(PlatformBuffered):
    __slots__ = ()
    unit_registry_link = computed(buffered_page, "project.id")


def retired_page(row: Retired) -> str:
    return f"{PAGE}{row.project.id}"


class EcoRegistryRetired(PlatformRetired):
    __slots__ = ()
    unit_registry_link = computed(retired_page, "project.id")


STANDARDS = Standards(
    path="/project/public",
    project=EcoRegistryProject,
    issuance=EcoRegistryIssuance,
    buffered=EcoRegistryBuffered,
    retired=EcoRegistryRetired,
    code_scheme=CODE,
    codes=project_code,
    ours=ours,
)


class EcoRegistry(Platform):
    """The registry of the other standards on EcoRegistry's platform."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, STANDARDS)


adapter = EcoRegistry()
