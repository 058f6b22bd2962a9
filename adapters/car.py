"""Climate Action Reserve (CAR): projects, issued credits, and those that left circulation.

Source: https://thereserve2.apx.com, classic ASP pages. There is no interface: a report's page
opens a session, and the whole report comes as a table from the form on that page. Quirks:

- The form wants the page's cookie and token (`c16e`) back. Without them, or with those of an
  earlier session, the answer is the home page with status 200.
- Only the page says how many rows a report has; the table must have as many.
- Bytes are Windows-1252, and nothing says so. Quotes inside fields are not doubled, so that a
  standard reader misreads some rows without a word (see `adapters.car_csv`).
- A project's own page is HTML; one that does not exist is a short text with status 200. Only
  there stand its description and the end of its crediting period.
- Dates are MM/DD/YYYY in reports, M/D/YYYY on pages.
- Nine of ten cancelled credits were converted into credits of California's or Washington's
  compliance programme: they are exported, not gone.
- Issued credits have neither serials nor a key: the key is made of project, vintage and day.
  What of them is in the Reserve's buffer pool is told as an amount, and given as one unit.
- Credits in circulation are not published: units are those that were retired, cancelled or
  exported, and the pool. The account holder of a retired credit is not its beneficiary.

What can be asked: whole reports, two calls each. No filter is known to work.

Personal data: none known. Not decoded: operators, designees, notes, websites, and what
`Corresponding Adjustment` says, since a bare "No" does not tell what CAD Trust asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from adapters.arb import CODE as ARB_CODE
from adapters.arb import SCHEME as ARB
from adapters.below import below
from adapters.car_page import page, read_page
from adapters.car_rows import (
    Export,
    Issued,
    ProjectRow,
    block,
    issuances,
    project_code,
    read_cancelled,
    read_issued,
    read_projects,
    read_retired,
)
from adapters.car_session import export
from adapters.car_views import (
    CODE,
    NAME,
    OFFSETSDB,
    SERIAL,
    CarCancelled,
    CarIssuance,
    CarPool,
    CarProject,
    CarRetired,
    ListedProject,
)
from adapters.contract import (
    Code,
    Collection,
    Page,
    Politeness,
    RegistryInfo,
    Reply,
    Source,
)
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.rows import placed
from adapters.stepped import in_steps
from gateway.errors import BadCursor
from gateway.harmonise import numbers
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Question, about, pushdown
from gateway.model.record import Origin, Record, distinct_rows

INFO = RegistryInfo(
    key="car",
    name=NAME,
    operator="Climate Action Reserve; registry system by Xpansiv APX",
    url="https://thereserve2.apx.com",
    base_url="https://thereserve2.apx.com",
    terms="Public reports without an account; no licence is stated with the data.",
    attribution="Climate Action Reserve",
    known_as=("Climate Action Reserve (CAR)", "Climate Action Reserve", "CAR", "The Reserve"),
    schemes=(CODE, SERIAL, OFFSETSDB, ARB),
    codes={
        CODE: Code(Entity.PROJECT, "CAR9002"),
        OFFSETSDB: Code(Entity.PROJECT, "CAR9002"),
        ARB: ARB_CODE,
        SERIAL: Code(Entity.UNIT, "CAR-1-US-9002-13-374-US-2018-60006-1 to 3877"),
    },
    verified="2026-08-05",
    notes="Credits in circulation are not published: units are retired, cancelled and exported "
    "blocks, and amounts in the Reserve's buffer pool.",
)

PROJECTS, ISSUED, RETIRED, CANCELLED = 111, 112, 206, 308
# Of more projects at once the report is given: nobody knows how many pages the site puts up with.
DETAILS = 20

# Reports are read whole: any number of keys or parents costs the same.
_MANY = 100_000
_SHORT = "More than {} projects were asked for at once: their own pages were not read."
_ANOTHER = "the page of a project is that of another one"
_GONE = "Listed projects without a page of their own: {}."
_MENDED = "{} rows of the report were badly quoted: texts that could not be told apart are null."
_TWICE = "{} rows of the report repeat the serial of another one and were left out."
_STATUSES = {
    UnitStatus.RETIRED: RETIRED,
    UnitStatus.CANCELLED: CANCELLED,
    UnitStatus.EXPORTED: CANCELLED,
    UnitStatus.BUFFER: ISSUED,
}
_POOL = "-buffer"
_key = attrgetter("key")

R = TypeVar("R", bound=msgspec.Struct)


def _whole(calls: int, rows: int, *parents: Entity, **options: Any) -> Collection:
    return Collection(
        parents=frozenset(parents),
        parents_per_call=_MANY,
        keys_per_call=_MANY,
        page_size=rows,
        full_scan_calls=calls,
        expected=about(rows),
        **options,
    )


class Car:
    """The Climate Action Reserve."""

    politeness = Politeness(
        rate=8,
        period=12,
        burst=8,
        concurrency=2,
        fresh_for=900,
        timeout=60,
        max_bytes=24 * 1024 * 1024,
    )
    # 1,277 projects, 5,170 issuances, 11,044 retired and 2,277 cancelled blocks on 2026-08-05.
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: _whole(2, 1_300, totals=True, keys_in_full=DETAILS),
        Entity.ISSUANCE: _whole(2, 5_200, Entity.PROJECT, totals=True),
        Entity.UNIT: _whole(
            6,
            11_100,
            Entity.PROJECT,
            filters={"unit_status": pushdown(Op.EQ, Op.IN, exact=False, most=10)},
        ),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (CarProject,),
        Entity.ISSUANCE: (CarIssuance,),
        Entity.UNIT: (CarRetired, CarCancelled, CarPool),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """A page per report; of units, the retired ones first, the pool last.

        Raises:
            BadCursor: the token is no place of this registry's paging.
        """
        reports = _reports(question)
        if token and token not in map(str, reports):
            raise BadCursor("the cursor does not belong to this registry's paging")
        begin = [str(report) for report in reports].index(token) if token else 0
        if not reports:
            yield Page((), total=0)
        for number in range(begin, len(reports)):
            records, warnings = await _READERS[question.entity, reports[number]](source)
            if question.parent is not None:
                records = below(records, question.parent)
            more = number + 1 < len(reports)
            yield Page(
                records,
                token=str(reports[number]),
                next=str(reports[number + 1]) if more else None,
                total=None if question.entity is Entity.UNIT else len(records),
                warnings=warnings,
            )

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, issuances by their made key, units by serial."""
        wanted = frozenset(keys)
        if entity is Entity.PROJECT:
            return await _projects_by_key(source, wanted)
        found: list[Record[Any]] = []
        warnings: tuple[str, ...] = ()
        for report in _holding(entity, wanted):
            records, notes = await _READERS[entity, report](source)
            warnings += notes
            keys = await in_steps(_key, records)
            found += [one for one, key in zip(records, keys, strict=True) if key in wanted]
        return Page(found, warnings=tuple(dict.fromkeys(warnings)))

    def project_key(self, text: str) -> str | None:
        """`CAR1957`, also for `car 1957`, `CAR-1957` and `1957`."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes, also as OffsetsDB writes them, and serials."""
        text = value.strip()
        if scheme == SERIAL:
            return (Entity.UNIT, text) if block(text) else None
        key = None
        if scheme == CODE or (scheme == OFFSETSDB and not text.isdigit()):
            key = project_code(text)
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """By key for what is in the pool; else by project and vintage, where the project has no
        other issuance of that vintage: where it has, nothing says which of them a block is of."""
        if not isinstance(issuance, CarIssuance):
            return False
        if isinstance(unit, CarPool):
            return bool(unit.issuance_key == issuance.key)
        if not isinstance(unit, CarRetired | CarCancelled):
            return False
        told = issuance.project_key, issuance.vintage_year
        if (unit.project_key, unit.vintage_year) != told:
            return False
        return True if issuance.row.alone else None


