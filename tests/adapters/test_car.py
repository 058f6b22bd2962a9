"""The Reserve's adapter against its emulator, through the real door."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters import car
from adapters.car_page import read_page
from adapters.car_rows import Issued, IssuedRow
from adapters.car_session import carried
from adapters.car_views import CarCancelled, CarIssuance, CarPool, CarRetired
from adapters.contract import Adapter, InvalidPayload, Reply
from gateway.errors import BadCursor, Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Origin
from gateway.sandbox import car_traps as traps
from gateway.sandbox.car_pages import home, no_project
from gateway.sandbox.car_rows import sent
from tests.conformance.desk import Desk, desk
from tests.market import make

TOLD = make().told_by("car")
ADAPTER = car.adapter
ORIGIN = Origin("car", 0)
ISSUING = TOLD.issuances[0].project_key


@asynccontextmanager
async def registry(trap: Middleware | None = None) -> AsyncIterator[Desk]:
    async with desk("car") as at:
        if trap is not None:
            at.sandbox.fail("car", trap)
        yield at


def asking(status: UnitStatus, *others: UnitStatus) -> Question:
    if others:
        return Question(Entity.UNIT, (Predicate("unit_status", Op.IN, (status, *others)),))
    return Question(Entity.UNIT, (Predicate("unit_status", Op.EQ, status),))


def keys(found: Any) -> list[str]:
    return [record.key for record in found]


def exporting(pattern: bytes, by: bytes) -> Middleware:
    """A trap that changes exports."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path == traps.EXPORT and isinstance(response, web.Response):
            response.body = re.sub(pattern, by, bytes(response.body or b""))  # type: ignore[arg-type]
        return response

    return trap


def paths(at: Desk) -> list[str]:
    return [exchange.uri.rpartition("/")[2] for exchange in at.evidence.exchanges]


def test_it_is_an_adapter() -> None:
    checked: Adapter = ADAPTER
    assert (checked.info.key, checked.info.verified) == ("car", "2026-08-05")


@pytest.mark.parametrize("text", ["CAR1957", "car 1957", "CAR-1957", " 1957 ", "CAR01957"])
def test_a_project_code_has_many_spellings(text: str) -> None:
    assert ADAPTER.project_key(text) == "CAR1957"


@pytest.mark.parametrize("text", ["", "CAR", "CARC1791", "ACR1957", "CAR0", "CAR1957x"])
def test_what_is_no_project_code_is_none(text: str) -> None:
    assert ADAPTER.project_key(text) is None


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("car.project", "CAR 1957", (Entity.PROJECT, "CAR1957")),
        ("offsetsdb", "CAR1957", (Entity.PROJECT, "CAR1957")),
        ("offsetsdb", "1957", None),
        ("car.serial", "CAR1957", None),
        (
            "car.serial",
            "CAR-ROC-US-2056-129-2283-WV-2025-8969-1 to 260294",
            (Entity.UNIT, "CAR-ROC-US-2056-129-2283-WV-2025-8969-1 to 260294"),
        ),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert ADAPTER.lookup_key(scheme, value) == found


async def test_a_report_is_opened_by_its_page_and_read_whole() -> None:
    async with registry() as at:
        found = await at.everything(Entity.PROJECT)
        assert paths(at) == ["myrpt.asp?r=111", "rptdownload.asp"]
        opening, export = at.evidence.exchanges
    assert sorted(keys(found)) == sorted(p.key for p in TOLD.projects)
    assert opening.media_type == "text/html"
    assert (export.method, export.media_type) == ("POST", "application/save")
    assert {record.origin.source for record in found} == {1}
    assert [record.pointer for record in found] == [f"/{i}" for i in range(len(found))]


async def test_characters_beyond_ascii_arrive() -> None:
    async with registry() as at:
        found = await at.everything(Entity.PROJECT)
        exchange = at.evidence.exchanges[1]
    body = exchange.body or b""
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert any("Müllverwertung Süd \u2013 Größe ß" in r.project_name for r in found)  # type: ignore[attr-defined]


