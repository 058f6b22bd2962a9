"""Coverage: for each registry asked, how its part of an answer ended."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.contract import MOST_NAMED
from gateway.errors import Outcome, RegistryError
from gateway.model.field import Mapped
from gateway.model.record import Record, View
from gateway.model.values import shown
from gateway.provenance.evidence import Evidence
from gateway.stitch.filters import Doubt
from gateway.stitch.odd import each_odd
from gateway.stitch.spelling import camel as camel

# Seconds after which to ask a registry again that does not say when.
PAUSE = 30
# What `message` begins with where the registry says of itself that it is not whole.
NOT_WHOLE = "REGISTRY_NOT_WHOLE"
# And where rows came that could not be read.
UNREAD = "ROWS_NOT_READ"

# So many warnings are written out; the others are counted.
MOST_WARNINGS = 50
MOST_TEXTS = 20
MOST_IDS = 100
LONGEST_TEXT = 200

# A record that could not be decided, and what of it.
Doubtful = tuple[Record[Any], tuple[Doubt, ...]]


@dataclass(slots=True)
class Undecided:
    """The records that one condition, or the order, neither lets in nor keeps out: how many, and
    the first of their own words and of their ids."""

    field: str
    count: int
    texts: list[str]
    ids: list[str]

    def add(self, record: Record[Any], texts: Iterable[str]) -> None:
        """Counts one record, with what it says."""
        self.count += 1
        for text in texts:
            if short(text) not in self.texts and len(self.texts) < MOST_TEXTS:
                self.texts.append(short(text))
        if len(self.ids) < MOST_IDS:
            self.ids.append(record.id)


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
    doubtful: list[Doubtful] = field(default_factory=list)

    @property
    def undecided(self) -> list[Undecided]:
        """What kept records from being decided, by the condition's name."""
        found: dict[str, Undecided] = {}
        for record, doubts in self.doubtful:
            for doubt in doubts:
                name = camel(doubt.field)
                found.setdefault(name, Undecided(name, 0, [], [])).add(record, doubt.texts)
        return [found[name] for name in sorted(found)]

    def leave(self, doubtful: Sequence[Doubtful], *, complete: bool = False) -> None:
        """Notes the records that could not be decided: how many match is then not known, nor,
        but where they are all `complete`ly there, whether one is missing."""
        if not doubtful:
            return
        self.doubtful = [*self.doubtful, *doubtful]
        self.total_count = self.total_count if complete else None
        if complete or not self.complete:
            return
        self.complete = False
        several = len(doubtful) > 1
        self.message = self.message or (
            f"{len(doubtful)} record{'s' if several else ''} could not be decided, because "
            f"{'their words are' if several else 'its words are'} in no table of ours or stand "
            "elsewhere: `undecided` names them."
        )

    @property
    def why_no_total_count(self) -> str | None:
        """Why `total_count` is null; None where it is not, or where nothing can match."""
        if self.total_count is not None or self.outcome is Outcome.SKIPPED:
            return None
        if self.doubtful:
            return "Some records could not be decided: `undecided` names them."
        if not self.complete:
            return "The answer is not complete: `message` says why."
        if self.checked_here:
            names = ", ".join(f"`{name}`" for name in self.shown_checked_here)
            return (
                f"{names} had to be checked here: how many match is known on a first page that "
                "reads the registry to its end."
            )
        return "The registry does not tell how many there are before its end is read."

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
    def shown_not_read(self) -> list[str]:
        """The fields that were not read for some of the records, as the schema spells them."""
        return sorted({camel(name) for record in self.records for name in record.not_read})

    @property
    def warnings(self) -> list[str]:
        """Notes of the adapter, and every raw value of a returned record that no table knows."""
        return [shown(note) for note in (*self.notes, *unmapped(self.records))]

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
            list(self.doubtful),
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
        self.message = self.message or shown(told)

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
        reasons = dict.fromkeys(evidence.not_whole.get(index) for index in self.sources)
        self._not_whole([reason for reason in reasons if reason is not None])
        self._unread([evidence.unread[i] for i in self.sources if i in evidence.unread])
        stale = any(exchange.outcome is Outcome.STALE for exchange in mine)
        if stale and self.outcome is Outcome.OK:
            self.outcome = Outcome.STALE

    def _unread(self, bodies: Sequence[tuple[int, tuple[str, ...]]]) -> None:
        """Rows came that could not be read, so they are missing here."""
        count = sum(number for number, _ in bodies)
        if not count:
            return
        told = (
            "1 row of the registry could not be read and is missing"
            if count == 1
            else f"{count} rows of the registry could not be read and are missing"
        )
        first = list(dict.fromkeys(one for _, named in bodies for one in named))[:MOST_NAMED]
        self.complete, self.total_count = False, None
        if self.outcome is Outcome.OK or self.message is None:
            self.message = shown(f"{UNREAD}: {told}; {first[0]}")
        if self.outcome is Outcome.OK:
            self.outcome = Outcome.PARTIAL
        left = [f"and {count - len(first)} more"] if count > len(first) else []
        self.notes.append(f"{told}: {'; '.join([*first, *left])}")

    def _not_whole(self, reasons: Sequence[str]) -> None:
        """The registry itself says that rows may be missing from what it has."""
        if not reasons:
            return
        self.complete, self.total_count = False, None
        if self.outcome is Outcome.OK or self.message is None:
            self.message = shown(f"{NOT_WHOLE}: {reasons[0]}")
        if self.outcome is Outcome.OK:
            self.outcome = Outcome.PARTIAL
        self.notes.extend(reason for reason in reasons if reason not in self.notes)

    def read_with(self, other: Coverage) -> None:
        """The same for a part that was read by the same exchanges as another."""
        self.sources, self.attempts = other.sources, other.attempts
        self.latency_ms, self.as_of = other.latency_ms, other.as_of
        if other.outcome is Outcome.STALE and self.outcome is Outcome.OK:
            self.outcome = Outcome.STALE


