"""The record views of one registry on GreenTrace: its names, codes and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.activities import looked_up, sector_fields, type_fields, type_words_of
from adapters.arb import CODE as ARB_CODE
from adapters.arb import SCHEME as ARB
from adapters.arb import arb_id
from adapters.children import Method
from adapters.contract import Code
from adapters.greentrace_rows import DetailRow, EventRow, HoldingRow, SummaryRow, block, code
from adapters.greentrace_statuses import Statuses
from adapters.greentrace_tables import NATURE, SECTOR
from adapters.greentrace_views import (
    GreenTraceDetail,
    GreenTraceIssuance,
    GreenTraceParent,
    GreenTraceSummary,
    GreenTraceUnit,
)
from gateway.harmonise.methodologies import methodologies_of
from gateway.harmonise.project_types import names_no_type
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, raw
from gateway.model.record import Identifier, Origin
from gateway.model.rule import numbered

SUBJECT = "greentrace"
SITE = "https://greentrace.ice.com"
OFFSETSDB = "offsetsdb"
_DECIDED = GreenTraceSummary.late - {"project_status"}


@dataclass(frozen=True, slots=True)
class Tenant:
    """What makes one registry of the platform.

    `registry` is the platform's key of it, `prefix` what its project codes begin with, `program`
    the one whose titles its methodologies go by. `rows` is how many projects, issued blocks and
    holdings there were when they were counted, `statuses` its words for states.
    """

    key: str
    name: str
    registry: str
    prefix: str
    program: str
    rows: tuple[int, int, int]
    statuses: Statuses
    compliance: bool = False

    @property
    def code(self) -> str:
        """The scheme of its project codes."""
        return f"{self.key}.project"

    @property
    def serial(self) -> str:
        """The scheme of its serials."""
        return f"{self.key}.serial"

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes of all its identifiers."""
        return self.code, self.serial, OFFSETSDB, *((ARB,) if self.compliance else ())

    @property
    def codes(self) -> dict[str, Code]:
        """What the codes of these schemes look like."""
        project = Code(Entity.PROJECT, f"{self.prefix}9004")
        serial = Code(Entity.UNIT, f"{self.prefix}-US-9004-2018-60005-1 to 799")
        codes = {self.code: project, OFFSETSDB: project, self.serial: serial}
        return codes | ({ARB: ARB_CODE} if self.compliance else {})


@dataclass(frozen=True, slots=True)
class Views:
    """The record types of one registry: a project in the list and on its own page, and so on."""

    summary: type[GreenTraceSummary]
    detail: type[GreenTraceDetail]
    issuance: type[GreenTraceIssuance]
    unit: type[GreenTraceUnit]


class Codes:
    """The rule that gives a project's identifiers."""

    def __init__(self, tenant: Tenant) -> None:
        self._scheme, self._compliance = tenant.code, tenant.compliance
        self.rule = numbered(f"identifier.{tenant.code}", 1)

    def __call__(self, row: SummaryRow | DetailRow) -> tuple[Identifier, ...]:
        plain = code(row.projectId if isinstance(row, SummaryRow) else row.projectReferenceId)
        arb = arb_id(row.projectExtensionMap.complianceProjectId)
        more = (Identifier(ARB, arb),) if arb and self._compliance else ()
        return Identifier(self._scheme, plain), Identifier(OFFSETSDB, plain), *more


class Serials:
    """The rule that gives a block's identifier, where its serial names a range."""

    def __init__(self, tenant: Tenant) -> None:
        self._scheme = tenant.serial
        self.rule = numbered(f"identifier.{tenant.serial}", 1)

    def __call__(self, row: HoldingRow) -> tuple[Identifier, ...]:
        text = row.holdingSerialNumber
        return (Identifier(self._scheme, text),) if text and block(text) else ()


class PageLink:
    """The rule that gives a project's page in the public front end."""

    def __init__(self, tenant: Tenant) -> None:
        self._base = f"{SITE}/{tenant.key}/projects/registry/{tenant.registry}/project/"
        self.rule = numbered(f"link.{tenant.key}", 1)

    def __call__(self, row: SummaryRow | DetailRow) -> str:
        return f"{self._base}{row.projectKey}"

    def recipe(self) -> dict[str, Any]:
        """The rule as provenance publishes it."""
        return {"rule": self.rule, "base": self._base}


