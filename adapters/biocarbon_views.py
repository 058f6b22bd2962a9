"""BioCarbon's rows as records: every CAD Trust field that its lists can say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.activities import sector_fields, sector_words_of, type_fields, type_words_of
from adapters.biocarbon_rows import (
    BlockRow,
    Cancelled,
    GoalRow,
    Project,
    Retired,
    parse_serial,
)
from adapters.children import Method, goal_name, numbered_goal
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import day_first, iso_date, iso_datetime
from gateway.harmonise.methodologies import methodologies_of
from gateway.harmonise.statuses import BIOCARBON_PROJECT, BIOCARBON_UNIT
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    ProjectRecord,
)
from gateway.model.record import Identifier, Origin
from gateway.model.unit import UnitRecord

SUBJECT = "biocarbon"
NAME = "BioCarbon Standard"
PAGE = "https://globalcarbontrace.io/registry/biocarbon/gei/project/"
CODE = "biocarbon.code"
SERIAL = "biocarbon.serial"
# The number in a project's address, by which other registries know it.
ROW = "biocarbon.id"
METHODOLOGIES = methodologies_of("BCR")
PUBLIC = "public"


class Location(LocationView[Project]):
    """The name is Spanish or English; the code is what counts."""

    __slots__ = ()
    country = mapped("listed.country_iso", country)
    country_raw = raw("listed.country")
    in_country_region = wire("detail.localitation")
    latitude = mapped("detail.latitude", numbers.decimal)
    longitude = mapped("detail.longitude", numbers.decimal)


class CoBenefit(CoBenefitView[GoalRow]):
    """A goal, in the text that the registry sends to CAD Trust."""

    __slots__ = ()
    co_benefit = mapped("text_cadt", goal_name)
    sdg = computed(numbered_goal("text_cadt"), "text_cadt")


def is_annual(row: Project) -> bool | None:
    return None if row.detail.total_reductions_general is None else False


class Estimation(EstimationView[Project]):
    """The quantification period; the amount is that of all its years."""

    __slots__ = ()
    crediting_period_start = mapped("listed.quantification_period_start", iso_date)
    crediting_period_end = mapped("listed.quantification_period_end", iso_date)
    unit_count = mapped("detail.total_reductions_general", numbers.decimal)
    is_annual = computed(is_annual, "detail.total_reductions_general")


def project_link(row: Project) -> str:
    return f"{PAGE}{row.listed.id}"


def project_identifiers(row: Project) -> tuple[Identifier, ...]:
    return (
        Identifier(CODE, row.listed.project_id),
        Identifier(ROW, str(row.listed.id)),
    )


def developer(row: Project) -> str | None:
    return (row.listed.holder.holder or None) if row.listed.holder else None


def validator(row: Project) -> str | None:
    return (row.listed.validation_body.name or None) if row.listed.validation_body else None


def categories(row: Project) -> str | None:
    """The registry's own co-benefit categories, which are no goals."""
    return "; ".join(tag.name for tag in row.listed.cobenefits if tag.name) or None


def methods(row: Project) -> tuple[Method, ...]:
    found: dict[str, Method] = {}
    for method in row.listed.methodologies:
        text = method.name or method.code or ""
        version = f" - Version: {method.pivot.version}" if method.pivot.version else ""
        for fact in METHODOLOGIES(f"{text}{version}"):
            found.setdefault(fact.code or fact.raw, Method(replace(fact, raw=text)))
    return tuple(found.values())


def first_methodology(row: Project) -> str | None:
    found = methods(row)
    return found[0].methodology_code if found else None


def methodology_text(row: Project) -> str | None:
    texts = (method.name or method.code for method in row.listed.methodologies)
    return "; ".join(dict.fromkeys(filter(None, texts))) or None


def locations(row: Project) -> tuple[Location, ...]:
    return (Location(row),) if row.listed.country_iso or row.listed.country else ()


def goals(row: Project) -> tuple[CoBenefit, ...]:
    return tuple(map(CoBenefit, row.listed.objetives))


def estimations(row: Project) -> tuple[Estimation, ...]:
    listed = row.listed
    said = listed.quantification_period_start or listed.quantification_period_end
    return (Estimation(row),) if said or row.detail.total_reductions_general else ()


