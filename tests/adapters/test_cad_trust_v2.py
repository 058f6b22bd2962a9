"""How a CAD Trust node's `/v2` is asked and its tables joined, with both spellings of names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import pytest
from aiohttp import web

from adapters.cad_trust_v2 import INFO, CadTrustV2, adapter
from adapters.cad_trust_v2_children import CoBenefit, Program
from adapters.cad_trust_v2_rows import (
    CoBenefitRow,
    IssuanceJoin,
    IssuanceRow,
    MethodologyJoin,
    MethodologyRow,
    ProgramRow,
    ProjectJoin,
    ProjectMethodologyRow,
    ProjectRow,
    UnitJoin,
    UnitRow,
    ValidationRow,
)
from adapters.cad_trust_v2_views import Issuance, Project, Unit
from adapters.contract import Page
from gateway.errors import InvalidPayload
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Origin
from gateway.sandbox.cad_trust_v2 import application
from gateway.sandbox.cad_trust_v2_rows import tables
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

ORIGIN = Origin("cad-trust-v2", 0)
UUID = "00000000-0000-4000-8000-00000000000{}"


@cache
def telling() -> Telling:
    return make().told_by("cad-trust-v2")


@asynccontextmanager
async def node(options: Mapping[str, str] | None = None) -> AsyncIterator[LoopbackSource]:
    async with loopback(application(telling()), "cad-trust-v2", options=options) as source:
        yield source


@asynccontextmanager
async def answering(**bodies: Any) -> AsyncIterator[LoopbackSource]:
    """A node whose tables are these bodies, whatever is asked of them."""
    served = web.Application()

    async def answer(request: web.Request) -> web.Response:
        name = request.match_info["name"].replace("-", "_")
        return web.json_response(bodies.get(name, {"page": 1, "pageCount": 0, "data": []}))

    served.router.add_get("/v2/{name}", answer)
    async with loopback(served, "cad-trust-v2") as source:
        yield source


async def pages(source: LoopbackSource, question: Question, token: str | None = None) -> list[Page]:
    return [page async for page in adapter.pages(source, question, token)]


async def keys(source: LoopbackSource, question: Question) -> set[str]:
    return {record.key for page in await pages(source, question) for record in page.records}


def paths(source: LoopbackSource) -> list[str]:
    return [request.path.removeprefix("v2/") for request in source.asked]


async def test_a_page_of_projects_reads_each_joined_table_once() -> None:
    async with node() as source:
        (page,) = await pages(source, Question(Entity.PROJECT, want=500))
        assert len(page.records) == page.total == len(telling().projects)
        assert paths(source) == [
            "project", "methodology", "project-methodology", "validation", "stakeholder",
        ]  # fmt: skip


async def test_a_page_of_units_reads_the_way_to_their_projects_once() -> None:
    async with node() as source:
        await pages(source, Question(Entity.UNIT, want=500))
        assert sorted(paths(source)) == sorted(
            ["unit", "issuance", "verification", "location", "label", "unit-label"]
        )


async def test_few_units_are_followed_row_by_row() -> None:
    unit = telling().units[0]
    async with node() as source:
        page = await adapter.by_keys(source, Entity.UNIT, [unit.key])
        (record,) = page.records
        assert isinstance(record, Unit)
        assert (record.project_key, record.issuance_key) == (unit.project_key, unit.issuance_key)
        assert f"issuance/{unit.issuance_key}" in paths(source)
        assert "verification" not in paths(source)


async def test_few_issuances_are_read_one_by_one_and_many_from_the_table() -> None:
    known = [issuance.key for issuance in telling().issuances]
    async with node() as source:
        page = await adapter.by_keys(source, Entity.ISSUANCE, [known[0], UUID.format(1)])
        assert [record.key for record in page.records] == [known[0]]
        assert "issuance" not in paths(source)
        page = await adapter.by_keys(source, Entity.ISSUANCE, [*known[:5], UUID.format(1)])
        assert {record.key for record in page.records} == set(known[:5])
        assert "issuance" in paths(source)


async def test_issuances_are_resumed_by_page() -> None:
    async with node() as source:
        (page,) = await pages(source, Question(Entity.ISSUANCE))
        (again,) = await pages(source, Question(Entity.ISSUANCE), page.token)
        assert [r.key for r in page.records] == [r.key for r in again.records]


async def test_one_organisation_is_read_where_the_operator_says_so() -> None:
    mine = telling().projects[0].org_uid or ""
    projects = {p.key for p in telling().projects if p.org_uid == mine}
    issuances = {i.key for i in telling().issuances if i.project_key in projects}
    async with node(options={"orgUid": mine}) as source:
        assert await keys(source, Question(Entity.PROJECT)) == projects
        assert await keys(source, Question(Entity.ISSUANCE)) == issuances
        foreign = next(i.key for i in telling().issuances if i.key not in issuances)
        found = await adapter.by_keys(source, Entity.ISSUANCE, [foreign, min(issuances)])
        assert [record.key for record in found.records] == [min(issuances)]
        units = await keys(source, Question(Entity.UNIT))
        assert units == {u.key for u in telling().units if u.issuance_key in issuances}
    async with node(options={"orgUid": "nobody"}) as source:
        assert await pages(source, Question(Entity.ISSUANCE)) == []


async def test_nothing_is_asked_for_what_is_no_key() -> None:
    async with node() as source:
        for entity in Entity:
            assert (await adapter.by_keys(source, entity, [""])).records == ()
        nobody = Parent(Entity.PROJECT, ("",))
        assert await pages(source, Question(Entity.ISSUANCE, parent=nobody)) == []
        assert await pages(source, Question(Entity.UNIT, parent=nobody)) == []
        assert source.asked == []


async def test_keys_of_nobody_are_left_out_whatever_their_form() -> None:
    async with node() as source:
        for key in ("x", "..", "a/b", "[a]", "a b ", "?"):
            for entity in Entity:
                assert (await adapter.by_keys(source, entity, [key])).records == ()


async def test_keys_of_any_form_are_found_exactly_as_they_came() -> None:
    told = make().told_by("cad-trust-v2")
    async with node() as source:
        for entity, rows in (
            (Entity.PROJECT, told.projects),
            (Entity.ISSUANCE, told.issuances),
            (Entity.UNIT, told.units),
        ):
            odd = [row.key for row in rows if row.key.count("-") != 4 or row.key != row.key.lower()]
            assert len(odd) > 2
            for key in odd:
                page = await adapter.by_keys(source, entity, [key])
                assert [record.key for record in page.records] == [key]


async def test_a_filter_that_was_ignored_is_noticed() -> None:
    row = {"cadTrustProjectId": UUID.format(1), "projectStatus": "Registered"}
    asked = Predicate("project_status", Op.EQ, ProjectStatus.LISTED)
    async with answering(project={"page": 1, "pageCount": 1, "data": [row]}) as source:
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.PROJECT, (asked,)))


ISSUANCE = {"cadTrustIssuanceId": UUID.format(1), "cadTrustMethodologyId": UUID.format(2)}


async def test_an_older_build_that_sends_a_table_whole_is_accepted() -> None:
    whole = {"message": "ok", "data": [ISSUANCE], "success": True}
    async with answering(issuance=whole) as source:
        (page,) = await pages(source, Question(Entity.ISSUANCE))
        assert [record.key for record in page.records] == [UUID.format(1)]
        assert page.next is None
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.ISSUANCE), "1.0.25")


@pytest.mark.parametrize(
    "body",
    [
        {"page": 2, "pageCount": 2, "data": [ISSUANCE]},
        {"page": 1, "pageCount": 2, "data": [ISSUANCE]},
        {"page": 1, "pageCount": 1, "data": [ISSUANCE] * 1001},
        {"message": "no", "success": False},
    ],
)
async def test_a_table_that_is_not_the_page_asked_for_is_refused(body: Any) -> None:
    async with answering(issuance=body) as source:
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.ISSUANCE))


async def test_a_table_with_a_key_twice_is_refused() -> None:
    validation = {"cadTrustValidationId": UUID.format(1)}
    project = {"cadTrustProjectId": UUID.format(1)}
    async with answering(
        project={"page": 1, "pageCount": 1, "data": [project]},
        validation={"page": 1, "pageCount": 1, "data": [validation, validation]},
    ) as source:
        with pytest.raises(InvalidPayload):
            await pages(source, Question(Entity.PROJECT))


async def test_a_row_of_another_key_is_refused() -> None:
    served = web.Application()

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(ISSUANCE)

    served.router.add_get("/v2/issuance/{id}", answer)
    async with loopback(served, "cad-trust-v2") as source:
        with pytest.raises(InvalidPayload):
            await adapter.by_keys(source, Entity.ISSUANCE, [UUID.format(9)])


@pytest.mark.parametrize(
    "row",
    [
        CoBenefitRow(cadTrustCobenefitId="a", cobenefit="SDG 13 - Climate action"),
        CoBenefitRow(cadTrustCoBenefitId="a", coBenefitId="SDG 13 - Climate action"),
    ],
)
def test_co_benefits_are_read_in_both_spellings(row: CoBenefitRow) -> None:
    view = CoBenefit(row)
    assert (view.co_benefit_id, view.sdg) == ("a", 13)
    assert view.co_benefit == view.co_benefit_raw == "SDG 13 - Climate action"


def test_the_emulator_writes_both_spellings() -> None:
    found = {tuple(row)[:2] for row in tables(telling())["co-benefit"]}
    assert found == {
        ("cadTrustCobenefitId", "cobenefit"),
        ("cadTrustCoBenefitId", "coBenefitId"),
    }


def test_a_co_benefit_without_text_says_nothing() -> None:
    view = CoBenefit(CoBenefitRow())
    assert (view.co_benefit, view.sdg, view.co_benefit_id) == (None, None, None)


@pytest.mark.parametrize("name", ["programRegistryId", "programRegistryProgramId"])
def test_a_programmes_registry_id_is_read_in_both_spellings(name: str) -> None:
    row = ProgramRow(cadTrustProgramId="a", **{name: "P-1"})
    assert Program(row).program_registry_id == "P-1"


def project(**fields: Any) -> Project:
    joined = {name: fields.pop(name) for name in ("methodologies", "validations") if name in fields}
    row = ProjectRow(cadTrustProjectId=UUID.format(1), **fields)
    return Project(ProjectJoin(row, **joined), ORIGIN)


def test_sectors_and_types_are_lists_or_one_text() -> None:
    one = project(projectSector="Transport", projectType=("Wind", "nonsense", "Wind"))
    assert (one.sector, one.sectors) == ("Transport", ("Transport",))
    assert (one.project_type, one.project_types) == ("Wind", ("Wind",))
    assert one.project_type_raw == "Wind; nonsense; Wind"
    none = project()
    assert (none.sector, none.sectors, none.project_types) == (None, None, None)


def test_a_project_without_joined_rows_says_nothing_of_them() -> None:
    one = project(cadTrustReferenceProjectId="VER-1-C2")
    assert [i.value for i in one.identifiers] == [UUID.format(1), "VER-1-C2"]
    assert (one.validation_body, one.validation_date, one.validation_date_raw) == (None,) * 3
    assert (one.methodology, one.methodology_raw, one.project_developer) == (None,) * 3
    assert one.cad_trust_program is None


def test_the_validation_of_the_design_comes_first() -> None:
    renewal = ValidationRow(
        cadTrustValidationId="1",
        validationType="Validation of Renewal of Credit Period",
        validationBody="Renewer",
    )
    design = ValidationRow(
        cadTrustValidationId="2",
        validationType="Validation of Project Design Document",
        validationBody="Designer",
    )
    assert project(validations=(renewal, design)).validation_body == "Designer"
    assert project(validations=(renewal,)).validation_body == "Renewer"


def test_a_methodology_without_a_known_code_keeps_its_text() -> None:
    link = ProjectMethodologyRow(cadTrustProjectMethodologyId="1")
    row = MethodologyRow(cadTrustMethodologyId="2", methodologyCode="house rules")
    one = project(methodologies=(MethodologyJoin(row, link),))
    assert (one.methodology, one.methodology_raw) == (None, "house rules")
    assert one.methodologies is not None
    assert one.methodologies[0].methodology_raw == "house rules"


def test_rows_that_lead_nowhere_are_records_without_links() -> None:
    issuance = Issuance(IssuanceJoin(IssuanceRow(cadTrustIssuanceId=UUID.format(1))), ORIGIN)
    assert (issuance.project_key, issuance.location, issuance.verification) == (None,) * 3
    assert (issuance.issuance_start_date, issuance.verification_body) == (None, None)
    unit = Unit(UnitJoin(UnitRow(cadTrustUnitId=UUID.format(2))), ORIGIN)
    assert (unit.project_key, unit.unit_issuance_location, unit.labels) == (None, None, ())
    assert not adapter.belongs(unit, issuance)


def test_its_own_schemes_name_records() -> None:
    key = UUID.format(1)
    assert adapter.lookup_key("cadtrust.cadTrustUnitId", key) == (Entity.UNIT, key)
    assert adapter.lookup_key("cadtrust.cadTrustReferenceProjectId", key) is None
    assert adapter.project_key("VCS-1") is None
    assert CadTrustV2().info is INFO
    assert "Not verified" in INFO.notes
    assert INFO.verified == ""
