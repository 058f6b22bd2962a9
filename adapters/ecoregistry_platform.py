"""EcoRegistry's platform: what its standards have in common, as one adapter with two faces.

Source: https://api-front.ecoregistry.io/platform (JSON over GET, open), behind
https://www.ecoregistry.io and https://registry.cercarbono.com. There is no published
specification of it. Quirks:

- The headers `platform` and `lng` are demanded. Without them the answer has the HTTP status 200
  and says ERROR_401; a strange `Origin` gives a 500.
- Each list is one body, without pages and filters. Issuances and retirements come for all
  standards at once, and are told apart by the projects of one standard's list.
- A project has a public code and an internal number, which do not agree (`CDC-271` is 274).
- Sectors and methodologies are repeated for every verification. Regions read `Worldwide` where
  none was entered.
- A serial has no range: its middle parts are taken for opaque. The same issuance may be listed
  under two revisions of its serial (`_R6_`, `_R7_`), which is told as a warning.
- The list of issuances leaves out projects that were converted from another registry, and says
  so nowhere: where a project's own row names serials, a warning tells that they are missing.
- Retirements may count in kilograms. There is no list of cancellations, nor of what is still
  held: units are what was retired, and what was issued to the buffer.

Not decoded: owners' and developers' numbers, `country_final_user` (of the beneficiary, who owns
nothing any more), eligibility for the Colombian carbon tax (no label), images, documents, stages
by date, `certificatedVerification` (totals per verification), public consultations, insurances.
Personal data: none known but beneficiaries that are persons.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.below import below
from adapters.contract import Collection, Page, Politeness, RegistryInfo, Reply, Request, Source
from adapters.ecoregistry_rows import (
    DetailRow,
    Issued,
    Project,
    ProjectRow,
    Retired,
    read_analytics,
    read_detail,
    read_projects,
    read_retirements,
    unrevised,
)
from adapters.ecoregistry_views import (
    PlatformBuffered,
    PlatformIssuance,
    PlatformProject,
    PlatformRetired,
)
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.rows import placed
from adapters.trouble import meant
from gateway.errors import BadCursor, InvalidPayload, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Origin, Record

BASE_URL = "https://api-front.ecoregistry.io/platform"
HEADERS = (("platform", "ecoregistry"), ("lng", "en"), ("origin", "https://www.ecoregistry.io"))

# Whole lists in one call: any number of keys or parents costs the same.
_MANY = 100_000
_NO_DETAIL = DetailRow()
_BUFFERED, _RETIRED = "0", "1"


@dataclass(frozen=True, slots=True)
class Standards:
    """Which of the platform's standards a registry is, and the records it gives.

    `path` lists the projects; `ours` tells them where that list holds others too. `codes` reads
    any public spelling of a project's code, `serials` those of its serials. `unit` is what the
    list says that a credit is, empty where it may be anything.
    """

    path: str
    project: type[PlatformProject]
    issuance: type[PlatformIssuance]
    buffered: type[PlatformBuffered]
    retired: type[PlatformRetired]
    code_scheme: str
    codes: Callable[[str], str | None]
    ours: Callable[[ProjectRow], bool] = lambda row: True
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The registry's projects by their internal number, each with its place in the list."""

    by_id: Mapping[int, tuple[int, ProjectRow]]
    origin: Origin


_MEANINGS = {
    500: "it answers so to an `Origin` that is not its own site's; the registry's `headers` set it",
}


