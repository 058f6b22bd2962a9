"""Paged reads of one table of a CAD Trust node, each answer checked against what was asked.

A node clamps nothing and ignores nothing, by its own account; a proxy, a fork or an older build
may. Every page is held to its page number, limit, filter, organisation and order, so that a node
that does otherwise gives `INVALID_PAYLOAD` instead of a shorter or longer answer.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.cad_trust_filters import Column, Leg, Route, Strange
from adapters.cad_trust_rows import Envelope
from adapters.contract import Answer, InvalidPayload, Reply, Request, Source
from adapters.rows import placed, received
from gateway.model.odd import is_odd, told
from gateway.model.record import Origin

# Pages begin as long as is wanted and double up to the last of these while a walk goes on, so
# that a long one needs few calls and a short one few bytes. Each limit divides the offset that it
# starts at.
FIRST_LIMIT, LAST_LIMIT = 25, 800
# So many rows are one page, and a page is less than two counts.
FEW_ROWS = 200
ORGANISATION = "orgUid"

_PUBLIC = frozenset(
    (
        "page", "limit", "order", "filter", "orgUid", "projectIds", "warehouseProjectId",
        "warehouseUnitId",
    )
)  # fmt: skip
_TOKEN = re.compile(r"(\d{1,6})\.(\d{1,12})\.(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Table:
    """One list of the node: its path, its unique column, its decoder, its filters, their length.

    `more` are parameters that every request of the list has.
    """

    path: str
    key: str
    read: Callable[[Reply], Envelope[Any]]
    columns: Mapping[str, Column]
    room: int
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one answer with their places in it, and where the walk goes on."""

    origin: Origin
    rows: Sequence[tuple[str, Any]]
    token: str = ""
    next: str | None = None
    total: int | None = None
    warnings: tuple[str, ...] = ()


