"""Stitching: the other records of the same project, found live and never by name.

Two records are linked when one states the other's registry and project id (CAD Trust's registry
of origin, or its current registry), when a registry publishes the other's id itself, or when the
serials of its units hold the other's reference. Links hold both ways and through copies: whoever
states the same original is found too, whether the original is served or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.errors import GatewayError, RegistryError, TooExpensive
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.model.record import Record
from gateway.stitch import claims, namers
from gateway.stitch.ask import Ask
from gateway.stitch.batch import Batch
from gateway.stitch.coded import by_code
from gateway.stitch.coverage import Coverage
from gateway.stitch.nodes import nodes
from gateway.stitch.serials import links_by_serial

# Copies of copies: so many steps are followed, to so many records of one project.
STEPS, MOST = 6, 100


@dataclass(frozen=True, slots=True)
class SameAs:
    """A link to another record of the same project, and the statement it rests on."""

    project: Any
    basis: SameAsBasis
    stated_by: str
    statement: str


@dataclass(frozen=True, slots=True)
class SameAsLinks:
    """All links found, and which registries could be asked for them."""

    links: Sequence[SameAs]
    coverage: Sequence[Coverage]


async def same_as(ask: Ask, project: Any) -> SameAsLinks:
    """Every record that the registries say is this project's, with who says so."""
    links: dict[str, SameAs] = {}
    coverage: list[Coverage] = []
    seen, step = {project.id}, [project]
    for _ in range(STEPS):
        around = await asyncio.gather(*(_around(ask).load(_kept(ask, one)) for one in step))
        step = []
        for part in around:
            coverage += part.coverage
            for link in part.links:
                if link.project.id not in seen and len(links) < MOST:
                    seen.add(link.project.id)
                    links[link.project.id] = link
                    step.append(link.project)
        if not step:
            break
    else:
        coverage.append(_cut(project.registry))
    return SameAsLinks(tuple(links.values()), _one_each(coverage))


def _cut(registry: str) -> Coverage:
    row = Coverage(registry, exhausted=True)
    row.undecide(f"copies of copies are followed for {STEPS} steps, and there may be more")
    return row


