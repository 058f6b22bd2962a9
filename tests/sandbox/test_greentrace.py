"""GreenTrace's emulator has the platform's quirks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import BaseTestServer, TestServer

from gateway.model.picklists import UnitStatus
from gateway.sandbox.acr import EMULATOR
from gateway.sandbox.art import EMULATOR as ART
from gateway.sandbox.codes import SCHEME_OF
from gateway.sandbox.draw import Draw
from gateway.sandbox.greentrace import BASE_PATH
from gateway.sandbox.greentrace_rows import project_key
from gateway.sandbox.world import Telling
from tests.market import make

TOLD = make().told_by("acr")
PROJECTS = f"{BASE_PATH}/project/registry/ACR_REGISTRY"
CREDITS = f"{BASE_PATH}/credit/registry/ACR_REGISTRY/holding-summaries/results"


class Client:
    def __init__(self, session: ClientSession, server: BaseTestServer) -> None:
        self.session, self.server = session, server

    async def post(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.post(self.server.make_url(path), **options) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(self.server.make_url(path)) as answer:
            return answer.status, await answer.json()

    async def ledger(self, **form: str) -> tuple[str, Mapping[str, Any]]:
        _, document = await self.post(CREDITS, data={"max": "2000", **form})
        ((name, dataset),) = document["datasets"].items()
        return name, dataset


@asynccontextmanager
async def client(telling: Telling = TOLD) -> AsyncIterator[Client]:
    async with TestServer(EMULATOR.application(telling)) as server, ClientSession() as session:
        yield Client(session, server)


@pytest.mark.parametrize("options", [{"params": {"offset": "0"}}, {"json": {"offset": 0}}, {}])
async def test_what_is_no_form_is_a_generic_500(options: dict[str, Any]) -> None:
    async with client() as asked:
        for path in (f"{PROJECTS}/project-summaries/results", CREDITS):
            status, told = await asked.post(path, **options)
            assert (status, told["status"]) == (500, 500)
            assert told["message"].startswith("No static resource")


async def test_the_report_itself_is_no_address() -> None:
    async with client() as asked:
        assert (await asked.get(f"{PROJECTS}/project-summaries"))[0] == 500


async def test_the_status_chooses_the_ledger_and_its_name() -> None:
    async with client() as asked:
        names = {}
        for status in ("", "ISSUED", "RETIRED", "CANCELED", "BOGUS"):
            name, dataset = await asked.ledger(**({"holdingStatus": status} if status else {}))
            names[status] = (name, dataset["totalCount"])
    retired = sum(u.unit_status is UnitStatus.RETIRED for u in TOLD.units)
    ended = sum(u.unit_status_date is not None for u in TOLD.units)
    assert names[""] == ("holdings", len(TOLD.units))
    assert names["RETIRED"] == ("retiredCredits", retired)
    assert names["CANCELED"] == ("cancelledCredits", ended - retired)
    assert names["ISSUED"][0] == "issuedCredits"
    assert names["BOGUS"] == ("holdings", 0)


async def test_the_book_and_the_issued_blocks_add_up_to_the_same() -> None:
    async with client() as asked:
        _, book = await asked.ledger()
        _, issued = await asked.ledger(holdingStatus="ISSUED")
    held = sum(row["holdingQuantity"] for row in book["rows"])
    blocks = sum(row["holdingQuantity"] for row in issued["rows"])
    repeated = sum(row["issuanceQuantity"] for row in issued["rows"])
    assert held == blocks == sum(i.unit_count for i in TOLD.issuances)
    assert repeated > blocks
    assert len(issued["rows"]) > len({row["issuanceKey"] for row in issued["rows"]})


@pytest.mark.slow
async def test_pages_are_clamped_without_a_word() -> None:
    many = Draw(SCHEME_OF["acr"], 1).telling(90)
    assert len(many.units) > 2_000
    async with client(many) as asked:
        _, dataset = await asked.ledger(max="20000")
        _, rest = await asked.ledger(max="20000", offset="2000")
    assert (len(dataset["rows"]), dataset["totalCount"]) == (2_000, len(many.units))
    assert len(rest["rows"]) == len(many.units) - 2_000


async def test_a_page_has_twenty_rows_where_nothing_is_said() -> None:
    async with client() as asked:
        _, document = await asked.post(CREDITS, data={"pageNumber": "1"})
    assert len(document["datasets"]["holdings"]["rows"]) == 20


async def test_a_project_is_read_by_the_platforms_key_and_not_by_its_code() -> None:
    project = TOLD.projects[0]
    async with client() as asked:
        status, body = await asked.get(f"{PROJECTS}/project/{project_key(project)}")
        assert (status, body["projectDetail"]["projectReferenceId"]) == (200, project.project_id)
        assert (await asked.get(f"{PROJECTS}/project/{project.project_id}"))[0] == 404


async def test_the_search_looks_at_codes_and_names() -> None:
    project = TOLD.projects[0]
    async with client() as asked:
        _, dataset = await asked.ledger(searchText=project.project_id.lower())
    own = sum(u.project_key == project.key for u in TOLD.units)
    assert dataset["totalCount"] == own


async def test_art_is_the_same_under_another_key() -> None:
    told = make().told_by("art")
    async with TestServer(ART.application(told)) as server, ClientSession() as session:
        asked = Client(session, server)
        path = f"{BASE_PATH}/project/registry/ART_REGISTRY/project-summaries/results"
        _, document = await asked.post(path, data={"max": "2000"})
        assert document["datasets"]["projects"]["totalCount"] == len(told.projects)
        assert (await asked.post(f"{PROJECTS}/project-summaries/results", data={}))[0] == 500
