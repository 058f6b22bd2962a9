"""Verra: the Verified Carbon Standard (VCS) on the S&P Global registry platform.

Source: https://registry.verra.org, whose front end reads the platform's JSON interface (see
`adapters.sp_platform` for its quirks). What is Verra's own:

- `appkey` is a public client key that every visitor is given at
  https://registry.verra.org/config/environment.config.json; the operator configures it.
- The project number is `projectId`; the world writes it 1529, VCS1529, VCS-1529 or "VCS 1529".
- The interface before July 2026 (`/uiapi/...`) answers with a web page and status 200.
- JNR, CCB, SD VISta, PWRS and S3S are other standards, not this registry key.
- Only the serial says the days of a vintage; `vintage` says its years, the last of which counts.
- Personal data: retirements carry `emailNotification`, which is not decoded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from adapters.activities import sector_fields, sector_words_of, type_fields
from adapters.contract import Code, Page, RegistryInfo, Source
from adapters.sp_children import (
    all_methodologies,
    certified,
    certified_when_cancelled,
    elsewhere,
    estimations,
    first_methodology,
    goals,
)
from adapters.sp_platform import BASE_URL, EXPECT_ROWS, Platform, Tenant, identity
from adapters.sp_rows import Ledger, ProjectRow
from adapters.sp_search import Criterion, Standard
from adapters.sp_units import ADJUSTMENT, CancelledUnit, HeldUnit, RetiredUnit
from adapters.sp_views import (
    LedgerProject,
    PlatformIssuance,
    PlatformProject,
    parent_of,
    serial_text,
)
from gateway.harmonise.dates import iso_date
from gateway.harmonise.labels import labels
from gateway.harmonise.project_types import type_words
from gateway.harmonise.sectors import AFOLU, sector_words, sectors
from gateway.harmonise.statuses import VERRA_PROJECT
from gateway.harmonise.unit_types import kind, typed
from gateway.harmonise.wordlist import Words
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped, raw
from gateway.model.picklists import UnitType
from gateway.model.record import Identifier, Record
from gateway.model.rule import rule
from gateway.model.unit import UnitRecord

SUBJECT = "verra"
# So many spellings of ids of other programmes are asked for in one search.
NAMED_AT_ONCE = 200

INFO = RegistryInfo(
    key="verra",
    name="Verra",
    operator="Verra; registry system by S&P Global",
    url="https://registry.verra.org",
    base_url=BASE_URL,
    terms="Public registry data, shown under the registry's own terms of use.",
    attribution="Verra Registry",
    known_as=("Verra", "Verra Registry", "VCS", "Verified Carbon Standard"),
    schemes=("verra.vcs", "verra.serial", "verra.issuance", "offsetsdb"),
    strict_project_keys=True,
    codes={
        "verra.vcs": Code(Entity.PROJECT, "901002"),
        "offsetsdb": Code(Entity.PROJECT, "VCS901002"),
        "verra.serial": Code(
            Entity.UNIT,
            "60003-9000000633-9000003268-VCS-VCU-280-VER-NA-1-901002-01012018-31122018-1",
        ),
        "verra.issuance": Code(
            Entity.ISSUANCE,
            "60003-9000000001-9000009988-VCS-VCU-280-VER-NA-1-901002-01012018-31122018-1",
        ),
    },
    credential="appkey",
    headers=identity("VERRA", "https://registry.verra.org", ("150000000000001", "VCS")),
    options={
        EXPECT_ROWS: "VCS.project VCS.issuances VCS.holdings VCS.retirements VCS.cancellations"
    },
    verified="2026-07-27",
    notes="Holdings: not verified against a live host.",
)
_ROLE = re.compile(r"(?:(?<!\s)\s++)?+\((?:PP|AR|IE|[A-Z]{2})\)\s*+(?=;|,|$)")


def page_link(row: Any) -> str | None:
    """The project's page in the public registry."""
    if row.projectId is None:
        return None
    return f"https://registry.verra.org/verra/public/program/VCS/projects/{row.projectId}"


