"""The Reserve's rows as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.arb import SCHEME as ARB
from adapters.arb import arb_id
from adapters.car_page import PageRow
from adapters.car_rows import (
    CancelledRow,
    Issued,
    IssuedRow,
    LeftRow,
    ProjectRow,
    block,
)
from adapters.car_tables import NATURE, SECTOR
from adapters.children import Label, goal_name, numbered_goal
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import month_first
from gateway.harmonise.labels import flag, labels
from gateway.harmonise.methodologies import Methodology, methodologies_of
from gateway.harmonise.project_types import project_type
from gateway.harmonise.sdgs import goal_texts
from gateway.harmonise.statuses import CAR_CANCELLATION, CAR_PROJECT
from gateway.harmonise.unit_types import typed
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    MethodologyView,
    ProjectRecord,
)
from gateway.model.record import Identifier, Origin
from gateway.model.unit import UnitRecord

SUBJECT = "car"
NAME = "Climate Action Reserve (CAR)"
PAGE = "https://thereserve2.apx.com/mymodule/reg/prjView.asp?id1="
CODE = "car.project"
SERIAL = "car.serial"
OFFSETSDB = "offsetsdb"
METHODOLOGIES = methodologies_of("CAR")
PILOT = "Eligible for CORSIA 2021-2023 Compliance Period"
FIRST = "Eligible for CORSIA 2024-2026 Compliance Period"
CCP = "ICVCM CCP Eligible"

Batch = IssuedRow | LeftRow


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project of the report, with its own page where that was read too."""

    row: ProjectRow
    page: PageRow | None = None


class Location(LocationView[ProjectRow]):
    """The country's code; `NA` would be Namibia."""

    __slots__ = ()
    country = mapped("country", country)
    in_country_region = wire("state")


class Site(LocationView[Batch]):
    """The same, as a row of another report repeats it."""

    __slots__ = ()
    country = mapped("country", country)
    in_country_region = wire("state")


@dataclass(frozen=True, slots=True)
class Goal:
    """One part of a list of goals, in the registry's own words."""

    text: str


class CoBenefit(CoBenefitView[Goal]):
    """What names no goal keeps its text."""

    __slots__ = ()
    co_benefit = mapped("text", goal_name)
    sdg = computed(numbered_goal("text"), "text")


class Period(EstimationView[PageRow]):
    """The end of the crediting period; its start and what was estimated are not published."""

    __slots__ = ()
    crediting_period_end = mapped("period_expires", month_first)


class Method(MethodologyView[Methodology]):
    __slots__ = ()
    methodology_code = wire("code")
    methodology_name = wire("name")
    methodology_raw = wire("raw")


def project_identifiers(row: ListedProject) -> tuple[Identifier, ...]:
    code, arb = row.row.project_id, arb_id(row.row.compliance_id)
    more = (Identifier(ARB, arb),) if arb else ()
    return Identifier(CODE, code), Identifier(OFFSETSDB, code), *more


def project_page(row: ListedProject) -> str:
    return page_of(row.row.project_id)


def page_of(code: str) -> str:
    return f"{PAGE}{code.removeprefix('CAR')}"


def description(row: ListedProject) -> str | None:
    return (row.page.description or None) if row.page else None


def periods(row: ListedProject) -> tuple[Period, ...] | None:
    """None in the list, which does not say it."""
    if row.page is None:
        return None
    return (Period(row.page),) if row.page.period_expires else ()


def sector(row: ListedProject) -> str | None:
    """No sector is published; most types lie in one."""
    return SECTOR(row.row.project_type)


def status_day(row: ListedProject) -> str | None:
    """When the present status was reached, where that is listing or registration."""
    return month_first(status_day_text(row))


def status_day_text(row: ListedProject) -> str | None:
    status = CAR_PROJECT(row.row.status)
    if status is pick.ProjectStatus.LISTED:
        return row.row.listed_date or None
    registered = status is pick.ProjectStatus.REGISTERED
    return (row.row.registered_date or None) if registered else None


