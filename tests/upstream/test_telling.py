"""The log says which registry failed, in which list, for whose request; never what was asked."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import InvalidPayload, Page, Request
from gateway import log
from gateway.errors import RegistryError
from gateway.log import JsonLines
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.stitch.guarded import Guarded
from gateway.upstream.metrics import exposition
from gateway.upstream.tuning import Tuning
from tests.stitch.fake import FakeRegistry, Row, federation
from tests.stitch.fake import ask as fake_ask
from tests.upstream.bench import as_json, as_text, facing, terms

CANARY = "what-was-asked"


def written(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    ours = [record for record in caplog.records if record.name.startswith("gateway.")]
    return [json.loads(JsonLines().format(record)) for record in ours]


async def failing(request: web.Request) -> web.Response:
    return web.Response(status=500, headers={"x-told": CANARY})


async def test_a_failed_registry_is_named_with_list_and_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    one, other = log.request_id.set("r-1"), log.listing.set("unit")
    try:
        async with facing(failing) as (_, door):
            for n in range(4):
                with pytest.raises(RegistryError):
                    await door.source("sample", terms()).read(Request(f"{CANARY}/{n}"), as_text)
            lines = written(caplog)
    finally:
        log.request_id.reset(one)
        log.listing.reset(other)
    (failed,) = [line for line in lines if line["message"] == "a registry failed"]
    assert failed["registry"] == "sample"
    assert (failed["code"], failed["status"]) == ("REGISTRY_HTTP_ERROR", 500)
    assert (failed["requestId"], failed["list"]) == ("r-1", "unit")
    assert CANARY not in json.dumps(lines)


async def test_a_breaker_that_opens_and_closes_is_told_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = {"down": True}

    async def moody(_: web.Request) -> web.Response:
        return web.Response(status=500 if state["down"] else 200, text="{}")

    caplog.set_level(logging.INFO)
    tuning = Tuning(margin=0.02, floor=0.03, breaker_open=0.05, breaker_open_max=0.05)
    async with facing(moody, tuning=tuning) as (_, door):
        for n in range(8):
            with pytest.raises(RegistryError):
                await door.source("sample", terms()).read(Request(f"x{n}"), as_json)
        state["down"] = False
        lane = door.lane("sample")
        for n in range(200):
            if lane.breaker.state.value == "CLOSED":
                break
            try:
                await door.source("sample", terms()).read(Request(f"y{n}"), as_json)
            except RegistryError:
                await lane._clock.sleep(0.02)
        text = exposition(door)[0].decode()
    lines = [line for line in written(caplog) if "breaker" in line]
    assert [lines[0]["breaker"], lines[-1]["breaker"]] == ["OPEN", "CLOSED"]
    assert lines[0]["seconds"] > 0
    assert 'cgw_upstream_breaker_opened_total{registry="sample"}' in text


class Odd:
    """An adapter whose registry is not as it was."""

    info = politeness = project_key = lookup_key = belongs = None
    collections: Any = {Entity.UNIT: None}
    views: Any = {}

    async def pages(self, source: Any, question: Any, token: Any = None) -> Any:
        yield Page((), next=None, warnings=("column 7 is new", "column 8 is new"), whole="half")
        raise InvalidPayload("the total does not fit")


class Quiet:
    registry = "sample"


async def test_drift_and_answers_that_are_none_are_told_with_their_list(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guarded = Guarded(Odd())  # type: ignore[arg-type]
    question = Question(Entity.UNIT)
    for _ in range(3):
        with pytest.raises(InvalidPayload):
            async for _page in guarded.pages(Quiet(), question, token="2"):  # type: ignore[arg-type]
                pass
    told = [(line["message"], line["registry"], line["list"]) for line in written(caplog)]
    assert told == [
        ("a registry says that it is not whole", "sample", "unit"),
        # Notes that differ in a number only are one.
        ("a registry is not as it was", "sample", "unit"),
        ("a registry's answer is none", "sample", "unit"),
    ]


async def test_a_text_that_no_table_knows_is_named_once_an_hour(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = [Row(key=str(n), name=CANARY, status="wombat" if n % 2 else "up") for n in range(9)]
    fake = FakeRegistry("sample", {Entity.PROJECT: rows}, page_size=20)
    guarded = Guarded(fake)
    for _ in range(3):
        source = fake_ask(federation(fake)).source("sample")
        async for _page in guarded.pages(source, Question(Entity.PROJECT)):
            pass
    lines = [line for line in written(caplog) if "no mapping table" in line["message"]]
    (told,) = lines
    assert (told["registry"], told["list"], told["field"]) == ("sample", "project", "projectStatus")
    assert (told["text"], told["rows"]) == ("wombat", 4)
    assert CANARY not in json.dumps(lines)
