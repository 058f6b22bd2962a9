"""Links by serial: units whose serials hold another registry's reference for the project.

Only a registry that can be asked for such units takes part: its adapter is a `Referring`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract import Adapter, Reference, Referring, referring_of
from gateway.errors import Incomplete, RegistryError, RegistryNotConfigured, TooExpensive
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent
from gateway.stitch.coverage import Coverage
from gateway.stitch.nodes import nodes


@dataclass(frozen=True, slots=True)
class BySerial:
    """A record of the same project, and the unit whose serial says so."""

    project: Any
    unit: str
    text: str


Told = tuple[list[BySerial], list[Coverage]]


async def links_by_serial(ask: Ask, projects: Sequence[Any]) -> list[Told]:
    """For each project, what serials say of it, its own units' and others'."""
    found: list[Told] = [([], []) for _ in projects]
    if not projects:
        return found
    for key, adapter in ask.federation.adapters.items():
        asked = referring_of(adapter)
        if asked is None:
            continue
        mine = [at for at, one in enumerate(projects) if one.registry == key]
        named = [at for at, one in enumerate(projects) if one.registry != key and _codes(ask, one)]
        await asyncio.gather(
            _own(ask, key, asked, projects, mine, found),
            _others(ask, key, asked, projects, named, found),
        )
    return found


async def _own(
    ask: Ask,
    key: str,
    adapter: Referring,
    projects: Sequence[Any],
    places: Sequence[int],
    found: list[Told],
) -> None:
    """What the serials of the projects' own units name."""
    if not places or not (others := _knowing(ask, key)):
        return
    row, told = await _asked(ask, key, adapter, [projects[at].key for at in places], ())
    meant: dict[tuple[str, GlobalId], Reference] = {}
    for one in told:
        for registry, other in others:
            known = other.lookup_key(one.scheme, one.value)
            if known is not None and known[0] is Entity.PROJECT:
                meant.setdefault((one.project, GlobalId(registry, *known)), one)
    records = await nodes(ask, [wanted for _, wanted in meant])
    for at in places:
        found[at][1].append(row)
        for ((mine, wanted), one), record in zip(meant.items(), records, strict=True):
            if mine != projects[at].key:
                continue
            part = Coverage(wanted.registry, exhausted=True)
            if isinstance(record, RegistryError):
                part.fail(record, some=False)
            elif isinstance(record, TooExpensive):
                part.undecide(record.message)
            elif isinstance(record, Record):
                part.returned = 1
                found[at][0].append(BySerial(record, one.unit.id, _text(one)))
            found[at][1].append(part)


async def _others(
    ask: Ask,
    key: str,
    adapter: Referring,
    projects: Sequence[Any],
    places: Sequence[int],
    found: list[Told],
) -> None:
    """Whose units' serials name the projects."""
    if not places:
        return
    codes = dict.fromkeys(code for at in places for code in _codes(ask, projects[at]))
    wanted = [code for code in codes if code[0] == adapter.refers]
    if not wanted:
        return
    row, told = await _asked(ask, key, adapter, (), [value for _, value in wanted])
    # The row of a unit may show less of its project than the project's own.
    first = {(one.project, one.value): one for one in reversed(told)}
    wholes = await nodes(ask, [GlobalId(key, Entity.PROJECT, mine) for mine, _ in first])
    for at in places:
        codes_here = set(_codes(ask, projects[at]))
        if not any(scheme == adapter.refers for scheme, _ in codes_here):
            continue
        found[at][1].append(row)
        for one, whole in zip(first.values(), wholes, strict=True):
            if (one.scheme, one.value) not in codes_here:
                continue
            if isinstance(whole, Record):
                found[at][0].append(BySerial(whole, one.unit.id, _text(one)))
            elif isinstance(whole, RegistryError):
                row.fail(whole, some=True)
            elif isinstance(whole, TooExpensive):
                row.undecide(whole.message)


async def _asked(
    ask: Ask, key: str, adapter: Referring, keys: Sequence[str], values: Sequence[str]
) -> tuple[Coverage, list[Reference]]:
    row = Coverage(key, exhausted=True)
    upstream = ask.federation.upstreams[key]
    if not upstream.configured:
        row.fail(RegistryNotConfigured(upstream.why_not, registry=key), some=False)
        return row, []
    source = ask.source(key)
    told: list[Reference] = []
    try:
        if keys:
            page = await adapter.references(source, keys)
        else:
            page = await adapter.referring(source, values)
        told = list(page.found)
        row.returned = len(told)
        if page.left:
            row.undecide(page.left)
    except RegistryError as error:
        row.fail(error, some=False)
    except BudgetSpent:
        ask.truncated = True
        row.undecide(f"the reads that one operation may ask of {key} are used up")
    row.sources = tuple(source.sources)
    row.read(ask.terms.evidence)
    ask.covered.append(row)
    return row, told


async def referring(ask: Ask, key: str, adapter: Referring, value: str) -> list[Record[Any]]:
    """The units whose serials hold the code.

    Raises:
        Incomplete: where the registry could not be asked to the end.
    """
    row, told = await _asked(ask, key, adapter, (), (value,))
    if not row.complete:
        raise Incomplete(
            f"{key} could not be read to the end for this code: {row.message}", registries=[key]
        )
    return [one.unit for one in told]


def _knowing(ask: Ask, key: str) -> list[tuple[str, Adapter]]:
    return [(other, a) for other, a in ask.federation.adapters.items() if other != key]


def _codes(ask: Ask, project: Any) -> list[tuple[str, str]]:
    """The codes that are the project's own: those by which its registry finds it."""
    adapter = ask.federation.adapters[project.registry]
    return [
        (code.scheme, code.value)
        for code in project.identifiers
        if adapter.lookup_key(code.scheme, code.value) == (Entity.PROJECT, project.key)
    ]


def _text(one: Reference) -> str:
    serial = getattr(one.unit, "unit_serial_id", None)
    return f"serial {serial!r}, {one.scheme} {one.value!r}"