async def test_units_are_read_report_by_report_and_gone_on_from_any() -> None:
    async with registry() as at:
        walked = await at.pages(Question(Entity.UNIT))
        assert [(page.token, page.next) for page in walked] == [
            ("206", "308"),
            ("308", "112"),
            ("112", None),
        ]
        again = await at.pages(Question(Entity.UNIT), "308")
        assert [keys(p.records) for p in again] == [keys(p.records) for p in walked[1:]]
        for entity, token in ((Entity.UNIT, "111"), (Entity.PROJECT, "206")):
            with pytest.raises(BadCursor):
                await at.pages(Question(entity), token)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (asking(UnitStatus.RETIRED), ["206"]),
        (asking(UnitStatus.EXPORTED), ["308"]),
        (asking(UnitStatus.BUFFER, UnitStatus.CANCELLED), ["308", "112"]),
        (asking(UnitStatus.HELD), []),
    ],
)
async def test_a_status_chooses_the_reports(question: Question, asked: list[str]) -> None:
    async with registry() as at:
        found = await at.ask(question)
        opened = [path.partition("r=")[2] for path in paths(at) if "r=" in path]
    wanted = set(question.predicates[0].values())
    assert opened == asked
    assert {u.key for u in TOLD.units if u.unit_status in wanted} <= set(keys(found))


async def test_conversions_are_exports_and_the_pool_is_a_unit_of_its_issuance() -> None:
    async with registry() as at:
        found: dict[str, Any] = {r.key: r for r in await at.everything(Entity.UNIT)}
    assert {type(r) for r in found.values()} == {CarRetired, CarCancelled, CarPool}
    for truth in TOLD.units:
        assert found[truth.key].unit_status is truth.unit_status
    pool = next(r for r in found.values() if isinstance(r, CarPool))
    assert (pool.unit_serial_id, pool.identifiers) == (None, ())
    assert pool.issuance_key == pool.key.removesuffix("-buffer")


async def test_export_notes_alone_make_an_export_too() -> None:
    trap = exporting(rb'"Canceled","",\n', b'"Canceled","to another registry",\n')
    async with registry(trap) as at:
        found: list[Any] = await at.ask(asking(UnitStatus.CANCELLED))
    assert {r.unit_status for r in found} == {UnitStatus.EXPORTED}
    assert "Canceled; to another registry" in {r.unit_status_raw for r in found}


async def test_a_row_with_a_field_too_many_loses_texts_and_nothing_else() -> None:
    trap = exporting(rb"\(sandbox\)", b'(sandbox)","')
    async with registry(trap) as at:
        (page,) = await at.pages(asking(UnitStatus.RETIRED))
    retired = {u.key: u for u in TOLD.units if u.unit_status is UnitStatus.RETIRED}
    assert set(keys(page.records)) == set(retired)
    assert page.warnings == (
        f"{len(retired)} rows of the report were badly quoted: "
        "texts that could not be told apart are null.",
    )
    for record in page.records:
        assert record.unit_count == retired[record.key].unit_count  # type: ignore[attr-defined]
        assert record.unit_status_date == retired[record.key].unit_status_date  # type: ignore[attr-defined]
        # The break lies between project and country: what stands after it is told.
        assert record.unit_owner == sent(str(retired[record.key].unit_owner))  # type: ignore[attr-defined]
        assert record.parent.project_name is None  # type: ignore[attr-defined]


async def test_rows_that_share_a_serial_and_say_different_things_are_all_told() -> None:
    trap = exporting(rb"CAR-[^\"]*", b"CAR-1-US-1-1-1-KS-2020-1-1 to 9")
    async with registry() as at:
        usual = await at.ask(asking(UnitStatus.RETIRED))
    async with registry(trap) as at:
        (page,) = await at.pages(asking(UnitStatus.RETIRED))
        (key,) = {record.key for record in page.records}
        found = await ADAPTER.by_keys(at.source(), Entity.UNIT, [key])
    assert len(page.records) == len(usual) > 1
    assert len(found.records) >= len(usual)


