"""Connections, edges, page info and coverage: how a page over several registries is shown."""

from typing import Annotated, Generic, TypeVar

import strawberry

from gateway.errors import BadInput
from gateway.model.values import DateTime
from gateway.schema.context import Info
from gateway.schema.described import argument, said, table
from gateway.schema.enums import RegistryOutcome
from gateway.schema.scalars import RegistryKey
from gateway.schema.volatility import Volatility

T = TypeVar("T")

First = Annotated[
    int, argument("How many records at most: 1 to 500, 25 where nothing is said (Relay).")
]
After = Annotated[
    str | None, argument("A cursor of an earlier page; the page goes on after it (Relay).")
]


@table("PageInfo", "Whether and how a connection goes on (Relay); forward only.")
class PageInfo:
    has_next_page: bool = said(
        "Whether to ask on: there may be more, and this page brought a record or a new place "
        "(Relay).",
        volatility=Volatility.RECORD,
    )
    has_previous_page: bool = said(
        "Whether this page was asked with `after` (Relay).", volatility=Volatility.RECORD
    )
    start_cursor: str | None = said(
        "The cursor after the first record (Relay).", volatility=Volatility.KEYED
    )
    end_cursor: str | None = said(
        "The cursor to go on from, as `after` (Relay); at once where `hasNextPage` is true, later "
        "where a row of `coverage` is `paused` (gateway).",
        volatility=Volatility.KEYED,
    )


@table(
    "Undecided",
    "Records that a condition of `where`, or `orderBy`, could not be decided for, because the "
    "registry's words for the field are in no table or were not read; they are not in the answer, "
    "or, for `orderBy`, come last (gateway).",
    Volatility.RECORD,
)
class Undecided:
    field: str = said(
        "What could not be decided, as it was asked: `country`, `project.country`, "
        "`orderBy.updatedAt` (gateway)."
    )
    count: int = said("How many records (gateway).")
    texts: list[str] = said("The registry's own words in them, at most 20 (gateway).")
    ids: list[strawberry.ID] = said("Ids of the records, at most 100 (gateway).")


@table("RegistryCoverage", "How one registry's part of a page ended (gateway).")
class RegistryCoverage:
    registry: RegistryKey = said("The registry asked (gateway).", volatility=Volatility.RECORD)
    outcome: RegistryOutcome = said("How it ended (gateway).", volatility=Volatility.RECORD)
    complete: bool = said(
        "False where records that belong to this page may be missing (gateway).",
        volatility=Volatility.RECORD,
    )
    exhausted: bool = said(
        "True where no further page will bring records of it (gateway).",
        volatility=Volatility.RECORD,
    )
    returned: int = said("Records of it on this page (gateway).", volatility=Volatility.RECORD)
    total_count: int | None = said(
        "Records of it that match, where it can tell (gateway).", volatility=Volatility.RECORD
    )
    why_no_total_count: str | None = said(
        "Why `totalCount` is null, for people; null where it is not, or where nothing of it can "
        "match (gateway).",
        volatility=Volatility.RECORD,
    )
    latency_ms: int = said(
        "Time spent waiting for it, in milliseconds (gateway).", volatility=Volatility.MOMENT
    )
    attempts: int = said(
        "Upstream attempts, retries included; 0 from the cache (gateway).",
        volatility=Volatility.EVIDENCE,
    )
    as_of: DateTime | None = said(
        "When the oldest body used left the registry (gateway).", volatility=Volatility.EVIDENCE
    )
    message: str | None = said(
        "Why it is not complete, for people (gateway).", volatility=Volatility.MOMENT
    )
    retry_after_seconds: int | None = said(
        "When it is worth asking again (gateway).", volatility=Volatility.MOMENT
    )
    paused: bool = said(
        "True where it may have more but could not give it now, and `hasNextPage` is false for "
        "that reason: go on from `endCursor` after `retryAfterSeconds` (gateway).",
        volatility=Volatility.RECORD,
    )
    shown_pushed_down: list[str] = said(
        "Filters that the registry applied (gateway).",
        name="pushedDown",
        volatility=Volatility.RECORD,
    )
    shown_checked_here: list[str] = said(
        "Filters that the gateway applied, or applied again (gateway).",
        name="checkedHere",
        volatility=Volatility.RECORD,
    )
    shown_not_published: list[str] = said(
        "Fields of this kind of record that the registry never gives (gateway).",
        name="notPublished",
        volatility=Volatility.RECORD,
    )
    shown_not_read: list[str] = said(
        "Fields that the registry tells elsewhere and that were not read for some of these "
        "records: null says nothing there (gateway).",
        name="notRead",
        volatility=Volatility.RECORD,
    )
    warnings: list[str] = said(
        "What to know about these records: raw values in no table, odd pages (gateway).",
        volatility=Volatility.RECORD,
    )
    undecided: list[Undecided] = said(
        "Conditions that some records could not be decided for: `complete` is false (gateway).",
        volatility=Volatility.RECORD,
    )
    sources: list[int] = said(
        "Indices of its exchanges in the signed statement (gateway).",
        volatility=Volatility.EVIDENCE,
    )


def checked_first(info: Info, first: int) -> int:
    """`first` within its limits.

    Raises:
        BadInput: outside them.
    """
    most = info.context.ask.federation.limits.first_max
    if not 1 <= first <= most:
        raise BadInput(f"`first` must be 1 to {most}, not {first}.", argument="first")
    return first


@strawberry.type(description="A record on a page, with its cursor (Relay).")
class Edge(Generic[T]):
    cursor: str = said("The cursor after this record (Relay).", volatility=Volatility.KEYED)
    node: T = said("The record (Relay).", volatility=Volatility.RECORD)


@strawberry.type(description="A page of records over one or more registries (Relay).")
class Connection(Generic[T]):
    edges: list[Edge[T]] = said(
        "The records with their cursors (Relay).", volatility=Volatility.RECORD
    )
    nodes: list[T] = said(
        "The records alone (GitHub's shortcut to Relay).", volatility=Volatility.RECORD
    )
    page_info: PageInfo = said("Whether and how to go on (Relay).", volatility=Volatility.RECORD)
    total_count: int | None = said(
        "How many records match; null unless every registry asked can tell, and all of them "
        "could be decided (gateway).",
        volatility=Volatility.RECORD,
    )
    coverage: list[RegistryCoverage] = said(
        "One row per registry asked: a missing record is never silent (gateway).",
        volatility=Volatility.RECORD,
    )
    warnings: list[str] = said(
        "Words of `where` that no table knows, each with the nearest that one does: registries may "
        "use words of their own (gateway).",
        volatility=Volatility.RECORD,
    )
