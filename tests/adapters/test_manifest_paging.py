"""However a list is paged, its pages are the whole list, or the walk ends in a typed error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.contract import InvalidPayload, Page
from adapters.manifest_adapter import ManifestAdapter
from adapters.manifest_paging import AnyPaginator, Ended, Paginator
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.question import Question
from tests.adapters.manifests import Desk, desk, manifest, problem
from tests.tools import sweep

Answer = dict[str, Any]
Change = Callable[[web.Request, Answer], None]
PROJECTS = Question(Entity.PROJECT, want=5)

# A paginator of each kind as a manifest has it, for pages of LIMIT rows.
PAGINATORS = {
    "page_number": '{ type = "page_number", limit = LIMIT, limit_param = "size" }',
    "page_number from one": '{ type = "page_number", base_page = 1, page_param = "p" }',
    "page_number of pages": '{ type = "page_number", total_path = "pages" }',
    "page_number with more": '{ type = "page_number", has_more_path = "more" }',
    "offset": '{ type = "offset", limit = LIMIT }',
    "offset of rows": '{ type = "offset", limit = LIMIT, total_path = "total" }',
    "offset with more": '{ type = "offset", limit = LIMIT, has_more_path = "more" }',
    "header_link": '{ type = "header_link" }',
    "json_link": '{ type = "json_link", next_url_path = "links.next" }',
    "cursor": '{ type = "cursor", cursor_path = "cursor", limit = LIMIT, limit_param = "size" }',
    "cursor with more": '{ type = "cursor", cursor_path = "cursor", has_more_path = "more" }',
    "single_page": '{ type = "single_page" }',
}
TEXT = """\
[client]
type = "rest"
auth = { type = "api_key", name = "api_key", location = "query" }

