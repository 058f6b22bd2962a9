"""BioCarbon Registry (Global CarbonTrace): projects, issued blocks, and what became of them.

Source: https://api.globalcarbontrace.io (JSON over GET, Laravel), behind
https://globalcarbontrace.io. There is no published specification. Quirks:

- The public site's own client key is demanded in `x-api-key`. Without it the answer has the HTTP
  status 200, an empty list, and `"status": 403` inside.
- Lists are paginated and take any page size; filters are not proven, so none is used.
- Amounts are texts with commas (`"299,564"`) or numbers, days of retirement are `DD/MM/YYYY`,
  country names Spanish or English.
- A block's `active` is what is left of it; which units these are is not said. What goes to the
  reserve is issued as blocks of its own (`R`, before that `3`), numbered from 1.
- Serials keep the code that their project had when they were issued.
- Cancelled units are listed per project only, and not all of them: what blocks say was cancelled
  (`dropouts`) and no list names is told as a warning. Projects are asked for their cancellations
  where their blocks say that there are some.
- `/transferences` are moves between holders: they change nothing here. `outof` disagrees with
  `sold` where units were sold and not retired.
- Retired units of which the beneficiary wants to stay private are marked so, and come all the
  same: the name and the text beside it are not passed on.

A project's detail names its record at CAD Trust (`warehouse_project_id`): BioCarbon publishes
there itself.

Personal data: `holder_*` (persons, addresses, tax numbers), `final_user_nit`, `nit_*`; none of it
is decoded, nor are `to_name` and `passive_user`, who pay a tax and claim nothing. Not decoded
either: files, certificates, event logs, the registry's synchronisation state, `verified_reductions`
(what was verified need not be issued), `acceptance_date` (of what, is not documented).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from adapters.biocarbon_lists import List, Place, Step, place, walk
from adapters.biocarbon_rows import (
    BlockRow,
    Cancelled,
    DetailRow,
    Project,
    ProjectRow,
    Retired,
    Serial,
    parse_serial,
    project_code,
    read_blocks,
    read_cancellations,
    read_detail,
    read_projects,
    read_retreats,
)
from adapters.biocarbon_views import (
    CODE,
    NAME,
    ROW,
    SERIAL,
    BioCarbonIssuance,
    BioCarbonProject,
    CancelledUnit,
    HeldUnit,
    RetiredUnit,
)
from adapters.contract import (
    Code,
    Collection,
    Page,
    Politeness,
    RegistryInfo,
    Reply,
    Request,
    Source,
)
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.rows import placed
from adapters.trouble import refused_credential
from gateway.errors import BadCursor, ConfigError, InvalidPayload, RegistryError
from gateway.harmonise import numbers
from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.question import Parent, Question
from gateway.model.record import Origin, Record

PER_PAGE = "per_page"

INFO = RegistryInfo(
    key="biocarbon",
    name=NAME,
    operator="BioCarbon Cert",
    url="https://globalcarbontrace.io",
    base_url="https://api.globalcarbontrace.io/api/ghg",
    terms="Public without an account; no licence is stated with the interface. The key is the "
    "public one that the registry's own site sends.",
    attribution="BioCarbon Registry, Global CarbonTrace",
    known_as=("BioCarbon Standard", "BioCarbon Registry", "BioCarbon", "BCR"),
    schemes=(CODE, ROW, SERIAL),
    codes={
        CODE: Code(Entity.PROJECT, "BCR-CO-9004-14-001"),
        ROW: Code(Entity.PROJECT, "7700009", search=""),
        SERIAL: Code(Entity.UNIT, "BCR-CO-9004-14-001-2-1801-1812-0000001-0006739"),
    },
    credential="x-api-key",
    options={PER_PAGE: "5000"},
    verified="2026-08-04",
    notes="Option per_page: rows of one upstream page. Cancelled units that no list names are "
    "told as warnings.",
)

# Whole lists are read whatever is asked: any number of keys or parents costs the same.
_MANY = 100_000
_NO_DETAIL = DetailRow()

PROJECTS: List[ProjectRow] = List("/projects", read_projects, lambda row: row.project_id)
BLOCKS: List[BlockRow] = List("/carbon-credits", read_blocks, lambda row: row.serial)
RETREATS = List("/retreats", read_retreats, lambda row: row.serial)
HELD, RETIRED, CANCELLED = range(3)

T = TypeVar("T")
Keeps = Callable[[Record[Any]], bool]


class BioCarbon:
    """The registry of the BioCarbon Standard, greenhouse gas programme only."""

    politeness = Politeness(
        rate=1, period=1, concurrency=2, fresh_for=600, timeout=60, max_bytes=16 * 1024 * 1024
    )
    # 105 projects, 626 blocks, 11,439 retirements and nine projects with cancellations in
    # August 2026.
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: Collection(totals=True, page_size=5_000, full_scan_calls=1),
        Entity.ISSUANCE: Collection(
            parents=frozenset((Entity.PROJECT,)),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            totals=True,
            page_size=5_000,
            full_scan_calls=1,
        ),
        Entity.UNIT: Collection(
            parents=frozenset((Entity.PROJECT, Entity.ISSUANCE)),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            page_size=600,
            full_scan_calls=14,
        ),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (BioCarbonProject,),
        Entity.ISSUANCE: (BioCarbonIssuance,),
        Entity.UNIT: (HeldUnit, RetiredUnit, CancelledUnit),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Pages in the registry's order; units are those left, then retired, then cancelled."""
        keeps = _below(question.parent)
        if question.entity is Entity.UNIT:
            async for page in _units(source, place(token, 3), keeps):
                yield page
        else:
            start = place(token, 1)
            pages = _projects if question.entity is Entity.PROJECT else _issuances
            async for page in pages(source, start, keeps):
                yield page

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, with their details; issuances and units by serial."""
        wanted = frozenset(keys)
        found: list[Record[Any]] = []
        if wanted:
            async for page in self.pages(source, Question(entity)):
                found += [record for record in page.records if record.key in wanted]
                if len(found) == len(wanted):
                    break
        if entity is not Entity.PROJECT:
            return Page(found)
        others = wanted.difference(record.key for record in found)
        asks = (((record.key,), record) for record in found)
        return await one_by_one(asks, partial(_detailed, source), others)

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The key was refused."""
        return refused_credential(reply)

    def project_key(self, text: str) -> str | None:
        """`BCR-CO-319-14-004`, in any case."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes, and serials of units."""
        text = value.strip()
        if scheme == SERIAL:
            return (Entity.UNIT, text) if parse_serial(text) else None
        key = project_code(text) if scheme == CODE else None
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the unit's numbers lie in the block; None where a serial has no known form."""
        part, block = parse_serial(unit.key), parse_serial(issuance.key)
        return None if part is None or block is None else block.holds(part)


