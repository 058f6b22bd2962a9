"""Puro's adapter: pages of HTML with JSON inside, against its emulator and odd pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.contract import Adapter, Reply
from adapters.puro import adapter
from adapters.puro_page import read_list
from adapters.puro_rows import read_retirements
from gateway.errors import BadCursor, InvalidPayload
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from gateway.model.record import Record
from gateway.sandbox.puro import EMULATOR, application, page
from gateway.sandbox.puro_rows import Rows
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

TOLD = make().told_by("puro")


@asynccontextmanager
async def registry(
    trap: Middleware | None = None, telling: Telling = TOLD
) -> AsyncIterator[LoopbackSource]:
    served = application(telling)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "puro") as source:
        yield source


@asynccontextmanager
async def serving(body: bytes) -> AsyncIterator[LoopbackSource]:
    """A registry whose every page is this body."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html")

    served = web.Application()
    served.router.add_get("/{list}", answer)
    async with loopback(served, "puro") as source:
        yield source


async def records(source: LoopbackSource, question: Question) -> list[Record[Any]]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


def rows_of(body: bytes) -> list[Any]:
    return read_list(Reply(200, {}, body))


def pushed(*parts: str) -> bytes:
    """A page that pushes these texts."""
    scripts = "".join(
        f"<script>self.__next_f.push([1,{json.dumps(part)}])</script>" for part in parts
    )
    return f"<!DOCTYPE html><html><body>{scripts}</body></html>".encode()


def test_it_is_an_adapter() -> None:
    checked: Adapter = adapter
    assert checked.info.key == "puro"


async def test_each_list_is_one_call() -> None:
    async with registry() as source:
        for entity, rows in (
            (Entity.PROJECT, TOLD.projects),
            (Entity.ISSUANCE, TOLD.issuances),
            (Entity.UNIT, TOLD.units),
        ):
            (page,) = [page async for page in adapter.pages(source, Question(entity))]
            assert [r.key for r in page.records] == [row.key for row in rows]
            assert (page.total, page.next) == (len(rows), None)
        assert [request.path for request in source.asked] == [
            "/projects",
            "/issuances",
            "/retirements",
        ]


async def test_na_is_namibia() -> None:
    async with registry() as source:
        found = await records(source, Question(Entity.PROJECT))
    assert "NA" in [record.project_locations[0].country for record in found]  # type: ignore[attr-defined]


async def test_children_are_those_of_the_parents_asked_for() -> None:
    some = tuple(dict.fromkeys(u.project_key for u in TOLD.units))[:2]
    batch = TOLD.units[0].issuance_key
    async with registry() as source:
        of_projects = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, some))
        units = await records(source, of_projects)
        of_batch = Question(Entity.UNIT, parent=Parent(Entity.ISSUANCE, (batch,)))
        inside = await records(source, of_batch)
        (issuance,) = (await adapter.by_keys(source, Entity.ISSUANCE, [batch])).records
    assert {u.key for u in units} == {u.key for u in TOLD.units if u.project_key in some}
    assert {u.key for u in inside} == {u.key for u in TOLD.units if u.issuance_key == batch}
    assert all(adapter.belongs(unit, issuance) for unit in inside)
    assert not adapter.belongs(issuance, issuance)


async def test_no_keys_cost_no_call() -> None:
    async with registry() as source:
        assert list((await adapter.by_keys(source, Entity.UNIT, ())).records) == []
        assert source.asked == []


async def test_a_token_was_never_given_and_is_refused() -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, Question(Entity.UNIT), "2")]


@pytest.mark.parametrize("text", ["583695", "PURO-583695", "puro 583695", " PURO583695 "])
def test_a_project_code_has_many_spellings(text: str) -> None:
    assert adapter.project_key(text) == "583695"


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("puro.code", "PURO-583695", (Entity.PROJECT, "583695")),
        ("puro.serial", TOLD.units[0].key, (Entity.UNIT, TOLD.units[0].key)),
        ("puro.serial", "583695", None),
        ("puro.code", "GS583695", None),
        ("offsetsdb", "583695", None),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert adapter.lookup_key(scheme, value) == found


