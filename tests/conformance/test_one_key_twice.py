"""One key on two rows: each row is shown, and an id of the key is no one's in particular.

In every registry one row is told a second time, with another owner, date or row number, as
registries do that list a block again. Either the two rows have two ids, and each leads to its own;
or they have one, and whoever asks for it is told of both. A registry that refuses such a list says
so with a typed error.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from adapters.catalogue import adapters
from gateway.model.entity import Entity
from gateway.sandbox.runner import load, telling
from gateway.sandbox.world import Telling, World
from tests.conformance.desk import REGISTRIES, world
from tests.conformance.ways import ROOTS, Gate, Told, gate

# Lists that cannot hold a key twice, since their software keeps it unique.
UNIQUE = {"cad-trust", "cad-trust-v2", "core-registry", "example-national-sql", "social-carbon"}
# Pages are held together by keys, which two rows of one page therefore cannot share.
REFUSING = {
    ("acr", Entity.ISSUANCE),
    ("art", Entity.ISSUANCE),
    ("biocarbon", Entity.PROJECT),
    ("biocarbon", Entity.ISSUANCE),
    ("biocarbon", Entity.UNIT),
    ("gold-standard", Entity.PROJECT),
}
# An address of its own for each key gives one row, whatever the list has.
ALONE = {("example-national-rest", Entity.PROJECT)}
ROWS = 7_000_000


def told_again(registry: str) -> tuple[World, list[Entity]]:
    """The world with one row of each kind told twice, and the kinds of which there are any.

    Where one of the kinds is refused, each is told twice in a world of its own.
    """
    told = telling(world(), load((registry,))[registry])
    kinds = [entity for entity in adapters()[registry].collections if _rows(told, entity)]
    changed: dict[str, Any] = {
        ROOTS[entity]: _twice(_rows(told, entity), entity) for entity in kinds
    }
    again: Telling = replace(told, **changed)
    return World(world().seed, 1, {**world().tellings, registry: again}), kinds


def _rows(told: Telling, entity: Entity) -> tuple[Any, ...]:
    found: tuple[Any, ...] = getattr(told, ROOTS[entity])
    return found


def _twice(rows: tuple[Any, ...], entity: Entity) -> tuple[Any, ...]:
    place = len(rows) // 3
    row = rows[place]
    other: dict[str, Any] = {"issuance_date": "2025-01-01"}
    if entity is Entity.PROJECT:
        other = {"project_name": "Another Name (invented)", "row_id": row.row_id + ROWS}
    elif entity is Entity.UNIT:
        other = {"unit_owner": "Another Owner (invented)", "number": row.number + ROWS}
    return (*rows[: place + 1], replace(row, **other), *rows[place + 1 :])


@pytest.mark.parametrize("registry", sorted(set(REGISTRIES) - UNIQUE))
async def test_two_rows_with_one_key_are_two_ids_or_an_error_that_names_both(
    registry: str,
) -> None:
    doubled, kinds = told_again(registry)
    async with gate(doubled, registry) as at:
        for entity in kinds:
            query = (
                f"{{ found: {ROOTS[entity]}(first: 500) {{ nodes {{ id }} "
                "coverage { outcome complete message warnings } } }"
            )
            found = (await at.answer(query))["data"]["found"]
            (row,) = found["coverage"]
            if (registry, entity) in REFUSING:
                assert not row["complete"]
                assert "REGISTRY_INVALID_PAYLOAD" in row["message"]
                continue
            assert row["complete"], row
            await each_is_told(at, registry, entity, found)


async def each_is_told(at: Gate, registry: str, entity: Entity, found: Told) -> None:
    ids = [node["id"] for node in found["nodes"]]
    shared = [id for id, count in Counter(ids).items() if count > 1]
    assert bool(shared) == any("Several rows have one key" in w for w in warnings_of(found))
    for id in shared if (registry, entity) not in ALONE else ():
        for query in ("node(id: $id)", "nodes(ids: [$id])"):
            answer = await at.answer(f"query N($id: ID!) {{ {query} {{ id }} }}", id=id)
            (error,) = answer["errors"]
            assert re.search(r"\d rows of .* have the key", error["message"])
            assert len(error["extensions"]["rows"]) >= 2
    lone = [id for id in ids if id not in shared]
    answer = await at.answer("query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=lone)
    assert [node["id"] for node in answer["data"]["nodes"]] == lone


def warnings_of(found: Told) -> list[str]:
    return [warning for row in found["coverage"] for warning in row["warnings"]]
