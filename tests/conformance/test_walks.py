"""Walks to the end, also over a market twenty times as large: every record of the world, once each.

A client's loop: ask for a page, go on from `endCursor` while `hasNextPage` is true, each page an
operation of its own with the usual budget of calls. The truth is the world's own list.
"""

from __future__ import annotations

import pytest

from gateway.clock import SystemClock
from gateway.config import LimitSettings
from gateway.model.entity import Entity
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.upstream.terms import Terms
from tests.conformance.desk import REGISTRIES, Desk, desk, federation
from tests.tools import sweep

pytestmark = pytest.mark.parametrize("registry", REGISTRIES)

LARGE = 20


async def loop(at: Desk, entity: Entity, first: int) -> list[str]:
    """The keys of all pages, as a client gets them that looks at nothing but `pageInfo`."""
    served = federation(at, LimitSettings())
    clock = SystemClock()
    found: list[str] = []
    after, more, pages = None, True, 0
    while more:
        page = await connect(
            Ask(served, Terms(clock.monotonic() + 60)),
            entity,
            registries=(at.key,),
            first=first,
            after=after,
        )
        found += [node.key for node in page.nodes]
        info = page.page_info
        assert info.end_cursor != after or not info.has_next_page
        after, more, pages = info.end_cursor, info.has_next_page, pages + 1
        assert pages < 2_000
    (row,) = page.coverage
    assert (row.exhausted, row.paused, row.complete) == (True, False, True)
    return found


@pytest.mark.parametrize("share", [1, 5])
@pytest.mark.parametrize("scale", sweep([1, LARGE], 1))
async def test_a_loop_over_pages_gives_every_record_of_the_world_once(
    registry: str, share: int, scale: int
) -> None:
    async with desk(registry, scale=scale) as at:
        for entity in at.adapter.collections:
            wanted = sorted(at.truth.rows(entity))
            # The largest page, and one of a size that fits no registry's own pages.
            first = 500 if share == 1 else min(487, max(23, len(wanted) // share + 1))
            found = await loop(at, entity, first)
            assert len(found) == len(set(found))
            assert sorted(found) == wanted
