"""Gold Standard's rows as records: every CAD Trust field that its lists can say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from adapters.activities import looked_up, sector_fields, type_fields, type_words_of
from adapters.children import Label, Method, goal_name, numbered_goal
from adapters.gold_standard_rows import (
    BatchRow,
    CreditRow,
    GoalRow,
    ProjectRow,
    code,
    former_unit_keys,
    issuance_key,
    serial_of,
    unit_key,
)
from adapters.gold_standard_tables import NATURE, SECTOR
from gateway.harmonise import numbers
from gateway.harmonise.cer_serials import CDM_REFERENCE, cdm_reference
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.labels import LabelFact, flag, labels
from gateway.harmonise.methodologies import methodologies_of
from gateway.harmonise.project_types import names_no_type
from gateway.harmonise.statuses import GOLD_STANDARD_PROJECT, GOLD_STANDARD_UNIT
from gateway.harmonise.unit_types import kind, typed
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.odd import is_odd
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    ProjectRecord,
    RelatedProjectView,
)
from gateway.model.record import Identifier, Origin
from gateway.model.unit import UnitRecord

SUBJECT = "gold-standard"
NAME = "Gold Standard"
PAGE = "https://registry.goldstandard.org/projects/details/"
PLANNED = "PER"
GSID = "gold-standard.gsid"
SERIAL = "gold-standard.serial"
OFFSETSDB = "offsetsdb"
METHODOLOGIES = methodologies_of("GS")


class Location(LocationView[ProjectRow]):
    __slots__ = ()
    country = mapped("country_code", country)
    country_raw = raw("country")
    latitude = mapped("latitude", numbers.decimal)
    longitude = mapped("longitude", numbers.decimal)


class CoBenefit(CoBenefitView[GoalRow]):
    __slots__ = ()
    co_benefit = mapped("name", goal_name)
    sdg = computed(numbered_goal("name"), "name")


class Estimation(EstimationView[ProjectRow]):
    """Credits a year, over the crediting period."""

    __slots__ = ()
    crediting_period_start = mapped("crediting_period_start_date", iso_date)
    crediting_period_end = mapped("crediting_period_end_date", iso_date)
    unit_count = mapped("estimated_annual_credits", numbers.decimal)
    is_annual = constant(True)


def programme_code(row: ProjectRow) -> str:
    return f"GS{row.poa_project_sustaincert_id}"


class Programme(RelatedProjectView[ProjectRow]):
    """The programme of activities that a VPA is part of."""

    __slots__ = ()
    related_project_id = computed(programme_code, "poa_project_sustaincert_id")
    relationship_type = constant("Programme of Activities")
    related_registry = constant("gold-standard")


def locations(row: ProjectRow) -> tuple[Location, ...]:
    odd = is_odd(row, "country", "country_code", "latitude", "longitude")
    return (Location(row),) if row.country or row.country_code or row.latitude or odd else ()


def goals(row: ProjectRow) -> tuple[CoBenefit, ...] | None:
    """None in a row of `/credits`, whose project comes without its goals."""
    goals = row.sustainable_development_goals
    return None if goals is None else tuple(map(CoBenefit, goals))


def estimations(row: ProjectRow) -> tuple[Estimation, ...]:
    period = row.crediting_period_start_date or row.crediting_period_end_date
    return (Estimation(row),) if period or row.estimated_annual_credits is not None else ()


def programme(row: ProjectRow) -> tuple[Programme, ...]:
    return () if row.poa_project_sustaincert_id is None else (Programme(row),)


@lru_cache(maxsize=1024)
def marks(texts: tuple[str, ...], corsia: bool = False) -> tuple[LabelFact, ...]:
    """The labels proper: what a credit stands for stands in the same list, and is left out."""
    found = tuple(fact for fact in labels(texts) if kind(fact.raw) is None)
    eligible = flag("CORSIA Eligible", True) if corsia else None
    return (*found, eligible) if eligible else found


def project_labels(row: ProjectRow) -> tuple[Label, ...]:
    return tuple(map(Label, marks(row.labels)))


def unit_labels(row: CreditRow) -> tuple[Label, ...]:
    return tuple(map(Label, marks(row.labels, bool(row.is_corsia_eligible))))


def first_methodology(row: ProjectRow) -> str | None:
    found = METHODOLOGIES(row.methodology)
    return found[0].code if found else None


def methodology_list(row: ProjectRow) -> tuple[Method, ...]:
    return tuple(map(Method, METHODOLOGIES(row.methodology)))


def known(text: str) -> bool:
    """Whether the type is one that lies in no one sector."""
    return text in NATURE or names_no_type(text)


# No sector is published; most types lie in one, and of the others the methodology may tell.
SECTORS = sector_fields(looked_up("type", SECTOR, known), methodology_list, "type", "methodology")
TYPES = type_fields(type_words_of("type"), methodology_list, "type", "methodology")


def project_link(row: ProjectRow) -> str:
    return f"{PAGE}{row.id}"


def project_identifiers(row: ProjectRow) -> tuple[Identifier, ...]:
    return (
        Identifier(GSID, code(row)),
        Identifier(OFFSETSDB, f"GLD{row.sustaincert_id}"),
    )


class GoldStandardProject(ProjectRecord[ProjectRow]):
    __slots__ = ()
    key = computed(code, "sustaincert_id")
    identifiers = computed(project_identifiers, "sustaincert_id")
    current_registry = constant(NAME)
    project_id = computed(code, "sustaincert_id")
    origin_project_id = computed(code, "sustaincert_id")
    registry_of_origin = constant(NAME)
    program = wire("gsf_standards_version")
    project_name = wire("name")
    project_description = wire("description")
    project_link = computed(project_link, "id")
    project_developer = wire("project_developer")
    sector, sectors, sector_basis = SECTORS
    sector_raw = raw("type")
    project_type, project_types, project_type_basis = TYPES
    project_type_raw = raw("type")
    project_status = mapped("status", GOLD_STANDARD_PROJECT)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "methodology")
    methodology_raw = raw("methodology")
    methodologies = computed(methodology_list, "methodology")
    updated_at = mapped("updated_at", iso_datetime)
    project_locations = computed(locations, "country", "country_code", "latitude", "longitude")
    co_benefits = computed(goals, "sustainable_development_goals")
    estimations = computed(
        estimations,
        "estimated_annual_credits",
        "crediting_period_start_date",
        "crediting_period_end_date",
    )
    related_projects = computed(programme, "poa_project_sustaincert_id")
    labels = computed(project_labels, "labels")


def unit_type(row: CreditRow) -> pick.UnitType | None:
    """Where the labels say one kind and the activity plainly is nature's or technical."""
    told = {found for text in row.labels if (found := kind(text))}
    if len(told) != 1:
        return None
    return typed(told.pop().value, NATURE(row.project.type))


