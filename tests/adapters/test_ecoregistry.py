"""EcoRegistry's platform and its two registries: whole lists, refusals, and standards apart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters import cercarbono, ecoregistry
from adapters.contract import Adapter, Page
from adapters.ecoregistry_platform import HEADERS
from gateway.errors import BadCursor, InvalidPayload, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import UnitMetric, UnitStatus
from gateway.model.question import Parent, Question
from gateway.sandbox import cercarbono as cercarbono_sandbox
from gateway.sandbox import ecoregistry as ecoregistry_sandbox
from gateway.sandbox.ecoregistry_platform import BASE, OTHERS
from gateway.sandbox.planted import find
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

WORLD = make()
TOLD = WORLD.told_by("cercarbono")
UNIT = Question(Entity.UNIT)
EMULATORS = {
    "cercarbono": cercarbono_sandbox.EMULATOR,
    "ecoregistry": ecoregistry_sandbox.EMULATOR,
}
ADAPTERS: dict[str, Adapter] = {
    "cercarbono": cercarbono.adapter,
    "ecoregistry": ecoregistry.adapter,
}
adapter = cercarbono.adapter
Row = dict[str, Any]


@asynccontextmanager
async def registry(
    key: str = "cercarbono", trap: Middleware | None = None
) -> AsyncIterator[LoopbackSource]:
    served = EMULATORS[key].application(WORLD.told_by(key))
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, key, base_path=BASE, headers=dict(HEADERS)) as source:
        yield source


@asynccontextmanager
async def serving(**bodies: Any) -> AsyncIterator[LoopbackSource]:
    """A platform with these bodies: `projects`, `analytics`, `retirements`, `detail`."""
    project = {"id": 7, "code": "CDC-9"}
    found: dict[str, Any] = {
        "projects": {"status": 1, "creditUnit": "tCO2e", "projects": [project]},
        "analytics": {"status": True, "project": []},
        "retirements": {"status": 1, "retirements": []},
        "detail": {"status": 1, "project": {"id": 7}},
        **bodies,
    }

    async def answer(request: web.Request) -> web.Response:
        last = request.path.rpartition("/")[2]
        names = {"cercarbono-co2": "projects", "public": "projects", "get-retirements": ""}
        name = "analytics" if request.path.endswith("analytics/projects") else names.get(last)
        body = found["retirements" if name == "" else name or "detail"]
        if isinstance(body, bytes):
            return web.Response(body=body, content_type="application/json")
        return web.json_response(body)

    served = web.Application()
    served.router.add_get("/{path:.*}", answer)
    async with loopback(served, "cercarbono") as source:
        yield source


def serial(text: str, **columns: Any) -> Row:
    return {"serial": text, "issued_quantity": 5, "is_buffer": False, **columns}


def analytics(*serials: Row, number: int = 7) -> Row:
    return {"status": True, "project": [{"id": number, "serials": list(serials)}]}


async def pages(source: LoopbackSource, question: Question, key: str = "cercarbono") -> list[Page]:
    return [page async for page in ADAPTERS[key].pages(source, question)]


async def records(source: LoopbackSource, question: Question, key: str = "cercarbono") -> list[Any]:
    return [record for page in await pages(source, question, key) for record in page.records]


@pytest.mark.parametrize("key", ADAPTERS)
async def test_each_kind_costs_as_many_calls_as_it_has_lists(key: str) -> None:
    async with registry(key) as source:
        for entity, calls in ((Entity.PROJECT, 1), (Entity.ISSUANCE, 2), (Entity.UNIT, 3)):
            source.asked.clear()
            await pages(source, Question(entity), key)
            assert len(source.asked) == calls
            assert ADAPTERS[key].collections[entity].full_scan_calls == calls


@pytest.mark.parametrize("key", ADAPTERS)
@pytest.mark.parametrize("missing", ["platform", "lng"])
async def test_without_its_headers_the_platform_refuses_inside_a_200(
    key: str, missing: str
) -> None:
    async with registry(key) as source:
        source.headers = {name: value for name, value in HEADERS if name != missing}
        for entity in Entity:
            with pytest.raises(InvalidPayload, match="ERROR_401"):
                await records(source, Question(entity), key)


async def test_a_strange_site_meets_a_fault() -> None:
    async with registry() as source:
        source.headers = {**dict(HEADERS), "origin": "https://other.example"}
        with pytest.raises(RegistryHttpError):
            await records(source, UNIT)


@pytest.mark.parametrize("key", ADAPTERS)
async def test_what_other_standards_did_is_told_by_others(key: str) -> None:
    async with registry(key) as source:
        for entity in Entity:
            for record in await records(source, Question(entity), key):
                assert "XX" not in record.key
                assert record.key != str(OTHERS)
                assert (record.key if entity is Entity.PROJECT else record.project_key)[:3] in (
                    "CDC",
                    "CDB",
                )
        bodies = b"".join(source.bodies).decode()
    assert "XX-" in bodies or "XX_" in bodies


async def test_a_converted_project_names_the_registry_it_came_from() -> None:
    ours, theirs = find(WORLD).converted
    origin = next(p for p in WORLD.told_by("biocarbon").projects if p.key == theirs)
    async with registry() as source:
        found = {r.key: r for r in await records(source, Question(Entity.PROJECT))}
        issuances = await pages(source, Question(Entity.ISSUANCE))
    converted = found.pop(ours)
    assert converted.registry_of_origin == "BioCarbon Standard"
    assert converted.origin_project_id == str(origin.row_id)
    assert str(origin.row_id) in converted.registry_of_origin_raw
    (related,) = converted.related_projects
    assert (related.related_registry, related.related_project_id) == (
        "biocarbon",
        str(origin.row_id),
    )
    assert {r.registry_of_origin for r in found.values()} == {"Cercarbono"}
    assert issuances[0].warnings == (
        f"{ours} names serials of its own, which the registry's list of issuances leaves out",
    )


async def test_a_link_to_a_registry_that_nobody_knows_makes_no_claim() -> None:
    project = {"id": 7, "code": "CDC-9", "convertedFromLink": "https://nowhere.example/9"}
    body = {"creditUnit": "tCO2e", "projects": [project]}
    async with serving(projects=body) as source:
        (found,) = await records(source, Question(Entity.PROJECT))
    assert (found.registry_of_origin, found.origin_project_id) == (None, None)
    assert found.registry_of_origin_raw == "https://nowhere.example/9"
    assert found.related_projects[0].related_registry is None


async def test_what_comes_once_per_verification_is_told_once() -> None:
    project = {
        "id": 7,
        "code": "CDC-9",
        "sectors": [{"description": "Energy industries"}, {"description": "Energy industries"}],
        "methodology": [
            {"description": "CDM - ACM0002: Grid"},
            {"description": "CDM - ACM0002: Grid - Version: 2"},
            {"description": "No definido"},
        ],
        "projectsGlobalGoal": [{"description": "Education"}, {"description": "Education"}],
        "location": ["Colombia", "Colombia", "Peru"],
    }
    async with serving(projects={"creditUnit": "tCO2e", "projects": [project]}) as source:
        (found,) = await records(source, Question(Entity.PROJECT))
    assert found.sector_raw == "Energy industries"
    assert [m.methodology_code for m in found.methodologies] == ["ACM0002"]
    assert [c.sdg for c in found.co_benefits] == [4]
    assert [place.country for place in found.project_locations] == ["CO", "PE"]


async def test_a_bare_project_says_nothing_it_does_not_know() -> None:
    async with serving() as source:
        (listed,) = await records(source, Question(Entity.PROJECT))
        (read,) = (await adapter.by_keys(source, Entity.PROJECT, ["CDC-9"])).records
    for found in (listed, read):
        for name in ("project_locations", "estimations", "co_benefits", "project_ratings"):
            assert getattr(found, name) == ()
        for name in ("sector", "sector_raw", "methodology", "methodology_raw", "validation_body"):
            assert getattr(found, name) is None
        assert getattr(found, "project_description", "") is None


async def test_a_detail_gives_places_period_and_public_ratings() -> None:
    detail = {
        "status": 1,
        "locations": [
            {
                "countryDescription": "Colombia",
                "regionDescription": "Worldwide",
                "dataMap": {"latitude": 8.412918740997307, "longitude": -75.5},
            },
            {"countryDescription": "Peru", "regionDescription": "Cusco"},
        ],
        "project": {
            "id": 7,
            "descriptionProject": "Texto",
            "periodInit": "2020-01-01",
            "validator": "No definido",
        },
        "projectRatings": [
            {
                "ratings": [
                    {"company": "BeZero", "name": "BeZero", "rate": "AA", "isPublic": 1},
                    {"company": "MSCI", "name": "MSCI", "rate": "XXX", "isPublic": 0},
                ]
            }
        ],
    }
    async with serving(detail=detail) as source:
        found: Any = (await adapter.by_keys(source, Entity.PROJECT, ["CDC-9", "CDC-8"])).records[0]
    one, other = found.project_locations
    assert (one.in_country_region, other.in_country_region) == (None, "Cusco")
    assert (str(one.latitude), one.latitude_raw) == ("8.412918740997307", "8.412918740997307")
    assert (other.latitude, other.longitude_raw) == (None, None)
    assert found.project_description == "Texto"
    assert found.validation_body is None
    assert found.estimations[0].crediting_period_start == "2020-01-01"
    assert [r.rating for r in found.project_ratings] == ["AA"]


@pytest.mark.parametrize("detail", [{"status": 1}, {"project": {"id": 8}}, {"project": {}}])
async def test_a_detail_of_another_project_is_an_invalid_payload(detail: Row) -> None:
    async with serving(detail=detail) as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.PROJECT, ["CDC-9"])


async def test_an_issuance_to_the_buffer_is_a_unit_and_others_are_not() -> None:
    body = analytics(
        serial("CDC_7_1"),
        serial("CDC_7_1_BF", is_buffer=True, vintage_of_credits="2010-01-01 / 2018-09-30"),
        serial("CDC_7_2_BF", is_buffer=True, issued_quantity=0),
    )
    async with serving(analytics=body) as source:
        issuances = await records(source, Question(Entity.ISSUANCE))
        (unit,) = await records(source, UNIT)
    assert len(issuances) == 3
    assert (unit.key, unit.unit_status) == ("CDC_7_1_BF", UnitStatus.BUFFER)
    assert (unit.vintage_start_date, unit.vintage_year) == ("2010-01-01", 2018)
    assert [adapter.belongs(unit, issuance) for issuance in issuances] == [False, True, False]
    assert issuances[0].vintage_year is None


async def test_an_issuance_under_two_revisions_is_told_as_a_warning() -> None:
    body = analytics(
        serial("CDC_7_14_R6_CO_2022"),
        serial("CDC_7_14_R7_CO_2022"),
        serial("CDC_7_14_R7_CO_2023"),
        serial("CDC_7_14_R6_CO_2023", issued_quantity=9),
    )
    async with serving(analytics=body) as source:
        (page,) = await pages(source, Question(Entity.ISSUANCE))
    assert len(page.records) == 4
    assert page.warnings == (
        "1 of the issuances of CDC-9 stand in the list again under a revised serial",
    )


async def test_kilograms_are_told_in_tonnes() -> None:
    row = {"id": 1, "project_id": 7, "serial": "CDC_7_1", "quantity": 1500, "is_kg": 1}
    other = {**row, "id": 2, "is_kg": 0, "vintage": "2018-12-12", "reason_using": {}}
    foreign = {**row, "id": 3, "project_id": 99}
    async with serving(retirements={"retirements": [row, other, foreign]}) as source:
        kilos, tonnes = await records(source, UNIT)
    assert (str(kilos.unit_count), kilos.unit_count_raw) == ("1.5", "1500")
    assert (tonnes.unit_count, tonnes.vintage_year) == (1500, 2018)
    assert (kilos.unit_status_reason, tonnes.unit_status_reason) == (None, None)
    assert kilos.unit_metric is UnitMetric.TCO2E


async def test_children_are_those_of_the_parents_asked_for() -> None:
    unit = TOLD.units[0]
    of_project = Parent(Entity.PROJECT, (unit.project_key, "CDC-1"))
    of_issuance = Parent(Entity.ISSUANCE, (unit.issuance_key,))
    async with registry() as source:
        units = await records(source, Question(Entity.UNIT, parent=of_project))
        inside = await records(source, Question(Entity.UNIT, parent=of_issuance))
        (page,) = await pages(source, Question(Entity.ISSUANCE, parent=of_project))
    assert {u.key for u in units} == {
        u.key for u in TOLD.units if u.project_key == unit.project_key
    }
    assert {u.key for u in inside} == {
        u.key for u in TOLD.units if u.issuance_key == unit.issuance_key
    }
    assert page.total == len(page.records) == len({u.issuance_key for u in units})


async def test_units_go_on_with_the_retired_ones() -> None:
    async with registry() as source:
        buffered, retired = await pages(source, UNIT)
        (again,) = [page async for page in adapter.pages(source, UNIT, buffered.next)]
    assert [r.key for r in again.records] == [r.key for r in retired.records]


@pytest.mark.parametrize("entity", Entity)
async def test_a_token_was_never_given_and_is_refused(entity: Entity) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, Question(entity), "2")]


@pytest.mark.parametrize("key", ADAPTERS)
@pytest.mark.parametrize(
    "trap", sorted({*cercarbono_sandbox.EMULATOR.traps} - {"a row comes twice"})
)
async def test_a_trap_is_a_typed_outcome(key: str, trap: str) -> None:
    async with registry(key, EMULATORS[key].traps[trap]) as source:
        for entity in Entity:
            with pytest.raises(InvalidPayload):
                await records(source, Question(entity), key)


@pytest.mark.parametrize(
    "projects",
    [
        b"",
        b"[]",
        b"\xff",
        {"creditUnit": "tCO2e"},
        {"creditUnit": "ha", "projects": []},
        {"creditUnit": "tCO2e", "projects": [{"id": "7"}]},
        {"creditUnit": "tCO2e", "projects": [{"id": 7, "code": "a"}, {"id": 7, "code": "b"}]},
    ],
)
async def test_a_body_that_is_no_list_is_an_invalid_payload(projects: Any) -> None:
    async with serving(projects=projects) as source:
        with pytest.raises(InvalidPayload):
            await records(source, Question(Entity.PROJECT))


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        ("cercarbono", "CDC-271", "CDC-271"),
        ("cercarbono", " cdc 271", "CDC-271"),
        ("cercarbono", "CDC271", "CDC-271"),
        ("cercarbono", "CDB-1", None),
        ("cercarbono", "271", None),
        ("ecoregistry", "cdb_1", "CDB-1"),
        ("ecoregistry", "CDC-271", None),
        ("ecoregistry", "1", None),
    ],
)
def test_a_project_code_has_many_spellings(key: str, text: str, found: str | None) -> None:
    assert ADAPTERS[key].project_key(text) == found
    looked_up = ADAPTERS[key].lookup_key(f"{key}.code", text)
    assert looked_up == ((Entity.PROJECT, found) if found else None)
    assert ADAPTERS[key].lookup_key("offsetsdb", text) is None


async def test_no_keys_cost_no_call() -> None:
    async with registry() as source:
        for entity in Entity:
            assert list((await adapter.by_keys(source, entity, ())).records) == []
        assert source.asked == []


async def test_what_a_credit_is_stands_in_the_detail_where_a_registry_has_many_standards() -> None:
    told = WORLD.told_by("ecoregistry")
    async with registry("ecoregistry") as source:
        (listed, *_) = await records(source, Question(Entity.PROJECT), "ecoregistry")
        page = await ecoregistry.adapter.by_keys(source, Entity.PROJECT, [told.projects[0].key])
        units = await records(source, UNIT, "ecoregistry")
    assert listed.unit_metric is None
    read: Any = page.records[0]
    assert read.unit_metric is UnitMetric.TCO2E
    assert {u.unit_metric for u in units} == {None}


async def test_an_unknown_path_of_the_emulator_is_not_found() -> None:
    async with registry() as source:
        answer = await source.session.get(f"{source.base_url}/x", headers=source.headers)
        assert answer.status == 404
        assert json.loads(await answer.read())["status"] == 0
