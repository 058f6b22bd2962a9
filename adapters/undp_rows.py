"""UNDP's wire rows: both generations of its software, only the fields that are used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from adapters.contract import Reply
from adapters.rows import Key, Rows

SUBJECT = "undp"
T = TypeVar("T")

MAX_KEY = 200
COMPLETED = "Completed"

# `VU-ITMO-11-356-2022-0-27-35`, and since 2025 `CA0NNN-VU-XX-356-27-35-2022`. There the operator
# sets the identifier, the party and the separator, so that a serial is read from its end: project,
# first and last unit, year.
_FIRST = re.compile(
    r"[A-Z]{2}(?P<by>-)ITMO-\d+-\w+-"
    r"(?P<tail>(?P<year>\d{4})-\d+-(?P<start>\d{1,18})-(?P<end>\d{1,18}))",
    re.ASCII | re.IGNORECASE,
)
# Signs between numbers that mean nothing to SQL.
_PLAIN = frozenset("-./:")
_SECOND = re.compile(
    r"(?P<head>[^\s-].*)(?P<by>[^0-9A-Za-z\s])(?P<tail>\d{1,9}(?P=by)"
    r"(?P<start>\d{1,18})(?P=by)(?P<end>\d{1,18})(?P=by)(?P<year>\d{4}))",
    re.ASCII,
)
_KEY = re.compile(r"(?=[A-Za-z_-]*\d)[\w-]{1,64}", re.ASCII)


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """UNDP writes its names in camel case. Numbers may come as text: so PostgreSQL gives them."""


class CompanyRow(Wire, frozen=True, kw_only=True):
    """Of a company only its name: the rest of the row is how to reach people."""

    name: str | None = None


class PropertiesRow(Wire, frozen=True, kw_only=True):
    methodology: str | None = None


class ActionRow(Wire, frozen=True, kw_only=True):
    type_of_mitigation: str | None = None
    properties: PropertiesRow | None = None


class PlacesRow(Wire, frozen=True, kw_only=True):
    geographical_location: tuple[str, ...] | None = None


class ProgrammeRow(Wire, frozen=True, kw_only=True):
    """A project of the first generation; the second keeps this list too."""

    programme_id: Key
    title: str | None = None
    external_id: str | None = None
    sectoral_scope: str | None = None
    country_code_a2: str | None = None
    current_stage: str | None = None
    start_time: Decimal | None = None
    end_time: Decimal | None = None
    credit_est: Decimal | None = None
    company: tuple[CompanyRow, ...] | None = None
    mitigation_actions: tuple[ActionRow, ...] | None = None
    programme_properties: PlacesRow | None = None
    status_update_time: Decimal | None = None
    updated_at: str | int | None = None
    cadt_id: str | None = None

    @property
    def id(self) -> str:
        return self.programme_id


class ProjectRow(Wire, frozen=True, kw_only=True):
    """A project of the second generation."""

    ref_id: Key
    title: str | None = None
    project_proposal_stage: str | None = None
    sectoral_scope: str | None = None
    name: str | None = None
    company: CompanyRow | None = None

    @property
    def id(self) -> str:
        return self.ref_id


class BlockRow(Wire, frozen=True, kw_only=True):
    """What balances and retirements have in common: a block of credits of one project."""

    id: int | str
    serial_number: str | None = None
    credit_amount: Decimal | None = None
    created_date: Decimal | None = None
    project_id: str | None = None


class BalanceRow(BlockRow, frozen=True, kw_only=True):
    """A block that somebody holds."""

    type: str | None = None
    receiver_name: str | None = None


class RetirementRow(BlockRow, frozen=True, kw_only=True):
    """A request to take a block out of circulation, until it is completed."""

    retirement_type: str | None = None
    status: str | None = None
    sender_name: str | None = None
    remarks: str | None = None


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """A page: `total` counts the rows that match, on all pages."""

    data: list[T]
    total: int


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One of the registry's lists: its path, and the column whose values tell its rows apart."""

    name: str
    path: str
    id_column: str
    decode: Callable[[Reply], Listed[T]]


def _reader(here: str, row: type[T]) -> Callable[[Reply], Listed[T]]:
    """The decoder of the list that this module calls by this name."""
    return Rows(Listed[row], row, f"{__name__}:{here}.decode")  # type: ignore[valid-type]


_CREDITS = "national/creditTransactionsManagement"
PROGRAMME: Kind[ProgrammeRow] = Kind(
    "programme", "national/programme/query", "programmeId", _reader("PROGRAMME", ProgrammeRow)
)
PROJECT: Kind[ProjectRow] = Kind(
    "project", "national/projectManagement/query", "refId", _reader("PROJECT", ProjectRow)
)
BALANCE: Kind[BalanceRow] = Kind(
    "balance", f"{_CREDITS}/queryBalance", "id", _reader("BALANCE", BalanceRow)
)
RETIREMENT: Kind[RetirementRow] = Kind(
    "retirement", f"{_CREDITS}/queryRetirements", "id", _reader("RETIREMENT", RetirementRow)
)


def project_code(text: str) -> str | None:
    """The text as a project's id: letters, digits and dashes, and one digit at least."""
    text = text.strip()
    return text if _KEY.fullmatch(text) else None


def block(serial: str | None) -> tuple[int, int, int] | None:
    """The year, the first and the last unit of a serial."""
    found = _parsed(serial)
    if found is None:
        return None
    start, end = int(found["start"]), int(found["end"])
    return (int(found["year"]), start, end) if start <= end else None


def _parsed(serial: str | None) -> re.Match[str] | None:
    if not serial or len(serial) > MAX_KEY:
        return None
    second = _SECOND.fullmatch(serial)
    # Three parts before the project: identifier, country and party.
    if second is not None and second["head"].count(second["by"]) < 2:
        second = None
    return _FIRST.fullmatch(serial) or second


def numbers_of(serial: str) -> str | None:
    """The end of a serial that no spelling changes: its numbers, which have no capitals."""
    found = _parsed(serial)
    return found["tail"] if found is not None and found["by"] in _PLAIN else None


def unit_key(row: BlockRow) -> str:
    """The list's name and the row's id in it: what is transferred or retired in part keeps its id
    and gets a shorter serial."""
    kind = BALANCE if isinstance(row, BalanceRow) else RETIREMENT
    return f"{kind.name}-{row.id}"
