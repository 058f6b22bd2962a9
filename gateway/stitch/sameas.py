"""Stitching: the other records of the same project, found live and never by name.

Two records are linked when one states the other's registry and project id (CAD Trust's registry
of origin, or its current registry), or when a registry publishes the other's id itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import RegistryError
from gateway.harmonise.registries import registry_key
from gateway.model.entity import Entity
from gateway.model.field import Constant
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.model.question import Op, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.stitch.coverage import Coverage
from gateway.stitch.nodes import node

_CODE = re.compile(r"([A-Za-z]+)(\d.*)")


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
    here, there = await asyncio.gather(_stated_here(ask, project), _stated_there(ask, project))
    links: dict[str, SameAs] = {}
    for link in (*here.links, *there.links):
        links.setdefault(link.project.id, link)
    links.pop(project.id, None)
    return SameAsLinks(tuple(links.values()), _one_each((*here.coverage, *there.coverage)))


def _one_each(rows: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """One row per registry: the first that is not whole, else the first."""
    kept: dict[str, Coverage] = {}
    for row in rows:
        known = kept.setdefault(row.registry, row)
        if known.complete and not row.complete:
            kept[row.registry] = row
    return tuple(kept.values())


def _claims(ask: Ask, project: Any) -> list[tuple[GlobalId, SameAsBasis, str]]:
    """Which other records this record's own row names."""
    adapters = ask.federation.adapters
    claims: list[tuple[GlobalId, SameAsBasis, str]] = []
    stated = (
        (project.registry_of_origin, project.origin_project_id, "registry of origin"),
        (project.current_registry, project.project_id, "current registry"),
    )
    for name, code, role in stated:
        target = registry_key(name) if name else None
        if not target or target not in adapters or target == project.registry or not code:
            continue
        key = adapters[target].project_key(code)
        if key is not None:
            text = f"{role} {name!r}, project id {code!r}"
            wanted = GlobalId(target, Entity.PROJECT, key)
            if all(wanted != known for known, _, _ in claims):
                claims.append((wanted, SameAsBasis.REGISTRY_OF_ORIGIN_ID, text))
    crosswalk = project.cad_trust_project_id
    for registry in _nodes(ask):
        if crosswalk and registry != project.registry and crosswalk != project.key:
            text = f"CAD Trust project id {crosswalk!r}"
            claims.append(
                (
                    GlobalId(registry, Entity.PROJECT, crosswalk),
                    SameAsBasis.CROSS_REFERENCE,
                    text,
                )
            )
    return claims


async def _stated_here(ask: Ask, project: Any) -> SameAsLinks:
    claims = _claims(ask, project)
    found = await asyncio.gather(
        *(node(ask, wanted) for wanted, _, _ in claims), return_exceptions=True
    )
    links: list[SameAs] = []
    coverage: list[Coverage] = []
    for (wanted, basis, text), record in zip(claims, found, strict=True):
        row = Coverage(wanted.registry, exhausted=True, returned=int(record is not None))
        if isinstance(record, RegistryError):
            row.fail(record, some=False)
        elif isinstance(record, BaseException):
            raise record
        elif record is not None:
            links.append(SameAs(record, basis, project.id, text))
        else:
            # That it is not there is only certain where the registry is whole.
            row.sources = ask.terms.evidence.not_whole_of(wanted.registry)
            row.read(ask.terms.evidence)
        coverage.append(row)
    return SameAsLinks(links, coverage)


async def _stated_there(ask: Ask, project: Any) -> SameAsLinks:
    nodes = [key for key in _nodes(ask) if key != project.registry]
    spellings = spelled(project)
    if not nodes or not spellings:
        return SameAsLinks((), ())
    asked = Predicate("origin_project_id", Op.IN, spellings)
    page = await connect(ask, Entity.PROJECT, registries=nodes, predicates=(asked,), first=100)
    records: list[Any] = [record for record in page.nodes if _means(ask, record, project)]
    links = [
        SameAs(
            record,
            SameAsBasis.REGISTRY_OF_ORIGIN_ID,
            record.id,
            f"registry of origin {record.registry_of_origin_raw!r}, "
            f"project id {record.origin_project_id!r}",
        )
        for record in records
    ]
    return SameAsLinks(links, page.coverage)


def _means(ask: Ask, record: Any, project: Record[Any]) -> bool:
    if registry_key(record.registry_of_origin or "") != project.registry:
        return False
    adapter, code = ask.federation.adapters[project.registry], record.origin_project_id or ""
    if any(identifier.value == code for identifier in project.identifiers):
        return True
    return adapter.project_key(code) == project.key


def spelled(project: Any) -> tuple[str, ...]:
    """The spellings of a project's id that other systems' records are seen to use."""
    codes = {project.key, project.project_id, *(i.value for i in project.identifiers)}
    found: dict[str, None] = {}
    for code in sorted(c for c in codes if c):
        found[code] = None
        split = _CODE.fullmatch(code)
        if split:
            found[f"{split[1]}-{split[2]}"] = None
            found[f"{split[1]} {split[2]}"] = None
            found[split[2]] = None
    return tuple(found)


def _nodes(ask: Ask) -> list[str]:
    """The registries whose records may say that a project comes from another registry."""
    return [
        key
        for key, adapter in ask.federation.adapters.items()
        if any(
            not isinstance(view.fields.get("registry_of_origin", _SAME), Constant)
            for view in adapter.views.get(Entity.PROJECT, ())
        )
    ]


_SAME = Constant(None)