class Methods:
    """The rule that reads the methodology by its title."""

    def __init__(self, tenant: Tenant) -> None:
        self._read = methodologies_of(tenant.program)
        self.rule = numbered(f"methods.{tenant.key}", 1)

    def __call__(self, row: SummaryRow | DetailRow) -> tuple[Method, ...]:
        if isinstance(row, SummaryRow):
            return tuple(map(Method, self._read(row.projectMethodology)))
        return tuple(map(Method, self._read(row.projectMethodologyName)))


class FirstMethod(Methods):
    """The rule that gives the first methodology's code."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant)
        self.rule = numbered(f"methodology.{tenant.key}", 1)

    def __call__(self, row: SummaryRow | DetailRow) -> Any:
        found = super().__call__(row)
        return found[0].methodology_code if found else None


def credit_page(row: HoldingRow) -> str | None:
    """The block's page in the public front end."""
    return f"{SITE}{row.creditLink.url}" if row.creditLink.url else None


def known(text: str) -> bool:
    """Whether the type is one that lies in no one sector."""
    return text in NATURE or names_no_type(text)


def views_of(tenant: Tenant) -> Views:
    """The record types of the registry."""
    codes, serials, link = Codes(tenant), Serials(tenant), PageLink(tenant)
    methods, first = Methods(tenant), FirstMethod(tenant)
    told = tenant.statuses

    class Summary(GreenTraceSummary):
        __slots__ = ()
        identifiers = computed(codes, "projectId", "projectExtensionMap.complianceProjectId")
        current_registry = constant(tenant.name)
        registry_of_origin = constant(tenant.name)
        project_link = computed(link, "projectKey")
        project_status = computed(told.listed, "projectStatus")
        methodology = computed(first, "projectMethodology")
        methodology_raw = raw("projectMethodology")
        methodologies = computed(methods, "projectMethodology")
        sector, sectors, sector_basis = sector_fields(
            looked_up("projectType", SECTOR, known), methods, "projectType", "projectMethodology"
        )
        project_type, project_types, project_type_basis = type_fields(
            type_words_of("projectType"), methods, "projectType", "projectMethodology"
        )

        @property
        def not_read(self) -> frozenset[str]:
            return _DECIDED if told.decides(self.row) else self.late

    class Detail(GreenTraceDetail):
        __slots__ = ()
        identifiers = computed(
            codes, "projectReferenceId", "projectExtensionMap.complianceProjectId"
        )
        current_registry = constant(tenant.name)
        registry_of_origin = constant(tenant.name)
        project_link = computed(link, "projectKey")
        project_status = computed(
            told.paged, "projectStatus", "projectListingStatus", "projectHoldingsTotalQuantity"
        )
        project_status_raw = computed(told.paged_text, "projectStatus", "projectListingStatus")
        methodology = computed(first, "projectMethodologyName")
        methodology_raw = raw("projectMethodologyName")
        methodologies = computed(methods, "projectMethodologyName")
        sector, sectors, sector_basis = sector_fields(
            looked_up("projectTypeName", SECTOR, known),
            methods,
            "projectTypeName",
            "projectMethodologyName",
        )
        project_type, project_types, project_type_basis = type_fields(
            type_words_of("projectTypeName"), methods, "projectTypeName", "projectMethodologyName"
        )

    class Parent(GreenTraceParent):
        __slots__ = ()
        registry_of_origin = constant(tenant.name)

    class Issuance(GreenTraceIssuance):
        __slots__ = ()

        def __init__(self, row: EventRow, origin: Origin, place: str | int = "") -> None:
            super().__init__(row, origin, place)
            self.parent = Parent(row.first, origin, place)

    class Unit(GreenTraceUnit):
        __slots__ = ()
        identifiers = computed(serials, "holdingSerialNumber")
        unit_registry_link = computed(credit_page, "creditLink.url")
        unit_status = computed(
            told.block,
            "holdingStatus",
            "isReserve",
            "cancellationReason",
            "cancellationReasonDisplayName",
        )

        def __init__(self, row: HoldingRow, origin: Origin, place: str | int = "") -> None:
            super().__init__(row, origin, place)
            self.parent = Parent(row, origin, place)

    return Views(Summary, Detail, Issuance, Unit)
