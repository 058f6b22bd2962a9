"""Stitching: links rest on stated ids, both ways, and say who states them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.contract import Page
from gateway.errors import Outcome, RegistryError, RegistryTimeout
from gateway.model.entity import Entity
from gateway.model.field import computed, constant
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.model.question import Collection
from gateway.model.record import Identifier, Origin
from gateway.stitch.ask import BudgetSpent
from gateway.stitch.edges import children
from gateway.stitch.federation import Federation
from gateway.stitch.nodes import node
from gateway.stitch.sameas import same_as, spelled
from tests.stitch.fake import FULL, FakeProject, FakeRegistry, Row, ask, federation


class Original(FakeProject):
    """A registry that tells of its own projects only."""

    registry_of_origin = constant("Verra")


def row_number(row: Row) -> tuple[Identifier, ...]:
    return (Identifier("verra.row", f"row-{row.key}"),)


class Numbered(Original):
    """A registry whose rows have numbers beside their codes."""

    identifiers = computed(row_number, "key")


def pair() -> tuple[FakeRegistry, FakeRegistry]:
    """Verra with two projects; a node whose records name one of them as origin."""
    verra = FakeRegistry(
        "verra",
        {
            Entity.PROJECT: [Row(key="1"), Row(key="2")],
            Entity.UNIT: [Row(key="vu", project="1")],
        },
    )
    verra.collection = Collection(parents=FULL.parents)
    verra.views = {**verra.views, Entity.PROJECT: (Original,)}
    node = FakeRegistry(
        "node",
        {
            Entity.PROJECT: [
                Row(key="a", origin="P-1", origin_registry="Verra"),
                Row(key="b", origin="1", origin_registry="Gold Standard"),
                Row(key="c", origin="junk", origin_registry="junk"),
            ],
            Entity.UNIT: [Row(key="nu", project="a")],
        },
    )
    return verra, node


def first(registry: FakeRegistry, number: int = 0) -> Any:
    return registry.records(Entity.PROJECT, 0)[number]


async def test_a_copy_finds_the_original_it_names() -> None:
    verra, node = pair()
    found = await same_as(ask(federation(verra, node)), first(node))
    (link,) = found.links
    assert link.project.id == "cgw:verra:project:1"
    assert link.basis is SameAsBasis.REGISTRY_OF_ORIGIN_ID
    assert link.stated_by == "cgw:node:project:a"
    assert "'P-1'" in link.statement


async def test_an_original_finds_the_copies_that_name_it_and_no_others() -> None:
    verra, node = pair()
    node.collection = Collection(filters=FULL.filters)
    node.rows[Entity.PROJECT][0] = Row(key="a", origin="1", origin_registry="Verra")
    found = await same_as(ask(federation(verra, node)), first(verra))
    assert [link.project.id for link in found.links] == ["cgw:node:project:a"]
    assert [row.registry for row in found.coverage] == ["node"]


async def test_a_copy_may_name_the_original_by_any_of_its_identifiers() -> None:
    verra, node = pair()
    verra.views = {**verra.views, Entity.PROJECT: (Numbered,)}
    node.collection = Collection(filters=FULL.filters)
    node.rows[Entity.PROJECT].append(Row(key="d", origin="row-1", origin_registry="Verra"))
    original = Numbered(verra.rows[Entity.PROJECT][0], Origin("verra", 0))
    found = await same_as(ask(federation(verra, node)), original)
    ids = [link.project.id for link in found.links]
    assert ids == ["cgw:node:project:a", "cgw:node:project:d"]


async def test_names_never_make_a_link() -> None:
    verra, node = pair()
    assert (await same_as(ask(federation(verra, node)), first(node, 2))).links == ()


async def test_a_registry_that_could_not_be_asked_is_in_the_coverage() -> None:
    verra, node = pair()
    verra.fail = {0: RegistryTimeout("late", registry="verra")}
    found = await same_as(ask(federation(verra, node)), first(node))
    assert found.links == ()
    told = {row.registry: row.outcome for row in found.coverage}
    assert told == {"verra": Outcome.TIMEOUT, "node": Outcome.OK}


async def test_stitched_children_come_from_every_record_of_the_project() -> None:
    verra, node = pair()
    asking = ask(federation(verra, node))
    page = await children(asking, first(node), Entity.UNIT, stitched=True)
    assert [n.id for n in page.nodes] == ["cgw:verra:unit:vu", "cgw:node:unit:nu"]
    assert [row.registry for row in page.coverage] == ["verra", "node"]


async def test_stitched_children_say_when_a_counterpart_could_not_be_asked() -> None:
    verra, node = pair()
    verra.fail = {0: RegistryTimeout("late", registry="verra")}
    page = await children(ask(federation(verra, node)), first(node), Entity.UNIT, stitched=True)
    assert {row.registry: row.complete for row in page.coverage} == {"node": True, "verra": False}


def test_codes_are_spelled_as_other_systems_spell_them() -> None:
    verra = FakeRegistry("r", {Entity.PROJECT: [Row(key="VCS1529")]})
    assert set(spelled(first(verra))) == {"VCS1529", "VCS-1529", "VCS 1529", "1529"}


def family() -> tuple[FakeRegistry, FakeRegistry, FakeRegistry]:
    """An original, two copies of it in two nodes, and a look-alike: the same id elsewhere."""
    verra, node = pair()
    node.rows[Entity.PROJECT].append(Row(key="1", origin="own", origin_registry="node"))
    other = FakeRegistry(
        "other",
        {
            Entity.PROJECT: [
                Row(key="x", origin="1", origin_registry="Verified Carbon Standard"),
                Row(key="y", origin="a", origin_registry="node"),
                Row(key="z", origin="1", origin_registry="Gold Standard"),
            ]
        },
    )
    return verra, node, other


FAMILY = {
    "cgw:verra:project:1",
    "cgw:node:project:a",
    "cgw:other:project:x",
    "cgw:other:project:y",
}


async def linked_ids(fed: Federation, project: Any) -> set[str]:
    return {link.project.id for link in (await same_as(ask(fed), project)).links}


async def test_from_every_one_of_a_family_all_the_others_are_found() -> None:
    registries = family()
    fed = federation(*registries)
    everyone = {r.id: r for one in registries for r in one.records(Entity.PROJECT, 0)}
    for mine in FAMILY:
        assert await linked_ids(fed, everyone[mine]) == FAMILY - {mine}
    for stranger in set(everyone) - FAMILY:
        assert not await linked_ids(fed, everyone[stranger]) & FAMILY


async def test_copies_of_an_original_that_is_not_served_find_each_other() -> None:
    _, node, other = family()
    node.rows[Entity.PROJECT][0] = Row(key="a", origin="VCS-1", origin_registry="Verra")
    copies = {"cgw:node:project:a", "cgw:other:project:x", "cgw:other:project:y"}
    fed = federation(node, other)
    for registry, place in ((node, 0), (other, 0), (other, 1)):
        mine = first(registry, place)
        assert await linked_ids(fed, mine) == copies - {mine.id}


async def test_an_id_that_two_registries_share_links_nothing() -> None:
    _, node, other = family()
    look_alike = first(other, 2)
    assert await linked_ids(federation(node, other), look_alike) == {"cgw:node:project:b"}


async def test_the_links_of_a_hundred_projects_cost_two_calls_a_node_for_each_fifty() -> None:
    count = 100
    verra = FakeRegistry("verra", {Entity.PROJECT: [Row(key=str(n)) for n in range(count)]})
    verra.views = {**verra.views, Entity.PROJECT: (Original,)}
    rows = [Row(key=f"c{n}", origin=f"VCS {n}", origin_registry="VCS") for n in range(count)]
    node = FakeRegistry("node", {Entity.PROJECT: rows}, page_size=40)
    node.collection = Collection(filters=FULL.filters, page_size=40)

    def bare(text: str) -> str | None:
        return text.removeprefix("VCS ")

    verra.project_key = bare  # type: ignore[method-assign]
    asking = ask(federation(verra, node))
    projects = verra.records(Entity.PROJECT, 0)
    found = await asyncio.gather(*(same_as(asking, project) for project in projects))
    assert [[link.project.key for link in one.links] for one in found] == [
        [f"c{n}"] for n in range(count)
    ]
    assert node.calls <= 4
    assert verra.calls == 0


async def test_with_a_registry_down_its_row_says_so_whoever_is_asked_about() -> None:
    for number in range(3):
        registries = family()
        registries[number].fail = dict.fromkeys(
            range(50), RegistryTimeout("late", registry=registries[number].key)
        )
        fed = federation(*registries)
        for one in registries:
            if one is registries[number]:
                continue
            for record in one.records(Entity.PROJECT, 0):
                if record.id not in FAMILY:
                    continue
                found = await same_as(ask(fed), record)
                missing = FAMILY - {record.id} - {link.project.id for link in found.links}
                told = {row.registry for row in found.coverage if not row.complete}
                assert missing
                assert registries[number].key in told


@dataclass
class Naming(FakeRegistry):
    """A registry that can be asked for what its projects name elsewhere, and cannot answer."""

    error: RegistryError | None = None

    async def naming(self, source: Any, codes: Sequence[str]) -> Page:
        if self.error is not None:
            raise self.error
        raise BudgetSpent(self.key)


@pytest.mark.parametrize(
    ("error", "told"), [(RegistryTimeout("late", registry="b"), "late"), (None, "used up")]
)
async def test_a_registry_that_cannot_be_asked_for_names_is_told(
    error: RegistryError | None, told: str
) -> None:
    one = FakeRegistry("a", {Entity.PROJECT: [Row(key="1")]}, views={Entity.PROJECT: (Original,)})
    asked = ask(federation(one, Naming("b", {Entity.PROJECT: []}, error=error)))
    record = await node(asked, GlobalId("a", Entity.PROJECT, "1"))
    found = await same_as(asked, record)
    (row,) = [row for row in found.coverage if row.registry == "b" and not row.complete]
    assert told in str(row.message)


async def test_a_registry_that_is_not_configured_is_not_asked_for_names() -> None:
    one = FakeRegistry("a", {Entity.PROJECT: [Row(key="1")]}, views={Entity.PROJECT: (Original,)})
    asked = ask(federation(one, Naming("b", {Entity.PROJECT: []}), down=["b"]))
    record = await node(asked, GlobalId("a", Entity.PROJECT, "1"))
    found = await same_as(asked, record)
    assert [row.outcome for row in found.coverage if row.registry == "b"]
