"""GreenTrace's rows as records: what all registries of the platform have in common.

`adapters.greentrace_tenant` makes a registry's own views of these.
"""

from __future__ import annotations

from typing import Any

from adapters.children import Label
from adapters.greentrace_rows import (
    DetailRow,
    EventRow,
    HoldingRow,
    SummaryRow,
    block,
    code,
    unit_key,
)
from adapters.greentrace_tables import GOALS, KINDS, NATURE
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.labels import flag, label
from gateway.harmonise.unit_types import typed
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    EstimationView,
    LocationView,
    ProjectRecord,
)
from gateway.model.unit import UnitRecord

SUBJECT = "greentrace"


class SummaryLocation(LocationView[SummaryRow]):
    """The list has the country's code alone; `NA` is Namibia."""

    __slots__ = ()
    country = mapped("country", country)


class DetailLocation(LocationView[DetailRow]):
    """States are names in capitals, ISO codes, or a list of both."""

    __slots__ = ()
    country = mapped("projectSiteLocCountry", country)
    in_country_region = wire("projectSiteLocState")
    latitude = mapped("projectSiteLocLatitude", numbers.decimal)
    longitude = mapped("projectSiteLocLongitude", numbers.decimal)


class IssuedAt(LocationView[HoldingRow]):
    __slots__ = ()
    country = mapped("projectSiteLocationCountry", country)
    in_country_region = wire("projectSiteLocationState")


class Country(LocationView[HoldingRow]):
    """What a block repeats of its project, no more than the list of projects says."""

    __slots__ = ()
    country = mapped("projectSiteLocationCountry", country)


class Estimation(EstimationView[DetailRow]):
    """Credits a year, over the current crediting period."""

    __slots__ = ()
    crediting_period_start = mapped("currentCreditingPeriodStartDate", iso_date)
    crediting_period_end = mapped("currentCreditingPeriodEndDate", iso_date)
    unit_count = mapped("estimatedAnnualCredits", numbers.decimal)
    is_annual = constant(True)


def summary_code(row: SummaryRow) -> str:
    return code(row.projectId)


def summary_places(row: SummaryRow) -> tuple[SummaryLocation, ...]:
    return (SummaryLocation(row),) if row.country else ()


class GreenTraceSummary(ProjectRecord[SummaryRow]):
    """A project as the list tells it."""

    __slots__ = ()
    # What only a project's own page says.
    late = frozenset(
        (
            "project_description",
            "project_status",
            "validation_body",
            "project_locations.in_country_region",
            "project_locations.latitude",
            "project_locations.longitude",
            "estimations",
        )
    )
    key = computed(summary_code, "projectId")
    project_id = wire("projectId")
    origin_project_id = wire("projectId")
    program = wire("creditingProgram")
    project_name = wire("projectName")
    project_developer = wire("projectDeveloper")
    sector_raw = raw("projectType")
    project_type_raw = raw("projectType")
    project_status_raw = raw("projectStatus")
    project_status_date = mapped("projectExtensionMap.lastProjectStatusChanged", iso_date)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    project_locations = computed(summary_places, "country")


def detail_code(row: DetailRow) -> str:
    return code(row.projectReferenceId)


def detail_places(row: DetailRow) -> tuple[DetailLocation, ...]:
    return (DetailLocation(row),) if row.projectSiteLocCountry else ()


def estimations(row: DetailRow) -> tuple[Estimation, ...]:
    said = row.estimatedAnnualCredits, row.currentCreditingPeriodStartDate
    return () if said == (None, None) else (Estimation(row),)


class GreenTraceDetail(ProjectRecord[DetailRow]):
    """A project as its own page tells it."""

    __slots__ = ()
    key = computed(detail_code, "projectReferenceId")
    project_id = wire("projectReferenceId")
    origin_project_id = wire("projectReferenceId")
    program = wire("creditingProgram")
    project_name = wire("projectName")
    project_description = wire("projectDescription")
    project_developer = wire("owningProfileParticipantName")
    sector_raw = raw("projectTypeName")
    project_type_raw = raw("projectTypeName")
    project_status_date = mapped("projectExtensionMap.lastProjectStatusChanged", iso_date)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    validation_body = wire("validatorParticipantName")
    project_locations = computed(
        detail_places,
        "projectSiteLocCountry",
        "projectSiteLocState",
        "projectSiteLocLatitude",
        "projectSiteLocLongitude",
    )
    estimations = computed(
        estimations,
        "estimatedAnnualCredits",
        "currentCreditingPeriodStartDate",
        "currentCreditingPeriodEndDate",
    )


def holding_project(row: HoldingRow) -> str:
    return code(row.projectReferenceId)


def holding_country(row: HoldingRow) -> tuple[Country, ...]:
    return (Country(row),) if row.projectSiteLocationCountry else ()


class GreenTraceParent(ProjectRecord[HoldingRow]):
    """The project fields that a block repeats.

    It repeats the type, too, but not the methodology, without which type and sector are not
    whole: who filters by them has the projects read.
    """

    __slots__ = ()
    key = computed(holding_project, "projectReferenceId")
    project_id = wire("projectReferenceId")
    origin_project_id = wire("projectReferenceId")
    project_name = wire("projectName")
    project_developer = wire("developerProfileName")
    project_locations = computed(holding_country, "projectSiteLocationCountry")


