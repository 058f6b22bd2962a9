"""Social Carbon's wire rows: the registry's own column names, only those that are used."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from adapters.apart import Apart
from adapters.contract import InvalidPayload, Reply
from adapters.rows import Key, Rows, received
from gateway.harmonise.countries import country, country_name

SUBJECT = "social-carbon"
T = TypeVar("T")

_ID = re.compile(r"\d{1,30}x\d{1,30}", re.ASCII)
_CODE = re.compile(r"\s*(?:SOCIAL\s?CARBON[\s-]*)?0*([1-9]\d{0,8})\s*", re.IGNORECASE | re.ASCII)
_SERIAL = re.compile(
    r"(?P<batch>(?:SC-)?SCU(?: - [A-Za-z ]+)?-SOCIALCARBON-\d+-(?P<country>.+)-\d{4}-"
    r"(?P<stamp>\d{14}))-(?P<start>\d{1,18})-(?P<end>\d{1,18})",
    re.ASCII,
)
_STAMP = re.compile(r".*-(\d{2})(\d{2})(\d{4})\d{6}", re.ASCII)
_BENEFICIARY = "Beneficiary:"
_PURPOSE = re.compile(r",\s*+Purpose:")


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Every row has an id of its own, and nothing else that could not be missing."""

    id: Key = msgspec.field(name="_id")


class ProjectRow(Wire, frozen=True, kw_only=True):
    """A row of `project`."""

    code: str | None = msgspec.field(name="Project ID", default=None)
    name: str | None = msgspec.field(name="Project Name", default=None)
    status: str | None = msgspec.field(name="Project Status", default=None)
    kind: str | None = msgspec.field(name="Project Type", default=None)
    methodology: str | None = msgspec.field(name="Methodology", default=None)
    country: str | None = msgspec.field(name="Country", default=None)
    latitude: Decimal | None = msgspec.field(name="Latitude", default=None)
    longitude: Decimal | None = msgspec.field(name="Longitude", default=None)
    description: str | None = msgspec.field(name="Description", default=None)
    proponents: tuple[str, ...] | None = msgspec.field(
        name="Project Proponent(s)_TEXT", default=None
    )
    validator: str | None = None
    goals: tuple[str, ...] | None = msgspec.field(name="SDGs", default=None)
    estimate: Decimal | None = msgspec.field(
        name="Estimated Annual Emission Reductions", default=None
    )
    period_start: str | None = msgspec.field(name="Crediting period start", default=None)
    period_end: str | None = msgspec.field(name="Crediting period end", default=None)
    modified: str | None = msgspec.field(name="Modified Date", default=None)


class IssuanceRow(Wire, frozen=True, kw_only=True):
    """A row of `issuance`: a request, and once approved and complete an issuance."""

    project: str | None = msgspec.field(name="Project", default=None)
    approved: bool | None = msgspec.field(name="Approved", default=None)
    complete: bool | None = msgspec.field(name="Issuance complete", default=None)
    batch: str | None = msgspec.field(name="Batch_ID", default=None)
    serial: str | None = msgspec.field(name="Serial Number Batch", default=None)
    quantity: Decimal | None = msgspec.field(name="Quantity requested", default=None)
    vintage: str | None = msgspec.field(name="Vintage", default=None)
    start: str | None = msgspec.field(name="Monitoring period start", default=None)
    end: str | None = msgspec.field(name="Monitoring period end", default=None)
    verifier: str | None = msgspec.field(name="Verifier", default=None)
    corsia: bool | None = msgspec.field(name="CORSIA eligible", default=None)


class UnitRow(Wire, frozen=True, kw_only=True):
    """A row of `retirement` or of `cancellations`."""

    project: str | None = msgspec.field(name="Project", default=None)
    project_kind: str | None = msgspec.field(name="Project type", default=None)
    asset_kind: str | None = msgspec.field(name="Asset Type", default=None)
    serial: str | None = msgspec.field(name="Serial Numbers", default=None)
    quantity: Decimal | None = msgspec.field(name="Quantity", default=None)
    vintage: str | None = msgspec.field(name="Vintage", default=None)
    created: str | None = msgspec.field(name="Created Date", default=None)
    modified: str | None = msgspec.field(name="Modified Date", default=None)
    notes: str | None = msgspec.field(name="Notes", default=None)
    beneficiary: str | None = msgspec.field(name="Beneficiary", default=None)
    purpose: str | None = msgspec.field(name="Purpose", default=None)
    retiree: str | None = msgspec.field(name="Retiree", default=None)
    canceller: str | None = msgspec.field(name="Canceller", default=None)
    non_permanence: bool | None = msgspec.field(name="Non-Permanence", default=None)


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """One page: `count` rows from `cursor` on, and how many are left after it."""

    cursor: int
    results: list[T]
    count: int
    remaining: int


