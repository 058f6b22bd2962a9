"""A CAD Trust node's rows as records: the data model is its own, so most fields are as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.activities import sector_fields, sector_words_of, type_fields, type_words_of
from adapters.cad_trust_rows import (
    CoBenefitRow,
    EstimationRow,
    IssuanceRow,
    LabelRow,
    LocationRow,
    ProjectRow,
    RatingRow,
    RelatedProjectRow,
    UnitRow,
)
from adapters.children import Method, goal_name, goal_number
from gateway.harmonise import labels, numbers
from gateway.harmonise.cer_serials import CDM_REFERENCE, cdm_reference
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.methodologies import Methodology, methodologies
from gateway.harmonise.picklist import by_value
from gateway.harmonise.statuses import CAD_TRUST_PROJECT, CAD_TRUST_UNIT
from gateway.model import picklists as pick
from gateway.model.field import computed, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LabelView,
    LocationView,
    ProjectRecord,
    RatingView,
    RelatedProjectView,
    VerificationView,
)
from gateway.model.record import Identifier, Origin
from gateway.model.unit import UnitRecord

SUBJECT = "cad-trust"
NDC = by_value(pick.CoveredByNDC, "cad-trust-covered-by-ndc")
METRIC = by_value(pick.UnitMetric, "cad-trust-unit-metric")
UNIT_TYPE = by_value(pick.UnitType, "cad-trust-unit-type")
RATING_TYPE = by_value(pick.RatingType, "cad-trust-rating-type")
LABEL_TYPE = by_value(pick.LabelType, "cad-trust-label-type")
DECLARATION = by_value(
    pick.CorrespondingAdjustmentDeclaration, "cad-trust-corresponding-adjustment-declaration"
)
ADJUSTMENT = by_value(
    pick.CorrespondingAdjustmentStatus, "cad-trust-corresponding-adjustment-status"
)

# "-20.4563,16.6513": the form in which a point is unmistakable. "0,0" is what forms are filled
# with when nobody knows.
_POINT = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*")


class Point(NamedTuple):
    latitude: Decimal
    longitude: Decimal


def point(text: str | None) -> Point | None:
    """The point of a geographic identifier, None where it is written in any other way."""
    found = _POINT.fullmatch(text or "")
    if found is None:
        return None
    latitude, longitude = Decimal(found[1]), Decimal(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180 or not (latitude or longitude):
        return None
    return Point(latitude, longitude)


def latitude(row: LocationRow) -> Decimal | None:
    found = point(row.geographicIdentifier)
    return found.latitude if found else None


def longitude(row: LocationRow) -> Decimal | None:
    found = point(row.geographicIdentifier)
    return found.longitude if found else None


class Location(LocationView[LocationRow]):
    __slots__ = ()
    project_location_id = wire("id")
    country = mapped("country", country)
    in_country_region = wire("inCountryRegion")
    geographic_identifier = wire("geographicIdentifier")
    latitude = computed(latitude, "geographicIdentifier")
    latitude_raw = raw("geographicIdentifier")
    longitude = computed(longitude, "geographicIdentifier")
    longitude_raw = raw("geographicIdentifier")


class Rating(RatingView[RatingRow]):
    __slots__ = ()
    project_rating_id = wire("id")
    rating_type = mapped("ratingType", RATING_TYPE)
    rating_range_lowest = wire("ratingRangeLowest")
    rating_range_highest = wire("ratingRangeHighest")
    rating = wire("rating")
    rating_link = wire("ratingLink")


class CoBenefit(CoBenefitView[CoBenefitRow]):
    """Free text is allowed here; what names no goal keeps its raw text only."""

    __slots__ = ()
    co_benefit_id = wire("id")
    co_benefit = mapped("cobenefit", goal_name)
    sdg = mapped("cobenefit", goal_number)


class Estimation(EstimationView[EstimationRow]):
    """The units of a whole crediting period."""

    __slots__ = ()
    estimation_id = wire("id")
    crediting_period_start = mapped("creditingPeriodStart", iso_date)
    crediting_period_end = mapped("creditingPeriodEnd", iso_date)
    unit_count = mapped("unitCount", numbers.decimal)


class RelatedProject(RelatedProjectView[RelatedProjectRow]):
    __slots__ = ()
    related_project_id = wire("relatedProjectId")
    relationship_type = wire("relationshipType")
    related_registry = wire("registry")
    related_registry_raw = raw("registry")


def label_text(text: str) -> str | None:
    """The label in the one spelling that all registries' labels are given here."""
    found = labels.label(text)
    return found.label if found else None


