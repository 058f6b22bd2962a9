"""Reading a CAD Trust node's records by their keys, at the price that the node asks for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote

from adapters.cad_trust_filters import Leg, Route, one_of
from adapters.cad_trust_rows import Issued, read_project, read_unit
from adapters.cad_trust_tables import (
    KEYS_PER_FILTER,
    PROJECTS,
    PROJECTS_PER_CALL,
    UNITS,
    URL_CHARS,
)
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
from adapters.contract import InvalidPayload, Reply, Source
from adapters.one_by_one import AnotherRecord
from adapters.rows import placed
from gateway.errors import RegistryError
from gateway.model.globalid import MAX_KEY
from gateway.model.odd import is_odd
from gateway.model.record import Origin

# So many issuances are looked up one by one; for more, the projects are walked at once.
FEW_ISSUANCES = 4
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def typed_key(text: str) -> str | None:
    """The key that somebody typed where any code may stand: a UUID, in the letters that it has,
    since keys that differ by case are two rows."""
    plain = text.strip()
    return plain if _UUID.fullmatch(plain) else None


def named_key(value: str) -> str | None:
    """The key that is said to be one. Nodes give UUIDs to what they create; rows of other
    organisations may have any text for a key, also with a blank at an end. A blank is a slip of
    the fingers only where it stands beside a UUID."""
    if not value.strip() or len(value) > MAX_KEY:
        return None
    return typed_key(value) or value


def once(keys: Iterable[str]) -> list[str]:
    """The keys, each once, exactly as they were received."""
    return [key for key in dict.fromkeys(keys) if key]


def fits_a_filter(key: str) -> bool:
    """Whether the node takes a filter that has this key of an issuance."""
    return all(leg.fresh is None for leg in one_of("issuanceId", [key], UNITS.room))


def project_calls(keys: Iterable[str]) -> list[list[str]]:
    """The keys of projects, parted so that each part is one call."""
    made: list[list[str]] = []
    left = 0
    for key in once(keys):
        price = len(quote(key, safe="")) + len("&projectIds=")
        if not made or price > left or len(made[-1]) == PROJECTS_PER_CALL:
            made.append([])
            left = URL_CHARS
        made[-1].append(key)
        left -= price
    return made


async def project_by_key(source: Source, key: str) -> Rows:
    """The one project of this key."""
    return await _single(source, PROJECTS, read_project, key)


async def projects_by_key(source: Source, keys: Sequence[str]) -> AsyncIterator[Rows]:
    """The projects of these keys with their children, up to 150 to a call."""
    for chunk in project_calls(keys):
        if len(chunk) == 1:
            yield await project_by_key(source, chunk[0])
            continue
        leg = Leg(obeys=_is_one_of(PROJECTS.key, chunk))
        asked = [("projectIds", key) for key in chunk]
        yield await _listed(source, PROJECTS, leg, len(chunk), asked)


def unit_calls(keys: Iterable[str]) -> list[list[str]]:
    """The keys of units, parted so that each part is one call: two where a filter takes two."""
    keys, made = once(keys), []
    for at in range(0, len(keys), KEYS_PER_FILTER):
        chunk = keys[at : at + KEYS_PER_FILTER]
        alone = len(list(one_of(UNITS.key, chunk, UNITS.room))) == len(chunk)
        made += [[key] for key in chunk] if alone else [chunk]
    return made


async def units_by_key(source: Source, keys: Sequence[str]) -> AsyncIterator[Rows]:
    """The units of these keys, two to a call."""
    for chunk in unit_calls(keys):
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
    keys = once(keys)
    missing = set(keys)
    odd: InvalidPayload | None = None
    if len(keys) <= FEW_ISSUANCES and all(map(fits_a_filter, keys)):
        for key in keys:
            try:
                rows = await _issuance_of_units(source, key)
            except InvalidPayload as error:
                # What its unit says of it is no answer; its project may say it.
                odd = error
                continue
            missing -= {issued.issuance.id for _, issued in rows.rows}
            yield rows
    if not missing:
        return
    try:
        async for rows in _walked(source, missing):
            yield rows
    except RegistryError as error:
        raise odd or error from None


async def _walked(source: Source, missing: set[str]) -> AsyncIterator[Rows]:
    """The issuances of these keys out of all projects."""
    async for page in walk(source, PROJECTS, Route((Leg(),)), want=LAST_LIMIT, count=False):
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
        for number, issuance in placed(project.issuances):
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
        told = f"asked for {key}, got {getattr(row, table.key)}"
        raise AnotherRecord(told, registry=source.registry, source=answer.source)
    # The node does not look at orgUid here.
    ours = row is not None and (
        organisation_of(source) in (None, row.orgUid) or is_odd(row, "orgUid")
    )
    found: list[tuple[str, Any]] = [("", row)] if ours else []
    origin = Origin(source.registry, answer.source)
    return Rows(origin, found)


def _is_one_of(column: str, keys: Sequence[str]) -> Callable[[Any], bool]:
    wanted = frozenset(keys)
    return lambda row: getattr(row, column) in wanted
