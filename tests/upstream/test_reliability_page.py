"""docs/reliability.md says what is so."""

from __future__ import annotations

import re
from dataclasses import fields

from aiohttp import web

from benchmarks.reliability import document
from gateway.config import LimitSettings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.metrics import EngineCollector
from gateway.upstream.admission import Admission
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.metrics import exposition
from gateway.upstream.tuning import Tuning
from tests.upstream.bench import HandClock, facing
from tests.upstream.faults import FAULTS

PAGE = document.PAGE.read_text()


def test_the_numbers_on_the_page_are_the_numbers_in_the_code() -> None:
    assert document.section(PAGE, "numbers") == document.numbers()
    assert document.WORDS.keys() == {field.name for field in fields(Tuning)} - {*document.SETTINGS}


def test_the_figures_were_made_and_every_promise_in_them_was_kept() -> None:
    load = document.section(PAGE, "load")
    assert load.count("| kept |") >= 10
    assert "broken" not in load
    matrix = document.section(PAGE, "matrix")
    assert all(f"| {fault} |" in matrix for fault in FAULTS)
    assert "harmed" not in matrix
    found = re.match(r"([\d,]+) schedules", document.section(PAGE, "chaos"))
    assert found is not None
    assert int(found[1].replace(",", "")) >= 1000


def test_the_memory_on_the_page_was_kept_within_its_limits() -> None:
    memory = document.section(PAGE, "memory")
    assert memory.count("200 MB: kept") == 2
    assert memory.count("150 MB: kept") == 2
    assert "**over**" not in memory
    walked = re.search(r"([\d,]+) projects in .* and ([\d,]+) units in", memory)
    assert walked is not None
    many = [int(each.replace(",", "")) for each in walked.groups()]
    assert many[0] >= 10_574
    assert many[1] >= 20_895


async def test_the_page_names_every_metric_and_no_other() -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response()

    store = BoundedMemoryCache(1000)
    async with facing(hello, store=store) as (_, door):
        engine = EngineCollector(CompiledExecutor(LimitSettings()))
        body, _kind = exposition(door, Admission(1, clock=HandClock()), engine)
    families = re.findall(r"^# TYPE (\S+) \w+$", body.decode(), re.MULTILINE)
    assert set(re.findall(r"`(cgw_\w+)`", PAGE)) == set(families)
