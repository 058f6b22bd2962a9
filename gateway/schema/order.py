"""`orderBy`: by which field, in which direction."""

from enum import Enum

import strawberry

from gateway.schema.described import enum


class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


class ProjectOrderField(Enum):
    PROJECT_ID = "project_id"
    PROJECT_NAME = "project_name"
    PROJECT_STATUS_DATE = "project_status_date"
    REGISTRATION_DATE = "registration_date"
    UPDATED_AT = "updated_at"


class UnitOrderField(Enum):
    UNIT_COUNT = "unit_count"
    VINTAGE_YEAR = "vintage_year"
    UNIT_STATUS_DATE = "unit_status_date"
    UNIT_SERIAL_ID = "unit_serial_id"


class IssuanceOrderField(Enum):
    ISSUANCE_DATE = "issuance_date"
    ISSUANCE_START_DATE = "issuance_start_date"
    VINTAGE_YEAR = "vintage_year"
    UNIT_COUNT = "unit_count"


enum(
    OrderDirection,
    "OrderDirection",
    "Which way to sort; what a registry does not say comes last either way (GitHub).",
    {"ASC": "Smallest, earliest or alphabetically first.", "DESC": "The other way round."},
)
_WHAT = {
    "PROJECT_ID": "By `projectId`.",
    "PROJECT_NAME": "By `projectName`, case ignored.",
    "PROJECT_STATUS_DATE": "By `projectStatusDate`.",
    "REGISTRATION_DATE": "By `registrationDate`.",
    "UPDATED_AT": "By `updatedAt`.",
    "UNIT_COUNT": "By `unitCount`.",
    "VINTAGE_YEAR": "By `vintageYear`.",
    "UNIT_STATUS_DATE": "By `unitStatusDate`.",
    "UNIT_SERIAL_ID": "By `unitSerialId`.",
    "ISSUANCE_DATE": "By `issuanceDate`.",
    "ISSUANCE_START_DATE": "By `issuanceStartDate`.",
}
for _kind, _of in (
    (ProjectOrderField, "projects"),
    (UnitOrderField, "units"),
    (IssuanceOrderField, "issuances"),
):
    enum(_kind, _kind.__name__, f"What {_of} can be sorted by (gateway).", _WHAT)


@strawberry.input(description="How to sort projects.")
class ProjectOrder:
    field: ProjectOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way."
    )


@strawberry.input(description="How to sort units.")
class UnitOrder:
    field: UnitOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way."
    )


@strawberry.input(description="How to sort issuances.")
class IssuanceOrder:
    field: IssuanceOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way."
    )