Read = tuple[list[Record[Any]], tuple[str, ...]]


async def _projects(source: Source) -> Read:
    rows, origin, warnings = await _export(source, PROJECTS, read_projects)

    def view(one: tuple[int, ProjectRow]) -> CarProject:
        return CarProject(ListedProject(one[1]), origin, one[0])

    return await in_steps(view, placed(rows)), warnings


async def _issued(source: Source) -> Read:
    rows, origin, warnings = await _export(source, ISSUED, read_issued)
    found = zip((place for place, _ in placed(rows)), issuances(rows), strict=True)
    return await in_steps(lambda one: CarIssuance(one[1], origin, one[0]), found), warnings


async def _pool(source: Source) -> Read:
    rows, origin, warnings = await _export(source, ISSUED, read_issued)
    found = zip((place for place, _ in placed(rows)), issuances(rows), strict=True)

    def view(one: tuple[int, Issued]) -> CarPool | None:
        return CarPool(one[1], origin, one[0]) if _is_pooled(one[1]) else None

    return [pool for pool in await in_steps(view, found) if pool is not None], warnings


async def _retired(source: Source) -> Read:
    rows, origin, warnings = await _export(source, RETIRED, read_retired)
    views = in_steps(lambda one: CarRetired(one[1], origin, one[0]), placed(rows))
    return await _distinct(await views, warnings)


