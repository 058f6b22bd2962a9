"""Parts: what one call brought for each of the parents that it asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Parent, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.connection import Connection, Edge, PageInfo, fingerprint
from gateway.stitch.coverage import Coverage, Doubtful, passed
from gateway.stitch.cursor import Position
from gateway.stitch.filters import Verdict
from gateway.stitch.kinship import undecided
from gateway.stitch.merge import Merged
from gateway.stitch.place import Placed, Stretch, records_of

_BEGIN = Position()


@dataclass(slots=True, eq=False)
class Reading:
    """How a call for the children of several parents went.

    `coverage` says what holds for every parent, `failed` or `spent` why it ended early, `ended`
    that nothing follows the last row.
    """

    coverage: Coverage
    failed: RegistryError | None = None
    spent: str | None = None
    ended: bool = False

    def covered(self, *, some: bool) -> Coverage:
        """The row of a parent, of which `some` records had come."""
        made = self.coverage.copy()
        if self.failed is not None:
            made.fail(self.failed, some=some)
        elif self.spent is not None:
            made.outcome, made.complete = Outcome.PARTIAL, False
            made.message = f"QUERY_TOO_EXPENSIVE: {self.spent}"
        return made


class Part:
    """One parent's rows, and the numbers of those that match where that is `checked`; `loose`
    counts rows that may be its children and do not say so.

    Most parts are shown as their first records and nothing else, so everything but the rows is
    made when it is asked for.
    """

    __slots__ = ("doubtful", "fitting", "loose", "reading", "rows")

    def __init__(self, reading: Reading, *, checked: bool = False) -> None:
        self.reading = reading
        # Records that are not decided, with how many matching ones stand before each.
        self.doubtful: tuple[tuple[int, Doubtful], ...] = ()
        self.rows: list[Record[Any]] = []
        self.loose = 0
        self.fitting: list[int] | None = [] if checked else None

    def add(self, record: Record[Any], verdict: Verdict) -> None:
        """Counts one row of the parent; notes whether it matches."""
        if self.fitting is not None and verdict is True:
            self.fitting.append(len(self.rows))
        elif isinstance(verdict, tuple):
            self.doubtful = (*self.doubtful, (self.count(), (record, verdict)))
        self.rows.append(record)

    def narrowed(self, keep: Callable[[Record[Any]], bool | None]) -> Part:
        """The same rows, of which fewer match; where `keep` cannot tell, the row is loose."""
        made = Part(self.reading)
        made.rows = self.rows
        numbers = range(len(self.rows)) if self.fitting is None else self.fitting
        kept = [keep(self.rows[n]) for n in numbers]
        made.fitting = [n for n, fits in zip(numbers, kept, strict=True) if fits]
        made.loose = self.loose + kept.count(None)
        # Where among the fewer ones they stand is not worth knowing: all of them are told.
        doubtful = [doubt for _, doubt in self.doubtful if keep(doubt[0]) is not False]
        made.doubtful = tuple((0, doubt) for doubt in doubtful)
        return made

    def count(self) -> int:
        """How many rows match so far."""
        return len(self.rows if self.fitting is None else self.fitting)

    def matching(self) -> list[Record[Any]]:
        """The rows that match."""
        return self.rows if self.fitting is None else [self.rows[n] for n in self.fitting]

    def passed(self, first: int) -> list[Doubtful]:
        """What is not decided among the rows that the first so many records come from."""
        count = self.count()
        return passed(self.doubtful, min(first, count), whole=count <= first)

    def coverage(self) -> Coverage:
        """The parent's row of coverage."""
        made = self.reading.covered(some=self.count() > 0)
        if self.loose:
            made.undecide(undecided(self.loose))
        return made

    def placed(self) -> list[Placed]:
        """The rows that match, with their places."""
        stretch = Stretch(self.reading.coverage.registry, self.rows, _BEGIN, self.end())
        numbers = range(len(self.rows)) if self.fitting is None else self.fitting
        return [Placed((self.rows[n], stretch, n)) for n in numbers]

    def end(self) -> Position:
        """The place after the last row."""
        last = self.rows[-1].key if self.rows else None
        return Position(0, None, len(self.rows), last, self.reading.ended)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that siblings have in common."""

    ask: Ask
    entity: Entity
    predicates: tuple[Predicate, ...]
    first: int


class Children:
    """The connection of one parent: its records are at hand, the rest is made when asked for."""

    __slots__ = ("_asked", "_parent", "_part", "_whole", "nodes")

    def __init__(self, asked: Asked, parent: Record[Any], part: Part) -> None:
        found = part.matching()
        self.nodes = found if len(found) <= asked.first else found[: asked.first]
        self._asked = asked
        self._parent = parent
        self._part = part
        self._whole: Connection | None = None

    @property
    def whole(self) -> Connection:
        """The connection with everything that it can be asked for."""
        if self._whole is None:
            self._whole = connection(self._asked, self._parent, self._part)
        return self._whole

    @property
    def edges(self) -> list[Edge]:
        """The records with their cursors."""
        return self.whole.edges

    @property
    def page_info(self) -> PageInfo:
        """Whether and how to go on."""
        return self.whole.page_info

    @property
    def total_count(self) -> int | None:
        """How many records match, where the registry can tell."""
        return self.whole.total_count

    @property
    def warnings(self) -> list[str]:
        """The words of the question that no table knows, with the nearest that one does."""
        return self.whole.warnings

    @property
    def coverage(self) -> list[Coverage]:
        """The row of the parent's registry."""
        return self.whole.coverage


def connection(asked: Asked, parent: Record[Any], part: Part) -> Connection:
    """The first page of one parent's children."""
    registry, coverage, here = parent.registry, part.coverage(), part.end()
    placed = part.placed()
    taken = placed[: asked.first]
    end = here
    if len(placed) > len(taken):
        end = taken[-1].after if taken else placed[0].before
    coverage.records = records_of(taken)
    coverage.returned = len(taken)
    coverage.exhausted = end.exhausted
    whole = here.exhausted and coverage.complete and coverage.outcome.answered
    if whole and not part.loose:
        coverage.total_count = len(placed)
    coverage.leave(part.passed(asked.first))

    def mint(places: Mapping[str, Position]) -> str:
        named = {registry: Parent(parent.entity, (parent.key,))}
        question = fingerprint(asked.entity, (registry,), asked.predicates, None, named)
        return asked.ask.federation.cursors.mint(question, places)

    stuck = frozenset({registry} if part.reading.failed is not None else ())
    merged = Merged(tuple(taken), {registry: _BEGIN}, {registry: end}, stuck)
    merged.tell([coverage])
    return Connection(merged, (coverage,), mint, predicates=asked.predicates)