class Label(LabelView[LabelRow]):
    __slots__ = ()
    label_id = wire("id")
    label = mapped("label", label_text)
    label_type = mapped("labelType", LABEL_TYPE)
    crediting_period_start_date = mapped("creditingPeriodStartDate", iso_date)
    crediting_period_end_date = mapped("creditingPeriodEndDate", iso_date)
    validity_start_date = mapped("validityPeriodStartDate", iso_date)
    validity_end_date = mapped("validityPeriodEndDate", iso_date)
    unit_quantity = mapped("unitQuantity", numbers.decimal)
    label_link = wire("labelLink")


def children(view: type[Any], name: str) -> Callable[[Any], tuple[Any, ...]]:
    """A rule that shows each row of a nested list through a view."""

    def rule(row: Any) -> tuple[Any, ...]:
        return tuple(map(view, getattr(row, name)))

    rule.__qualname__ = name
    return rule


def project_identifiers(row: ProjectRow) -> tuple[Identifier, ...]:
    """CAD Trust's own id, and the code in the registry of origin as the organisation wrote it."""
    own = Identifier("cadtrust.warehouseProjectId", row.warehouseProjectId)
    if not row.originProjectId:
        return (own,)
    return own, Identifier("cadtrust.originProjectId", row.originProjectId)


def methodology_rows(row: ProjectRow) -> tuple[Methodology, ...]:
    """Both methodology columns, each once; either may hold a list."""
    found = (*methodologies(row.methodology), *methodologies(row.methodology2))
    return tuple({one.code or one.raw: one for one in reversed(found)}.values())[::-1]


def methodology_views(row: ProjectRow) -> tuple[Method, ...]:
    return tuple(map(Method, methodology_rows(row)))


def first_methodology(row: ProjectRow) -> str | None:
    found = methodology_rows(row)
    return found[0].code if found else None


class Project(ProjectRecord[ProjectRow]):
    __slots__ = ()
    key = wire("warehouseProjectId")
    identifiers = computed(project_identifiers, "warehouseProjectId", "originProjectId")
    cad_trust_project_id = wire("warehouseProjectId")
    org_uid = wire("orgUid")
    current_registry = wire("currentRegistry")
    current_registry_raw = raw("currentRegistry")
    project_id = wire("projectId")
    origin_project_id = wire("originProjectId")
    registry_of_origin = wire("registryOfOrigin")
    registry_of_origin_raw = raw("registryOfOrigin")
    program = wire("program")
    project_name = wire("projectName")
    project_description = wire("description")
    project_link = wire("projectLink")
    project_developer = wire("projectDeveloper")
    sector, sectors, sector_basis = sector_fields(
        sector_words_of("sector"), methodology_views, "sector", "methodology", "methodology2"
    )
    sector_raw = raw("sector")
    project_type, project_types, project_type_basis = type_fields(
        type_words_of("projectType"),
        methodology_views,
        "projectType",
        "methodology",
        "methodology2",
    )
    project_type_raw = raw("projectType")
    project_tags = wire("projectTags")
    covered_by_ndc = mapped("coveredByNDC", NDC)
    ndc_information = wire("ndcInformation")
    project_status = mapped("projectStatus", CAD_TRUST_PROJECT)
    project_status_date = mapped("projectStatusDate", iso_date)
    unit_metric = mapped("unitMetric", METRIC)
    methodology = computed(first_methodology, "methodology", "methodology2")
    methodology_raw = raw("methodology", "methodology2")
    methodologies = computed(methodology_views, "methodology", "methodology2")
    validation_body = wire("validationBody")
    validation_date = mapped("validationDate", iso_date)
    updated_at = mapped("updatedAt", iso_datetime)
    project_locations = computed(children(Location, "projectLocations"), "projectLocations")
    project_ratings = computed(children(Rating, "projectRatings"), "projectRatings")
    co_benefits = computed(children(CoBenefit, "coBenefits"), "coBenefits")
    estimations = computed(children(Estimation, "estimations"), "estimations")
    related_projects = computed(children(RelatedProject, "relatedProjects"), "relatedProjects")
    labels = computed(children(Label, "labels"), "labels")


