"""Isometric's adapter: kilograms, half-open ranges and cursors, against its emulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.contract import Adapter, Reply
from adapters.isometric import adapter
from adapters.isometric_rows import issuances_request, read_issuances, serial_range
from gateway.errors import BadCursor, InvalidPayload, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus, UnitType
from gateway.model.question import Parent, Question
from gateway.model.record import Record
from gateway.sandbox.isometric import EMULATOR, application
from tests.adapters.source import LoopbackSource, loopback
from tests.market import told_at

TOLD = told_at("isometric", 4)


@asynccontextmanager
async def registry(trap: Middleware | None = None) -> AsyncIterator[LoopbackSource]:
    served = application(TOLD)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "isometric") as source:
        yield source


async def records(source: LoopbackSource, question: Question) -> list[Record[Any]]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


def node(number: int, *batches: dict[str, Any], **other: Any) -> dict[str, Any]:
    """An issuance with no more than it takes."""
    plain = {
        "id": f"iss_{number}",
        "project": {"id": "prj_1"},
        "creditBatchSizeTotal": {"creditsKg": "1000"},
        "supplierCreditBatches": list(batches),
    }
    return plain | other


def batch(serial: str, **other: Any) -> dict[str, Any]:
    return {"id": f"ctb_{serial}", "serialNumber": serial, "size": {"creditsKg": "1"}} | other


def answered(*nodes: dict[str, Any], more: bool = False, total: int | None = None) -> bytes:
    page = {
        "nodes": nodes,
        "pageInfo": {"hasNextPage": more, "endCursor": "x" if more else None},
        "totalCount": len(nodes) if total is None else total,
    }
    return json.dumps({"data": {"issuances": page}}).encode()


@asynccontextmanager
async def serving(*bodies: bytes) -> AsyncIterator[LoopbackSource]:
    """A registry that gives these answers one after the other, the last one for ever."""
    left = list(bodies)

    async def answer(request: web.Request) -> web.Response:
        body = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(body=body, content_type="application/json")

    served = web.Application()
    served.router.add_post("/", answer)
    async with loopback(served, "isometric") as source:
        yield source


def test_it_is_an_adapter() -> None:
    checked: Adapter = adapter
    assert checked.info.key == "isometric"


async def test_pages_follow_cursors_and_resume() -> None:
    for entity, rows in (
        (Entity.PROJECT, TOLD.projects),
        (Entity.ISSUANCE, TOLD.issuances),
        (Entity.UNIT, TOLD.units),
    ):
        question = Question(entity, want=10)
        async with registry() as source:
            walked = [page async for page in adapter.pages(source, question)]
            assert len(walked) > 2
            rest = [page async for page in adapter.pages(source, question, walked[1].token)]
        keys = [record.key for page in walked for record in page.records]
        assert sorted(keys) == sorted(row.key for row in rows)
        assert [p.token for p in rest] == [p.token for p in walked[1:]]


async def test_amounts_are_tonnes_of_kilograms_and_blocks_end_before_the_next() -> None:
    unit = TOLD.units[0]
    async with registry() as source:
        (found,) = (await adapter.by_keys(source, Entity.UNIT, [unit.key])).records
    assert found.unit_count == unit.unit_count  # type: ignore[attr-defined]
    assert found.unit_count_raw == str(int(unit.unit_count * 1000))  # type: ignore[attr-defined]
    bounds = serial_range(unit.key)
    assert bounds is not None
    assert found.unit_block_start == str(bounds[0])  # type: ignore[attr-defined]
    assert found.unit_block_end == str(bounds[1] - 1)  # type: ignore[attr-defined]


async def test_children_are_those_of_the_parents_asked_for() -> None:
    project = TOLD.units[0].project_key
    issuance = TOLD.units[0].issuance_key
    async with registry() as source:
        of_project = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, (project,)))
        units = await records(source, of_project)
        of_batch = Question(Entity.UNIT, parent=Parent(Entity.ISSUANCE, (issuance,)))
        inside = await records(source, of_batch)
        (record,) = (await adapter.by_keys(source, Entity.ISSUANCE, [issuance])).records
    assert {u.key for u in units} == {u.key for u in TOLD.units if u.project_key == project}
    assert {u.key for u in inside} == {u.key for u in TOLD.units if u.issuance_key == issuance}
    assert all(adapter.belongs(unit, record) for unit in inside)
    assert not adapter.belongs(record, record)


async def test_reading_by_key_stops_at_the_last_one_found() -> None:
    async with registry() as source:
        assert list((await adapter.by_keys(source, Entity.PROJECT, ())).records) == []
        assert source.asked == []
        found = await adapter.by_keys(source, Entity.PROJECT, ["none", TOLD.projects[0].key])
    assert [record.key for record in found.records] == [TOLD.projects[0].key]


@pytest.mark.parametrize("text", ["68X8", "68x8", "ISO-68X8", "isometric 68X8"])
def test_a_project_code_has_many_spellings(text: str) -> None:
    assert adapter.project_key(text) == "68X8"


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("isometric.code", "68x8", (Entity.PROJECT, "68X8")),
        (
            "isometric.serial",
            "ISO-1-EXAMP-BRA-68X8-2025-0-46001",
            (Entity.UNIT, "ISO-1-EXAMP-BRA-68X8-2025-0-46001"),
        ),
        ("isometric.serial", "ISO-1-EXAMP-BRA-68X8-2025-5-5", None),
        ("isometric.serial", "68X8", None),
        ("isometric.code", "prj_1JZ0ZD3JN1S0SHW9", None),
        ("puro.code", "68X8", None),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert adapter.lookup_key(scheme, value) == found


@pytest.mark.parametrize("token", ["x", "0~1~1~x", "10~1~1~", "10~x~1~y", "٣~1~1~y"])
async def test_a_token_of_another_paging_is_refused(token: str) -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, Question(Entity.UNIT), token)]


def test_a_cursor_cannot_break_out_of_the_query() -> None:
    sent = issuances_request(10, 'x") { id } }').json["query"]
    assert 'after: "x\\") { id } }"' in sent


@pytest.mark.parametrize("trap", EMULATOR.traps)
async def test_a_trap_is_an_invalid_payload(trap: str) -> None:
    async with registry(EMULATOR.traps[trap]) as source:
        for entity in Entity:
            with pytest.raises(InvalidPayload):
                await records(source, Question(entity))


async def test_a_client_without_a_name_is_refused() -> None:
    async with registry() as source:
        source.headers = {"User-Agent": ""}
        with pytest.raises(RegistryHttpError):
            await records(source, Question(Entity.PROJECT))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"data":null,"errors":[{"message":"no"}]}',
        b'{"data":{"issuances":null}}',
        answered(node(1), total=2),
        answered(*(node(i) for i in range(20))),
    ],
)
async def test_an_answer_that_is_none_is_an_invalid_payload(body: bytes) -> None:
    async with serving(body) as source:
        with pytest.raises(InvalidPayload):
            await records(source, Question(Entity.ISSUANCE, want=10))


async def test_nodes_that_moved_to_the_next_page_come_once() -> None:
    bodies = answered(node(2), node(1), more=True, total=3), answered(node(1), node(0), total=3)
    async with serving(*bodies) as source:
        found = await records(source, Question(Entity.ISSUANCE))
    assert [record.key for record in found] == ["iss_2", "iss_1", "iss_0"]


async def test_what_the_buffer_holds_and_what_was_split_do_not_read_held() -> None:
    serials = [f"ISO-1-EXAMP-BRA-68X8-2025-{at}-{at + 10}" for at in (0, 10, 20)]
    row = node(
        1,
        batch(serials[0], status="SPLIT"),
        batch("unknown", status="RETIRED"),
        bufferPoolCreditBatches=[
            batch(serials[1], status="ACTIVE"),
            batch(serials[2], status="CANCELLED"),
        ],
    )
    async with serving(answered(row)) as source:
        found: list[Any] = await records(source, Question(Entity.UNIT))
    assert [unit.unit_status for unit in found] == [
        UnitStatus.INACTIVE,
        UnitStatus.RETIRED,
        UnitStatus.BUFFER,
        UnitStatus.CANCELLED,
    ]
    assert [unit.key for unit in found] == [serials[0], "ctb_unknown", serials[1], serials[2]]
    assert [unit.project_key for unit in found] == ["68X8"] * 4
    assert [unit.pointer for unit in found][1:3] == [
        "/data/issuances/nodes/0/supplierCreditBatches/1",
        "/data/issuances/nodes/0/bufferPoolCreditBatches/0",
    ]
    assert found[0].parent.pointer == "/data/issuances/nodes/0/project"
    bare = found[1]
    assert (bare.unit_block_start, bare.unit_block_end, bare.identifiers) == (None, None, ())


@pytest.mark.parametrize(
    ("pathway", "expected"),
    [
        ("Biochar", UnitType.REMOVAL_TECHNICAL),
        ("Reforestation", UnitType.REMOVAL_NATURE),
        ("Something New", None),
        (None, None),
    ],
)
async def test_nature_is_what_the_pathway_says(
    pathway: str | None, expected: UnitType | None
) -> None:
    project = {"id": "prj_1", "process": {"pathway": {"name": pathway}}}
    row = node(1, batch("ISO-1-EXAMP-BRA-68X8-2025-0-5"), project=project)
    async with serving(answered(row)) as source:
        (found,) = await records(source, Question(Entity.UNIT))
    assert found.unit_type is expected  # type: ignore[attr-defined]


async def test_an_issuance_of_several_projects_serials_keeps_its_projects_row_id() -> None:
    row = node(
        1,
        batch("ISO-1-EXAMP-BRA-68X8-2025-0-5", sequesteredOn="2024-12-31"),
        batch("ISO-1-EXAMP-BRA-77Y7-2025-0-5", sequesteredOn="2025-01-31"),
    )
    async with serving(answered(row)) as source:
        (found,) = await records(source, Question(Entity.ISSUANCE))
    issuance: Any = found
    assert issuance.project_key == "prj_1"
    assert (issuance.vintage_year, issuance.vintage_year_raw) == (None, "2024-12-31; 2025-01-31")
    assert (issuance.issuance_start_date, issuance.issuance_end_date) == (None, None)
    assert issuance.unit_count == Decimal(1)
    parent = issuance.parent
    assert (parent.project_locations, parent.estimations, parent.identifiers) == ((), (), ())
    assert (parent.project_developer, parent.project_subtype) == (None, None)


def test_a_gateways_page_is_no_answer() -> None:
    with pytest.raises(InvalidPayload):
        read_issuances(Reply(200, {}, b"\xff"))
