"""The project record's vocabulary, and its children's: CAD Trust's names, all optional.

A view class overrides what its registry publishes; the rest stays None.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from gateway.model import picklists as pick
from gateway.model.entity import Entity
from gateway.model.field import Computed, Field, Mapped, computed
from gateway.model.record import Record, View
from gateway.model.rule import numbered
from gateway.model.values import CountryCode, Date, DateTime

Row = TypeVar("Row")


class LocationView(View[Row]):
    """PROJECT LOCATION."""

    __slots__ = ()
    project_location_id: str | None = None
    country: CountryCode | None = None
    country_raw: str | None = None
    in_country_region: str | None = None
    geographic_identifier: str | None = None
    latitude: Decimal | None = None
    latitude_raw: str | None = None
    longitude: Decimal | None = None
    longitude_raw: str | None = None
    location_map_type: pick.LocationMapType | None = None
    location_map_type_raw: str | None = None
    location_map_file_link: str | None = None


class RatingView(View[Row]):
    """PROJECT RATING."""

    __slots__ = ()
    project_rating_id: str | None = None
    rating_type: pick.RatingType | None = None
    rating_type_raw: str | None = None
    rating_name: str | None = None
    rating_range_lowest: str | None = None
    rating_range_highest: str | None = None
    rating: str | None = None
    rating_link: str | None = None


class CoBenefitView(View[Row]):
    """CO-BENEFITS; `co_benefit` is in the picklist's spelling, `sdg` the goal's number."""

    __slots__ = ()
    co_benefit_id: str | None = None
    co_benefit: str | None = None
    co_benefit_raw: str | None = None
    sdg: int | None = None


class EstimationView(View[Row]):
    """ESTIMATIONS; a registry that estimates per year says so in `is_annual`."""

    __slots__ = ()
    estimation_id: str | None = None
    crediting_period_start: Date | None = None
    crediting_period_start_raw: str | None = None
    crediting_period_end: Date | None = None
    crediting_period_end_raw: str | None = None
    unit_count: Decimal | None = None
    unit_count_raw: str | None = None
    is_annual: bool | None = None
    estimation_reference_no: str | None = None


class RelatedProjectView(View[Row]):
    """RELATED PROJECTS; `related_registry` names the registry, in whatever words.

    `same` says that the other is the same activity, not one that belongs with it. Not annotated:
    it is no field.
    """

    __slots__ = ()
    same = False
    related_project_id: str | None = None
    relationship_type: str | None = None
    related_registry: str | None = None
    related_registry_raw: str | None = None


class LabelView(View[Row]):
    """LABELS; on a unit, `label_unit_date` says when the label was given to it."""

    __slots__ = ()
    label_id: str | None = None
    label: str | None = None
    label_raw: str | None = None
    label_type: pick.LabelType | None = None
    label_type_raw: str | None = None
    crediting_period_start_date: Date | None = None
    crediting_period_start_date_raw: str | None = None
    crediting_period_end_date: Date | None = None
    crediting_period_end_date_raw: str | None = None
    validity_start_date: Date | None = None
    validity_start_date_raw: str | None = None
    validity_end_date: Date | None = None
    validity_end_date_raw: str | None = None
    unit_quantity: Decimal | None = None
    unit_quantity_raw: str | None = None
    label_link: str | None = None
    label_date: Date | None = None
    label_date_raw: str | None = None
    label_unit_date: Date | None = None
    label_unit_date_raw: str | None = None


class ProgramView(View[Row]):
    """v2 `program`."""

    __slots__ = ()
    cad_trust_program_id: str | None = None
    program_name: str | None = None
    program_registry: str | None = None
    program_registry_id: str | None = None
    program_description: str | None = None


class MethodologyView(View[Row]):
    """v2 `methodology`, joined with `project_methodology`; the key is our harmonised one."""

    __slots__ = ()
    cad_trust_methodology_id: str | None = None
    methodology_code: str | None = None
    methodology_name: str | None = None
    methodology_raw: str | None = None
    methodology_program: str | None = None
    methodology_type: pick.UnitType | None = None
    methodology_type_raw: str | None = None
    methodology_version: str | None = None
    methodology_date: Date | None = None
    methodology_date_raw: str | None = None
    methodology_link: str | None = None
    project_methodology_date: Date | None = None
    project_methodology_date_raw: str | None = None
    project_methodology_description: str | None = None


class ValidationView(View[Row]):
    """v2 `validation`."""

    __slots__ = ()
    cad_trust_validation_id: str | None = None
    validation_id: str | None = None
    validation_type: pick.ValidationType | None = None
    validation_type_raw: str | None = None
    validation_body: str | None = None
    validation_date: Date | None = None
    validation_date_raw: str | None = None
    validation_credit_period_start_date: Date | None = None
    validation_credit_period_start_date_raw: str | None = None
    validation_credit_period_end_date: Date | None = None
    validation_credit_period_end_date_raw: str | None = None


class VerificationView(View[Row]):
    """v2 `verification`."""

    __slots__ = ()
    cad_trust_verification_id: str | None = None
    verification_id: str | None = None
    verification_start_date: Date | None = None
    verification_start_date_raw: str | None = None
    verification_end_date: Date | None = None
    verification_end_date_raw: str | None = None
    verification_body: str | None = None


class StakeholderView(View[Row]):
    """v2 `stakeholder`."""

    __slots__ = ()
    cad_trust_stakeholder_id: str | None = None
    stakeholder_name: str | None = None
    stakeholder_type: pick.StakeholderType | None = None
    stakeholder_type_raw: str | None = None
    stakeholder_link: str | None = None


class StatedBasis:
    """The rule of a basis that is not declared: a value rests on the registry's own words."""

    __slots__ = ("_field", "rule")

    def __init__(self, name: str, field: Field) -> None:
        self._field = field
        self.rule = numbered(f"stated.{name.replace('_', '-')}", 1)

    def __call__(self, row: Any) -> pick.ValueBasis | None:
        return None if self._field.read(row) in (None, "") else pick.ValueBasis.REGISTRY

    def recipe(self) -> dict[str, Any]:
        """What provenance publishes for the rule."""
        return {"rule": self.rule}


