"""Puro.earth: projects, issuances, and the blocks that were retired.

Source: https://registry.puro.earth, whose pages hold their data as JSON for their own scripts.
There is no interface: no paging, no filters, no totals. Quirks:

- Each list is one page: `/projects`, `/issuances`, `/retirements` (the last some 5 MB).
- `countryCode` `NA` is Namibia, and must not be read as "no value".
- A transaction has one or several bundles; each bundle of a retirement is a unit of its own.
- A beneficiary may ask to stay hidden until a day: the name is null until then.
- Projects have no status: only certified ones are listed.
- Withdrawals show only as marks on issuances, without amounts, and what is still held not at
  all: units are the retired blocks, and nothing is said of the rest.

Personal data: a beneficiary may be a person who is named in the public retirement statement;
nothing else is. Not decoded: labels' inner records, rules' addresses, GSRN numbers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar

from adapters.below import below
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
from adapters.puro_rows import (
    BundleRow,
    RetiredRow,
    RetirementDetails,
    TransactionRow,
    is_serial,
    project_code,
    read_issuances,
    read_projects,
    read_retirements,
)
from adapters.puro_views import CODE, SERIAL, PuroIssuance, PuroProject, PuroUnit
from adapters.rows import placed
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.question import Question, about
from gateway.model.record import Origin, Record

INFO = RegistryInfo(
    key="puro",
    name="Puro.earth",
    operator="Puro.earth Oy",
    url="https://registry.puro.earth",
    base_url="https://registry.puro.earth",
    terms="Public pages without an account; no licence is stated with the data.",
    attribution="Puro Registry",
    known_as=("Puro.earth", "Puro Registry", "Puro Standard", "Puro"),
    schemes=(CODE, SERIAL),
    codes={
        CODE: Code(Entity.PROJECT, "990003"),
        SERIAL: Code(
            Entity.UNIT,
            "PURO_PR_CORC100+_NA_990003_2018_00000000-0000-4000-8000-000000060005_1-490",
        ),
    },
    verified="2026-08-05",
    notes="Held and withdrawn blocks are not published as rows: units are retired blocks.",
)

T = TypeVar("T")

# Whole lists in one call: any number of keys or parents costs the same.
_MANY = 100_000
_NO_DETAILS = RetirementDetails()


def _whole(*parents: Entity, rows: int) -> Collection:
    return Collection(
        parents=frozenset(parents),
        parents_per_call=_MANY,
        keys_per_call=_MANY,
        totals=True,
        page_size=rows,
        full_scan_calls=1,
        expected=about(rows),
    )


class Puro:
    """The Puro registry."""

    politeness = Politeness(
        rate=1, period=2, concurrency=2, fresh_for=600, timeout=60, max_bytes=32 * 1024 * 1024
    )
    # 118 projects, 583 issuances and 2,099 retired bundles on 2026-08-05.
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: _whole(rows=150),
        Entity.ISSUANCE: _whole(Entity.PROJECT, rows=600),
        Entity.UNIT: _whole(Entity.PROJECT, Entity.ISSUANCE, rows=2_100),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (PuroProject,),
        Entity.ISSUANCE: (PuroIssuance,),
        Entity.UNIT: (PuroUnit,),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """One page: the whole list, or the children of the asked parents.

        Raises:
            BadCursor: there is a token; each list is one page.
        """
        if token:
            raise BadCursor("the cursor does not belong to this registry's paging")
        records = await _records(source, question.entity)
        if question.parent is not None:
            records = below(records, question.parent)
        yield Page(records, total=len(records))

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by code, issuances by transaction, units by serial."""
        if not keys:
            return Page(())
        wanted = frozenset(keys)
        return Page([r for r in await _records(source, entity) if r.key in wanted])

    def project_key(self, text: str) -> str | None:
        """`583695`, also for `PURO-583695`."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Project codes and serials."""
        text = value.strip()
        if scheme == SERIAL:
            return (Entity.UNIT, text) if is_serial(text) else None
        key = project_code(text) if scheme == CODE else None
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        """Whether the unit's serial holds the issuance's transaction."""
        return isinstance(unit, PuroUnit) and unit.issuance_key == issuance.key


async def _records(source: Source, entity: Entity) -> list[Record[Any]]:
    if entity is Entity.PROJECT:
        projects, origin = await _read(source, "projects", read_projects)
        return [PuroProject(row, origin, i) for i, row in placed(projects)]
    if entity is Entity.ISSUANCE:
        issued, origin = await _read(source, "issuances", read_issuances)
        return [PuroIssuance(row, origin, i) for i, row in placed(issued)]
    retired, origin = await _read(source, "retirements", read_retirements)
    return [
        PuroUnit(_retired(row, bundle), origin, f"{i}/bundles/{place}")
        for i, row in placed(retired)
        for place, bundle in placed(row.bundles)
    ]


async def _read(
    source: Source, path: str, decode: Callable[[Reply], list[T]]
) -> tuple[list[T], Origin]:
    answer = await source.read(Request(f"/{path}", accept="text/html"), decode)
    return answer.value, Origin(source.registry, answer.source, "/data")


def _retired(row: TransactionRow, bundle: BundleRow) -> RetiredRow:
    return RetiredRow(bundle, row, row.retirement_details or _NO_DETAILS)


adapter = Puro()
