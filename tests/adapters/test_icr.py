"""ICR's adapter: one list behind a token, RFC 1123 dates, and people that are never decoded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.typedefs import Middleware

from adapters.contract import Adapter, Reply
from adapters.icr import adapter
from adapters.icr_rows import read_projects
from adapters.icr_views import IcrProject
from gateway import assemble
from gateway.config import RegistrySettings
from gateway.errors import BadCursor, InvalidPayload, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Parent, Question
from gateway.model.record import Origin
from gateway.sandbox.icr import TOKEN, TRAPS, application
from tests.adapters.captured import sample, unmapped
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

TOLD = make().told_by("icr")


@asynccontextmanager
async def registry(
    trap: Middleware | None = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[LoopbackSource]:
    served = application(TOLD)
    if trap:
        served.middlewares.insert(0, trap)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    async with loopback(served, "icr", headers=bearer if headers is None else headers) as source:
        yield source


async def records(source: LoopbackSource, question: Question) -> list[Any]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


def listed(*rows: Mapping[str, Any]) -> Reply:
    return Reply(200, {}, json.dumps({"projects": rows}).encode())


def project(**columns: Any) -> Any:
    """A record of a row with a number and these columns."""
    (row,) = read_projects(listed({"num": 5} | columns))
    return IcrProject(row, Origin("icr", 0))


def test_it_is_an_adapter_and_says_that_it_is_experimental() -> None:
    checked: Adapter = adapter
    assert checked.info.notes.startswith("Experimental.")
    assert checked.info.verified == ""


def test_it_waits_for_a_token() -> None:
    assert "credential" in assemble.upstream("icr", adapter, None).why_not
    given = RegistrySettings.model_validate({"credential": "a-token"})
    found = assemble.upstream("icr", adapter, given)
    assert found.configured
    assert found.headers["authorization"] == "Bearer a-token"


async def test_without_a_token_it_is_the_registrys_401() -> None:
    async with registry(headers={}) as source:
        with pytest.raises(RegistryHttpError) as raised:
            await records(source, Question(Entity.PROJECT))
    assert raised.value.status == 401


async def test_one_call_answers_every_question() -> None:
    keys = [project.key for project in TOLD.projects]
    issuance = TOLD.issuances[0]
    async with registry() as source:
        assert [r.key for r in await records(source, Question(Entity.PROJECT))] == keys
        assert len(source.asked) == 1
        parent = Parent(Entity.PROJECT, (issuance.project_key,))
        below = await records(source, Question(Entity.ISSUANCE, parent=parent))
        assert {r.key for r in below} == {
            i.key for i in TOLD.issuances if i.project_key == issuance.project_key
        }
        assert list((await adapter.by_keys(source, Entity.PROJECT, ())).records) == []
        assert list((await adapter.by_keys(source, Entity.UNIT, ("1",))).records) == []
    assert {request.path for request in source.asked} == {"v1/projects"}
    assert below[0].parent.key == issuance.project_key


async def test_a_token_for_a_page_is_refused() -> None:
    async with registry() as source:
        with pytest.raises(BadCursor):
            [page async for page in adapter.pages(source, Question(Entity.PROJECT), "1")]


@pytest.mark.parametrize(
    "trap", sorted(set(TRAPS) - {"the token has ended", "a project comes twice"})
)
async def test_a_trap_is_an_invalid_payload(trap: str) -> None:
    async with registry(TRAPS[trap]) as source:
        with pytest.raises(InvalidPayload):
            await records(source, Question(Entity.ISSUANCE))


def test_one_serialization_in_two_places_is_two_rows() -> None:
    credit = {"carbonCredits": [{"serialization": "ICR-GRC-30-5-3-A-0-2023"}]}
    found = read_projects(listed({"num": 1} | credit, {"num": 2} | credit))
    assert [row.num for row in found] == [1, 2]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"projects":[{}]}', b"\xff"])
def test_an_answer_that_is_none_is_an_invalid_payload(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        read_projects(Reply(200, {}, body))


@pytest.mark.parametrize("text", ["5", "ICR-5", "icr 5", " ICR5 ", "005"])
def test_a_project_number_has_many_spellings(text: str) -> None:
    assert adapter.project_key(text) == "5"


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("icr.number", "ICR-5", (Entity.PROJECT, "5")),
        (
            "icr.serial",
            "ICR-GRC-30-5-3-A-0-2023",
            (Entity.ISSUANCE, "ICR-GRC-30-5-3-A-0-2023"),
        ),
        ("icr.serial", "5", None),
        ("icr.number", "five", None),
        ("verra.vcs", "5", None),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert adapter.lookup_key(scheme, value) == found


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2023-07-14T00:00:00.000Z", 2, "2025-07-13"),
        ("2024-02-29T00:00:00.000Z", 1, "2025-02-28"),
        ("2024-02-29T00:00:00.000Z", 4, "2028-02-28"),
        ("9990-01-01", 20, None),
        ("9996-02-29", 20, None),
        ("2023-07-14", 0, None),
        ("2023-07-14", None, None),
        ("soon", 2, None),
    ],
)
def test_a_crediting_period_ends_after_its_years(
    start: str, years: int | None, end: str | None
) -> None:
    found = project(creditingPeriodStartDate=start, creditingPeriodNumYears=years)
    assert found.estimations[0].crediting_period_end == end


def test_estimates_are_dated_as_http_dates_are() -> None:
    year = {"date": "Fri, 14 Jul 2023 00:00:00 GMT", "estimatedMitigation": 50_000}
    (found,) = project(estimatedAnnualMitigations=[year]).estimations
    assert (found.crediting_period_start, str(found.unit_count)) == ("2023-07-14", "50000")
    assert found.is_annual is True


def test_the_projects_state_wins_over_its_records() -> None:
    told = {"statusState": "accepted", "status": "validated"}
    assert project(**told).project_status is ProjectStatus.VALIDATED
    other = project(**told, projectStatus={"title": "retracted"})
    assert other.project_status is ProjectStatus.WITHDRAWN
    assert other.project_status_raw == "retracted"


def test_only_benefits_that_were_ticked_count() -> None:
    goals = [{"title": "SDG 5: Gender Equality", "checked": tick} for tick in (True, False)]
    (found,) = project(otherBenefits=[*goals, {"title": "SDG 1: No Poverty"}]).co_benefits
    assert found.sdg == 5
    assert project(otherBenefits=[{"title": "Bees", "checked": True}]).co_benefits[0].sdg is None


def test_what_a_row_does_not_say_stays_null() -> None:
    found = project()
    assert (found.project_locations, found.co_benefits, found.estimations) == ((), (), ())
    assert (found.project_developer, found.validation_body, found.sector) == (None, None, None)
    assert (found.methodology, found.methodologies, found.project_status) == (None, (), None)
    (place,) = project(countryCode="GR").project_locations
    assert (place.country, place.latitude) == ("GR", None)


def test_people_are_not_decoded() -> None:
    person = {"fullName": "Example Person (invented)", "email": "nobody@example.org"}
    rows = read_projects(listed({"num": 5, "contactPerson": [person], "participants": [person]}))
    assert "Example Person" not in repr(rows)


async def test_a_credit_belongs_to_nothing_here() -> None:
    async with registry() as source:
        (first, *_) = await records(source, Question(Entity.ISSUANCE))
    assert not adapter.belongs(first, first)


@pytest.mark.captured
def test_the_captured_project_decodes_and_maps() -> None:
    captured = json.loads(sample("icr", "carbonmark-mock-project-v0.json"))["project"]
    (row,) = read_projects(listed(captured))
    found = IcrProject(row, Origin("icr", 0))
    assert unmapped(found) == set()
    assert (found.key, found.project_status) == ("5", ProjectStatus.LISTED)
    assert (found.methodology, found.sector) == ("AMS-III.AP", "Transport")
    assert found.project_locations is not None
    assert found.project_locations[0].country == "GR"
    assert found.co_benefits is not None
    assert [goal.sdg for goal in found.co_benefits] == [5]
    assert [credit.serialization for credit in row.carbon_credits or ()] == [
        "ICR-GRC-30-5-3-A-0-2023"
    ]


@pytest.mark.captured
async def test_the_emulators_rows_have_the_captured_keys_and_types() -> None:
    captured = json.loads(sample("icr", "carbonmark-mock-project-v0.json"))["project"]
    async with registry() as source:
        await records(source, Question(Entity.PROJECT))
        rows = json.loads(source.bodies[0])["projects"]
    for row in rows:
        assert list(row) == list(captured)
        for name, value in row.items():
            kinds = (type(captured[name]), type(None))
            # The captured one has no region; those of the world do.
            assert isinstance(value, kinds) or captured[name] is None, name
