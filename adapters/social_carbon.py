"""Social Carbon: projects, issuances, retirements and cancellations of the SOCIALCARBON Standard.

Source: https://registry.socialcarbon.org/api/1.1/obj/{project|issuance|retirement|cancellations}
(Bubble's Data API: JSON over GET, open). Quirks:

- Pages hold at most 100 rows, whatever is asked; `remaining` says how many follow. A constraint
  on a column that does not exist is a 404.
- "Project ID" is not unique (SOCIALCARBON-19 is two projects), and one serial has been retired
  twice. So every key is the row's own `_id`, units' too, and no row hides another.
- An issuance is a request until it is approved and complete; requests are left out. The day of
  issuance stands in the batch's stamp; the row was made when it was asked for.
- What is held by whom is not published: units are retirements and cancellations. The `asset`
  list repeats issuances, with deposits of other registries among them, and is not read.
- Rows before 2025 say beneficiary and purpose in their notes alone ("Beneficiary: ..., Purpose:
  ..."). "TBC" and "TBD" stand for a validator that there is none of yet.
- Dates of periods are midnights at the place of whoever filled in the form: 22:00 in UTC is the
  next day. They are read as the nearest day.
- Serials say day, month and year: SCU-SOCIALCARBON-8-USA-2023-09042024101700-2-11.

Personal data: accounts ("Created By", "Retiree_ID", "Project Proponent(s)",
"Listed_Status_Approver") are not decoded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

from adapters import lists
from adapters.contract import (
    Code,
    Collection,
    InvalidPayload,
    Page,
    Politeness,
    RegistryInfo,
    Reply,
    Request,
    Source,
)
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.social_carbon_rows import (
    CANCELLATION,
    ISSUANCE,
    PROJECT,
    RETIREMENT,
    Kind,
    as_written,
    block,
    is_id,
    project_code,
)
from adapters.social_carbon_views import (
    CODE,
    SERIAL,
    SocialCarbonCancellation,
    SocialCarbonIssuance,
    SocialCarbonProject,
    SocialCarbonRetirement,
    is_issued,
)
from adapters.social_carbon_walk import MOST, Ask, Place, Step, place, walk
from adapters.trouble import meant
from gateway.errors import RegistryError
from gateway.harmonise.statuses import SOCIAL_CARBON_PROJECT
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Question, about, pushdown
from gateway.model.record import Origin, Record

INFO = RegistryInfo(
    key="social-carbon",
    name="Social Carbon",
    operator="Social Carbon Foundation",
    url="https://registry.socialcarbon.org",
    base_url="https://registry.socialcarbon.org",
    terms="Public without an account; no licence is stated with the interface.",
    attribution="Social Carbon Registry",
    known_as=("Social Carbon", "SOCIALCARBON", "Social Carbon Registry", "SOCIALCARBON Standard"),
    schemes=(CODE, SERIAL),
    codes={
        CODE: Code(Entity.PROJECT, "SOCIALCARBON-9004", search="project_id"),
        SERIAL: Code(
            Entity.UNIT,
            "SC-SCU - Removal-SOCIALCARBON-9004-Brazil-2018-09062019101700-1-3476",
            search="unit_serial_id",
        ),
    },
    by_code={Entity.PROJECT: "project_id", Entity.UNIT: "unit_serial_id"},
    verified="2026-08-04",
    notes="Units are retirements and cancellations: who holds what is not published.",
)

# Reading a list costs a call per 100 rows, asking for a row by id one or two.
TOGETHER = 3

_CODE = pushdown(Op.EQ, exact=False)
_VIEWS: dict[Kind[Any], type[Record[Any]]] = {
    PROJECT: SocialCarbonProject,
    ISSUANCE: SocialCarbonIssuance,
    RETIREMENT: SocialCarbonRetirement,
    CANCELLATION: SocialCarbonCancellation,
}
_KINDS: dict[Entity, tuple[Kind[Any], ...]] = {
    Entity.PROJECT: (PROJECT,),
    Entity.ISSUANCE: (ISSUANCE,),
    Entity.UNIT: (RETIREMENT, CANCELLATION),
}
_STATE = {RETIREMENT: UnitStatus.RETIRED, CANCELLATION: UnitStatus.CANCELLED}

_MEANINGS = {
    404: "it has no such list, or no field of a name that was asked for; they may have changed",
}


class SocialCarbon:
    """The Social Carbon registry."""

    politeness = Politeness(rate=1, period=1, concurrency=2, fresh_for=300)
    # Counts of August 2026: 19 projects, 17 issuances, 81 retirements, 2 cancellations.
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: Collection(
            filters={
                "project_id": _CODE,
                "origin_project_id": _CODE,
                "project_status": pushdown(Op.EQ, Op.IN, exact=False, most=13),
            },
            totals=True,
            page_size=MOST,
            full_scan_calls=1,
            expected=about(19),
        ),
        Entity.ISSUANCE: Collection(
            parents=frozenset((Entity.PROJECT,)),
            page_size=MOST,
            full_scan_calls=1,
            expected=about(17),
        ),
        Entity.UNIT: Collection(
            filters={
                "unit_status": pushdown(Op.EQ, Op.IN, most=10),
                "unit_serial_id": _CODE,
            },
            parents=frozenset((Entity.PROJECT,)),
            page_size=MOST,
            full_scan_calls=2,
        ),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        entity: tuple(_VIEWS[kind] for kind in kinds) for entity, kinds in _KINDS.items()
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Pages in the registry's own order, list after list."""
        asks = _asks(question)
        if not asks:
            yield Page((), total=0)
            return
        first, rest = lists.resume(token, len(asks))
        size = max(10, min(question.want, MOST))
        for number in range(first, len(asks)):
            async for step in walk(source, asks[number], place(rest), size):
                yield Page(
                    _records(source, asks[number], step),
                    token=lists.token(number, step.place),
                    next=lists.following(number, len(asks), step.next),
                    total=step.total if len(asks) == 1 else None,
                )
            rest = None

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Rows by `_id`: one by one, or, where that is more calls, out of the lists."""
        wanted = {key for key in keys if is_id(key)}
        if len(wanted) <= TOGETHER:
            asks = (((key,), (_KINDS[entity], key)) for key in sorted(wanted))
            return await one_by_one(asks, partial(_any, source), set(keys) - wanted)
        found: dict[str, Record[Any]] = {}
        for kind in _KINDS[entity]:
            async for step in walk(source, _all(kind), Place(), MOST):
                records = _records(source, _all(kind), step)
                found.update((r.key, r) for r in records if r.key in wanted)
                if len(found) == len(wanted):
                    break
        return Page(list(found.values()))

    def trouble(self, reply: Reply) -> RegistryError | None:
        """A constraint on a field that is not there."""
        return meant(reply, _MEANINGS)

    def project_key(self, text: str) -> str | None:
        """The row's id alone: a public code does not tell one project from another."""
        text = text.strip()
        return text if is_id(text) else None

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """None: neither codes nor serials are unique here. Filter by them."""
        return None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the block lies in the batch; None where a serial cannot be read."""
        if not isinstance(unit, (SocialCarbonRetirement, SocialCarbonCancellation)):
            return False
        if not isinstance(issuance, SocialCarbonIssuance):
            return False
        part, whole = block(unit.unit_serial_id), block(issuance.unit_serial_id)
        if unit.project_key != issuance.project_key:
            return False
        if part is None or whole is None:
            return None
        return part[0] == whole[0] and whole[1] <= part[1] <= part[2] <= whole[2]


def _all(kind: Kind[Any]) -> Ask[Any]:
    return Ask(kind, keeps=is_issued if kind is ISSUANCE else None)


def _asks(question: Question) -> list[Ask[Any]]:
    """The lists to read; none where nothing can match."""
    kinds = _KINDS[question.entity]
    if question.entity is Entity.PROJECT:
        return _project_asks(question)
    for asked in question.predicates:
        if asked.field == "unit_status":
            kinds = tuple(kind for kind in kinds if _STATE[kind] in asked.values())
    serial = question.where("unit_serial_id")
    text = str(serial.value).strip() if serial else ""
    if question.parent is not None:
        keys = [key for key in question.parent.keys if is_id(key)]
        return [_of_project(kind, key) for kind in kinds for key in keys]
    if as_written(text):
        return [
            Ask(kind, "Serial Numbers", text, lambda row: bool(row.serial == text))
            for kind in kinds
        ]
    return [_all(kind) for kind in kinds]


def _of_project(kind: Kind[Any], key: str) -> Ask[Any]:
    keeps = is_issued if kind is ISSUANCE else None
    return Ask(kind, "Project", key, lambda row: bool(row.project == key), keeps)


def _project_asks(question: Question) -> list[Ask[Any]]:
    """A status is asked for as "none of the other words": a word that no table knows comes as
    well, and whether it is meant is not decided by leaving it out."""
    for name in ("project_id", "origin_project_id"):
        asked = question.where(name)
        text = str(asked.value).strip().upper() if asked else ""
        if text and project_code(text) == text:
            return [_with_code(text)]
    statuses = [p.values() for p in question.predicates if p.field == "project_status"]
    others = tuple(
        text
        for text, status in SOCIAL_CARBON_PROJECT.entries.items()
        if not all(status in values for values in statuses)
    )
    return [_with_status_but(others)] if others else [Ask(PROJECT)]


def _with_code(code: str) -> Ask[Any]:
    return Ask(PROJECT, "Project ID", code, lambda row: bool(row.code == code))


def _with_status_but(texts: tuple[str, ...]) -> Ask[Any]:
    return Ask(PROJECT, "Project Status", texts, lambda row: row.status not in texts)


def _records(source: Source, ask: Ask[Any], step: Step[Any]) -> list[Record[Any]]:
    origin = Origin(source.registry, step.source, "/response/results")
    view = _VIEWS[ask.kind]
    return [view(row, origin, index) for index, row in step.rows]


async def _any(source: Source, ask: tuple[Sequence[Kind[Any]], str]) -> list[Record[Any]]:
    """The row of that id, of whichever kind it is."""
    kinds, key = ask
    odd: RegistryError | None = None
    for kind in kinds:
        try:
            record = await _one(source, kind, key)
        except InvalidPayload as error:
            odd = error
            continue
        if record is not None:
            return [record]
    if odd is not None:
        raise odd
    return []


async def _one(source: Source, kind: Kind[Any], key: str) -> Record[Any] | None:
    request = Request(f"{kind.path}/{key}", allowed=frozenset((404,)))
    answer = await source.read(request, kind.read_one)
    row = answer.value
    if row is None or (kind is ISSUANCE and not is_issued(row)):
        return None
    if row.id != key:
        raise AnotherRecord("the registry answered with another row", source=answer.source)
    return _VIEWS[kind](row, Origin(source.registry, answer.source, "/response"))


adapter = SocialCarbon()
