"""What a list leaves out is declared, named on the row, read by key, and decided in filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from tests.conformance.comparison import differences
from tests.conformance.desk import REGISTRIES, desk, some, world
from tests.conformance.ways import Gate, Told, gate
from tests.tools import sweep

STATUSES = ("LISTED", "REGISTERED", "COMPLETED", "WITHDRAWN")


@pytest.mark.parametrize("registry", REGISTRIES)
async def test_what_a_row_leaves_unread_is_declared_and_read_by_key(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            declared = frozenset().union(*(view.late for view in at.adapter.views[entity]))
            late = at.emulated.by_key.get(entity, frozenset())
            for record in await at.everything(entity):
                assert record.not_read <= declared
                wrong = differences(at.truth, at.emulated, entity, record, listed=record.not_read)
                assert wrong == []
            assert {name.partition(".")[0] for name in late} <= {
                name.partition(".")[0] for name in declared
            }
            if declared and collection.by_keys:
                wanted = some(sorted(at.truth.rows(entity)), 5)
                page = await at.adapter.by_keys(at.source(), entity, wanted)
                assert all(not record.not_read for record in page.records)


@pytest.mark.parametrize("registry", ["acr", "art"])
@pytest.mark.parametrize("scale", sweep([1, 20], 1))
async def test_a_status_that_a_list_leaves_open_is_found_or_counted(
    registry: str, scale: int
) -> None:
    """Every project that has the status by its own page is found, or counted as undecided."""
    told = world(scale).told_by(registry)
    assert told.projects
    async with gate(world(scale), registry) as at:
        for status in STATUSES:
            meant = {f"cgw:{registry}:project:{p.key}" for p in told.projects
                     if p.project_status.name == status}  # fmt: skip
            found, undecided, complete = await _walked(at, {"projectStatus": {"eq": status}})
            assert found <= meant
            assert meant <= found | undecided
            assert complete is not bool(undecided)
            if scale == 1:
                assert found == meant


@pytest.mark.slow
@pytest.mark.parametrize("registry", ["acr", "art"])
async def test_of_many_projects_at_once_each_says_what_was_not_read(registry: str) -> None:
    told = world(20).told_by(registry)
    ids = [f"cgw:{registry}:project:{project.key}" for project in told.projects][:60]
    async with gate(world(20), registry) as at:
        together = await at.nodes(ids)
        assert len(ids) == 60
        for row, id in zip(together, ids, strict=True):
            assert row is not None
            alone = await at.node(id) if row["projectStatus"] is None else row
            assert alone is not None
            left = row["provenance"]["notRead"]
            assert ("projectStatus" in left) is (row["projectStatus"] is None)
            assert alone["projectStatus"] is not None


@pytest.mark.parametrize("registry", ["acr", "art", "car"])
@pytest.mark.parametrize("scale", sweep([1, 5], 1))
async def test_a_project_status_that_a_list_leaves_open_decides_which_units_are_found(
    registry: str, scale: int
) -> None:
    """At the larger scale, a page names more projects than these registries read in full at once:
    asked for all of them, they would leave every status open."""
    told = world(scale).told_by(registry)
    assert told.units
    statuses = {project.key: project.project_status.name for project in told.projects}
    async with gate(world(scale), registry) as at:
        everything, _, _ = await _walked(at, {}, "units", 500)
        for status in sorted(set(statuses.values())):
            meant = {
                str(GlobalId(registry, Entity.UNIT, unit.key))
                for unit in told.units
                if statuses[unit.project_key] == status
            }
            where = {"project": {"projectStatus": {"eq": status}}}
            found, undecided, complete = await _walked(at, where, "units", 500)
            assert (found, undecided, complete) == (meant & everything, set(), True)


async def _walked(
    at: Gate, where: Mapping[str, Any], root: str = "projects", first: int = 25
) -> tuple[set[str], set[str], bool]:
    """The ids found and left undecided on all pages, and whether every page was complete."""
    found: set[str] = set()
    undecided: set[str] = set()
    complete = True
    after: str | None = None
    while True:
        query = (
            f"query W($where: {root[:-1].title()}Where, $after: String) {{ {root}(first: {first}, "
            "where: $where, after: $after) { nodes { id } "
            "pageInfo { hasNextPage endCursor } "
            "coverage { complete undecided { field count ids } } } }"
        )
        page: Told = (await at.ask(query, where=where, after=after))[root]
        found |= {row["id"] for row in page["nodes"]}
        for row in page["coverage"]:
            complete = complete and row["complete"]
            for left in row["undecided"]:
                assert left["count"] <= 100
                undecided |= set(left["ids"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found, undecided, complete
