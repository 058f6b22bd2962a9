"""Unit views of the S&P Global registry platform: holdings, retirements and cancellations.

Account names are given only where the row says that the account is public, and facts of a
retirement or cancellation only where its own flag does not withhold them.
"""

from __future__ import annotations

from typing import TypeVar

from adapters.sp_children import place
from adapters.sp_plan import HOLDING_STATUSES
from adapters.sp_rows import CancellationRow, HoldingRow, LedgerRow, RetirementRow
from adapters.sp_views import (
    first_unit,
    last_unit,
    project_number,
    row_key,
    vintage_end,
    vintage_start,
)
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.numbers import decimal, year
from gateway.harmonise.picklist import by_value
from gateway.harmonise.statuses import VERRA_UNIT
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.picklists import CorrespondingAdjustmentStatus, UnitMetric, UnitStatus
from gateway.model.unit import UnitRecord

SUBJECT = "sp-global"
L = TypeVar("L", bound=LedgerRow)


def owner(row: LedgerRow) -> str | None:
    """The account's name, where both flags leave it public."""
    public = row.accountPublicVisibility and not row.considerAccountPrivate
    return (row.accountName or None) if public else None


def held_status(row: HoldingRow) -> UnitStatus | None:
    """Buffer by its flag, else what the status says; a holding is never retired or cancelled."""
    if row.isBuffer:
        return UnitStatus.BUFFER
    status = VERRA_UNIT(row.status)
    return status if status in HOLDING_STATUSES else None


def beneficiary(row: RetirementRow) -> str | None:
    """The beneficial owner, unless withheld."""
    return None if row.makeBeneficialOwnerPublic is False else row.beneficialOwner or None


def retired_for(row: RetirementRow) -> str | None:
    """The reason of a retirement, unless withheld."""
    return None if row.makeRetirementReasonPublic is False else row.retirementReason or None


def retirement_detail(row: RetirementRow) -> str | None:
    """The details of a retirement, unless withheld, else its remarks."""
    public = row.makeRetirementReasonDetailsPublic is not False
    return (row.retirementReasonDetails if public else None) or row.retirementRemarks or None


def cancelled_for(row: CancellationRow) -> str | None:
    """The reason of a cancellation, unless withheld, else its purpose."""
    public = row.makeCancellationReasonPublic is not False
    return (row.cancellationReason if public else None) or row.cancellation_purpose or None


def cancellation_detail(row: CancellationRow) -> str | None:
    """The details of a cancellation, unless withheld, else its remarks."""
    public = row.makeCancellationReasonDetailsPublic is not False
    return (row.cancellationReasonDetails if public else None) or row.cancellation_remarks or None


ADJUSTMENT = by_value(CorrespondingAdjustmentStatus, "corresponding-adjustment-status")


class PlatformUnit(UnitRecord[L]):
    """What the three ledgers of units have in common."""

    __slots__ = ()
    key = computed(row_key, "serialNo", "entityId")
    project_key = computed(project_number, "projectId")
    unit_serial_id = wire("serialNo")
    unit_block_start = computed(first_unit, "serialNo")
    unit_block_end = computed(last_unit, "serialNo")
    unit_count = mapped("holdingQuantity", decimal)
    vintage_year = mapped("vintage", year)
    vintage_start_date = computed(vintage_start, "serialNo")
    vintage_start_date_raw = raw("serialNo")
    vintage_end_date = computed(vintage_end, "serialNo")
    vintage_end_date_raw = raw("serialNo")
    unit_metric = constant(UnitMetric.TCO2E)
    unit_owner = computed(owner, "accountName", "accountPublicVisibility", "considerAccountPrivate")
    updated_at = mapped("modifiedDate", iso_datetime)
    unit_issuance_location = computed(place, "countryName", "stateProvince")


class HeldUnit(PlatformUnit[HoldingRow]):
    """A `holdings` row: a block in an account, or in the buffer."""

    __slots__ = ()
    unit_status = computed(held_status, "isBuffer", "status")
    unit_status_raw = raw("status")


class RetiredUnit(PlatformUnit[RetirementRow]):
    """A `retirements` row."""

    __slots__ = ()
    unit_status = constant(UnitStatus.RETIRED)
    unit_status_raw = raw("stateNameEn")
    unit_status_date = mapped("retiredDate", iso_date)
    unit_status_reason = computed(retired_for, "retirementReason", "makeRetirementReasonPublic")
    unit_retirement_beneficiary = computed(
        beneficiary, "beneficialOwner", "makeBeneficialOwnerPublic"
    )
    unit_retirement_detail = computed(
        retirement_detail,
        "retirementReasonDetails",
        "makeRetirementReasonDetailsPublic",
        "retirementRemarks",
    )


class CancelledUnit(PlatformUnit[CancellationRow]):
    """A `cancellations` row, which writes its serial in another style."""

    __slots__ = ()
    key = computed(row_key, "serial_no", "entityId")
    unit_serial_id = wire("serial_no")
    unit_block_start = computed(first_unit, "serial_no")
    unit_block_end = computed(last_unit, "serial_no")
    vintage_start_date = computed(vintage_start, "serial_no")
    vintage_start_date_raw = raw("serial_no")
    vintage_end_date = computed(vintage_end, "serial_no")
    vintage_end_date_raw = raw("serial_no")
    unit_status = constant(UnitStatus.CANCELLED)
    unit_status_raw = raw("status")
    unit_status_date = mapped("cancellation_date", iso_date)
    unit_status_reason = computed(
        cancelled_for, "cancellationReason", "makeCancellationReasonPublic", "cancellation_purpose"
    )
    unit_retirement_detail = computed(
        cancellation_detail,
        "cancellationReasonDetails",
        "makeCancellationReasonDetailsPublic",
        "cancellation_remarks",
    )