class Only:
    """The rule of a list that is not declared: it holds the one value that is."""

    __slots__ = ("_field", "rule")

    def __init__(self, name: str, field: Field) -> None:
        self._field = field
        self.rule = numbered(f"only.{name.replace('_', '-')}", 1)

    def __call__(self, row: Any) -> tuple[Any, ...] | None:
        value = self._field.read(row)
        return None if value in (None, "") else (value,)

    def recipe(self) -> dict[str, Any]:
        """What provenance publishes for the rule."""
        return {"rule": self.rule}


class ProjectRecord(Record[Row]):
    """PROJECTS.

    A view that declares `sector` or `project_type` also gives the list of all of them and what
    they rest on: by itself where there is one, in the registry's own words.
    """

    __slots__ = ()
    entity = Entity.PROJECT

    def __init_subclass__(cls, **options: Any) -> None:
        for name in ("sector", "project_type"):
            field = cls.__dict__.get(name)
            if not isinstance(field, Field):
                continue
            unmapped = field.unmapped if isinstance(field, (Computed, Mapped)) else None
            for beside, rule in ((f"{name}_basis", StatedBasis), (f"{name}s", Only)):
                if beside not in cls.__dict__:
                    told = unmapped if rule is Only else None
                    made = computed(rule(name, field), *field.inputs, unmapped=told)
                    made.name = beside
                    setattr(cls, beside, made)
        super().__init_subclass__(**options)

    cad_trust_project_id: str | None = None
    cad_trust_reference_project_id: str | None = None
    org_uid: str | None = None
    current_registry: str | None = None
    current_registry_raw: str | None = None
    project_id: str | None = None
    origin_project_id: str | None = None
    registry_of_origin: str | None = None
    registry_of_origin_raw: str | None = None
    program: str | None = None
    cad_trust_program: ProgramView[Row] | None = None
    project_name: str | None = None
    project_description: str | None = None
    project_link: str | None = None
    project_developer: str | None = None
    sector: str | None = None
    sector_raw: str | None = None
    sector_basis: pick.ValueBasis | None = None
    sectors: tuple[str, ...] | None = None
    project_type: str | None = None
    project_type_raw: str | None = None
    project_type_basis: pick.ValueBasis | None = None
    project_types: tuple[str, ...] | None = None
    project_subtype: str | None = None
    project_tags: str | None = None
    covered_by_ndc: pick.CoveredByNDC | None = None
    covered_by_ndc_raw: str | None = None
    ndc_information: str | None = None
    project_status: pick.ProjectStatus | None = None
    project_status_raw: str | None = None
    project_status_date: Date | None = None
    project_status_date_raw: str | None = None
    unit_metric: pick.UnitMetric | None = None
    unit_metric_raw: str | None = None
    methodology: str | None = None
    methodology_raw: str | None = None
    methodologies: tuple[MethodologyView[Row], ...] | None = None
    validation_body: str | None = None
    validation_date: Date | None = None
    validation_date_raw: str | None = None
    registration_date: Date | None = None
    registration_date_raw: str | None = None
    updated_at: DateTime | None = None
    updated_at_raw: str | None = None

    project_locations: tuple[LocationView[Row], ...] | None = None
    project_ratings: tuple[RatingView[Row], ...] | None = None
    co_benefits: tuple[CoBenefitView[Row], ...] | None = None
    estimations: tuple[EstimationView[Row], ...] | None = None
    related_projects: tuple[RelatedProjectView[Row], ...] | None = None
    labels: tuple[LabelView[Row], ...] | None = None
    validations: tuple[ValidationView[Row], ...] | None = None
    verifications: tuple[VerificationView[Row], ...] | None = None
    stakeholders: tuple[StakeholderView[Row], ...] | None = None
