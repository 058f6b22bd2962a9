"""The sandbox's crosswalks, through the whole gateway: who names whom, and who finds whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.assemble import assemble
from gateway.config import Settings
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.planted import Planted, find
from gateway.sandbox.runner import Sandbox
from gateway.stitch.ask import Ask
from gateway.stitch.nodes import node
from gateway.stitch.sameas import SameAs, same_as
from gateway.upstream.terms import Terms

REGISTRIES = ("biocarbon", "cad-trust", "cercarbono")


@asynccontextmanager
async def market() -> AsyncIterator[tuple[Ask, Planted]]:
    async with Sandbox(only=REGISTRIES) as sandbox:
        settings = Settings(registries=sandbox.settings(), only=REGISTRIES)
        gateway = assemble(settings, signer=throw_away_signer())
        await gateway.start()
        try:
            terms = Terms(gateway.clock.monotonic() + 30)
            yield Ask(gateway.federation, terms), find(sandbox.world)
        finally:
            await gateway.close()


async def links(ask: Ask, registry: str, key: str) -> dict[str, SameAs]:
    """The other records of a project, by id."""
    project = await node(ask, GlobalId(registry, Entity.PROJECT, key))
    assert project is not None
    return {link.project.id: link for link in (await same_as(ask, project)).links}


@pytest.mark.slow
async def test_a_registry_and_its_cad_trust_record_find_each_other() -> None:
    async with market() as (ask, planted):
        ours, theirs = planted.crosswalk
        (link,) = (await links(ask, "biocarbon", ours)).values()
        assert link.project.id == f"cgw:cad-trust:project:{theirs}"
        assert link.basis is SameAsBasis.CROSS_REFERENCE
        (back,) = (await links(ask, "cad-trust", theirs)).values()
        assert back.project.id == f"cgw:biocarbon:project:{ours}"


async def test_a_project_finds_the_one_it_was_converted_into() -> None:
    async with market() as (ask, planted):
        ours, theirs = planted.converted
        found = await links(ask, "biocarbon", theirs)
        link = found[f"cgw:cercarbono:project:{ours}"]
        assert link.basis is SameAsBasis.REGISTRY_OF_ORIGIN_ID
        assert link.stated_by == f"cgw:cercarbono:project:{ours}"
