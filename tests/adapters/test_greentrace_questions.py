"""How GreenTrace is asked: ledgers, searches, walks, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters import art
from gateway.errors import BadCursor, InvalidPayload, RegistryHttpError, RegistryRateLimited
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Predicate, Question
from gateway.sandbox import greentrace_traps as traps
from gateway.sandbox.world import Telling
from tests.adapters.greentrace_acr import (
    ADAPTER,
    ISSUING,
    LARGE,
    TOLD,
    asking,
    below,
    keys,
    pages,
    records,
    registry,
)
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make


def paths(source: LoopbackSource) -> list[str]:
    return [request.path.rpartition("/registry/")[2] for request in source.asked]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (UnitStatus.RETIRED, "RETIRED"),
        (UnitStatus.CANCELLED, "CANCELED"),
        (UnitStatus.EXPORTED, "CANCELED"),
        (UnitStatus.HELD, None),
    ],
)
async def test_a_status_chooses_the_ledger(wanted: UnitStatus, status: str | None) -> None:
    async with registry() as source:
        found = await records(source, asking("unit_status", Op.EQ, wanted))
        form = dict(source.asked[0].form or ())
    assert form.get("holdingStatus") == status
    own = {u.key for u in TOLD.units if u.unit_status is wanted}
    assert own <= set(keys(found))


async def test_several_statuses_read_one_ledger_or_the_book() -> None:
    both = (UnitStatus.CANCELLED, UnitStatus.EXPORTED)
    mixed = (UnitStatus.CANCELLED, UnitStatus.RETIRED)
    none = Question(
        Entity.UNIT,
        (
            Predicate("unit_status", Op.EQ, UnitStatus.HELD),
            Predicate("unit_status", Op.EQ, UnitStatus.RETIRED),
        ),
    )
    async with registry() as source:
        await records(source, asking("unit_status", Op.IN, both))
        await records(source, asking("unit_status", Op.IN, mixed))
        assert await records(source, none) == []
        asked = [dict(request.form or ()).get("holdingStatus") for request in source.asked]
    assert asked == ["CANCELED", None]


async def test_the_blocks_of_a_project_are_searched_for_and_proven() -> None:
    own = {u.key for u in TOLD.units if u.project_key == ISSUING}
    async with registry() as source:
        assert set(keys(await records(source, below(Entity.UNIT, ISSUING)))) == own
        assert paths(source) == [
            "ACR_REGISTRY/project-summaries/results",
            "ACR_REGISTRY/holding-summaries/results",
        ]
        assert dict(source.asked[1].form or ())["searchText"] == ISSUING


@pytest.mark.parametrize("trap", ["the search is ignored", "the search finds nothing"])
async def test_a_search_that_does_not_add_up_gives_way_to_the_book(trap: str) -> None:
    own = {u.key for u in TOLD.units if u.project_key == ISSUING}
    async with registry(traps.TRAPS[trap]) as source:
        assert set(keys(await records(source, below(Entity.UNIT, ISSUING)))) == own
        forms = [dict(request.form or ()) for request in source.asked]
    assert ("searchText" in forms[-1]) == (trap == "the search is ignored")


async def test_blocks_of_many_projects_are_read_from_the_book() -> None:
    issuing = tuple(dict.fromkeys(u.project_key for u in LARGE.units))[:12]
    async with registry(telling=LARGE) as source:
        found = await records(source, below(Entity.UNIT, *issuing))
        assert len(source.asked) == 2
    assert set(keys(found)) == {u.key for u in LARGE.units if u.project_key in issuing}


async def test_a_project_without_credits_costs_no_search() -> None:
    empty = next(p.key for p in TOLD.projects if p.project_status is ProjectStatus.LISTED)
    async with registry() as source:
        assert await records(source, below(Entity.UNIT, empty)) == []
        assert len(source.asked) == 1


async def test_a_project_code_or_a_serial_leads_to_the_projects_blocks() -> None:
    unit = TOLD.units[0]
    async with registry() as source:
        by_code = asking("project.project_id", Op.EQ, ISSUING.lower())
        assert unit.key in keys(await records(source, by_code))
        by_serial = asking("unit_serial_id", Op.EQ, unit.key.lower())
        assert unit.key in keys(await records(source, by_serial))
        asked = len(source.asked)
        for field in ("project.project_id", "unit_serial_id"):
            assert await records(source, asking(field, Op.EQ, "nonsense")) == []
        assert len(source.asked) == asked


async def test_reading_a_block_by_its_serial_reads_its_project_only() -> None:
    async with registry() as source:
        (found,) = (await ADAPTER.by_keys(source, Entity.UNIT, [TOLD.units[0].key])).records
        assert found.key == TOLD.units[0].key
        assert len(source.asked) == 2


async def test_serials_of_another_prefix_name_the_programme_by_its_number() -> None:
    told = make().told_by("art")
    unit = told.units[0]
    serial = unit.key.replace("ART-", "FCPF-", 1)
    units = (replace(unit, unit_serial_id=serial), *told.units[1:])
    from gateway.sandbox import art as other

    served = other.EMULATOR.application(Telling("art", told.projects, told.issuances, units))
    async with loopback(served, "art", base_path=other.EMULATOR.base_path) as source:
        (found,) = (await art.adapter.by_keys(source, Entity.UNIT, [serial])).records
    assert (found.key, found.project_key) == (serial, unit.project_key)  # type: ignore[attr-defined]


async def test_a_walk_goes_on_from_any_page() -> None:
    question = Question(Entity.UNIT, want=1)
    async with registry(telling=LARGE) as source:
        walked = await pages(source, question)
        assert len(walked) > 2
        for number, page in enumerate(walked):
            again = await pages(source, question, page.token)
            assert [keys(p.records) for p in again] == [keys(p.records) for p in walked[number:]]
    assert {page.total for page in walked} == {len(LARGE.units)}


async def test_a_ledger_that_changed_since_its_first_page_is_refused() -> None:
    question = Question(Entity.UNIT, want=1)
    async with registry(telling=LARGE) as source:
        first = (await pages(source, question))[0]
    fewer = Telling("acr", LARGE.projects, LARGE.issuances, LARGE.units[:-1])
    async with registry(telling=fewer) as source:
        with pytest.raises(InvalidPayload, match="changed"):
            await pages(source, question, first.next)


async def test_a_page_shorter_than_asked_for_is_gone_on_from() -> None:
    async with registry(traps.TRAPS["pages are clamped"]) as source:
        found = await records(source, Question(Entity.UNIT))
        numbers = [dict(request.form or ())["pageNumber"] for request in source.asked]
    assert sorted(keys(found)) == sorted(u.key for u in TOLD.units)
    assert numbers == [str(number + 1) for number in range(len(numbers))]


@pytest.mark.parametrize("token", ["x", "0.0.0", "5.100.3", "0.2001.9", "0.100.1~"])
async def test_a_token_of_another_paging_is_refused(token: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            await pages(source, Question(Entity.UNIT), token)
        with pytest.raises(BadCursor):
            await pages(source, Question(Entity.PROJECT), "0.100.0")


async def test_the_false_401_is_a_limit_and_not_a_missing_key() -> None:
    async with registry(traps.shuts_out) as source:
        with pytest.raises(RegistryRateLimited) as raised:
            await records(source, Question(Entity.PROJECT))
    assert raised.value.retry_after == 3600
    assert raised.value.registry == "acr"


async def test_other_statuses_stay_what_they_are() -> None:
    @web.middleware
    async def broken(request: web.Request, handler: Handler) -> web.StreamResponse:
        return traps.unmapped(request)

    async with registry(broken) as source:
        with pytest.raises(RegistryHttpError) as raised:
            await records(source, Question(Entity.PROJECT))
    assert raised.value.status == 500
