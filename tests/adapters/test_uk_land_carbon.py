"""The UK Land Carbon Registry's adapter: two standards behind one key."""

from __future__ import annotations

from dataclasses import replace

from adapters.contract import Adapter
from adapters.uk_land_carbon import adapter
from gateway.model.entity import Entity
from gateway.model.question import Op, Question
from gateway.sandbox.uk_land_carbon import EMULATOR
from gateway.sandbox.world import Telling
from tests.adapters.tenant import ask, asking, keys, pages, serve
from tests.market import make

TOLD = make().told_by("uk-land-carbon")
PEAT = frozenset(p.key for p in TOLD.projects[::2])
BOTH = Telling(
    TOLD.registry,
    tuple(replace(p, program="Peatland Code") if p.key in PEAT else p for p in TOLD.projects),
    TOLD.issuances,
    TOLD.units,
)


def test_it_is_an_adapter_that_chooses_its_standard_read_by_read() -> None:
    checked: Adapter = adapter
    assert "standardid" not in dict(checked.info.headers)
    assert checked.info.verified == ""
    assert "ot verified against a live host" in checked.info.notes


async def test_both_codes_are_walked_and_each_row_says_which_it_is_of() -> None:
    async with serve(adapter, EMULATOR, BOTH) as source:
        found = await ask(adapter, source, Question(Entity.PROJECT))
        assert sorted(keys(found)) == sorted(p.key for p in BOTH.projects)
        for project in found:
            peat = project.key in PEAT
            assert project.program == ("Peatland Code" if peat else "Woodland Carbon Code")
            assert f"/public/{'pc' if peat else 'wcc'}/projects/" in project.project_link
        assert {dict(r.headers)["standardacronym"] for r in source.asked} == {"WCC", "PC"}


async def test_totals_and_places_span_both_codes() -> None:
    async with serve(adapter, EMULATOR, BOTH) as source:
        found = await pages(adapter, source, Question(Entity.UNIT))
        assert {page.total for page in found} == {len(BOTH.units)}
        rest = await pages(adapter, source, Question(Entity.UNIT), found[3].token)
        assert [keys(page.records) for page in rest] == [keys(page.records) for page in found[3:]]


async def test_a_key_is_found_in_whichever_code_it_is_of() -> None:
    async with serve(adapter, EMULATOR, BOTH) as source:
        wanted = sorted(u.key for u in BOTH.units)
        page = await adapter.by_keys(source, Entity.UNIT, wanted)
        assert sorted(keys(page.records)) == wanted


async def test_pending_issuance_units_are_planned() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        found = await ask(adapter, source, Question(Entity.UNIT))
        planned = {u.key for u in TOLD.units if u.is_ex_ante}
        assert planned
        assert {u.key for u in found if u.is_ex_ante} == planned


async def test_a_nation_of_the_kingdom_is_in_the_kingdom() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        found = await ask(adapter, source, asking(Entity.PROJECT, "country", Op.EQ, "GB"))
        assert len(found) == len(TOLD.projects)
