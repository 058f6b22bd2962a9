"""Connections: what a paged question over several registries is answered with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from gateway.errors import Incomplete, Outcome
from gateway.model.entity import Entity
from gateway.model.question import Order, Parent, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.coverage import Coverage
from gateway.stitch.cursor import Position
from gateway.stitch.merge import Merged, fill_all, merge
from gateway.stitch.place import records_of
from gateway.stitch.plan import Plan, plan
from gateway.stitch.walk import Walk
from gateway.stitch.words import unknown_words

Mint = Callable[[Mapping[str, Position]], str]


@dataclass(frozen=True, slots=True)
class Edge:
    """A record and, minted when asked for, the cursor after it."""

    node: Record[Any]
    index: int
    connection: Connection

    @property
    def cursor(self) -> str:
        """The cursor that goes on after this record."""
        return self.connection.mint(self.connection.merged.positions_after(self.index))


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Relay's page info; forward only."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Connection:
    """One page of records with its coverage."""

    def __init__(
        self,
        merged: Merged,
        coverage: Sequence[Coverage],
        mint: Mint,
        *,
        resumed: bool = False,
        predicates: Sequence[Predicate] = (),
    ) -> None:
        self.merged = merged
        self._predicates = predicates
        self.coverage = list(coverage)
        self.mint = mint
        self._resumed = resumed

    @property
    def nodes(self) -> list[Record[Any]]:
        """The records of the page."""
        return records_of(self.merged.taken)

    @property
    def edges(self) -> list[Edge]:
        """The records with their cursors."""
        return [Edge(node, index, self) for index, node in enumerate(self.nodes)]

    @property
    def page_info(self) -> PageInfo:
        """Whether and how to go on."""
        has_next = self.merged.has_next
        start = self.mint(self.merged.positions_after(0)) if self.merged.taken else None
        wanted = bool(self.merged.taken) or bool(self.merged.unfinished)
        return PageInfo(
            has_next_page=has_next,
            has_previous_page=self._resumed,
            start_cursor=start,
            end_cursor=self.mint(self.merged.ends) if wanted else None,
        )

    @property
    def warnings(self) -> list[str]:
        """The words of the question that no table knows, with the nearest that one does."""
        return unknown_words(self._predicates)

    @property
    def total_count(self) -> int | None:
        """How many records match, where every registry asked can tell."""
        asked = [c for c in self.coverage if c.outcome is not Outcome.NOT_CONFIGURED]
        totals = [0 if c.outcome is Outcome.SKIPPED else c.total_count for c in asked]
        known = [total for total in totals if total is not None]
        return sum(known) if asked and len(known) == len(totals) else None


def fingerprint(
    entity: Entity,
    registries: Sequence[str],
    predicates: Sequence[Predicate],
    order: Order | None,
    parents: Mapping[str, Parent] | None,
) -> str:
    """What a cursor is bound to: everything of the question but its page.

    Two questions have two fingerprints: lists are JSON lists, and each value has its kind with it,
    since `"1"`, 1 and an enum's `1` are the same text.
    """
    told = msgspec.json.encode(
        {
            "entity": entity.value,
            "registries": registries,
            "predicates": [[p.field, p.op.value, _told(p.value)] for p in predicates],
            "order": [order.field, order.descending] if order else None,
            "parents": {k: [p.entity.value, *p.keys] for k, p in (parents or {}).items()},
        },
        order="sorted",
    )
    return hashlib.sha256(told).hexdigest()[:32]


def _told(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_told(v) for v in value]
    return [type(value).__name__, str(getattr(value, "value", value))]


def plans(
    ask: Ask,
    entity: Entity,
    registries: Sequence[str],
    predicates: tuple[Predicate, ...],
    order: Order | None,
    first: int,
    parents: Mapping[str, Parent] | None = None,
) -> list[Plan]:
    """What each registry would be asked."""
    return [
        plan(
            ask.federation.adapters[key],
            entity,
            predicates,
            parent=parents[key] if parents else None,
            order=order,
            want=first,
        )
        for key in registries
    ]


async def connect(
    ask: Ask,
    entity: Entity,
    *,
    registries: Sequence[str],
    predicates: tuple[Predicate, ...] = (),
    order: Order | None = None,
    first: int = 25,
    after: str | None = None,
    parents: Mapping[str, Parent] | None = None,
    keep: Callable[[Record[Any]], bool | None] | None = None,
    question: str | None = None,
) -> Connection:
    """One page of the records that match, over all the registries, live.

    `parents` restricts a registry to the children of its own records, `keep` further to those it
    holds for; `question` is what cursors are bound to where that is not the arguments.

    Raises:
        BadCursor: for a foreign `after`.
        OrderUnsupported: for an order that a registry can neither make nor let us make.
        Incomplete: where all registries were required and one did not answer in full.
    """
    question = question or fingerprint(entity, registries, predicates, order, parents)
    cursors = ask.federation.cursors
    places = cursors.open(question, after) if after is not None else {}
    walks = [
        Walk(ask, replace(asked, keep=keep) if keep else asked, places.get(asked.registry))
        for asked in plans(ask, entity, registries, predicates, order, first, parents)
    ]
    await _fill(walks, first)
    merged = merge(walks, first, order)
    coverage = [walk.coverage for walk in walks]
    settle(ask, coverage)
    return Connection(
        merged,
        coverage,
        lambda places: cursors.mint(question, places),
        resumed=after is not None,
        predicates=predicates,
    )


async def _fill(walks: Sequence[Walk], want: int) -> None:
    try:
        await fill_all(walks, want)
    except BaseExceptionGroup as group:
        # Only request errors leave a walk; the first says what to change.
        raise group.exceptions[0] from None


def settle(ask: Ask, coverage: Sequence[Coverage]) -> None:
    """Notes the coverage for the statement, and refuses gaps where none are allowed.

    Raises:
        Incomplete: where `requireAll` holds and a configured registry's part is not whole.
    """
    ask.covered.extend(coverage)
    if not ask.require_all:
        return
    gaps = [c for c in coverage if not c.complete and c.outcome is not Outcome.NOT_CONFIGURED]
    if gaps:
        told = "; ".join(f"{c.registry}: {c.outcome.value} ({c.message})" for c in gaps)
        raise Incomplete(
            f"All registries were required, and some did not answer in full: {told}",
            registries=[c.registry for c in gaps],
        )