def _one_each(rows: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """One row per registry: the first that is not whole, else the first."""
    kept: dict[str, Coverage] = {}
    for row in rows:
        known = kept.setdefault(row.registry, row)
        if known.complete and not row.complete:
            kept[row.registry] = row
    return tuple(kept.values())


def _kept(ask: Ask, project: Record[Any]) -> str:
    known: dict[str, Any] = ask.loaders.setdefault(("linked",), {})
    known.setdefault(project.id, project)
    return project.id


def _around(ask: Ask) -> Batch[str, SameAsLinks]:
    """The records one step away, of all projects of a turn together."""
    if ("around",) not in ask.loaders:
        ask.loaders[("around",)] = Batch(partial(_read, ask))
    loader: Batch[str, SameAsLinks] = ask.loaders[("around",)]
    return loader


async def _read(ask: Ask, ids: Sequence[str]) -> Sequence[SameAsLinks]:
    known = ask.loaders[("linked",)]
    projects = [known[one] for one in ids]
    here, there, serials = await asyncio.gather(
        asyncio.gather(*(_stated_here(ask, project) for project in projects)),
        asyncio.gather(*(_stated_there(ask, project) for project in projects)),
        links_by_serial(ask, projects),
    )
    found = []
    for project, own, others, (told, rows) in zip(projects, here, there, serials, strict=True):
        by_serial = [SameAs(one.project, SameAsBasis.SERIAL, one.unit, one.text) for one in told]
        links: dict[str, SameAs] = {}
        for link in (*own.links, *others.links, *by_serial):
            links.setdefault(link.project.id, link)
        links.pop(project.id, None)
        coverage = (*own.coverage, *others.coverage, *rows)
        found.append(SameAsLinks(tuple(links.values()), coverage))
    return found


async def _stated_here(ask: Ask, project: Any) -> SameAsLinks:
    """The records that the project's own row names."""
    fed = ask.federation
    # With each, what it rests on, and whether the record itself has to confirm it.
    wanted: dict[GlobalId, tuple[SameAsBasis, str, bool]] = {}
    codes: list[claims.Stated] = []
    for stated in claims.stated_names(fed, project):
        meant = claims.target(fed, stated.name)
        if meant is not None:
            wanted.setdefault(meant, (stated.basis, stated.text, False))
        elif stated.name.registry in fed.adapters:
            codes.append(stated)
    for meant, text in claims.crosswalk(fed, project):
        wanted.setdefault(meant, (claims.CROSS, text, True))
    # What the operation has in hand already is not asked again.
    known: dict[str, Any] = ask.loaders[("linked",)]
    links = [
        SameAs(known[str(one)], basis, project.id, text)
        for one, (basis, text, doubtful) in wanted.items()
        if str(one) in known and (not doubtful or claims.confirmed(fed, known[str(one)], project))
    ]
    wanted = {one: told for one, told in wanted.items() if str(one) not in known}
    coverage: list[Coverage] = []
    for (one, (basis, text, doubtful)), record in zip(
        wanted.items(), await nodes(ask, list(wanted)), strict=True
    ):
        row = Coverage(one.registry, exhausted=True)
        if isinstance(record, RegistryError):
            row.fail(record, some=False)
        elif isinstance(record, TooExpensive):
            row.undecide(record.message)
        elif isinstance(record, BaseException) and not isinstance(record, GatewayError):
            raise record
        elif isinstance(record, Record) and (
            not doubtful or claims.confirmed(fed, record, project)
        ):
            row.returned = 1
            links.append(SameAs(record, basis, project.id, text))
        coverage.append(row)
    for stated in codes:
        records, rows = await by_code(ask, stated.name.registry).load(stated.name.code)
        links += (SameAs(record, stated.basis, project.id, stated.text) for record in records)
        coverage += rows
    return SameAsLinks(links, coverage)


async def _stated_there(ask: Ask, project: Any) -> SameAsLinks:
    """The records of others that state one of the project's names, or one that it states too."""
    fed = ask.federation
    own = [claims.canonical(fed, name) for name in claims.own_names(project)]
    stated = [claims.canonical(fed, one.name) for one in claims.stated_names(fed, project)]
    asked = [
        (key, list(dict.fromkeys((*(own if key != project.registry else ()), *stated))))
        for key in claims.namers(fed)
    ]
    # No other programme is a node of CAD Trust, but what a copy there states may be named.
    known = (*(own if project.registry not in claims.namers(fed) else ()), *stated)
    elsewhere = [
        (key, adapter, list(dict.fromkeys(name for name in known if name.registry != key)))
        for key, adapter in namers.naming(fed).items()
        if key != project.registry
    ]
    shared = [
        (key, [one.name])
        for one in claims.stated_names(fed, project)
        for key, _ in claims.sharing(fed, one.name)
    ]
    found = await asyncio.gather(
        *(namers.loader(ask, registry).load_all(names) for registry, names in asked),
        *(namers.elsewhere(ask, key, adapter).load_all(names) for key, adapter, names in elsewhere),
        *(namers.shared(ask, registry).load_all(names) for registry, names in shared),
    )
    links: list[SameAs] = []
    coverage: list[Coverage] = []
    for parts in found:
        for part in parts:
            if isinstance(part, BaseException):
                raise part
            coverage += part.coverage
            links += (
                SameAs(record, told.basis, record.id, told.text) for record, told in part.records
            )
    return SameAsLinks(links, coverage)


def spelled(project: Any) -> tuple[str, ...]:
    """The spellings of a project's id that other systems' records are seen to use."""
    return claims.spellings(name.code for name in claims.own_names(project))
