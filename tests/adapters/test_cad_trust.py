"""What a CAD Trust node is asked, at what price, and what is made of its answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import pytest
from aiohttp import web

from adapters.cad_trust import INFO, CadTrust, adapter
from adapters.cad_trust_rows import IssuanceRow, LocationRow, ProjectRow, UnitRow
from adapters.cad_trust_views import Issuance, Location, Project, Unit, point
from adapters.contract import Page, RegistryInfo
from gateway.errors import InvalidPayload, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Origin, Record
from gateway.sandbox.cad_trust import application, make_application
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

ORIGIN = Origin("cad-trust", 0)
UUID = "00000000-0000-4000-8000-00000000000{}"


@cache
def telling(scale: int = 1) -> Telling:
    return make(scale=scale).told_by("cad-trust")


@asynccontextmanager
async def node(
    scale: int = 1, options: Mapping[str, str] | None = None
) -> AsyncIterator[LoopbackSource]:
    async with loopback(application(telling(scale)), "cad-trust", options=options) as source:
        yield source


@asynccontextmanager
async def answering(path: str, body: Any) -> AsyncIterator[LoopbackSource]:
    """A node that says the same whatever it is asked."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(body)

    served = web.Application()
    served.router.add_get(path, answer)
    async with loopback(served, "cad-trust") as source:
        yield source


async def pages(source: LoopbackSource, question: Question, token: str | None = None) -> list[Page]:
    return [page async for page in adapter.pages(source, question, token)]


async def records(source: LoopbackSource, question: Question) -> list[Record[Any]]:
    return [record for page in await pages(source, question) for record in page.records]


def queries(source: LoopbackSource) -> list[dict[str, str]]:
    return [dict(request.query) for request in source.asked]


def issuances_per_project() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for issuance in telling().issuances:
        found.setdefault(issuance.project_key, []).append(issuance.key)
    return found


async def test_every_walk_is_ordered_by_the_unique_column() -> None:
    async with node() as source:
        await pages(source, Question(Entity.PROJECT))
        await pages(source, Question(Entity.UNIT))
        orders = {q["order"] for q in queries(source)}
    assert orders == {"warehouseProjectId:ASC", "warehouseUnitId:ASC"}


async def test_a_count_is_asked_for_once_and_only_where_it_is_not_known() -> None:
    async with node() as source:
        found = await pages(source, Question(Entity.UNIT))
        counts = [q for q in queries(source) if q["limit"] == "1"]
        assert len(counts) == 1
        assert [page.total for page in found] == [len(telling().units)] + [None] * (len(found) - 1)


