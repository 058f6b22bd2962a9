"""Gold Standard's wire rows: its own names, only the fields that are used, and its codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec

from adapters.contract import Reply
from adapters.rows import Rows

SUBJECT = "gold-standard"
# What tells the registry's rows apart, in ascending order of arrival.
RowId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,17}\Z")]

# A key has 200 characters at the most: a serial, a mark and the number of a row.
MAX_SERIAL = 182

_ROW_ID = re.compile(r"[1-9]\d{0,16}")
_CODE = re.compile(r"\s*(?:GS[\s-]*)?0*([1-9]\d{0,9})\s*", re.IGNORECASE)
_ISSUANCE = re.compile(r"(GS[1-9]\d{0,9})-(\d{1,12})-(\d{4})")
# The second GS is missing from the oldest serials; credits taken over from the CDM carry a pair
# of its serials, written by hand and so with every kind of blank and separator.
_SERIAL = re.compile(r"GS1-\d-[A-Z]{2}-(?:GS)?(\d+)-\d+-\d{4}-\d+-(\d+)-(\d+)")
_CDM_SERIAL = r"[A-Z]{2}-\d+-(\d+)-\d+-\d+-[\d-]+"
_CDM_PAIR = re.compile(rf"{_CDM_SERIAL}(?:\s*(?:-|–|to)\s*|\s+){_CDM_SERIAL}")  # noqa: RUF001


class GoalRow(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class ProductRow(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None
    abbreviation: str | None = None


class ProjectRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `/projects`, and what each row of `/credits` embeds (there without goals)."""

    id: RowId
    sustaincert_id: int
    name: str | None = None
    description: str | None = None
    status: str | None = None
    updated_at: str | None = None
    gsf_standards_version: str | None = None
    estimated_annual_credits: int | None = None
    crediting_period_start_date: str | None = None
    crediting_period_end_date: str | None = None
    methodology: str | None = None
    type: str | None = None
    project_developer: str | None = None
    country: str | None = None
    country_code: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    programme_of_activities: str | None = None
    poa_project_sustaincert_id: int | None = None
    sustainable_development_goals: tuple[GoalRow, ...] | None = None
    labels: tuple[str, ...] = ()


class CreditRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `/credits`: a block of credits in its present state."""

    id: RowId
    project: ProjectRow
    number_of_credits: int | None = None
    serial_number: str | None = None
    starting_credit_number: int | None = None
    ending_credit_number: int | None = None
    batch_number: int | None = None
    vintage: str | None = None
    status: str | None = None
    updated_at: str | None = None
    certified_date: str | None = None
    monitoring_period_start_date: str | None = None
    monitoring_period_end_date: str | None = None
    is_corsia_eligible: bool | None = None
    note: str | None = None
    retirement_use_case: str | None = None
    product: ProductRow = ProductRow()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchRow:
    """The blocks of one (project, batch, vintage), newest first; `whole` once all were read."""

    first: CreditRow
    blocks: tuple[CreditRow, ...]
    whole: bool


_projects = Rows(list[ProjectRow], ProjectRow)
_credits = Rows(list[CreditRow], CreditRow)
_credit: Rows[CreditRow | None] = Rows(CreditRow | None, CreditRow)


def read_projects(reply: Reply) -> list[ProjectRow]:
    """The body of `/projects`."""
    return _projects(reply)


def read_credits(reply: Reply) -> list[CreditRow]:
    """The body of `/credits`."""
    return _credits(reply)


def read_credit(reply: Reply) -> CreditRow | None:
    """The body of `/credits/{id}`; None where the registry says that there is none."""
    return None if reply.status == 404 else _credit(reply)


def project_code(text: str) -> str | None:
    """`GS7495` for `GS7495`, `GS 7495`, `GS-7495`, `gs7495` and `7495`."""
    found = _CODE.fullmatch(text)
    return f"GS{found[1]}" if found else None


def code(row: ProjectRow) -> str:
    """The public code of the project."""
    return f"GS{row.sustaincert_id}"


def project_of_serial(serial: str) -> str | None:
    """The code of the project that the serial names, where it is one of Gold Standard's own."""
    found = _SERIAL.fullmatch(serial)
    return f"GS{int(found[1])}" if found else None


def is_serial(text: str) -> bool:
    """Whether the text names a range of credits. More than one row may have it."""
    return bool(_SERIAL.fullmatch(text) or _CDM_PAIR.fullmatch(text))


def serial_of(row: CreditRow) -> str | None:
    """The row's serial, where it names a range of credits."""
    serial = row.serial_number
    return serial if serial and len(serial) <= MAX_SERIAL and is_serial(serial) else None


def unit_key(row: CreditRow) -> str:
    """The row's id, with the serial before it where there is one to search by: one serial may
    stand on two rows, and rows are found by their serials alone."""
    serial = serial_of(row)
    return f"{serial}~{row.id}" if serial and _ROW_ID.fullmatch(row.id) else row.id


def parted(key: str) -> tuple[str, str | None]:
    """The serial and the row's id in a unit's key; a serial alone was a key before."""
    serial, mark, row_id = key.rpartition("~")
    return (serial, row_id) if mark and _ROW_ID.fullmatch(row_id) else (key, None)


def is_row_id(text: str) -> bool:
    """Whether the text may be the id of a row."""
    return _ROW_ID.fullmatch(text) is not None


def former_unit_keys(row: CreditRow) -> tuple[str, ...]:
    """The serial, of which keys of units were made before it was seen on two rows."""
    serial = serial_of(row)
    return (serial,) if serial else ()


def issuance_key(row: CreditRow) -> str | None:
    """`GS7495-30645-2025`: project, batch and vintage; None where the row lacks one."""
    if row.batch_number is None or not row.vintage:
        return None
    key = f"{code(row.project)}-{row.batch_number}-{row.vintage}"
    return key if _ISSUANCE.fullmatch(key) else None


def project_of_issuance(key: str) -> str | None:
    """The project's code in an issuance key, None where the text is no such key."""
    found = _ISSUANCE.fullmatch(key)
    return found[1] if found else None