def places(row: ListedProject) -> tuple[Location, ...]:
    return (Location(row.row),) if row.row.country else ()


def goals(row: ListedProject) -> tuple[CoBenefit, ...]:
    return tuple(CoBenefit(Goal(part)) for part in goal_texts(row.row.sdg_impact))


def methods(row: ListedProject) -> tuple[Method, ...]:
    """The protocol that goes by the project type: there is no column for it."""
    return tuple(Method(found) for found in METHODOLOGIES(row.row.project_type) if found.code)


def first_method(row: ListedProject) -> str | None:
    found = methods(row)
    return found[0].methodology_code if found else None


class CarProject(ProjectRecord[ListedProject]):
    __slots__ = ()
    # What only a project's own page says.
    late = frozenset(("project_description", "estimations"))
    key = wire("row.project_id")
    identifiers = computed(project_identifiers, "row.project_id", "row.compliance_id")
    current_registry = constant(NAME)
    project_id = wire("row.project_id")
    origin_project_id = wire("row.project_id")
    registry_of_origin = constant(NAME)
    program = constant("CAR")
    project_name = wire("row.project_name")
    project_description = computed(description, "page.description")
    project_link = computed(project_page, "row.project_id")
    project_developer = wire("row.project_developer")
    sector = computed(sector, "row.project_type")
    sector_raw = raw("row.project_type")
    project_type = mapped("row.project_type", project_type)
    project_status = mapped("row.status", CAR_PROJECT)
    project_status_date = computed(
        status_day, "row.status", "row.listed_date", "row.registered_date"
    )
    project_status_date_raw = computed(
        status_day_text, "row.status", "row.listed_date", "row.registered_date"
    )
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_method, "row.project_type")
    methodology_raw = raw("row.project_type")
    methodologies = computed(methods, "row.project_type")
    registration_date = mapped("row.registered_date", month_first)
    project_locations = computed(places, "row.country", "row.state")
    co_benefits = computed(goals, "row.sdg_impact")
    estimations = computed(periods, "page.period_expires")

    @property
    def not_read(self) -> frozenset[str]:
        return frozenset() if self.row.page else self.late


def batch_site(row: Batch) -> tuple[Site, ...]:
    return (Site(row),) if row.country else ()


def batch_sector(row: Batch) -> str | None:
    return SECTOR(row.project_type)


class Parent(ProjectRecord[Batch]):
    """The project fields that every row repeats."""

    __slots__ = ()
    key = wire("project_id")
    project_id = wire("project_id")
    origin_project_id = wire("project_id")
    registry_of_origin = constant(NAME)
    program = constant("CAR")
    project_name = wire("project_name")
    sector = computed(batch_sector, "project_type")
    sector_raw = raw("project_type")
    project_type = mapped("project_type", project_type)
    project_locations = computed(batch_site, "country", "state")


def marks(row: Batch) -> tuple[Label, ...]:
    """What its columns say yes to, and the certifications of a column that is empty so far."""
    flags = (flag(PILOT, row.corsia_pilot), flag(FIRST, row.corsia_first), flag(CCP, row.ccp))
    said = *(fact for fact in flags if fact is not None), *labels(row.certifications)
    return tuple(map(Label, said))


MARKS = ("corsia_pilot", "corsia_first", "ccp", "certifications")


def kind_of(row: Batch) -> pick.UnitType | None:
    """Where the row says reduction or removal and the type plainly is nature's or technical."""
    return typed(row.kind, NATURE(row.project_type))


def issued_site(row: Issued) -> Site | None:
    return Site(row.row) if row.row.country else None


def issued_marks(row: Issued) -> tuple[Label, ...]:
    return marks(row.row)


def issued_kind(row: Issued) -> pick.UnitType | None:
    return kind_of(row.row)


def issued_page(row: Issued) -> str:
    return page_of(row.row.project_id)