async def test_units_of_a_project_cost_its_issuances_two_by_two() -> None:
    key, issuances = max(issuances_per_project().items(), key=lambda item: len(item[1]))
    async with node() as source:
        parent = Parent(Entity.PROJECT, (key,))
        found = await records(source, Question(Entity.UNIT, parent=parent, want=500))
        wanted = {u.key for u in telling().units if u.project_key == key}
        assert {r.key for r in found} == wanted
        first, *rest = queries(source)
        assert first == {"warehouseProjectId": key}
        assert len(rest) == -(-len(issuances) // 2)
        assert all(len(q["filter"]) <= 100 for q in rest)


async def test_units_of_a_project_are_narrowed_by_exact_filters_here() -> None:
    key = max(issuances_per_project().items(), key=lambda item: len(item[1]))[0]
    asked = Predicate("unit_status", Op.EQ, UnitStatus.RETIRED)
    async with node() as source:
        question = Question(Entity.UNIT, (asked,), Parent(Entity.PROJECT, (key,)))
        found = await records(source, question)
    wanted = {
        u.key
        for u in telling().units
        if u.project_key == key and u.unit_status is UnitStatus.RETIRED
    }
    assert {r.key for r in found} == wanted


async def test_issuances_of_projects_are_narrowed_by_filters_on_the_project() -> None:
    keys = tuple(issuances_per_project())
    asked = Predicate("project.project_status", Op.EQ, ProjectStatus.LISTED)
    async with node() as source:
        question = Question(Entity.ISSUANCE, (asked,), Parent(Entity.PROJECT, keys))
        found = await records(source, question)
    listed = {p.key for p in telling().projects if p.project_status is ProjectStatus.LISTED}
    wanted = {i.key for i in telling().issuances if i.project_key in listed}
    assert {r.key for r in found} == wanted


@pytest.mark.slow
async def test_many_parents_are_read_150_to_a_call_and_resumed_by_token() -> None:
    keys = tuple(project.key for project in telling(20).projects)
    question = Question(Entity.ISSUANCE, parent=Parent(Entity.PROJECT, keys))
    async with node(scale=20) as source:
        found = await pages(source, question)
        assert len(found) == len(source.asked) == -(-len(keys) // 150)
        assert all(len(str(request.query)) < 16_000 for request in source.asked)
        rest = await pages(source, question, found[1].token)
        assert [page.token for page in rest] == [page.token for page in found[1:]]
        keys_found = {record.key for page in found for record in page.records}
    assert keys_found == {issuance.key for issuance in telling(20).issuances}


async def test_an_issuance_without_units_is_found_among_the_projects() -> None:
    with_units = {unit.issuance_key for unit in telling().units}
    lonely = telling().issuances[0]
    left = [unit for unit in telling().units if unit.issuance_key != lonely.key]
    assert lonely.key in with_units
    bare = Telling("cad-trust", telling().projects, telling().issuances, tuple(left))
    async with loopback(application(bare), "cad-trust") as source:
        page = await adapter.by_keys(source, Entity.ISSUANCE, [lonely.key, left[0].issuance_key])
        assert {r.key for r in page.records} == {lonely.key, left[0].issuance_key}
        assert [request.path for request in source.asked] == ["v1/units", "v1/units", "v1/projects"]


async def test_many_issuances_are_found_by_one_walk() -> None:
    keys = [issuance.key for issuance in telling().issuances]
    async with node() as source:
        page = await adapter.by_keys(source, Entity.ISSUANCE, keys)
        assert sorted(r.key for r in page.records) == keys
        assert len(source.asked) == 1


async def test_units_come_two_to_a_call_by_key() -> None:
    keys = [unit.key for unit in telling().units[:5]]
    async with node() as source:
        page = await adapter.by_keys(source, Entity.UNIT, keys)
        assert [r.key for r in page.records] == keys
        assert len(source.asked) == 3
        assert all(len(q.get("filter", "")) <= 100 for q in queries(source))


async def test_one_organisation_is_read_where_the_operator_says_so() -> None:
    mine = telling().projects[0].org_uid
    assert mine
    other = next(p for p in telling().projects if p.org_uid != mine)
    async with node(options={"orgUid": mine}) as source:
        found = await records(source, Question(Entity.PROJECT))
        assert {r.key for r in found} == {p.key for p in telling().projects if p.org_uid == mine}
        foreign = await adapter.by_keys(source, Entity.PROJECT, [other.key])
        assert foreign.records == ()
        both = await adapter.by_keys(source, Entity.PROJECT, [other.key, found[0].key])
        assert [r.key for r in both.records] == [found[0].key]


async def test_all_organisations_are_read_where_the_option_says_all() -> None:
    async with node(options={"orgUid": "all"}) as source:
        found = await records(source, Question(Entity.PROJECT))
        assert len(found) == len(telling().projects)
        assert "orgUid" not in queries(source)[0]


async def test_a_node_that_wants_a_key_is_told_it_by_a_header() -> None:
    served = make_application(telling(), "not-a-real-key")
    headers = {"x-api-key": "not-a-real-key"}
    async with loopback(served, "cad-trust", headers=headers) as source:
        assert len(await records(source, Question(Entity.PROJECT))) == len(telling().projects)
    async with loopback(make_application(telling(), "not-a-real-key"), "cad-trust") as source:
        with pytest.raises(RegistryHttpError) as raised:
            await pages(source, Question(Entity.PROJECT))
        assert raised.value.status == 403


PROJECT = {"warehouseProjectId": UUID.format(1), "orgUid": "b"}
OTHER = {"warehouseProjectId": UUID.format(2), "orgUid": "b"}
LIES: dict[str, Any] = {
    "another page": {"page": 2, "pageCount": 2, "data": [PROJECT]},
    "a short page": {"page": 1, "pageCount": 2, "data": [PROJECT]},
    "more than asked": {"page": 1, "pageCount": 1, "data": [PROJECT] * 26},
    "an empty page that counts": {"page": 1, "pageCount": 1, "data": []},
    "rows past the end": {"page": 1, "pageCount": 0, "data": [PROJECT]},
    "a key twice": {"page": 1, "pageCount": 1, "data": [PROJECT, PROJECT]},
    "another order": {
        "page": 1,
        "pageCount": 2,
        "data": [{"warehouseProjectId": UUID.format(9 - n % 10)} for n in range(25)],
    },
    "an error object": {"message": "Chia Exception", "error": "no wallet", "success": False},
    "a list": [PROJECT],
    "a row of another type": {"page": 1, "pageCount": 1, "data": [{"warehouseProjectId": 7}]},
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_answer_that_is_not_the_page_asked_for_is_refused(lie: str) -> None:
    async with answering("/v1/projects", LIES[lie]) as source:
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.PROJECT))


async def test_rows_of_another_organisation_are_refused() -> None:
    async with answering("/v1/projects", {"page": 1, "pageCount": 1, "data": [PROJECT]}) as source:
        source.options = {"orgUid": "a"}
        with pytest.raises(InvalidPayload) as raised:
            await pages(source, Question(Entity.PROJECT))
        assert raised.value.registry == "cad-trust"


async def test_a_filter_that_was_not_applied_is_noticed() -> None:
    asked = Predicate("project_status", Op.EQ, ProjectStatus.LISTED)
    body = {"page": 1, "pageCount": 1, "data": [{**PROJECT, "projectStatus": "Registered"}]}
    async with answering("/v1/projects", body) as source:
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.PROJECT, (asked,)))