def first_block(row: HoldingRow) -> str | None:
    found = block(row.holdingSerialNumber)
    return found[0] if found else None


def last_block(row: HoldingRow) -> str | None:
    found = block(row.holdingSerialNumber)
    return found[1] if found else None


def status_text(row: HoldingRow) -> str | None:
    parts = (row.holdingStatus, row.cancellationReason, "isReserve" if row.isReserve else None)
    return "; ".join(part for part in parts if part) or None


def ended_text(row: HoldingRow) -> str | None:
    return row.retirementDate or row.cancellationDate


def ended(row: HoldingRow) -> str | None:
    return iso_date(ended_text(row))


def reason(row: HoldingRow) -> str | None:
    return row.retirementReasonDisplayName or row.cancellationReasonDisplayName or None


def beneficiary(row: HoldingRow) -> str | None:
    return row.retirementOnBehalfOfName or row.cancellationOnBehalfOfName or None


def _texts(row: HoldingRow, wanted: bool) -> list[str]:
    """The labels' texts: those that say what the block stands for, or all others but the goals."""
    return [
        found.labelDisplayName
        for found in row.registryLabels or ()
        if found.labelDisplayName
        and found.labelCategoryCode != GOALS
        and (found.labelCategoryCode == KINDS) is wanted
    ]


def unit_labels(row: HoldingRow) -> tuple[Label, ...] | None:
    """None as it was issued: that ledger has no labels."""
    if row.registryLabels is None:
        return None
    found = [label(text) for text in _texts(row, False)]
    found.append(flag("Host country letter of authorization", row.hostCountryLetterOfAuthorization))
    return tuple(Label(fact) for fact in found if fact is not None)


def unit_type(row: HoldingRow) -> pick.UnitType | None:
    """Where a label says the kind and the activity plainly is nature's or technical."""
    told = _texts(row, True)
    return typed(told[0], NATURE(row.projectTypeName)) if len(told) == 1 else None


def unit_type_text(row: HoldingRow) -> str | None:
    return "; ".join(_texts(row, True)) or None


class GreenTraceUnit(UnitRecord[Any]):
    """A block of the book, in its present state."""

    __slots__ = ("parent",)
    key = computed(unit_key, "holdingSerialNumber", "holdingKey")
    project_key = computed(holding_project, "projectReferenceId")
    issuance_key = wire("issuanceKey")
    unit_serial_id = wire("holdingSerialNumber")
    unit_block_start = computed(first_block, "holdingSerialNumber")
    unit_block_end = computed(last_block, "holdingSerialNumber")
    unit_count = mapped("holdingQuantity", numbers.decimal)
    vintage_year = mapped("vintage", numbers.year)
    vintage_start_date = mapped("issuanceVintageStartDate", iso_date)
    unit_type = computed(unit_type, "registryLabels", "projectTypeName")
    unit_type_raw = computed(unit_type_text, "registryLabels")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    unit_status_raw = computed(status_text, "holdingStatus", "isReserve", "cancellationReason")
    unit_status_date = computed(ended, "retirementDate", "cancellationDate")
    unit_status_date_raw = computed(ended_text, "retirementDate", "cancellationDate")
    unit_status_reason = computed(
        reason, "retirementReasonDisplayName", "cancellationReasonDisplayName"
    )
    unit_retirement_beneficiary = computed(
        beneficiary, "retirementOnBehalfOfName", "cancellationOnBehalfOfName"
    )
    unit_retirement_detail = wire("retirementPurpose")
    unit_owner = wire("accountHolderProfileName")
    labels = computed(unit_labels, "registryLabels", "hostCountryLetterOfAuthorization")


def event_project(row: EventRow) -> str:
    return code(row.first.projectReferenceId)


def event_place(row: EventRow) -> IssuedAt | None:
    return IssuedAt(row.first) if row.first.projectSiteLocationCountry else None


def event_serial(row: EventRow) -> str | None:
    """The serial where one block is the whole issuance; several blocks have one each."""
    return row.first.holdingSerialNumber if len(row.blocks) == 1 else None


class GreenTraceIssuance(IssuanceRecord[Any]):
    """An issuance event. Every block of it repeats the event's amount."""

    __slots__ = ("parent",)
    key = wire("first.issuanceKey")
    project_key = computed(event_project, "first.projectReferenceId")
    issuance_id = wire("first.issuanceKey")
    issuance_date = mapped("first.issuanceDate", iso_date)
    unit_count = mapped("first.issuanceQuantity", numbers.decimal)
    vintage_year = mapped("first.vintage", numbers.year)
    vintage_start_date = mapped("first.issuanceVintageStartDate", iso_date)
    unit_serial_id = computed(event_serial, "blocks.holdingSerialNumber")
    location = computed(
        event_place, "first.projectSiteLocationCountry", "first.projectSiteLocationState"
    )
