"""Verra's adapter against its emulator: what is its own, beside what every tenant shares."""

from __future__ import annotations

import pytest

from adapters.contract import Adapter
from adapters.verra import adapter
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.sandbox.verra import EMULATOR
from tests.adapters.tenant import ask, asking, keys, serve
from tests.market import make

TOLD = make().told_by("verra")
LEDGERS = {
    UnitStatus.HELD: "holdings",
    UnitStatus.BUFFER: "holdings",
    UnitStatus.RETIRED: "retirements",
    UnitStatus.CANCELLED: "cancellations",
}


def test_it_is_an_adapter() -> None:
    checked: Adapter = adapter
    assert checked.info.key == "verra"


@pytest.mark.parametrize("text", ["1529", "VCS1529", "vcs-1529", "VCS 1529", " 01529 ", "VCU1529"])
def test_every_public_spelling_of_a_project_leads_to_its_number(text: str) -> None:
    assert adapter.project_key(text) == "1529"


@pytest.mark.parametrize("text", ["", "VCS", "GS1529", "1529a", "VCS--1529", "\uff11529", "1" * 40])
def test_other_texts_lead_to_no_project(text: str) -> None:
    assert adapter.project_key(text) is None


def test_identifiers_are_read_offline() -> None:
    serial = "19385-941467007-941467431-VCS-VCU-1507-VER-ET-14-1340-01012020-31122020-1"
    assert adapter.lookup_key("verra.vcs", "VCS-1340") == (Entity.PROJECT, "1340")
    assert adapter.lookup_key("offsetsdb", "VCS1340") == (Entity.PROJECT, "1340")
    assert adapter.lookup_key("offsetsdb", "ACR934") is None
    assert adapter.lookup_key("verra.serial", f" {serial} ") == (Entity.UNIT, serial)
    assert adapter.lookup_key("verra.issuance", serial) == (Entity.ISSUANCE, serial)
    assert adapter.lookup_key("verra.serial", "a lost serial") is None


def test_the_public_client_key_is_left_to_the_operator() -> None:
    assert adapter.info.credential == "appkey"
    assert "appkey" not in dict(adapter.info.headers)


async def test_projects_come_with_the_words_of_the_registry_beside_the_mapped_ones() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        found = await ask(adapter, source, asking(Entity.PROJECT, "project_id", Op.EQ, "VCS901002"))
        project = found[0]
        assert keys(found) == ["901002"]
        assert project.project_status is ProjectStatus.REGISTERED
        assert project.project_status_raw in ("Registered", "Late to Verify")
        assert project.methodology == "ACM0002"
        assert project.methodology_raw == "ACM0002 (Version 20.0)"
        assert project.project_developer.endswith("(invented)")


async def test_a_status_is_narrowed_in_the_registrys_own_words() -> None:
    wanted = {p.key for p in TOLD.projects if p.project_status is ProjectStatus.INACTIVE}
    async with serve(adapter, EMULATOR, TOLD) as source:
        question = asking(Entity.PROJECT, "project_status", Op.EQ, ProjectStatus.INACTIVE)
        found = await ask(adapter, source, question)
        assert set(keys(found)) == wanted
        assert {p.project_status_raw for p in found} <= {
            "Inactive", "On Hold - see notification letter"
        }  # fmt: skip


async def test_a_country_is_narrowed_whatever_the_registry_calls_it() -> None:
    wanted = {p.key for p in TOLD.projects if p.project_locations[0].country == "CD"}
    async with serve(adapter, EMULATOR, TOLD) as source:
        found = await ask(adapter, source, asking(Entity.PROJECT, "country", Op.EQ, "cd"))
        assert set(keys(found)) == wanted


async def test_units_of_a_status_are_read_from_its_ledger_alone() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        for status in (
            UnitStatus.HELD,
            UnitStatus.RETIRED,
            UnitStatus.CANCELLED,
            UnitStatus.BUFFER,
        ):
            source.asked.clear()
            found = await ask(
                adapter, source, asking(Entity.UNIT, "unit_status", Op.EQ, status, want=400)
            )
            assert set(keys(found)) == {u.key for u in TOLD.units if u.unit_status is status}
            assert {r.path.split("/")[4] for r in source.asked} == {LEDGERS[status]}


async def test_an_issuance_holds_its_units_and_no_other() -> None:
    async with serve(adapter, EMULATOR, TOLD) as source:
        issuances = await ask(adapter, source, Question(Entity.ISSUANCE, want=400))
        for truth in TOLD.units[::25]:
            unit = (await adapter.by_keys(source, Entity.UNIT, [truth.key])).records[0]
            assert [i.key for i in issuances if adapter.belongs(unit, i)] == [truth.issuance_key]


async def test_units_of_several_projects_come_with_one_call_per_ledger() -> None:
    parents = tuple(dict.fromkeys(u.project_key for u in TOLD.units))[:5]
    async with serve(adapter, EMULATOR, TOLD) as source:
        question = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, parents), want=1)
        found = await ask(adapter, source, question)
        assert set(keys(found)) == {u.key for u in TOLD.units if u.project_key in parents}
        assert len(source.asked) == 3


async def test_a_vintage_is_the_year_in_which_it_ends() -> None:
    truth = next(u for u in TOLD.units if u.vintage_start_date[:4] != u.vintage_end_date[:4])
    async with serve(adapter, EMULATOR, TOLD) as source:
        question = Question(
            Entity.UNIT,
            (Predicate("vintage_year", Op.EQ, truth.vintage_year),),
            Parent(Entity.PROJECT, (truth.project_key,)),
        )
        found = {unit.key: unit for unit in await ask(adapter, source, question)}
        unit = found[truth.key]
        assert unit.vintage_year_raw == f"{truth.vintage_start_date[:4]} - {truth.vintage_year}"
        assert unit.vintage_start_date == truth.vintage_start_date
        assert {u.vintage_year for u in found.values()} == {truth.vintage_year}


async def test_a_block_is_found_by_its_serial_and_a_project_by_its_number_alone() -> None:
    truth = TOLD.units[7]
    async with serve(adapter, EMULATOR, TOLD) as source:
        question = asking(Entity.UNIT, "unit_serial_id", Op.IN, (truth.key.lower(), " "))
        assert keys(await ask(adapter, source, question)) == [truth.key]
        question = asking(Entity.UNIT, "unit_serial_id", Op.EQ, " ")
        assert await ask(adapter, source, question) == []
        page = await adapter.by_keys(source, Entity.PROJECT, ["VCS901002", "x"])
        assert page.records == []
