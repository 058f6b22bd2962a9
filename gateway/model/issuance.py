"""The issuance record's vocabulary."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from gateway.model.entity import Entity
from gateway.model.project import LabelView, LocationView, ProjectRecord, VerificationView
from gateway.model.record import Record
from gateway.model.values import Date

Row = TypeVar("Row")


class IssuanceRecord(Record[Row]):
    """ISSUANCES.

    `project_key` is the parent's key in the same registry. `parent` is a view of the project
    fields that the issuance row itself repeats, for filters on the parent; it may be None.
    """

    __slots__ = ()
    entity = Entity.ISSUANCE

    project_key: str | None = None
    parent: ProjectRecord[Row] | None = None

    cad_trust_project_id: str | None = None
    cad_trust_issuance_id: str | None = None
    issuance_id: str | None = None
    issuance_date: Date | None = None
    issuance_date_raw: str | None = None
    issuance_start_date: Date | None = None
    issuance_start_date_raw: str | None = None
    issuance_end_date: Date | None = None
    issuance_end_date_raw: str | None = None
    verification_approach: str | None = None
    verification_report_date: Date | None = None
    verification_report_date_raw: str | None = None
    verification_body: str | None = None
    unit_count: Decimal | None = None
    unit_count_raw: str | None = None
    vintage_year: int | None = None
    vintage_year_raw: str | None = None
    vintage_start_date: Date | None = None
    vintage_start_date_raw: str | None = None
    vintage_end_date: Date | None = None
    vintage_end_date_raw: str | None = None
    unit_serial_id: str | None = None

    location: LocationView[Row] | None = None
    verification: VerificationView[Row] | None = None
    labels: tuple[LabelView[Row], ...] | None = None
