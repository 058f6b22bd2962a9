"""BioCarbon's adapter: paginated lists, remainders of blocks, private rows, shifting pages."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from adapters.biocarbon import adapter
from adapters.biocarbon_rows import parse_serial
from adapters.contract import Adapter
from gateway.errors import ConfigError, InvalidPayload
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Parent, Question
from gateway.model.record import Record
from gateway.sandbox.biocarbon import EMULATOR
from gateway.sandbox.biocarbon_rows import HIDDEN, PERSONAL
from tests.adapters.biocarbon_shelf import (
    TOLD,
    UNIT,
    Row,
    Shelf,
    block,
    keys,
    pages,
    records,
    registry,
    retreat,
    shelf,
)


def test_it_is_an_adapter() -> None:
    checked: Adapter = adapter
    assert checked.info.credential == "x-api-key"


async def test_a_list_is_one_call_of_the_configured_size() -> None:
    async with registry() as source:
        (page,) = await pages(source, Question(Entity.PROJECT))
    assert (page.total, page.next) == (len(TOLD.projects), None)
    assert source.asked[0].query == (("per_page", "5000"), ("page", "1"))
    assert [r.pointer for r in page.records][:2] == ["/data/0", "/data/1"]


@pytest.mark.parametrize("size", ["0", "-3", "many", "100000", "٣"])
async def test_a_page_size_that_is_none_is_a_configuration_error(size: str) -> None:
    async with registry(per_page=size) as source:
        with pytest.raises(ConfigError, match="per_page"):
            await records(source, UNIT)


async def test_without_the_key_the_registry_refuses_inside_a_200() -> None:
    async with registry() as source:
        source.headers = {}
        for entity in Entity:
            with pytest.raises(InvalidPayload, match="status 403 inside a 200"):
                await records(source, Question(entity))


async def test_a_project_read_by_key_names_its_cad_trust_record() -> None:
    known = [p for p in TOLD.projects if p.cad_trust_project_id]
    async with registry() as source:
        listed = await records(source, Question(Entity.PROJECT))
        page = await adapter.by_keys(source, Entity.PROJECT, [p.key for p in known])
    assert known
    assert {r.cad_trust_project_id for r in listed} == {None}
    found: list[Any] = list(page.records)
    assert {r.key: r.cad_trust_project_id for r in found} == {
        p.key: p.cad_trust_project_id for p in known
    }


async def test_a_project_that_the_registry_lists_and_does_not_detail_stays_as_listed() -> None:
    @web.middleware
    async def without_details(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.rpartition("/")[2].isdigit():
            return web.json_response({"message": "Not Found"}, status=404)
        answer: web.StreamResponse = await handler(request)
        return answer

    key = TOLD.projects[0].key
    async with registry(without_details) as source:
        page = await adapter.by_keys(source, Entity.PROJECT, [key])
    (found,) = list(page.records)
    assert (found.key, getattr(found, "project_description", "")) == (key, None)


@pytest.mark.parametrize("answer", [{"status": "success"}, {"initiative": {"id": 1}}])
async def test_a_detail_of_something_else_is_an_invalid_payload(answer: Row) -> None:
    @web.middleware
    async def other(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.rpartition("/")[2].isdigit():
            return web.json_response(answer)
        found: web.StreamResponse = await handler(request)
        return found

    async with registry(other) as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.PROJECT, [TOLD.projects[0].key])


async def test_what_is_left_of_a_block_has_its_serial_and_no_numbers_of_its_own() -> None:
    serial = "BCR-CO-9999-14-001-2-2101-2112-0000001-0000010"
    other = "BCR-CO-9999-14-001-R-2101-2112-0000001-0001000"
    served = Shelf(
        {
            "carbon-credits": [
                block(serial, active="4", destination="Impuesto"),
                block(other, amount="1,000", active="1,000", destination="reserved"),
                block(serial.replace("2101", "2001"), active="0"),
            ]
        }
    )
    async with shelf(served) as source:
        touched, whole = await records(source, UNIT)
    assert (touched.key, touched.issuance_key, touched.unit_count) == (serial, serial, 4)
    assert (touched.unit_block_start, touched.unit_block_end) == (None, None)
    assert (whole.unit_block_start, whole.unit_block_end) == ("1", "1000")
    assert [touched.unit_status, whole.unit_status] == [UnitStatus.HELD, UnitStatus.BUFFER]


async def test_what_is_private_or_personal_never_comes_out() -> None:
    async with registry() as source:
        units = await records(source, UNIT)
        projects = (
            await adapter.by_keys(source, Entity.PROJECT, [p.key for p in TOLD.projects])
        ).records
        bodies = b"".join(source.bodies).decode()
    assert HIDDEN in bodies
    assert PERSONAL in bodies
    for record in [*units, *projects]:
        told = [str(getattr(record, name)) for name in type(record).fields]
        assert not any(HIDDEN in text or PERSONAL in text for text in told)


async def test_children_are_those_of_the_parents_asked_for() -> None:
    unit = next(u for u in TOLD.units if u.unit_status is UnitStatus.RETIRED)
    of_project = Parent(Entity.PROJECT, (unit.project_key, "nobody"))
    of_block = Parent(Entity.ISSUANCE, (unit.issuance_key, "nonsense"))
    async with registry() as source:
        units = await records(source, Question(Entity.UNIT, parent=of_project))
        inside = await records(source, Question(Entity.UNIT, parent=of_block))
        (page,) = await pages(source, Question(Entity.ISSUANCE, parent=of_project))
    own = sorted(u.key for u in TOLD.units if u.project_key == unit.project_key)
    assert sorted(keys(units)) == own
    own = sorted(u.key for u in TOLD.units if u.issuance_key == unit.issuance_key)
    assert sorted(keys(inside)) == own
    assert page.total is None
    issuances: list[Record[Any]] = list(page.records)
    for issuance in issuances:
        members = {u.key for u in units if adapter.belongs(u, issuance)}
        assert members == {u.key for u in TOLD.units if u.issuance_key == issuance.key}


async def test_only_projects_with_cancelled_units_are_asked_for_them() -> None:
    serial = "BCR-CO-9999-14-001-2-2101-2112-0000001-0000010"
    cancelled = {"serial": serial.replace("0000010", "0000003"), "amount": "3"}
    served = Shelf(
        {
            "carbon-credits": [
                block(serial, active="6", dropouts="4"),
                block(serial.replace("2101", "2001"), initiative_id=8),
            ],
            "carbon-credits/project/7/cancellations": [cancelled],
        }
    )
    async with shelf(served) as source:
        found = await pages(source, UNIT)
    assert [path for path in served.asked if "cancellations" in path] == [
        "/carbon-credits/project/7/cancellations"
    ]
    assert keys(list(found[-1].records)) == [cancelled["serial"]]
    assert found[-1].warnings == (
        "the blocks of BCR-CO-9999-14-001 say that 4 units were cancelled, "
        "its list of cancellations names 3",
    )


@pytest.mark.parametrize(
    "change", [{"serial": "x", "amount": "?"}, {"serial": 5}, {"serial": "twice", "amount": "1"}]
)
async def test_cancellations_that_are_none_are_an_invalid_payload(change: Row) -> None:
    served = Shelf({"carbon-credits": [block("x", dropouts="2")]})
    served.rows["carbon-credits/project/7/cancellations"] = [change, change]
    async with shelf(served) as source:
        with pytest.raises(InvalidPayload):
            await records(source, UNIT)


async def test_a_retirement_of_a_project_that_is_not_listed_has_no_project() -> None:
    served = Shelf({"retreats": [retreat(1, initiative_id=99, created_at="31/12/2025")]})
    async with shelf(served) as source:
        (found,) = await records(source, UNIT)
    assert (found.project_key, found.unit_status_date) == (None, "2025-12-31")
    assert (found.vintage_year, found.unit_retirement_beneficiary) == (2021, None)


async def test_a_bare_row_says_nothing_it_does_not_know() -> None:
    served = Shelf(
        {
            "projects": [{"id": 7, "project_id": "BCR-CO-9999-14-001"}],
            "carbon-credits": [block("odd")],
            "retreats": [{**retreat(1), "serial": "strange"}],
        }
    )
    async with shelf(served) as source:
        (project,) = await records(source, Question(Entity.PROJECT))
        (issuance,) = await records(source, Question(Entity.ISSUANCE))
        units = await records(source, UNIT)
    for name in ("project_locations", "estimations", "co_benefits", "methodologies"):
        assert getattr(project, name) == ()
    for name in ("methodology", "methodology_raw", "project_developer", "validation_body"):
        assert getattr(project, name) is None
    assert project.project_tags is None
    assert issuance.parent.project_locations == ()
    for unit in units:
        assert (unit.identifiers, unit.unit_block_start, unit.unit_block_end) == ((), None, None)
        assert not adapter.belongs(unit, issuance)


async def test_the_reserves_older_mark_and_other_states_are_known() -> None:
    async with registry() as source:
        projects = await records(source, Question(Entity.PROJECT))
    assert {p.project_status for p in projects} >= {
        ProjectStatus.VALIDATED,
        ProjectStatus.REJECTED,
        ProjectStatus.DE_REGISTERED,
    }
    found = parse_serial("PCR-CO-BFX-14-002-3-2101-2112-0000001-0037445")
    assert found is not None
    assert (found.year, found.start, found.end) == (2021, 1, 37445)


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("biocarbon.code", " bcr-co-319-14-004 ", (Entity.PROJECT, "BCR-CO-319-14-004")),
        ("biocarbon.code", "VCS1", None),
        (
            "biocarbon.serial",
            "PCR-CO-BFX-14-002-R-2101-2112-0000001-0037445",
            (Entity.UNIT, "PCR-CO-BFX-14-002-R-2101-2112-0000001-0037445"),
        ),
        ("biocarbon.serial", "BCR-CO-319-14-004", None),
        ("offsetsdb", "BCR-CO-319-14-004", None),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert adapter.lookup_key(scheme, value) == found


@pytest.mark.parametrize("text", ["PCR-CO-BFX-14-002", "pcr-co-bfx-14-002"])
def test_a_project_code_is_read_in_any_case(text: str) -> None:
    assert adapter.project_key(text) == "PCR-CO-BFX-14-002"


async def test_no_keys_cost_no_call() -> None:
    async with registry() as source:
        for entity in Entity:
            assert list((await adapter.by_keys(source, entity, ())).records) == []
        assert source.asked == []


@pytest.mark.parametrize("trap", EMULATOR.traps)
async def test_a_trap_gives_a_typed_outcome_or_the_same_rows(trap: str) -> None:
    async with registry() as source:
        right = {entity: keys(await records(source, Question(entity))) for entity in Entity}
    async with registry(EMULATOR.traps[trap]) as source:
        for entity in Entity:
            try:
                found = keys(await records(source, Question(entity)))
            except InvalidPayload:
                continue
            assert found == right[entity]


async def test_a_missing_path_of_the_emulator_is_not_found() -> None:
    async with registry() as source:
        async with source.session.get(
            f"{source.base_url}/nothing", headers=source.headers
        ) as answer:
            assert answer.status == 404
        async with source.session.get(
            f"{source.base_url}/projects/1", headers=source.headers
        ) as answer:
            assert answer.status == 404
