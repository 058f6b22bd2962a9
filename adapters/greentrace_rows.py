"""GreenTrace's wire rows: its own names, only the fields that are used, and its codes.

Contact persons and mailing addresses of projects are not decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec

from adapters.contract import InvalidPayload, Reply
from adapters.odd_row import odd
from adapters.rows import Key, Rows

SUBJECT = "greentrace"
R = TypeVar("R")

_CODE = re.compile(r"([A-Z]{2,8})[\s-]*0*([1-9]\d{0,9})", re.IGNORECASE)
_SERIAL = re.compile(
    r"([A-Z]{2,8})-[A-Z]{2}-0*(\d{1,10})-\d{4}-\d+-(\d{1,18}) to (\d{1,18})", re.IGNORECASE
)

_HOLDING = re.compile(r"[A-Z]\d{3,4}[0-9A-Z]{4,12}")


# What a status means hangs on these.
SHAPES_PROJECT = odd(spoils=("projectStatus",))
SHAPES_HOLDING = odd(spoils=("holdingStatus",))


class Link(msgspec.Struct, frozen=True):
    """A link inside the front end: a path of its host."""

    url: str | None = None


class Extension(msgspec.Struct, frozen=True):
    complianceProjectId: str | None = None
    lastProjectStatusChanged: str | None = None


class SummaryRow(msgspec.Struct, frozen=True):
    """A row of `project-summaries`."""

    projectId: Key
    projectKey: Key
    issuedCredits: int | None = None
    projectName: str | None = None
    projectStatus: str | None = None
    projectMethodology: str | None = None
    projectType: str | None = None
    projectDeveloper: str | None = None
    creditingProgram: str | None = None
    country: str | None = None
    projectExtensionMap: Extension = Extension()


class DetailRow(msgspec.Struct, frozen=True):
    """The `projectDetail` of a project's own page."""

    projectKey: Key
    projectReferenceId: Key
    projectHoldingsTotalQuantity: Annotated[int | None, SHAPES_PROJECT] = None
    projectName: str | None = None
    projectDescription: str | None = None
    projectStatus: str | None = None
    projectListingStatus: Annotated[str | None, SHAPES_PROJECT] = None
    creditingProgram: str | None = None
    estimatedAnnualCredits: int | None = None
    projectMethodologyName: str | None = None
    projectSiteLocCountry: str | None = None
    projectSiteLocState: str | None = None
    projectSiteLocLatitude: Decimal | None = None
    projectSiteLocLongitude: Decimal | None = None
    projectTypeName: str | None = None
    owningProfileParticipantName: str | None = None
    validatorParticipantName: str | None = None
    currentCreditingPeriodStartDate: str | None = None
    currentCreditingPeriodEndDate: str | None = None
    projectExtensionMap: Extension = Extension()


class LabelRow(msgspec.Struct, frozen=True):
    labelCategoryCode: str | None = None
    labelDisplayName: str | None = None


class HoldingRow(msgspec.Struct, frozen=True):
    """A row of any ledger of `holding-summaries`: a block in one state, or as it was issued."""

    holdingKey: Key
    projectKey: Key
    projectReferenceId: Key
    issuanceKey: Key
    holdingSerialNumber: str | None = None
    holdingQuantity: int | None = None
    issuanceQuantity: int | None = None
    holdingStatus: str | None = None
    isReserve: Annotated[bool | None, SHAPES_HOLDING] = None
    projectName: str | None = None
    projectSiteLocationState: str | None = None
    projectSiteLocationCountry: str | None = None
    projectTypeName: str | None = None
    developerProfileName: str | None = None
    accountHolderProfileName: str | None = None
    issuanceVintageStartDate: str | None = None
    vintage: str | None = None
    issuanceDate: str | None = None
    cancellationDate: str | None = None
    cancellationReason: Annotated[str | None, SHAPES_HOLDING] = None
    cancellationReasonDisplayName: str | None = None
    cancellationOnBehalfOfName: str | None = None
    retirementDate: str | None = None
    retirementReasonDisplayName: str | None = None
    retirementPurpose: str | None = None
    retirementOnBehalfOfName: str | None = None
    hostCountryLetterOfAuthorization: str | None = None
    registryLabels: tuple[LabelRow, ...] | None = None
    creditLink: Link = Link()


@dataclass(frozen=True, slots=True)
class EventRow:
    """The blocks of one issuance; each of them repeats the whole amount."""

    first: HoldingRow
    blocks: tuple[HoldingRow, ...]


class _Dataset(msgspec.Struct, Generic[R], frozen=True):
    rows: list[R]
    totalCount: int


class _Report(msgspec.Struct, Generic[R], frozen=True):
    datasets: dict[str, _Dataset[R]]


class _Page(msgspec.Struct, Generic[R], frozen=True):
    projectDetail: R


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """A page of a report; `dataset` is the name under which it came, `total` of the whole."""

    dataset: str
    rows: list[R]
    total: int


_projects = Rows(_Report[SummaryRow], SummaryRow)
_holdings = Rows(_Report[HoldingRow], HoldingRow)
_page = Rows(_Page[DetailRow], DetailRow)


def read_projects(reply: Reply) -> Listing[SummaryRow]:
    """The body of `project-summaries/results`."""
    return _only(_projects(reply))


def read_holdings(reply: Reply) -> Listing[HoldingRow]:
    """The body of `holding-summaries/results`."""
    return _only(_holdings(reply))


def read_detail(reply: Reply) -> DetailRow | None:
    """The body of a project's own page; None where the registry says that there is none."""
    return None if reply.status == 404 else _page(reply).projectDetail


def code(reference: str) -> str:
    """`ACR885` for `ACR0885`: the one spelling of a project's public code.

    The interface pads numbers with zeros, serials and older exports do not. What is no such
    code stays as it is.
    """
    found = _CODE.fullmatch(reference)
    return f"{found[1].upper()}{found[2]}" if found else reference


def project_code(prefix: str, text: str) -> str | None:
    """`ACR885` for `ACR0885`, `acr 885`, `ACR-885` and `885`, where the prefix is `ACR`."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        text = f"{prefix}{text}"
    found = _CODE.fullmatch(text)
    return f"{prefix}{found[2]}" if found and found[1].upper() == prefix else None


def block(serial: str | None) -> tuple[str, str] | None:
    """The first and last unit of a serial, None where it names no range."""
    found = _SERIAL.fullmatch(serial or "")
    return (found[3], found[4]) if found else None


def number_in(serial: str) -> str | None:
    """The number of the project that a serial names."""
    found = _SERIAL.fullmatch(serial)
    return found[2] if found else None


def unit_key(row: HoldingRow) -> str:
    """The serial where it names a range, else the registry's own key of the holding."""
    serial = row.holdingSerialNumber
    return serial if serial and block(serial) else row.holdingKey


def is_holding_key(text: str) -> bool:
    """Whether the text may be the registry's own key of a holding (`H2423GMNAD22`)."""
    return _HOLDING.fullmatch(text) is not None


def _only(report: _Report[R]) -> Listing[R]:
    if len(report.datasets) != 1:
        raise InvalidPayload(f"a report with {len(report.datasets)} datasets instead of one")
    ((name, found),) = report.datasets.items()
    if found.totalCount < 0:
        raise InvalidPayload("a report with a negative count")
    return Listing(name, found.rows, found.totalCount)