class Platform:
    """The adapter of one registry on the platform."""

    politeness = Politeness(
        rate=1, period=1, concurrency=2, fresh_for=600, timeout=60, max_bytes=32 * 1024 * 1024
    )
    # 231 projects, 2,529 issuances and 9,350 retirements in July 2026.
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: Collection(totals=True, page_size=250, full_scan_calls=1),
        Entity.ISSUANCE: Collection(
            parents=frozenset((Entity.PROJECT,)),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            totals=True,
            page_size=2_600,
            full_scan_calls=2,
        ),
        Entity.UNIT: Collection(
            parents=frozenset((Entity.PROJECT, Entity.ISSUANCE)),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            page_size=1_200,
            full_scan_calls=3,
        ),
    }

    def __init__(self, info: RegistryInfo, standards: Standards) -> None:
        self.info = info
        self.standards = standards
        self.views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
            Entity.PROJECT: (standards.project,),
            Entity.ISSUANCE: (standards.issuance,),
            Entity.UNIT: (standards.buffered, standards.retired),
        }

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Whole lists; units are those in the buffer, then the retired ones.

        Raises:
            BadCursor: the token is no place of this registry's paging.
        """
        if question.entity is not Entity.UNIT:
            if token:
                raise BadCursor("the cursor does not belong to this registry's paging")
            yield await self._page(source, question)
            return
        if token not in (None, "", _BUFFERED, _RETIRED):
            raise BadCursor("the cursor does not belong to this registry's paging")
        listed = await self._listed(source)
        if token != _RETIRED:
            buffered = await self._buffered(source, listed)
            kept = below(buffered, question.parent)
            yield Page(kept, token=_BUFFERED, next=_RETIRED)
        retired = await self._retired(source, listed)
        yield Page(below(retired, question.parent), token=_RETIRED)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, with their details; issuances by serial, units by number or serial."""
        wanted = frozenset(keys)
        found: list[Record[Any]] = []
        if wanted:
            async for page in self.pages(source, Question(entity)):
                found += [record for record in page.records if record.key in wanted]
        if entity is not Entity.PROJECT:
            return Page(found)
        others = wanted.difference(record.key for record in found)
        asks = (((record.key,), record) for record in found)
        return await one_by_one(asks, partial(self._detailed, source), others)

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The platform breaks on an `Origin` that is not its own site's."""
        return meant(reply, _MEANINGS)

    def project_key(self, text: str) -> str | None:
        """The code in its own spelling."""
        return self.standards.codes(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes. A serial names an issuance, of which any number may be used."""
        key = self.standards.codes(value) if scheme == self.standards.code_scheme else None
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        """Whether the unit's serial is the issuance's."""
        return getattr(unit, "issuance_key", None) == issuance.key

    async def _page(self, source: Source, question: Question) -> Page:
        listed = await self._listed(source)
        if question.entity is Entity.PROJECT:
            view = self.standards.project
            projects = [
                view(Project(row, _NO_DETAIL), listed.origin, place)
                for place, row in listed.by_id.values()
            ]
            return Page(projects, total=len(projects))
        issued = await self._issued(source, listed)
        origin = issued.origin
        records: list[Record[Any]] = [
            self.standards.issuance(row, origin, place) for place, row in issued.rows
        ]
        kept = below(records, question.parent)
        return Page(kept, total=len(kept), warnings=issued.warnings)

    async def _listed(self, source: Source) -> Listed:
        answer = await source.read(Request(self.standards.path), read_projects)
        if self.standards.unit and answer.value.creditUnit != self.standards.unit:
            raise InvalidPayload(f"credits are {answer.value.creditUnit!r}")
        found: dict[int, tuple[int, ProjectRow]] = {}
        for place, row in placed(answer.value.projects or ()):
            if self.standards.ours(row) and found.setdefault(row.id, (place, row))[1] is not row:
                raise InvalidPayload(f"the list has the project {row.id} twice")
        return Listed(found, Origin(source.registry, answer.source, "/projects"))

    async def _issued(self, source: Source, listed: Listed) -> _Issuances:
        answer = await source.read(Request("/analytics/projects"), read_analytics)
        rows: list[tuple[str, Issued]] = []
        told: set[int] = set()
        for place, analysed in placed(answer.value):
            if analysed.id in listed.by_id:
                told.add(analysed.id)
                _, project = listed.by_id[analysed.id]
                rows += [
                    (f"{place}/serials/{number}", Issued(serial, project))
                    for number, serial in placed(analysed.serials)
                ]
        left_out = [row for _, row in listed.by_id.values() if row.id not in told]
        return _Issuances(
            rows,
            Origin(source.registry, answer.source, "/project"),
            (*_missing(left_out), *_revised(rows)),
        )

    async def _buffered(self, source: Source, listed: Listed) -> list[Record[Any]]:
        issued = await self._issued(source, listed)
        return [
            self.standards.buffered(row, issued.origin, place)
            for place, row in issued.rows
            if row.row.is_buffer and row.row.issued_quantity != 0
        ]

    async def _retired(self, source: Source, listed: Listed) -> list[Record[Any]]:
        answer = await source.read(Request("/analytics/get-retirements"), read_retirements)
        origin = Origin(source.registry, answer.source, "/retirements")
        return [
            self.standards.retired(Retired(row, listed.by_id[row.project_id][1]), origin, i)
            for i, row in placed(answer.value)
            if row.project_id in listed.by_id
        ]

    async def _detailed(self, source: Source, record: Record[Any]) -> list[Record[Any]]:
        listed: ProjectRow = record.row.listed
        answer = await source.read(Request(f"/project/public/{listed.id}"), read_detail)
        detail = answer.value.project
        if detail is None or detail.id != listed.id:
            told = f"asked for the project {listed.id}, given another"
            raise AnotherRecord(told, source=answer.source)
        ratings = tuple(one for some in answer.value.projectRatings for one in some.ratings)
        row = Project(listed, detail, answer.value.locations, ratings)
        return [self.standards.project(row, record.origin, record.place)]


@dataclass(frozen=True, slots=True)
class _Issuances:
    """The registry's issuances, each with its place in the body."""

    rows: Sequence[tuple[str, Issued]]
    origin: Origin
    warnings: tuple[str, ...]


def _missing(projects: Sequence[ProjectRow]) -> list[str]:
    return [
        f"{row.code} names serials of its own, which the registry's list of issuances leaves out"
        for row in projects
        if row.serials
    ]


def _revised(rows: Sequence[tuple[str, Issued]]) -> list[str]:
    """Projects with an issuance that stands in the list under two revisions of its serial."""
    once: dict[tuple[Any, ...], str] = {}
    twice: dict[str, int] = {}
    for _, issued in rows:
        row, code = issued.row, issued.project.code
        same = (code, unrevised(row.serial), row.issued_quantity, row.vintage_of_credits)
        if once.setdefault(same, row.serial) != row.serial:
            twice[code] = twice.get(code, 0) + 1
    return [
        f"{count} of the issuances of {code} stand in the list again under a revised serial"
        for code, count in twice.items()
    ]
