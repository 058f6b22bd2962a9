"""Puro's rows as records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from adapters.children import Method
from adapters.puro_rows import (
    GoalRow,
    ProjectRow,
    RetiredRow,
    TransactionRow,
    is_serial,
    unit_key,
)
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.methodologies import methodologies_of
from gateway.harmonise.sdgs import CO_BENEFITS
from gateway.harmonise.statuses import PURO_UNIT
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    ProjectRecord,
)
from gateway.model.record import Identifier
from gateway.model.unit import UnitRecord

SUBJECT = "puro"
NAME = "Puro.earth"
PAGE = "https://registry.puro.earth/projects/"
CODE = "puro.code"
SERIAL = "puro.serial"
METHODOLOGIES = methodologies_of("PURO")

V = TypeVar("V")


class Location(LocationView[ProjectRow]):
    """`NA` is Namibia."""

    __slots__ = ()
    country = mapped("country_code", country)
    latitude = mapped("latitude", numbers.decimal)
    longitude = mapped("longitude", numbers.decimal)


def goal_name(row: GoalRow) -> str | None:
    return None if row.goal is None else CO_BENEFITS.get(row.goal)


def goal_number(row: GoalRow) -> int | None:
    return row.goal if row.goal in CO_BENEFITS else None


class CoBenefit(CoBenefitView[GoalRow]):
    __slots__ = ()
    co_benefit = computed(goal_name, "goal")
    co_benefit_raw = raw("name")
    sdg = computed(goal_number, "goal")


class CreditingPeriod(EstimationView[ProjectRow]):
    """The period alone: no amounts are published."""

    __slots__ = ()
    crediting_period_start = mapped("crediting_period_start", iso_date)
    crediting_period_end = mapped("crediting_period_end", iso_date)


def project_identifiers(row: ProjectRow) -> tuple[Identifier, ...]:
    return (Identifier(CODE, row.code),)


def project_link(row: ProjectRow) -> str:
    return f"{PAGE}{row.code}"


def locations(row: ProjectRow) -> tuple[Location, ...]:
    return (Location(row),) if row.country_code or row.latitude else ()


def goals(row: ProjectRow) -> tuple[CoBenefit, ...]:
    return tuple(map(CoBenefit, row.sdgs))


def periods(row: ProjectRow) -> tuple[CreditingPeriod, ...]:
    said = row.crediting_period_start or row.crediting_period_end
    return (CreditingPeriod(row),) if said else ()


def methods(row: ProjectRow) -> tuple[Method, ...]:
    name = row.methodology.name if row.methodology else None
    return tuple(map(Method, METHODOLOGIES(name)))


def first_methodology(row: ProjectRow) -> str | None:
    found = methods(row)
    return found[0].methodology_code if found else None


def methodology_text(row: ProjectRow) -> str | None:
    return row.methodology.name if row.methodology else None


class PuroProject(ProjectRecord[ProjectRow]):
    """Only certified projects are listed, so all are registered."""

    __slots__ = ()
    key = wire("code")
    identifiers = computed(project_identifiers, "code")
    current_registry = constant(NAME)
    project_id = wire("code")
    origin_project_id = wire("code")
    registry_of_origin = constant(NAME)
    program = constant("Puro Standard")
    project_name = wire("name")
    project_link = computed(project_link, "code")
    project_developer = wire("supplier_name")
    project_status = constant(pick.ProjectStatus.REGISTERED)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "methodology.name")
    methodology_raw = computed(methodology_text, "methodology.name")
    methodologies = computed(methods, "methodology.name")
    project_locations = computed(locations, "country_code", "latitude", "longitude")
    co_benefits = computed(goals, "sdgs")
    estimations = computed(periods, "crediting_period_start", "crediting_period_end")


def shared(values: Iterable[V]) -> V | None:
    """What all bundles of a transaction say; None where they differ."""
    said = set(values)
    return said.pop() if len(said) == 1 else None


def facility(row: TransactionRow) -> str | None:
    return shared(b.production_facility_code for b in row.bundles)


def produced_from(row: TransactionRow) -> str | None:
    return min((text for b in row.bundles if (text := b.production_start_date)), default=None)


def produced_to(row: TransactionRow) -> str | None:
    return max((text for b in row.bundles if (text := b.production_end_date)), default=None)


def started(row: TransactionRow) -> str | None:
    return iso_date(produced_from(row))


def ended(row: TransactionRow) -> str | None:
    return iso_date(produced_to(row))


def vintage(row: TransactionRow) -> int | None:
    return shared(b.vintage for b in row.bundles)


def vintage_text(row: TransactionRow) -> str | None:
    return "; ".join(dict.fromkeys(str(b.vintage) for b in row.bundles if b.vintage)) or None


def serial(row: TransactionRow) -> str | None:
    return shared(b.certificates for b in row.bundles)


def issued_on(row: TransactionRow) -> str | None:
    return iso_date(issued_on_text(row))


def issued_on_text(row: TransactionRow) -> str | None:
    return row.issuance_details.issuance_date if row.issuance_details else None


def auditor(row: TransactionRow) -> str | None:
    return (row.issuance_details.audit_body or None) if row.issuance_details else None


class PuroIssuance(IssuanceRecord[TransactionRow]):
    """An issuance transaction; one of several vintages has none of its own."""

    __slots__ = ()
    key = wire("id")
    project_key = computed(facility, "bundles.production_facility_code")
    issuance_id = wire("id")
    issuance_date = computed(issued_on, "issuance_details.issuance_date")
    issuance_date_raw = computed(issued_on_text, "issuance_details.issuance_date")
    issuance_start_date = computed(started, "bundles.production_start_date")
    issuance_start_date_raw = computed(produced_from, "bundles.production_start_date")
    issuance_end_date = computed(ended, "bundles.production_end_date")
    issuance_end_date_raw = computed(produced_to, "bundles.production_end_date")
    verification_body = computed(auditor, "issuance_details.audit_body")
    unit_count = mapped("volume", numbers.decimal)
    vintage_year = computed(vintage, "bundles.vintage")
    vintage_year_raw = computed(vintage_text, "bundles.vintage")
    unit_serial_id = computed(serial, "bundles.certificates")


def unit_identifiers(row: RetiredRow) -> tuple[Identifier, ...]:
    text = row.bundle.certificates
    return (Identifier(SERIAL, text),) if text and is_serial(text) else ()


class PuroUnit(UnitRecord[RetiredRow]):
    """A retired block. Every credit of Puro's is of durable, engineered removal."""

    __slots__ = ()
    key = computed(unit_key, "bundle.certificates", "bundle.id")
    identifiers = computed(unit_identifiers, "bundle.certificates")
    project_key = wire("bundle.production_facility_code")
    issuance_key = wire("bundle.issuance_id")
    unit_serial_id = wire("bundle.certificates")
    unit_block_start = wire("bundle.start")
    unit_block_end = wire("bundle.end")
    unit_count = mapped("bundle.volume", numbers.decimal)
    vintage_year = mapped("bundle.vintage", numbers.year)
    vintage_start_date = mapped("bundle.production_start_date", iso_date)
    vintage_end_date = mapped("bundle.production_end_date", iso_date)
    unit_type = constant(pick.UnitType.REMOVAL_TECHNICAL)
    unit_type_raw = raw("bundle.credit_type")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_tags = wire("bundle.credit_type")
    unit_status = mapped("transaction.type", PURO_UNIT)
    unit_status_reason = wire("details.usage_type")
    unit_status_date = mapped("transaction.completed_on", iso_date)
    unit_retirement_beneficiary = wire("details.beneficiary_name")
    unit_retirement_detail = wire("details.retirement_purpose")
    unit_owner = wire("transaction.account_holder_name")
    unit_registry_link = wire("details.public_statement_url")
