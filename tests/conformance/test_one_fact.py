"""One fact, one value: a record is the same whichever way it was asked for, field by field.

Every record of the world is asked for in all ways. Two ways may differ in one thing only: a
field that the registry tells elsewhere is null where that was not read, and is named there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from gateway.model.entity import Entity
from tests.conformance.desk import REGISTRIES, some, world
from tests.conformance.ways import (
    COVERAGE,
    OWN,
    Gate,
    Seen,
    Told,
    assert_told,
    gate,
    orders,
    own,
)
from tests.tools import sweep

# How many records are asked for one by one, each in a question of its own.
ALONE = 24
FEW, MANY = 15, 60
# How many of a registry's orders are tried, and how many pages of each.
PAGES = 4

Ways = AsyncIterator[tuple[str, Sequence[Told | None]]]


@pytest.mark.parametrize("registry", sweep(REGISTRIES, ["cats", "cdm", "undp"]))
async def test_a_record_is_the_same_whichever_way_it_was_asked_for(registry: str) -> None:
    async with gate(world(), registry) as at:
        seen = Seen()
        for entity in Entity:
            listed = await at.walk(entity)
            seen.add("list", listed)
            async for way, rows in _ways(at, entity, listed):
                seen.add(way, rows)
        assert seen.rows, "the registry told nothing"
        wrong = [line for rows in seen.rows.values() for line in disagreements(rows)]
        assert wrong == [], f"{len(wrong)} disagreements"


@pytest.mark.slow
async def test_the_same_project_in_other_registries_is_told_as_there() -> None:
    async with gate(world(), "verra", "gold-standard", "cad-trust", "cad-trust-v2") as at:
        seen = Seen()
        listed = await at.walk(Entity.PROJECT)
        seen.add("list", listed)
        links = f"sameAs {{ links {{ project {own(Entity.PROJECT)} }} }}"
        query = f"query N($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Project {{ {links} }} }} }}"
        told = 0
        for ids in _cut([row["id"] for row in listed], MANY):
            for node in (await at.ask(query, ids=ids))["nodes"]:
                projects = [link["project"] for link in node["sameAs"]["links"]]
                seen.add("sameAs", projects)
                told += len(projects)
        assert told > 10
        assert [line for rows in seen.rows.values() for line in disagreements(rows)] == []


async def _ways(at: Gate, entity: Entity, listed: Sequence[Told]) -> Ways:
    ids = [row["id"] for row in listed]
    yield "list in small pages", await at.walk(entity, PAGES, first=7)
    for order in orders(entity):
        for direction in ("ASC", "DESC"):
            by = {"field": order, "direction": direction}
            yield (
                f"list by {order} {direction}",
                await at.walk(entity, PAGES, first=100, orderBy=by),
            )
    for some_ids in _cut(ids, MANY):
        yield "nodes of 60", await at.nodes(some_ids)
    for some_ids in _cut(some(ids, 4 * FEW), FEW):
        yield "nodes of 15", await at.nodes(some_ids)
    for one in some(ids, ALONE):
        yield "node", [await at.node(one)]
        yield "nodes of 1", await at.nodes([one])
    yield "own filter", await _by_own_filter(at, entity, some(list(listed), ALONE))
    yield "lookup", await _by_lookup(at, some(list(listed), ALONE))
    async for way in _edges(at, entity, ids):
        yield way


async def _by_own_filter(at: Gate, entity: Entity, rows: Sequence[Told]) -> list[Told]:
    name = OWN[entity]
    told: list[Told] = []
    for row in rows:
        if row[name]:
            found = await at.page(entity, where={name: {"eq": row[name]}})
            assert_told(found)
            whole = all(one["complete"] for one in found["coverage"])
            ids = [one["id"] for one in found["nodes"]]
            assert not whole or row["id"] in ids, f"{row['id']} is not found by its {name}"
            told += found["nodes"]
    return told


async def _by_lookup(at: Gate, rows: Sequence[Told]) -> list[Told | None]:
    """What the identifiers that the records print lead to."""
    told: list[Told | None] = []
    for row in rows:
        for one in row["identifiers"]:
            found = await at.lookup(one["scheme"], one["value"])
            told += found
    return told


async def _edges(at: Gate, entity: Entity, ids: Sequence[str]) -> Ways:
    """Every record that an edge of these leads to."""
    below = {
        Entity.PROJECT: ("issuances", "units"),
        Entity.ISSUANCE: ("units",),
        Entity.UNIT: (),
    }[entity]
    above = {
        Entity.PROJECT: (),
        Entity.ISSUANCE: ("project",),
        Entity.UNIT: ("project", "issuance"),
    }[entity]
    kinds = {"issuances": Entity.ISSUANCE, "issuance": Entity.ISSUANCE, "units": Entity.UNIT}
    for edge in (*below, *above):
        kind = kinds.get(edge, Entity.PROJECT)
        rows = own(kind) if edge in above else f"{{ nodes {own(kind)} {COVERAGE} }}"
        arguments = "" if edge in above else "(first: 500)"
        of = f"... on {entity.value.capitalize()} {{ {edge}{arguments} {rows} }}"
        query = f"query N($ids: [ID!]!) {{ nodes(ids: $ids) {{ {of} }} }}"
        for size in (1, FEW, MANY):
            for some_ids in _cut(some(list(ids), 4 * size), size):
                nodes = (await at.ask(query, ids=some_ids))["nodes"]
                found = [node[edge] for node in nodes if node and node[edge]]
                flat = found if edge in above else [r for one in found for r in one["nodes"]]
                yield f"{entity.value}.{edge} of {size}", flat


def _cut(ids: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for at in range(0, len(ids), size):
        yield list(ids[at : at + size])


def disagreements(rows: dict[str, Told]) -> list[str]:
    """One line for each field of a record that two ways tell differently without saying so."""
    names = list(rows)
    fullest = min(names, key=lambda way: len(rows[way]["provenance"]["notRead"]))
    best = rows[fullest]
    whole = frozenset(best["provenance"]["notRead"])
    return [
        f"{row['id']}: {name} is {row[name]!r} by {way}, {best[name]!r} by {fullest}"
        for way, row in rows.items()
        for name in row.keys() & best.keys() - {"provenance"}
        if not agree(row[name], best[name], name, frozenset(row["provenance"]["notRead"]), whole)
    ]


def agree(value: Any, best: Any, path: str, excused: frozenset[str], whole: frozenset[str]) -> bool:
    """Whether the value is the best known one, or is null (or a part) and named as not read."""
    if value == best:
        return True
    plain = path.removesuffix("Raw")
    if plain in excused and plain not in whole:
        # The text that stands beside a field may be a part of it; the field itself is null.
        return value in (None, []) or (path != plain and str(value) in str(best))
    if not any(name.startswith(f"{path}.") for name in excused - whole):
        return False
    if isinstance(value, list) and isinstance(best, list):
        ours, theirs = (_decided(rows, path, excused) for rows in (value, best))
        nulls = all(
            agree(row[name], None, f"{path}.{name}", excused, whole)
            for row in value
            for name in row
            if f"{path}.{name}" in excused
        )
        return ours == theirs and nulls
    if isinstance(value, dict) and isinstance(best, dict):
        return all(agree(value[n], best[n], f"{path}.{n}", excused, whole) for n in value)
    return False


def _decided(rows: Sequence[Told], path: str, excused: frozenset[str]) -> set[str]:
    """What the rows say in the fields that were read."""
    return {
        repr({n: v for n, v in row.items() if f"{path}.{n.removesuffix('Raw')}" not in excused})
        for row in rows
    }