async def test_a_row_of_a_report_that_stands_there_twice_is_told_once() -> None:
    async with registry(exporting(rb"(\n[^\n]+)\n[^\n]+(\n*)$", rb"\1\1\2")) as at:
        (page,) = await at.pages(asking(UnitStatus.RETIRED))
    assert "repeat the serial" in page.warnings[0]


async def test_projects_with_one_id_are_all_told() -> None:
    async with registry() as at:
        usual = await at.everything(Entity.PROJECT)
    async with registry(exporting(rb"\n\"CAR\d+\"", b'\n"CAR1"')) as at:
        assert len(await at.everything(Entity.PROJECT)) == len(usual) > 1


async def test_a_serial_without_a_range_has_no_block() -> None:
    async with registry(exporting(rb" to \d+\"", b'"')) as at:
        found: list[Any] = await at.ask(asking(UnitStatus.RETIRED))
    assert found
    assert all(r.key == r.unit_serial_id and r.identifiers == () for r in found)
    assert {(r.unit_block_start, r.unit_block_end) for r in found} == {(None, None)}


async def test_a_project_read_by_key_has_what_its_page_says() -> None:
    truth = next(p for p in TOLD.projects if p.key == ISSUING)
    async with registry() as at:
        page = await ADAPTER.by_keys(at.source(), Entity.PROJECT, [ISSUING])
        assert paths(at)[-1] == f"prjView.asp?id1={truth.number}"
    (found,) = page.records
    assert found.project_description == truth.project_description  # type: ignore[attr-defined]
    (period,) = found.estimations  # type: ignore[attr-defined]
    assert period.crediting_period_end == truth.crediting_period_end
    assert period.crediting_period_start is None


async def test_of_many_projects_at_once_the_report_is_given() -> None:
    async with desk("car", scale=20) as at:
        wanted = sorted(at.truth.projects)[: car.DETAILS + 1]
        page = await ADAPTER.by_keys(at.source(), Entity.PROJECT, wanted)
        assert len(at.evidence.exchanges) == 2
    assert sorted(keys(page.records)) == wanted
    assert "own pages were not read" in page.warnings[0]


async def test_a_listed_project_without_a_page_is_told_as_listed() -> None:
    async with registry(traps.loses_pages) as at:
        page = await ADAPTER.by_keys(at.source(), Entity.PROJECT, [ISSUING])
    assert keys(page.records) == [ISSUING]
    assert page.warnings == (f"Listed projects without a page of their own: {ISSUING}.",)


