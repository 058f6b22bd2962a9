"""UNDP's adapter: the QueryDto that it sends, two generations of rows, and doubtful pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.contract import Adapter, Reply
from adapters.undp import adapter
from adapters.undp_rows import PROGRAMME, RETIREMENT, block, project_code
from adapters.undp_views import UndpBalance, UndpRetirement
from gateway import assemble
from gateway.config import RegistrySettings
from gateway.errors import BadCursor, ConfigError, InvalidPayload, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Record
from gateway.sandbox.undp import API_KEY, TOKEN, TRAPS, application
from gateway.stitch.filters import decide
from tests.adapters.source import LoopbackSource, loopback
from tests.market import told_at

TOLD = told_at("undp", 8)
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SECOND = {"projects": "projectManagement"}
PATHS: dict[Any, str] = {UndpBalance: "balance", UndpRetirement: "retirement"}


@asynccontextmanager
async def registry(
    trap: Middleware | None = None,
    headers: Mapping[str, str] = BEARER,
    options: Mapping[str, str] | None = None,
) -> AsyncIterator[LoopbackSource]:
    served = application(TOLD)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "undp", headers=headers, options=options) as source:
        yield source


@asynccontextmanager
async def serving(**lists: list[dict[str, Any]]) -> AsyncIterator[LoopbackSource]:
    """A registry that gives these rows to whatever is asked."""

    async def answer(request: web.Request) -> web.Response:
        rows = lists.get(request.match_info["verb"], [])
        return web.json_response({"data": rows, "total": len(rows)})

    served = web.Application()
    served.router.add_post("/national/{area}/{verb}", answer)
    async with loopback(served, "undp", options=SECOND if "query2" in lists else None) as source:
        yield source


async def records(source: LoopbackSource, question: Question) -> list[Any]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


def filters(source: LoopbackSource) -> list[list[tuple[str, str, Any]]]:
    """The conditions that were sent, request by request."""
    bodies = [request.json for request in source.asked]
    return [[(f["key"], f["operation"], f["value"]) for f in b["filterAnd"]] for b in bodies]


def test_it_is_an_adapter_that_is_not_configured_by_itself() -> None:
    checked: Adapter = adapter
    assert checked.info.base_url == checked.info.verified == ""
    found = assemble.upstream("undp", adapter, None)
    assert not found.configured
    assert "base_url" in found.why_not
    assert "credential" in found.why_not


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"credential": "a-token"}, {"authorization": "Bearer a-token"}),
        ({"headers": {"api_key": "a-key"}}, {"api_key": "a-key"}),
    ],
)
def test_a_host_and_a_token_or_a_key_configure_it(
    given: dict[str, Any], sent: dict[str, str]
) -> None:
    settings = RegistrySettings.model_validate({"base_url": "https://registry.example"} | given)
    found = assemble.upstream("undp", adapter, settings)
    assert found.configured
    assert dict(found.headers) == sent


@pytest.mark.parametrize("headers", [BEARER, {"api_key": API_KEY}])
async def test_a_token_or_a_key_opens_the_registry(headers: Mapping[str, str]) -> None:
    async with registry(headers=headers) as source:
        assert len(await records(source, Question(Entity.PROJECT))) == len(TOLD.projects)


async def test_without_either_it_is_the_registrys_401() -> None:
    async with registry(headers={}) as source:
        with pytest.raises(RegistryHttpError) as raised:
            await records(source, Question(Entity.PROJECT))
    assert raised.value.status == 401


async def test_pages_are_sorted_by_id_and_sized() -> None:
    async with registry() as source:
        await records(source, Question(Entity.PROJECT, want=20))
    body = source.asked[0].json
    assert body == {
        "page": 1,
        "size": 20,
        "filterAnd": [],
        "sort": {"key": "programmeId", "order": "ASC"},
    }
    assert [request.json["page"] for request in source.asked] == [1, 2, 3, 4]


async def test_a_status_is_asked_for_as_none_of_the_other_words() -> None:
    for status, others in (
        (ProjectStatus.LISTED, ["Authorised", "Rejected", "Approved"]),
        (ProjectStatus.AUTHORIZED, ["New", "AwaitingAuthorization", "Rejected", "Approved"]),
    ):
        async with registry() as source:
            asked = Predicate("project_status", Op.EQ, status)
            found = await records(source, Question(Entity.PROJECT, (asked,)))
        assert filters(source)[0] == [("currentStage", "!=", word) for word in others]
        assert {project.project_status for project in found} == {status}


async def test_a_status_that_no_known_word_means_is_looked_for_among_the_others() -> None:
    async with registry() as source:
        asked = Predicate("project_status", Op.EQ, ProjectStatus.WITHDRAWN)
        assert await records(source, Question(Entity.PROJECT, (asked,))) == []
        assert len(source.asked) == 1


async def test_a_day_is_asked_for_between_the_instants_around_it() -> None:
    project = TOLD.projects[0]
    for op, operations in ((Op.EQ, [">", "<"]), (Op.GTE, [">"]), (Op.LTE, ["<"])):
        async with registry() as source:
            asked = Predicate("project_status_date", op, project.project_status_date)
            found = await records(source, Question(Entity.PROJECT, (asked,)))
        assert [operation for _, operation, _ in filters(source)[0]] == operations
        assert project.key in {record.key for record in found}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_there_are_can_be_asked_for(day: str) -> None:
    async with registry() as source:
        asked = Predicate("crediting_period_end", Op.EQ, day)
        assert await records(source, Question(Entity.PROJECT, (asked,))) == []


async def test_ids_are_pushed_down_where_case_cannot_matter() -> None:
    async with registry() as source:
        for text in (TOLD.projects[0].key, "prj-1"):
            asked = Predicate("project_id", Op.EQ, text)
            await records(source, Question(Entity.PROJECT, (asked,), want=100))
    assert filters(source) == [[("programmeId", "=", TOLD.projects[0].key)], []]


async def test_a_programme_names_its_record_in_cad_trust() -> None:
    async with registry() as source:
        found = await records(source, Question(Entity.PROJECT))
    published = {project.key: project.cad_trust_project_id for project in TOLD.projects}
    assert {record.key: record.cad_trust_project_id for record in found} == published
    assert any(published.values())


async def test_the_second_generations_list_is_read_where_the_option_says_so() -> None:
    truth = {project.key: project for project in TOLD.projects}
    async with registry(options=SECOND) as source:
        found = await records(source, Question(Entity.PROJECT))
        key = found[0].key
        (one,) = (await adapter.by_keys(source, Entity.PROJECT, [key])).records
        status = truth[key].project_status
        of = Predicate("project_status", Op.EQ, status)
        listed = await records(source, Question(Entity.PROJECT, (of,)))
        same = [record for record in listed if decide(record, (of,))]
        by_id = await records(
            source, Question(Entity.PROJECT, (Predicate("project_id", Op.EQ, key),))
        )
        dated = Predicate("project_status_date", Op.GTE, "2000-01-01")
        assert await records(source, Question(Entity.PROJECT, (dated,))) == []
    assert {record.key for record in found} == set(truth)
    for record in found:
        project = truth[record.key]
        assert record.project_status is project.project_status
        assert (record.project_name, record.project_developer, record.sector) == (
            project.project_name,
            project.project_developer,
            project.sector,
        )
    assert one.key == key
    assert [record.key for record in by_id] == [key]
    assert {r.key for r in same} == {k for k, p in truth.items() if p.project_status is status}


async def test_another_option_is_a_configuration_error_that_names_it() -> None:
    async with registry(options={"projects": "all"}) as source:
        with pytest.raises(ConfigError, match="projects must be programme"):
            await records(source, Question(Entity.PROJECT))


async def test_blocks_of_projects_are_asked_for_together_and_checked() -> None:
    keys = tuple(dict.fromkeys(unit.project_key for unit in TOLD.units))[:3]
    parent = Parent(Entity.PROJECT, (*keys, "no id!"))
    async with registry() as source:
        found = await records(source, Question(Entity.UNIT, parent=parent))
        none = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, ("no id!",)))
        assert await records(source, none) == []
    assert filters(source)[0] == [("projectId", "in", list(keys))]
    assert {u.key for u in found} == {u.key for u in TOLD.units if u.project_key in keys}


@pytest.mark.parametrize(
    ("status", "listed"),
    [(UnitStatus.HELD, "balance"), (UnitStatus.CANCELLED, "retirement"), (UnitStatus.BUFFER, "")],
)
async def test_of_a_list_without_the_asked_status_only_unknown_words_come(
    status: UnitStatus, listed: str
) -> None:
    async with registry() as source:
        asked = Predicate("unit_status", Op.EQ, status)
        found = await records(source, Question(Entity.UNIT, (asked,), want=100))
    assert len({request.path for request in source.asked}) == 2
    assert {PATHS[type(unit)] for unit in found} <= {listed}
    matching = [unit for unit in found if decide(unit, (asked,))]
    assert {u.key for u in matching} == {u.key for u in TOLD.units if u.unit_status is status}


async def test_requests_that_were_not_carried_out_are_no_units() -> None:
    rows = [
        {"id": 1, "status": "Completed", "retirementType": "Voluntary Cancellations"},
        {"id": 2, "status": "Pending", "retirementType": "Voluntary Cancellations"},
    ]
    async with serving(queryRetirements=rows) as source:
        found = await records(source, Question(Entity.UNIT))
    assert [(unit.key, unit.unit_status) for unit in found] == [
        ("retirement-1", UnitStatus.CANCELLED)
    ]


async def test_a_block_without_a_serial_goes_by_its_list_and_number() -> None:
    rows = [{"id": "7", "serialNumber": "unknown", "creditAmount": "12.50", "type": "issued"}]
    async with serving(queryBalance=rows) as source:
        (unit,) = (await adapter.by_keys(source, Entity.UNIT, ["balance-7"])).records
    record: Any = unit
    assert str(record.unit_count) == "12.50"
    assert (record.unit_block_start, record.vintage_year, record.identifiers) == (None, None, ())
    assert record.unit_serial_id == "unknown"
    assert filters(source) == [[("id", "=", "7")]]


async def test_what_a_row_does_not_say_stays_null() -> None:
    async with serving(query=[{"programmeId": "001"}]) as source:
        (project,) = await records(source, Question(Entity.PROJECT))
    assert (project.project_locations, project.estimations, project.methodologies) == ((), (), ())
    assert (project.project_developer, project.project_type, project.methodology) == (None,) * 3
    assert (project.project_status_date, project.updated_at) == (None, None)
    async with serving(query=[{"programmeId": "001", "updatedAt": 1700000000000}]) as source:
        (project,) = await records(source, Question(Entity.PROJECT))
    assert project.updated_at == "2023-11-14T22:13:20Z"


async def test_an_owner_may_stand_in_the_company() -> None:
    company = {"name": "Example (invented)"}
    rows: list[dict[str, Any]] = [{"refId": "1", "company": company}, {"refId": "2"}]
    async with serving(query=rows, query2=[]) as source:
        found = await records(source, Question(Entity.PROJECT))
    assert [project.project_developer for project in found] == ["Example (invented)", None]


@pytest.mark.parametrize(
    ("serial", "found"),
    [
        ("VU-ITMO-11-356-2022-0-27-35", (2022, 27, 35)),
        ("CA0001-VU-XX-356-27-35-2022", (2022, 27, 35)),
        ("VU-ITMO-11-356-2022-0-35-27", None),
        ("VU", None),
        (None, None),
    ],
)
def test_serials_of_both_generations_are_read(
    serial: str | None, found: tuple[int, int, int] | None
) -> None:
    assert block(serial) == found
    meant = (Entity.UNIT, serial) if found else None
    assert adapter.lookup_key("undp.serial", serial or "") == meant
    assert adapter.lookup_key("verra.serial", serial or "") is None


def test_a_project_id_has_a_digit() -> None:
    assert [project_code(text) for text in (" 001 ", "PRJ-1", "none", "a b 1")] == [
        "001",
        "PRJ-1",
        None,
        None,
    ]


async def test_a_serial_is_searched_for_in_the_registrys_letters() -> None:
    unit = TOLD.units[0]
    asked = Predicate("unit_serial_id", Op.EQ, unit.unit_serial_id.lower())
    async with registry() as source:
        found = await records(source, Question(Entity.UNIT, (asked,)))
        other = Predicate("unit_serial_id", Op.EQ, "unknown")
        assert len(await records(source, Question(Entity.UNIT, (other,)))) == len(TOLD.units)
    assert [record.key for record in found] == [unit.key]


@pytest.mark.parametrize("trap", sorted(set(TRAPS) - {"the token has ended"}))
async def test_a_trap_is_an_invalid_payload(trap: str) -> None:
    parent = Parent(Entity.PROJECT, (TOLD.units[0].project_key,))
    question = Question(Entity.UNIT, parent=parent if "filter" in trap else None, want=50)
    async with registry(TRAPS[trap]) as source:
        with pytest.raises(InvalidPayload):
            await records(source, question)


async def test_a_list_that_shrinks_while_it_is_read_is_refused() -> None:
    async with registry() as source:
        with pytest.raises(InvalidPayload, match="shrank"):
            [p async for p in adapter.pages(source, Question(Entity.PROJECT), "0~2.20.20.9999")]


@pytest.mark.parametrize("token", ["x", "2~", "0~x", "0~0.10.0.0", "0~1.10.0"])
async def test_a_token_of_another_paging_is_refused(token: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, Question(Entity.UNIT), token)]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data":[{}],"total":1}', b"\xff"])
def test_an_answer_that_is_none_is_an_invalid_payload(body: bytes) -> None:
    for kind in (PROGRAMME, RETIREMENT):
        with pytest.raises(InvalidPayload):
            kind.decode(Reply(201, {}, body))


def test_people_are_not_decoded() -> None:
    row = {
        "programmeId": "001",
        "company": [{"name": "Example", "email": "nobody@example.org", "phoneNo": "+0"}],
    }
    listed = PROGRAMME.decode(Reply(201, {}, json.dumps({"data": [row], "total": 1}).encode()))
    assert "example.org" not in repr(listed)


def test_a_unit_belongs_to_no_issuance() -> None:
    none: Record[Any] = object.__new__(Record)
    assert not adapter.belongs(none, none)
