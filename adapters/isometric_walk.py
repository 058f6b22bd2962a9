"""Isometric's cursor paging: each node once, and none missing at the end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from adapters.contract import InvalidPayload, Reply, Request, Source
from adapters.isometric_rows import Connection
from adapters.rows import lost, placed, received
from gateway.errors import BadCursor

_PLACE = re.compile(r"([1-9]\d{0,2})~(\d{1,9})~(\d{1,9})~(.{1,2000})", re.DOTALL | re.ASCII)


class Node(Protocol):
    """What every node has."""

    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Node)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: `total` is what the list had at its start, `seen` what was given."""

    size: int
    seen: int = 0
    total: int = 0
    cursor: str | None = None

    def __str__(self) -> str:
        return f"{self.size}~{self.seen}~{self.total}~{self.cursor}" if self.cursor else ""


@dataclass(frozen=True, slots=True)
class Step(Generic[N]):
    """One page: its new nodes by their index in the body."""

    nodes: tuple[tuple[int, N], ...]
    source: int
    total: int
    place: Place
    next: Place | None


def place(text: str | None, size: int) -> Place:
    """The place that a token of ours names; none is the start.

    Raises:
        BadCursor: it names none.
    """
    if not text:
        return Place(size)
    found = _PLACE.fullmatch(text)
    if found is None:
        raise BadCursor("the cursor does not belong to this registry's paging")
    return Place(int(found[1]), int(found[2]), int(found[3]), found[4])


async def walk(
    source: Source,
    request: Callable[[int, str | None], Request],
    decode: Callable[[Reply], Connection[N]],
    start: Place,
) -> AsyncIterator[Step[N]]:
    """The pages of a list from a place on.

    Raises:
        InvalidPayload: the list ends before its own total, or does not move on.
    """
    here = start
    given: set[str] = set()
    while True:
        answer = await source.read(request(here.size, here.cursor), decode)
        found, info = answer.value, answer.value.page_info
        total = here.total if here.cursor else found.total_count
        if received(found.nodes) > here.size:
            raise InvalidPayload(f"{received(found.nodes)} nodes where {here.size} were asked for")
        fresh = tuple((i, node) for i, node in placed(found.nodes) if node.id not in given)
        given.update(node.id for _, node in fresh)
        # Nodes that cannot be read were given, too: they are told as missing.
        new = len(fresh) + len(lost(found.nodes))
        seen = here.seen + new
        following = None
        if info.has_next_page:
            if not new or not info.end_cursor or info.end_cursor == here.cursor:
                raise InvalidPayload("the list does not move on from page to page")
            following = Place(here.size, seen, total, info.end_cursor)
        elif seen < min(total, found.total_count):
            raise InvalidPayload(f"the list ended after {seen} of {found.total_count} nodes")
        yield Step(fresh, answer.source, found.total_count, here, following)
        if following is None:
            return
        here = following