async def test_the_page_of_another_project_is_refused() -> None:
    @web.middleware
    async def mixed(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != traps.PROJECT:
            return await handler(request)
        other = next(p.number for p in TOLD.projects if p.key != ISSUING)
        return await handler(request.clone(rel_url=request.rel_url.with_query(id1=str(other))))

    async with registry(mixed) as at:
        with pytest.raises(InvalidPayload, match="another"):
            await ADAPTER.by_keys(at.source(), Entity.PROJECT, [ISSUING])


async def test_keys_ask_only_the_reports_that_may_hold_them() -> None:
    pool = next(u.key for u in TOLD.units if u.unit_status is UnitStatus.BUFFER)
    async with registry() as at:
        for entity in Entity:
            assert not (await ADAPTER.by_keys(at.source(), entity, ["nonsense"])).records
        assert at.evidence.exchanges == []
        found = await ADAPTER.by_keys(at.source(), Entity.UNIT, [pool])
        assert (keys(found.records), len(at.evidence.exchanges)) == ([pool], 2)


def test_blocks_belong_by_vintage_only_where_there_is_no_other_issuance_of_it() -> None:
    row = IssuedRow(project_id="CAR1", date_issued="01/02/2020", vintage="2019", total="5")
    alone = CarIssuance(Issued(row, "CAR1-2019-2020-01-02", True), ORIGIN)
    one_of_two = CarIssuance(Issued(row, "CAR1-2019-2020-01-02", False), ORIGIN)
    pool = CarPool(Issued(row, "CAR1-2019-2020-01-02", False), ORIGIN)
    assert ADAPTER.belongs(pool, alone)
    assert not ADAPTER.belongs(pool, pool)
    assert not ADAPTER.belongs(alone, alone)
    assert not ADAPTER.belongs(alone, one_of_two)


async def test_a_block_belongs_to_the_only_issuance_of_its_vintage() -> None:
    async with registry() as at:
        units = await at.everything(Entity.UNIT)
        issuances = await at.everything(Entity.ISSUANCE)
    for unit in units:
        owners = [i.key for i in issuances if ADAPTER.belongs(unit, i)]
        assert owners == [at.truth.units[unit.key].issuance_key]


async def test_children_of_a_project_are_its_own() -> None:
    async with registry() as at:
        units = await at.below(Entity.UNIT, Entity.PROJECT, [ISSUING])
        question = Question(Entity.ISSUANCE, parent=Parent(Entity.PROJECT, (ISSUING,)))
        issuances = await at.ask(question)
    assert units == {u.key for u in TOLD.units if u.project_key == ISSUING}
    assert set(keys(issuances)) == {i.key for i in TOLD.issuances if i.project_key == ISSUING}


async def test_the_day_of_a_status_is_known_for_two_of_them() -> None:
    async with registry() as at:
        found: dict[str, Any] = {r.key: r for r in await at.everything(Entity.PROJECT)}
    for truth in TOLD.projects:
        dated = truth.project_status in (ProjectStatus.LISTED, ProjectStatus.REGISTERED)
        wanted = truth.project_status_date if dated else None
        assert found[truth.key].project_status_date == wanted
        assert bool(found[truth.key].project_status_date_raw) is dated


@pytest.mark.parametrize("trap", sorted(set(traps.TRAPS) - {"projects have no page"}))
async def test_a_trap_is_a_typed_outcome_and_never_an_empty_report(trap: str) -> None:
    async with registry(traps.TRAPS[trap]) as at:
        for entity in Entity:
            with pytest.raises(RegistryError) as raised:
                await at.everything(entity)
            assert raised.value.outcome is Outcome.INVALID_PAYLOAD


@pytest.mark.parametrize(
    "text",
    [
        home(),
        "",
        '<form id="frmDownload"></form></html>',
        '<form id="frmDownload"></form><td>9 - 4 : 7</td></html>',
        '<form id="frmDownload"></form><td>1 - 4 : 7</td>',
    ],
)
def test_what_is_no_page_of_a_report_opens_nothing(text: str) -> None:
    with pytest.raises(InvalidPayload):
        carried(Reply(200, {}, text.encode()))


def test_a_token_that_only_the_script_has_is_sent_too_and_none_is_made_up() -> None:
    form = "<form id='frmDownload'><input name='Data' value = \"Stamp&#95;0\"><input></form>"
    script = "field.setAttribute('value', 'cde72a6cfa7f72b986a8cba1aa01e181');"
    ends = "<td>1 - 4 : 7</td></HTML>"
    plain = dict(carried(Reply(200, {}, f"{form}{ends}".encode())))
    assert plain == {"Data": "Stamp_0", "FormatType": "csv"}
    told = dict(carried(Reply(200, {}, f"{script}{form}{ends}".encode())))
    assert told["c16e"] == "cde72a6cfa7f72b986a8cba1aa01e181"


def test_a_page_is_a_projects_or_says_that_there_is_none_or_is_refused() -> None:
    assert read_page(Reply(200, {}, no_project("0").encode())) is None
    with pytest.raises(InvalidPayload):
        read_page(Reply(200, {}, home().encode()))