def reference(row: CreditRow) -> str | None:
    """The CDM project that a block of CERs is of."""
    return cdm_reference(row.serial_number, numbers.decimal(row.number_of_credits))


def unit_identifiers(row: CreditRow) -> tuple[Identifier, ...]:
    serial = serial_of(row)
    own = (Identifier(SERIAL, serial),) if serial else ()
    of = reference(row)
    return own if of is None else (*own, Identifier(CDM_REFERENCE, of))


def number_text(name: str) -> Callable[[CreditRow], str | None]:
    """A rule that writes a credit number as text."""

    def rule(row: CreditRow) -> str | None:
        number = getattr(row, name)
        return None if number is None else str(number)

    rule.__qualname__ = name
    return rule


def inside(place: str | int) -> str:
    """Where the project of a block stands."""
    return "project" if place == "" else f"{place}/project"


def unit_project(row: CreditRow) -> str:
    return code(row.project)


def is_planned(row: CreditRow) -> bool:
    return row.product.abbreviation == PLANNED


def unit_page(row: CreditRow) -> str:
    return project_link(row.project)


class GoldStandardUnit(UnitRecord[Any]):
    """A block. Its retirement date is not published: rows say only when they last changed."""

    __slots__ = ("parent",)
    key = computed(unit_key, "serial_number", "id")
    former_keys = computed(former_unit_keys, "serial_number")
    identifiers = computed(unit_identifiers, "serial_number", "number_of_credits")
    project_key = computed(unit_project, "project.sustaincert_id")
    issuance_key = computed(issuance_key, "project.sustaincert_id", "batch_number", "vintage")
    unit_serial_id = wire("serial_number")
    unit_block_start = computed(number_text("starting_credit_number"), "starting_credit_number")
    unit_block_end = computed(number_text("ending_credit_number"), "ending_credit_number")
    unit_count = mapped("number_of_credits", numbers.decimal)
    vintage_year = mapped("vintage", numbers.year)
    unit_type = computed(unit_type, "labels", "project.type")
    unit_type_raw = raw("labels", "product.abbreviation")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = computed(is_planned, "product.abbreviation")
    unit_status = mapped("status", GOLD_STANDARD_UNIT)
    unit_status_reason = wire("retirement_use_case")
    unit_retirement_detail = wire("note")
    unit_registry_link = computed(unit_page, "project.id")
    updated_at = mapped("updated_at", iso_datetime)
    labels = computed(unit_labels, "labels", "is_corsia_eligible")

    def __init__(self, row: CreditRow, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = GoldStandardProject(row.project, origin, inside(place))


def batch_total(row: BatchRow) -> Decimal | None:
    """A block that is listed twice, one serial on two rows, is one amount."""
    if not row.whole:
        return None
    amounts = {serial_of(block) or block.id: block.number_of_credits for block in row.blocks}
    known = [amount for amount in amounts.values() if amount is not None]
    return Decimal(sum(known)) if len(known) == len(amounts) else None


def batch_amounts(row: BatchRow) -> str | None:
    """The blocks' own amounts: the registry writes no total."""
    amounts = (BLOCK_AMOUNT.read(block) for block in row.blocks)
    return "; ".join(amount or "?" for amount in amounts) if row.whole else None


BLOCK_AMOUNT = raw("number_of_credits")


BATCH = ("first.project.sustaincert_id", "first.batch_number", "first.vintage")


def batch_key(row: BatchRow) -> str | None:
    return issuance_key(row.first)


def batch_project(row: BatchRow) -> str:
    return code(row.first.project)


class GoldStandardIssuance(IssuanceRecord[Any]):
    """Derived from its blocks; its place in the body is that of the newest one."""

    __slots__ = ("parent",)
    # What only all blocks of an issuance together say.
    late = frozenset(("unit_count",))
    key = computed(batch_key, *BATCH)
    project_key = computed(batch_project, "first.project.sustaincert_id")
    issuance_id = computed(batch_key, *BATCH)
    issuance_date = mapped("first.certified_date", iso_date)
    issuance_start_date = mapped("first.monitoring_period_start_date", iso_date)
    issuance_end_date = mapped("first.monitoring_period_end_date", iso_date)
    unit_count = computed(batch_total, "blocks.number_of_credits", "blocks.serial_number")
    unit_count_raw = computed(batch_amounts, "blocks.number_of_credits")
    vintage_year = mapped("first.vintage", numbers.year)

    def __init__(self, row: BatchRow, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = GoldStandardProject(row.first.project, origin, inside(place))

    @property
    def not_read(self) -> frozenset[str]:
        return frozenset() if self.row.whole else self.late
