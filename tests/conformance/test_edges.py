"""Edges of every registry lose nothing: what the lists hold hangs under its parent, or is told.

The truth is the world's own, never the gateway's. No test here knows a registry by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.config import LimitSettings
from gateway.model.entity import Entity
from gateway.model.record import Record
from gateway.stitch import edges
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms
from tests.conformance.desk import LONG, REGISTRIES, Desk, desk, federation, some

pytestmark = pytest.mark.parametrize("registry", REGISTRIES)

BELOW = (
    (Entity.PROJECT, Entity.ISSUANCE, "project_key"),
    (Entity.PROJECT, Entity.UNIT, "project_key"),
    (Entity.ISSUANCE, Entity.UNIT, "issuance_key"),
)


def asking(at: Desk) -> Ask:
    """One operation over the registry alone, with calls enough."""
    limits = LimitSettings(calls_per_registry=100_000)
    return Ask(federation(at, limits), Terms(SystemClock().monotonic() + 120))


def edges_of(at: Desk) -> list[tuple[Entity, Entity, str]]:
    held = at.adapter.collections
    return [one for one in BELOW if one[0] in held and one[1] in held]


async def below(
    at: Desk, parents: Sequence[Record[Any]], entity: Entity
) -> dict[str, tuple[set[str], bool]]:
    """For each parent the keys of its children and whether they are said to be all."""
    found = await edges.children_of(asking(at), parents, entity, first=100_000)
    made: dict[str, tuple[set[str], bool]] = {}
    for parent, page in zip(parents, found, strict=True):
        assert not isinstance(page, BaseException)
        keys = [node.key for node in page.nodes]
        assert len(keys) == len(set(keys))
        (row,) = page.coverage
        assert row.complete or row.warnings
        made[parent.key] = set(keys), row.complete
    return made


async def test_the_children_of_all_parents_are_all_children(registry: str) -> None:
    async with desk(registry) as at:
        for above, entity, link in edges_of(at):
            parents = await at.everything(above)
            listed = {record.key for record in await at.everything(entity)}
            found = await below(at, parents, entity)
            for key, row in at.truth.rows(entity).items():
                owner = getattr(row, link)
                assert key in listed
                if owner in found:
                    children, complete = found[owner]
                    assert key in children or not complete, (entity, key, owner)
            for owner, (children, _) in found.items():
                rows = at.truth.rows(entity)
                assert {getattr(rows[key], link) for key in children} <= {owner}


@pytest.mark.slow_for(*LONG)
async def test_later_pages_and_the_single_record_give_the_same_children(registry: str) -> None:
    async with desk(registry) as at:
        for above, entity, _ in edges_of(at):
            parents = some(await at.everything(above), 4)
            whole = await below(at, parents, entity)
            for parent in parents:
                walked: list[str] = []
                after, more, complete = None, True, True
                while more:
                    page = await edges.children(asking(at), parent, entity, first=7, after=after)
                    walked += [node.key for node in page.nodes]
                    complete = complete and page.coverage[0].complete
                    after, more = page.page_info.end_cursor, page.page_info.has_next_page
                assert len(walked) == len(set(walked))
                assert (set(walked), complete) == whole[parent.key]


@pytest.mark.slow_for(*LONG)
async def test_the_way_up_leads_to_the_parent_under_which_the_record_hangs(registry: str) -> None:
    async with desk(registry) as at:
        for above, entity, _ in edges_of(at):
            children = await at.everything(entity)
            found = await below(at, await at.everything(above), entity)
            owners = {key: owner for owner, (keys, _) in found.items() for key in keys}
            up = edges.project if above is Entity.PROJECT else edges.issuance
            asked = asking(at)
            led = await asyncio.gather(*(up(asked, child) for child in children))
            for child, parent in zip(children, led, strict=True):
                assert owners.get(child.key) == (parent.key if parent else None)
