"""ICR's rows as records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from adapters.activities import sector_fields
from adapters.children import Method, goal_name, numbered_goal
from adapters.icr_rows import BenefitRow, IssuanceRow, MitigationRow, ProjectRow, is_serial
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date, iso_datetime, rfc1123_date
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.sectors import sector_words
from gateway.harmonise.statuses import ICR_PROJECT
from gateway.harmonise.wordlist import Words
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    ProjectRecord,
)
from gateway.model.record import Identifier, Origin
from gateway.model.values import Date

SUBJECT = "icr"
NAME = "International Carbon Registry"
NUMBER = "icr.number"
SERIAL = "icr.serial"


class Location(LocationView[ProjectRow]):
    __slots__ = ()
    country = mapped("country_code", country)
    in_country_region = wire("geographical_region")


class PlacedLocation(Location):
    """Where the project says its point as well."""

    __slots__ = ()
    latitude = mapped("geo_location.lat", numbers.decimal)
    longitude = mapped("geo_location.lng", numbers.decimal)


def period_end(row: ProjectRow) -> Date | None:
    """The last day of the period, from its first day and its years."""
    start = iso_date(row.crediting_period_start_date)
    years = row.crediting_period_num_years
    if start is None or years is None or not 0 < years < 1000:
        return None
    first = date.fromisoformat(start)
    try:
        # The period of a 29 February ends on a 28th.
        return Date(str(first.replace(year=first.year + years) - timedelta(days=1)))
    except ValueError:
        leap = (first.month, first.day) == (2, 29) and first.year + years <= date.max.year
        return Date(f"{first.year + years:04d}-02-28") if leap else None


def period_years(row: ProjectRow) -> str | None:
    years = row.crediting_period_num_years
    return None if years is None else f"{row.crediting_period_start_date}; {years} years"


class Period(EstimationView[ProjectRow]):
    """The crediting period; what is expected of its years stands beside it, year by year."""

    __slots__ = ()
    crediting_period_start = mapped("crediting_period_start_date", iso_date)
    crediting_period_end = computed(
        period_end, "crediting_period_start_date", "crediting_period_num_years"
    )
    crediting_period_end_raw = computed(
        period_years, "crediting_period_start_date", "crediting_period_num_years"
    )


class Year(EstimationView[MitigationRow]):
    """What is expected of one year."""

    __slots__ = ()
    crediting_period_start = mapped("date", rfc1123_date)
    unit_count = mapped("estimated_mitigation", numbers.decimal)
    is_annual = constant(True)


class CoBenefit(CoBenefitView[BenefitRow]):
    __slots__ = ()
    co_benefit = mapped("title", goal_name)
    sdg = computed(numbered_goal("title"), "title")


def locations(row: ProjectRow) -> tuple[Location, ...]:
    if row.geo_location is not None:
        return (PlacedLocation(row),)
    return (Location(row),) if row.country_code or row.geographical_region else ()


def estimations(row: ProjectRow) -> tuple[Period | Year, ...]:
    years = tuple(map(Year, row.estimated_annual_mitigations or ()))
    return (Period(row), *years) if row.crediting_period_start_date else years


def benefits(row: ProjectRow) -> tuple[CoBenefit, ...]:
    """The benefits that were ticked; the others are the form's."""
    return tuple(CoBenefit(one) for one in row.other_benefits or () if one.checked)


def number(row: ProjectRow) -> str:
    return str(row.num)


def identifiers(row: ProjectRow) -> tuple[Identifier, ...]:
    return (Identifier(NUMBER, str(row.num)),)


def owner(row: ProjectRow) -> str | None:
    return (row.owner.full_name or None) if row.owner else None


def validator(row: ProjectRow) -> str | None:
    return (row.validation_body.full_name or None) if row.validation_body else None


def status_text(row: ProjectRow) -> str | None:
    """The project's own state; `statusState` is that of its record."""
    told = row.project_status.title if row.project_status else None
    return told or row.status or None


def status(row: ProjectRow) -> pick.ProjectStatus | None:
    return ICR_PROJECT(status_text(row))


def sector_text(row: ProjectRow) -> str | None:
    return (row.sector.title or None) if row.sector else None


def sectors_said(row: ProjectRow) -> Words[str]:
    return sector_words(sector_text(row))


def method_text(row: ProjectRow) -> str | None:
    return (row.methodology.title or None) if row.methodology else None


def first_methodology(row: ProjectRow) -> str | None:
    found = methodologies(method_text(row))
    return found[0].code if found else None


def methods(row: ProjectRow) -> tuple[Method, ...]:
    return tuple(map(Method, methodologies(method_text(row))))


STATUS = ("project_status.title", "status")


class IcrProject(ProjectRecord[ProjectRow]):
    """A project. Its `projectType` says avoidance or removal, which is no activity type."""

    __slots__ = ()
    key = computed(number, "num")
    identifiers = computed(identifiers, "num")
    current_registry = constant(NAME)
    project_id = computed(number, "num")
    origin_project_id = computed(number, "num")
    registry_of_origin = constant(NAME)
    program = constant("ICR")
    project_name = wire("full_name")
    project_developer = computed(owner, "owner.full_name")
    sector, sectors, sector_basis = sector_fields(
        sectors_said, methods, "sector.title", "methodology.title"
    )
    sector_raw = computed(sector_text, "sector.title")
    project_status = computed(status, *STATUS)
    project_status_raw = computed(status_text, *STATUS)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "methodology.title")
    methodology_raw = computed(method_text, "methodology.title")
    methodologies = computed(methods, "methodology.title")
    validation_body = computed(validator, "validation_body.full_name")
    updated_at = mapped("updated_at", iso_datetime)
    project_locations = computed(locations, "country_code", "geographical_region", "geo_location")
    co_benefits = computed(benefits, "other_benefits")
    estimations = computed(
        estimations,
        "crediting_period_start_date",
        "crediting_period_num_years",
        "estimated_annual_mitigations",
    )


def issuance_project(row: IssuanceRow) -> str:
    return str(row.project.num)


def issuance_identifiers(row: IssuanceRow) -> tuple[Identifier, ...]:
    text = row.credit.serialization
    return (Identifier(SERIAL, text),) if is_serial(text) else ()


class IcrIssuance(IssuanceRecord[Any]):
    """Credits of one vintage. How many were issued, and what became of them, is not said."""

    __slots__ = ("parent",)
    key = wire("credit.serialization")
    identifiers = computed(issuance_identifiers, "credit.serialization")
    project_key = computed(issuance_project, "project.num")
    issuance_id = wire("credit.serialization")
    vintage_year = mapped("credit.vintage", numbers.year)
    unit_serial_id = wire("credit.serialization")

    def __init__(self, row: IssuanceRow, origin: Origin, place: str, project: str) -> None:
        super().__init__(row, origin, place)
        self.parent = IcrProject(row.project, origin, project)
