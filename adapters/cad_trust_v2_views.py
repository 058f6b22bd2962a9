"""A CAD Trust node's joined `/v2` rows as records; the data dictionary is 2.0.2's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.activities import sector_fields, type_fields
from adapters.cad_trust_v2_children import (
    STAKEHOLDER_TYPE,
    VALIDATION_TYPE,
    CoBenefit,
    Estimation,
    Label,
    Location,
    Methodology,
    Program,
    Rating,
    Stakeholder,
    Validation,
    Verification,
    children,
    methodology_code,
)
from adapters.cad_trust_v2_rows import IssuanceJoin, ProjectJoin, UnitJoin, ValidationRow
from adapters.cad_trust_views import METRIC, UNIT_TYPE, carried_over
from gateway.harmonise import numbers
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.project_types import type_words
from gateway.harmonise.sectors import sector_words
from gateway.harmonise.statuses import CAD_TRUST_PROJECT, CAD_TRUST_UNIT
from gateway.harmonise.wordlist import Words, together
from gateway.model import picklists as pick
from gateway.model.field import computed, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import ProjectRecord
from gateway.model.record import Identifier
from gateway.model.unit import UnitRecord
from gateway.model.values import Date

SUBJECT = "cad-trust-v2"


def each(value: tuple[str, ...] | str | None) -> tuple[str, ...]:
    """Always an array by the schema; one text is met."""
    return (value,) if isinstance(value, str) else value or ()


def sectors_said(row: ProjectJoin) -> Words[str]:
    return together(map(sector_words, each(row.project.projectSector)))


def types_said(row: ProjectJoin) -> Words[str]:
    return together(map(type_words, each(row.project.projectType)))


methods = children(Methodology, "methodologies")


def developer(row: ProjectJoin) -> str | None:
    """The names of the stakeholders that are developers."""
    found = (
        one.stakeholderName or ""
        for one in row.stakeholders
        if STAKEHOLDER_TYPE(one.stakeholderType) is pick.StakeholderType.DEVELOPER
    )
    return ", ".join(filter(None, found)) or None


def first_methodology(row: ProjectJoin) -> str | None:
    return next(filter(None, map(methodology_code, row.methodologies)), None)


def first_methodology_text(row: ProjectJoin) -> str | None:
    codes = (one.methodology.methodologyCode or "" for one in row.methodologies)
    return "; ".join(filter(None, codes)) or None


def design_validation(row: ProjectJoin) -> ValidationRow | None:
    """The validation of the project's design, else the first of any kind."""
    wanted = pick.ValidationType.PROJECT_DESIGN_DOCUMENT
    found = [one for one in row.validations if VALIDATION_TYPE(one.validationType) is wanted]
    return next(iter(found or row.validations), None)


def validation_body(row: ProjectJoin) -> str | None:
    found = design_validation(row)
    return found.validationBody if found else None


def validation_date(row: ProjectJoin) -> Date | None:
    found = design_validation(row)
    return iso_date(found.validationDate) if found else None


def validation_date_text(row: ProjectJoin) -> str | None:
    found = design_validation(row)
    return found.validationDate if found else None


def program_view(row: ProjectJoin) -> Program | None:
    return Program(row.project.program) if row.project.program else None


def project_identifiers(row: ProjectJoin) -> tuple[Identifier, ...]:
    """CAD Trust's UUID, and its readable reference where it gave one."""
    own = Identifier("cadtrust.cadTrustProjectId", row.project.cadTrustProjectId)
    reference = row.project.cadTrustReferenceProjectId
    if not reference:
        return (own,)
    return own, Identifier("cadtrust.cadTrustReferenceProjectId", reference)


class Project(ProjectRecord[ProjectJoin]):
    """v2 knows one registry: it is both the current one and that of origin."""

    __slots__ = ()
    key = wire("project.cadTrustProjectId")
    identifiers = computed(project_identifiers, "project.cadTrustProjectId")
    cad_trust_project_id = wire("project.cadTrustProjectId")
    cad_trust_reference_project_id = wire("project.cadTrustReferenceProjectId")
    current_registry = wire("project.projectRegistryName")
    current_registry_raw = raw("project.projectRegistryName")
    project_id = wire("project.projectId")
    origin_project_id = wire("project.projectId")
    registry_of_origin = wire("project.projectRegistryName")
    registry_of_origin_raw = raw("project.projectRegistryName")
    program = wire("project.projectCreditingProgram")
    cad_trust_program = computed(program_view, "project.program")
    project_name = wire("project.projectName")
    project_description = wire("project.projectDescription")
    project_link = wire("project.projectLink")
    project_developer = computed(developer, "stakeholders")
    sector, sectors, sector_basis = sector_fields(
        sectors_said, methods, "project.projectSector", "methodologies"
    )
    sector_raw = raw("project.projectSector")
    project_type, project_types, project_type_basis = type_fields(
        types_said, methods, "project.projectType", "methodologies"
    )
    project_type_raw = raw("project.projectType")
    project_subtype = wire("project.projectSubtype")
    project_status = mapped("project.projectStatus", CAD_TRUST_PROJECT)
    project_status_date = mapped("project.projectStatusDate", iso_date)
    unit_metric = mapped("project.projectUnitMetric", METRIC)
    methodology = computed(first_methodology, "methodologies")
    methodology_raw = computed(first_methodology_text, "methodologies")
    methodologies = computed(methods, "methodologies")
    validation_body = computed(validation_body, "validations")
    validation_date = computed(validation_date, "validations")
    validation_date_raw = computed(validation_date_text, "validations")
    updated_at = mapped("project.updatedAt", iso_datetime)
    project_locations = computed(children(Location, "project", "locations"), "project.locations")
    project_ratings = computed(children(Rating, "project", "ratings"), "project.ratings")
    co_benefits = computed(children(CoBenefit, "project", "coBenefits"), "project.coBenefits")
    estimations = computed(children(Estimation, "project", "estimations"), "project.estimations")
    validations = computed(children(Validation, "validations"), "validations")
    stakeholders = computed(children(Stakeholder, "stakeholders"), "stakeholders")


