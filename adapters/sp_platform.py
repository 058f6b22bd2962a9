"""The S&P Global registry platform: one adapter class for all of its tenants.

Source: https://registry.verra.org and https://registry.spglobal.com, the JSON interface that the
platform's own front end reads without an account. What a tenant is: a `registry` header, one or
more standards (each a `standardid` header), and the record views that its rows fill. Quirks:

- without the identity headers every call is a plain HTTP 500; with a wrong `standardid` every
  ledger is empty, with status 200;
- filter types other than equality and lists of texts are ignored, and the whole ledger comes;
- more than 400 rows a page or a start beyond 10,000 is HTTP 500; without sorting by `entityId`
  rows come twice and others never;
- unknown paths answer with the front end's page and status 200;
- retirements carry a person's address in `emailNotification`: it is not decoded.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.contract import InvalidPayload, Page, Politeness, RegistryInfo, Reply, Request, Source
from adapters.sp_plan import (
    STATUS,
    UNIT_LEDGERS,
    Step,
    collections,
    of_projects,
    of_serials,
    of_vintages,
    spellings,
    unit_steps,
)
from adapters.sp_rows import Ledger, decode_standards
from adapters.sp_search import Criterion, Search, Standard, merged, page_size, standard
from adapters.sp_serials import parse_serial
from adapters.sp_walk import Walk
from adapters.trouble import meant
from gateway.errors import RegistryError
from gateway.harmonise import countries
from gateway.harmonise.statuses import VERRA_UNIT
from gateway.harmonise.table import Table, fold
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Predicate, Question
from gateway.model.record import Record

BASE_URL = "https://prod-us.api.platts.com/ci-raas-prod"
POLITENESS = Politeness(rate=50, period=60.0, burst=5, concurrency=4, fresh_for=300.0, timeout=20.0)
EXPECT_ROWS = "expect_rows"
_NUMBER = re.compile(r"([0-9]{1,18})")


def identity(
    registry: str, site: str, standard: tuple[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """The headers that choose a tenant, and its standard (id and acronym) where it is but one."""
    chosen = (("standardid", standard[0]), ("standardacronym", standard[1])) if standard else ()
    return (
        ("registry", registry),
        *chosen,
        ("language", "en"),
        ("application", "Markit"),
        # What the front end sends to itself, the same for everybody: no session, no secret.
        ("x-xsrf-token", "t20"),
        ("cookie", "XSRF-TOKEN=t20"),
        ("origin", site),
        ("referer", f"{site}/"),
    )


@dataclass(frozen=True, slots=True)
class Tenant:
    """What makes one registry of the platform; `views` also says which ledgers it publishes.

    `standards` is empty where no `standardid` is known: they are then read from the tenant's own
    list. `statuses` reads a project's status. `code` is a pattern of the public spellings of a
    project number, with the number as its last group. `rows` is how many rows a ledger had when
    it was counted.
    """

    registry: str
    standards: tuple[Standard, ...]
    views: Mapping[Ledger, type[Record[Any]]]
    statuses: Table[ProjectStatus]
    code: re.Pattern[str] = _NUMBER
    schemes: Mapping[str, Entity] = field(default_factory=dict)
    rows: dict[Ledger, int] = field(default_factory=dict)


# The platform does not say which of these it was.
_MEANINGS = {
    400: "an identity header is missing; the registry's `headers` set them",
    500: "it answers so where an identity header is missing, and to pages of more than 400 rows "
    "or beyond row 10,000",
}


class Platform:
    """The adapter of one tenant."""

    politeness = POLITENESS

    def __init__(self, info: RegistryInfo, tenant: Tenant) -> None:
        self.info = info
        self.tenant = tenant
        views = tenant.views
        self.collections = collections(views, tenant.rows)
        self.views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
            Entity.PROJECT: (views[Ledger.PROJECT],),
            Entity.ISSUANCE: (views[Ledger.ISSUANCES],),
            Entity.UNIT: tuple(views[ledger] for ledger in UNIT_LEDGERS if ledger in views),
        }

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        steps = self._steps(question)
        if question.entity is Entity.PROJECT:
            steps = await self._vocabulary(source, question, steps)
        elif question.entity is Entity.UNIT:
            steps = [await self._held(source, step) for step in steps]
        walk = await self._walk(source, steps)
        limit = page_size(400 if question.parent else question.want)
        async for page in walk.pages(token, limit):
            yield page

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        wanted = set(keys)
        size = self.collections[entity].keys_per_call
        found: list[Record[Any]] = []
        # One serial may stand in several ledgers, so that none of them is passed over.
        for ledger in self._ledgers(entity):
            walk = await self._walk(source, _named(ledger, list(dict.fromkeys(keys)), size))
            found += [record for record in await walk.everything() if record.key in wanted]
        return Page(found, total=len(found))

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The platform has one answer for headers that are missing and for pages out of bounds."""
        return meant(reply, _MEANINGS)

    def project_key(self, text: str) -> str | None:
        found = self.tenant.code.fullmatch(text.strip())
        if found is None:
            return None
        return str(int(found[found.lastindex or 0]))

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        entity = self.tenant.schemes.get(scheme)
        if entity is None:
            return None
        if entity is Entity.PROJECT:
            key = self.project_key(value)
            return None if key is None else (entity, key)
        value = value.strip()
        return (entity, value) if parse_serial(value) else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the unit's serial lies in the issuance's block; None where one cannot be read."""
        if getattr(unit, "project_key", None) != getattr(issuance, "project_key", None):
            return False
        block = parse_serial(getattr(unit, "unit_serial_id", None))
        whole = parse_serial(getattr(issuance, "unit_serial_id", None))
        return None if block is None or whole is None else whole.holds(block)

    def _view(self, search: Search) -> type[Record[Any]]:
        return self.tenant.views[search.ledger]

    async def _walk(self, source: Source, steps: Sequence[Step]) -> Walk:
        expected = frozenset(source.options.get(EXPECT_ROWS, "").split())
        standards = await self._standards(source) if steps else ()
        searches = [
            Search(chosen, ledger, criteria) for chosen in standards for ledger, criteria in steps
        ]
        return Walk(source, searches, self._view, expected)

    def _ledgers(self, entity: Entity) -> list[Ledger]:
        if entity is Entity.UNIT:
            return [ledger for ledger in UNIT_LEDGERS if ledger in self.tenant.views]
        return [Ledger.PROJECT if entity is Entity.PROJECT else Ledger.ISSUANCES]

    def _steps(self, question: Question) -> list[Step]:
        """The ledgers to read and what is asked of each; none where nothing can match."""
        if question.entity is Entity.UNIT:
            steps = unit_steps(self._ledgers(Entity.UNIT), question.where("unit_status"))
        else:
            steps = [(self._ledgers(question.entity)[0], ())]
        found: list[Step] = []
        for ledger, criteria in steps:
            asked = self._criteria(question, ledger)
            narrowed = None if asked is None else merged((*criteria, *asked))
            if narrowed is not None:
                found.append((ledger, narrowed))
        return found

    def _criteria(self, question: Question, ledger: Ledger) -> list[Criterion] | None:
        made: list[Criterion | None] = []
        if question.parent is not None:
            made.append(of_projects(question.parent.keys))
        for predicate in question.predicates:
            if predicate.field in ("project_id", "project.project_id"):
                keys = (self.project_key(str(value)) for value in predicate.values())
                made.append(of_projects(key for key in keys if key))
            elif predicate.field in ("unit_serial_id", "issuance_id"):
                serials = [str(value) for value in predicate.values() if str(value).strip()]
                made.append(of_serials(ledger, serials) if serials else None)
            elif predicate.field == "vintage_year":
                made.append(of_vintages(int(value) for value in predicate.values()))
        criteria = [criterion for criterion in made if criterion is not None]
        return criteria if len(criteria) == len(made) else None

    async def _vocabulary(
        self, source: Source, question: Question, steps: list[Step]
    ) -> list[Step]:
        """Adds what is asked about statuses and countries, in the registry's own spellings."""
        status, country = question.where("project_status"), question.where("country")
        for column, table, predicate in (
            ("status", self.tenant.statuses, status),
            ("countryName", countries.table(), country),
        ):
            if predicate is not None and steps:
                steps = await self._spelled(source, steps, column, table, predicate)
        return steps

    async def _spelled(
        self,
        source: Source,
        steps: list[Step],
        column: str,
        table: Table[Any],
        predicate: Predicate,
    ) -> list[Step]:
        """The steps narrowed by the texts that mean the wanted values.

        A spelling that we do not know would lose rows. So the registry is asked how many rows
        have any text of the table: unless all have, it is not narrowed at all.
        """
        texts = spellings(table, _meant(table, predicate))
        if not texts:
            return []
        if not await self._all_known(source, (Ledger.PROJECT, ()), column, table):
            return steps
        narrowing = Criterion(column, texts, exact=False)
        return [(ledger, (*criteria, narrowing)) for ledger, criteria in steps]

    async def _held(self, source: Source, step: Step) -> Step:
        """The step, without what narrows a ledger of units to some statuses where some of its rows
        have one that we do not know."""
        ledger, criteria = step
        others = tuple(criterion for criterion in criteria if criterion.field != STATUS)
        if others == criteria or await self._all_known(
            source, (ledger, others), STATUS, VERRA_UNIT
        ):
            return step
        return ledger, others

    async def _all_known(self, source: Source, step: Step, column: str, table: Table[Any]) -> bool:
        """Whether all rows have a text of the table in the column: by two counts a standard."""
        ledger, criteria = step
        every = Criterion(column, spellings(table), exact=False)
        walk = await self._walk(source, [step])
        for chosen in await self._standards(source):
            known = await walk.count(Search(chosen, ledger, (*criteria, every)))
            if known < await walk.count(Search(chosen, ledger, criteria)):
                return False
        return True

    async def _standards(self, source: Source) -> tuple[Standard, ...]:
        """The tenant's standards, with the headers that choose them."""
        if self.tenant.standards:
            return self.tenant.standards
        path = f"/cms-resources/public/standardsByRegistry/{self.tenant.registry}"
        published = (await source.read(Request(path), decode_standards)).value
        if not published:
            raise InvalidPayload(
                f"the platform lists no standards of {self.tenant.registry}",
                registry=source.registry,
            )
        return tuple(standard(p.metaData or p.name or "", str(p.id)) for p in published)


def _meant(table: Table[Any], predicate: Predicate) -> set[Any]:
    """The table's values that the predicate accepts; text ignores case, as everywhere."""
    wanted = {fold(v) if isinstance(v, str) else v for v in predicate.values()}
    values = set(table.entries.values())
    return {v for v in values if (fold(v) if isinstance(v, str) else v) in wanted}


def _named(ledger: Ledger, keys: Sequence[str], size: int) -> list[Step]:
    """The searches that find the rows of these keys in a ledger."""
    steps: list[Step] = []
    if ledger is Ledger.PROJECT:
        for at in range(0, len(keys), size):
            criterion = of_projects(keys[at : at + size])
            if criterion is not None:
                steps.append((ledger, (criterion,)))
        return steps
    serials = [key for key in keys if parse_serial(key)]
    chunks = (serials[at : at + size] for at in range(0, len(serials), size))
    steps += [(ledger, (of_serials(ledger, chunk),)) for chunk in chunks]
    # Rows without a range in their serial go by the platform's row number.
    numbers = [key for key in keys if _NUMBER.fullmatch(key)]
    steps += [(ledger, (Criterion("entityId", (key,), "Number"),)) for key in numbers]
    return steps
