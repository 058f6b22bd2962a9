"""Gold Standard's adapter against its emulator, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.typedefs import Middleware

from adapters.contract import Adapter, Page
from adapters.gold_standard import adapter
from adapters.gold_standard_asks import credits_of, of_project
from adapters.gold_standard_batches import MOST_CALLS, streamed
from gateway.errors import BadCursor, ConfigError, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Record
from gateway.sandbox.gold_standard import EMULATOR, application
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback
from tests.adapters.told import differences
from tests.market import make
from tests.tools import sweep

TOLD = make().told_by("gold-standard")
TRUTHS: dict[Entity, Sequence[Any]] = {
    Entity.PROJECT: TOLD.projects,
    Entity.ISSUANCE: TOLD.issuances,
    Entity.UNIT: TOLD.units,
}
GIANT = max(TOLD.projects, key=lambda p: sum(u.project_key == p.key for u in TOLD.units)).key


@asynccontextmanager
async def registry(
    trap: Middleware | None = None, telling: Telling = TOLD
) -> AsyncIterator[LoopbackSource]:
    served = application(telling)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "gold-standard") as source:
        yield source


async def pages(source: LoopbackSource, question: Question, token: str | None = None) -> list[Page]:
    return [page async for page in adapter.pages(source, question, token)]


async def records(source: LoopbackSource, question: Question) -> list[Record[Any]]:
    return [record for page in await pages(source, question) for record in page.records]


def keys(found: Sequence[Record[Any]]) -> list[str]:
    return [record.key for record in found]


def asking(entity: Entity, field: str, op: Op, value: object) -> Question:
    return Question(entity, (Predicate(field, op, value),))


def test_it_is_an_adapter() -> None:
    checked: Adapter = adapter
    assert checked.info.key == "gold-standard"


@pytest.mark.parametrize("entity", Entity)
async def test_every_row_of_the_world_comes_back(entity: Entity) -> None:
    truths = {truth.key: truth for truth in TRUTHS[entity]}
    async with registry() as source:
        found = await records(source, Question(entity))
    assert sorted(keys(found)) == sorted(truths)
    wrong = {r.key: d for r in found if (d := differences(r, truths[r.key], EMULATOR))}
    assert wrong == {}


@pytest.mark.parametrize("entity", Entity)
async def test_reading_by_key_gives_the_same_records(entity: Entity) -> None:
    truths = {truth.key: truth for truth in TRUTHS[entity]}
    asked = list(truths)[:9]
    async with registry() as source:
        page = await adapter.by_keys(source, entity, [*asked, "GS1", "nonsense", asked[0]])
    assert sorted(keys(page.records)) == sorted(asked)
    for record in page.records:
        assert differences(record, truths[record.key], EMULATOR, by_key=True) == {}


async def test_a_body_and_a_pointer_name_the_row_of_each_record() -> None:
    async with registry() as source:
        (page,) = await pages(source, Question(Entity.PROJECT))
    assert [r.pointer for r in page.records] == [f"/{i}" for i in range(len(page.records))]
    assert {r.origin.source for r in page.records} == {0}


@pytest.mark.parametrize(
    "text", ["GS7495", "gs7495", "GS 7495", "GS-7495", "7495", " GS7495 ", "GS007495"]
)
def test_a_project_code_has_many_spellings(text: str) -> None:
    assert adapter.project_key(text) == "GS7495"


@pytest.mark.parametrize("text", ["", "VCS1529", "GS", "GS0", "GS7495-1", "7495a", "GS" + "9" * 20])
def test_what_is_no_project_code_is_none(text: str) -> None:
    assert adapter.project_key(text) is None


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("gold-standard.gsid", "gs 7495", (Entity.PROJECT, "GS7495")),
        ("offsetsdb", "GLD7495", (Entity.PROJECT, "GS7495")),
        # One serial may stand on two rows: it is searched for, and is no key.
        ("gold-standard.serial", "GS1-1-KE-GS7495-16-2025-30645-608-30350", None),
        ("offsetsdb", "VCS1529", None),
        ("gold-standard.gsid", "VCS1529", None),
        ("gold-standard.serial", "GS7495", None),
        ("verra.vcs", "7495", None),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert adapter.lookup_key(scheme, value) == found


async def test_every_identifier_of_a_record_looks_it_up_again() -> None:
    async with registry() as source:
        found = await records(source, Question(Entity.PROJECT))
        found += await records(source, Question(Entity.UNIT))
    for record in found:
        for identifier in record.identifiers:
            assert identifier.scheme in adapter.info.schemes
            code = adapter.info.codes[identifier.scheme]
            assert code.entity is record.entity
            looked_up = adapter.lookup_key(identifier.scheme, identifier.value)
            if code.search is None:
                assert looked_up == (record.entity, record.key)
            else:
                assert looked_up is None


async def test_units_and_issuances_of_a_project_are_exactly_its_own() -> None:
    parent = Parent(Entity.PROJECT, (GIANT,))
    async with registry() as source:
        units = await records(source, Question(Entity.UNIT, parent=parent))
        issuances = await records(source, Question(Entity.ISSUANCE, parent=parent))
    assert sorted(keys(units)) == sorted(u.key for u in TOLD.units if u.project_key == GIANT)
    truths = {i.key: i for i in TOLD.issuances if i.project_key == GIANT}
    assert sorted(keys(issuances)) == sorted(truths)
    for issuance in issuances:
        assert differences(issuance, truths[issuance.key], EMULATOR, by_key=True) == {}


async def test_units_of_an_issuance_are_those_that_belong_to_it() -> None:
    issuance = next(i for i in TOLD.issuances if i.project_key == GIANT)
    parent = Parent(Entity.ISSUANCE, (issuance.key, "nonsense"))
    async with registry() as source:
        units = await records(source, Question(Entity.UNIT, parent=parent))
        (record,) = (await adapter.by_keys(source, Entity.ISSUANCE, [issuance.key])).records
    own = {u.key for u in TOLD.units if u.issuance_key == issuance.key}
    assert sorted(keys(units)) == sorted(own)
    assert all(adapter.belongs(unit, record) for unit in units)


async def test_several_parents_are_read_one_after_the_other() -> None:
    some = tuple(dict.fromkeys(u.project_key for u in TOLD.units))[:3]
    question = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, some))
    async with registry() as source:
        walked = await pages(source, question)
        resumed = await pages(source, question, walked[0].next)
    found = [r.key for page in walked for r in page.records]
    assert sorted(found) == sorted(u.key for u in TOLD.units if u.project_key in some)
    assert [p.token for p in resumed] == [p.token for p in walked[1:]]


async def test_a_unit_of_another_issuance_does_not_belong() -> None:
    async with registry() as source:
        units = await records(source, Question(Entity.UNIT))
        issuances = await records(source, Question(Entity.ISSUANCE))
    for issuance in issuances:
        inside = {unit.key for unit in units if adapter.belongs(unit, issuance)}
        assert inside == {u.key for u in TOLD.units if u.issuance_key == issuance.key}
    assert not adapter.belongs(issuances[0], issuances[0])


async def test_countries_narrow_exactly() -> None:
    country = TOLD.projects[3].project_locations[0].country
    other = TOLD.projects[5].project_locations[0].country
    own = {p.key for p in TOLD.projects if p.project_locations[0].country in (country, other)}
    async with registry() as source:
        projects = await pages(source, asking(Entity.PROJECT, "country", Op.IN, (country, other)))
        units = await records(
            source, asking(Entity.UNIT, "project.country", Op.IN, (country, other))
        )
        issuances = await records(
            source, asking(Entity.ISSUANCE, "project.country", Op.IN, (country, other))
        )
    assert {r.key for page in projects for r in page.records} == own
    assert projects[0].total == len(own)
    assert set(keys(units)) == {u.key for u in TOLD.units if u.project_key in own}
    assert set(keys(issuances)) == {i.key for i in TOLD.issuances if i.project_key in own}


async def test_a_short_list_of_blocks_gives_issuances_their_totals() -> None:
    country = next(
        p.project_locations[0].country
        for p in TOLD.projects
        if 0 < sum(u.project_key == p.key for u in TOLD.units) < 9
    )
    async with registry() as source:
        found = await records(source, asking(Entity.ISSUANCE, "project.country", Op.EQ, country))
    assert found
    assert all(record.unit_count is not None for record in found)  # type: ignore[attr-defined]


async def test_how_long_a_short_list_is_can_be_set() -> None:
    async with registry() as source:
        source.options = {"issuance_blocks": "100000"}
        found = await records(source, Question(Entity.ISSUANCE))
        assert all(record.unit_count is not None for record in found)  # type: ignore[attr-defined]
        source.options = {"issuance_blocks": "many"}
        with pytest.raises(ConfigError, match="issuance_blocks"):
            await records(source, Question(Entity.ISSUANCE))


@pytest.mark.parametrize("busy", [False, True])
async def test_a_walk_over_issuances_comes_forward_with_few_calls_an_operation(busy: bool) -> None:
    told = TOLD
    if busy:  # every block is one of the same project, in issuances that were split again and again
        one = next(p for p in TOLD.projects if p.key == GIANT)
        issued = [i for i in TOLD.issuances if i.project_key == GIANT]
        units = [u for u in TOLD.units if u.project_key == GIANT]
        # One issuance lies below six hundred newer blocks of its project.
        old = [u for u in units if u.issuance_key == issued[0].key]
        late = [u for u in units if u.issuance_key != issued[0].key]
        again = [
            replace(u, key=f"{u.key}-{n}", unit_serial_id=f"{u.unit_serial_id}-{n}", number=n)
            for n, u in enumerate([*old, *late * (600 // len(late))], 1)
        ]
        told = replace(TOLD, projects=(one,), issuances=tuple(issued), units=tuple(again))
    ask = of_project(GIANT) if busy else credits_of("", None)
    found: list[str] = []
    async with registry(telling=told) as source:
        token: str | None = None
        for _ in range(2_000):
            before = len(source.asked)
            page = await anext(aiter(streamed(source, ask, token, 0)))
            assert len(source.asked) - before <= MOST_CALLS + 3
            found += keys(page.records)
            token = page.next
            if token is None:
                break
    wanted = {u.issuance_key for u in told.units}
    assert len(found) == len(set(found))
    assert set(found) == wanted


async def test_a_block_that_comes_during_the_walk_takes_no_issuance_from_it() -> None:
    async with registry() as source:
        (first, *_) = await pages(source, Question(Entity.ISSUANCE))
    assert first.next is not None
    given = set(keys(first.records))
    newest = max(TOLD.units, key=lambda u: u.number)
    later = [u for u in TOLD.units if u.issuance_key not in given][:5]
    split = [
        replace(
            u, key=f"{u.key}-9", unit_serial_id=f"{u.unit_serial_id}9", number=newest.number + n
        )
        for n, u in enumerate(later, 1)
    ]
    grown = replace(TOLD, units=(*TOLD.units, *split))
    async with registry(telling=grown) as source:
        rest = await pages(source, Question(Entity.ISSUANCE), first.next)
    found = [*keys(first.records), *(k for page in rest for k in keys(page.records))]
    assert len(found) == len(set(found))
    assert set(found) == {i.key for i in TOLD.issuances}


async def test_countries_that_exclude_each_other_ask_nothing() -> None:
    both = (Predicate("country", Op.EQ, "NA"), Predicate("country", Op.EQ, "CD"))
    of_units = tuple(Predicate(f"project.{p.field}", p.op, p.value) for p in both)
    async with registry() as source:
        assert await records(source, Question(Entity.PROJECT, both)) == []
        assert await records(source, Question(Entity.UNIT, of_units)) == []
        assert source.asked == []


async def test_a_project_id_is_searched_for_in_the_registrys_own_spelling() -> None:
    async with registry() as source:
        question = asking(Entity.PROJECT, "project_id", Op.EQ, GIANT.lower())
        assert GIANT in keys(await records(source, question))
        assert source.asked[0].query[0] == ("query", GIANT)
        units = await records(source, asking(Entity.UNIT, "project.project_id", Op.EQ, GIANT))
        issuances = await records(
            source, asking(Entity.ISSUANCE, "project.origin_project_id", Op.EQ, GIANT)
        )
    assert set(keys(units)) == {u.key for u in TOLD.units if u.project_key == GIANT}
    assert set(keys(issuances)) == {i.key for i in TOLD.issuances if i.project_key == GIANT}


async def test_text_is_searched_by_the_registry_and_says_so() -> None:
    async with registry() as source:
        found = await pages(source, asking(Entity.PROJECT, "text", Op.CONTAINS, "biogas"))
    wanted = {p.key for p in TOLD.projects if "biogas" in (p.project_name).lower()}
    assert wanted <= {r.key for page in found for r in page.records}
    assert len(found[0].records) < len(TOLD.projects)
    assert "own search" in found[0].warnings[0]


async def test_nonsense_finds_nothing() -> None:
    async with registry() as source:
        (page,) = await pages(source, asking(Entity.PROJECT, "text", Op.CONTAINS, "no such text"))
        named = await records(source, asking(Entity.ISSUANCE, "issuance_id", Op.EQ, "nonsense"))
    assert (page.records, page.total, page.next) == ([], 0, None)
    assert named == []


async def test_retired_blocks_are_asked_for_as_such() -> None:
    async with registry() as source:
        retired = asking(Entity.UNIT, "unit_status", Op.EQ, UnitStatus.RETIRED)
        found = await records(source, retired)
        assert ("issuances", "false") in source.asked[0].query
        held = await records(source, asking(Entity.UNIT, "unit_status", Op.EQ, UnitStatus.HELD))
    own = {u.key for u in TOLD.units if u.unit_status is UnitStatus.RETIRED}
    assert set(keys(found)) == own
    assert set(keys(held)) == {u.key for u in TOLD.units}


async def test_a_serial_and_an_issuance_id_narrow() -> None:
    unit = TOLD.units[40]
    async with registry() as source:
        found = await records(
            source, asking(Entity.UNIT, "unit_serial_id", Op.EQ, unit.unit_serial_id)
        )
        key = unit.issuance_key.lower()
        issuances = await records(source, asking(Entity.ISSUANCE, "issuance_id", Op.EQ, key))
    assert unit.key in keys(found)
    assert len(found) < 5
    assert unit.issuance_key in keys(issuances)


@pytest.mark.parametrize("entity", sweep(Entity, [Entity.PROJECT, Entity.UNIT]))
async def test_a_walk_goes_on_from_any_page(entity: Entity) -> None:
    async with registry() as source:
        walked = await pages(source, Question(entity))
        for number, page in enumerate(walked):
            again = await pages(source, Question(entity), page.token)
            assert [keys(p.records) for p in again] == [keys(p.records) for p in walked[number:]]
            if page.next is not None:
                after = await pages(source, Question(entity), page.next)
                rest = walked[number + 1 :]
                assert [keys(p.records) for p in after] == [keys(p.records) for p in rest]


@pytest.mark.parametrize("token", ["x", "0~1", "0~0.25.0.0", "0~1.0.0.0", "1~x", "~"])
async def test_a_token_of_another_paging_is_refused(token: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            await pages(source, Question(Entity.PROJECT), token)


async def test_many_serials_of_one_project_cost_no_call_each() -> None:
    serials = [u.key for u in TOLD.units if u.project_key == GIANT]
    async with registry() as source:
        page = await adapter.by_keys(source, Entity.UNIT, serials)
        assert sorted(keys(page.records)) == sorted(serials)
        assert len(source.asked) <= len(serials) // 25 + 2


async def test_a_client_without_a_name_meets_the_cdn() -> None:
    async with registry() as source:
        source.headers = {"User-Agent": ""}
        with pytest.raises(RegistryHttpError) as raised:
            await records(source, Question(Entity.PROJECT))
    assert raised.value.status == 403
