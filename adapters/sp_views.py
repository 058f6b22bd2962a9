"""Project and issuance views of the S&P Global registry platform: what every tenant's rows say.

What only some tenants fill is declared by those tenants, in their own modules, so that
`publishes()` stays true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.sp_children import monitoring, place, places, sites
from adapters.sp_rows import CancellationRow, IssuanceRow, ProjectRow, Row
from adapters.sp_serials import parse_serial
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.numbers import decimal, year
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.picklists import UnitMetric
from gateway.model.project import ProjectRecord
from gateway.model.record import Origin
from gateway.model.values import Date

SUBJECT = "sp-global"
NOWHERE = Origin("", -1)


def project_number(row: Any) -> str | None:
    """The project's number, which is its key; the rows of the other ledgers may not say it."""
    return None if row.projectId is None else str(row.projectId)


class PlatformProject(ProjectRecord[ProjectRow]):
    """A `project` row."""

    __slots__ = ()
    key = computed(project_number, "projectId")
    project_id = computed(project_number, "projectId")
    origin_project_id = computed(project_number, "projectId")
    project_name = wire("projectName")
    project_description = wire("projectDescription")
    unit_metric = constant(UnitMetric.TCO2E)
    validation_body = wire("validatorName")
    updated_at = mapped("modifiedDate", iso_datetime)
    project_locations = computed(sites, "countryName", "stateProvince", "latitude", "longitude")


class LedgerProject(ProjectRecord[Row]):
    """The project as the rows of every ledger repeat it, for filters on the parent."""

    __slots__ = ()
    key = computed(project_number, "projectId")
    project_id = computed(project_number, "projectId")
    project_name = wire("projectName")
    project_locations = computed(places, "countryName", "stateProvince")


def serial_text(row: Any) -> str | None:
    """The serial under whichever name the ledger writes it."""
    text = row.serial_no if isinstance(row, CancellationRow) else row.serialNo
    return text or None


def row_key(row: Any) -> str:
    """The serial where it carries a range, else the platform's row number."""
    text = serial_text(row)
    return text if text and parse_serial(text) else str(row.entityId)


def first_unit(row: Any) -> str | None:
    """The number of the block's first unit."""
    serial = parse_serial(serial_text(row))
    return None if serial is None else str(serial.first)


def last_unit(row: Any) -> str | None:
    """The number of the block's last unit."""
    serial = parse_serial(serial_text(row))
    return None if serial is None else str(serial.last)


def vintage_start(row: Any) -> Date | None:
    """The first day of the vintage period, which only the serial says."""
    serial = parse_serial(serial_text(row))
    return None if serial is None else serial.begin


def vintage_end(row: Any) -> Date | None:
    """The last day of the vintage period, which only the serial says."""
    serial = parse_serial(serial_text(row))
    return None if serial is None else serial.end


def parent_of(view: type[LedgerProject]) -> Callable[[Row], LedgerProject]:
    """The rule that shows the project inside a row; it is for filters, so it has no origin."""

    def rule(row: Row) -> LedgerProject:
        return view(row, NOWHERE)

    rule.__qualname__ = view.__qualname__
    return rule


class PlatformIssuance(IssuanceRecord[IssuanceRow]):
    """An `issuances` row: one block as it was issued."""

    __slots__ = ()
    key = computed(row_key, "serialNo", "entityId")
    project_key = computed(project_number, "projectId")
    issuance_id = computed(row_key, "serialNo", "entityId")
    issuance_date = mapped("issueDate", iso_date)
    issuance_start_date = mapped("periodStartDate", iso_date)
    issuance_end_date = mapped("periodEndDate", iso_date)
    verification_body = wire("verifierName")
    unit_count = mapped("holdingQuantity", decimal)
    vintage_year = mapped("vintage", year)
    vintage_start_date = computed(vintage_start, "serialNo")
    vintage_start_date_raw = raw("serialNo")
    vintage_end_date = computed(vintage_end, "serialNo")
    vintage_end_date_raw = raw("serialNo")
    unit_serial_id = wire("serialNo")
    location = computed(place, "countryName", "stateProvince")
    verification = computed(monitoring, "periodStartDate", "periodEndDate", "verifierName")
