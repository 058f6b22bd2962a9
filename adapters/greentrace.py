"""ICE GreenTrace: one adapter class for the registries that the platform serves.

Source: https://greentrace.ice.com, the JSON interface of its public pages, no account. Quirks:

- Reports are read by POST with a form; a query string or a JSON body is answered with HTTP 500.
- One report is four ledgers, chosen by `holdingStatus`: the blocks as they were issued, the
  retired ones, the cancelled ones, and without a status the whole book, every block in its
  present state. The name under which rows come changes with it, and is checked.
- Pages are clamped to 2,000 rows without a word; there is no order to ask for.
- An issuance is cut into blocks, and each of them repeats the amount of the whole.
- About 100 calls in ten minutes lead to a 429 for an hour, many more to a 401 that speaks of a
  wrong key: it is the same refusal, there is no key.
- Projects are read by a key of their own (`P2423FTH4Z22`), not by their public code; the list
  holds both. Whether an active project is registered or only listed, and what became of a
  terminated one, stands on its own page alone: in the list such projects have no status.
- Cancellations for conversion into a compliance programme's credits are exports.

What can be asked: all projects, and all issued blocks, come in one or two calls. The blocks of a
project are searched for by its code. What that search looks at is not published, so its result is
used only where it adds up to the project's issued credits; else the whole book is read.

Personal data: contact persons and mailing addresses of projects are not decoded. CORSIA and
corresponding adjustment are read from the labels, which say what CAD Trust asks.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.contract import (
    Collection,
    Page,
    Politeness,
    RegistryInfo,
    Reply,
    Request,
    Source,
)
from adapters.greentrace_rows import (
    EventRow,
    HoldingRow,
    SummaryRow,
    block,
    code,
    is_holding_key,
    number_in,
    project_code,
    read_detail,
)
from adapters.greentrace_tenant import OFFSETSDB, Tenant, views_of
from adapters.greentrace_walk import (
    BOOK,
    CANCELLED,
    ISSUED,
    LEAST,
    MOST,
    RETIRED,
    Step,
    events,
    holdings,
    place,
    projects,
    read,
    trouble,
    walk,
    whole,
)
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.rows import placed
from gateway.errors import BadCursor, RegistryError
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Question, about, pushdown
from gateway.model.record import Origin, Record

BASE_URL = "https://greentrace.ice.com/api/greentraceservice/v1"
# A page of the retired ledger has some 16 MB, since each row carries its labels in full.
POLITENESS = Politeness(
    rate=80,
    period=600.0,
    burst=20,
    concurrency=2,
    fresh_for=600.0,
    timeout=60.0,
    max_bytes=32 * 1024 * 1024,
)

# Of more projects at once the list is given, so that a page of units with as many projects does
# not use up what the platform takes in ten minutes.
DETAILS = 20
# From so many projects on, reading the book costs no more than searching for each.
SEARCHES = 8

# Reports are read whole: any number of keys or parents costs the same.
_MANY = 100_000
_UNSAID = (
    "GreenTrace's list does not decide the status of {} projects that it calls active or "
    "terminated: their own pages do, which are read by id."
)
_SHORT = "More than {} projects were asked for at once: their own pages were not read."
_ANOTHER = "the page of a project is that of another one"
_GONE = "Listed projects without a page of their own: {}."
_ODD = "Issuances whose blocks do not add up to their amount: {}."
_STATUSES = {
    UnitStatus.RETIRED: RETIRED,
    UnitStatus.CANCELLED: CANCELLED,
    UnitStatus.EXPORTED: CANCELLED,
}
_DIGITS = re.compile(r"\D+")

Wanted = Callable[[SummaryRow], bool]


class GreenTrace:
    """The adapter of one registry on the platform."""

    politeness = POLITENESS

    def __init__(self, info: RegistryInfo, tenant: Tenant) -> None:
        self.info = info
        self.tenant = tenant
        self._views = views_of(tenant)
        self.views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
            Entity.PROJECT: (self._views.summary, self._views.detail),
            Entity.ISSUANCE: (self._views.issuance,),
            Entity.UNIT: (self._views.unit,),
        }
        listed, issued, held = tenant.rows
        named = pushdown(Op.EQ, exact=False)
        self.collections: Mapping[Entity, Collection] = {
            Entity.PROJECT: Collection(
                keys_per_call=_MANY,
                keys_in_full=DETAILS,
                totals=True,
                page_size=MOST,
                full_scan_calls=_calls(listed),
                expected=about(listed or None),
            ),
            Entity.ISSUANCE: Collection(
                parents=frozenset((Entity.PROJECT,)),
                parents_per_call=_MANY,
                keys_per_call=_MANY,
                totals=True,
                page_size=MOST,
                full_scan_calls=_calls(issued),
                expected=about(issued or None),
            ),
            Entity.UNIT: Collection(
                filters={
                    "unit_status": pushdown(Op.EQ, Op.IN, exact=False, most=10),
                    "unit_serial_id": named,
                    "project.project_id": named,
                },
                parents=frozenset((Entity.PROJECT,)),
                parents_per_call=_MANY,
                keys_per_call=_MANY,
                totals=True,
                page_size=MOST,
                full_scan_calls=_calls(held),
            ),
        }

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Projects and ledgers of blocks page by page; issuances and a project's blocks in one.

        Raises:
            BadCursor: the token is no place of this registry's paging.
        """
        wanted = self._projects(question)
        if question.entity is Entity.UNIT and wanted is None:
            async for page in self._ledger_pages(source, question, token):
                yield page
            return
        if token:
            raise BadCursor("the cursor does not belong to this registry's paging")
        if question.entity is Entity.PROJECT:
            yield await self._listed(source)
        elif question.entity is Entity.ISSUANCE:
            yield await self._issued(source, question)
        else:
            units = await self._units_of(source, wanted or _nobody)
            yield Page(units, total=len(units))

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, issuances by their own key, blocks by serial or holding key."""
        wanted = frozenset(keys)
        if entity is Entity.PROJECT:
            return await self._projects_by_key(source, wanted)
        if entity is Entity.ISSUANCE:
            if not wanted:
                return Page(())
            page = await self._issued(source, Question(Entity.ISSUANCE))
            return Page([r for r in page.records if r.key in wanted], warnings=page.warnings)
        if any(is_holding_key(key) for key in wanted):
            units = self._blocks(source, await whole(source, holdings(self._registry)))
        else:
            numbers = frozenset(filter(None, map(number_in, wanted)))
            units = await self._units_of(source, _numbered(numbers)) if numbers else []
        return Page([r for r in units if r.key in wanted])

    def trouble(self, reply: Reply) -> RegistryError | None:
        return trouble(reply)

    def project_key(self, text: str) -> str | None:
        """`ACR885`, also for `ACR0885`, `acr 885` and `885`, where codes begin with `ACR`."""
        return project_code(self.tenant.prefix, text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes, also as OffsetsDB writes them, and serials."""
        text = value.strip()
        if scheme == self.tenant.serial:
            return (Entity.UNIT, text) if block(text) else None
        key = None
        if scheme == self.tenant.code or (scheme == OFFSETSDB and not text.isdigit()):
            key = self.project_key(text)
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the block says that it is of the issuance; None where it says nothing."""
        told = getattr(unit, "issuance_key", None)
        return None if told is None else bool(told == issuance.key)

    @property
    def _registry(self) -> str:
        return self.tenant.registry

    def _projects(self, question: Question) -> Wanted | None:
        """Which projects' blocks are asked for; None where any's."""
        parent, serial = question.parent, question.where("unit_serial_id")
        named = question.where("project.project_id")
        if parent is not None:
            return _coded(frozenset(parent.keys))
        if serial is not None:
            number = number_in(str(serial.value).strip())
            return _numbered(frozenset((number,))) if number else _nobody
        if named is not None:
            key = self.project_key(str(named.value))
            return _coded(frozenset((key,))) if key else _nobody
        return None

    async def _listed(self, source: Source) -> Page:
        steps = await whole(source, projects(self._registry))
        records = [
            self._views.summary(row, _origin(source, step, "projects"), index)
            for step in steps
            for index, row in placed(step.rows)
        ]
        unsaid = sum("project_status" in record.not_read for record in records)
        warnings = (_UNSAID.format(unsaid),) if unsaid else ()
        return Page(records, total=len(records), warnings=warnings)

    async def _projects_by_key(self, source: Source, keys: frozenset[str]) -> Page:
        if not any(self.project_key(key) == key for key in keys):
            return Page(())
        listed = await self._listed(source)
        summaries: list[Any] = [r for r in listed.records if r.key in keys]
        if len(summaries) > DETAILS:
            return Page(summaries, warnings=(_SHORT.format(DETAILS),))
        gone: list[str] = []

        async def read(record: Any) -> list[Record[Any]]:
            detail = await self._detail(source, record.row)
            if detail is None:
                gone.append(record.key)
            return [detail or record]

        others = keys.difference(record.key for record in summaries)
        found = await one_by_one((((one.key,), one) for one in summaries), read, others)
        warnings = (_GONE.format(", ".join(gone)),) if gone else ()
        return replace(found, warnings=(*warnings, *found.warnings))

    async def _detail(self, source: Source, row: SummaryRow) -> Record[Any] | None:
        path = f"/project/registry/{self._registry}/project/{row.projectKey}"
        request = Request(path, allowed=frozenset((404,)))
        answer = await read(source, request, read_detail)
        if answer.value is None:
            return None
        if answer.value.projectKey != row.projectKey:
            raise AnotherRecord(_ANOTHER, source=answer.source)
        origin = Origin(source.registry, answer.source, "/projectDetail")
        return self._views.detail(answer.value, origin)

    async def _issued(self, source: Source, question: Question) -> Page:
        parent = question.parent
        steps = await whole(source, holdings(self._registry, ISSUED))
        records: list[Record[Any]] = []
        odd: list[str] = []
        for key, found in events(steps).items():
            # Each block repeats the amount of the whole; one may lack it.
            told = (one for one in found if one[0].issuanceQuantity is not None)
            first, step, index = next(told, found[0])
            row = EventRow(first, tuple(block for block, _, _ in found))
            if parent is not None and code(first.projectReferenceId) not in parent.keys:
                continue
            if _amount(row.blocks) != first.issuanceQuantity:
                odd.append(key)
            origin = _origin(source, step, "issuedCredits")
            records.append(self._views.issuance(row, origin, index))
        warnings = (_ODD.format(", ".join(odd[:20])),) if odd else ()
        return Page(records, total=len(records), warnings=warnings)

    async def _ledger_pages(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]:
        status = _ledger(question)
        start = place(token, max(LEAST, min(question.want, MOST)))
        if status is None:
            yield Page((), total=0)
            return
        async for step in walk(source, holdings(self._registry, status), start):
            yield Page(
                self._blocks(source, [step], status),
                token=str(step.place),
                next=None if step.next is None else str(step.next),
                total=step.total,
            )

    async def _units_of(self, source: Source, wanted: Wanted) -> list[Record[Any]]:
        """All blocks of the wanted projects."""
        if wanted is _nobody:
            return []
        steps = await whole(source, projects(self._registry))
        rows = [r for step in steps for r in step.rows if r.issuedCredits != 0 and wanted(r)]
        found: list[Step[HoldingRow]] = []
        for row in rows:
            searched = await self._searched(source, row) if len(rows) <= SEARCHES else None
            if searched is None:
                found = await whole(source, holdings(self._registry))
                break
            found += searched
        return self._blocks(source, found, BOOK, {row.projectKey for row in rows})

    async def _searched(self, source: Source, row: SummaryRow) -> list[Step[HoldingRow]] | None:
        """What the search for a project finds, None where that is not all of its blocks."""
        steps = await whole(source, holdings(self._registry, search=row.projectId))
        own = [r for step in steps for r in step.rows if r.projectKey == row.projectKey]
        return steps if _amount(own) == row.issuedCredits else None

    def _blocks(
        self,
        source: Source,
        steps: Iterable[Step[HoldingRow]],
        status: str = BOOK,
        keys: set[str] | None = None,
    ) -> list[Record[Any]]:
        found: dict[str, Record[Any]] = {}
        for step in steps:
            origin = _origin(source, step, holdings(self._registry, status).dataset)
            for index, row in placed(step.rows):
                if keys is None or row.projectKey in keys:
                    found.setdefault(row.holdingKey, self._views.unit(row, origin, index))
        return list(found.values())


def _amount(blocks: Iterable[HoldingRow]) -> int | None:
    """The units of all blocks; None where one does not say how many it has."""
    amounts = [block.holdingQuantity for block in blocks]
    return None if None in amounts else sum(filter(None, amounts))


def _nobody(row: SummaryRow) -> bool:
    return False


def _coded(keys: frozenset[str]) -> Wanted:
    return lambda row: code(row.projectId) in keys


def _numbered(numbers: frozenset[str]) -> Wanted:
    """Serials name projects by number; ART's do not all begin as its project codes do."""
    return lambda row: _DIGITS.sub("", row.projectId).lstrip("0") in numbers


def _ledger(question: Question) -> str | None:
    """The ledger that holds all blocks of the asked statuses; None where no block can match."""
    asked = [frozenset(p.values()) for p in question.predicates if p.field == "unit_status"]
    if not asked:
        return BOOK
    wanted = frozenset.intersection(*asked)
    ledgers = {_STATUSES.get(status, BOOK) for status in wanted}
    if not ledgers:
        return None
    return ledgers.pop() if len(ledgers) == 1 else BOOK


def _origin(source: Source, step: Step[Any], dataset: str) -> Origin:
    return Origin(source.registry, step.source, f"/datasets/{dataset}/rows")


def _calls(rows: int) -> int | None:
    return -(-rows // MOST) or None
