"""Views of the tenants that S&P Global serves under its own name: the same rows, other columns.

Measured on Plan Vivo: `projectType` holds the vocabulary, `accountName` the project's developer,
`standardName` the programme; `vcsProjectId`, `sectoralScope` and `methodologies` are null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.activities import nothing, sector_fields, sector_words_of, type_fields, type_words_of
from adapters.contract import Code
from adapters.sp_children import (
    all_methodologies,
    certified,
    certified_when_cancelled,
    estimations,
    first_methodology,
)
from adapters.sp_rows import Ledger, Row
from adapters.sp_units import ADJUSTMENT, CancelledUnit, HeldUnit, RetiredUnit
from adapters.sp_views import (
    LedgerProject,
    PlatformIssuance,
    PlatformProject,
    parent_of,
    project_number,
    serial_text,
)
from gateway.harmonise.dates import iso_date
from gateway.harmonise.table import Table
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.picklists import ProjectStatus
from gateway.model.record import Identifier, Record
from gateway.model.rule import numbered
from gateway.model.unit import UnitRecord

SUBJECT = "sp-global"
OPTIONAL = frozenset(
    ("sectoralScope", "methodologies", "additionalCertification", "corrAdjustmentName", "unitClass")
)


@dataclass(frozen=True)
class Site:
    """What a tenant's records say by being in this registry.

    `page` is a project's page, with `{number}` and `{standard}`; `paths` is how that page writes
    a `standardName`. `planned` tells the unit types that are issued ahead of the facts. `fills`
    names the columns that this tenant fills and others leave null, of `OPTIONAL`.
    """

    key: str
    name: str
    page: str
    statuses: Table[ProjectStatus]
    planned: Table[bool]
    fills: frozenset[str] = frozenset()
    program: str | None = None
    paths: Mapping[str, str] = field(default_factory=dict)

    def schemes(self) -> dict[str, Entity]:
        """The identifier schemes of this registry."""
        return {
            f"{self.key}.project": Entity.PROJECT,
            f"{self.key}.serial": Entity.UNIT,
            f"{self.key}.issuance": Entity.ISSUANCE,
        }

    def codes(self, project: str, serial: str) -> dict[str, Code]:
        """What the codes of these schemes look like, by an example of each."""
        return {
            scheme: Code(entity, project if entity is Entity.PROJECT else serial)
            for scheme, entity in self.schemes().items()
        }


class PageLink:
    """The rule that gives a project's page in the public registry."""

    def __init__(self, site: Site) -> None:
        self._page, self._paths = site.page, dict(site.paths)
        self.rule = numbered(f"link.{site.key}", 1)

    def __call__(self, row: Any) -> str | None:
        standard = self._paths.get(row.standardName or "")
        if row.projectId is None or (self._paths and standard is None):
            return None
        return self._page.format(number=row.projectId, standard=standard)

    def recipe(self) -> dict[str, Any]:
        """The rule as provenance publishes it."""
        return {"rule": self.rule, "page": self._page, "paths": self._paths}


class Codes:
    """The rule that gives the identifiers of a project, an issuance or a block."""

    def __init__(self, scheme: str, *, of_project: bool = False) -> None:
        self._scheme, self._of_project = scheme, of_project
        self.rule = numbered(f"identifier.{scheme}", 1)

    def __call__(self, row: Row) -> tuple[Identifier, ...]:
        value = project_number(row) if self._of_project else serial_text(row)
        return (Identifier(self._scheme, value),) if value else ()

    def recipe(self) -> dict[str, Any]:
        """The rule as provenance publishes it."""
        return {"rule": self.rule, "scheme": self._scheme}


def developer(row: Row) -> str | None:
    """The account that the project is in, unless it is kept private."""
    return None if row.considerAccountPrivate else row.accountName or None


def project_views(site: Site) -> tuple[type[PlatformProject], type[LedgerProject]]:
    """The view of a tenant's projects, and of a project as the other ledgers repeat it."""

    methods = all_methodologies if "methodologies" in site.fills else nothing

    class TenantProject(PlatformProject):
        __slots__ = ()
        identifiers = computed(Codes(f"{site.key}.project", of_project=True), "projectId")
        current_registry = constant(site.name)
        registry_of_origin = constant(site.name)
        program = constant(site.program) if site.program else wire("standardName")
        project_link = computed(PageLink(site), "projectId", "standardName")
        project_developer = computed(developer, "accountName", "considerAccountPrivate")
        project_status = mapped("status", site.statuses)
        registration_date = mapped("projectRegistrationDate", iso_date)
        project_type, project_types, project_type_basis = type_fields(
            type_words_of("projectType"), methods, "projectType", "methodologies"
        )
        project_type_raw = raw("projectType")
        estimations = computed(estimations, "creditPeriodStartDate", "creditPeriodEndDate")
        if "sectoralScope" in site.fills:
            sector, sectors, sector_basis = sector_fields(
                sector_words_of("sectoralScope"), methods, "sectoralScope", "methodologies"
            )
            sector_raw = raw("sectoralScope")
        if "methodologies" in site.fills:
            methodology = computed(first_methodology, "methodologies")
            methodology_raw = raw("methodologies")
            methodologies = computed(all_methodologies, "methodologies")

    class TenantParent(LedgerProject):
        __slots__ = ()
        program = constant(site.program) if site.program else wire("standardName")
        registry_of_origin = constant(site.name)

    return TenantProject, TenantParent


def tenant_views(site: Site) -> dict[Ledger, type[Record[Any]]]:
    """The views of all ledgers of a tenant."""
    link, planned = PageLink(site), mapped("unitType", site.planned)
    issued, block = Codes(f"{site.key}.issuance"), Codes(f"{site.key}.serial")
    project, parent = project_views(site)
    above = computed(parent_of(parent), "projectId", "projectName", "countryName")

    class TenantIssuance(PlatformIssuance):
        __slots__ = ()
        identifiers = computed(issued, "serialNo")
        parent = above
        if "additionalCertification" in site.fills:
            labels = computed(certified, "additionalCertification")

    class TenantCredits(UnitRecord[Any]):
        __slots__ = ()
        identifiers = computed(block, "serialNo")
        parent = above
        is_ex_ante = planned
        unit_registry_link = computed(link, "projectId", "standardName")
        if "additionalCertification" in site.fills:
            labels = computed(certified, "additionalCertification")
        if "corrAdjustmentName" in site.fills:
            corresponding_adjustment_status = mapped("corrAdjustmentName", ADJUSTMENT)

    class TenantHeld(TenantCredits, HeldUnit):
        __slots__ = ()
        if "unitClass" in site.fills:
            unit_tags = wire("unitClassName")

    class TenantRetired(TenantCredits, RetiredUnit):
        __slots__ = ()
        if "unitClass" in site.fills:
            unit_tags = wire("className")

    class TenantCancelled(CancelledUnit):
        __slots__ = ()
        identifiers = computed(block, "serial_no")
        parent = above
        is_ex_ante = planned
        unit_registry_link = computed(link, "projectId", "standardName")
        if "unitClass" in site.fills:
            unit_tags = wire("unit_class_name")
        if "additionalCertification" in site.fills:
            labels = computed(certified_when_cancelled, "additional_certification")
        if "corrAdjustmentName" in site.fills:
            corresponding_adjustment_status = mapped("corresponding_adjustment_status", ADJUSTMENT)

    return {
        Ledger.PROJECT: project,
        Ledger.ISSUANCES: TenantIssuance,
        Ledger.HOLDINGS: TenantHeld,
        Ledger.RETIREMENTS: TenantRetired,
        Ledger.CANCELLATIONS: TenantCancelled,
    }