async def walk(
    source: Source,
    table: Table,
    route: Route,
    token: str | None = None,
    want: int = FIRST_LIMIT,
    count: bool = True,
) -> AsyncIterator[Rows]:
    """The rows of every leg, one answer at a time, in the order of the table's key.

    `count` allows one more call for the number of rows, where the first page does not tell it.
    Rows in words that nobody knows come after all legs, where there are any.
    """
    start = _first_limit(want)
    number, offset, limit = _parse(source, token) if token else (0, 0, start)
    legs, checks, strange = route.legs, route.checks, route.strange
    if strange is not None and number == len(legs):
        # The token says that there are some: its leg is a page of them.
        legs, strange = (*legs, strange.leg), None
    countable = count and token is None and len(legs) == 1 and not checks and strange is None
    last = ""
    while number < len(legs):
        leg = legs[number]
        # Rows in unknown words are the same ones, whichever known word is asked for.
        others = number == len(route.legs)
        answer = await read_page(source, table, leg, offset // limit + 1, limit, once=others)
        page = answer.value
        kept = [(str(place), row) for place, row in placed(page.data)]
        if last or leg.fresh is not None or checks:
            # What is odd in a row is for whoever asked to judge.
            kept = [
                (place, row)
                for place, row in kept
                if getattr(row, table.key) > last
                and (leg.fresh is None or leg.fresh(row))
                and (told(row) is not None or all(check(row) for check in checks))
            ]
        here = token_of(number, offset, limit)
        total = await _total(source, table, leg, page, limit) if countable else None
        countable = False
        if page.data:
            last = max(last, getattr(page.data[-1], table.key))
        if page.page < page.pageCount:
            offset, limit = _next(offset, limit)
        else:
            number, offset, limit, last = number + 1, 0, start, ""
            if number == len(legs) and strange is not None:
                if await _any_strange(source, table, strange):
                    legs = (*legs, strange.leg)
                strange = None
        # Whoever comes back later wants so many again, however far this walk went.
        following = None
        if number < len(legs):
            following = token_of(number, offset, _limit_at(offset, start))
        origin = Origin(source.registry, answer.source, "/data")
        yield Rows(origin, kept, here, following, total)


async def read_page(
    source: Source,
    table: Table,
    leg: Leg,
    page: int,
    limit: int,
    more: Sequence[tuple[str, str]] = (),
    *,
    once: bool = False,
) -> Answer[Envelope[Any]]:
    """One page of a leg; `more` are further parameters. An operation asks it `once`, if so said.

    Raises:
        InvalidPayload: when the answer is not the page that was asked for.
    """
    query = [("page", str(page)), ("limit", str(limit)), ("order", f"{table.key}:ASC")]
    query += [*table.more, *more]
    if leg.filter is not None:
        query.append(("filter", leg.filter))
    asked = replace(request(source, table.path, query), once=once)
    answer = await source.read(asked, table.read)
    found = answer.value
    rows = received(found.data)
    if found.page != page:
        raise broken(source, f"asked for page {page}, got page {found.page}")
    if rows > limit or (page > found.pageCount and rows) or (page <= found.pageCount and not rows):
        raise broken(source, f"page {page} of {found.pageCount} has {rows} rows, asked for {limit}")
    if page < found.pageCount and rows != limit:
        raise broken(source, f"a page of {limit} rows was asked for and cut to {rows}")
    if leg.obeys is not None and not all(leg.obeys(row) or _is_odd(leg, row) for row in found.data):
        raise broken(source, f"the filter {leg.filter!r} was not applied")
    keys = [getattr(row, table.key) for row in found.data]
    if len(set(keys)) != len(keys) or (found.pageCount > 1 and keys != sorted(keys)):
        raise broken(source, f"the rows are not in the order of {table.key}")
    check_organisation(source, found.data)
    return answer


def _is_odd(leg: Leg, row: Any) -> bool:
    """Whether what the leg filters by could not be read of the row."""
    return leg.filter is not None and is_odd(row, leg.filter.partition(":")[0])


def broken(source: Source, what: str) -> InvalidPayload:
    """The error for an answer that is not what was asked for."""
    return InvalidPayload(what, registry=source.registry)


def rows_of(source: Source, answer: Answer[Envelope[Any]]) -> Rows:
    """All rows of a page."""
    rows = [(str(place), row) for place, row in placed(answer.value.data)]
    origin = Origin(source.registry, answer.source, "/data")
    return Rows(origin, rows)


def request(source: Source, path: str, query: Sequence[tuple[str, str]]) -> Request:
    """A read of the node, restricted to the configured organisation where there is one."""
    organisation = organisation_of(source)
    asked = (*query, (ORGANISATION, organisation)) if organisation else tuple(query)
    return Request(path=path, query=asked, public=_PUBLIC)


def organisation_of(source: Source) -> str | None:
    """The organisation that the operator restricts this node to, None for all of them."""
    configured = source.options.get(ORGANISATION, "")
    return configured if configured not in ("", "all") else None


def check_organisation(source: Source, rows: Sequence[Any]) -> None:
    """Compare the rows with the organisation that the configuration names, if it names one.

    Raises:
        InvalidPayload: a row is another organisation's.
    """
    organisation = organisation_of(source)
    # Lists of chosen columns do not say whose a row is.
    if organisation and any(row.orgUid not in (None, organisation) for row in rows):
        raise broken(source, "rows of an organisation that was not asked for")


def token_of(leg: int, offset: int = 0, limit: int = FIRST_LIMIT) -> str:
    """The text by which a page is asked for again: its leg, its first row and its length."""
    return f"{leg}.{offset}.{limit}"


def leg_of(source: Source, token: str | None) -> int:
    """The leg in a token; the first where there is none."""
    return _parse(source, token)[0] if token else 0


async def _total(
    source: Source, table: Table, leg: Leg, page: Envelope[Any], limit: int
) -> int | None:
    if page.page < page.pageCount:
        return await _count(source, table, leg)
    return max(page.pageCount - 1, 0) * limit + received(page.data)


async def _count(source: Source, table: Table, leg: Leg) -> int:
    """With one row to a page, the number of pages is the number of rows."""
    return (await read_page(source, table, leg, 1, 1, once=True)).value.pageCount


async def _any_strange(source: Source, table: Table, strange: Strange) -> bool:
    """Whether any row says a word that is not known: whether fewer say a known one than say any.

    On a node of few rows, or where the known words need several filters, reading the rows costs
    no more than counting them.
    """
    said = await _count(source, table, strange.said)
    listed = strange.listed(table.room)
    if said <= FEW_ROWS and len(listed) > 1:
        return said > 0
    known = 0
    for leg in listed:
        known += await _count(source, table, leg)
    return known < said


def _first_limit(want: int) -> int:
    if FIRST_LIMIT <= want <= LAST_LIMIT and want % FIRST_LIMIT == 0:
        return want
    limit = FIRST_LIMIT
    while limit < want and limit < LAST_LIMIT:
        limit *= 2
    return limit


def _limit_at(offset: int, start: int) -> int:
    """The longest page from here on that is not longer than the first one."""
    return next(n for n in range(start, 0, -FIRST_LIMIT) if offset % n == 0)


def _next(offset: int, limit: int) -> tuple[int, int]:
    offset += limit
    doubled = limit * 2
    return offset, doubled if doubled <= LAST_LIMIT and offset % doubled == 0 else limit


def _parse(source: Source, token: str) -> tuple[int, int, int]:
    found = _TOKEN.fullmatch(token)
    number, offset, limit = map(int, found.groups()) if found else (0, 1, 0)
    if not 0 < limit <= LAST_LIMIT or offset % limit:
        raise broken(source, f"not a place in this walk: {token!r}")
    return number, offset, limit
