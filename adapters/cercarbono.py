"""Cercarbono's carbon standard, on EcoRegistry's platform.

See `adapters.ecoregistry_platform` for the platform and its quirks. What is its own: projects
have codes such as `CDC-271`, credits are tonnes, and two projects were converted in from
BioCarbon. Cercarbono's other standards, whose credits are no tonnes, are told by EcoRegistry.
"""

from __future__ import annotations

import re

from adapters.contract import Code, RegistryInfo
from adapters.ecoregistry_platform import BASE_URL, HEADERS, Platform, Standards
from adapters.ecoregistry_rows import Issued, Project, Retired
from adapters.ecoregistry_views import (
    OriginOf,
    OriginText,
    PlatformBuffered,
    PlatformIssuance,
    PlatformProject,
    PlatformRetired,
)
from gateway.harmonise.statuses import CERCARBONO_PROJECT
from gateway.model import picklists as pick
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped
from gateway.model.record import Identifier

SUBJECT = "cercarbono"
NAME = "Cercarbono"
CODE = "cercarbono.code"
PAGE = "https://registry.cercarbono.com/projects/"

INFO = RegistryInfo(
    key="cercarbono",
    name=NAME,
    operator="Cercarbono; registry system by EcoRegistry",
    url="https://registry.cercarbono.com",
    base_url=BASE_URL,
    terms="Public without an account; no licence is stated with the interface.",
    attribution="Cercarbono, EcoRegistry",
    known_as=("Cercarbono", "Cercarbono Standard", "CDC"),
    schemes=(CODE,),
    codes={
        CODE: Code(Entity.PROJECT, "CDC-9003"),
    },
    by_code={Entity.UNIT: "unit_serial_id"},
    headers=HEADERS,
    verified="2026-07-28",
    notes="Units are what was retired and what was issued to the buffer; what is still held, and "
    "what was cancelled, is not published.",
)

_CODE = re.compile(r"\s*CDC[\s_-]*0*([1-9]\d{0,8})\s*", re.IGNORECASE | re.ASCII)


def project_code(text: str) -> str | None:
    """`CDC-271`, also for `cdc 271` and `CDC271`."""
    found = _CODE.fullmatch(text)
    return f"CDC-{found[1]}" if found else None


def identifiers(row: Project) -> tuple[Identifier, ...]:
    return (Identifier(CODE, row.listed.code),)


def link(row: Project) -> str:
    return f"{PAGE}{row.listed.id}"


class CercarbonoProject(PlatformProject):
    __slots__ = ()
    identifiers = computed(identifiers, "listed.code")
    current_registry = constant(NAME)
    registry_of_origin = computed(OriginOf(NAME), "listed.convertedFromLink")
    registry_of_origin_raw = computed(OriginText(NAME), "listed.convertedFromLink")
    program = constant(NAME)
    project_link = computed(link, "listed.id")
    project_status = mapped("listed.projectStage", CERCARBONO_PROJECT)
    unit_metric = constant(pick.UnitMetric.TCO2E)


class CercarbonoIssuance(PlatformIssuance):
    __slots__ = ()


def buffered_page(row: Issued) -> str:
    return f"{PAGE}{row.project.id}"


class CercarbonoBuffered(PlatformBuffered):
    __slots__ = ()
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_registry_link = computed(buffered_page, "project.id")


def retired_page(row: Retired) -> str:
    return f"{PAGE}{row.project.id}"


class CercarbonoRetired(PlatformRetired):
    __slots__ = ()
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_registry_link = computed(retired_page, "project.id")


STANDARDS = Standards(
    path="/project/public-by-standard/cercarbono-co2",
    project=CercarbonoProject,
    issuance=CercarbonoIssuance,
    buffered=CercarbonoBuffered,
    retired=CercarbonoRetired,
    code_scheme=CODE,
    codes=project_code,
    unit="tCO2e",
)


class Cercarbono(Platform):
    """The registry of Cercarbono's carbon standard."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, STANDARDS)


adapter = Cercarbono()