@pytest.mark.parametrize("trap", EMULATOR.traps)
async def test_a_page_without_all_of_its_data_is_an_invalid_payload(trap: str) -> None:
    async with registry(EMULATOR.traps[trap]) as source:
        for entity in Entity:
            with pytest.raises(InvalidPayload):
                await records(source, Question(entity))


async def test_long_and_marked_texts_come_back_as_they_are() -> None:
    texts = ["$5 of coffee", "$$", "$1a", "ü" * 1500, "</script> & \u2028 <b>", "a\nb:T5,c"]
    units = tuple(
        replace(unit, unit_retirement_detail=text)
        for unit, text in zip(TOLD.units, texts, strict=False)
    )
    telling = replace(TOLD, units=units)
    async with registry(telling=telling) as source:
        found = await records(source, Question(Entity.UNIT))
    told = [record.unit_retirement_detail for record in found]  # type: ignore[attr-defined]
    assert told == texts[: len(told)]
    assert len(told) == len(texts)


def test_what_refers_elsewhere_is_null() -> None:
    stream = '17:["$",{"data":[{"a":"$undefined","b":"$1f","c":"$L2c","d":"$D2026-01-01"}]}]\n'
    assert rows_of(pushed(stream)) == [{"a": None, "b": None, "c": None, "d": "2026-01-01"}]


def test_a_stream_may_break_anywhere_and_have_other_rows_before_its_data() -> None:
    stream = ':HL["/x.css"]\n3f:T5,a\nb:c17:["$",null,{"data":[{"text":"$3f"}]}]\nlast'
    parts = [stream[at : at + 7] for at in range(0, len(stream), 7)]
    assert rows_of(pushed(*parts)) == [{"text": "a\nb:c"}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"<html></html>",
        b"self.__next_f.push(",
        b'self.__next_f.push([1,"x',
        pushed("17:[]"),
        pushed('{"data":[', "1"),
        pushed('{"data":[NaN]}'),
        pushed('{"data":[' + "[" * 100_000),
        pushed('{"data":["x","y"]}'),
        pushed('{"data":[{"id":"a","type":"Issuance","volume":"1","bundles":[]}]}'),
        pushed('{"data":[{"id":"a","type":"Retirement","volume":1,"bundles":[]}]}'),
        pushed('{"data":[{"id":"a","type":"Withdrawal","volume":1,"bundles":[]}]}'),
    ],
)
async def test_a_page_that_is_no_list_of_rows_is_an_invalid_payload(body: bytes) -> None:
    async with serving(body) as source:
        with pytest.raises(InvalidPayload):
            await records(source, Question(Entity.UNIT))


ODD_PAGES: dict[str, tuple[str, str]] = {
    "a number that is none": ('"volume":', '"volume":NaN,"_":'),
    "a half of a letter": ('"accountHolderName":"', '"accountHolderName":"\\ud800'),
    "no type": ('"type":', '"_":'),
    "a type of another kind": ('"type":"Retirement"', '"type":{"x":1}'),
}


@pytest.mark.parametrize("kind", ODD_PAGES)
async def test_one_odd_value_of_a_page_costs_itself(kind: str) -> None:
    rows = Rows(TOLD)
    old, new = ODD_PAGES[kind]
    sound = page([rows.retirement(unit) for unit in TOLD.units[:4]])
    stream = json.loads(b"[1" + sound.split(b"push([1")[1].partition(b")</script>")[0])[1]
    for piece in sound.split(b"push([1")[2:]:
        stream += json.loads(b"[1" + piece.partition(b")</script>")[0])[1]
    changed = stream.replace(old, new, 1)
    assert changed != stream
    body = f"self.__next_f.push({json.dumps([1, changed])})</script>".encode()
    async with serving(sound) as source:
        whole = await records(source, Question(Entity.UNIT))
    async with serving(body) as source:
        found = await records(source, Question(Entity.UNIT))
    assert [row.key for row in found] == [row.key for row in whole]


