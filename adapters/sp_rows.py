"""Wire rows of the S&P Global registry platform: its own field names, and only those in use.

Source: POST raas-report-api/es/public/{ledger}/publicReportPageSearch. Quantities arrive as JSON
floats, so they are decoded to Decimal. Retirements carry `emailNotification`, a person's
address: it is named here so that nobody adds it. Cancellations mix camelCase and snake_case.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from adapters.apart import Apart
from adapters.contract import InvalidPayload, Reply
from adapters.odd_row import odd
from adapters.rows import Rows

# Whoever may not be named is not named where the flag that allows it cannot be read.
WITHHELD = odd(instead=False)
PRIVATE = odd(private=True)
# What is expected of a year is one of these, or the other two together.
PART = odd(
    spoils=(
        "avgAnnualVolVcu",
        "estimatedEmissionsAnnualReduction",
        "estimatedAnnualCarbonDioxideRemovals",
    )
)


class Ledger(StrEnum):
    """The lists of the platform; the value is the resource in the path."""

    PROJECT = "project"
    ISSUANCES = "issuances"
    HOLDINGS = "holdings"
    RETIREMENTS = "retirements"
    CANCELLATIONS = "cancellations"


class Row(msgspec.Struct, kw_only=True, gc=False):
    """What every ledger's rows have."""

    entityId: int
    standardName: str | None = None
    accountName: Annotated[str | None, PRIVATE] = None
    modifiedDate: str | None = None
    projectName: str | None = None
    countryName: str | None = None
    stateProvince: str | None = None
    sectoralScope: str | None = None
    methodologies: str | None = None
    considerAccountPrivate: Annotated[bool | None, odd(instead=True)] = None


class ProjectRow(Row, kw_only=True):
    projectId: int
    vcsProjectId: str | None = None
    status: str | None = None
    projectDescription: str | None = None
    projectType: str | None = None
    projectRegistrationDate: str | None = None
    verraProjectRegistrationDate: str | None = None
    validatorName: str | None = None
    proponents: str | None = None
    afoluNames: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    creditPeriodStartDate: str | None = None
    creditPeriodEndDate: str | None = None
    avgAnnualVolVcu: Annotated[Decimal | None, PART] = None
    estimatedEmissionsAnnualReduction: Annotated[Decimal | None, PART] = None
    estimatedAnnualCarbonDioxideRemovals: Annotated[Decimal | None, PART] = None
    additionalCertification: str | None = None
    sdContributions: str | None = None
    otherGhgProgramName: str | None = None
    otherGhgProgramId: str | None = None


class LedgerRow(Row, kw_only=True):
    """What the rows of units and issuances have."""

    projectId: int | None = None
    holdingQuantity: Decimal | None = None
    vintage: str | None = None
    unitType: str | None = None
    projectType: str | None = None
    accountPublicVisibility: Annotated[bool | None, odd(instead=False)] = None


class IssuanceRow(LedgerRow, kw_only=True):
    serialNo: str | None = None
    unitClass: str | None = None
    issueDate: str | None = None
    periodStartDate: str | None = None
    periodEndDate: str | None = None
    verifierName: str | None = None
    additionalCertification: str | None = None


class HoldingRow(LedgerRow, kw_only=True):
    serialNo: str | None = None
    status: str | None = None
    isBuffer: Annotated[bool | None, odd(spoils=("status",))] = None
    unitClassName: str | None = None
    corrAdjustmentName: str | None = None
    additionalCertification: str | None = None


class RetirementRow(LedgerRow, kw_only=True):
    serialNo: str | None = None
    stateNameEn: str | None = None
    className: str | None = None
    retiredDate: str | None = None
    beneficialOwner: Annotated[str | None, PRIVATE] = None
    makeBeneficialOwnerPublic: Annotated[bool | None, WITHHELD] = None
    retirementReason: Annotated[str | None, PRIVATE] = None
    makeRetirementReasonPublic: Annotated[bool | None, WITHHELD] = None
    retirementReasonDetails: Annotated[str | None, PRIVATE] = None
    makeRetirementReasonDetailsPublic: Annotated[bool | None, WITHHELD] = None
    retirementRemarks: str | None = None
    corrAdjustmentName: str | None = None
    additionalCertification: str | None = None


class CancellationRow(LedgerRow, kw_only=True):
    serial_no: str | None = None
    status: str | None = None
    unit_class_name: str | None = None
    cancellation_date: str | None = None
    cancellation_purpose: str | None = None
    cancellation_remarks: str | None = None
    cancellationReason: Annotated[str | None, PRIVATE] = None
    makeCancellationReasonPublic: Annotated[bool | None, WITHHELD] = None
    cancellationReasonDetails: Annotated[str | None, PRIVATE] = None
    makeCancellationReasonDetailsPublic: Annotated[bool | None, WITHHELD] = None
    corresponding_adjustment_status: str | None = None
    additional_certification: str | None = None


R = TypeVar("R", bound=Row)


class Found(msgspec.Struct, Generic[R], kw_only=True, gc=False):
    """The envelope of a search."""

    entities: list[R]
    totalEntities: int
    start: int


class Published(msgspec.Struct, kw_only=True, gc=False):
    """One standard of a tenant, as `standardsByRegistry` lists it; `metaData` is its acronym."""

    id: int | str
    name: str | None = None
    metaData: str | None = None


class Decoder(Generic[R]):
    """Decodes the answers of one ledger; long-lived, so that decoded bodies may be shared."""

    def __init__(self, ledger: Ledger, row: type[R]) -> None:
        found: Any = Found[row]  # type: ignore[valid-type]
        self._rows: Rows[Found[R]] = Rows(found, row)
        self.apart = Apart(f"{__name__}:decoder", (ledger.value,), found)

    def __call__(self, reply: Reply) -> Found[R]:
        """The rows.

        Raises:
            InvalidPayload: for anything but the JSON envelope; the platform's front end sends
                its own page with status 200 for paths that it does not know.
        """
        refuse_page(reply.body)
        return self._rows(reply)


_STANDARDS = Rows(list[Published], Published)


def decode_standards(reply: Reply) -> list[Published]:
    """The standards of a tenant.

    Raises:
        InvalidPayload: for anything else.
    """
    refuse_page(reply.body)
    try:
        return _STANDARDS(reply)
    except InvalidPayload as error:
        raise InvalidPayload(f"the list of standards cannot be read: {error.message}") from error


def refuse_page(body: bytes) -> None:
    """Look for a web page in the place of data.

    Raises:
        InvalidPayload: the body begins as HTML or XML does.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise InvalidPayload("a web page came with a success status where JSON was asked for")


ROWS: dict[Ledger, type[Row]] = {
    Ledger.PROJECT: ProjectRow,
    Ledger.ISSUANCES: IssuanceRow,
    Ledger.HOLDINGS: HoldingRow,
    Ledger.RETIREMENTS: RetirementRow,
    Ledger.CANCELLATIONS: CancellationRow,
}
DECODERS: dict[Ledger, Decoder[Row]] = {
    ledger: Decoder(ledger, row) for ledger, row in ROWS.items()
}


def decoder(ledger: str) -> Decoder[Row]:
    """The decoder of the ledger of this name."""
    return DECODERS[Ledger(ledger)]
