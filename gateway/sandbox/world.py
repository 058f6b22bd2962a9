"""The sandbox's one invented market, as plain CAD Trust data.

Field names are the records' own (`gateway.model`), so that "world -> wire -> adapter -> record"
can be compared name by name. Nothing here is real: names, numbers and people are invented, and
every project name says so by ending in "(sandbox)".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from gateway.model import picklists as pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    project_location_id: str | None = None
    country: str
    in_country_region: str | None = None
    geographic_identifier: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    project_rating_id: str | None = None
    rating_type: pick.RatingType
    rating_range_lowest: str
    rating_range_highest: str
    rating: str
    rating_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoBenefit:
    co_benefit_id: str | None = None
    co_benefit: str
    sdg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimation:
    estimation_id: str | None = None
    crediting_period_start: str
    crediting_period_end: str
    unit_count: Decimal
    is_annual: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedProject:
    related_project_id: str
    relationship_type: str
    related_registry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    label_id: str | None = None
    label: str
    label_type: pick.LabelType
    crediting_period_start_date: str | None = None
    crediting_period_end_date: str | None = None
    validity_start_date: str | None = None
    validity_end_date: str | None = None
    unit_quantity: Decimal | None = None
    label_link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Methodology:
    """`methodology_code` is the harmonised key, such as `ACM0002` or `VM0042`."""

    methodology_code: str
    methodology_name: str
    methodology_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as one registry knows it; `registry` is that registry's gateway key.

    `number` is the plain number the registry's codes are made from, `row_id` the registry's own
    row number where it keeps another one. `annual_estimate` is what registries that estimate per
    year publish; `estimations` is the CAD Trust table.
    """

    registry: str
    key: str
    number: int
    row_id: int = 0
    cad_trust_project_id: str | None = None
    org_uid: str | None = None
    current_registry: str
    project_id: str
    origin_project_id: str
    registry_of_origin: str
    program: str | None = None
    project_name: str
    project_description: str
    project_link: str
    project_developer: str
    sector: str
    project_type: str
    project_tags: str | None = None
    covered_by_ndc: pick.CoveredByNDC
    ndc_information: str | None = None
    project_status: pick.ProjectStatus
    project_status_date: str
    unit_metric: pick.UnitMetric
    methodologies: tuple[Methodology, ...]
    validation_body: str | None = None
    validation_date: str | None = None
    registration_date: str | None = None
    updated_at: str
    annual_estimate: int
    crediting_period_start: str
    crediting_period_end: str
    project_locations: tuple[Location, ...]
    project_ratings: tuple[Rating, ...] = ()
    co_benefits: tuple[CoBenefit, ...] = ()
    estimations: tuple[Estimation, ...] = ()
    related_projects: tuple[RelatedProject, ...] = ()
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """One issuance event: a batch of consecutively numbered units of one vintage period."""

    registry: str
    key: str
    project_key: str
    batch: int
    cad_trust_issuance_id: str | None = None
    issuance_id: str
    issuance_date: str
    issuance_start_date: str
    issuance_end_date: str
    verification_approach: str | None = None
    verification_report_date: str | None = None
    verification_body: str | None = None
    unit_count: Decimal
    vintage_year: int
    block_start: int
    block_end: int
    unit_serial_id: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A block in one state; `block_start..block_end` lies inside its issuance's block."""

    registry: str
    key: str
    number: int
    project_key: str
    issuance_key: str
    batch: int
    cad_trust_unit_id: str | None = None
    cad_trust_issuance_id: str | None = None
    org_uid: str | None = None
    unit_serial_id: str
    unit_block_start: str
    unit_block_end: str
    unit_count: Decimal
    vintage_year: int
    vintage_start_date: str
    vintage_end_date: str
    unit_type: pick.UnitType
    unit_metric: pick.UnitMetric
    is_ex_ante: bool = False
    unit_status: pick.UnitStatus
    unit_status_reason: str | None = None
    unit_status_date: str | None = None
    unit_retirement_beneficiary: str | None = None
    unit_retirement_detail: str | None = None
    unit_owner: str | None = None
    country_jurisdiction_of_owner: str | None = None
    in_country_jurisdiction_of_owner: str | None = None
    marketplace: str | None = None
    marketplace_link: str | None = None
    marketplace_identifier: str | None = None
    unit_tags: str | None = None
    unit_registry_link: str | None = None
    corresponding_adjustment_declaration: pick.CorrespondingAdjustmentDeclaration
    corresponding_adjustment_status: pick.CorrespondingAdjustmentStatus
    unit_issuance_location: str | None = None
    labels: tuple[Label, ...] = ()
    issued_on: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What one registry knows of the market, in the registry's own order of keys."""

    registry: str
    projects: tuple[Project, ...] = ()
    issuances: tuple[Issuance, ...] = ()
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """The whole market: one telling per registry. Made by `gateway.sandbox.market.make`."""

    seed: int
    scale: int
    tellings: dict[str, Telling] = field(default_factory=dict)

    def told_by(self, registry: str) -> Telling:
        """What the registry tells; an empty telling for one that the world lacks."""
        return self.tellings.get(registry, Telling(registry))