async def _cancelled(source: Source) -> Read:
    rows, origin, warnings = await _export(source, CANCELLED, read_cancelled)
    views = in_steps(lambda one: CarCancelled(one[1], origin, one[0]), placed(rows))
    return await _distinct(await views, warnings)


_READERS: dict[tuple[Entity, int], Callable[[Source], Awaitable[Read]]] = {
    (Entity.PROJECT, PROJECTS): _projects,
    (Entity.ISSUANCE, ISSUED): _issued,
    (Entity.UNIT, RETIRED): _retired,
    (Entity.UNIT, CANCELLED): _cancelled,
    (Entity.UNIT, ISSUED): _pool,
}


def _reports(question: Question) -> list[int]:
    """The reports that may hold what is asked for, in the order in which they are read."""
    found = [report for entity, report in _READERS if entity is question.entity]
    for predicate in question.predicates:
        if predicate.field == "unit_status":
            asked = {_STATUSES.get(status) for status in predicate.values()}
            found = [report for report in found if report in asked]
    return found


def _holding(entity: Entity, keys: frozenset[str]) -> list[int]:
    """The reports that may hold records of these keys."""
    if entity is Entity.ISSUANCE:
        return [ISSUED] if any(key.startswith("CAR") for key in keys) else []
    found = [RETIRED, CANCELLED] if any(key.upper().startswith("CAR-") for key in keys) else []
    return [*found, ISSUED] if any(key.endswith(_POOL) for key in keys) else found


async def _projects_by_key(source: Source, keys: frozenset[str]) -> Page:
    if not any(project_code(key) == key for key in keys):
        return Page(())
    records, warnings = await _projects(source)
    listed: list[Any] = [record for record in records if record.key in keys]
    if len(listed) > DETAILS:
        return Page(listed, warnings=(*warnings, _SHORT.format(DETAILS)))
    gone: list[str] = []

    async def read(record: Any) -> list[Record[Any]]:
        row: ProjectRow = record.row.row
        answer = await source.read(page(row.project_id), read_page)
        if answer.value is None:
            gone.append(record.key)
            return [record]
        if answer.value.project_id != row.project_id:
            raise AnotherRecord(_ANOTHER, source=answer.source)
        origin = Origin(source.registry, answer.source)
        return [CarProject(ListedProject(row, answer.value), origin)]

    others = keys.difference(record.key for record in listed)
    found = await one_by_one((((one.key,), one) for one in listed), read, others)
    if gone:
        warnings = (*warnings, _GONE.format(", ".join(gone)))
    return replace(found, warnings=(*warnings, *found.warnings))


async def _export(
    source: Source, report: int, decode: Callable[[Reply], Export[R]]
) -> tuple[list[R], Origin, tuple[str, ...]]:
    answer = await source.read(export(report), decode)
    found = answer.value
    warnings = (_MENDED.format(found.mended),) if found.mended else ()
    return found.rows, Origin(source.registry, answer.source), warnings


async def _distinct(records: list[Any], warnings: tuple[str, ...]) -> Read:
    """Each row once; two that share a serial and say different things of it are two."""
    keys = Counter(await in_steps(_key, records))
    twice = [record for record in records if keys[record.key] > 1]
    again = set(map(id, twice)).difference(map(id, distinct_rows(twice)))
    found = [record for record in records if id(record) not in again]
    left = len(records) - len(found)
    return found, (*warnings, _TWICE.format(left)) if left else warnings


def _is_pooled(row: Issued) -> bool:
    amount = numbers.grouped(row.row.pooled)
    # An amount that cannot be read is one: the pool may have some.
    return bool(row.row.pooled.strip()) if amount is None else amount > 0


adapter = Car()
