"""What stands inside a row of the S&P Global registry platform: lists in one text, and places."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from adapters.children import Label, Method, goal_name, goal_number
from adapters.sp_rows import CancellationRow, IssuanceRow, ProjectRow, Row
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.labels import labels
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.numbers import decimal
from gateway.harmonise.sdgs import goal_texts
from gateway.model.field import computed, mapped, raw, wire
from gateway.model.odd import is_odd
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    RelatedProjectView,
    VerificationView,
)

SUBJECT = "sp-global"
R = TypeVar("R", bound=Row)


class PlaceView(LocationView[R]):
    """The country and region that every row repeats."""

    __slots__ = ()
    country = mapped("countryName", country)
    in_country_region = wire("stateProvince")


def place(row: Row) -> PlaceView[Any] | None:
    """The location of an issuance or unit."""
    odd = is_odd(row, "countryName", "stateProvince")
    return PlaceView(row) if row.countryName or row.stateProvince or odd else None


def places(row: Row) -> tuple[PlaceView[Any], ...]:
    """The project's one location, as the rows of its issuances and units repeat it."""
    found = place(row)
    return (found,) if found else ()


def latitude(row: ProjectRow) -> Decimal | None:
    """The latitude; the platform writes 0/0 for "no coordinates"."""
    return decimal(row.latitude) if row.latitude or row.longitude else None


def longitude(row: ProjectRow) -> Decimal | None:
    """The longitude; the platform writes 0/0 for "no coordinates"."""
    return decimal(row.longitude) if row.latitude or row.longitude else None


class SiteView(PlaceView[ProjectRow]):
    """A project's location, with its coordinates."""

    __slots__ = ()
    latitude = computed(latitude, "latitude", "longitude")
    latitude_raw = raw("latitude")
    longitude = computed(longitude, "latitude", "longitude")
    longitude_raw = raw("longitude")


def sites(row: ProjectRow) -> tuple[SiteView, ...]:
    """The project's one location."""
    told = row.countryName or row.stateProvince or row.latitude or row.longitude
    odd = is_odd(row, "countryName", "stateProvince", "latitude", "longitude")
    return (SiteView(row),) if told or odd else ()


@lru_cache(maxsize=1024)
def label_views(text: str | None) -> tuple[Label, ...]:
    """The labels of a list parted by semicolons."""
    return tuple(Label(fact) for fact in labels(text))


def certified(row: Any) -> tuple[Label, ...]:
    """The additional certifications of a project, an issuance or a block."""
    return label_views(row.additionalCertification)


def certified_when_cancelled(row: CancellationRow) -> tuple[Label, ...]:
    """The same, under the name that cancellations give it."""
    return label_views(row.additional_certification)


def all_methodologies(row: Row) -> tuple[Method, ...]:
    """The methodologies of the row."""
    return tuple(map(Method, methodologies(row.methodologies)))


def first_methodology(row: Row) -> str | None:
    """The harmonised key of the first methodology."""
    return next((found.code for found in methodologies(row.methodologies)), None)


@dataclass(frozen=True, slots=True)
class Goal:
    """One part of a list of Sustainable Development Goals."""

    text: str


class GoalView(CoBenefitView[Goal]):
    """A Sustainable Development Goal; what names none keeps its raw text."""

    __slots__ = ()
    co_benefit = mapped("text", goal_name)
    sdg = mapped("text", goal_number)


def goals(row: ProjectRow) -> tuple[GoalView, ...]:
    """The goals a project says that it contributes to."""
    return tuple(GoalView(Goal(text)) for text in goal_texts(row.sdContributions))


def annual_estimate(row: ProjectRow) -> Decimal | None:
    """The units expected per year: as one number, else as reductions and removals together."""
    if row.avgAnnualVolVcu is not None:
        return decimal(row.avgAnnualVolVcu)
    parts = (row.estimatedEmissionsAnnualReduction, row.estimatedAnnualCarbonDioxideRemovals)
    known = [number for part in parts if (number := decimal(part)) is not None]
    return decimal(sum(known, Decimal())) if known else None


def per_year(row: ProjectRow) -> bool | None:
    """What is estimated is always a year's; None where nothing is."""
    return None if annual_estimate(row) is None else True


class EstimationOf(EstimationView[ProjectRow]):
    """The crediting period, and what is expected per year of it."""

    __slots__ = ()
    crediting_period_start = mapped("creditPeriodStartDate", iso_date)
    crediting_period_end = mapped("creditPeriodEndDate", iso_date)
    unit_count = computed(
        annual_estimate,
        "avgAnnualVolVcu",
        "estimatedEmissionsAnnualReduction",
        "estimatedAnnualCarbonDioxideRemovals",
    )
    unit_count_raw = raw(
        "avgAnnualVolVcu",
        "estimatedEmissionsAnnualReduction",
        "estimatedAnnualCarbonDioxideRemovals",
    )
    is_annual = computed(
        per_year,
        "avgAnnualVolVcu",
        "estimatedEmissionsAnnualReduction",
        "estimatedAnnualCarbonDioxideRemovals",
    )


def estimations(row: ProjectRow) -> tuple[EstimationOf, ...]:
    """The project's one estimation, where the row tells anything of it."""
    told = row.creditPeriodStartDate or row.creditPeriodEndDate
    return (EstimationOf(row),) if told or annual_estimate(row) is not None else ()


class ElsewhereView(RelatedProjectView[ProjectRow]):
    """The same activity in another programme, by that programme's own number."""

    __slots__ = ()
    same = True
    related_project_id = wire("otherGhgProgramId")
    related_registry = wire("otherGhgProgramName")
    related_registry_raw = raw("otherGhgProgramName")


def elsewhere(row: ProjectRow) -> tuple[ElsewhereView, ...]:
    """The project in the other programme that the row names."""
    return (ElsewhereView(row),) if row.otherGhgProgramId else ()


class MonitoringView(VerificationView[IssuanceRow]):
    """The verification that an issuance stands on."""

    __slots__ = ()
    verification_start_date = mapped("periodStartDate", iso_date)
    verification_end_date = mapped("periodEndDate", iso_date)
    verification_body = wire("verifierName")


def monitoring(row: IssuanceRow) -> MonitoringView | None:
    """The verification, where the row tells anything of it."""
    told = row.verifierName or row.periodStartDate or row.periodEndDate
    return MonitoringView(row) if told else None
