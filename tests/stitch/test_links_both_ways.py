"""The sandbox's links, through the whole gateway: whoever finds another is found by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import permutations
from typing import Any

import pytest

from gateway.assemble import assemble
from gateway.config import Settings
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.carried_over import is_cer
from gateway.sandbox.runner import Sandbox
from gateway.sandbox.world import World
from gateway.stitch.ask import Ask
from gateway.stitch.codes import lookup, named
from gateway.stitch.connection import connect
from gateway.stitch.nodes import node
from gateway.stitch.sameas import SameAsLinks, same_as
from gateway.upstream.terms import Terms
from tests.tools import sweep

REGISTRIES = ("biocarbon", "cad-trust", "cdm", "cercarbono", "core-registry", "gold-standard")


@asynccontextmanager
async def market(*registries: str, told: World | None = None) -> AsyncIterator[tuple[World, Any]]:
    """The world, and a maker of operations over these registries of it."""
    async with Sandbox(told, only=registries) as sandbox:
        settings = Settings(registries=sandbox.settings(), only=registries)
        gateway = assemble(settings, signer=throw_away_signer())
        await gateway.start()
        try:

            def asking() -> Ask:
                return Ask(gateway.federation, Terms(gateway.clock.monotonic() + 120))

            yield sandbox.world, asking
        finally:
            await gateway.close()


async def found_by(asking: Any, project: GlobalId) -> SameAsLinks:
    ask = asking()
    record = await node(ask, project)
    assert record is not None
    return await same_as(ask, record)


def cers(world: World) -> dict[str, str]:
    """The CDM reference of each Gold Standard project that has CERs."""
    return {
        unit.project_key: unit.unit_serial_id.rsplit("-", 1)[1].lstrip("0")
        for unit in world.told_by("gold-standard").units
        if is_cer(unit.unit_serial_id)
    }


async def test_a_project_with_cers_and_its_cdm_project_find_each_other_by_the_serial() -> None:
    async with market("cdm", "gold-standard") as (world, asking):
        pairs = cers(world)
        assert len(pairs) == 3
        for gold, reference in pairs.items():
            ours = GlobalId("gold-standard", Entity.PROJECT, gold)
            theirs = GlobalId("cdm", Entity.PROJECT, reference)
            (link,) = (await found_by(asking, ours)).links
            assert (link.project.id, link.basis) == (str(theirs), SameAsBasis.SERIAL)
            assert link.stated_by.startswith("cgw:gold-standard:unit:")
            assert reference in link.statement
            (back,) = (await found_by(asking, theirs)).links
            assert (back.project.id, back.basis) == (str(ours), SameAsBasis.SERIAL)
            assert back.project.co_benefits


async def test_looking_up_a_cdm_reference_gives_the_project_and_the_units_that_name_it() -> None:
    async with market("cad-trust", "cdm", "gold-standard") as (world, asking):
        gold, reference = next(iter(cers(world).items()))
        ask = asking()
        found = await lookup(ask, named(ask.federation, "cdm.ref", reference))
        units = {
            unit.key
            for unit in world.told_by("gold-standard").units
            if unit.project_key == gold and is_cer(unit.unit_serial_id)
        }
        serials = {
            unit.unit_serial_id
            for unit in world.told_by("gold-standard").units
            if unit.key in units
        }
        copies = {
            unit.key for unit in world.told_by("cad-trust").units if unit.unit_serial_id in serials
        }
        assert {record.key for record in found} == {reference, *units, *copies}


@pytest.mark.slow
async def test_every_pair_of_the_world_is_linked_both_ways_or_not_at_all() -> None:
    async with market(*REGISTRIES) as (world, asking):
        ask = asking()
        everyone = await connect(ask, Entity.PROJECT, registries=REGISTRIES, first=1_000)
        ids = {record.id for record in everyone.nodes}
        assert len(ids) == sum(len(world.told_by(key).projects) for key in REGISTRIES)
        # Few at a time: serials are read for ten projects of one operation.
        found: dict[str, set[str]] = {}
        for at in range(0, len(everyone.nodes), 10):
            ask = asking()
            some = everyone.nodes[at : at + 10]
            links = await asyncio.gather(*(same_as(ask, record) for record in some))
            for record, told in zip(some, links, strict=True):
                assert not [row.message for row in told.coverage if not row.complete]
                found[record.id] = {link.project.id for link in told.links}
        assert sum(map(len, found.values())) > 50
        for one, other in permutations(found, 2):
            assert (other in found[one]) == (one in found[other]), (one, other)


@pytest.mark.parametrize("registry", sweep(["cad-trust", "gold-standard"], ["gold-standard"]))
async def test_the_links_of_all_projects_of_a_registry_cost_few_calls_of_a_node(
    registry: str,
) -> None:
    async with market("cad-trust", "gold-standard") as (_, asking):
        ask = asking()
        page = await connect(ask, Entity.PROJECT, registries=(registry,), first=100)
        before = ask.spent("cad-trust")
        await asyncio.gather(*(same_as(ask, record) for record in page.nodes))
        assert len(page.nodes) > 20
        assert ask.spent("cad-trust") - before <= 4
