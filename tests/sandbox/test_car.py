"""The Reserve's emulator has the registry's quirks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from gateway.sandbox.car import COOKIE, application
from gateway.sandbox.car_pages import FORM_FIELDS
from gateway.sandbox.car_traps import EXPORT, PROJECT, REPORT
from tests.market import told_at

TOLD = told_at("car", 8)


class Visitor:
    """One visitor with a cookie jar of his own."""

    def __init__(self, session: ClientSession, base: str) -> None:
        self.session, self.base = session, base

    async def get(self, path: str, **query: str) -> str:
        async with self.session.get(f"{self.base}{path}", params=query) as answer:
            return await _text(answer)

    async def post(self, path: str, form: dict[str, str]) -> str:
        async with self.session.post(f"{self.base}{path}", data=form) as answer:
            return await _text(answer)

    async def open(self, report: int) -> dict[str, str]:
        """The form of a report's page."""
        page = await self.get(REPORT, r=str(report))
        found = re.search(r'name="c16e" value="(\w+)"', page)
        assert found is not None
        return dict.fromkeys(FORM_FIELDS, "") | {"Data": "Stamp_0", "c16e": found[1]}


async def _text(answer: ClientResponse) -> str:
    assert answer.status == 200
    return (await answer.read()).decode("cp1252")


@asynccontextmanager
async def visitors(count: int = 1) -> AsyncIterator[list[Visitor]]:
    async with TestServer(application(TOLD)) as server:
        base = str(server.make_url("")).rstrip("/")
        sessions = [ClientSession(cookie_jar=CookieJar(unsafe=True)) for _ in range(count)]
        try:
            yield [Visitor(session, base) for session in sessions]
        finally:
            for session in sessions:
                await session.close()


async def test_a_page_opens_a_session_and_its_form_gives_the_whole_report() -> None:
    async with visitors() as (visitor,):
        form = await visitor.open(111)
        assert [cookie.key for cookie in visitor.session.cookie_jar] == [COOKIE]
        export = await visitor.post(EXPORT, form)
    assert export.startswith('"Project ID","Compliance Program ID",')
    assert export.count('",\n') == len(TOLD.projects) + 1


async def test_what_was_shown_last_is_exported_whatever_was_meant() -> None:
    async with visitors() as (visitor,):
        await visitor.open(111)
        export = await visitor.post(EXPORT, await visitor.open(206))
    assert export.startswith('"Vintage","Offset Credit Serial Numbers",')


@pytest.mark.parametrize("change", [{"c16e": ""}, {"c16e": "f" * 32}, {"Data": "Stamp_1"}])
async def test_a_form_that_is_not_the_sessions_own_leads_home(change: dict[str, str]) -> None:
    async with visitors() as (visitor,):
        form = await visitor.open(111) | change
        assert "No Records!" in await visitor.post(EXPORT, form)


async def test_a_token_without_its_cookie_or_without_a_field_leads_home() -> None:
    async with visitors(2) as (one, other):
        form = await one.open(111)
        assert "No Records!" in await other.post(EXPORT, form)
        await other.open(111)
        assert "No Records!" in await other.post(EXPORT, form)
        del form["SortORder"]
        assert "No Records!" in await one.post(EXPORT, form)


async def test_a_page_has_fifty_rows_and_past_the_end_comes_the_last_again() -> None:
    async with visitors() as (visitor,):
        first = await visitor.get(REPORT, r="111", pg="2")
        form = {"c16e": (await visitor.open(111))["c16e"], "r": "111"}
        second = await visitor.post(REPORT, form | {"X999whichpage": "2"})
        beyond = await visitor.post(REPORT, form | {"X999whichpage": "99"})
        assert "No Records!" in await visitor.post(REPORT, {"r": "111"})
        assert "No Records!" in await visitor.post(REPORT, form | {"r": "no"})
    assert len(TOLD.projects) == 64
    assert "1 - 50 : 64" in first
    assert "51 - 64 : 64" in second
    assert "51 - 64 : 64" in beyond


async def test_a_report_that_is_none_leads_home() -> None:
    async with visitors() as (visitor,):
        assert "No Records!" in await visitor.get(REPORT, r="999")
        assert "No Records!" in await visitor.get(REPORT)


async def test_the_export_hides_nothing_and_doubles_no_quote() -> None:
    async with visitors() as (visitor,):
        page = await visitor.get(REPORT, r="308")
        export = await visitor.post(EXPORT, await visitor.open(308))
        retired = await visitor.post(EXPORT, await visitor.open(206))
    assert "Export Notes" not in page
    assert '"Cancellation Reason","Export Notes",' in export
    assert '"Retired "on behalf of" an example customer",' in retired
    assert '"First line\nsecond line, with a comma",' in retired


async def test_a_project_has_a_page_for_everyone_and_a_wrong_number_a_short_text() -> None:
    project = TOLD.projects[0]
    async with visitors() as (visitor,):
        page = await visitor.get(PROJECT, id1=str(project.number))
        none = await visitor.get(PROJECT, id1="999999")
    assert f">{project.project_id}<" in page
    assert "Invalid URL" in none
    assert "</HTML>" not in none


async def test_bytes_are_windows_1252_and_nothing_says_so() -> None:
    async with (
        TestServer(application(TOLD)) as server,
        ClientSession() as session,
        session.get(server.make_url(REPORT), params={"r": "111"}) as answer,
    ):
        body = await answer.read()
        assert answer.headers["Content-Type"] == "text/html"
    assert "Müll".encode("cp1252") in body