def issuance_project(row: IssuanceJoin) -> str | None:
    """An issuance names no project: its verification does."""
    return row.verification.cadTrustProjectId if row.verification else None


def issuance_location(row: IssuanceJoin) -> Location | None:
    return Location(row.location) if row.location else None


def verification(row: IssuanceJoin) -> Verification | None:
    return Verification(row.verification) if row.verification else None


def verified(
    name: str, convert: Callable[[Any], Any], what: str = ""
) -> Callable[[IssuanceJoin], Any]:
    """A field of the verification through a rule, which may be called something else."""

    def read(row: IssuanceJoin) -> Any:
        value = getattr(row.verification, name) if row.verification else None
        return None if value is None else convert(value)

    read.__qualname__ = what or name
    return read


def issuance_identifiers(row: IssuanceJoin) -> tuple[Identifier, ...]:
    return (Identifier("cadtrust.cadTrustIssuanceId", row.issuance.cadTrustIssuanceId),)


class Issuance(IssuanceRecord[IssuanceJoin]):
    __slots__ = ()
    key = wire("issuance.cadTrustIssuanceId")
    identifiers = computed(issuance_identifiers, "issuance.cadTrustIssuanceId")
    project_key = computed(issuance_project, "verification")
    cad_trust_project_id = computed(issuance_project, "verification")
    cad_trust_issuance_id = wire("issuance.cadTrustIssuanceId")
    issuance_id = wire("issuance.issuanceId")
    issuance_date = mapped("issuance.issuanceDate", iso_date)
    issuance_start_date = computed(verified("verificationStartDate", iso_date), "verification")
    issuance_start_date_raw = computed(
        verified("verificationStartDate", str, "verificationStartText"), "verification"
    )
    issuance_end_date = computed(verified("verificationEndDate", iso_date), "verification")
    issuance_end_date_raw = computed(
        verified("verificationEndDate", str, "verificationEndText"), "verification"
    )
    verification_body = computed(verified("verificationBody", str), "verification")
    location = computed(issuance_location, "location")
    verification = computed(verification, "verification")


def unit_project(row: UnitJoin) -> str | None:
    return issuance_project(row.issuance) if row.issuance else None


def unit_location(row: UnitJoin) -> Location | None:
    return issuance_location(row.issuance) if row.issuance else None


def unit_identifiers(row: UnitJoin) -> tuple[Identifier, ...]:
    own = Identifier("cadtrust.cadTrustUnitId", row.unit.cadTrustUnitId)
    return own, *carried_over(row.unit.unitSerialId, row.unit.unitCount)


class Unit(UnitRecord[UnitJoin]):
    __slots__ = ()
    key = wire("unit.cadTrustUnitId")
    identifiers = computed(
        unit_identifiers, "unit.cadTrustUnitId", "unit.unitSerialId", "unit.unitCount"
    )
    project_key = computed(unit_project, "issuance")
    issuance_key = wire("unit.cadTrustIssuanceId")
    cad_trust_unit_id = wire("unit.cadTrustUnitId")
    cad_trust_issuance_id = wire("unit.cadTrustIssuanceId")
    org_uid = wire("unit.orgUid")
    unit_serial_id = wire("unit.unitSerialId")
    unit_block_start = wire("unit.unitStartBlock")
    unit_block_end = wire("unit.unitEndBlock")
    unit_count = mapped("unit.unitCount", numbers.decimal)
    vintage_year = mapped("unit.unitVintageYear", numbers.year)
    unit_type = mapped("unit.unitType", UNIT_TYPE)
    unit_metric = mapped("unit.unitMetric", METRIC)
    unit_status = mapped("unit.unitStatus", CAD_TRUST_UNIT)
    unit_status_reason = wire("unit.unitStatusReason")
    unit_status_date = mapped("unit.unitStatusDate", iso_date)
    unit_retirement_beneficiary = wire("unit.unitRetirementBeneficiary")
    unit_retirement_beneficiary_id = wire("unit.unitRetirementBeneficiaryId")
    unit_retirement_detail = wire("unit.unitRetirementDetail")
    unit_owner = wire("unit.unitCurrentOwner")
    marketplace = wire("unit.marketplace")
    marketplace_link = wire("unit.marketplaceLink")
    marketplace_identifier = wire("unit.marketplaceIdentifier")
    unit_registry_link = wire("unit.unitLink")
    unit_itmos_reference_id = wire("unit.unitItmosReferenceId")
    updated_at = mapped("unit.updatedAt", iso_datetime)
    unit_issuance_location = computed(unit_location, "issuance")
    labels = computed(children(Label, "labels"), "labels")
