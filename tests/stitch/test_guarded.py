"""What an adapter makes of its answers is told on, whichever way it is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import InvalidPayload, Page, Request
from gateway.attest import scope
from gateway.clock import SystemClock
from gateway.config import LimitSettings
from gateway.errors import Incomplete, Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Op, Predicate, Question
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.codes import lookup, named
from gateway.stitch.connection import Connection, connect
from gateway.stitch.cursor import Cursors
from gateway.stitch.edges import children
from gateway.stitch.federation import Federation
from gateway.stitch.nodes import node, nodes
from gateway.stitch.sameas import same_as
from gateway.upstream.door import Door
from gateway.upstream.memory import BoundedMemoryCache
from tests.stitch.fake import FULL, FakeRegistry, FakeUnit, Row, federation, projects
from tests.stitch.fake import ask as fake_ask
from tests.upstream.bench import Registry, as_json, door_to, terms, upstream

UNSYNCED = "The node has not yet synced all of its organisations' data."


@dataclass
class Counting(FakeRegistry):
    """Checks after decoding that the registry's total is its own, and hears what it says."""

    async def pages(
        self, source: Any, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        async for page in super().pages(_Quiet(source), question, token):
            answer = await source.read(Request(f"/{question.entity}/{page.token}"), as_json)
            yield self._checked(page, answer)

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Page:
        answer = await source.read(Request("/keys"), as_json)
        found = [r for r in self.records(entity, answer.source) if r.key in keys]
        return self._checked(Page(found), answer)

    def _checked(self, page: Page, answer: Any) -> Page:
        if answer.value["total"] != 7:
            raise InvalidPayload(f"a total of {answer.value['total']} does not fit")
        whole = UNSYNCED if answer.headers.get("x-data-synced") == "false" else None
        return replace(page, whole=whole)


class _Quiet:
    """A source whose answers bring nothing."""

    def __init__(self, source: Any) -> None:
        self._source = source

    async def read(self, request: Any, decode: Any) -> Any:
        return type("Nothing", (), {"source": 0})()


class Node:
    """The registry's own server."""

    def __init__(self) -> None:
        self.total = 7
        self.headers: dict[str, str] = {}

    async def __call__(self, _: web.Request) -> web.Response:
        return web.json_response({"total": self.total}, headers=self.headers)


@asynccontextmanager
async def served(node: Node) -> AsyncIterator[tuple[Registry, Door, BoundedMemoryCache, Any]]:
    rows = {
        Entity.PROJECT: projects(7),
        Entity.UNIT: [Row(key=f"u{i}", project=f"p{i % 7}") for i in range(9)],
    }
    fake = Counting("odd", rows, page_size=100)
    store = BoundedMemoryCache(1_000_000, monotonic=lambda: 0.0)
    async with Registry(node) as registry:
        known = upstream(registry.url, key="odd")
        async with door_to(known, store=store) as door:
            federation = Federation(
                {"odd": fake}, {"odd": known}, door, SystemClock(), Cursors([b"k" * 32]),
                LimitSettings(),
            )  # fmt: skip

            def asking(**options: Any) -> Ask:
                return Ask(federation, terms(), **options)

            yield registry, door, store, asking


def some_project(ask: Ask) -> Record[Any]:
    return ask.federation.adapters["odd"].records(Entity.PROJECT, 0)[0]  # type: ignore[attr-defined,no-any-return]


async def _list(ask: Ask) -> Any:
    return await connect(ask, Entity.PROJECT, registries=["odd"])


async def _edge(ask: Ask) -> Any:
    return await children(ask, some_project(ask), Entity.UNIT)


async def _node(ask: Ask) -> Any:
    return await node(ask, GlobalId("odd", Entity.PROJECT, "p1"))


async def _nodes(ask: Ask) -> Any:
    wanted = [GlobalId("odd", Entity.PROJECT, f"p{i}") for i in range(3)]
    return await nodes(ask, wanted)


async def _lookup(ask: Ask) -> Any:
    return await lookup(ask, named(ask.federation, "odd.id", "p1"))


WAYS = pytest.mark.parametrize("way", [_list, _edge, _node, _nodes, _lookup])


async def _error(way: Any, ask: Ask) -> str:
    """How the way told that the registry failed."""
    try:
        found = await way(ask)
    except RegistryError as error:
        return error.code
    if isinstance(found, Connection):
        return str(found.coverage[0].message).partition(":")[0]
    return str(found[0].code)


@WAYS
async def test_a_body_that_is_refused_after_decoding_leaves_the_cache(way: Any) -> None:
    at = Node()
    async with served(at) as (registry, _, store, asking):
        at.total = 8
        assert await _error(way, asking()) == "REGISTRY_INVALID_PAYLOAD"
        assert len(store) == 0
        at.total = 7
        ask = asking()
        await way(ask)
        assert registry.calls == 2
        assert {exchange.outcome for exchange in ask.terms.evidence.exchanges} == {Outcome.OK}
        await way(asking())
        assert registry.calls == 2


@WAYS
async def test_bodies_that_are_refused_after_decoding_open_the_breaker(way: Any) -> None:
    at = Node()
    async with served(at) as (registry, door, _, asking):
        at.total = 8
        for _ in range(5):
            assert await _error(way, asking()) == "REGISTRY_INVALID_PAYLOAD"
        assert door.health("odd").breaker.value == "OPEN"
        assert door.lane("odd").tally.refused == 5
        assert await _error(way, asking()) == "REGISTRY_CIRCUIT_OPEN"
        assert registry.calls == 5


async def test_the_error_says_which_exchange_it_speaks_of() -> None:
    at = Node()
    at.total = 8
    async with served(at) as (_, _, _, asking):
        ask = asking()
        with pytest.raises(InvalidPayload) as caught:
            await _node(ask)
        assert caught.value.extensions["source"] == 0
        assert caught.value.registry == "odd"


async def test_a_body_that_one_operation_reads_twice_is_counted_once() -> None:
    at = Node()
    at.total = 8
    async with served(at) as (_, door, _, asking):
        ask = asking()
        await _list(ask)
        await _list(ask)
        assert door.lane("odd").tally.refused == 2
        source = ask.source("odd")
        answer = await source.read(Request("/other"), as_json)
        for _ in range(3):
            await source.refuse(InvalidPayload("not this one"))
        assert answer.source == source.sources[-1]
        assert door.lane("odd").tally.refused == 3


@WAYS
async def test_a_source_that_says_it_is_not_whole_is_not_complete(way: Any) -> None:
    at = Node()
    at.headers = {"x-data-synced": "false"}
    async with served(at) as (_, door, store, asking):
        ask = asking()
        await way(ask)
        told = [row for row in ask.covered if row.registry == "odd"]
        assert told
        for row in told:
            assert (row.outcome, row.complete, row.total_count) == (Outcome.PARTIAL, False, None)
            assert row.message == f"REGISTRY_NOT_WHOLE: {UNSYNCED}"
            assert row.notes == [UNSYNCED]
        signed = scope(ask.covered, truncated=ask.truncated)
        assert (signed.complete, signed.answered) == (False, ("odd",))
        # What came is true all the same: it may be kept, and nobody is to blame.
        assert len(store) > 0
        assert door.lane("odd").tally.refused == 0


@pytest.mark.parametrize("way", [_list, _edge])
async def test_where_all_is_required_a_source_that_is_not_whole_is_refused(way: Any) -> None:
    at = Node()
    at.headers = {"x-data-synced": "false"}
    async with served(at) as (_, _, _, asking):
        with pytest.raises(Incomplete, match="has not yet synced"):
            await way(asking(require_all=True))


async def test_where_all_is_required_a_record_that_is_not_there_is_not_said_to_be_none() -> None:
    at = Node()
    at.headers = {"x-data-synced": "false"}
    async with served(at) as (_, _, _, asking):
        ask = asking(require_all=True)
        known = await node(ask, GlobalId("odd", Entity.PROJECT, "p1"))
        assert known is not None
        with pytest.raises(Incomplete, match="has not yet synced"):
            await node(ask, GlobalId("odd", Entity.PROJECT, "elsewhere"))


async def test_children_of_a_source_that_is_not_whole_have_no_total() -> None:
    at = Node()
    async with served(at) as (_, _, _, asking):
        whole = await _edge(asking())
        at.headers = {"x-data-synced": "false"}
        ask = asking()
        ask.terms.max_age = 0.0
        part = await _edge(ask)
        assert [one.key for one in part.nodes] == [one.key for one in whole.nodes]
        assert (whole.total_count, part.total_count) == (2, None)


@pytest.mark.parametrize(
    ("expected", "filtered", "complete"),
    [
        ((5, None), False, False),
        ((5, None), True, True),
        ((0, 9), False, True),
        (None, False, True),
    ],
)
async def test_an_empty_list_where_there_cannot_be_one_is_not_complete(
    expected: tuple[int, int | None] | None, filtered: bool, complete: bool
) -> None:
    collection = replace(FULL, expected=expected)
    empty = FakeRegistry("odd", {Entity.PROJECT: []}, collection=collection)
    asking = fake_ask(federation(empty))
    where = (Predicate("project_status", Op.EQ, ProjectStatus.LISTED),) if filtered else ()
    page = await connect(asking, Entity.PROJECT, registries=["odd"], predicates=where)
    assert page.nodes == []
    assert page.coverage[0].complete is complete


async def test_what_the_adapter_alone_knows_can_be_asked_of_it() -> None:
    async with served(Node()) as (_, _, _, asking):
        adapter = asking().federation.adapters["odd"]
        assert adapter.info.key == "odd"
        assert adapter.page_size == 100
        assert adapter.views[Entity.UNIT] == (FakeUnit,)
        found = await same_as(asking(), some_project(asking()))
        assert found.links == ()


LONG, ODD = "x" * 201, ["a\0b", ""]


async def test_a_row_that_no_id_can_be_made_of_is_left_out_and_told_of() -> None:
    rows = {Entity.PROJECT: [*projects(3), *(Row(key=key) for key in (LONG, *ODD))]}
    registry = FakeRegistry("odd", rows, page_size=2)
    asked = fake_ask(federation(registry))
    page = await connect(asked, Entity.PROJECT, registries=("odd",), first=50)
    assert [record.key for record in page.nodes] == ["p0", "p1", "p2"]
    (row,) = page.coverage
    assert (row.complete, row.exhausted) == (False, True)
    assert "No id can be made of their keys" in str(row.message)


async def test_a_row_that_no_id_leads_to_is_not_found_by_a_link_either() -> None:
    rows = {Entity.PROJECT: [*projects(1), Row(key=LONG)]}
    asked = fake_ask(federation(FakeRegistry("odd", rows)))
    assert await node(asked, GlobalId("odd", Entity.PROJECT, LONG)) is None
    assert [row.complete for row in asked.covered] == [False]


async def test_keys_that_several_rows_have_are_told_once_a_page_also_across_pages() -> None:
    keys = ("a", "a", "b", "c", "a", "d")
    rows = {Entity.PROJECT: [Row(key=key, name=f"No {n}") for n, key in enumerate(keys)]}
    asked = fake_ask(federation(FakeRegistry("odd", rows, page_size=2)))
    page = await connect(asked, Entity.PROJECT, registries=("odd",), first=50)
    assert len(page.nodes) == 6
    (row,) = page.coverage
    assert row.complete
    assert row.notes == ["Several rows have one key, and an id of it is no one's: a"]


async def test_a_row_that_came_twice_with_all_that_it_says_is_given_once() -> None:
    rows = {Entity.PROJECT: [Row(key="a"), Row(key="a"), Row(key="b"), Row(key="b", name="B")]}
    asked = fake_ask(federation(FakeRegistry("odd", rows, page_size=9)))
    page = await connect(asked, Entity.PROJECT, registries=("odd",), first=50)
    assert [record.key for record in page.nodes] == ["a", "b", "b"]
    (row,) = page.coverage
    assert (row.complete, len(row.notes)) == (True, 2)
    assert "given once: 1" in row.notes[0]


async def test_an_id_of_two_rows_is_an_error_that_names_both() -> None:
    rows = {Entity.PROJECT: [Row(key="a", name="One"), Row(key="a", name="Two"), Row(key="b")]}
    asked = fake_ask(federation(FakeRegistry("odd", rows)))
    both, other = await nodes(asked, [GlobalId("odd", Entity.PROJECT, key) for key in ("a", "b")])
    assert other.key == "b"
    assert "2 rows of odd have the key 'a'" in both.message
    assert "One" in both.message
    assert "Two" in both.message