async def test_a_byte_that_is_no_letter_costs_its_value() -> None:
    rows = Rows(TOLD)
    told = [rows.retirement(unit) for unit in TOLD.units[:3]]
    told[1]["accountHolderName"] = "Somebody"
    async with serving(page(told).replace(b"Somebody", b"Some\xffbody")) as source:
        found = await records(source, Question(Entity.UNIT))
    odd: Any = found[1]
    assert len(found) == 3
    assert odd.unit_owner is None
    assert odd.unmapped("unit_owner") == ("Some\ufffdbody",)


async def test_a_transaction_of_another_kind_costs_itself() -> None:
    rows = Rows(TOLD)
    told = [rows.retirement(unit) for unit in TOLD.units[:4]]
    told[1]["type"] = "Withdrawal"
    told[2]["bundles"] = []
    async with serving(page(told)) as source:
        found = await records(source, Question(Entity.UNIT))
    assert [row.pointer for row in found] == ["/data/0/bundles/0", "/data/3/bundles/0"]


async def test_a_key_that_comes_twice_is_two_rows() -> None:
    rows = Rows(TOLD)
    twice = [rows.retirement(TOLD.units[0]), rows.retirement(TOLD.units[0])]
    async with serving(page(twice)) as source:
        assert len(await records(source, Question(Entity.UNIT))) == 2


async def test_each_bundle_of_a_retirement_is_a_unit() -> None:
    rows = Rows(TOLD)
    one, other = rows.retirement(TOLD.units[0]), rows.retirement(TOLD.units[1])
    one["bundles"] += other["bundles"]
    one["retirementDetails"] = None
    async with serving(page([one])) as source:
        found = await records(source, Question(Entity.UNIT))
    assert [record.key for record in found] == [TOLD.units[0].key, TOLD.units[1].key]
    assert [record.pointer for record in found] == ["/data/0/bundles/0", "/data/0/bundles/1"]
    assert [record.unit_status_reason for record in found] == [None, None]  # type: ignore[attr-defined]


async def test_an_issuance_of_several_vintages_has_none_of_its_own() -> None:
    rows = Rows(TOLD)
    batch, other = TOLD.issuances[0], TOLD.issuances[1]
    mixed = rows.issuance(batch)
    mixed["bundles"] += rows.issuance(other)["bundles"]
    mixed["bundles"][0]["vintage"] = 1999
    mixed["issuanceDetails"] = None
    async with serving(page([mixed])) as source:
        (found,) = await records(source, Question(Entity.ISSUANCE))
    assert found.key == batch.key
    assert (found.vintage_year, found.unit_serial_id) == (None, None)  # type: ignore[attr-defined]
    assert found.vintage_year_raw == f"1999; {other.vintage_year}"  # type: ignore[attr-defined]
    assert (found.issuance_date, found.verification_body) == (None, None)  # type: ignore[attr-defined]


async def test_a_block_without_a_range_has_its_bundles_id_as_key() -> None:
    row = Rows(TOLD).retirement(TOLD.units[0])
    row["bundles"][0]["certificates"] = "unknown"
    async with serving(page([row])) as source:
        (found,) = await records(source, Question(Entity.UNIT))
    assert found.key == row["bundles"][0]["id"]
    assert found.identifiers == ()


async def test_a_bare_project_says_nothing_it_does_not_know() -> None:
    async with serving(page([{"code": "990001"}])) as source:
        (found,) = await records(source, Question(Entity.PROJECT))
    for name in ("project_locations", "estimations", "co_benefits", "methodologies"):
        assert getattr(found, name) == ()
    assert (found.methodology, found.methodology_raw) == (None, None)  # type: ignore[attr-defined]


def test_an_unknown_page_is_not_there() -> None:
    with pytest.raises(InvalidPayload):
        read_retirements(Reply(200, {}, page([{"code": "990001"}])))
