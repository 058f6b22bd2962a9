"""BioCarbon's cancelled units: a page per project, with places that hold while the list grows."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from gateway.assemble import assemble
from gateway.config import CacheSettings, LimitSettings, RegistrySettings, Settings
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.provenance.keys import throw_away_signer
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.upstream.terms import Terms
from tests.adapters.biocarbon_shelf import (
    UNIT,
    Row,
    Shelf,
    block,
    keys,
    pages,
    registry,
    shelf,
)

CANCELLED = "BCR-CO-9999-14-001-2-2101-2112-{0:07d}-{0:07d}"


def cancelling(count: int) -> Shelf:
    """So many projects, each with one cancelled unit."""
    projects = range(1, count + 1)
    lists: dict[str, list[Row]] = {
        f"carbon-credits/project/{n}/cancellations": [
            {"serial": CANCELLED.format(n), "amount": "1"}
        ]
        for n in projects
    }
    blocks = [
        block(CANCELLED.format(n), active="0", dropouts="1", initiative_id=n)
        for n in reversed(projects)
    ]
    return Shelf({"carbon-credits": blocks, **lists})


async def test_cancelled_units_come_project_by_project_and_each_page_has_a_place() -> None:
    served = cancelling(12)
    wanted = [CANCELLED.format(n) for n in range(1, 13)]
    async with shelf(served) as source:
        found = [page for page in await pages(source, UNIT) if page.token.startswith("2.")]
        assert [keys(list(page.records)) for page in found] == [[key] for key in wanted]
        assert len({page.token for page in found}) == 12
        for number, page in enumerate(found):
            served.asked.clear()
            rest = await pages(source, UNIT, page.token)
            assert [keys(list(one.records)) for one in rest] == [[k] for k in wanted[number:]]
            assert len(served.asked) == 1 + 12 - number


async def test_a_new_block_takes_no_cancelled_unit_from_a_walk_that_goes_on() -> None:
    served = cancelling(3)
    async with shelf(served) as source:
        found = [page for page in await pages(source, UNIT) if page.token.startswith("2.")]
        newer = block(CANCELLED.format(99), active="0", dropouts="1", initiative_id=99)
        served.rows["carbon-credits"].insert(0, newer)
        row: Row = {"serial": CANCELLED.format(99), "amount": "1"}
        served.rows["carbon-credits/project/99/cancellations"] = [row]
        rest = await pages(source, UNIT, found[1].next)
        gone = await pages(source, UNIT, "2.1.0.100")
    assert [keys(list(one.records)) for one in rest] == [
        [CANCELLED.format(3)],
        [CANCELLED.format(99)],
    ]
    assert [(list(page.records), page.next) for page in gone] == [([], None)]


async def test_blocks_with_two_codes_of_one_project_ask_for_its_cancellations_once() -> None:
    serials = [CANCELLED.format(n) for n in (1, 2)]
    served = Shelf(
        {
            "carbon-credits": [
                block(serials[0], dropouts="1", project_id="BCR-CO-9999-14-001"),
                block(serials[1], dropouts="1", project_id="BCR-CO-9998-14-001"),
            ],
            "carbon-credits/project/7/cancellations": [
                {"serial": serial, "amount": "1"} for serial in serials
            ],
        }
    )
    async with shelf(served) as source:
        page = (await pages(source, UNIT))[-1]
    assert (keys(list(page.records)), page.warnings) == (serials, ())


async def test_cancelled_units_of_more_projects_than_the_budget_are_walked_to_the_end() -> None:
    """Every operation may make eight calls, and every one comes forward."""
    served = cancelling(30)
    async with TestServer(served.application()) as server:
        settings = Settings(
            only=("biocarbon",),
            registries={
                "biocarbon": RegistrySettings(
                    base_url=str(server.make_url("/")),
                    credential=SecretStr("any-key"),
                    allow_private=True,
                    rate=10_000,
                    burst=10_000,
                )
            },
            limits=LimitSettings(calls_per_registry=8),
            cache=CacheSettings(backend="off"),
        )
        gateway = assemble(settings, signer=throw_away_signer())
        found: list[str] = []
        after: str | None = None
        for _ in range(60):
            ask = Ask(gateway.federation, Terms(gateway.federation.clock.monotonic() + 30))
            page = await connect(ask, Entity.UNIT, registries=("biocarbon",), first=25, after=after)
            assert page.nodes or not page.page_info.has_next_page
            found += keys(list(page.nodes))
            if not page.page_info.has_next_page:
                break
            after = page.page_info.end_cursor
        await gateway.close()
    assert found == [CANCELLED.format(n) for n in range(1, 31)]


@pytest.mark.parametrize("after", ["x", "-1", "\u0663"])
async def test_a_place_behind_no_project_is_a_bad_cursor(after: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            await pages(source, UNIT, f"2.1.0.{after}")
