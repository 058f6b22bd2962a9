"""What the wire of every tenant of the S&P Global platform can say, by the records' field names."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.sandbox.world import Location

PROJECT = frozenset(
    {
        "project_id",
        "origin_project_id",
        "current_registry",
        "registry_of_origin",
        "project_name",
        "project_description",
        "project_link",
        "project_status",
        "unit_metric",
        "validation_body",
        "updated_at",
        "project_locations.country",
        "project_locations.in_country_region",
        "project_locations.latitude",
        "project_locations.longitude",
        "estimations.crediting_period_start",
        "estimations.crediting_period_end",
    }
)
TENANT_PROJECT = frozenset(
    {
        "program",
        "project_developer",
        "project_type",
        "project_types",
        "registration_date",
    }
)
ISSUANCE = frozenset(
    {
        "project_key",
        "issuance_id",
        "issuance_date",
        "issuance_start_date",
        "vintage_start_date",
        "vintage_end_date",
        "location.country",
        "location.in_country_region",
        "verification.verification_start_date",
        "verification.verification_end_date",
        "verification.verification_body",
        "issuance_end_date",
        "verification_body",
        "unit_count",
        "vintage_year",
        "unit_serial_id",
    }
)
UNIT = frozenset(
    {
        "project_key",
        "unit_serial_id",
        "unit_block_start",
        "unit_block_end",
        "unit_count",
        "vintage_year",
        "vintage_start_date",
        "vintage_end_date",
        "unit_metric",
        "unit_status",
        "unit_status_reason",
        "unit_status_date",
        "unit_retirement_beneficiary",
        "unit_retirement_detail",
        "unit_owner",
        "unit_registry_link",
        "updated_at",
        "unit_issuance_location.country",
        "unit_issuance_location.in_country_region",
    }
)
LABELS = frozenset({"labels.label", "labels.label_type"})


def _degrees(value: Decimal | None) -> Decimal | None:
    """Coordinates are JSON floats, which know no trailing zeros."""
    return None if value is None else Decimal(repr(float(value)))


def _latitude(place: Location) -> Decimal | None:
    return _degrees(place.latitude)


def _longitude(place: Location) -> Decimal | None:
    return _degrees(place.longitude)


TOLD: dict[str, Callable[[Any], Any]] = {
    "project_locations.latitude": _latitude,
    "project_locations.longitude": _longitude,
}
