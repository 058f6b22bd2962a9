"""Puro's rows: its own names, only the fields that are used."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from adapters.apart import slow
from adapters.contract import InvalidPayload, Reply
from adapters.puro_page import read_list
from adapters.rows import Key, Rows, Some, lost, placed

SUBJECT = "puro"
MAX_KEY = 200
ISSUANCE, RETIREMENT = "Issuance", "Retirement"

_CODE = re.compile(r"\s*(?:PURO[\s_-]*)?([1-9]\d{3,9})\s*", re.IGNORECASE)
_SERIAL = re.compile(r"PURO_PR_\S+_[A-Z]{2}_(\d+)_\d{4}_[0-9a-f-]{36}_\d+-\d+")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """Puro writes its names in camel case."""


class GoalRow(Wire, frozen=True):
    goal: int | None = None
    name: str | None = None


class MethodRow(Wire, frozen=True):
    name: str | None = None


class ProjectRow(Wire, frozen=True):
    code: Key
    name: str | None = None
    country_code: str | None = None
    supplier_name: str | None = None
    crediting_period_start: str | None = None
    crediting_period_end: str | None = None
    sdgs: tuple[GoalRow, ...] = ()
    latitude: str | None = None
    longitude: str | None = None
    methodology: MethodRow | None = None


class BundleRow(Wire, frozen=True):
    """A block of certificates in a transaction."""

    id: Key
    certificates: str | None = None
    volume: int | None = None
    issuance_id: str | None = None
    production_facility_code: str | None = None
    start: str | None = msgspec.field(default=None, name="_start")
    end: str | None = msgspec.field(default=None, name="_end")
    vintage: int | None = None
    production_start_date: str | None = None
    production_end_date: str | None = None
    credit_type: str | None = None


class IssuanceDetails(Wire, frozen=True):
    audit_body: str | None = None
    issuance_date: str | None = None


class RetirementDetails(Wire, frozen=True):
    """`beneficiary_name` is null until the day that the beneficiary asked to be hidden to."""

    usage_type: str | None = None
    beneficiary_name: str | None = None
    retirement_purpose: str | None = None
    public_statement_url: str | None = None


class TransactionRow(Wire, frozen=True):
    id: Key
    type: str | None = None
    volume: int | None = None
    account_holder_name: str | None = None
    completed_on: str | None = None
    issuance_details: IssuanceDetails | None = None
    retirement_details: RetirementDetails | None = None
    bundles: tuple[BundleRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RetiredRow:
    """One bundle of a retirement."""

    bundle: BundleRow
    transaction: TransactionRow
    details: RetirementDetails


_projects = Rows(list[ProjectRow], ProjectRow)
_transacted = Rows(list[TransactionRow], TransactionRow)


@slow
def read_projects(reply: Reply) -> list[ProjectRow]:
    """The page `/projects`."""
    return _projects.convert(reply, read_list(reply))


@slow
def read_issuances(reply: Reply) -> list[TransactionRow]:
    """The page `/issuances`."""
    return _transactions(reply, ISSUANCE)


@slow
def read_retirements(reply: Reply) -> list[TransactionRow]:
    """The page `/retirements`."""
    return _transactions(reply, RETIREMENT)


def project_code(text: str) -> str | None:
    """`583695`, also for `PURO-583695`."""
    found = _CODE.fullmatch(text)
    return found[1] if found else None


def is_serial(text: str) -> bool:
    """Whether the text is a serial of Puro's, with its range."""
    return len(text) <= MAX_KEY and _SERIAL.fullmatch(text) is not None


def unit_key(row: RetiredRow) -> str:
    """The serial where it carries a range, else the bundle's id."""
    serial = row.bundle.certificates
    return serial if serial and is_serial(serial) else row.bundle.id


def _transactions(reply: Reply, kind: str) -> list[TransactionRow]:
    found = _transacted.convert(reply, read_list(reply))
    rows: list[TransactionRow] = []
    gone = set(lost(found))
    why = ""
    for place, row in placed(found):
        told = _other(row, kind)
        if told is None:
            rows.append(row)
            continue
        why = why or told
        gone.add(place)
        reply.unread.add(f"/data/{place}", told)
    if why and not rows:
        raise InvalidPayload(f"the page has no {kind.lower()} in it: {why}")
    return Some(rows, tuple(sorted(gone))) if gone else rows


def _other(row: TransactionRow, kind: str) -> str | None:
    """Why the row is none of the page's, where it is none."""
    if row.type is not None and row.type != kind:
        return f"its type is {row.type!r}, not {kind!r}"
    if kind == RETIREMENT and not row.bundles:
        return f"the retirement {row.id} has no bundles"
    return None