def passed(doubtful: Iterable[tuple[int, Doubtful]], taken: int, *, whole: bool) -> list[Doubtful]:
    """Those that stand before the place where the next page begins.

    Each comes with how many matching records stand before it. A page that takes some of the
    waiting records ends right after the last of them; one that takes none, right before the first.
    """
    return [doubt for at, doubt in doubtful if whole or at < taken or at == taken == 0]


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
    inner = {"row", "fields", "texts", "parted", "entity", "key", "parent"}
    inner |= {"project_key", "issuance_key"}
    names: list[str] = []
    for base in reversed(vocabulary.__mro__):
        names.extend(
            n
            for n in inspect.get_annotations(base)
            if n not in inner and not n.endswith("_raw") and n not in names and n != "identifiers"
        )
    return tuple(names)


# Why a text has no value.
UNKNOWN = "is not in the mapping tables"
ODD = "is not of the kind that it should be, and is left out"


def unmapped(records: Iterable[Record[Any]]) -> list[str]:
    """`field: 'raw text' is not in our tables (n records)`, one line per distinct raw text, also
    for values of another kind than they should be; the most frequent ones where there are many."""
    counts: dict[tuple[str, str, str], int] = {}
    for record in records:
        told = [(camel(name), text, UNKNOWN) for name, text in each_unmapped(record)]
        told += [(name, text, ODD) for name, text in each_odd(record)]
        for one in told:
            counts[one] = counts.get(one, 0) + 1
    shown = sorted(counts)
    if len(shown) > MOST_WARNINGS:
        shown = sorted(sorted(shown, key=lambda one: -counts[one])[:MOST_WARNINGS])
    lines = [
        f"{name}: {short(text)!r} {why} ({n} record{'s' if n > 1 else ''})"
        for name, text, why in shown
        for n in (counts[name, text, why],)
    ]
    left = len(counts) - len(lines)
    return [*lines, f"and {left} more texts without a value"] if left else lines


def short(text: str) -> str:
    """A registry's text as it is repeated where many are."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def each_unmapped(view: View[Any]) -> Iterator[tuple[str, str]]:
    """Every field of the view and of its children that is said but not mapped, with its text."""
    told: dict[tuple[str, str], None] = {}
    odd = frozenset(text for _, text in view.watch.paths(view.row))
    for name, declared in type(view).fields.items():
        texts = view.texts.get(name)
        if texts is not None:
            found = (text for text in texts(view.row) if text not in odd)
            told.update(dict.fromkeys((_ALONE.get(name, name), raw) for raw in found))
        if isinstance(declared, Mapped) or name == "parent":
            continue
        value = getattr(view, name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, View):
                yield from each_unmapped(child)
    yield from told


# What is told of a list is told of its first value.
_ALONE = {"sectors": "sector", "project_types": "project_type"}
