"""Ids given can be asked: whatever a record shows as its id leads to that very record.

Every record of the world, over the whole gateway: its global id by `node` and `nodes`, its project
id and its serial by `project` and `unit`, and each of its identifiers by `lookup`. What several
records share is answered with all of them, or with an error that names them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from gateway.model.entity import Entity
from tests.conformance.desk import LONG, REGISTRIES, some, world
from tests.conformance.ways import ROOTS, Gate, Told, gate

# How many ids are asked in one question, and how many codes, each of which may be a search.
LOT, CODED = 200, 20
CODES = {
    Entity.PROJECT: "projectId",
    Entity.ISSUANCE: "",
    Entity.UNIT: "unitSerialId",
}


@pytest.mark.slow_for(*LONG, "cercarbono", "icr", "social-carbon")
@pytest.mark.parametrize("registry", REGISTRIES)
async def test_every_id_that_a_record_shows_finds_that_record(registry: str) -> None:
    async with gate(world(), registry) as at:
        asked = 0
        for entity in Entity:
            rows = await shown(at, entity)
            asked += len(rows)
            assert len({row["id"] for row in rows}) == len(rows)
            assert await by_node(at, rows) == []
            assert await by_code(at, registry, entity, rows) == []
            assert await by_lookup(at, rows) == []
        assert asked


async def shown(at: Gate, entity: Entity) -> list[Told]:
    """Every record with all that it is known by."""
    own = CODES[entity]
    rows: list[Told] = []
    after = None
    while True:
        query = (
            f"query P($after: String) {{ found: {ROOTS[entity]}(first: 500, after: $after) "
            f"{{ nodes {{ id {own} identifiers {{ scheme value }} }} "
            "pageInfo { hasNextPage endCursor } } }"
        )
        found = (await at.ask(query, after=after))["found"]
        rows += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return rows


async def by_node(at: Gate, rows: Sequence[Told]) -> list[str]:
    """The ids that lead elsewhere."""
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    wrong = []
    for lot in lots(rows):
        ids = [row["id"] for row in lot]
        answer = await at.answer(query, ids=ids)
        found = [node and node["id"] for node in answer["data"]["nodes"]]
        wrong += [
            f"nodes: {one} gives {got}" for one, got in zip(ids, found, strict=True) if one != got
        ]
    for row in some(list(rows), 2):
        answer = await at.answer("query N($id: ID!) { node(id: $id) { id } }", id=row["id"])
        if (answer["data"]["node"] or {}).get("id") != row["id"]:
            wrong.append(f"node: {row['id']} gives {answer}")
    return wrong


async def by_code(at: Gate, registry: str, entity: Entity, rows: Sequence[Told]) -> list[str]:
    """The project ids and serials that lead elsewhere."""
    name, root = CODES[entity], entity.value
    given = [row for row in rows if name and row[name]]
    return await aliased(
        at,
        [
            (row["id"], f"{root}(registry: {text(registry)}, {name}: {text(row[name])}) {{ id }}")
            for row in given
        ],
    )


async def by_lookup(at: Gate, rows: Sequence[Told]) -> list[str]:
    """The identifiers that lead elsewhere."""
    return await aliased(
        at,
        [
            (
                row["id"],
                f"lookup(scheme: {text(one['scheme'])}, value: {text(one['value'])}) {{ id }}",
            )
            for row in rows
            for one in row["identifiers"]
        ],
    )


async def aliased(at: Gate, asked: Sequence[tuple[str, str]]) -> list[str]:
    """What does not lead to the id beside it, many in one question."""
    wrong = []
    for lot in lots(asked, CODED):
        query = " ".join(f"a{n}: {one}" for n, (_, one) in enumerate(lot))
        answer = await at.answer(f"{{ {query} }}")
        named: dict[str, Any] = {e["path"][0]: e for e in answer.get("errors", ()) if "path" in e}
        assert answer.get("data") is not None, answer
        for n, (id, one) in enumerate(lot):
            found = answer["data"][f"a{n}"]
            each = found if isinstance(found, list) else [found]
            error = named.get(f"a{n}", {})
            if id not in [row and row["id"] for row in each] + meant(error):
                wrong.append(f"{one} gives {found} {error.get('message', '')}, not {id}")
    return wrong


def meant(error: Told) -> list[str]:
    """The ids that an error names, where several records have the code."""
    found: list[str] = error.get("extensions", {}).get("didYouMean", [])
    return found


def lots(rows: Sequence[Any], size: int = LOT) -> Iterator[Sequence[Any]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]


def text(value: str) -> str:
    """A string as GraphQL writes it."""
    return json.dumps(value, ensure_ascii=False)
