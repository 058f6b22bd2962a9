"""GreenTrace's reports, distrusted: every row once, and a report that lies is never passed on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.contract import Answer, InvalidPayload, Reply, Request, Source
from adapters.greentrace_rows import HoldingRow, Listing, SummaryRow, read_holdings, read_projects
from adapters.rows import placed, received
from adapters.trouble import meant
from gateway.errors import BadCursor, RegistryError, RegistryHttpError, RegistryRateLimited

# More is clamped without a word.
MOST = 2_000
LEAST = 100
# What the platform is known to take after it has refused a client for asking too often.
BAN_SECONDS = 3_600.0
SHUT_OUT = "the platform shuts this client out for asking too often, and calls it a wrong key"

_PLACE = re.compile(r"(\d{1,9})\.(\d{1,4})\.(\d{1,9})")

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report(Generic[R]):
    """One report and what it is asked for; `dataset` is the name its rows must come under.

    `key` names a row among all others.
    """

    path: str
    dataset: str
    decode: Callable[[Reply], Listing[R]]
    key: Callable[[R], str]
    status: str = ""
    search: str = ""

    def request(self, offset: int, size: int) -> Request:
        """One page, as a form: the platform answers 500 to anything else."""
        form = [("offset", str(offset)), ("pageNumber", str(offset // size + 1))]
        form.append(("max", str(size)))
        if self.status:
            form.append(("holdingStatus", self.status))
        if self.search:
            form.append(("searchText", self.search))
        return Request(self.path, method="POST", form=tuple(form))


def projects(registry: str) -> Report[SummaryRow]:
    """All projects."""
    path = f"/project/registry/{registry}/project-summaries/results"
    return Report(path, "projects", read_projects, lambda row: row.projectKey)


# The ledgers that a status chooses, and the names under which their rows come. Without a status
# it is the whole book, every block in its present state.
BOOK, ISSUED, RETIRED, CANCELLED = "", "ISSUED", "RETIRED", "CANCELED"
_DATASETS = {
    BOOK: "holdings",
    ISSUED: "issuedCredits",
    RETIRED: "retiredCredits",
    CANCELLED: "cancelledCredits",
}


def holdings(registry: str, status: str = BOOK, search: str = "") -> Report[HoldingRow]:
    """A ledger of blocks."""
    path = f"/credit/registry/{registry}/holding-summaries/results"
    return Report(
        path, _DATASETS[status], read_holdings, lambda row: row.holdingKey, status, search
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: the next row, how many a page has, how many there were in all."""

    offset: int = 0
    size: int = MOST
    total: int = 0

    def __str__(self) -> str:
        return f"{self.offset}.{self.size}.{self.total}"


def place(text: str | None, size: int) -> Place:
    """The place that a token of ours names; None is the start.

    Raises:
        BadCursor: it names none.
    """
    if not text:
        return Place(size=size)
    found = _PLACE.fullmatch(text)
    made = Place(*(int(part) for part in found.groups())) if found else None
    if made is None or not 0 < made.size <= MOST or made.offset >= max(1, made.total):
        raise BadCursor("the cursor does not belong to this registry's paging")
    return made


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """One page of a walk."""

    rows: list[R]
    source: int
    place: Place
    next: Place | None
    total: int


async def walk(source: Source, report: Report[R], start: Place) -> AsyncIterator[Step[R]]:
    """The pages of a report from a place on.

    A page may be shorter than asked for, as long as the rest comes on the next ones.

    Raises:
        InvalidPayload: rows are missing or come twice, a filter was ignored, or the report
            changed while it was read.
    """
    here = start
    seen: set[str] = set()
    while True:
        answer = await read(source, report.request(here.offset, here.size), report.decode)
        found = answer.value
        if found.dataset != report.dataset:
            raise InvalidPayload(
                f"asked for {report.dataset}, the report came with {found.dataset}"
            )
        if here.offset and found.total != here.total:
            raise InvalidPayload("the report changed since its first page was read; start again")
        given = received(found.rows)
        end = here.offset + given
        if given > here.size or end > found.total or (given == 0 and end < found.total):
            raise InvalidPayload(
                f"{given} rows from {here.offset} on, where the report has {found.total}"
            )
        fresh = {report.key(row) for row in found.rows}
        if len(fresh) != len(found.rows) or not fresh.isdisjoint(seen):
            raise InvalidPayload("a row of the report came twice")
        seen |= fresh
        done = end == found.total
        # Offset and page number must agree, so the next page is as long as this one came.
        after = Place(end, min(here.size, max(1, given)), found.total)
        yield Step(found.rows, answer.source, here, None if done else after, found.total)
        if done:
            return
        here = after


async def whole(source: Source, report: Report[R]) -> list[Step[R]]:
    """All pages of a report."""
    return [step async for step in walk(source, report, Place())]


def trouble(reply: Reply) -> RegistryError | None:
    """A 401 is what it is: a client that asked too often, not a missing key."""
    if reply.status == 401:
        return RegistryRateLimited(SHUT_OUT, retry_after=BAN_SECONDS)
    return meant(reply, {500: "it knows no such address, or the question came as no form"})


async def read(source: Source, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
    """One read; a 401 is what it is: a client that asked too often, not a missing key.

    Raises:
        RegistryRateLimited: for a 401.
    """
    try:
        return await source.read(request, decode)
    except RegistryHttpError as error:
        if error.status != 401:
            raise
        raise RegistryRateLimited(
            SHUT_OUT,
            registry=error.registry,
            retry_after=BAN_SECONDS,
            source=error.source,
        ) from error


def events(
    steps: Iterable[Step[HoldingRow]],
) -> dict[str, list[tuple[HoldingRow, Step[HoldingRow], int]]]:
    """The issued blocks by their issuance, with the place of each."""
    found: dict[str, list[tuple[HoldingRow, Step[HoldingRow], int]]] = {}
    for step in steps:
        for index, row in placed(step.rows):
            found.setdefault(row.issuanceKey, []).append((row, step, index))
    return found
