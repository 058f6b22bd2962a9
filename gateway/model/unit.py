"""The unit record's vocabulary: a block of credits in one state."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from gateway.model import picklists as pick
from gateway.model.entity import Entity
from gateway.model.project import LabelView, LocationView, ProjectRecord
from gateway.model.record import Record
from gateway.model.values import CountryCode, Date, DateTime

Row = TypeVar("Row")


class UnitRecord(Record[Row]):
    """UNITS.

    `project_key` and `issuance_key` are the parents' keys in the same registry, where the row
    says them. `parent` is a view of the project fields that the row repeats, for filters.
    """

    __slots__ = ()
    entity = Entity.UNIT

    project_key: str | None = None
    issuance_key: str | None = None
    parent: ProjectRecord[Row] | None = None

    cad_trust_unit_id: str | None = None
    cad_trust_issuance_id: str | None = None
    org_uid: str | None = None
    unit_serial_id: str | None = None
    unit_block_start: str | None = None
    unit_block_end: str | None = None
    unit_count: Decimal | None = None
    unit_count_raw: str | None = None
    vintage_year: int | None = None
    vintage_year_raw: str | None = None
    vintage_start_date: Date | None = None
    vintage_start_date_raw: str | None = None
    vintage_end_date: Date | None = None
    vintage_end_date_raw: str | None = None
    unit_type: pick.UnitType | None = None
    unit_type_raw: str | None = None
    unit_metric: pick.UnitMetric | None = None
    unit_metric_raw: str | None = None
    is_ex_ante: bool | None = None
    unit_status: pick.UnitStatus | None = None
    unit_status_raw: str | None = None
    unit_status_reason: str | None = None
    unit_status_date: Date | None = None
    unit_status_date_raw: str | None = None
    unit_retirement_beneficiary: str | None = None
    unit_retirement_beneficiary_id: str | None = None
    unit_retirement_detail: str | None = None
    unit_owner: str | None = None
    country_jurisdiction_of_owner: CountryCode | None = None
    country_jurisdiction_of_owner_raw: str | None = None
    in_country_jurisdiction_of_owner: str | None = None
    marketplace: str | None = None
    marketplace_link: str | None = None
    marketplace_identifier: str | None = None
    unit_tags: str | None = None
    unit_registry_link: str | None = None
    corresponding_adjustment_declaration: pick.CorrespondingAdjustmentDeclaration | None = None
    corresponding_adjustment_declaration_raw: str | None = None
    corresponding_adjustment_status: pick.CorrespondingAdjustmentStatus | None = None
    corresponding_adjustment_status_raw: str | None = None
    unit_itmos_reference_id: str | None = None
    updated_at: DateTime | None = None
    updated_at_raw: str | None = None

    unit_issuance_location: LocationView[Row] | None = None
    labels: tuple[LabelView[Row], ...] | None = None
