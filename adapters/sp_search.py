"""One search on the S&P Global registry platform: what is asked, and what is believed.

The platform ignores filter types that it does not know, sends an empty list for a standard it
does not know, and has no stable order unless it sorts by `entityId`. So rows are checked against
what was asked, and a place in a walk is the last `entityId` given beside an offset: when rows
before it went away, the walk steps back instead of leaving a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter, lt
from typing import Any

from adapters.contract import InvalidPayload, Request
from adapters.rows import received
from adapters.sp_rows import Found, Ledger, Row
from gateway.errors import BadCursor
from gateway.harmonise.table import fold
from gateway.model.odd import is_odd
from gateway.model.values import raw_text

MOST_ROWS = 400
LAST_START = 10_000
_TIERS = (50, 100, 200, MOST_ROWS)
_PLACE = re.compile(r"(\d{1,2})\.(\d{1,5})\.(\d{1,3})\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard of a tenant; `headers` choose it where configuration does not already."""

    acronym: str
    headers: tuple[tuple[str, str], ...] = ()


def standard(acronym: str, number: str) -> Standard:
    """A standard that is chosen read by read, where a tenant has several or none is known."""
    return Standard(acronym, (("standardid", number), ("standardacronym", acronym)))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One column filter, of a type that is proven to narrow.

    `exact` criteria hold for every row that comes back, or the answer is refused; the others
    are checked again by whoever asked.
    """

    field: str
    values: tuple[str, ...]
    kind: str = "Text"
    exact: bool = True

    def column_filter(self) -> dict[str, Any]:
        """The filter as the registry's own site writes it; lists are always of texts."""
        if len(self.values) != 1:
            return {"filterType": "Text", "type": "in", "strList": list(self.values)}
        return {"filterType": self.kind, "type": "equals", "filter": self.values[0]}

    def holds(self, *rows: Row) -> bool:
        """Whether all of the rows are such as were asked for, as far as they can be read."""
        read = (row for row in rows if not is_odd(row, self.field))
        texts = set(map(raw_text, set(map(attrgetter(self.field), read))))
        others = texts.difference(self.values)
        if not others:
            return True
        wanted = {fold(value) for value in self.values}
        return all(text is not None and fold(text) in wanted for text in others)


def merged(criteria: Iterable[Criterion]) -> tuple[Criterion, ...] | None:
    """One criterion per column; None where two on one column leave nothing."""
    found: dict[str, Criterion] = {}
    for criterion in criteria:
        other = found.get(criterion.field)
        if other is not None:
            values = tuple(value for value in other.values if value in criterion.values)
            if not values:
                return None
            criterion = replace(criterion, values=values, exact=criterion.exact and other.exact)
        found[criterion.field] = criterion
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Search:
    """All rows of one ledger of one standard that satisfy the criteria."""

    standard: Standard
    ledger: Ledger
    criteria: tuple[Criterion, ...] = ()

    @property
    def everything(self) -> Search:
        """The same without criteria."""
        return replace(self, criteria=())

    def request(self, start: int, limit: int) -> Request:
        """The read of some of its rows."""
        model = {c.field: {"columnFilters": [c.column_filter()]} for c in self.criteria}
        pagination = {
            "start": start,
            "limit": limit,
            "sortOptions": [{"sort": "entityId", "dir": "ASC"}],
        }
        return Request(
            path=f"/raas-report-api/es/public/{self.ledger}/publicReportPageSearch",
            method="POST",
            json={"searchFilter": {"pagination": pagination, "filterModel": model}},
            headers=self.standard.headers,
        )

    def check(self, found: Found[Row], start: int, limit: int) -> None:
        """Compare a page with the search that it answers.

        Raises:
            InvalidPayload: another place, number of rows or order, or a filter was ignored.
        """
        due = max(0, min(limit, found.totalEntities - start))
        came = received(found.entities)
        if found.start != start or came != due:
            raise InvalidPayload(
                f"{self.ledger}: {came} rows from {found.start} came where {due} "
                f"from {start} were due"
            )
        ids = [row.entityId for row in found.entities]
        if not all(map(lt, ids, ids[1:])):
            raise InvalidPayload(f"{self.ledger}: the rows are not in the order of entityId")
        for criterion in self.criteria:
            if criterion.exact and not criterion.holds(*found.entities):
                raise InvalidPayload(f"{self.ledger}: the filter on {criterion.field} was ignored")

    def narrowed(self, rows: Sequence[Row]) -> bool:
        """Whether every row that `check` let pass satisfies the inexact criteria too."""
        return all(criterion.exact or criterion.holds(*rows) for criterion in self.criteria)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: in its search number `step`, after the row `after`.

    `start` is where the next row was when the last page was read, `limit` the page's size.
    """

    step: int
    start: int
    limit: int
    after: int = 0

    def __str__(self) -> str:
        return f"{self.step}.{self.start}.{self.limit}.{self.after}"


def place(token: str, steps: int) -> Place:
    """The place that a token of ours names.

    Raises:
        BadCursor: for any other text.
    """
    found = _PLACE.fullmatch(token)
    here = Place(*map(int, found.groups())) if found else None
    if here is None or here.step >= steps or here.limit not in _TIERS:
        raise BadCursor("the place in the registry's list is not one that this gateway gave")
    return here


def page_size(want: int) -> int:
    """The smallest of a few sizes that holds what is wanted, so that bodies are shared."""
    return next((size for size in _TIERS if size >= want), MOST_ROWS)
