"""ICR's wire rows: one list of projects with their credits inside; only what is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from adapters.contract import Reply
from adapters.rows import Key, Rows

SUBJECT = "icr"
T = TypeVar("T")

MAX_KEY = 200

_CODE = re.compile(r"\s*(?:ICR[\s-]*)?0*([1-9]\d{0,8})\s*", re.IGNORECASE | re.ASCII)
_SERIAL = re.compile(r"ICR-[A-Z]{3}-\d+-(?P<project>\d{1,9})-\d+-[A-Z]+-\d+-\d{4}", re.ASCII)


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """ICR writes its names in camel case."""


class TitledRow(Wire, frozen=True, kw_only=True):
    title: str | None = None


class NamedRow(Wire, frozen=True, kw_only=True):
    """Of an organisation only its name: the rest of the row is how to reach it."""

    full_name: str | None = None


class PointRow(Wire, frozen=True, kw_only=True):
    lat: Decimal | None = None
    lng: Decimal | None = None


class MitigationRow(Wire, frozen=True, kw_only=True):
    """What is expected of one year; the date is that of RFC 1123."""

    date: str | None = None
    estimated_mitigation: Decimal | None = None


class BenefitRow(Wire, frozen=True, kw_only=True):
    title: str | None = None
    checked: bool | None = None


class CreditRow(Wire, frozen=True, kw_only=True):
    """Credits of one vintage: what a token stands for. How many there are is not said."""

    serialization: Key
    vintage: str | None = None


class ProjectRow(Wire, frozen=True, kw_only=True):
    """A project with its credits. People are not decoded."""

    num: int
    full_name: str | None = None
    status: str | None = None
    project_status: TitledRow | None = None
    country_code: str | None = None
    geographical_region: str | None = None
    geo_location: PointRow | None = None
    updated_at: str | None = None
    crediting_period_start_date: str | None = None
    crediting_period_num_years: int | None = None
    methodology: TitledRow | None = None
    sector: TitledRow | None = None
    estimated_annual_mitigations: tuple[MitigationRow, ...] | None = None
    carbon_credits: tuple[CreditRow, ...] | None = None
    other_benefits: tuple[BenefitRow, ...] | None = None
    validation_body: NamedRow | None = None
    owner: NamedRow | None = None


class _Listed(msgspec.Struct, Generic[T], frozen=True):
    projects: list[T]


@dataclass(frozen=True, slots=True)
class IssuanceRow:
    """Credits of one vintage, with the project that they stand in."""

    credit: CreditRow
    project: ProjectRow


_listed = Rows(_Listed[ProjectRow], ProjectRow)


def read_projects(reply: Reply) -> list[ProjectRow]:
    """The whole list."""
    return _listed(reply).projects


def project_code(text: str) -> str | None:
    """The project's number, also for `ICR-5`."""
    found = _CODE.fullmatch(text)
    return found[1] if found else None


def is_serial(text: str) -> bool:
    """Whether the text is a serialization such as `ICR-GRC-30-5-3-A-0-2023`."""
    return len(text) <= MAX_KEY and _SERIAL.fullmatch(text) is not None
