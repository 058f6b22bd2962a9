"""Connections, edges, page info and coverage: how a page over several registries is shown."""

from typing import Annotated, Generic, TypeVar

import strawberry

from gateway.errors import BadInput
from gateway.model.values import DateTime
from gateway.schema.context import Info
from gateway.schema.described import argument, said, table
from gateway.schema.enums import RegistryOutcome
from gateway.schema.scalars import RegistryKey

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
        "(Relay)."
    )
    has_previous_page: bool = said("Whether this page was asked with `after` (Relay).")
    start_cursor: str | None = said("The cursor after the first record (Relay).")
    end_cursor: str | None = said(
        "The cursor to go on from, as `after` (Relay); at once where `hasNextPage` is true, later "
        "where a row of `coverage` is `paused` (gateway)."
    )


@table("RegistryCoverage", "How one registry's part of a page ended (gateway).")
class RegistryCoverage:
    registry: RegistryKey = said("The registry asked (gateway).")
    outcome: RegistryOutcome = said("How it ended (gateway).")
    complete: bool = said("False where records that belong to this page may be missing (gateway).")
    exhausted: bool = said("True where no further page will bring records of it (gateway).")
    returned: int = said("Records of it on this page (gateway).")
    total_count: int | None = said("Records of it that match, where it can tell (gateway).")
    latency_ms: int = said("Time spent waiting for it, in milliseconds (gateway).")
    attempts: int = said("Upstream attempts, retries included; 0 from the cache (gateway).")
    as_of: DateTime | None = said("When the oldest body used left the registry (gateway).")
    message: str | None = said("Why it is not complete, for people (gateway).")
    retry_after_seconds: int | None = said("When it is worth asking again (gateway).")
    paused: bool = said(
        "True where it may have more but could not give it now, and `hasNextPage` is false for "
        "that reason: go on from `endCursor` after `retryAfterSeconds` (gateway)."
    )
    shown_pushed_down: list[str] = said(
        "Filters that the registry applied (gateway).", name="pushedDown"
    )
    shown_checked_here: list[str] = said(
        "Filters that the gateway applied, or applied again (gateway).", name="checkedHere"
    )
    shown_not_published: list[str] = said(
        "Fields of this kind of record that the registry never gives (gateway).",
        name="notPublished",
    )
    warnings: list[str] = said(
        "What to know about these records: raw values in no table, odd pages (gateway)."
    )
    sources: list[int] = said("Indices of its exchanges in the signed statement (gateway).")


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
    cursor: str = strawberry.field(description="The cursor after this record (Relay).")
    node: T = strawberry.field(description="The record (Relay).")


@strawberry.type(description="A page of records over one or more registries (Relay).")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The records with their cursors (Relay).")
    nodes: list[T] = strawberry.field(description="The records alone (GitHub's shortcut to Relay).")
    page_info: PageInfo = strawberry.field(description="Whether and how to go on (Relay).")
    total_count: int | None = strawberry.field(
        description="How many records match; null unless every registry asked can tell (gateway)."
    )
    coverage: list[RegistryCoverage] = strawberry.field(
        description="One row per registry asked: a missing record is never silent (gateway)."
    )
