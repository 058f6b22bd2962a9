"""The children of a CAD Trust node's `/v2` records, as views over their own tables' rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from adapters.cad_trust_v2_rows import (
    CoBenefitRow,
    EstimationRow,
    LabelJoin,
    LocationRow,
    MethodologyJoin,
    ProgramRow,
    RatingRow,
    StakeholderRow,
    ValidationRow,
    VerificationRow,
)
from adapters.cad_trust_views import (
    LABEL_TYPE,
    RATING_TYPE,
    UNIT_TYPE,
    label_text,
    point,
)
from adapters.children import goal_name, goal_number
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.picklist import by_value
from gateway.model import picklists as pick
from gateway.model.field import computed, mapped, raw, wire
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LabelView,
    LocationView,
    MethodologyView,
    ProgramView,
    RatingView,
    StakeholderView,
    ValidationView,
    VerificationView,
)

SUBJECT = "cad-trust-v2"
MAP_TYPE = by_value(pick.LocationMapType, "cad-trust-location-map-type")
VALIDATION_TYPE = by_value(pick.ValidationType, "cad-trust-validation-type")
STAKEHOLDER_TYPE = by_value(pick.StakeholderType, "cad-trust-stakeholder-type")


def latitude(row: LocationRow) -> Decimal | None:
    found = point(row.locationGis)
    return found.latitude if found else None


def longitude(row: LocationRow) -> Decimal | None:
    found = point(row.locationGis)
    return found.longitude if found else None


class Location(LocationView[LocationRow]):
    __slots__ = ()
    project_location_id = wire("cadTrustLocationId")
    country = mapped("locationCountry", country)
    in_country_region = wire("locationRegion")
    geographic_identifier = wire("locationGis")
    latitude = computed(latitude, "locationGis")
    latitude_raw = raw("locationGis")
    longitude = computed(longitude, "locationGis")
    longitude_raw = raw("locationGis")
    location_map_type = mapped("locationMapType", MAP_TYPE)
    location_map_file_link = wire("locationMapFileLink")


class Rating(RatingView[RatingRow]):
    __slots__ = ()
    project_rating_id = wire("cadTrustRatingId")
    rating_type = mapped("ratingType", RATING_TYPE)
    rating_name = wire("ratingName")
    rating = wire("ratingValue")
    rating_link = wire("ratingLink")


def co_benefit_text(row: CoBenefitRow) -> str | None:
    """The goal, under either of the names that the column goes by."""
    return row.cobenefit or row.coBenefitId


def co_benefit_key(row: CoBenefitRow) -> str | None:
    return row.cadTrustCobenefitId or row.cadTrustCoBenefitId


def co_benefit(row: CoBenefitRow) -> str | None:
    text = co_benefit_text(row)
    return goal_name(text) if text else None


def co_benefit_goal(row: CoBenefitRow) -> int | None:
    text = co_benefit_text(row)
    return goal_number(text) if text else None


class CoBenefit(CoBenefitView[CoBenefitRow]):
    __slots__ = ()
    co_benefit_id = computed(co_benefit_key, "cadTrustCobenefitId", "cadTrustCoBenefitId")
    co_benefit = computed(co_benefit, "cobenefit", "coBenefitId")
    co_benefit_raw = computed(co_benefit_text, "cobenefit", "coBenefitId")
    sdg = computed(co_benefit_goal, "cobenefit", "coBenefitId")


class Estimation(EstimationView[EstimationRow]):
    __slots__ = ()
    estimation_id = wire("cadTrustEstimationId")
    crediting_period_start = mapped("estimationStartDate", iso_date)
    crediting_period_end = mapped("estimationEndDate", iso_date)
    unit_count = mapped("estimationUnitCount", numbers.decimal)
    estimation_reference_no = wire("estimationReferenceNo")


def program_registry_id(row: ProgramRow) -> str | None:
    """One column in the schema, two in some builds; the programme's own comes first."""
    return row.programRegistryId or row.programRegistryProgramId or row.programRegistryActivityId


class Program(ProgramView[ProgramRow]):
    __slots__ = ()
    cad_trust_program_id = wire("cadTrustProgramId")
    program_name = wire("programName")
    program_registry = wire("programRegistry")
    program_registry_id = computed(
        program_registry_id,
        "programRegistryId",
        "programRegistryProgramId",
        "programRegistryActivityId",
    )
    program_description = wire("programDescription")


def methodology_code(row: MethodologyJoin) -> str | None:
    """The one key of the code, or of the name where the code tells none."""
    for text in (row.methodology.methodologyCode, row.methodology.methodologyName):
        found = next((one.code for one in methodologies(text) if one.code), None)
        if found:
            return found
    return None


class Methodology(MethodologyView[MethodologyJoin]):
    __slots__ = ()
    cad_trust_methodology_id = wire("methodology.cadTrustMethodologyId")
    methodology_code = computed(
        methodology_code, "methodology.methodologyCode", "methodology.methodologyName"
    )
    methodology_name = wire("methodology.methodologyName")
    methodology_raw = raw("methodology.methodologyCode")
    methodology_type = mapped("methodology.methodologyType", UNIT_TYPE)
    methodology_version = wire("methodology.methodologyVersion")
    methodology_date = mapped("methodology.methodologyDate", iso_date)
    methodology_link = wire("methodology.methodologyLink")
    project_methodology_date = mapped("link.projectMethodologyDate", iso_date)
    project_methodology_description = wire("link.projectMethodologyDescription")


class Validation(ValidationView[ValidationRow]):
    __slots__ = ()
    cad_trust_validation_id = wire("cadTrustValidationId")
    validation_id = wire("validationId")
    validation_type = mapped("validationType", VALIDATION_TYPE)
    validation_body = wire("validationBody")
    validation_date = mapped("validationDate", iso_date)
    validation_credit_period_start_date = mapped("validationCreditPeriodStartDate", iso_date)
    validation_credit_period_end_date = mapped("validationCreditPeriodEndDate", iso_date)


class Verification(VerificationView[VerificationRow]):
    __slots__ = ()
    cad_trust_verification_id = wire("cadTrustVerificationId")
    verification_id = wire("verificationId")
    verification_start_date = mapped("verificationStartDate", iso_date)
    verification_end_date = mapped("verificationEndDate", iso_date)
    verification_body = wire("verificationBody")


class Stakeholder(StakeholderView[StakeholderRow]):
    __slots__ = ()
    cad_trust_stakeholder_id = wire("cadTrustStakeholderId")
    stakeholder_name = wire("stakeholderName")
    stakeholder_type = mapped("stakeholderType", STAKEHOLDER_TYPE)
    stakeholder_link = wire("stakeholderLink")


def children(view: type[Any], *path: str) -> Callable[[Any], tuple[Any, ...]]:
    """A rule that shows each row of a nested list through a view."""

    def rule(row: Any) -> tuple[Any, ...]:
        found = row
        for name in path:
            found = getattr(found, name)
        return tuple(map(view, found))

    rule.__qualname__ = path[-1]
    return rule


class Label(LabelView[LabelJoin]):
    __slots__ = ()
    label_id = wire("label.cadTrustLabelId")
    label = mapped("label.labelName", label_text)
    label_type = mapped("label.labelType", LABEL_TYPE)
    label_link = wire("label.labelLink")
    label_date = mapped("label.labelDate", iso_date)
    label_unit_date = mapped("link.labelUnitDate", iso_date)
