"""The Reserve's wire rows: the columns of its reports that are used, and its codes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from adapters.apart import slow
from adapters.car_csv import table, text_of
from adapters.contract import Reply
from adapters.rows import Some

SUBJECT = "car"
R = TypeVar("R", bound=msgspec.Struct)

_CODE = re.compile(r"(?:CAR[\s-]*)?0*([1-9]\d{0,7})", re.IGNORECASE)
_PROJECT = re.compile(r"CAR\d{1,8}")
# Exports write plain digits, pages group them.
_WHOLE = re.compile(r"\d{1,15}|\d{1,3}(?:,\d{3}){1,4}")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SERIAL = re.compile(
    r"CAR-[A-Z0-9]+-[A-Z]{2}-\d+-\d+-\d+-[A-Z0-9]*-\d{4}-\d+-(\d{1,18}) to (\d{1,18})",
    re.IGNORECASE,
)

_SITE = {
    "project_id": "Project ID",
    "project_name": "Project Name",
    "project_type": "Project Type",
    "state": "Project Site State",
    "country": "Project Site Country",
    "certifications": "Additional Certification(s)",
}
_PROJECTS = {
    **_SITE,
    "compliance_id": "Compliance Program ID",
    "project_developer": "Project Developer",
    "status": "Status",
    "sdg_impact": "SDG Impact",
    "listed_date": "Project Listed Date",
    "registered_date": "Project Registered Date",
}
_BATCH = {
    **_SITE,
    "kind": "Reduction/Removal",
    "vintage": "Vintage",
    "corsia_pilot": "Eligible for CORSIA 2021-2023 Compliance Period",
    "corsia_first": "Eligible for CORSIA 2024-2026 Compliance Period",
    "ccp": "ICVCM CCP Eligible",
}
_ISSUED = {
    **_BATCH,
    "date_issued": "Date Issued",
    "project_developer": "Project Developer",
    "total": "Total Offset Credits Issued",
    "pooled": "Offset Credits Currently in Reserve Buffer Pool",
    "verification_body": "Verification Body",
}
_LEFT = {
    **_BATCH,
    "serial": "Offset Credit Serial Numbers",
    "quantity": "Quantity of Offset Credits",
    "effective": "Status Effective",
}
_RETIRED = {
    **_LEFT,
    "holder": "Account Holder",
    "reason": "Retirement Reason",
    "details": "Retirement Reason Details",
}
_CANCELLED = {**_LEFT, "reason": "Cancellation Reason", "notes": "Export Notes"}


class ProjectRow(msgspec.Struct, frozen=True, kw_only=True, rename=_PROJECTS):
    """A row of the report of projects."""

    project_id: str
    project_name: str
    status: str
    project_type: str
    compliance_id: str = ""
    project_developer: str = ""
    state: str = ""
    country: str = ""
    certifications: str = ""
    sdg_impact: str = ""
    listed_date: str = ""
    registered_date: str = ""


class IssuedRow(msgspec.Struct, frozen=True, kw_only=True, rename=_ISSUED):
    """A row of the report of issued credits; it has no serial and no key."""

    project_id: str
    date_issued: str
    vintage: str
    total: str
    project_name: str = ""
    project_developer: str = ""
    project_type: str = ""
    state: str = ""
    country: str = ""
    certifications: str = ""
    kind: str = ""
    corsia_pilot: str = ""
    corsia_first: str = ""
    ccp: str = ""
    pooled: str = ""
    verification_body: str = ""


class LeftRow(msgspec.Struct, frozen=True, kw_only=True, rename=_LEFT):
    """What the reports of retired and of cancelled credits have in common."""

    project_id: str
    serial: str
    quantity: str
    effective: str
    vintage: str
    project_name: str = ""
    project_type: str = ""
    state: str = ""
    country: str = ""
    certifications: str = ""
    kind: str = ""
    corsia_pilot: str = ""
    corsia_first: str = ""
    ccp: str = ""


class RetiredRow(LeftRow, frozen=True, kw_only=True, rename=_RETIRED):
    """A row of the report of retired credits; the others have no such reason."""

    reason: str
    holder: str = ""
    details: str = ""


class CancelledRow(LeftRow, frozen=True, kw_only=True, rename=_CANCELLED):
    """A row of the report of cancelled credits."""

    reason: str
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """An issuance: its row, the key made of it, and whether no other of its project has its
    vintage, so that its units can be told by that."""

    row: IssuedRow
    key: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Export(Generic[R]):
    """A whole report; `mended` rows have texts that could not be told apart."""

    rows: list[R]
    mended: int


@slow
def read_projects(reply: Reply) -> Export[ProjectRow]:
    """The export of report 111."""
    return _read(reply, ProjectRow)


@slow
def read_issued(reply: Reply) -> Export[IssuedRow]:
    """The export of report 112."""
    return _read(reply, IssuedRow)


@slow
def read_retired(reply: Reply) -> Export[RetiredRow]:
    """The export of report 206."""
    return _read(reply, RetiredRow)


@slow
def read_cancelled(reply: Reply) -> Export[CancelledRow]:
    """The export of report 308."""
    return _read(reply, CancelledRow)


def issuances(rows: list[IssuedRow]) -> list[Issued]:
    """The issuances with keys: project, vintage and day, and a number for the second of a day.

    No two have one key, whatever the texts of odd rows are: a number is left out where another
    row's own text reads like the key with it.
    """
    vintages = Counter((row.project_id, row.vintage) for row in rows)
    plain = [f"{row.project_id}-{row.vintage}-{_iso(row.date_issued)}" for row in rows]
    taken, last, found = set[str](), dict.fromkeys(plain, 0), list[Issued]()
    for row, text in zip(rows, plain, strict=True):
        key = text
        while key in taken or (key != text and key in last):
            last[text] += 1
            key = f"{text}-{last[text] + 1}"
        taken.add(key)
        found.append(Issued(row, key, vintages[row.project_id, row.vintage] == 1))
    return found


def project_code(text: str) -> str | None:
    """`CAR1957` for `CAR1957`, `car 1957`, `CAR-1957` and `1957`."""
    found = _CODE.fullmatch(text.strip())
    return f"CAR{found[1]}" if found else None


def block(serial: str) -> tuple[str, str] | None:
    """The first and last unit of a serial, None where it names no range."""
    found = _SERIAL.fullmatch(serial)
    return (found[1], found[2]) if found else None


def _read(reply: Reply, shape: type[R]) -> Export[R]:
    required = frozenset(
        field.encode_name for field in msgspec.structs.fields(shape) if field.required
    )
    found = table(text_of(reply), required, _possible, _valid, reply.unread)
    rows: list[R] = msgspec.convert(found.rows, list[shape])  # type: ignore[valid-type]
    return Export(Some(rows, found.gone) if found.gone else rows, found.mended)


# What columns hold that are more than text, where a report has them: without the first one a row
# is none, by the others it shows which way of reading it makes sense.
_NEEDED = {"Project ID": _PROJECT}
_TELLING = {
    **_NEEDED,
    "Quantity of Offset Credits": _WHOLE,
    "Total Offset Credits Issued": _WHOLE,
    "Date Issued": _DAY,
    "Status Effective": _DAY,
    "Vintage": re.compile(r"\d{4}"),
    "Project Site Country": re.compile(r"[A-Z]{2}|"),
}


def _possible(row: dict[str, str]) -> bool:
    return _fits(row, _NEEDED)


def _valid(row: dict[str, str]) -> bool:
    return _fits(row, _TELLING)


def _fits(row: dict[str, str], patterns: dict[str, re.Pattern[str]]) -> bool:
    return all(
        pattern.fullmatch(row[name].strip()) for name, pattern in patterns.items() if name in row
    )


def _iso(day: str) -> str:
    found = _DAY.fullmatch(day.strip())
    return f"{found[3]}-{found[1]:0>2}-{found[2]:0>2}" if found else day