class BioCarbonProject(ProjectRecord[Project]):
    """Description, place, estimate and the CAD Trust record's id come with reading by key."""

    __slots__ = ()
    late = frozenset(
        (
            "cad_trust_project_id",
            "project_description",
            "updated_at",
            "project_locations.in_country_region",
            "project_locations.latitude",
            "project_locations.longitude",
            "estimations",
            "estimations.unit_count",
            "estimations.is_annual",
        )
    )
    key = wire("listed.project_id")
    identifiers = computed(project_identifiers, "listed.project_id", "listed.id")
    cad_trust_project_id = wire("detail.warehouse_project_id")
    current_registry = constant(NAME)
    project_id = wire("listed.project_id")
    origin_project_id = wire("listed.project_id")
    registry_of_origin = constant(NAME)
    program = constant(NAME)
    project_name = wire("listed.project_name")
    project_description = wire("detail.description")
    project_link = computed(project_link, "listed.id")
    project_developer = computed(developer, "listed.holder.holder")
    sector, sectors, sector_basis = sector_fields(
        sector_words_of("listed.sector_name"), methods, "listed.sector_name", "listed.methodologies"
    )
    sector_raw = raw("listed.sector_name")
    project_type, project_types, project_type_basis = type_fields(
        type_words_of("listed.type_project_name"),
        methods,
        "listed.type_project_name",
        "listed.methodologies",
    )
    project_type_raw = raw("listed.type_project_name")
    project_tags = computed(categories, "listed.cobenefits")
    project_status = mapped("listed.status", BIOCARBON_PROJECT)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "listed.methodologies")
    methodology_raw = computed(methodology_text, "listed.methodologies")
    methodologies = computed(methods, "listed.methodologies")
    validation_body = computed(validator, "listed.validation_body.name")
    updated_at = mapped("detail.updated_at", iso_datetime)
    project_locations = computed(
        locations,
        "listed.country",
        "listed.country_iso",
        "detail.localitation",
        "detail.latitude",
        "detail.longitude",
    )
    co_benefits = computed(goals, "listed.objetives")
    estimations = computed(
        estimations,
        "listed.quantification_period_start",
        "listed.quantification_period_end",
        "detail.total_reductions_general",
    )

    @property
    def not_read(self) -> frozenset[str]:
        if self.row.detail.id is not None:
            return frozenset()
        # A period in the list is one estimation; what it comes to stands in the detail.
        return self.late - {"estimations"} if self.estimations else self.late


class BlockPlace(LocationView[BlockRow]):
    __slots__ = ()
    country = mapped("country", country)


def block_places(row: BlockRow) -> tuple[BlockPlace, ...]:
    return (BlockPlace(row),) if row.country else ()


class BlockProject(ProjectRecord[BlockRow]):
    """The project as a block's row repeats it."""

    __slots__ = ()
    key = wire("project_id")
    project_id = wire("project_id")
    project_locations = computed(block_places, "country")