def pool_key(row: Issued) -> str:
    return f"{row.key}-buffer"


ISSUED_MARKS = tuple(f"row.{name}" for name in MARKS)
ISSUED_KEY = ("row.project_id", "row.vintage", "row.date_issued")


class CarIssuance(IssuanceRecord[Any]):
    """A row of the report of issued credits; its key is made of project, vintage and day."""

    __slots__ = ("parent",)
    key = wire("key")
    project_key = wire("row.project_id")
    issuance_id = wire("key")
    issuance_date = mapped("row.date_issued", month_first)
    verification_body = wire("row.verification_body")
    unit_count = mapped("row.total", numbers.grouped)
    vintage_year = mapped("row.vintage", numbers.year)
    location = computed(issued_site, "row.country", "row.state")
    labels = computed(issued_marks, *ISSUED_MARKS)

    def __init__(self, row: Issued, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = Parent(row.row, origin, place)


class CarPool(UnitRecord[Any]):
    """What of an issuance is in the Reserve's buffer pool: an amount, without serials."""

    __slots__ = ("parent",)
    key = computed(pool_key, *ISSUED_KEY)
    project_key = wire("row.project_id")
    issuance_key = wire("key")
    unit_count = mapped("row.pooled", numbers.grouped)
    vintage_year = mapped("row.vintage", numbers.year)
    unit_type = computed(issued_kind, "row.kind", "row.project_type")
    unit_type_raw = raw("row.kind")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    unit_status = constant(pick.UnitStatus.BUFFER)
    unit_registry_link = computed(issued_page, "row.project_id")
    labels = computed(issued_marks, *ISSUED_MARKS)

    def __init__(self, row: Issued, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = Parent(row.row, origin, place)


def unit_identifiers(row: LeftRow) -> tuple[Identifier, ...]:
    return (Identifier(SERIAL, row.serial),) if block(row.serial) else ()


def first_unit(row: LeftRow) -> str | None:
    found = block(row.serial)
    return found[0] if found else None


def last_unit(row: LeftRow) -> str | None:
    found = block(row.serial)
    return found[1] if found else None


def unit_page(row: LeftRow) -> str:
    return page_of(row.project_id)


class CarUnit(UnitRecord[Any]):
    """What the reports of retired and of cancelled credits have in common."""

    __slots__ = ("parent",)
    key = wire("serial")
    identifiers = computed(unit_identifiers, "serial")
    project_key = wire("project_id")
    unit_serial_id = wire("serial")
    unit_block_start = computed(first_unit, "serial")
    unit_block_end = computed(last_unit, "serial")
    unit_count = mapped("quantity", numbers.grouped)
    vintage_year = mapped("vintage", numbers.year)
    unit_type = computed(kind_of, "kind", "project_type")
    unit_type_raw = raw("kind")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    unit_status_date = mapped("effective", month_first)
    unit_registry_link = computed(unit_page, "project_id")
    labels = computed(marks, *MARKS)

    def __init__(self, row: LeftRow, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = Parent(row, origin, place)


class CarRetired(CarUnit):
    """The account holder is not the beneficiary, who stands in the details at best."""

    __slots__ = ()
    unit_status = constant(pick.UnitStatus.RETIRED)
    unit_status_reason = wire("reason")
    unit_retirement_detail = wire("details")
    unit_owner = wire("holder")


def cancelled_status(row: CancelledRow) -> pick.UnitStatus:
    """Most cancellations are conversions; export notes say so too."""
    known = CAR_CANCELLATION(row.reason)
    exported = pick.UnitStatus.EXPORTED if row.notes.strip() else pick.UnitStatus.CANCELLED
    return known or exported


class CarCancelled(CarUnit):
    __slots__ = ()
    unit_status = computed(cancelled_status, "reason", "notes")
    unit_status_raw = raw("reason", "notes")
    unit_status_reason = wire("reason")
    unit_retirement_detail = wire("notes")
