"""A walk: one registry's records in its own order, from a place, filtered, page by page."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from adapters.contract import Page
from gateway.errors import (
    InvalidPayload,
    OrderUnsupported,
    Outcome,
    RegistryError,
    RequestError,
    TooExpensive,
)
from gateway.harmonise.table import fold
from gateway.model.entity import Entity
from gateway.model.question import Order, Parent
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.closer import Closer
from gateway.stitch.coverage import Coverage, Doubtful, camel, not_published, passed
from gateway.stitch.cursor import Position
from gateway.stitch.filters import Doubt, said
from gateway.stitch.judge import Judged, is_odd, judged, own
from gateway.stitch.kinship import Kinship, kinship, undecided
from gateway.stitch.parents import project_keys
from gateway.stitch.place import Placed, Stretch, placed, records_of
from gateway.stitch.plan import Plan
from gateway.stitch.steps import LONG_STEP
from gateway.stitch.vocabulary import VOCABULARY

log = logging.getLogger(__name__)

# Before the name of what records are sorted by, where coverage speaks of it.
ORDER = "orderBy."


class Walk:
    """Fills a buffer of matching records; knows where it stands and how it fared."""

    def __init__(self, ask: Ask, plan: Plan, start: Position | None = None) -> None:
        self.plan = plan
        self.start = start or Position()
        self.here = self.start
        self.buffer: deque[Placed] = deque()
        self.coverage = Coverage(plan.registry)
        self.failed = False
        self._kin: Kinship | None = None
        self._loose = 0
        self._part = 0
        # With each record that is not decided, how many matching ones came before it.
        self._doubtful: list[tuple[int, Doubtful]] = []
        self._doubted: set[str] = set()
        self._matched = 0
        self._found = 0
        self._unranked: list[Doubtful] = []
        self._ask = ask
        self._source = ask.source(plan.registry)
        self._adapter = ask.federation.adapters[plan.registry]
        self._closer = Closer(ask, self._source, self._adapter, plan.question.entity)
        self.coverage.pushed_down = plan.pushed_down
        self.coverage.checked_here = plan.checked_here
        views = self._adapter.views.get(plan.question.entity, ())
        self.coverage.not_published = not_published(views, VOCABULARY[plan.question.entity])

    async def fill(self, want: int) -> None:
        """Reads until `want` matching records wait, the registry ends, fails, or costs too much.

        Raises:
            OrderUnsupported: where the order must be made here and the set is too large.
        """
        coverage = self.coverage
        upstream = self._ask.federation.upstreams[self.plan.registry]
        if not upstream.configured:
            coverage.outcome, coverage.complete = Outcome.NOT_CONFIGURED, False
            coverage.exhausted, coverage.message = True, upstream.why_not
        elif self.plan.skipped:
            coverage.outcome, coverage.complete = Outcome.SKIPPED, False
            coverage.exhausted, coverage.message = True, self.plan.skipped
        if self.here.exhausted or coverage.exhausted:
            self.here = replace(self.here, exhausted=True)
            coverage.exhausted = True
            return
        told = self.plan.told_by_words(self._adapter)
        if told is not None:
            coverage.undecide(told)
        try:
            if self.plan.sort is None:
                await self._read(want)
            else:
                await self._sorted(self.plan.sort, want)
        except RegistryError as error:
            self._fail(error)
        except BudgetSpent as spent:
            self._stop_at_budget(spent)
        except TooExpensive as error:
            self._too_expensive(error)
        except RequestError:
            raise
        except Exception:
            # A bug of an adapter must not take the other registries' records with it.
            log.exception("walk failed", extra={"registry": self.plan.registry})
            told = "The answer could not be understood; the operator's log says more."
            self._fail(InvalidPayload(told))
        if self._loose:
            coverage.undecide(undecided(self._loose))
        if (left := self._closer.told()) is not None:
            coverage.notes.append(left)
        whole = self.here.exhausted and self.start == Position() and coverage.complete
        if whole and coverage.total_count is None and not self.plan.sort:
            coverage.total_count = self._found
        coverage.sources = tuple(dict.fromkeys(self._source.sources))
        coverage.read(self._ask.terms.evidence)

    def taken(self, last: Placed | None) -> Position:
        """The place to go on from, when everything up to `last` was handed out."""
        if self.buffer:
            return last.after if last else self.buffer[0].before
        return self.here

    def _fail(self, error: RegistryError) -> None:
        self.failed = True
        self.coverage.fail(error, some=bool(self.buffer))

    async def _read(self, want: int) -> None:
        async with aclosing(self._pages()) as pages:
            async for page, chunk in pages:
                await self._keep(page, chunk)
                if len(self.buffer) >= want:
                    return
                if page.next is not None:
                    self._ask.in_time()

    async def _pages(self) -> AsyncGenerator[tuple[Page, int], None]:
        question = self.plan.question
        parent = question.parent
        if self.plan.narrow:
            keys = await project_keys(self._ask, self._source, self._adapter, self.plan.narrow)
            parent = Parent(Entity.PROJECT, keys)
        size = self._adapter.collections[question.entity].parents_per_call
        chunks: list[Parent | None] = [None]
        if parent is not None:
            chunks = [
                Parent(parent.entity, parent.keys[at : at + size])
                for at in range(0, len(parent.keys), size)
            ]
        questions = self.plan.questions
        for number in range(self.here.chunk, len(chunks) * len(questions)):
            self._part, chunk = divmod(number, len(chunks))
            asked = questions[self._part]
            if parent is not None:
                asked = replace(asked, parent=chunks[chunk])
            above = asked.parent
            self._kin = kinship(self._ask, self._adapter, above) if above else None
            token = self.here.token if number == self.here.chunk else None
            pages = self._adapter.pages(self._source, asked, token)
            been: set[str] = set()
            try:
                async for page in pages:
                    been.add(page.token)
                    if page.next in been or self.here.circles(page.next):
                        raise InvalidPayload("the pages of the list lead back to one that was read")
                    last = number == len(chunks) * len(questions) - 1
                    self.coverage.exhausted = page.next is None and last
                    yield page, number
            finally:
                if isinstance(pages, AsyncGenerator):
                    await pages.aclose()
        self.here = replace(self.here, exhausted=True)
        self.coverage.exhausted = True

    async def _keep(self, page: Page, chunk: int) -> None:
        records = page.records
        begin = self._begin(records)
        if begin > len(records):
            after = self._next_page(page, chunk, self.here.last)
            self.here = replace(after, offset=begin - len(records))
            return
        last = records[-1].key if begin < len(records) else self.here.last
        after = self._next_page(page, chunk, last)
        if begin < len(records):
            before = replace(self.here, chunk=chunk, token=page.token, offset=begin)
            stretch = Stretch(self.plan.registry, records, before, after, chunk, page.token, begin)
            fresh = records[begin:] if begin else records
            found = placed(fresh, stretch, begin)
            judged = await self._judged(fresh)
            before_these = len(self.buffer)
            if judged is None:
                self.buffer.extend(found)
            else:
                self._sift(found, judged)
            self._found += len(self.buffer) - before_these
        self.here = after
        for note in page.warnings:
            if note not in self.coverage.notes:
                self.coverage.notes.append(note)
        if page.total is not None and self.plan.exact:
            self.coverage.total_count = page.total

    async def _judged(self, fresh: Sequence[Record[Any]]) -> list[Judged] | None:
        """Each row with whether it satisfies what is checked here; None where nothing is."""
        plan = self.plan
        kept = self._kin is not None or plan.keep is not None or plan.cut is not None
        applied = own(plan.question.predicates) if any(map(is_odd, fresh)) else ()
        if not plan.residual and not kept and not plan.parent_residual and not applied:
            return None
        meant = self._meant if kept else None
        rest, above = plan.residual, plan.parent_residual
        return await judged(self._closer, fresh, rest, above, meant, applied)

    def _sift(self, found: Iterable[Placed], judged: Sequence[Judged]) -> None:
        """Keeps the rows that match, and notes those that are not decided where they stand."""
        for place, (record, verdict) in zip(found, judged, strict=True):
            if verdict is True:
                self.buffer.append(place if record is place.record else place.shown_by(record))
                self._matched += 1
            elif isinstance(verdict, tuple) and record.key not in self._doubted:
                # One that cannot be decided may come with each part of a question.
                self._doubted.add(record.key)
                self._doubtful.append((self._matched, (record, verdict)))

    def settle(self, taken: int) -> None:
        """Tells the coverage of this page, on which so many records are, what was not decided:
        the rows before the place where the next page begins."""
        whole = not self.buffer
        self.coverage.leave(passed(self._doubtful, taken, whole=whole))
        if self.plan.sort is not None:
            self.coverage.leave(self._unranked, complete=whole)

    def _meant(self, row: Record[Any]) -> bool:
        """Whether the row is a child of the asked parents and is kept; counts those that may be."""
        if self._kin is not None:
            sure, unsure = self._kin.parents(row)
            if not sure:
                self._loose += bool(unsure)
                return False
        if self.plan.cut is not None and not self.plan.cut.gives(row, self._part):
            return False
        verdict = True if self.plan.keep is None else self.plan.keep(row)
        self._loose += verdict is None
        return bool(verdict)

    def _next_page(self, page: Page, chunk: int, last: str | None) -> Position:
        if page.next is not None:
            return self.here.next_page(chunk, page.next, last)
        if self.coverage.exhausted:
            return Position(chunk, page.token, len(page.records), last, exhausted=True)
        # Another part of the question: what was read before says nothing of where it begins.
        return Position(chunk + 1)

    def _begin(self, records: Sequence[Record[Any]]) -> int:
        """The first unread row: the one after the last key, wherever that has moved to."""
        offset, last = self.here.offset, self.here.last
        if last is None:
            return offset
        if 0 < offset <= len(records) and records[offset - 1].key == last:
            return offset
        for index, record in enumerate(records):
            if record.key == last:
                return index + 1
        if 0 < offset <= len(records):
            self.coverage.notes.append(
                "The registry's rows shifted between pages: a record may come twice."
            )
        return offset

    async def _sorted(self, order: Order, want: int) -> None:
        """Reads everything that matches, sorts it, and goes on after the last key."""
        resume = self.here
        self.here = Position()
        try:
            await self._read(10**9)
        except (BudgetSpent, TooExpensive) as spent:
            raise OrderUnsupported(
                f"{self._adapter.info.name} cannot sort by {camel(order.field)}, and too many "
                "records match to sort them here; narrow `where` or leave `orderBy` out.",
                registry=self.plan.registry,
            ) from spent
        except RegistryError:
            self.buffer.clear()
            self._doubtful.clear()
            self.here = resume
            raise
        steps = self._ask.federation.steps
        ranked = await steps.ranked(
            lambda record: rank(order, record),
            records_of(self.buffer),
            descending=order.descending,
        )
        self.buffer.clear()
        self._doubtful = [(0, doubt) for _, doubt in self._doubtful]
        told = await steps.each(lambda record: unranked(order, record), ranked)
        self._unranked = [one for one in told if one is not None]
        keys = await steps.each(lambda record: record.key, ranked, LONG_STEP)
        begin = resume.offset
        if resume.last in keys:
            begin = keys.index(resume.last) + 1
        end = Position(0, None, len(ranked), keys[-1] if keys else None, exhausted=True)
        stretch = Stretch(self.plan.registry, ranked, Position(), end)
        # One more than is wanted, by which it is known that there are more.
        self.buffer.extend(placed(ranked[begin : begin + want + 1], stretch, begin))
        self.coverage.total_count = len(ranked)
        self.here = end

    def _too_expensive(self, error: TooExpensive) -> None:
        """The registry cannot be read further this way; what came before is still true."""
        self._ask.truncated = True
        self.coverage.outcome, self.coverage.complete = Outcome.PARTIAL, False
        self.coverage.message = f"{error.code}: {error.message}"

    def _stop_at_budget(self, spent: BudgetSpent) -> None:
        self._ask.truncated = True
        self.coverage.outcome, self.coverage.complete = Outcome.PARTIAL, False
        self.coverage.message = (
            f"QUERY_TOO_EXPENSIVE: {spent.message}; go on from `endCursor`, or narrow `where`."
        )


def unranked(order: Order, record: Record[Any]) -> Doubtful | None:
    """What is open of a record whose place is not known, since what it is sorted by is not mapped
    or was not read."""
    told = said(record, order.field)
    if told.values or told.decided:
        return None
    return record, (Doubt(f"{ORDER}{order.field}", told.unmapped, told.not_read),)


def rank(order: Order, record: Record[Any]) -> tuple[bool, Any]:
    """The sort key of a record: nulls last in either direction. Marks count here, as they do
    where registries sort."""
    value = getattr(record, order.field)
    value = fold(value) if type(value) is str else getattr(value, "value", value)
    return (value is None) is not order.descending, "" if value is None else value