class BioCarbonIssuance(IssuanceRecord[BlockRow]):
    """An issued block; the reserve's are blocks of their own."""

    __slots__ = ("parent",)
    key = wire("serial")
    project_key = wire("project_id")
    issuance_id = wire("serial")
    issuance_date = mapped("date_issue", iso_date)
    issuance_start_date = mapped("initial_vintage", iso_date)
    issuance_end_date = mapped("final_vintage", iso_date)
    unit_count = mapped("amount", numbers.grouped)
    vintage_year = mapped("final_vintage", numbers.year)
    vintage_start_date = mapped("initial_vintage", iso_date)
    vintage_end_date = mapped("final_vintage", iso_date)
    unit_serial_id = wire("serial")

    def __init__(self, row: BlockRow, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = BlockProject(row, origin, place)


def first_number(serial: str) -> str | None:
    found = parse_serial(serial)
    return str(found.start) if found else None


def last_number(serial: str) -> str | None:
    found = parse_serial(serial)
    return str(found.end) if found else None


def untouched(row: BlockRow) -> bool:
    left = numbers.grouped(row.active)
    return left is not None and left == numbers.grouped(row.amount)


def held_from(row: BlockRow) -> str | None:
    """Which units are left of a block that some have gone from is not said."""
    return first_number(row.serial) if untouched(row) else None


def held_to(row: BlockRow) -> str | None:
    return last_number(row.serial) if untouched(row) else None


def unit_page(row: BlockRow) -> str | None:
    return None if row.initiative_id is None else f"{PAGE}{row.initiative_id}"


def unit_identifiers(row: BlockRow) -> tuple[Identifier, ...]:
    return (Identifier(SERIAL, row.serial),) if parse_serial(row.serial) else ()


class HeldUnit(UnitRecord[BlockRow]):
    """What is left of a block, under the block's serial."""

    __slots__ = ("parent",)
    key = wire("serial")
    identifiers = computed(unit_identifiers, "serial")
    project_key = wire("project_id")
    issuance_key = wire("serial")
    unit_serial_id = wire("serial")
    unit_block_start = computed(held_from, "serial", "active", "amount")
    unit_block_end = computed(held_to, "serial", "active", "amount")
    unit_count = mapped("active", numbers.grouped)
    vintage_year = mapped("final_vintage", numbers.year)
    vintage_start_date = mapped("initial_vintage", iso_date)
    vintage_end_date = mapped("final_vintage", iso_date)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_status = mapped("destination", BIOCARBON_UNIT)
    unit_owner = wire("holder")
    unit_registry_link = computed(unit_page, "initiative_id")

    def __init__(self, row: BlockRow, origin: Origin, place: str | int = "") -> None:
        super().__init__(row, origin, place)
        self.parent = BlockProject(row, origin, place)


def gone_from(row: Any) -> str | None:
    return first_number(row.row.serial)


def gone_to(row: Any) -> str | None:
    return last_number(row.row.serial)


def gone_page(row: Any) -> str | None:
    return None if row.project_row is None else f"{PAGE}{row.project_row}"


def gone_identifiers(row: Any) -> tuple[Identifier, ...]:
    return (Identifier(SERIAL, row.row.serial),) if parse_serial(row.row.serial) else ()


def retired_year(serial: str) -> int | None:
    found = parse_serial(serial)
    return found.year if found else None


def beneficiary(row: Retired) -> str | None:
    """Rows that their owner wants private come all the same: the name is not passed on."""
    return (row.row.final_user or None) if row.row.data_visibility == PUBLIC else None


def purpose(row: Retired) -> str | None:
    """The text often names the beneficiary."""
    return (row.row.reason or None) if row.row.data_visibility == PUBLIC else None


class RetiredUnit(UnitRecord[Retired]):
    """Retired units. Their vintage is in the serial, to the month."""

    __slots__ = ()
    key = wire("row.serial")
    identifiers = computed(gone_identifiers, "row.serial")
    project_key = wire("project")
    unit_serial_id = wire("row.serial")
    unit_block_start = computed(gone_from, "row.serial")
    unit_block_end = computed(gone_to, "row.serial")
    unit_count = mapped("row.sold", numbers.grouped)
    vintage_year = mapped("row.serial", retired_year)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_status = constant(pick.UnitStatus.RETIRED)
    unit_status_reason = wire("row.market")
    unit_status_date = mapped("row.created_at", day_first)
    unit_retirement_beneficiary = computed(beneficiary, "row.final_user", "row.data_visibility")
    unit_retirement_detail = computed(purpose, "row.reason", "row.data_visibility")
    unit_owner = wire("row.holder")
    unit_registry_link = computed(gone_page, "row.initiative_id")


class CancelledUnit(UnitRecord[Cancelled]):
    """Cancelled units."""

    __slots__ = ()
    key = wire("row.serial")
    identifiers = computed(gone_identifiers, "row.serial")
    project_key = wire("project")
    unit_serial_id = wire("row.serial")
    unit_block_start = computed(gone_from, "row.serial")
    unit_block_end = computed(gone_to, "row.serial")
    unit_count = mapped("row.amount", numbers.grouped)
    vintage_year = mapped("row.final_vintage", numbers.year)
    vintage_start_date = mapped("row.initial_vintage", iso_date)
    vintage_end_date = mapped("row.final_vintage", iso_date)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_status = constant(pick.UnitStatus.CANCELLED)
    unit_status_date = mapped("row.cancellation_date", iso_date)
    unit_registry_link = computed(gone_page, "project_row")
