"""Joining a CAD Trust node's flat `/v2` tables: unit -> issuance -> verification -> project.

Child tables take a page and a limit and no filter, so whoever wants the children of many rows
reads a table whole, once; whoever wants those of a few reads row by row.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from adapters.cad_trust_synced import Synced
from adapters.cad_trust_v2_rows import (
    ISSUANCES,
    LABELS,
    LOCATIONS,
    METHODOLOGIES,
    PROJECT_METHODOLOGIES,
    STAKEHOLDERS,
    UNIT_LABELS,
    VALIDATIONS,
    VERIFICATIONS,
    Child,
    IssuanceJoin,
    IssuanceRow,
    LabelJoin,
    Listing,
    MethodologyJoin,
    ProjectJoin,
    ProjectRow,
    UnitJoin,
    UnitRow,
)
from adapters.cad_trust_walk import Rows, broken
from adapters.contract import Answer, InvalidPayload, Request, Source
from adapters.one_by_one import AnotherRecord
from adapters.rows import lost, received
from gateway.errors import RegistryError
from gateway.model.record import Origin

LIMIT = 1000
# Up to so many rows are followed one by one; for more, the tables are read whole.
FEW = 3
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_PUBLIC = frozenset({"page", "limit"})


async def child_page(
    source: Source, table: Child, page: int, limit: int = LIMIT
) -> Answer[Listing[Any]]:
    """One page of a table, in the node's own order.

    Raises:
        InvalidPayload: when the answer is not the page that was asked for.
    """
    query = (("page", str(page)), ("limit", str(limit)))
    answer = await source.read(Request(table.path, query=query, public=_PUBLIC), table.read)
    found = answer.value
    if found.page is None or found.pageCount is None:
        if page > 1:
            raise broken(source, f"{table.path} has no pages, but had one")
        return answer
    rows, last = received(found.data), found.page >= found.pageCount
    if found.page != page or rows > limit or (not last and rows != limit):
        raise broken(source, f"{table.path}: page {found.page} of {found.pageCount}, {rows} rows")
    return answer


async def child_pages(
    source: Source, table: Child, page: int = 1
) -> AsyncIterator[tuple[int, Answer[Listing[Any]], bool]]:
    """Every page of a table from a number on, with its number and whether it is the last.

    Nothing orders such a table, so that rows may move between two reads: some then come twice and
    others never. A table of several pages is held to its number of rows before its last page is
    given, and the node is told to be in doubt where they are not all there.

    Raises:
        InvalidPayload: one page has a key twice.
    """
    first = page
    seen: set[str] = set()
    twice = unread = 0
    while True:
        answer = await child_page(source, table, page)
        keys = [getattr(row, table.key) for row in answer.value.data]
        if len(set(keys)) != len(keys):
            raise broken(source, f"{table.path}: one key came twice on a page")
        twice += len(seen.intersection(keys))
        seen.update(keys)
        unread += len(lost(answer.value.data))
        last = page >= (answer.value.pageCount or 1)
        if isinstance(source, Synced) and page > 1 and (last or twice):
            came = len(seen) + unread
            doubt = await _missing(source, table, first, came, twice, last=last)
            if doubt is not None:
                source.doubt(doubt)
        yield page, answer, last
        if last:
            return
        page += 1


async def _missing(
    source: Source, table: Child, first: int, seen: int, twice: int, *, last: bool
) -> str | None:
    """Why rows of a table of several pages may be missing; None where all of them came."""
    told = f"The node's list {table.path} has no order"
    if twice:
        return f"{told}: {twice} rows came twice on its pages, so that as many may be missing."
    if first > 1:
        return f"{told}, and its first pages were read at another time: rows may be missing."
    # With one row to a page, the number of pages is the number of rows.
    total = (await child_page(source, table, 1, 1)).value.pageCount if last else seen
    if total != seen:
        return f"{told}: {seen} rows came on its pages, where it has {total}."
    return None


def fits_a_path(key: str) -> bool:
    """Whether the key means itself as the last step of a path, in whatever way proxies read it;
    other keys are found in the whole table."""
    return _PLAIN.fullmatch(key) is not None


class Joins:
    """The tables that one question needs, each read at most once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._whole: dict[str, dict[str, Any]] = {}

    async def whole(self, table: Child) -> dict[str, Any]:
        """All rows of a table by their keys, oldest first: the node's own order means nothing."""
        if table.path not in self._whole:
            found: dict[str, Any] = {}
            async for _, answer, _ in child_pages(self._source, table):
                for row in answer.value.data:
                    key = getattr(row, table.key)
                    found.setdefault(key, row)
            oldest = sorted(found, key=lambda key: (found[key].createdAt or "", key))
            self._whole[table.path] = {key: found[key] for key in oldest}
        return self._whole[table.path]

    async def one(self, table: Child, key: str | None) -> Any:
        """One row by its key, None where the table has none."""
        if not key:
            return None
        if table.path in self._whole or not fits_a_path(key):
            return (await self.whole(table)).get(key)
        try:
            rows = (await self.single(table, key)).rows
        except InvalidPayload as odd:
            # Its own answer is none: the table may have it.
            try:
                return (await self.whole(table)).get(key)
            except RegistryError:
                raise odd from None
        return next((row for _, row in rows), None)

    async def single(self, table: Child, key: str) -> Rows:
        """One row read by its key; no rows where the node has none.

        Raises:
            InvalidPayload: the node returns a row of another key.
        """
        request = Request(f"{table.path}/{key}", allowed=frozenset({404}))
        answer = await self._source.read(request, table.read_one)
        row, origin = answer.value, Origin(self._source.registry, answer.source)
        if row is not None and getattr(row, table.key) != key:
            told = f"{table.path}: asked for {key}, got another"
            raise AnotherRecord(told, registry=self._source.registry, source=answer.source)
        return Rows(origin, [] if row is None else [("", row)])

    async def projects(self, rows: Sequence[ProjectRow]) -> list[ProjectJoin]:
        """Projects with what other tables say of them."""
        if not rows:
            return []
        methodologies = await self.whole(METHODOLOGIES)
        links = _by_project((await self.whole(PROJECT_METHODOLOGIES)).values())
        validations = _by_project((await self.whole(VALIDATIONS)).values())
        stakeholders = _by_project((await self.whole(STAKEHOLDERS)).values())
        return [
            ProjectJoin(
                row,
                tuple(
                    MethodologyJoin(methodologies[link.cadTrustMethodologyId], link)
                    for link in links.get(row.cadTrustProjectId, ())
                    if link.cadTrustMethodologyId in methodologies
                ),
                tuple(validations.get(row.cadTrustProjectId, ())),
                tuple(stakeholders.get(row.cadTrustProjectId, ())),
            )
            for row in rows
        ]

    async def issuances(self, rows: Sequence[IssuanceRow]) -> list[IssuanceJoin]:
        """Issuances with their verifications and locations."""
        if len(rows) > FEW:
            await self.whole(VERIFICATIONS)
            await self.whole(LOCATIONS)
        return [
            IssuanceJoin(
                row,
                await self.one(VERIFICATIONS, row.cadTrustVerificationId),
                await self.one(LOCATIONS, row.cadTrustLocationId),
            )
            for row in rows
        ]

    async def units(self, rows: Sequence[UnitRow]) -> list[UnitJoin]:
        """Units with their issuances and labels."""
        if not rows:
            return []
        keys = list(dict.fromkeys(row.cadTrustIssuanceId for row in rows))
        if len(keys) > FEW:
            await self.whole(ISSUANCES)
        found = [row for key in keys if (row := await self.one(ISSUANCES, key)) is not None]
        joined = {one.issuance.cadTrustIssuanceId: one for one in await self.issuances(found)}
        labels = await self.whole(LABELS)
        given: dict[str, list[LabelJoin]] = {}
        for link in (await self.whole(UNIT_LABELS)).values():
            if link.cadTrustLabelId in labels:
                label = LabelJoin(labels[link.cadTrustLabelId], link)
                given.setdefault(link.cadTrustUnitId, []).append(label)
        return [
            UnitJoin(
                row,
                joined.get(row.cadTrustIssuanceId or ""),
                tuple(given.get(row.cadTrustUnitId, ())),
            )
            for row in rows
        ]

    async def of_projects(self, keys: Iterable[str]) -> list[IssuanceRow]:
        """The issuances of projects, by way of their verifications."""
        wanted = frozenset(keys)
        verifications = {
            key
            for key, row in (await self.whole(VERIFICATIONS)).items()
            if row.cadTrustProjectId in wanted
        }
        rows = (await self.whole(ISSUANCES)).values()
        return [row for row in rows if row.cadTrustVerificationId in verifications]


def _by_project(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.cadTrustProjectId, []).append(row)
    return found
