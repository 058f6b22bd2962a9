"""Social Carbon's adapter: constraints, doubtful lists, and rows that share a code or a serial."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.contract import Adapter, Reply
from adapters.social_carbon import adapter
from adapters.social_carbon_rows import (
    PROJECT,
    RETIREMENT,
    as_written,
    block,
    issued_on,
    project_code,
)
from adapters.social_carbon_views import local_day
from adapters.social_carbon_walk import Ask
from gateway.errors import BadCursor, InvalidPayload, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Record
from gateway.sandbox.social_carbon import TRAPS, application
from gateway.stitch.filters import decide
from tests.adapters.source import LoopbackSource, loopback
from tests.market import told_at

TOLD = told_at("social-carbon", 8)
SERIAL = "SCU-SOCIALCARBON-8-USA-2023-09042024101700-2-11"


@asynccontextmanager
async def registry(trap: Middleware | None = None) -> AsyncIterator[LoopbackSource]:
    served = application(TOLD)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "social-carbon") as source:
        yield source


@asynccontextmanager
async def serving(**lists: list[dict[str, Any]]) -> AsyncIterator[LoopbackSource]:
    """A registry with these rows that knows the equals constraint and nothing else."""

    async def answer(request: web.Request) -> web.Response:
        rows = lists.get(request.match_info["kind"], [])
        for told in json.loads(request.query.get("constraints", "[]")):
            rows = [row for row in rows if row.get(told["key"]) == told["value"]]
        page = {"cursor": 0, "results": rows, "count": len(rows), "remaining": 0}
        return web.json_response({"response": page})

    served = web.Application()
    served.router.add_get("/api/1.1/obj/{kind}", answer)
    async with loopback(served, "social-carbon") as source:
        yield source


async def records(source: LoopbackSource, question: Question) -> list[Record[Any]]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


async def narrowed(source: LoopbackSource, entity: Entity, *asked: Predicate) -> list[Record[Any]]:
    return await records(source, Question(entity, asked))


def constraints(source: LoopbackSource) -> list[dict[str, Any]]:
    """What the registry was asked to narrow by, request by request."""
    queries = [dict(request.query) for request in source.asked]
    return [json.loads(q["constraints"])[0] for q in queries if "constraints" in q]


def reply(document: Any, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


def test_it_is_an_adapter() -> None:
    checked: Adapter = adapter
    assert checked.info.key == "social-carbon"


async def test_two_projects_of_one_code_are_two_records() -> None:
    twice = [{"_id": f"{n}x1", "Project ID": "SOCIALCARBON-19"} for n in (1, 2)]
    other = {"_id": "3x1", "Project ID": "SOCIALCARBON-18"}
    asked = Predicate("project_id", Op.EQ, "socialcarbon-19")
    async with serving(project=[*twice, other]) as source:
        found = await narrowed(source, Entity.PROJECT, asked)
        assert [record.key for record in found] == ["1x1", "2x1"]
        assert constraints(source)[0]["value"] == "SOCIALCARBON-19"


async def test_a_serial_that_was_retired_twice_is_two_units() -> None:
    rows = [{"_id": f"{n}x1", "Serial Numbers": SERIAL, "Quantity": 1} for n in (1, 2)]
    async with serving(retirement=rows) as source:
        asked = Predicate("unit_serial_id", Op.EQ, SERIAL)
        found = await narrowed(source, Entity.UNIT, asked)
    assert [(r.key, r.unit_serial_id) for r in found] == [  # type: ignore[attr-defined]
        ("1x1", SERIAL),
        ("2x1", SERIAL),
    ]


@pytest.mark.parametrize(
    ("status", "calls"), [(UnitStatus.RETIRED, 1), (UnitStatus.CANCELLED, 1), (UnitStatus.HELD, 0)]
)
async def test_a_unit_status_says_which_list_is_read(status: UnitStatus, calls: int) -> None:
    async with serving(retirement=[{"_id": "1x1"}], cancellations=[{"_id": "2x1"}]) as source:
        found = await narrowed(source, Entity.UNIT, Predicate("unit_status", Op.EQ, status))
    assert {record.unit_status for record in found} <= {status}  # type: ignore[attr-defined]
    assert len(source.asked) == len(found) == calls


async def test_a_status_is_asked_for_as_none_of_the_other_words() -> None:
    async with registry() as source:
        none = Predicate("project_status", Op.EQ, ProjectStatus.REJECTED)
        assert await narrowed(source, Entity.PROJECT, none) == []
    (told,) = constraints(source)
    assert (told["constraint_type"], set(told["value"])) == (
        "not in",
        {"Listed", "Certified Design", "Certified Project"},
    )


async def test_codes_that_nothing_can_have_cost_no_constraint() -> None:
    async with registry() as source:
        await narrowed(source, Entity.PROJECT, Predicate("project_id", Op.EQ, "nine"))
        assert constraints(source) == []


async def test_a_code_and_a_status_together_ask_for_the_code() -> None:
    project = TOLD.projects[0]
    by_code = Predicate("project_id", Op.EQ, project.project_id)
    async with registry() as source:
        for status, count in ((project.project_status, 1), (ProjectStatus.REJECTED, 0)):
            of = Predicate("project_status", Op.IN, (status,))
            found = await narrowed(source, Entity.PROJECT, by_code, of)
            assert len([r for r in found if decide(r, (of,))]) == count
    assert {told["key"] for told in constraints(source)} == {"Project ID"}


async def test_children_are_asked_by_their_project_and_requests_are_left_out() -> None:
    issuance = next(i for i in TOLD.issuances if i.batch % 4 == 0)
    parent = Parent(Entity.PROJECT, ("no id", issuance.project_key))
    async with registry() as source:
        found = await records(source, Question(Entity.ISSUANCE, parent=parent))
        refused = await adapter.by_keys(source, Entity.ISSUANCE, [f"{issuance.key}0"])
    keys = {i.key for i in TOLD.issuances if i.project_key == issuance.project_key}
    assert {record.key for record in found} == keys
    assert constraints(source) == [
        {"key": "Project", "constraint_type": "equals", "value": issuance.project_key}
    ]
    assert list(refused.records) == []


async def test_few_keys_are_read_one_by_one_and_many_from_the_lists() -> None:
    keys = [unit.key for unit in TOLD.units]
    async with registry() as source:
        few = await adapter.by_keys(source, Entity.UNIT, [keys[0], "not an id"])
        assert [record.key for record in few.records] == [keys[0]]
        assert all(request.path.endswith(keys[0]) for request in source.asked)
        many = await adapter.by_keys(source, Entity.UNIT, keys[:30])
        assert {record.key for record in many.records} == set(keys[:30])
        assert len(source.asked) < 30


async def test_another_row_than_the_one_asked_for_is_refused() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"response": {"_id": "7x7"}})

    served = web.Application()
    served.router.add_get("/api/1.1/obj/project/{id}", answer)
    async with loopback(served, "social-carbon") as source:
        with pytest.raises(InvalidPayload, match="another row"):
            await adapter.by_keys(source, Entity.PROJECT, ["1x1"])


@pytest.mark.parametrize("token", ["x", "9~0.0", "0~x", "0~1", "\u0660~0.0"])
async def test_a_token_of_another_paging_is_refused(token: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, Question(Entity.UNIT), token)]


async def test_a_list_that_shrinks_while_it_is_read_is_refused() -> None:
    async with registry() as source:
        with pytest.raises(InvalidPayload, match="shrank"):
            [p async for p in adapter.pages(source, Question(Entity.PROJECT), "0~10.999")]


@pytest.mark.parametrize("trap", sorted(set(TRAPS) - {"pages are smaller than asked"}))
async def test_a_trap_is_an_invalid_payload(trap: str) -> None:
    parent = Parent(Entity.PROJECT, (TOLD.units[0].project_key,))
    question = Question(Entity.UNIT, parent=parent if "constraint" in trap else None)
    async with registry(TRAPS[trap]) as source:
        with pytest.raises(InvalidPayload):
            await records(source, question)


async def test_a_column_that_does_not_exist_is_the_registrys_404() -> None:
    async with registry() as source:
        with pytest.raises(RegistryHttpError):
            await source.read(Ask(PROJECT, "Colour", "green").request(0, 10), PROJECT.read_page)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"response": {"cursor": 0, "results": [], "count": 1, "remaining": 0}},
        {"response": {"cursor": 0, "results": [], "count": 0, "remaining": -1}},
        {"response": {"cursor": 0, "results": [{}], "count": 1, "remaining": 0}},
    ],
)
def test_a_page_that_is_none_is_an_invalid_payload(document: Any) -> None:
    with pytest.raises(InvalidPayload):
        RETIREMENT.read_page(reply(document))


def test_only_a_missing_object_is_no_such_row() -> None:
    told = {"statusCode": 404, "body": {"status": "MISSING_DATA", "message": "Missing object of"}}
    assert PROJECT.read_one(reply(told, 404)) is None
    for other in ({"status": "NOT_FOUND", "message": "Type not found project"}, {}, "gone"):
        with pytest.raises(InvalidPayload):
            PROJECT.read_one(reply(other, 404))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2023-01-31T22:00:00.000Z", "2023-02-01"),
        ("2021-02-28T18:30:00.000Z", "2021-03-01"),
        ("2023-12-30T22:00:00.000Z", "2023-12-31"),
        ("2022-03-29T03:00:00.000Z", "2022-03-29"),
        ("2027-01-01T11:00:00.000Z", "2027-01-01"),
        ("9999-12-31T22:00:00.000Z", "9999-12-31"),
        ("soon", None),
    ],
)
def test_a_date_is_the_nearest_midnight(instant: str, day: str | None) -> None:
    assert local_day(instant) == day


@pytest.mark.parametrize("text", ["SOCIALCARBON-9", "socialcarbon 9", "Social Carbon-09", "9"])
def test_a_project_code_has_many_spellings(text: str) -> None:
    assert project_code(text) == "SOCIALCARBON-9"


def test_serials_of_both_forms_are_read() -> None:
    newer = "SC-SCU - Removal-SOCIALCARBON-9-India-2023-25112025081145-8122-8221"
    assert block(SERIAL) == ("SCU-SOCIALCARBON-8-USA-2023-09042024101700", 2, 11)
    assert block(newer) == (newer[: -len("-8122-8221")], 8122, 8221)
    assert issued_on(newer[: -len("-8122-8221")]) == "2025-11-25"
    for other in (None, "", "VCS-1", SERIAL.replace("-2-11", "-11-2")):
        assert block(other) is None
    assert issued_on("SCU") is None


@pytest.mark.parametrize(
    ("country", "exactly"),
    [("USA", True), ("Brazil", True), ("India", True), ("brazil", False), ("BRAZIL", False)],
)
def test_a_serial_is_only_searched_for_as_the_registry_writes_it(
    country: str, exactly: bool
) -> None:
    assert as_written(SERIAL.replace("USA", country)) is exactly
    assert not as_written("SCU")


async def test_a_block_belongs_to_the_issuance_that_it_lies_in() -> None:
    batch = SERIAL.removesuffix("-2-11")
    issued: dict[str, Any] = {"_id": "5x5", "Project": "1x1", "Approved": True}
    issued["Issuance complete"] = True
    rows: dict[str, list[dict[str, Any]]] = {
        "issuance": [issued | {"Serial Number Batch": f"{batch}-1-20"}],
        "retirement": [
            {"_id": "1x9", "Project": "1x1", "Serial Numbers": f"{batch}-2-11"},
            {"_id": "2x9", "Project": "1x1", "Serial Numbers": f"{batch}-20-21"},
            {"_id": "3x9", "Project": "2x2", "Serial Numbers": f"{batch}-2-11"},
            {"_id": "4x9", "Project": "1x1", "Serial Numbers": "unknown"},
        ],
    }
    async with serving(**rows) as source:
        (issuance,) = await records(source, Question(Entity.ISSUANCE))
        units = await records(source, Question(Entity.UNIT))
    assert [u.key for u in units if adapter.belongs(u, issuance)] == ["1x9"]
    assert not adapter.belongs(issuance, issuance)


async def test_what_a_row_does_not_say_stays_null() -> None:
    async with serving(project=[{"_id": "1x1"}], cancellations=[{"_id": "2x2"}]) as source:
        (found,) = await records(source, Question(Entity.PROJECT))
        (cancelled,) = await records(source, Question(Entity.UNIT))
    project: Any = found
    unit: Any = cancelled
    assert (project.project_locations, project.co_benefits, project.estimations) == ((), (), ())
    assert (project.project_developer, project.methodology, project.sector) == (None, None, None)
    assert (project.validation_body, project.identifiers) == (None, ())
    assert (unit.unit_block_start, unit.unit_block_end, unit.unit_type) == (None, None, None)
    assert (unit.unit_registry_link, unit.unit_status_reason) == (None, None)
    assert adapter.lookup_key("social-carbon.serial", SERIAL) is None
    assert adapter.project_key(" 1x1 ") == "1x1"
