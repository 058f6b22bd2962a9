"""Gold Standard Impact Registry: projects, credit blocks, and the issuances these add up to.

Source: https://public-api.goldstandard.org (JSON over GET, open; the site behind it is
https://registry.goldstandard.org). There is no published specification: what follows is what
the captured answers show. Quirks:

- Lists are bare arrays, totals stand in `X-Total-Count`. `/projects` silently clamps its size
  to 150, `/credits` refuses more than 25 with a 403 from the CDN, which also answers 403, as
  HTML, to clients without a User-Agent. A 429 may carry a bogus `Retry-After: 0`.
- Unknown parameters are ignored and give the whole index. Only `query` (a text search),
  `countries` and `issuances=false` (retired blocks) narrow, and each is checked: rows that do
  not fit, or a search as long as the unfiltered list, are an invalid payload.
- A project's public code is `GS` and `sustaincert_id`; the number in a name is often that of
  its programme. Its own row id appears in the page's address only.
- A block's status is its present one. A retired part of a block is a new row with a higher id.
- Planned credits (PER) come in the same list: they are ex-ante.
- Projects that lose their certification vanish; there is no status for it.

What can be asked, and what cannot: a project by its code, and a block by its serial, are found by
searching for the text and comparing the row; a block without a range of its own has the row id
as its key and is read by it. Blocks and issuances of a project are those that a search for the
project's code finds; whether that search finds blocks that carry CDM serials, which do not hold
the code, no capture shows. Texts are matched by the registry's own search.

An issuance is derived: the blocks of one project, batch and vintage. Its total is known once all
blocks of its project were read, as for one project or by key; in longer lists it is null.

Personal data: none known. Not decoded: what `is_*` flags say of accounts.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from adapters import gold_standard_cers, lists
from adapters.contract import (
    Code,
    Collection,
    Page,
    Politeness,
    References,
    RegistryInfo,
    Reply,
    Request,
    Source,
)
from adapters.gold_standard_asks import (
    COLLECTIONS,
    CREDIT_SIZE,
    PROJECT_SIZE,
    credit_asks,
    of_project,
    of_serial,
    one_project,
    project_asks,
)
from adapters.gold_standard_batches import streamed, whole
from adapters.gold_standard_rows import (
    CreditRow,
    is_row_id,
    is_serial,
    parted,
    project_code,
    project_of_issuance,
    project_of_serial,
    read_credit,
    unit_key,
)
from adapters.gold_standard_views import (
    GSID,
    OFFSETSDB,
    SERIAL,
    GoldStandardIssuance,
    GoldStandardProject,
    GoldStandardUnit,
)
from adapters.gold_standard_walk import Ask, Numbered, Place, place, walk
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.trouble import meant
from gateway.errors import ConfigError, RegistryError
from gateway.harmonise.cer_serials import CDM_REFERENCE
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Origin, Record

KEY = "gold-standard"
AT_ONCE = "issuance_blocks"
SEARCHED = "Gold Standard's own search decides which texts match."

INFO = RegistryInfo(
    key=KEY,
    name="Gold Standard",
    operator="The Gold Standard Foundation",
    url="https://registry.goldstandard.org",
    base_url="https://public-api.goldstandard.org",
    terms="Public without an account; no licence is stated with the interface, so the "
    "registry's terms of use apply.",
    attribution="Gold Standard Impact Registry",
    known_as=("Gold Standard", "Gold Standard Impact Registry", "GoldStandard", "GS"),
    schemes=(GSID, SERIAL, OFFSETSDB, CDM_REFERENCE),
    strict_project_keys=True,
    codes={
        GSID: Code(Entity.PROJECT, "GS990053"),
        OFFSETSDB: Code(Entity.PROJECT, "GLD990053"),
        # One serial may stand on two rows, so it is no key.
        SERIAL: Code(
            Entity.UNIT,
            "GS1-1-GH-GS990049-3-2018-60084-6339-8070",
            r"GS1-\d-[A-Z]{2}-.+|[A-Z]{2}-\d+-\d+-.+",
            search="unit_serial_id",
        ),
        # In the serials of CERs that were carried over.
        CDM_REFERENCE: Code(Entity.UNIT, "90002", r"[1-9]\d{0,5}", search=""),
    },
    by_code={Entity.UNIT: "unit_serial_id"},
    options={AT_ONCE: "100"},
    verified="2026-07-28",
    notes="Option issuance_blocks: lists of up to so many blocks are read whole, so that their "
    "issuances have totals. Blocks that carry CDM serials may be missing from a project's list.",
)

# From this many serials of one project on, reading the project's blocks costs less than asking
# for each: most projects have fewer than fifty.
TOGETHER = 3
# Up to so many blocks of one project are read for its issuances at once: 40 calls.
WHOLE = 1_000

_GLD = re.compile(r"GLD([1-9]\d{0,9})", re.IGNORECASE)

R = TypeVar("R", bound=Numbered)

# The network in front of the registry, and the interface itself, which takes 25 credits at a time.
_MEANINGS = {
    403: "the network in front of it refuses this client, which has to name itself in User-Agent, "
    "or a page of more than 25 credits was asked for",
}


class GoldStandard:
    """The Gold Standard Impact Registry."""

    politeness = Politeness(rate=5, period=6, concurrency=2, fresh_for=300)
    collections: Mapping[Entity, Collection] = COLLECTIONS
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (GoldStandardProject,),
        Entity.ISSUANCE: (GoldStandardIssuance,),
        Entity.UNIT: (GoldStandardUnit,),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Pages in descending order of the registry's row ids."""
        if question.entity is Entity.PROJECT:
            size = max(CREDIT_SIZE, min(question.want, PROJECT_SIZE))
            note = SEARCHED if question.where("text") else None
            asks = project_asks(question)
            return _pages(source, asks, GoldStandardProject, size, token, note)
        if question.entity is Entity.UNIT:
            return _pages(source, credit_asks(question), GoldStandardUnit, CREDIT_SIZE, token)
        return self._issuances(source, question, token)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, blocks by serial and row id, or one of them, issuances by project,
        batch and vintage."""
        wanted = tuple(dict.fromkeys(keys))
        if entity is Entity.PROJECT:
            asks = [((key,), key) for key in wanted if project_code(key) == key]
            others = [key for key in wanted if project_code(key) != key]
            return await one_by_one(asks, partial(_project, source), others)
        if entity is Entity.UNIT:
            return await _units_by_key(source, wanted)
        return await _issuances_by_key(source, wanted)

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The network in front of the registry refuses clients that it does not know."""
        return meant(reply, _MEANINGS)

    def project_key(self, text: str) -> str | None:
        """`GS7495`, also for `GS 7495`, `GS-7495` and `7495`."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes as Gold Standard writes them, and OffsetsDB's `GLD7495`."""
        text = value.strip()
        key = None
        if scheme == GSID:
            key = project_code(text)
        elif scheme == OFFSETSDB and (found := _GLD.fullmatch(text)):
            key = f"GS{found[1]}"
        return (Entity.PROJECT, key) if key else None

    refers = CDM_REFERENCE

    async def references(self, source: Source, keys: Sequence[str]) -> References:
        """The CDM projects that the CERs of these projects name."""
        return await gold_standard_cers.of_projects(source, keys)

    async def referring(self, source: Source, values: Sequence[str]) -> References:
        """The CERs that name these CDM projects."""
        return await gold_standard_cers.naming(source, values)

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether project, batch and vintage are the same: the issuance's key is made of them.
        None for a block of the project that does not say them."""
        if not isinstance(unit, GoldStandardUnit) or not isinstance(issuance, GoldStandardIssuance):
            return False
        if unit.issuance_key is not None:
            return bool(unit.issuance_key == issuance.key)
        return None if unit.project_key == issuance.project_key else False

    async def _issuances(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]:
        asks = credit_asks(question)
        if len(asks) == 1:
            (ask,) = asks
            at_once = 0 if ask.query else _at_once(source)
            # The blocks of one project are read whole, unless they are very many.
            async for page in streamed(source, ask, token, WHOLE if ask.keeps else at_once):
                yield page
            return
        records = [found for ask in asks for found in await whole(source, ask)]
        yield Page(records, total=len(records))


async def _project(source: Source, key: str) -> list[GoldStandardProject]:
    return await _until(source, one_project(key), GoldStandardProject, {key})


async def _units_by_key(source: Source, keys: Sequence[str]) -> Page:
    """By row id, by serial, or, where many are of one project, out of its list."""
    asks: list[tuple[set[str], Ask[CreditRow] | str]] = []
    serials: dict[str, set[str]] = {}
    projects: dict[str, set[str]] = {}
    others: list[str] = []
    for key in keys:
        serial, _ = parted(key)
        if is_row_id(key):
            asks.append(({key}, key))
        elif is_serial(serial):
            serials.setdefault(serial, set()).add(key)
            projects.setdefault(project_of_serial(serial) or serial, set()).add(serial)
        else:
            others.append(key)
    for project, asked in projects.items():
        if len(asked) >= TOGETHER:
            wanted = set().union(*(serials[serial] for serial in asked))
            asks.append((wanted, of_project(project)))
        else:
            asks += [(serials[serial], of_serial(serial)) for serial in sorted(asked)]

    async def read(ask: tuple[set[str], Ask[CreditRow] | str]) -> list[GoldStandardUnit]:
        meant, where = ask
        if isinstance(where, str):
            return await _by_row_id(source, where)
        return await _until(source, where, GoldStandardUnit, meant)

    return await one_by_one(((tuple(ask[0]), ask) for ask in asks), read, others)


async def _issuances_by_key(source: Source, keys: Sequence[str]) -> Page:
    """Out of the list of each project."""
    of: dict[str | None, list[str]] = {}
    for key in keys:
        of.setdefault(project_of_issuance(key), []).append(key)
    others = of.pop(None, [])

    async def read(project: str) -> list[GoldStandardIssuance]:
        return [r for r in await whole(source, of_project(project)) if r.key in keys]

    return await one_by_one(((some, one) for one, some in of.items() if one), read, others)


def _at_once(source: Source) -> int:
    """How long a list of blocks may be that is read whole for its issuances' totals."""
    text = source.options.get(AT_ONCE, INFO.options[AT_ONCE])
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ConfigError(f"registries.{source.registry}.options.{AT_ONCE} must be a whole number")
    return int(text)