class Verification(VerificationView[IssuanceRow]):
    """v1 keeps on the issuance what v2 makes a table of."""

    __slots__ = ()
    verification_start_date = mapped("startDate", iso_date)
    verification_end_date = mapped("endDate", iso_date)
    verification_body = wire("verificationBody")


def issuance_identifiers(row: IssuanceRow) -> tuple[Identifier, ...]:
    return (Identifier("cadtrust.issuanceId", row.id),)


class Issuance(IssuanceRecord[Any]):
    """A child of a project; read from one of its units, it comes without the project."""

    __slots__ = ("parent",)
    key = wire("id")
    identifiers = computed(issuance_identifiers, "id")
    project_key = wire("warehouseProjectId")
    cad_trust_project_id = wire("warehouseProjectId")
    cad_trust_issuance_id = wire("id")
    issuance_id = wire("id")
    issuance_start_date = mapped("startDate", iso_date)
    issuance_end_date = mapped("endDate", iso_date)
    verification_approach = wire("verificationApproach")
    verification_report_date = mapped("verificationReportDate", iso_date)
    verification_body = wire("verificationBody")
    verification = computed(Verification, "startDate", "endDate", "verificationBody")

    def __init__(
        self, row: IssuanceRow, origin: Origin, place: str = "", project: ProjectRow | None = None
    ) -> None:
        super().__init__(row, origin, place)
        above = place.rpartition("issuances")[0].rstrip("/")
        self.parent = Project(project, origin, above) if project else None


def unit_identifiers(row: UnitRow) -> tuple[Identifier, ...]:
    own = Identifier("cadtrust.warehouseUnitId", row.warehouseUnitId)
    return own, *carried_over(row.serialNumberBlock, row.unitCount)


def carried_over(serial: str | None, count: object) -> tuple[Identifier, ...]:
    """The CDM project that a block of CERs is of, by its serial."""
    of = cdm_reference(serial, numbers.decimal(count))
    return () if of is None else (Identifier(CDM_REFERENCE, of),)


def unit_project(row: UnitRow) -> str | None:
    """The one link from a unit to its project: its issuance."""
    return row.issuance.warehouseProjectId if row.issuance else None


def unit_location(row: UnitRow) -> Any:
    """Only the id; the location itself is among the project's."""
    if not row.projectLocationId:
        return None
    return UnitLocation(LocationRow(id=row.projectLocationId))


class UnitLocation(LocationView[LocationRow]):
    __slots__ = ()
    project_location_id = wire("id")


class Unit(UnitRecord[UnitRow]):
    __slots__ = ()
    key = wire("warehouseUnitId")
    identifiers = computed(unit_identifiers, "warehouseUnitId", "serialNumberBlock", "unitCount")
    project_key = computed(unit_project, "issuance")
    issuance_key = wire("issuanceId")
    cad_trust_unit_id = wire("warehouseUnitId")
    cad_trust_issuance_id = wire("issuanceId")
    org_uid = wire("orgUid")
    unit_serial_id = wire("serialNumberBlock")
    unit_block_start = wire("unitBlockStart")
    unit_block_end = wire("unitBlockEnd")
    unit_count = mapped("unitCount", numbers.decimal)
    vintage_year = mapped("vintageYear", numbers.year)
    unit_type = mapped("unitType", UNIT_TYPE)
    unit_status = mapped("unitStatus", CAD_TRUST_UNIT)
    unit_status_reason = wire("unitStatusReason")
    unit_owner = wire("unitOwner")
    country_jurisdiction_of_owner = mapped("countryJurisdictionOfOwner", country)
    in_country_jurisdiction_of_owner = wire("inCountryJurisdictionOfOwner")
    marketplace = wire("marketplace")
    marketplace_link = wire("marketplaceLink")
    marketplace_identifier = wire("marketplaceIdentifier")
    unit_tags = wire("unitTags")
    unit_registry_link = wire("unitRegistryLink")
    corresponding_adjustment_declaration = mapped("correspondingAdjustmentDeclaration", DECLARATION)
    corresponding_adjustment_status = mapped("correspondingAdjustmentStatus", ADJUSTMENT)
    updated_at = mapped("updatedAt", iso_datetime)
    unit_issuance_location = computed(unit_location, "projectLocationId")
    labels = computed(children(Label, "labels"), "labels")
