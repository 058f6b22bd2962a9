"""Links by what a project's own row says of other programmes: both ways, and through copies."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.sandbox.greentrace_rows import arb_id
from gateway.sandbox.world import World
from gateway.stitch.codes import lookup, named
from gateway.stitch.connection import connect
from gateway.stitch.sameas import SameAsLinks, same_as
from tests.market import make
from tests.stitch.test_links_both_ways import found_by, market


def told(found: SameAsLinks) -> dict[str, tuple[SameAsBasis, str]]:
    return {link.project.id: (link.basis, link.statement) for link in found.links}


def project(registry: str, key: str) -> GlobalId:
    return GlobalId(registry, Entity.PROJECT, key)


async def test_a_verra_project_and_the_one_that_it_names_in_another_programme_find_each_other() -> (
    None
):
    async with market("cdm", "verra") as (world, asking):
        moved = [p for p in world.told_by("verra").projects if p.related_projects]
        assert moved
        for one in moved:
            other = one.related_projects[0].related_project_id
            ours, theirs = project("verra", one.key), project("cdm", other)
            there = told(await found_by(asking, ours))
            back = told(await found_by(asking, theirs))
            assert there.keys() == {str(theirs)}
            assert str(ours) in back
            for basis, statement in (there[str(theirs)], back[str(ours)]):
                assert basis is SameAsBasis.CROSS_REFERENCE
                assert repr(other) in statement
                assert "CDM" in statement


def moved() -> World:
    """The world with a Verra project that CAD Trust has a copy of, and that names a CDM project."""
    made = make()
    verra = made.told_by("verra")
    named = next(p.related_projects for p in verra.projects if p.related_projects)
    first, *rest = verra.projects
    projects = (replace(first, related_projects=named), *rest)
    return replace(made, tellings={**made.tellings, "verra": replace(verra, projects=projects)})


async def test_what_names_it_elsewhere_is_found_from_a_copy_too() -> None:
    async with market("cad-trust", "cdm", "verra", told=moved()) as (world, asking):
        first = world.told_by("verra").projects[0]
        copies = [
            project("cad-trust", p.key)
            for p in world.told_by("cad-trust").projects
            if p.origin_project_id.removeprefix("VCS").strip("- ") == first.key
        ]
        other = project("cdm", first.related_projects[0].related_project_id)
        assert copies
        there = told(await found_by(asking, other))
        for copy in copies:
            assert str(copy) in there
            assert str(other) in told(await found_by(asking, copy))


async def test_what_is_not_served_links_those_that_name_it() -> None:
    async with market("verra") as (world, asking):
        (first, *rest) = [p for p in world.told_by("verra").projects if p.related_projects]
        same = {
            str(project("verra", p.key))
            for p in rest
            if p.related_projects[0].related_project_id
            == first.related_projects[0].related_project_id
        }
        assert told(await found_by(asking, project("verra", first.key))).keys() == same


async def test_projects_with_one_compliance_id_find_each_other() -> None:
    async with market("acr", "car") as (world, asking):
        theirs = {arb_id(p): p.key for p in world.told_by("car").projects if arb_id(p)}
        pairs = [
            (p.key, theirs[arb_id(p)], str(arb_id(p)))
            for p in world.told_by("acr").projects
            if arb_id(p) in theirs
        ]
        assert len(pairs) > 1
        for acr, car, arb in pairs:
            one, other = project("acr", acr), project("car", car)
            for asked, wanted in ((one, other), (other, one)):
                found = told(await found_by(asking, asked))
                assert found.keys() == {str(wanted)}
                basis, statement = found[str(wanted)]
                assert basis is SameAsBasis.CROSS_REFERENCE
                assert arb in statement
            ask = asking()
            records = await lookup(ask, named(ask.federation, "arb", arb))
            assert {record.id for record in records} == {str(one), str(other)}


async def test_a_project_without_such_an_id_is_asked_for_nowhere() -> None:
    async with market("acr", "car") as (world, asking):
        plain = next(p for p in world.told_by("acr").projects if not arb_id(p))
        found = await found_by(asking, project("acr", plain.key))
        assert (list(found.links), list(found.coverage)) == ([], [])


async def test_a_project_that_nobody_names_was_asked_for_all_the_same() -> None:
    async with market("cdm", "verra") as (world, asking):
        named = {
            r.related_project_id
            for p in world.told_by("verra").projects
            for r in p.related_projects
        }
        other = next(p for p in world.told_by("cdm").projects if p.key not in named)
        found = await found_by(asking, project("cdm", other.key))
        assert list(found.links) == []
        assert [(row.registry, row.complete) for row in found.coverage] == [("verra", True)]


# What a v2 node's projects are joined of beside their own list: tables that it cannot narrow.
TABLES = {"cad-trust": 0, "cad-trust-v2": 4, "core-registry": 0}


@pytest.mark.slow
async def test_the_links_of_many_projects_cost_each_node_few_calls_over_http() -> None:
    async with market(*TABLES, "acr", "verra", told=make(scale=5)) as (_, asking):
        ask = asking()
        page = await connect(ask, Entity.PROJECT, registries=("verra",), first=100)
        assert len(page.nodes) == 100
        before = len(ask.terms.evidence.exchanges)
        found = await asyncio.gather(*(same_as(ask, record) for record in page.nodes))
        assert sum(len(one.links) for one in found) > 50
        asked = ask.terms.evidence.exchanges[before:]
        calls = Counter(exchange.registry for exchange in asked if not exchange.cache.collapsed)
        for node, tables in TABLES.items():
            assert 0 < calls[node] - tables <= 2 * 2, (node, calls)