async def test_records_that_were_not_asked_for_by_key_are_refused() -> None:
    async with answering("/v1/projects", OTHER) as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.PROJECT, [UUID.format(1)])
    more = {"page": 1, "pageCount": 2, "data": [PROJECT, OTHER]}
    async with answering("/v1/projects", more) as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.PROJECT, [UUID.format(1), UUID.format(2)])


async def test_a_unit_with_another_issuance_than_it_names_is_refused() -> None:
    unit = {
        "warehouseUnitId": UUID.format(1),
        "issuanceId": UUID.format(2),
        "issuance": {"id": UUID.format(3)},
    }
    async with answering("/v1/units", {"page": 1, "pageCount": 1, "data": [unit]}) as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.ISSUANCE, [UUID.format(2)])


@pytest.mark.parametrize("token", ["x", "0.1.25", "0.0.0", "0.0.900", "-1.0.25"])
async def test_a_token_of_no_place_is_refused(token: str) -> None:
    async with node() as source:
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.PROJECT), token)


async def test_a_filter_over_several_calls_gives_each_row_once() -> None:
    names = ("ABCDE 1", "abcde  1", "%", "901048")
    asked = Predicate("origin_project_id", Op.IN, names)
    async with node() as source:
        found = await records(source, Question(Entity.PROJECT, (asked,)))
        keys = [r.key for r in found]
    assert len(keys) == len(set(keys))
    assert any(r.origin_project_id == "901048" for r in found if isinstance(r, Project))


async def test_an_empty_list_of_values_asks_nothing() -> None:
    async with node() as source:
        assert (
            await pages(source, Question(Entity.UNIT, (Predicate("unit_status", Op.IN, ()),))) == []
        )
        assert source.asked == []


def test_a_second_node_is_configured_under_its_own_key() -> None:
    info = RegistryInfo(
        key="example-node",
        name="Example Node",
        operator="Nobody",
        url="https://node.example",
        base_url="",
        terms="None.",
        attribution="None.",
    )
    assert CadTrust(info).info is info
    assert CadTrust().info is INFO
    assert (INFO.base_url, INFO.credential) == ("", "")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (" 8DE430C1-accd-4a96-91f7-3a3e30b2e08f ", "8DE430C1-accd-4a96-91f7-3a3e30b2e08f"),
        ("8de430c1accd4a9691f73a3e30b2e08f", None),
        ("VCS-1529", None),
        ("", None),
    ],
)
def test_a_typed_project_key_is_a_uuid_and_what_is_said_to_be_a_key_any_text(
    text: str, key: str | None
) -> None:
    assert adapter.project_key(text) == key
    found = (Entity.PROJECT, key or text) if text else None
    assert adapter.lookup_key("cadtrust.warehouseProjectId", text) == found


def test_only_its_own_schemes_name_records() -> None:
    key = UUID.format(1)
    assert adapter.lookup_key("cadtrust.warehouseUnitId", key) == (Entity.UNIT, key)
    assert adapter.lookup_key("cadtrust.issuanceId", key) == (Entity.ISSUANCE, key)
    assert adapter.lookup_key("cadtrust.originProjectId", key) is None
    assert adapter.lookup_key("verra.vcs", key) is None


def test_a_unit_belongs_to_the_issuance_that_it_names() -> None:
    unit = Unit(UnitRow(warehouseUnitId=UUID.format(1), issuanceId=UUID.format(2)), ORIGIN)
    assert adapter.belongs(unit, Issuance(IssuanceRow(id=UUID.format(2)), ORIGIN))
    assert not adapter.belongs(unit, Issuance(IssuanceRow(id=UUID.format(3)), ORIGIN))


def test_an_empty_row_is_a_record_of_nothing() -> None:
    project = Project(ProjectRow(warehouseProjectId=UUID.format(1)), ORIGIN)
    assert project.identifiers[0].value == UUID.format(1)
    assert (project.methodologies, project.methodology, project.sector) == ((), None, None)
    unit = Unit(UnitRow(warehouseUnitId=UUID.format(2)), ORIGIN)
    assert (unit.project_key, unit.issuance_key, unit.unit_issuance_location) == (None, None, None)
    assert unit.unit_count is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-20.4563, 16.6513", ("-20.4563", "16.6513")),
        ("0,0", None),
        ("91,0", None),
        ("0,181", None),
        ("1°26\u203246\u2033N 103°43\u203244\u2033E", None),
        ("1,5,2", None),
        ("", None),
        (None, None),
    ],
)
def test_a_point_is_read_where_it_is_unmistakable(
    text: str | None, found: tuple[str, str] | None
) -> None:
    read = point(text)
    assert (read and (str(read.latitude), str(read.longitude))) == found
    view = Location(LocationRow(geographicIdentifier=text))
    assert view.geographic_identifier == (text or None)
    assert (view.latitude is None) == (view.longitude is None) == (found is None)