[resources.project]
endpoint = { path = "rows", data_selector = "rows", TOTAL paginator = PAGINATOR }
fields = { key = "code" }
"""


def paged(folder: Path, kind: str, limit: int, total: bool = False) -> ManifestAdapter:
    paginator = PAGINATORS[kind].replace("LIMIT", str(limit))
    told = 'total_selector = "total",' if total else ""
    return manifest(folder, TEXT.replace("PAGINATOR", paginator).replace("TOTAL", told))


class Interface:
    """A list of `count` rows that understands every kind of paging; at most `most` a page."""

    def __init__(self, kind: str, count: int, most: int) -> None:
        self.kind = kind
        self.codes = [f"R{number:04d}" for number in range(count)]
        self.most = most
        self.change: Change | None = None

    async def serve(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        size = min(int(query.get("size", query.get("limit", self.most))), self.most)
        base = 1 if "p" in query else 0
        start = (int(query.get("page", query.get("p", base))) - base) * size
        start = int(query.get("offset", query.get("cursor", query.get("at", start))))
        if self.kind == "single_page":
            start, size = 0, len(self.codes) or 1
        rows = self.codes[start : start + size]
        after = start + len(rows)
        following = after if after < len(self.codes) else None
        link = f"{request.path}?{urlencode({'at': after, 'api_key': 's3cret'})}"
        answer: Answer = {
            "rows": [{"code": code} for code in rows],
            "total": len(self.codes),
            "pages": -(-len(self.codes) // size),
            "more": following is not None,
            "cursor": None if following is None else str(following),
            "links": {"next": None if following is None else link},
        }
        if self.change is not None:
            self.change(request, answer)
        told = answer["links"]["next"]
        header = f'<{request.path}>; rel="first", <{told}>; title=x; rel="prefetch next"'
        return web.json_response(answer, headers={"Link": header} if told else {})


async def walk(adapter: ManifestAdapter, interface: Interface) -> tuple[list[Page], Desk]:
    """All pages, and after them the rest from every token."""
    app = web.Application()
    app.router.add_get("/api/rows", interface.serve)
    async with (
        TestServer(app) as server,
        desk(adapter, str(server.make_url("/api")), credential="s3cret") as at,
    ):
        pages = await at.pages(PROJECTS)
        for number, page in enumerate(pages):
            assert codes(await at.pages(PROJECTS, page.token)) == codes(pages[number:])
            assert "s3cret" not in page.token + str(page.next)
            if page.next is not None:
                assert codes(await at.pages(PROJECTS, page.next)) == codes(pages[number + 1 :])
        return pages, at


def codes(pages: list[Page]) -> list[str]:
    return [record.key for page in pages for record in page.records]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("manifests")


@pytest.mark.parametrize("kind", sweep(PAGINATORS, ["cursor", "page_number of pages"]))
@settings(deadline=None, max_examples=12)
@given(
    count=st.integers(0, 23), limit=st.integers(1, 9), most=st.integers(1, 9), total=st.booleans()
)
def test_the_pages_are_the_whole_list(
    folder: Path, kind: str, count: int, limit: int, most: int, total: bool
) -> None:
    adapter = paged(folder, kind, limit, total)
    interface = Interface(kind, count, most)
    pages, at = asyncio.run(walk(adapter, interface))
    assert codes(pages) == interface.codes
    assert {page.total for page in pages} == ({count} if total else {None})
    assert all(exchange.digest for exchange in at.evidence.exchanges)


async def failing(
    folder: Path, kind: str, change: Change, *, total: bool = False, count: int = 9
) -> str:
    """What the walk over a list that is changed so ends with."""
    interface = Interface(kind, count, 4)
    interface.change = change
    with pytest.raises(Exception) as raised:  # noqa: PT011  the kind is asserted below
        await walk(paged(folder, kind, 4, total), interface)
    assert isinstance(raised.value, InvalidPayload)
    return raised.value.message


def drop(name: str) -> Change:
    return lambda request, answer: answer.pop(name)


def put(name: str, value: Any) -> Change:
    return lambda request, answer: answer.update({name: value})


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("page_number of pages", drop("pages"), "does not say how much there is"),
        ("page_number of pages", put("pages", True), "does not say how much there is"),
        ("page_number with more", put("more", "yes"), "does not say whether there is more"),
        ("offset of rows", put("total", -1), "does not say how much there is"),
        ("cursor with more", put("cursor", None), "but no cursor leads to them"),
        ("cursor", put("cursor", "4"), "leads to the same page"),
        ("cursor", put("cursor", {"x": 1}), "does not say in text where the next page is"),
        ("cursor", put("cursor", True), "does not say in text where the next page is"),
        ("json_link", put("links", {"next": "/api/rows"}), "leads to no other page"),
        ("json_link", put("links", {"next": "/elsewhere?at=4"}), "leads to another path"),
        ("json_link", put("links", {"next": "?at=4"}), "leads to no other page"),
        ("header_link", put("links", {"next": "/elsewhere?at=4"}), "leads to another path"),
        ("page_number", put("rows", None), "there are no rows at rows"),
        ("page_number", put("rows", [7]), "it is no object but 7"),
        ("page_number", put("rows", [{"code": None}]), "/rows/0: its code is missing"),
        ("page_number", put("rows", [{"code": {"x": 1}}]), """its code is '{"x":1}'"""),
        ("page_number", put("rows", [{"code": ["x"]}]), """its code is '["x"]'"""),
        ("page_number", put("rows", [{"code": "x" * 201}]), "code is 'xxx"),
    ],
)
async def test_a_list_that_does_not_say_how_it_goes_on_is_an_invalid_payload(
    folder: Path, kind: str, change: Change, told: str
) -> None:
    assert told in await failing(folder, kind, change)


def shorter(request: web.Request, answer: Answer) -> None:
    if "page=1" in request.query_string:
        answer["total"] = 8


def one_less(request: web.Request, answer: Answer) -> None:
    if "page=1" in request.query_string:
        answer["rows"].pop()


def empty(request: web.Request, answer: Answer) -> None:
    if "page=1" in request.query_string:
        answer["rows"] = []


def same(request: web.Request, answer: Answer) -> None:
    answer["rows"] = [{"code": "R0000"}, {"code": "R0001"}]


def again(request: web.Request, answer: Answer) -> None:
    answer["rows"][-1] = {"code": "R0000"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shorter, "became shorter while it was read"),
        (one_less, "rows"),
        (empty, "a page is empty after 4 of 9 rows"),
        (same, "nothing but rows that were given before"),
        (again, "names one key twice"),
        (drop("total"), "does not say how much there is"),
        (put("total", 12), "is empty after 9 of 12 rows"),
    ],
)
async def test_a_list_that_breaks_its_total_is_an_invalid_payload(
    folder: Path, change: Change, told: str
) -> None:
    assert told in await failing(folder, "page_number", change, total=True)


async def test_a_list_without_totals_that_repeats_a_page_is_an_invalid_payload(
    folder: Path,
) -> None:
    assert "given before" in await failing(folder, "page_number", same)


async def test_rows_that_come_in_at_the_front_are_given_once(folder: Path) -> None:
    interface = Interface("page_number", 9, 4)

    def grow(request: web.Request, answer: Answer) -> None:
        if "page=0" in request.query_string:
            interface.codes.insert(0, "NEW")

    interface.change = grow
    app = web.Application()
    app.router.add_get("/api/rows", interface.serve)
    adapter = paged(folder, "page_number", 4, total=True)
    async with (
        TestServer(app) as server,
        desk(adapter, str(server.make_url("/api")), credential="s3cret") as at,
    ):
        found = codes(await at.pages(PROJECTS))
    assert found == [f"R{number:04d}" for number in range(9)]


ENDLESS = [
    "page_number with more",
    "offset with more",
    "header_link",
    "json_link",
    "cursor",
    "cursor with more",
]


class Hollow:
    """An interface that serves empty pages, each with a place of its own, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.calls = 0

    def __call__(self, request: web.Request, answer: Answer) -> None:
        self.calls += 1
        if self.calls > self.times:
            # The list begins after them.
            return
        link = f"{request.path}?at=0&turn={self.calls}"
        answer.update(rows=[], more=True, cursor=f"000{self.calls}", links={"next": link})


