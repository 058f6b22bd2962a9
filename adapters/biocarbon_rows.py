"""BioCarbon's wire rows: its own names, only the fields that are used, and its serials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Generic, NamedTuple, TypeVar

import msgspec

from adapters.contract import InvalidPayload, Reply
from adapters.odd_row import odd
from adapters.rows import Key, Rows
from gateway.model.values import sentence

SUBJECT = "biocarbon"
T = TypeVar("T")

MAX_KEY = 200
# Shown only where the row says that it is public.
PRIVATE = odd(private=True)

# Kind "2" is for the market; "3" and "R" are the reserve. The first number is that of the
# project's holder when the block was issued, so it need not be the project's code of today.
_SERIAL = re.compile(
    r"(?P<block>(?:BCR|PCR)-[A-Z]{2}-[A-Z0-9]+-\d+-\d+-[0-9R]+-(?P<from>\d{4})-(?P<to>\d{4}))"
    r"-(?P<start>\d{1,15})-(?P<end>\d{1,15})"
)
_CODE = re.compile(r"\s*((?:BCR|PCR)-[A-Z]{2}-[A-Z0-9]{1,12}-\d{1,4}-\d{1,6})\s*", re.IGNORECASE)


class Serial(NamedTuple):
    """A serial in parts: the block's name, the two years' ends, and the units' numbers."""

    block: str
    year: int
    start: int
    end: int

    def holds(self, part: Serial) -> bool:
        """Whether the other's units are units of this one."""
        return self.block == part.block and self.start <= part.start and part.end <= self.end


class Pivot(msgspec.Struct, frozen=True):
    version: str | None = None


class MethodologyRow(msgspec.Struct, frozen=True):
    name: str | None = None
    code: str | None = None
    pivot: Pivot = Pivot()


class NameRow(msgspec.Struct, frozen=True):
    name: str | None = None


class GoalRow(msgspec.Struct, frozen=True):
    text_cadt: str | None = None


class HolderRow(msgspec.Struct, frozen=True):
    holder: str | None = None


class ProjectRow(msgspec.Struct, frozen=True):
    """A row of `/projects`."""

    id: int
    project_id: Key
    project_name: str | None = None
    country: str | None = None
    country_iso: str | None = None
    quantification_period_start: str | None = None
    quantification_period_end: str | None = None
    type_project_name: str | None = None
    sector_name: str | None = None
    status: str | None = None
    holder: HolderRow | None = None
    validation_body: NameRow | None = None
    methodologies: tuple[MethodologyRow, ...] = ()
    cobenefits: tuple[NameRow, ...] = ()
    objetives: tuple[GoalRow, ...] = ()


class DetailRow(msgspec.Struct, frozen=True):
    """What `/projects/{id}` says and the list does not."""

    id: int | None = None
    description: str | None = None
    localitation: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    total_reductions_general: int | None = None
    updated_at: str | None = None
    warehouse_project_id: str | None = None


class BlockRow(msgspec.Struct, frozen=True):
    """A row of `/carbon-credits`: an issued block, and how much of it is left."""

    serial: Key
    amount: str | int | None = None
    active: str | int | None = None
    initiative_id: int | None = None
    project_id: str | None = None
    dropouts: str | int | None = 0
    initial_vintage: str | None = None
    final_vintage: str | None = None
    destination: str | None = None
    date_issue: str | None = None
    country: str | None = None
    holder: str | None = None


class RetreatRow(msgspec.Struct, frozen=True):
    """A row of `/retreats`: retired units. `final_user` is whom they were retired for."""

    serial: Key
    sold: str | int | None = None
    initiative_id: int | None = None
    initial_serial: int | None = None
    final_serial: int | None = None
    reason: Annotated[str | None, PRIVATE] = None
    final_user: Annotated[str | None, PRIVATE] = None
    created_at: str | None = None
    market: str | None = None
    holder: str | None = None
    data_visibility: str | None = None


class CancellationRow(msgspec.Struct, frozen=True):
    """A row of a project's cancellations."""

    serial: Key
    amount: str | int | None = None
    initial_vintage: str | None = None
    final_vintage: str | None = None
    cancellation_date: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the list has it, with its detail where that was read."""

    listed: ProjectRow
    detail: DetailRow


@dataclass(frozen=True, slots=True)
class Retired:
    """Retired units with their project's code, which the row does not say."""

    row: RetreatRow
    project: str | None
    project_row: int | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Cancelled units with the project that they were asked for."""

    row: CancellationRow
    project: str | None
    project_row: int


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """One page of Laravel's paginator; `status` is there in refusals only."""

    data: list[T]
    status: int | str | None = None
    message: str | None = None
    current_page: int = 0
    last_page: int = 0
    per_page: int = 0
    total: int = -1


class Detail(msgspec.Struct, frozen=True):
    status: int | str | None = None
    message: str | None = None
    initiative: DetailRow | None = None


_projects = Rows(Listing[ProjectRow], ProjectRow)
_blocks = Rows(Listing[BlockRow], BlockRow)
_retreats = Rows(Listing[RetreatRow], RetreatRow)
_cancellations = Rows(Listing[CancellationRow], CancellationRow)
_detail = Rows(Detail, Detail)


def read_projects(reply: Reply) -> Listing[ProjectRow]:
    """A page of `/projects`."""
    return _paged(_projects, reply)


def read_blocks(reply: Reply) -> Listing[BlockRow]:
    """A page of `/carbon-credits`."""
    return _paged(_blocks, reply)


def read_retreats(reply: Reply) -> Listing[RetreatRow]:
    """A page of `/retreats`."""
    return _paged(_retreats, reply)


def read_cancellations(reply: Reply) -> list[CancellationRow]:
    """The cancellations of one project: a list without a paginator.

    Raises:
        InvalidPayload: the body tells of an error, or does not tell of success.
    """
    found = _cancellations(reply)
    _refuse(found.status, found.message)
    if str(found.status) != "200":
        raise InvalidPayload("the list of cancellations came without its status")
    return found.data


def read_detail(reply: Reply) -> DetailRow | None:
    """The body of `/projects/{id}`; None where the registry says that there is none.

    Raises:
        InvalidPayload: the body tells of an error, or has no project with an id.
    """
    if reply.status == 404:
        return None
    found = _detail(reply)
    _refuse(found.status, found.message)
    if found.initiative is None or found.initiative.id is None:
        raise InvalidPayload("the project came without its details")
    return found.initiative


def project_code(text: str) -> str | None:
    """`BCR-CO-319-14-004`, in any case."""
    found = _CODE.fullmatch(text)
    return found[1].upper() if found else None


@lru_cache(maxsize=32_768)
def parse_serial(text: str) -> Serial | None:
    """The serial's parts; None for what is none."""
    found = _SERIAL.fullmatch(text) if len(text) <= MAX_KEY else None
    if found is None:
        return None
    return Serial(
        found["block"], 2000 + int(found["to"][:2]), int(found["start"]), int(found["end"])
    )


def _paged(decoder: Rows[Listing[T]], reply: Reply) -> Listing[T]:
    found = decoder(reply)
    _refuse(found.status, found.message)
    if found.current_page < 1 or found.per_page < 1 or found.total < 0:
        raise InvalidPayload("the list came without its paginator")
    return found


def _refuse(status: int | str | None, message: str | None) -> None:
    """Refusals come with the HTTP status 200, an empty list, and the real status inside."""
    said = str(status)
    if said.isascii() and said.isdigit() and int(said) >= 400:
        raise InvalidPayload(
            f"the registry refused with a status {said[:9]} inside a 200", told=sentence(message)
        )
