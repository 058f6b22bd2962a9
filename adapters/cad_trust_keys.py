"""Reading a CAD Trust node's records by their keys, at the price that the node asks for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from adapters.cad_trust_filters import Leg, one_of
from adapters.cad_trust_rows import Issued, read_project, read_unit
from adapters.cad_trust_tables import KEYS_PER_FILTER, PROJECTS, PROJECTS_PER_CALL, UNITS
from adapters.cad_trust_walk import (
    LAST_LIMIT,
    Rows,
    Table,
    broken,
    organisation_of,
    read_page,
    request,
    rows_of,
    walk,
)
from adapters.contract import Reply, Source
from gateway.model.record import Origin

# So many issuances are looked up one by one; for more, the projects are walked at once.
FEW_ISSUANCES = 4

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_key(text: str) -> bool:
    """Whether the text may be a key: nodes give UUIDs and nothing else, so others need no call."""
    return _UUID.fullmatch(text) is not None


def known(keys: Iterable[str]) -> list[str]:
    """Those that may be keys, each once."""
    return [key for key in dict.fromkeys(keys) if is_key(key)]


async def project_by_key(source: Source, key: str) -> Rows:
    """The one project of this key."""
    return await _single(source, PROJECTS, read_project, key)


async def projects_by_key(source: Source, keys: Sequence[str]) -> AsyncIterator[Rows]:
    """The projects of these keys with their children, up to 150 to a call."""
    keys = known(keys)
    for at in range(0, len(keys), PROJECTS_PER_CALL):
        chunk = keys[at : at + PROJECTS_PER_CALL]
        if len(chunk) == 1:
            yield await project_by_key(source, chunk[0])
            continue
        leg = Leg(obeys=_is_one_of(PROJECTS.key, chunk))
        asked = [("projectIds", key) for key in chunk]
        yield await _listed(source, PROJECTS, leg, len(chunk), asked)


async def units_by_key(source: Source, keys: Sequence[str]) -> AsyncIterator[Rows]:
    """The units of these keys, two to a call."""
    keys = known(keys)
    for at in range(0, len(keys), KEYS_PER_FILTER):
        chunk = keys[at : at + KEYS_PER_FILTER]
        if len(chunk) == 1:
            yield await _single(source, UNITS, read_unit, chunk[0])
            continue
        for leg in one_of(UNITS.key, chunk, UNITS.room):
            yield await _listed(source, UNITS, leg, len(chunk))


async def issuances_by_key(source: Source, keys: Sequence[str]) -> AsyncIterator[Rows]:
    """The issuances of these keys, which the node has no list of.

    A unit carries its issuance, so one call finds one issuance that has units. Those without
    units, and many at once, are found by walking the projects, 800 to a call.
    """
    keys = known(keys)
    missing = set(keys)
    if len(keys) <= FEW_ISSUANCES:
        for key in keys:
            rows = await _issuance_of_units(source, key)
            missing -= {issued.issuance.id for _, issued in rows.rows}
            yield rows
    if not missing:
        return
    async for page in walk(source, PROJECTS, (Leg(),), want=LAST_LIMIT, count=False):
        found = [(place, one) for place, one in issued_by(page) if one.issuance.id in missing]
        missing -= {issued.issuance.id for _, issued in found}
        yield Rows(page.origin, found, warnings=page.warnings)
        if not missing:
            return


def issued_by(rows: Rows) -> Iterable[tuple[str, Issued]]:
    """The issuances inside projects, each with its place in the answer."""
    for place, project in rows.rows:
        # A single record is the whole body: its place is the empty pointer.
        path = f"{place}/issuances" if place else "issuances"
        for number, issuance in enumerate(project.issuances):
            yield f"{path}/{number}", Issued(issuance, project)


async def _issuance_of_units(source: Source, key: str) -> Rows:
    (leg,) = one_of("issuanceId", [key], UNITS.room)
    rows = rows_of(source, await read_page(source, UNITS, leg, 1, 1))
    found = [
        (f"{place}/issuance", Issued(unit.issuance)) for place, unit in rows.rows if unit.issuance
    ]
    if any(issued.issuance.id != key for _, issued in found):
        raise broken(source, "a unit came with another issuance than it names")
    return Rows(rows.origin, found, warnings=rows.warnings)


async def _listed(
    source: Source, table: Table, leg: Leg, count: int, more: Sequence[tuple[str, str]] = ()
) -> Rows:
    answer = await read_page(source, table, leg, 1, count, more)
    if answer.value.pageCount > 1:
        raise broken(source, f"{count} records were asked for by key, and more were found")
    return rows_of(source, answer)


async def _single(source: Source, table: Table, read: Callable[[Reply], Any], key: str) -> Rows:
    # With one key, paging is not asked for, and a missing record is `null`.
    answer = await source.read(request(source, table.path, [(table.key, key)]), read)
    row = answer.value
    if row is not None and getattr(row, table.key) != key:
        raise broken(source, f"asked for {key}, got {getattr(row, table.key)}")
    # The node does not look at orgUid here.
    ours = row is not None and organisation_of(source) in (None, row.orgUid)
    found: list[tuple[str, Any]] = [("", row)] if ours else []
    origin = Origin(source.registry, answer.source)
    return Rows(origin, found)


def _is_one_of(column: str, keys: Sequence[str]) -> Callable[[Any], bool]:
    wanted = frozenset(keys)
    return lambda row: getattr(row, column) in wanted
