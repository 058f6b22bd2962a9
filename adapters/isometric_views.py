"""Isometric's nodes as records."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, Final

from adapters.children import Label
from adapters.isometric_rows import (
    IssuanceRow,
    ProjectRow,
    UnitRow,
    project_key,
    serial_range,
    unit_key,
)
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.labels import LabelFact, flag
from gateway.harmonise.statuses import ISOMETRIC_PROJECT, ISOMETRIC_UNIT
from gateway.harmonise.table import Table, words
from gateway.harmonise.unit_types import typed
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import EstimationView, LocationView, ProjectRecord
from gateway.model.record import Identifier, Origin
from gateway.model.unit import UnitRecord

SUBJECT = "isometric"
NAME = "Isometric"
CODE = "isometric.code"
SERIAL = "isometric.serial"
CCP = "CCP Approved"

# Every credit is of removal; whether by nature or by engineering, its pathway says.
NATURE: Final[Table[bool]] = Table(
    "isometric-nature",
    {
        "Biochar": False,
        "Bio-oil": False,
        "Bio-oil Sequestration": False,
        "Biomass Burial": False,
        "Subsurface Biomass Storage": False,
        "Direct Air Capture": False,
        "Enhanced Weathering": False,
        "Electrolytic Seawater Mineralization": False,
        "Ocean Alkalinity Enhancement": False,
        "River Alkalinity Enhancement": False,
        "Wastewater Alkalinity Enhancement": False,
        "Reforestation": True,
        "Afforestation": True,
    },
    fold=words,
)


def tonnes(raw: str) -> Decimal | None:
    """Kilograms as tonnes: Isometric sells 46.001 t."""
    kilograms = numbers.decimal(raw)
    return None if kilograms is None else kilograms / 1000


class Location(LocationView[ProjectRow]):
    __slots__ = ()
    country = mapped("country.iso_alpha3_code", country)
    country_raw = raw("country.name")


class PlacedLocation(Location):
    """Where the project says its place as well."""

    __slots__ = ()
    in_country_region = wire("location.name")


class CreditingPeriod(EstimationView[ProjectRow]):
    """The period alone: no estimates are published."""

    __slots__ = ()
    crediting_period_start = mapped("crediting_period_start", iso_date)
    crediting_period_end = mapped("crediting_period_end", iso_date)


def locations(row: ProjectRow) -> tuple[Location, ...]:
    if row.country is None:
        return ()
    return (PlacedLocation(row) if row.location else Location(row),)


def periods(row: ProjectRow) -> tuple[CreditingPeriod, ...]:
    said = row.crediting_period_start or row.crediting_period_end
    return (CreditingPeriod(row),) if said else ()


def project_identifiers(row: ProjectRow) -> tuple[Identifier, ...]:
    return (Identifier(CODE, row.short_code),) if row.short_code else ()


def description(row: ProjectRow) -> str | None:
    return row.description or row.short_description or None


def developer(row: ProjectRow) -> str | None:
    return (row.supplier.organisation.name or None) if row.supplier else None


def pathway(row: ProjectRow) -> str | None:
    return (row.process.pathway.name or None) if row.process else None


class IsometricProject(ProjectRecord[ProjectRow]):
    __slots__ = ()
    key = computed(project_key, "short_code", "id")
    identifiers = computed(project_identifiers, "short_code")
    current_registry = constant(NAME)
    project_id = computed(project_key, "short_code", "id")
    origin_project_id = computed(project_key, "short_code", "id")
    registry_of_origin = constant(NAME)
    program = constant("Isometric Standard")
    project_name = wire("name")
    project_description = computed(description, "description", "short_description")
    project_developer = computed(developer, "supplier.organisation.name")
    project_subtype = computed(pathway, "process.pathway.name")
    project_status = mapped("status", ISOMETRIC_PROJECT)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    validation_date = mapped("validated_at", iso_date)
    project_locations = computed(locations, "country", "location.name")
    estimations = computed(periods, "crediting_period_start", "crediting_period_end")


def issuance_project(row: IssuanceRow) -> str:
    return project_key(row.project)


def years(row: IssuanceRow) -> tuple[str, ...]:
    return tuple(dict.fromkeys(b.sequestered_on for b in row.batches if b.sequestered_on))


def vintage(row: IssuanceRow) -> int | None:
    """The year of sequestration where all batches have the same."""
    found = {numbers.year(text) for text in years(row)}
    return found.pop() if len(found) == 1 else None


def vintage_text(row: IssuanceRow) -> str | None:
    return "; ".join(years(row)) or None


def period_start(row: IssuanceRow) -> str | None:
    return row.ghg_statement.reporting_period_start_at if row.ghg_statement else None


def period_end(row: IssuanceRow) -> str | None:
    return row.ghg_statement.reporting_period_end_at if row.ghg_statement else None


def start_date(row: IssuanceRow) -> str | None:
    return iso_date(period_start(row))


def end_date(row: IssuanceRow) -> str | None:
    return iso_date(period_end(row))


class IsometricIssuance(IssuanceRecord[Any]):
    """An issuance: the supplier's batches and the buffer's."""

    __slots__ = ("parent",)
    key = wire("id")
    project_key = computed(issuance_project, "project.short_code", "project.id")
    issuance_id = wire("id")
    issuance_date = mapped("created_at", iso_date)
    issuance_start_date = computed(start_date, "ghg_statement.reporting_period_start_at")
    issuance_start_date_raw = computed(period_start, "ghg_statement.reporting_period_start_at")
    issuance_end_date = computed(end_date, "ghg_statement.reporting_period_end_at")
    issuance_end_date_raw = computed(period_end, "ghg_statement.reporting_period_end_at")
    unit_count = mapped("credit_batch_size_total.credits_kg", tonnes)
    vintage_year = computed(vintage, "batches.sequestered_on")
    vintage_year_raw = computed(vintage_text, "batches.sequestered_on")

    def __init__(self, row: IssuanceRow, origin: Origin, place: str = "") -> None:
        super().__init__(row, origin, place)
        self.parent = IsometricProject(row.project, origin, f"{place}/project")


def unit_identifiers(row: UnitRow) -> tuple[Identifier, ...]:
    serial = row.batch.serial_number
    return (Identifier(SERIAL, serial),) if serial and serial_range(serial) else ()


def unit_project(row: UnitRow) -> str:
    return issuance_project(row.issuance)


def block_start(row: UnitRow) -> str | None:
    found = serial_range(row.batch.serial_number)
    return str(found[0]) if found else None


def block_end(row: UnitRow) -> str | None:
    """The last kilogram of the block; the serial writes the one after it."""
    found = serial_range(row.batch.serial_number)
    return str(found[1] - 1) if found else None


def unit_type(row: UnitRow) -> pick.UnitType | None:
    return typed("Removal", NATURE(pathway(row.issuance.project)))


def unit_pathway(row: UnitRow) -> str | None:
    return pathway(row.issuance.project)


def unit_status(row: UnitRow) -> pick.UnitStatus | None:
    """What the buffer holds is Buffer. A batch that was split is Inactive: its parts count."""
    told = ISOMETRIC_UNIT(row.batch.status)
    return pick.UnitStatus.BUFFER if row.buffered and told is pick.UnitStatus.HELD else told


@cache
def ccp() -> tuple[LabelFact, ...]:
    found = flag(CCP, True)
    return (found,) if found else ()


def unit_labels(row: UnitRow) -> tuple[Label, ...]:
    return tuple(map(Label, ccp())) if row.batch.ccp_approved else ()


class IsometricUnit(UnitRecord[Any]):
    """A credit batch; who retired it for whom stands where it cannot be joined to the batch."""

    __slots__ = ("parent",)
    key = computed(unit_key, "batch.serial_number", "batch.id")
    identifiers = computed(unit_identifiers, "batch.serial_number")
    project_key = computed(unit_project, "issuance.project.short_code", "issuance.project.id")
    issuance_key = wire("issuance.id")
    unit_serial_id = wire("batch.serial_number")
    unit_block_start = computed(block_start, "batch.serial_number")
    unit_block_end = computed(block_end, "batch.serial_number")
    unit_count = mapped("batch.size.credits_kg", tonnes)
    vintage_year = mapped("batch.sequestered_on", numbers.year)
    unit_type = computed(unit_type, "issuance.project.process.pathway.name")
    unit_type_raw = computed(unit_pathway, "issuance.project.process.pathway.name")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_status = computed(unit_status, "batch.status")
    unit_status_raw = raw("batch.status")
    labels = computed(unit_labels, "batch.ccp_approved")

    def __init__(self, row: UnitRow, origin: Origin, place: str, issuance: str) -> None:
        super().__init__(row, origin, place)
        self.parent = IsometricProject(row.issuance.project, origin, f"{issuance}/project")