def codes(row: ProjectRow) -> tuple[Identifier, ...]:
    """The project's number, and the code that public data sets make of it."""
    number = str(row.projectId)
    return (Identifier("verra.vcs", number), Identifier("offsetsdb", f"VCS{number}"))


def serials(row: Any) -> tuple[Identifier, ...]:
    """The block's serial."""
    text = serial_text(row)
    return (Identifier("verra.serial", text),) if text else ()


def issued_serials(row: Any) -> tuple[Identifier, ...]:
    """The serial of a whole issuance; a block may have the same one."""
    text = serial_text(row)
    return (Identifier("verra.issuance", text),) if text else ()


def developers(row: ProjectRow) -> str | None:
    """The proponents without the mark of their role, as in `Name (PP)`."""
    return _ROLE.sub("", row.proponents or "").strip() or None


def activities(row: ProjectRow) -> Words[str]:
    """The AFOLU activities as project types, else the scopes that are one activity."""
    said = type_words(row.afoluNames)
    if said.values:
        return said
    unknown = said.unknown or sector_words(row.sectoralScope).unknown
    return Words(type_words(row.sectoralScope).values, unknown)


SECTOR = sector_fields(
    sector_words_of("sectoralScope"), all_methodologies, "sectoralScope", "methodologies"
)
TYPE = type_fields(activities, all_methodologies, "afoluNames", "sectoralScope", "methodologies")


def stands_for(row: Any) -> UnitType | None:
    """Reduction or removal, as the block's labels say, of nature where the scope is land use."""
    return _stands_for(row.additionalCertification, row.sectoralScope)


def cancelled_stood_for(row: Any) -> UnitType | None:
    """The same, under the name that cancellations give the labels."""
    return _stands_for(row.additional_certification, row.sectoralScope)


def kind_text(row: Any) -> str | None:
    """The labels that say reduction or removal, in Verra's words."""
    return _kinds(row.additionalCertification)


def cancelled_kind_text(row: Any) -> str | None:
    """The same, under the name that cancellations give the labels."""
    return _kinds(row.additional_certification)


def _kinds(certification: str | None) -> str | None:
    return "; ".join(one.raw for one in labels(certification) if kind(one.raw)) or None


@rule("stands-for-texts")
def _stands_for(certification: str | None, scope: str | None) -> UnitType | None:
    told = {found for one in labels(certification) if (found := kind(one.raw))}
    scopes = set(sectors(scope))
    if len(told) != 1 or not scopes or (AFOLU in scopes and len(scopes) > 1):
        return None
    return typed(told.pop().value, scopes == {AFOLU})


class VerraProject(PlatformProject):
    """A VCS project."""

    __slots__ = ()
    identifiers = computed(codes, "projectId")
    current_registry = constant("Verra")
    registry_of_origin = constant("Verra")
    program = constant("VCS")
    project_link = computed(page_link, "projectId")
    project_developer = computed(developers, "proponents")
    project_status = mapped("status", VERRA_PROJECT)
    registration_date = mapped("verraProjectRegistrationDate", iso_date)
    sector, sectors, sector_basis = SECTOR
    sector_raw = raw("sectoralScope")
    project_type, project_types, project_type_basis = TYPE
    project_type_raw = raw("afoluNames", "sectoralScope")
    methodology = computed(first_methodology, "methodologies")
    methodology_raw = raw("methodologies")
    methodologies = computed(all_methodologies, "methodologies")
    co_benefits = computed(goals, "sdContributions")
    estimations = computed(
        estimations,
        "creditPeriodStartDate",
        "creditPeriodEndDate",
        "avgAnnualVolVcu",
        "estimatedEmissionsAnnualReduction",
        "estimatedAnnualCarbonDioxideRemovals",
    )
    labels = computed(certified, "additionalCertification")
    related_projects = computed(elsewhere, "otherGhgProgramName", "otherGhgProgramId")