async def _projects(source: Source, start: Place, keeps: Keeps | None) -> AsyncIterator[Page]:
    async for step in walk(source, PROJECTS, _size(source), start):
        origin = Origin(source.registry, step.source, "/data")
        records = [BioCarbonProject(Project(r, _NO_DETAIL), origin, i) for i, r in step.rows]
        yield _page(step, records, None, total=step.total)


async def _issuances(source: Source, start: Place, keeps: Keeps | None) -> AsyncIterator[Page]:
    async for step in walk(source, BLOCKS, _size(source), start):
        origin = Origin(source.registry, step.source, "/data")
        records: list[Record[Any]] = [BioCarbonIssuance(r, origin, i) for i, r in step.rows]
        total = step.total if keeps is None else None
        yield _page(step, _kept(records, keeps), None, total=total)


async def _units(source: Source, start: Place, keeps: Keeps | None) -> AsyncIterator[Page]:
    size = _size(source)
    if start.ledger == HELD:
        async for held in walk(source, BLOCKS, size, start):
            origin = Origin(source.registry, held.source, "/data")
            left: list[Record[Any]] = [
                HeldUnit(r, origin, i) for i, r in held.rows if _amount(r, "active") != 0
            ]
            yield _page(held, _kept(left, keeps), Place(RETIRED))
        start = Place(RETIRED)
    if start.ledger == RETIRED:
        codes = {row.id: row.project_id for row in await _everything(source, PROJECTS)}
        async for gone in walk(source, RETREATS, size, start):
            origin = Origin(source.registry, gone.source, "/data")
            retired: list[Record[Any]] = [
                RetiredUnit(Retired(r, codes.get(r.initiative_id or 0), r.initiative_id), origin, i)
                for i, r in gone.rows
            ]
            yield _page(gone, _kept(retired, keeps), Place(CANCELLED))
        start = Place(CANCELLED)
    async for page in _cancelled(source, start, keeps):
        yield page


