"""Coverage: for each registry asked, how its part of an answer ended."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.errors import RegistryError
from gateway.model.field import Mapped
from gateway.model.outcome import Outcome
from gateway.model.record import Record, View
from gateway.provenance.evidence import Evidence

# Seconds after which to ask a registry again that does not say when.
PAUSE = 30


@dataclass(slots=True)
class Coverage:
    """One registry's row. Latency in milliseconds, `as_of` the oldest body used.

    `complete` is false where records that belong to this page may be missing; `exhausted` is
    true where no further page will bring records of this registry, `paused` where there may be
    more, but asking at once brings nothing.
    """

    registry: str
    outcome: Outcome = Outcome.OK
    complete: bool = True
    exhausted: bool = False
    returned: int = 0
    total_count: int | None = None
    latency_ms: int = 0
    as_of: datetime | None = None
    attempts: int = 0
    message: str | None = None
    retry_after_seconds: int | None = None
    pushed_down: tuple[str, ...] = ()
    checked_here: tuple[str, ...] = ()
    not_published: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    records: list[Record[Any]] = field(default_factory=list)
    sources: tuple[int, ...] = ()
    paused: bool = False

    @property
    def shown_not_published(self) -> list[str]:
        """The fields that the registry never gives, as the schema spells them."""
        return [camel(name) for name in self.not_published]

    @property
    def shown_pushed_down(self) -> list[str]:
        """The filters that the registry applied, as the schema spells them."""
        return [camel(name) for name in self.pushed_down]

    @property
    def shown_checked_here(self) -> list[str]:
        """The filters that the gateway applied, as the schema spells them."""
        return [camel(name) for name in self.checked_here]

    @property
    def warnings(self) -> list[str]:
        """Notes of the adapter, and every raw value of a returned record that no table knows."""
        return [*self.notes, *unmapped(self.records)]

    def copy(self) -> Coverage:
        """A row that says the same, for a part that goes its own way from here."""
        return Coverage(
            self.registry,
            self.outcome,
            self.complete,
            self.exhausted,
            self.returned,
            self.total_count,
            self.latency_ms,
            self.as_of,
            self.attempts,
            self.message,
            self.retry_after_seconds,
            self.pushed_down,
            self.checked_here,
            self.not_published,
            list(self.notes),
            self.records,
            self.sources,
            self.paused,
        )

    def fail(self, error: RegistryError, *, some: bool) -> None:
        """The registry failed; `some` records had come before."""
        self.outcome = Outcome.PARTIAL if some else error.outcome
        self.complete = False
        self.message = f"{error.code}: {error.message}"
        if error.retry_after is not None:
            self.retry_after_seconds = int(-(-error.retry_after // 1))

    def undecide(self, told: str) -> None:
        """Records of which it could not be told whether they belong here: not complete."""
        self.complete = False
        self.notes.append(told)
        self.message = self.message or told

    def pause(self) -> None:
        """There may be more, but not now: says when to try again, if the registry does not."""
        self.paused = True
        self.retry_after_seconds = self.retry_after_seconds or PAUSE

    def read(self, evidence: Evidence) -> None:
        """Takes latency, age, attempts and staleness from the exchanges in `sources`."""
        mine = [evidence.exchanges[index] for index in self.sources]
        self.attempts = sum(exchange.attempts for exchange in mine)
        self.latency_ms = sum(exchange.latency_ms for exchange in mine)
        times = [e.fetched_at for e in mine if e.fetched_at and e.outcome.answered]
        self.as_of = min(times, default=None)
        stale = any(exchange.outcome is Outcome.STALE for exchange in mine)
        if stale and self.outcome is Outcome.OK:
            self.outcome = Outcome.STALE

    def read_with(self, other: Coverage) -> None:
        """The same for a part that was read by the same exchanges as another."""
        self.sources, self.attempts = other.sources, other.attempts
        self.latency_ms, self.as_of = other.latency_ms, other.as_of
        if other.outcome is Outcome.STALE and self.outcome is Outcome.OK:
            self.outcome = Outcome.STALE


def camel(name: str) -> str:
    """A model name as the schema spells it: `project_status` is `projectStatus`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def not_published(views: Sequence[type[View[Any]]], vocabulary: type[View[Any]]) -> tuple[str, ...]:
    """The model fields that none of a registry's views of this kind ever gives."""
    known = _NOT_PUBLISHED.get((*views, vocabulary))
    if known is None:
        known = _NOT_PUBLISHED[(*views, vocabulary)] = _never(views, vocabulary)
    return known


# By record classes, of which a process has as many as its adapters declare.
_NOT_PUBLISHED: dict[tuple[type[View[Any]], ...], tuple[str, ...]] = {}


def _never(views: Sequence[type[View[Any]]], vocabulary: type[View[Any]]) -> tuple[str, ...]:
    return tuple(
        name for name in model_fields(vocabulary) if not any(view.publishes(name) for view in views)
    )


def model_fields(vocabulary: type[View[Any]]) -> tuple[str, ...]:
    """The CAD Trust fields of a record type, raw siblings and inner keys left out."""
    inner = {"row", "fields", "entity", "key", "parent", "project_key", "issuance_key"}
    names: list[str] = []
    for base in reversed(vocabulary.__mro__):
        names.extend(
            n
            for n in inspect.get_annotations(base)
            if n not in inner and not n.endswith("_raw") and n not in names and n != "identifiers"
        )
    return tuple(names)


def unmapped(records: Iterable[Record[Any]]) -> list[str]:
    """`field: 'raw text' is not in our tables (n records)`, one line per distinct raw text."""
    counts: dict[tuple[str, str], int] = {}
    for record in records:
        _count(record, counts)
    return [
        f"{camel(name)}: {raw!r} is not in the mapping tables ({n} record{'s' if n > 1 else ''})"
        for (name, raw), n in sorted(counts.items())
    ]


def _count(view: View[Any], counts: dict[tuple[str, str], int]) -> None:
    for name, declared in type(view).fields.items():
        if isinstance(declared, Mapped):
            raw = declared.unmapped(view.row)
            if raw is not None:
                counts[name, raw] = counts.get((name, raw), 0) + 1
        elif name != "parent":
            value = getattr(view, name)
            if isinstance(value, tuple):
                for child in value:
                    if isinstance(child, View):
                        _count(child, counts)
