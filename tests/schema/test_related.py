"""A related project is the project itself where its registry is served, read with its siblings."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.compiled import CompiledExecutor
from gateway.engine.execute import ReferenceExecutor
from gateway.engine.operation import GraphQLRequest
from gateway.errors import RegistryTimeout
from gateway.harmonise.registries import registry_key
from gateway.model.entity import Entity
from gateway.model.field import computed, mapped, wire
from gateway.model.project import RelatedProjectView
from gateway.stitch.ask import Ask
from tests.engine.test_equivalence import LIMITS
from tests.stitch.fake import FakeProject, FakeRegistry, Row, ask, federation

QUERY = """{ projects(registries: ["node"]) { nodes { projectId relatedProjects {
  relatedProjectId registry project { id projectName } } } } }"""


class Related(RelatedProjectView[Row]):
    related_project_id = wire("origin")
    related_registry = mapped("origin_registry", registry_key)


class Member(FakeProject):
    """A project that belongs with another one."""

    related_projects = computed(lambda row: (Related(row),) if row.origin else (), "origin")


class Members(FakeRegistry):
    def records(self, entity: Entity, source: int) -> list[Any]:
        return [Member(r.row, r.origin, r.place) for r in super().records(entity, source)]


def registries() -> tuple[FakeRegistry, FakeRegistry]:
    verra = FakeRegistry("verra", {Entity.PROJECT: [Row(key="1", name="One"), Row(key="2")]})
    rows = [
        Row(key="a", origin="P-1", origin_registry="VCS"),
        Row(key="b", origin="2", origin_registry="Verra"),
        Row(key="c", origin="2", origin_registry="Gold Standard"),
        Row(key="d", origin="9", origin_registry="Verra"),
        Row(key="e", origin="1"),
        Row(key="f"),
    ]
    node = Members("node", {Entity.PROJECT: rows}, page_size=10)
    node.views = {**node.views, Entity.PROJECT: (Member,)}
    return verra, node


EXECUTORS = {"reference": ReferenceExecutor, "compiled": CompiledExecutor}


async def answered(executor: str, by: Ask) -> Any:
    made: Any = EXECUTORS[executor](LIMITS)
    return await made.execute(GraphQLRequest(QUERY, {}), by)


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_the_project_is_there_where_it_is_served_and_null_where_not(executor: str) -> None:
    verra, node = registries()
    result = await answered(executor, ask(federation(verra, node)))
    assert not result.errors
    found = {
        one["projectId"]: [related["project"] for related in one["relatedProjects"]]
        for one in result.data["projects"]["nodes"]
    }
    assert found == {
        "a": [{"id": "cgw:verra:project:1", "projectName": "One"}],
        "b": [{"id": "cgw:verra:project:2", "projectName": None}],
        "c": [None],
        "d": [None],
        "e": [None],
        "f": [],
    }
    assert verra.calls == 1


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_a_registry_that_fails_is_an_error_at_its_place(executor: str) -> None:
    verra, node = registries()
    verra.fail = {0: RegistryTimeout("late", registry="verra")}
    result = await answered(executor, ask(federation(verra, node)))
    places = [error["path"] for error in result.errors]
    assert ["projects", "nodes", 0, "relatedProjects", 0, "project"] in places
    assert len(places) == 3
    assert result.data["projects"]["nodes"][2]["relatedProjects"][0]["project"] is None


async def test_what_is_not_configured_is_not_served() -> None:
    verra, node = registries()
    result = await answered("compiled", ask(federation(verra, node, down=["verra"])))
    assert not result.errors