async def _cancelled(source: Source, start: Place, keeps: Keeps | None) -> AsyncIterator[Page]:
    """The cancelled units of every project whose blocks say that there are some.

    Each project's list is a call, and so a page: whoever may make few calls goes on behind the
    last project that was read. Projects come in the order of their row ids, which new blocks do
    not change.
    """
    if start.after and not (start.after.isascii() and start.after.isdigit()):
        raise BadCursor("the cursor does not belong to this registry's paging")
    said: dict[int, tuple[str | None, int | None]] = {}
    for block in await _everything(source, BLOCKS):
        dropped, row_id = _amount(block, "dropouts"), block.initiative_id
        if dropped != 0 and row_id is not None:
            code, amount = said.get(row_id, (block.project_id, 0))
            both = None if amount is None or dropped is None else amount + dropped
            said[row_id] = code or block.project_id, both
    left = sorted(row_id for row_id in said if not start.after or row_id > int(start.after))
    if not left:
        yield Page((), token=str(start))
    given: set[str] = set()
    here = start
    for row_id in left:
        records, warnings = await _cancelled_of(source, row_id, *said[row_id])
        keys = {record.key for record in records}
        if len(keys) != len(records) or keys & given:
            raise InvalidPayload("the lists of cancellations name one serial twice")
        given |= keys
        after = Place(CANCELLED, after=str(row_id))
        following = None if row_id == left[-1] else str(after)
        yield Page(_kept(records, keeps), token=str(here), next=following, warnings=warnings)
        here = after


async def _cancelled_of(
    source: Source, row_id: int, code: str | None, amount: int | None
) -> tuple[list[Record[Any]], tuple[str, ...]]:
    """The cancelled units of one project, and a warning where they are not as many as its blocks
    say."""
    path = f"/carbon-credits/project/{row_id}/cancellations"
    answer = await source.read(Request(path), read_cancellations)
    origin = Origin(source.registry, answer.source, "/data")
    records: list[Record[Any]] = [
        CancelledUnit(Cancelled(row, code, row_id), origin, index)
        for index, row in placed(answer.value)
    ]
    amounts = [_amount(row, "amount") for row in answer.value]
    listed = None if None in amounts else sum(filter(None, amounts))
    if listed is None or amount is None or listed == amount:
        return records, ()
    told = (
        f"the blocks of {code} say that {amount} units were cancelled, its list of cancellations "
        f"names {listed}"
    )
    return records, (told,)


def _page(
    step: Step[Any], records: Sequence[Record[Any]], then: Place | None, total: int | None = None
) -> Page:
    """A page of a list; after its last one the walk goes on with `then`."""
    following = step.next or then
    after = None if following is None else str(following)
    return Page(records, token=str(step.place), next=after, total=total)


async def _everything(source: Source, asked: List[T]) -> list[T]:
    size = _size(source)
    return [row async for step in walk(source, asked, size, Place()) for _, row in step.rows]


async def _detailed(source: Source, record: Record[Any]) -> list[Record[Any]]:
    """The project with its details; as listed where the registry has none."""
    row: Project = record.row
    request = Request(f"/projects/{row.listed.id}", allowed=frozenset((404,)))
    answer = await source.read(request, read_detail)
    detail = answer.value
    if detail is None:
        return [record]
    if detail.id != row.listed.id:
        told = f"asked for the project {row.listed.id}, given {detail.id}"
        raise AnotherRecord(told, source=answer.source)
    return [BioCarbonProject(Project(row.listed, detail), record.origin, record.place)]


def _amount(row: Any, name: str) -> int | None:
    """How many units the row names; None where it does not say a whole number of them."""
    found = numbers.grouped(getattr(row, name))
    return None if found is None or found != int(found) else int(found)


def _below(parent: Parent | None) -> Keeps | None:
    """Which records are, or may be, children of the asked parents; None where all are meant."""
    if parent is None:
        return None
    keys = Links(parent.keys)
    if parent.entity is Entity.PROJECT:

        def below(record: Record[Any]) -> bool:
            told = getattr(record, "project_key", None)
            return told is None or told in keys

        return below
    blocks: dict[str, list[Serial]] = {}
    for key in parent.keys:
        if block := parse_serial(key):
            blocks.setdefault(block.block, []).append(block)

    def within(record: Record[Any]) -> bool:
        part = parse_serial(record.key)
        if part is None or record.key in keys:
            return True
        return any(block.holds(part) for block in blocks.get(part.block, ()))

    return within


def _kept(records: list[Record[Any]], keeps: Keeps | None) -> list[Record[Any]]:
    return records if keeps is None else [record for record in records if keeps(record)]


def _size(source: Source) -> int:
    text = source.options.get(PER_PAGE, INFO.options[PER_PAGE])
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100_000):
        raise ConfigError(f"registries.{source.registry}.options.{PER_PAGE} must be 1 to 99999")
    return int(text)


adapter = BioCarbon()