async def hollow(
    adapter: ManifestAdapter, kind: str, change: Change, method: str = "GET"
) -> list[str]:
    """The keys that one walk finds behind the empty pages."""
    interface = Interface(kind, 3, 4)
    interface.change = change
    app = web.Application()
    app.router.add_route(method, "/api/rows", interface.serve)
    async with (
        TestServer(app) as server,
        desk(adapter, str(server.make_url("/api")), credential="s3cret") as at,
    ):
        return codes(await at.pages(PROJECTS))


@pytest.mark.parametrize("kind", ENDLESS)
async def test_empty_pages_that_lead_on_for_ever_are_an_invalid_payload(
    folder: Path, kind: str
) -> None:
    change = Hollow(1_000_000)
    with pytest.raises(InvalidPayload, match="3 pages in a row are empty") as raised:
        await hollow(paged(folder, kind, 4), kind, change)
    assert change.calls == 3
    for word in ("total_selector", "has_more_path", "paginator.empty_pages"):
        assert word in raised.value.message


@pytest.mark.parametrize("kind", ["header_link", "json_link"])
async def test_a_few_empty_pages_are_passed(folder: Path, kind: str) -> None:
    assert await hollow(paged(folder, kind, 4), kind, Hollow(2)) == ["R0000", "R0001", "R0002"]


async def test_a_manifest_says_how_many_pages_may_be_empty(folder: Path) -> None:
    text = TEXT.replace("PAGINATOR", '{ type = "json_link", next_url_path = "links.next", '
                        "empty_pages = 5 }").replace("TOTAL", "")  # fmt: skip
    found = await hollow(manifest(folder, text), "json_link", Hollow(5))
    assert found == ["R0000", "R0001", "R0002"]
    with pytest.raises(InvalidPayload, match="6 pages in a row"):
        await hollow(manifest(folder, text), "json_link", Hollow(6))


async def test_empty_pages_of_a_graphql_list_are_bounded_too(folder: Path) -> None:
    text = """
[client]
type = "graphql"
auth = { type = "api_key", name = "api_key", location = "query" }

[resources.project]
fields = { key = "code" }
[resources.project.endpoint]
path = "rows"
query = "query Q($after: String) { rows { code } cursor }"
data_selector = "rows"
paginator = { type = "cursor", cursor_path = "cursor", cursor_body_path = "variables.after" }
"""
    change = Hollow(1_000_000)
    with pytest.raises(InvalidPayload, match="3 pages in a row are empty"):
        await hollow(manifest(folder, text), "cursor", change, "POST")


def paginator(**said: Any) -> Paginator:
    found: Paginator = TypeAdapter(AnyPaginator).validate_python(said)
    return found


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"type": "single_page"}, "2"),
        ({"type": "page_number"}, "x"),
        ({"type": "page_number"}, "-1"),
        ({"type": "page_number"}, "\u0665"),
        ({"type": "offset", "limit": 5}, "9" * 13),
        ({"type": "json_link"}, "a=\u00e9"),
        ({"type": "header_link"}, "a=\n"),
    ],
)
def test_a_place_that_is_none_of_the_paginators_is_a_bad_cursor(
    said: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadCursor):
        paginator(**said).turn(place)


def test_numbers_and_cursors_can_stand_in_the_body() -> None:
    pages = paginator(type="page_number", page_body_path="p.n", limit=5, limit_body_path="p.size")
    assert pages.turn("2").body == (("p.n", 2), ("p.size", 5))
    offsets = paginator(type="offset", limit=5, offset_body_path="at", limit_param=None)
    assert (offsets.turn("10").body, offsets.turn("10").query) == ((("at", 10),), ())
    cursors = paginator(type="cursor", cursor_body_path="variables.after", limit=5,
                        limit_body_path="variables.first")  # fmt: skip
    assert cursors.turn("x").body == (("variables.after", "x"), ("variables.first", 5))
    assert cursors.turn("").body == (("variables.first", 5),)


def test_a_link_keeps_no_secret() -> None:
    links = paginator(type="json_link")
    ended = Ended(1, "https://x.example/api/rows?key=s3cret&at=5", {}, "/rows", None, 1, "key")
    assert links.after("", ended) == "at=5"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ('{ type = "page_number", maximum_page = 3 }', "maximum_page: there is no such key here"),
        ('{ type = "offset" }', "limit: is missing"),
        ('{ type = "offset", limit = 0 }', "limit: input should be greater than or equal to 1"),
        ('{ type = "cursor", cursor_path = "a[" }', "'a[' is not JMESPath"),
        ('{ type = "auto" }', "paginator: input tag 'auto'"),
    ],
)
def test_a_paginator_that_cannot_be_is_told(tmp_path: Path, kind: str, told: str) -> None:
    text = TEXT.replace("PAGINATOR", kind).replace("TOTAL", "")
    assert told in problem(tmp_path, text)