class _Response(msgspec.Struct, Generic[T], frozen=True):
    response: T


class _Told(msgspec.Struct, frozen=True):
    status: str | None = None
    message: str | None = None


class _Missing(msgspec.Struct, frozen=True):
    body: _Told = _Told()
    status: str | None = None
    message: str | None = None


_missing = Rows(_Missing, _Missing)


class Kind(Generic[T]):
    """One of the registry's collections: its path, and how its pages and rows are decoded. `here`
    is its name in this module."""

    def __init__(self, here: str, name: str, row: type[T]) -> None:
        self.path = f"api/1.1/obj/{name}"
        page: Any = _Response[Listed[row]]  # type: ignore[valid-type]
        one: Any = _Response[row]  # type: ignore[valid-type]
        self._page: Rows[_Response[Listed[T]]] = Rows(page, row)
        self._one: Rows[_Response[T]] = Rows(one, row)
        listed: Any = Listed[row]  # type: ignore[valid-type]
        self.apart = {
            "read_page": Apart(f"{__name__}:{here}.read_page", (), listed),
            "read_one": Apart(f"{__name__}:{here}.read_one", (), row | None),
        }

    def read_page(self, reply: Reply) -> Listed[T]:
        """A page that holds what it counts.

        Raises:
            InvalidPayload: it does not.
        """
        page = self._page(reply).response
        if page.count != received(page.results) or page.remaining < 0:
            raise InvalidPayload("the page does not hold the rows that it counts")
        return page

    def read_one(self, reply: Reply) -> T | None:
        """A row; None where the registry says that it has none of that id.

        Raises:
            InvalidPayload: a 404 that is about something else than the row.
        """
        if reply.status == 404:
            told = _missing(reply)
            message = told.body.message or told.message or ""
            if not message.startswith("Missing object"):
                raise InvalidPayload("the registry does not know what was asked for")
            return None
        return self._one(reply).response


PROJECT: Kind[ProjectRow] = Kind("PROJECT", "project", ProjectRow)
ISSUANCE: Kind[IssuanceRow] = Kind("ISSUANCE", "issuance", IssuanceRow)
RETIREMENT: Kind[UnitRow] = Kind("RETIREMENT", "retirement", UnitRow)
CANCELLATION: Kind[UnitRow] = Kind("CANCELLATION", "cancellations", UnitRow)


def is_id(text: str) -> bool:
    """Whether the text may be a row's id, such as `1712660957276x926554164775092200`."""
    return _ID.fullmatch(text) is not None


def project_code(text: str) -> str | None:
    """`SOCIALCARBON-9`, also for `social carbon 9` and `9`."""
    found = _CODE.fullmatch(text)
    return f"SOCIALCARBON-{found[1]}" if found else None


def block(serial: str | None) -> tuple[str, int, int] | None:
    """The batch that a serial is of, its first and its last unit."""
    found = _SERIAL.fullmatch(serial or "")
    if found is None:
        return None
    start, end = int(found["start"]), int(found["end"])
    return (found["batch"], start, end) if start <= end else None


def as_written(serial: str) -> bool:
    """Whether the registry would write the serial in just these letters.

    Its country is a name or a code of three letters, which is all that could be spelt otherwise.
    """
    found = _SERIAL.fullmatch(serial)
    if found is None:
        return False
    place = found["country"]
    code = country(place)
    is_code = len(place) == 3 and place.isupper()
    return code is not None and (is_code or country_name(code) == place)


def issued_on(batch: str | None) -> str | None:
    """The day in a batch's stamp of day, month, year and time: `...-09042024101700`."""
    found = _STAMP.fullmatch(batch or "")
    return f"{found[3]}-{found[2]}-{found[1]}" if found else None


def noted(row: UnitRow) -> tuple[str | None, str | None]:
    """For whom and what for; rows before 2025 say both in their notes alone."""
    beneficiary, purpose = (row.beneficiary or "").strip(), (row.purpose or "").strip()
    if row.beneficiary is None and row.purpose is None:
        notes = (row.notes or "").strip()
        found = _PURPOSE.search(notes)
        if found and notes.startswith(_BENEFICIARY):
            beneficiary = notes[len(_BENEFICIARY) : found.start()].strip()
            purpose = notes[found.end() :].strip()
    return beneficiary or None, purpose or None
