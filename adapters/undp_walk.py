"""UNDP's numbered pages and its QueryDto: filters checked on every row, every row once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from adapters.contract import InvalidPayload, Request, Source
from adapters.rows import lost, placed, received
from adapters.undp_rows import Kind
from gateway.errors import BadCursor
from gateway.model.odd import told

_PLACE = re.compile(r"([1-9]\d{0,6})\.([1-9]\d{0,2})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class Row(Protocol):
    """Every row has an id that is its own in its list."""

    @property
    def id(self) -> int | str: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Where(Generic[R]):
    """One condition of a QueryDto, and what a row must be if the registry kept it."""

    key: str
    operation: str
    value: Any
    fits: Callable[[R], bool]

    def entry(self) -> dict[str, Any]:
        """As the body writes it."""
        return {"key": self.key, "operation": self.operation, "value": self.value}


@dataclass(frozen=True, slots=True)
class Ask(Generic[R]):
    """A list with its conditions, which all hold; `keeps` picks the rows that are meant."""

    kind: Kind[R]
    where: tuple[Where[R], ...] = ()
    keeps: Callable[[R], bool] | None = None

    def request(self, page: int, size: int) -> Request:
        """A page. The order is that of the ids, so that pages fit together."""
        body = {
            "page": page,
            "size": size,
            "filterAnd": [one.entry() for one in self.where],
            "sort": {"key": self.kind.id_column, "order": "ASC"},
        }
        return Request(self.kind.path, method="POST", json=body)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands before a page: rows given so far, and the total at that time."""

    page: int = 1
    size: int = 100
    seen: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.page}.{self.size}.{self.seen}.{self.total}"


def place(text: str | None, size: int) -> Place:
    """The place that a token of ours names; none is the start.

    Raises:
        BadCursor: it names none.
    """
    if not text:
        return Place(size=size)
    found = _PLACE.fullmatch(text)
    if found is None:
        raise BadCursor("the cursor does not belong to this registry's paging")
    return Place(*(int(part) for part in found.groups()))


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """One page: the rows that are meant, by their index in the body."""

    rows: tuple[tuple[int, R], ...]
    source: int
    total: int | None
    place: Place
    next: Place | None


async def walk(source: Source, ask: Ask[R], start: Place) -> AsyncIterator[Step[R]]:
    """The pages of a list from a place on.

    Raises:
        InvalidPayload: a condition was ignored, a page is short, or rows are missing at the end.
    """
    here = start
    given: set[int | str] = set()
    while True:
        answer = await source.read(ask.request(here.page, here.size), ask.kind.decode)
        found = answer.value
        before = (here.page - 1) * here.size
        promised = max(0, min(here.size, found.total - before))
        if received(found.data) != promised:
            raise InvalidPayload(
                f"the page has {received(found.data)} rows where its total promises {promised}"
            )
        if found.total < here.total:
            raise InvalidPayload("the list shrank while it was read; ask again")
        for row in found.data:
            for one in ask.where:
                if told(row) is None and not one.fits(row):
                    raise InvalidPayload(f"the registry ignored the filter on {one.key}")
        fresh = tuple((i, row) for i, row in placed(found.data) if row.id not in given)
        given.update(row.id for _, row in fresh)
        # Rows that cannot be read were given, too: they are told as missing.
        seen = here.seen + len(fresh) + len(lost(found.data))
        done = before + promised >= found.total
        if done and seen < found.total:
            raise InvalidPayload(f"the list gave {seen} different rows of {found.total}")
        after = None if done else Place(here.page + 1, here.size, seen, found.total)
        meant = fresh if ask.keeps is None else tuple(r for r in fresh if ask.keeps(r[1]))
        total = None if ask.keeps else found.total
        yield Step(meant, answer.source, total, here, after)
        if after is None:
            return
        here = after
