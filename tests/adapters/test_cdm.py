"""The CDM's adapter: a workbook with odd rows, a map that is XML, and conditional requests."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from adapters.cdm import adapter
from adapters.cdm_map import read_points
from adapters.cdm_rows import COLUMNS as NAMED
from adapters.contract import Adapter, InvalidPayload, Reply
from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.config import CacheSettings
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Question
from gateway.provenance.evidence import Evidence
from gateway.sandbox.cdm import BOMB, COLUMNS, EMULATOR, MAP, SHEET, WORKBOOK, application
from gateway.sandbox.runner import Sandbox
from gateway.sandbox.workbook import Cell, workbook
from gateway.upstream.door import Door
from gateway.upstream.stores import open_store
from gateway.upstream.terms import Terms
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

TOLD = make().told_by("cdm")
PROJECTS = Question(Entity.PROJECT)
HEADINGS: list[Cell] = [*COLUMNS]
PLACE = {
    name: next(
        i
        for i, h in enumerate(COLUMNS)
        if h.casefold().startswith(tuple(s.casefold() for s in starts))
    )
    for name, starts in NAMED.items()
}


def row(**cells: Cell) -> list[Cell]:
    """A row of the sheet with these of our columns."""
    found: list[Cell] = [None] * len(HEADINGS)
    for name, value in {
        "identifier": "ABCDEFGHIJKLMNOPQRST12",
        "title": "An activity",
        **cells,
    }.items():
        found[PLACE[name]] = value
    return found


def point(loc: str = "1.5,2.5", ref: str = "0009", name: str = "0009: X (SMALL, 1)") -> str:
    return (
        f'<state id="point"><name>{name}</name><loc>{loc}</loc>'
        f"<url>/Projects/redirector?ref={ref}</url><data>1</data></state>"
    )


def points(*states: str) -> Any:
    body = f"<countrydata>{''.join(states)}</countrydata>".encode()
    return read_points(Reply(200, {}, body))


@asynccontextmanager
async def serving(rows: Sequence[Sequence[Cell]], *states: str) -> AsyncIterator[LoopbackSource]:
    """A site with this sheet and this map."""
    sheet = workbook({SHEET: rows})
    chart = f"<countrydata>{''.join(states)}</countrydata>".encode()

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body={WORKBOOK: sheet, MAP: chart}[request.path])

    served = web.Application()
    served.router.add_get("/{path:.*}", answer)
    async with loopback(served, "cdm") as source:
        yield source


async def records(source: LoopbackSource) -> list[Any]:
    return [record async for page in adapter.pages(source, PROJECTS) for record in page.records]


def test_it_is_an_adapter_of_projects_alone() -> None:
    checked: Adapter = adapter
    assert set(checked.collections) == {Entity.PROJECT}
    assert checked.info.verified == ""
    assert "not verified against a live host" in checked.info.notes


async def test_the_workbook_is_one_call_and_the_map_is_read_by_key_only() -> None:
    async with loopback(application(TOLD), "cdm") as source:
        (page,) = [page async for page in adapter.pages(source, PROJECTS)]
        assert (page.total, len(source.asked)) == (len(TOLD.projects), 1)
        found: Any = (
            await adapter.by_keys(source, Entity.PROJECT, [TOLD.projects[0].key])
        ).records[0]
        assert len(source.asked) == 3
    (place,) = TOLD.projects[0].project_locations
    (told,) = found.project_locations
    assert (told.latitude, told.longitude) == (place.latitude, place.longitude)
    assert told.latitude_raw == str(place.latitude)


async def test_an_unchanged_workbook_is_not_sent_again() -> None:
    evidence, clock = Evidence(), SystemClock()
    async with Sandbox(only=("cdm",), record=True) as sandbox:
        upstream = assemble.upstream("cdm", adapter, sandbox.settings()["cdm"])
        door = Door(
            {"cdm": upstream},
            clock=clock,
            chance=SystemChance(),
            user_agent="carbon-gateway-test",
            store=open_store(CacheSettings(), clock),
        )
        async with door:
            for _ in range(2):
                terms = Terms(clock.monotonic() + 60, max_age=0, evidence=evidence)
                found = adapter.pages(door.source("cdm", terms), PROJECTS)
                assert [page.total async for page in found] == [len(TOLD.projects)]
        sent = sandbox.sent("cdm")
    first, second = evidence.exchanges
    assert sent == [first.digest, hashlib.sha256(b"").hexdigest()]
    assert (second.status, second.digest) == (304, first.digest)


async def test_days_are_numbers_or_texts_in_one_column() -> None:
    rows = [
        HEADINGS,
        row(
            reference=1,
            status="Registered",
            first_start=39585,
            first_end="2018-05-16",
            decided=39584.5,
        ),
        row(reference=2, status="Withdrawn", decided="2008-05-17 00:00:00", first_start="soon"),
    ]
    async with serving(rows) as source:
        one, other = await records(source)
    assert one.estimations[0].crediting_period_start == "2008-05-17"
    assert one.estimations[0].crediting_period_end == "2018-05-16"
    assert (one.estimations[0].unit_count, one.estimations[0].is_annual) == (None, None)
    assert (one.project_status_date, other.project_status_date) == ("2008-05-16", None)
    # The day of the registration says nothing of the withdrawal.
    assert other.project_status_date_raw is None
    assert other.estimations[0].crediting_period_start is None
    assert other.estimations[0].crediting_period_start_raw == "soon"


async def test_each_crediting_period_has_its_own_yearly_amount() -> None:
    cells = {"first_start": 39585, "first_end": 42140, "first_amount": 90844}
    cells |= {"second_start": 42141, "second_end": 44697, "second_amount": 90000.5}  # type: ignore[dict-item]
    async with serving([HEADINGS, row(reference=1, **cells)]) as source:
        (found,) = await records(source)
    assert [str(e.unit_count) for e in found.estimations] == ["90844", "90000.5"]


async def test_footnotes_and_notes_are_no_activities() -> None:
    rows: list[Sequence[Cell]] = [
        ["A title above the headings"],
        HEADINGS,
        [None, "AuxID", "(2)"],
        row(reference=1),
        [],
        ["Notes: below the table"],
    ]
    async with serving(rows) as source:
        assert [r.key for r in await records(source)] == ["1"]


async def test_what_was_never_registered_goes_by_its_identifier() -> None:
    rows = [HEADINGS, row(status="Validation"), row(reference="0009", identifier=None)]
    async with serving(rows, point()) as source:
        proposed, registered = await records(source)
        (again,) = (await adapter.by_keys(source, Entity.PROJECT, [proposed.key])).records
        assert [r.path for r in source.asked].count(MAP) == 0
    assert proposed.key == again.key == "ABCDEFGHIJKLMNOPQRST12"
    assert proposed.project_status is ProjectStatus.LISTED
    assert proposed.project_link.endswith(
        "/Projects/Validation/DB/ABCDEFGHIJKLMNOPQRST12/view.html"
    )
    assert proposed.identifiers == ()
    assert registered.key == "9"


async def test_several_hosts_and_a_point_stay_apart() -> None:
    rows = [HEADINGS, row(reference=9, countries="ZM; NA"), row(reference=10, countries="ZM")]
    async with serving(
        rows, point(), point(ref="10"), point("3,4", "10", "Location Dam of 10: X")
    ) as source:
        found: Any = (await adapter.by_keys(source, Entity.PROJECT, ["9", "10"])).records
    several, single = found
    assert [p.country for p in several.project_locations] == ["ZM", "NA", None]
    assert [p.latitude is None for p in several.project_locations] == [True, True, False]
    assert [(p.country, p.in_country_region) for p in single.project_locations] == [
        ("ZM", None),
        ("ZM", "Dam"),
    ]


async def test_places_that_are_no_degrees_are_told_as_they_are_written() -> None:
    async with serving(
        [HEADINGS, row(reference=9, countries="CN")], point("302809.0,1065431.0")
    ) as source:
        found: Any = (await adapter.by_keys(source, Entity.PROJECT, ["9"])).records[0]
    (place,) = found.project_locations
    assert (place.latitude, place.longitude) == (None, None)
    assert (place.latitude_raw, place.longitude_raw) == ("302809.0", "1065431.0")


async def test_a_bare_activity_says_nothing_it_does_not_know() -> None:
    async with serving([HEADINGS, row(reference=1)]) as source:
        (found,) = await records(source)
    for name in ("methodologies", "project_locations", "estimations"):
        assert getattr(found, name) == ()
    assert found.sectors is None
    for name in ("sector", "methodology", "project_tags", "project_type", "project_status"):
        assert getattr(found, name) is None


@pytest.mark.parametrize(
    "rows",
    [
        [row(reference="one")],
        [row(reference=True)],
        [row(reference=1.5)],
        [row(identifier=None)],
        [],
    ],
)
async def test_activities_without_a_name_of_their_own_are_none(rows: list[list[Cell]]) -> None:
    async with serving([HEADINGS, *rows]) as source:
        with pytest.raises(InvalidPayload):
            await records(source)
    async with serving([HEADINGS, *rows, row(reference=7)]) as source:
        assert [record.key for record in await records(source)] == ["7"]


@pytest.mark.parametrize("rows", [[["x"]], [HEADINGS[1:], row()], [[]] * 30 + [HEADINGS]])
async def test_a_sheet_without_its_headings_is_an_invalid_payload(rows: list[list[Cell]]) -> None:
    padded: list[list[Cell]] = [["."], *rows] if rows[0] == [] else rows
    async with serving(padded) as source:
        with pytest.raises(InvalidPayload):
            await records(source)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<countrydata></countrydata>",
        BOMB,
        b'<!DOCTYPE countrydata SYSTEM "http://other.example/x.dtd"><countrydata/>',
        f"<countrydata>{point('north')}</countrydata>".encode(),
        f"<countrydata>{point(ref='x')}</countrydata>".encode(),
        f"<countrydata>{point()}".encode(),
        "<countrydata/>".encode("utf-16"),
    ],
)
def test_what_is_no_map_is_an_invalid_payload(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        read_points(Reply(200, {}, body))


def test_a_point_that_is_none_costs_itself() -> None:
    body = f"<countrydata>{point('north')}{point(ref='x')}{point()}</countrydata>".encode()
    reply = Reply(200, {}, body)
    assert list(read_points(reply)) == [9]
    assert reply.unread.first == [f"point {n}: it has no place, or no activity" for n in (1, 2)]


async def test_an_activity_without_a_title_is_one_all_the_same() -> None:
    bare = row(title=None, identifier=None, reference=12.0)
    noted = row(title=None, identifier="Project titles are as registered.")
    async with serving([HEADINGS, row(), bare, noted]) as source:
        found = await records(source)
    assert [(one.key, one.project_name) for one in found] == [
        ("ABCDEFGHIJKLMNOPQRST12", "An activity"),
        ("12", None),
    ]


def test_a_point_that_stands_twice_is_told_once() -> None:
    found = points(point(), point(), point("7,8"), '<state id="NA"><name>Namibia</name></state>')
    assert [(p.latitude, p.longitude) for p in found[9]] == [("1.5", "2.5"), ("7", "8")]


@pytest.mark.parametrize("trap", EMULATOR.traps)
async def test_a_trap_is_an_invalid_payload_by_key(trap: str) -> None:
    served = application(TOLD)
    served.middlewares.insert(0, EMULATOR.traps[trap])
    async with loopback(served, "cdm") as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.PROJECT, [TOLD.projects[0].key])


async def test_a_token_was_never_given_and_is_refused() -> None:
    async with loopback(application(TOLD), "cdm") as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, PROJECTS, "2")]


async def test_no_keys_cost_no_call() -> None:
    async with loopback(application(TOLD), "cdm") as source:
        assert list((await adapter.by_keys(source, Entity.PROJECT, ())).records) == []
        assert source.asked == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1365", "1365"),
        ("CDM1365", "1365"),
        (" cdm 0009", "9"),
        ("CDM-1365", "1365"),
        ("ABCDEFGHIJKLMNOPQRST12", "ABCDEFGHIJKLMNOPQRST12"),
        ("0", None),
        ("VCS1365", None),
        ("abc", None),
    ],
)
def test_a_reference_has_many_spellings(text: str, key: str | None) -> None:
    assert adapter.project_key(text) == key


def test_lookup_knows_reference_numbers() -> None:
    assert adapter.lookup_key("cdm.ref", "CDM0009") == (Entity.PROJECT, "9")
    assert adapter.lookup_key("cdm.ref", "ABCDEFGHIJKLMNOPQRST12") is None
    assert adapter.lookup_key("verra.vcs", "9") is None


async def test_nothing_belongs_to_what_is_not_told() -> None:
    async with loopback(application(TOLD), "cdm") as source:
        (one, *_) = await records(source)
    assert not adapter.belongs(one, one)
