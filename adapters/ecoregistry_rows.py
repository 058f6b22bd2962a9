"""EcoRegistry's wire rows: its own names, only the fields that are used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec

from adapters.contract import InvalidPayload, Reply
from adapters.odd_row import odd
from adapters.rows import Key, Rows
from gateway.model.values import sentence

SUBJECT = "ecoregistry"
T = TypeVar("T")

_REVISION = re.compile(r"_R\d+(?=_|$)")
_PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2}) / (\d{4}-\d{2}-\d{2})", re.ASCII)


class Named(msgspec.Struct, frozen=True):
    description: str | None = None


class GoalRow(msgspec.Struct, frozen=True):
    description: str | None = None


class ProjectRow(msgspec.Struct, frozen=True):
    """A row of a list of projects; sectors and methodologies come once per verification."""

    id: int
    code: Key
    name: str | None = None
    projectStage: str | None = None
    standard: str | None = None
    developer: str | None = None
    convertedFromLink: str | None = None
    serials: str | None = None
    location: tuple[str, ...] = ()
    sectors: tuple[Named, ...] = ()
    methodology: tuple[Named, ...] = ()
    projectsGlobalGoal: tuple[GoalRow, ...] = ()


class Point(msgspec.Struct, frozen=True):
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class PlaceRow(msgspec.Struct, frozen=True):
    countryDescription: str | None = None
    regionDescription: str | None = None
    dataMap: Point | None = None


class RatingRow(msgspec.Struct, frozen=True):
    company: str | None = None
    name: str | None = None
    rate: str | None = None
    isPublic: int | None = None


class RatingsRow(msgspec.Struct, frozen=True):
    ratings: tuple[RatingRow, ...] = ()


class DetailRow(msgspec.Struct, frozen=True):
    """What a project's detail says and the list does not."""

    id: int | None = None
    descriptionProject: str | None = None
    descriptionProjectIng: str | None = None
    periodInit: str | None = None
    periodEnd: str | None = None
    validator: str | None = None
    creditUnit: str | None = None


class SerialRow(msgspec.Struct, frozen=True):
    """One issuance of a project."""

    serial: Key
    issued_quantity: int | Decimal | None = None
    is_buffer: bool | None = None
    issuance_date: str | None = None
    year: int | None = None
    vintage_of_credits: str | None = None


class AnalyticsRow(msgspec.Struct, frozen=True):
    """A project of any standard with its issuances."""

    id: int
    serials: tuple[SerialRow, ...] = ()


class RetirementRow(msgspec.Struct, frozen=True):
    """A retirement of units of any standard."""

    id: int
    project_id: int
    serial: str | None = None
    quantity: int | Decimal | None = None
    date: str | None = None
    vintage: str | None = None
    is_kg: Annotated[int | None, odd(spoils=("quantity",))] = 0
    final_user: str | None = None
    reason_using: Named | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the list has it, with its detail where that was read."""

    listed: ProjectRow
    detail: DetailRow
    places: tuple[PlaceRow, ...] = ()
    ratings: tuple[RatingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """An issuance, and the project it is of."""

    row: SerialRow
    project: ProjectRow


@dataclass(frozen=True, slots=True)
class Retired:
    """A retirement, and the project it is of."""

    row: RetirementRow
    project: ProjectRow


class Refusal(msgspec.Struct, frozen=True):
    codeMessage: str | None = None
    message: str | None = None


class Body(msgspec.Struct, frozen=True):
    """What every body may say; a refusal says nothing else."""

    codeMessages: tuple[Refusal, ...] = ()


class Projects(Body, Generic[T], frozen=True):
    projects: list[T] | None = None
    creditUnit: str | None = None


class Analytics(Body, Generic[T], frozen=True):
    project: list[T] | None = None


class Retirements(Body, Generic[T], frozen=True):
    retirements: list[T] | None = None


class Detail(Body, frozen=True):
    project: DetailRow | None = None
    locations: tuple[PlaceRow, ...] = ()
    projectRatings: tuple[RatingsRow, ...] = ()


_projects = Rows(Projects[ProjectRow], ProjectRow)
_analytics = Rows(Analytics[AnalyticsRow], AnalyticsRow)
_retirements = Rows(Retirements[RetirementRow], RetirementRow)
_detail = Rows(Detail, Detail)


def read_projects(reply: Reply) -> Projects[ProjectRow]:
    """A list of projects, whole."""
    found = _decoded(_projects, reply)
    _promised(found.projects, "projects")
    return found


def read_analytics(reply: Reply) -> list[AnalyticsRow]:
    """The issuances of all standards, whole."""
    return _promised(_decoded(_analytics, reply).project, "project")


def read_retirements(reply: Reply) -> list[RetirementRow]:
    """The retirements of all standards, whole."""
    return _promised(_decoded(_retirements, reply).retirements, "retirements")


def read_detail(reply: Reply) -> Detail:
    """A project's detail."""
    found = _decoded(_detail, reply)
    _promised(found.project, "project")
    return found


def period(text: str | None) -> tuple[str, str] | None:
    """The two days of `2010-01-01 / 2018-09-30`."""
    found = _PERIOD.fullmatch(text.strip()) if text else None
    return (found[1], found[2]) if found else None


def unrevised(serial: str) -> str:
    """The serial without the number of its revision."""
    return _REVISION.sub("", serial)


def _promised(value: T | None, name: str) -> T:
    if value is None:
        raise InvalidPayload(f"the body has no {name}")
    return value


B = TypeVar("B", bound=Body)
# The platform's own codes; anything else that stands in their place is for the operator alone.
_CODE = re.compile(r"ERROR_\d{3}")


def _decoded(decoder: Rows[B], reply: Reply) -> B:
    found = decoder(reply)
    if found.codeMessages:
        # A refusal has the status 200: without the headers it wants, the platform says ERROR_401.
        said = found.codeMessages[0]
        code = said.codeMessage or ""
        word = f": {code}" if _CODE.fullmatch(code) else ""
        raise InvalidPayload(f"the registry refused inside a 200{word}", told=sentence(code))
    return found
