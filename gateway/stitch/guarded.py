"""Guarded adapters: whichever way an adapter is asked, what it makes of its answers is told on.

An adapter may find only after decoding that a body is no answer: a total that does not fit, a
page that was clamped. Such a body must leave the cache and count against the registry as one that
could not be decoded does, and what a page says of its own wholeness must reach the coverage.
Lists, edges, records by id and look-ups all ask through here, so none of them can forget it.

Here too each row's key is looked at. One that no id can be made of would give an id that cannot
be asked: the row is left out, and the page is not whole. One that two rows have is told.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from adapters.contract import Adapter, InvalidPayload, Page, Politeness, RegistryInfo, Source
from adapters.one_by_one import AnotherRecord
from gateway import log
from gateway.clock import Clock, SystemClock
from gateway.model.entity import Entity
from gateway.model.globalid import MAX_KEY, all_have_ids, has_id
from gateway.model.question import Collection, Question
from gateway.model.record import Record, distinct_rows
from gateway.sparing import Sparing
from gateway.stitch.coverage import camel, each_unmapped

# So many keys that several rows have are named.
_NAMED = 3
_REPEATED = "Rows that came twice, each with all that it says, and are given once: {}."
_LEFT_OUT = (
    "Rows left out: {}. No id can be made of their keys (1 to {} characters, none of them NUL)."
)

# What the log says of a registry's text that has no value here, and of what an adapter noted.
UNKNOWN_TEXT = "a text that no mapping table knows"
NOTED = "a registry is not as it was"

_logger = logging.getLogger(__name__)
# Of one page: notes that are told, rows that are looked at, and texts of these.
_NOTES, _ROWS, _TEXTS = 5, 50, 10
# Notes that differ in numbers only are one note.
_DIGITS = re.compile(r"[0-9]+")


@runtime_checkable
class Answerable(Protocol):
    """A source that can be told what became of its answers."""

    async def refuse(self, error: InvalidPayload) -> None:
        """The answers of this source were read and are none, for this reason."""
        ...

    def said(self, reason: str) -> None:
        """The registry itself says that its last answer is not whole."""
        ...


class Guarded:
    """An adapter, and everything that it says of its answers told on."""

    def __init__(self, adapter: Adapter, clock: Clock | None = None) -> None:
        self._adapter = adapter
        clock = clock or SystemClock()
        self._told = Sparing(_logger, clock)
        self._looked = Sparing(_logger, clock)
        # A table is not mended within the hour.
        self._texts = Sparing(_logger, clock, quiet=3600.0)
        self.info: RegistryInfo = adapter.info
        self.politeness: Politeness = adapter.politeness
        self.collections: Mapping[Entity, Collection] = adapter.collections
        self.views: Mapping[Entity, tuple[type[Record[Any]], ...]] = adapter.views
        self.project_key = adapter.project_key
        self.lookup_key = adapter.lookup_key
        self.belongs = adapter.belongs

    def __getattr__(self, name: str) -> Any:
        # What the contract does not know is the adapter's own.
        return getattr(self._adapter, name)

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        pages = self._adapter.pages(source, question, token)
        log.listing.set(question.entity.value)
        try:
            begins = token is None
            seen: set[str] = set()
            async for page in pages:
                if begins and page.whole is None and self._cannot_be_empty(question, page):
                    page = replace(page, whole="The list is empty, which it cannot be.")
                begins = False
                page = _keyed(page, seen)
                _tell(source, page)
                self._drift(source, question.entity, page)
                yield page
                # The next page may be at hand, and a thousand of them after it: others come first.
                await asyncio.sleep(0)
                # Whoever reads the pages reads others between them.
                log.listing.set(question.entity.value)
        except InvalidPayload as error:
            self._log(source, question.entity, error)
            await _refuse(source, error)
            raise
        finally:
            if isinstance(pages, AsyncGenerator):
                await pages.aclose()

    def _cannot_be_empty(self, question: Question, page: Page) -> bool:
        """Whether everything was asked for, and nothing came where there is known to be much."""
        if page.records or page.next is not None or question.predicates or question.parent:
            return False
        expected = self.collections[question.entity].expected
        return expected is not None and expected[0] > 0

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        log.listing.set(entity.value)
        try:
            page = await self._adapter.by_keys(source, entity, keys)
        except InvalidPayload as error:
            self._log(source, entity, error)
            await _refuse(source, error)
            raise
        for refused in page.refused.values():
            refused.registry = refused.registry or source.registry
            if isinstance(refused, InvalidPayload):
                self._log(source, entity, refused)
                # Which of the answers it was is told by the error alone.
                told = refused if refused.source is not None else InvalidPayload(refused.message)
                await _refuse(source, told)
        page = _keyed(page, set())
        _tell(source, page)
        self._drift(source, entity, page)
        return page

    def _log(self, source: Source, entity: Entity, error: InvalidPayload) -> None:
        # What the door refused, it has told itself.
        if _seen_here(error):
            self._told.tell(
                logging.WARNING,
                "a registry's answer is none",
                (source.registry, entity, "none", error.message[:80]),
                registry=source.registry,
                list=entity.value,
                code=error.code,
                reason=error.message,
            )

    def _drift(self, source: Source, entity: Entity, page: Page) -> None:
        """What a page tells of a registry that is not as it was: that rows are missing, what its
        adapter noted, and texts that no table knows, in the first rows of a page a minute."""
        registry, name = source.registry, entity.value
        if page.whole is not None:
            self._told.tell(
                logging.WARNING,
                "a registry says that it is not whole",
                (registry, entity, "whole"),
                registry=registry,
                list=name,
                reason=page.whole,
            )
        for note in page.warnings[:_NOTES]:
            self._told.tell(
                logging.WARNING,
                NOTED,
                (registry, entity, "note", _DIGITS.sub("#", note)[:80]),
                registry=registry,
                list=name,
                reason=note,
            )
        if self._looked.first((registry, entity)):
            self._unmapped(registry, name, page.records[:_ROWS])

    def _unmapped(self, registry: str, name: str, records: Sequence[Record[Any]]) -> None:
        counts = Counter(one for record in records for one in each_unmapped(record))
        for (fieldname, text), count in counts.most_common(_TEXTS):
            self._texts.tell(
                logging.WARNING,
                UNKNOWN_TEXT,
                (registry, name, fieldname, text[:200]),
                registry=registry,
                list=name,
                field=camel(fieldname),
                text=text,
                rows=count,
                ofRows=len(records),
            )


def _keyed(page: Page, seen: set[str]) -> Page:
    """The page without rows that nobody could ask for again; `seen` are the keys before it."""
    keys = [record.key for record in page.records]
    if not all_have_ids(keys):
        kept = [record for record in page.records if has_id(record.key)]
        gone = len(keys) - len(kept)
        keys = [record.key for record in kept]
        page = replace(page, records=kept, whole=page.whole or _LEFT_OUT.format(gone, MAX_KEY))
    distinct = set(keys)
    if len(distinct) < len(keys):
        page = _once(page)
        keys = [record.key for record in page.records]
    if len(distinct) < len(keys) or not seen.isdisjoint(distinct):
        often = Counter(keys)
        twice = [key for key in often if often[key] > 1 or key in seen]
        named = ", ".join([*twice[:_NAMED], *(["..."] if len(twice) > _NAMED else [])])
        note = f"Several rows have one key, and an id of it is no one's: {named}"
        page = replace(page, warnings=(*page.warnings, note))
    seen |= distinct
    return page


def _once(page: Page) -> Page:
    """The page without rows that say the very same as another one of their key: a line that was
    written twice is one record."""
    kept = distinct_rows(page.records)
    gone = len(page.records) - len(kept)
    if not gone:
        return page
    return replace(page, records=kept, warnings=(*page.warnings, _REPEATED.format(gone)))


def _tell(source: Source, page: Page) -> None:
    if page.whole is not None and isinstance(source, Answerable):
        source.said(page.whole)


async def _refuse(source: Source, error: InvalidPayload) -> None:
    # What the door refused has its exchange already, and was never kept.
    if _seen_here(error) and isinstance(source, Answerable):
        await source.refuse(error)


def _seen_here(error: InvalidPayload) -> bool:
    """Whether the adapter found that the answer is none, and not the door."""
    return error.source is None or isinstance(error, AnotherRecord)