async def _pages(
    source: Source,
    asks: Sequence[Ask[R]],
    view: Callable[[R, Origin, int], Record[Any]],
    size: int,
    token: str | None,
    note: str | None = None,
) -> AsyncIterator[Page]:
    first, at = lists.resume(token, len(asks))
    for number in range(first, len(asks)):
        async for step in walk(source, asks[number], place(at, size)):
            origin = Origin(source.registry, step.source)
            yield Page(
                [view(row, origin, index) for index, row in step.rows],
                token=lists.token(number, step.place),
                next=lists.following(number, len(asks), step.next),
                total=step.total if len(asks) == 1 else None,
                warnings=(note,) if note else (),
            )
        at = None


async def _until(
    source: Source,
    ask: Ask[R],
    view: Callable[[R, Origin, int], Record[Any]],
    keys: set[str],
) -> list[Any]:
    """The meant rows whose records have the keys, or had them before, reading no further than the
    last of them; what more than one may have is read to the end."""
    found: dict[str, Record[Any]] = {}
    async for step in walk(source, ask, Place(size=CREDIT_SIZE)):
        origin = Origin(source.registry, step.source)
        for index, row in step.rows:
            record = view(row, origin, index)
            if record.key in keys or not keys.isdisjoint(record.former_keys):
                found.setdefault(record.key, record)
        if keys <= found.keys():
            break
    return list(found.values())


async def _by_row_id(source: Source, key: str) -> list[GoldStandardUnit]:
    """The block of that row id, unless its serial is its key."""
    request = Request(f"/credits/{key}", allowed=frozenset((404,)))
    answer = await source.read(request, read_credit)
    if answer.value is None:
        return []
    if answer.value.id != key:
        told = f"asked for the row {key}, given another"
        raise AnotherRecord(told, source=answer.source)
    if unit_key(answer.value) != key:
        return []
    return [GoldStandardUnit(answer.value, Origin(source.registry, answer.source))]


adapter = GoldStandard()