class VerraParent(LedgerProject):
    """A VCS project as the rows of its issuances and units repeat it."""

    __slots__ = ()
    program = constant("VCS")
    registry_of_origin = constant("Verra")
    sector, sectors, sector_basis = SECTOR
    sector_raw = raw("sectoralScope")
    methodology = computed(first_methodology, "methodologies")
    methodology_raw = raw("methodologies")
    methodologies = computed(all_methodologies, "methodologies")


parent = computed(parent_of(VerraParent), "projectId", "projectName", "countryName")


class VerraIssuance(PlatformIssuance):
    """One issuance of Verified Carbon Units."""

    __slots__ = ()
    identifiers = computed(issued_serials, "serialNo")
    parent = parent
    labels = computed(certified, "additionalCertification")


class _Credits(UnitRecord[Any]):
    """What the ledgers of held and of retired units say alike; cancellations have other columns."""

    __slots__ = ()
    identifiers = computed(serials, "serialNo")
    parent = parent
    unit_registry_link = computed(page_link, "projectId")
    is_ex_ante = constant(False)
    corresponding_adjustment_status = mapped("corrAdjustmentName", ADJUSTMENT)
    unit_type = computed(stands_for, "additionalCertification", "sectoralScope")
    unit_type_raw = computed(kind_text, "additionalCertification")
    labels = computed(certified, "additionalCertification")


class VerraHeld(_Credits, HeldUnit):
    """Verified Carbon Units in an account or in the buffer."""

    __slots__ = ()


class VerraRetired(_Credits, RetiredUnit):
    """Retired Verified Carbon Units."""

    __slots__ = ()


class VerraCancelled(CancelledUnit):
    """Cancelled Verified Carbon Units."""

    __slots__ = ()
    identifiers = computed(serials, "serial_no")
    parent = parent
    unit_registry_link = computed(page_link, "projectId")
    is_ex_ante = constant(False)
    corresponding_adjustment_status = mapped("corresponding_adjustment_status", ADJUSTMENT)
    unit_type = computed(cancelled_stood_for, "additional_certification", "sectoralScope")
    unit_type_raw = computed(cancelled_kind_text, "additional_certification")
    labels = computed(certified_when_cancelled, "additional_certification")


TENANT = Tenant(
    registry="VERRA",
    standards=(Standard("VCS"),),
    views={
        Ledger.PROJECT: VerraProject,
        Ledger.ISSUANCES: VerraIssuance,
        Ledger.HOLDINGS: VerraHeld,
        Ledger.RETIREMENTS: VerraRetired,
        Ledger.CANCELLATIONS: VerraCancelled,
    },
    statuses=VERRA_PROJECT,
    code=re.compile(r"(?:vc[su][\s-]?)?0*([0-9]{1,18})", re.IGNORECASE),
    schemes={
        "verra.vcs": Entity.PROJECT,
        "offsetsdb": Entity.PROJECT,
        "verra.serial": Entity.UNIT,
        "verra.issuance": Entity.ISSUANCE,
    },
    # Counted on 2026-07-27. Nobody has counted the holdings, so a scan of all units costs more.
    rows={
        Ledger.PROJECT: 5_245,
        Ledger.ISSUANCES: 19_521,
        Ledger.RETIREMENTS: 305_145,
        Ledger.CANCELLATIONS: 1_778,
    },
)


class Verra(Platform):
    """The adapter of the Verified Carbon Standard."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, TENANT)

    async def naming(self, source: Source, codes: Sequence[str]) -> Page:
        """The projects that name any of these ids of another programme."""
        records: list[Record[Any]] = []
        for at in range(0, len(codes), NAMED_AT_ONCE):
            asked = Criterion("otherGhgProgramId", tuple(codes[at : at + NAMED_AT_ONCE]))
            walk = await self._walk(source, [(Ledger.PROJECT, (asked,))])
            records += await walk.everything()
        return Page(records)


adapter = Verra()
