"""Which record fields a CAD Trust node's `/v2` can say, and what of the world's they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.model.entity import Entity
from gateway.model.picklists import StakeholderType, ValidationType
from gateway.sandbox import cad_trust_v2_rows as rows
from gateway.sandbox.world import Issuance, Label, Methodology, Project, Rating


@dataclass(frozen=True, slots=True)
class Program:
    cad_trust_program_id: str
    program_name: str
    program_registry: str
    program_registry_id: str


@dataclass(frozen=True, slots=True)
class Stakeholder:
    cad_trust_stakeholder_id: str
    stakeholder_name: str
    stakeholder_type: StakeholderType = StakeholderType.DEVELOPER


@dataclass(frozen=True, slots=True)
class Validation:
    cad_trust_validation_id: str
    validation_id: str
    validation_body: str
    validation_date: str | None
    validation_credit_period_start_date: str
    validation_credit_period_end_date: str
    validation_type: ValidationType = ValidationType.PROJECT_DESIGN_DOCUMENT


@dataclass(frozen=True, slots=True)
class Verification:
    cad_trust_verification_id: str
    verification_id: str
    verification_start_date: str
    verification_end_date: str
    verification_body: str | None


def _program(project: Project) -> Program | None:
    if not project.program:
        return None
    return Program(
        rows.program_key(project),
        project.program,
        project.current_registry,
        f"{project.program} programme",
    )


def _stakeholders(project: Project) -> tuple[Stakeholder, ...]:
    return (Stakeholder(rows.stakeholder_key(project), project.project_developer),)


def _validations(project: Project) -> tuple[Validation, ...]:
    if not project.validation_body:
        return ()
    return (
        Validation(
            rows.validation_key(project),
            f"VAL-{project.number}",
            project.validation_body,
            project.validation_date,
            project.crediting_period_start,
            project.crediting_period_end,
        ),
    )


def _verification(issuance: Issuance) -> Verification:
    return Verification(
        rows.verification_key(issuance),
        f"VER-{issuance.batch}",
        issuance.issuance_start_date,
        issuance.issuance_end_date,
        issuance.verification_body,
    )


def _rating_name(rating: Rating) -> str:
    return f"{rating.rating_type.value} rating"


def _given_on(label: Label) -> str | None:
    return label.validity_start_date


def _names(text: str, *more: str) -> frozenset[str]:
    return frozenset((*text.split(), *more))


def _below(name: str, record: type[Any]) -> tuple[str, ...]:
    return (name, *(f"{name}.{field}" for field in record.__dataclass_fields__))


_PLACE = (
    "project_location_id", "country", "in_country_region", "geographic_identifier", "latitude",
    "longitude",
)  # fmt: skip
SAYS: Mapping[Entity, frozenset[str]] = {
    Entity.PROJECT: _names(
        """
        cad_trust_project_id current_registry project_id origin_project_id registry_of_origin
        program project_name project_description project_link project_developer
        sector sectors project_type project_types project_status project_status_date unit_metric
        methodology validation_body validation_date updated_at
        methodologies methodologies.cad_trust_methodology_id methodologies.methodology_code
        methodologies.methodology_name methodologies.methodology_version
        project_locations
        project_ratings project_ratings.project_rating_id project_ratings.rating_type
        project_ratings.rating_name project_ratings.rating project_ratings.rating_link
        co_benefits co_benefits.co_benefit_id co_benefits.co_benefit co_benefits.sdg
        estimations estimations.estimation_id estimations.crediting_period_start
        estimations.crediting_period_end estimations.unit_count
        """,
        *(f"project_locations.{name}" for name in _PLACE),
        *_below("cad_trust_program", Program),
        *_below("stakeholders", Stakeholder),
        *_below("validations", Validation),
    ),
    Entity.ISSUANCE: _names(
        """
        cad_trust_project_id cad_trust_issuance_id issuance_id issuance_date issuance_start_date
        issuance_end_date verification_body location
        """,
        *(f"location.{name}" for name in _PLACE),
        *_below("verification", Verification),
    ),
    Entity.UNIT: _names(
        """
        cad_trust_unit_id cad_trust_issuance_id org_uid unit_serial_id unit_block_start
        unit_block_end unit_count vintage_year unit_type unit_metric unit_status
        unit_status_reason unit_status_date unit_retirement_beneficiary unit_retirement_detail
        unit_owner marketplace marketplace_link marketplace_identifier unit_registry_link
        updated_at unit_issuance_location
        labels labels.label_id labels.label labels.label_type labels.label_link
        labels.label_unit_date
        """,
        *(f"unit_issuance_location.{name}" for name in _PLACE),
    ),
}


def _methodology_id(methodology: Methodology) -> str:
    return rows.methodology_key(methodology)


TOLD: Mapping[Entity, Mapping[str, Callable[[Any], Any]]] = {
    Entity.PROJECT: {
        "cad_trust_program": _program,
        "stakeholders": _stakeholders,
        "validations": _validations,
        "methodologies.cad_trust_methodology_id": _methodology_id,
        "project_ratings.rating_name": _rating_name,
    },
    Entity.ISSUANCE: {"verification": _verification},
    Entity.UNIT: {"labels.label_unit_date": _given_on},
}
