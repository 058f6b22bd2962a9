"""An odd row is in one state, whichever way it is asked for: in a list, alone, or among others.

And a record that is not shown, since its row cannot be read, is an error for whoever asks for its
id: never null, which would say that there is none.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.catalogue import adapters
from gateway.model.entity import Entity
from gateway.sandbox.odd_rows import HUGE, Spoil, choosing, one_value, text, without_key
from gateway.sandbox.odd_tables import damage, odd_wire
from gateway.sandbox.runner import load
from tests.conformance.desk import REGISTRIES, SHORT, some, world
from tests.conformance.test_one_fact import disagreements
from tests.conformance.ways import ROOTS, Gate, Seen, Told, anything, gate, own

MANY, ALONE = 20, 4
LISTS = [
    pytest.param(registry, entity, id=f"{registry} {entity.value}s")
    for registry in REGISTRIES
    for entity in adapters()[registry].collections
]

# A record by its id is a body of another make here, not the row of the list.
APART = {
    ("acr", Entity.PROJECT),
    ("cad-trust", Entity.PROJECT),
    ("cercarbono", Entity.PROJECT),
    ("core-registry", Entity.PROJECT),
    ("ecoregistry", Entity.PROJECT),
    ("example-national-rest", Entity.PROJECT),
}
ALIKE = [param for param in LISTS if tuple(param.values) not in APART]


class Stored:
    """Rows that are spoilt for good: a list, or a row alone, brings what was stored of each."""

    def __init__(self, spoil: Spoil) -> None:
        self._choose = choosing(spoil, 4)
        self._known: dict[str, Any] = {}

    def __call__(self, rows: list[Any]) -> list[Any]:
        return [self._alone(row) for row in rows]

    def _alone(self, row: Any) -> Any:
        key = text(row)
        if key not in self._known:
            (changed,) = self._choose([row])
            self._known[key] = changed
        return self._known[key]

    def within(self, value: Any) -> Any:
        """The document with the rows that are known, wherever they stand."""
        if isinstance(value, dict):
            if (key := text(value)) in self._known:
                return self._known[key]
            return {name: self.within(one) for name, one in value.items()}
        return value

    def wire(self) -> Middleware:
        rest = odd_wire(self)

        @web.middleware
        async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await rest(request, handler)
            if isinstance(response, web.Response) and response.content_type == "application/json":
                document = json.loads(response.body or b"null")  # type: ignore[arg-type]
                told = json.dumps(self.within(document)).replace(json.dumps(HUGE), "1e999999999")
                response.body = told.encode()
            return response

        return trap


def trouble(registry: str, spoil: Spoil) -> Any:
    stored = Stored(spoil)
    return stored.wire() if load((registry,))[registry].listens else damage(stored)


async def listed(at: Gate, entity: Entity) -> tuple[list[Told], bool]:
    """The rows of the first page, and whether coverage says that they are all."""
    query = (
        f"{{ found: {ROOTS[entity]}(first: 500) {{ nodes {own(entity)} "
        "coverage { complete } pageInfo { hasNextPage } } }"
    )
    found = (await at.answer(query))["data"]["found"]
    return found["nodes"], found["coverage"][0]["complete"]


async def by_ids(at: Gate, ids: list[str]) -> tuple[list[Told | None], list[Any]]:
    """The records of the ids, and the errors."""
    query = f"query N($ids: [ID!]!) {{ nodes(ids: $ids) {anything()} }}"
    answer = await at.answer(query, ids=ids)
    return (answer["data"] or {}).get("nodes") or [], answer.get("errors", [])


@pytest.mark.slow_for(*set(REGISTRIES).difference(SHORT))
@pytest.mark.parametrize(("registry", "entity"), ALIKE)
async def test_an_odd_value_is_told_alike_in_a_list_and_by_its_id(
    registry: str, entity: Entity
) -> None:
    async with gate(world(), registry, trouble=trouble(registry, one_value)) as at:
        rows, _ = await listed(at, entity)
        seen = Seen()
        seen.add("list", rows)
        ids = list(dict.fromkeys(row["id"] for row in rows))
        for size, count in ((MANY, 2 * MANY), (1, ALONE)):
            chosen = some(ids, count)
            for start in range(0, len(chosen), size):
                found, errors = await by_ids(at, chosen[start : start + size])
                # What is not told is an error.
                missing = [node for node in found if node is None]
                assert errors or not missing
                seen.add(f"nodes of {size}", found)
        wrong = [line for row in seen.rows.values() for line in disagreements(row)]
        assert wrong == [], f"{len(wrong)} disagreements"


@pytest.mark.slow_for(*set(REGISTRIES).difference(SHORT))
@pytest.mark.parametrize(("registry", "entity"), LISTS)
async def test_a_record_whose_row_cannot_be_read_is_an_error_by_its_id(
    registry: str, entity: Entity
) -> None:
    async with gate(world(), registry) as at:
        whole, _ = await listed(at, entity)
    async with gate(world(), registry, trouble=trouble(registry, without_key)) as at:
        rows, complete = await listed(at, entity)
        before, now = {row["id"] for row in whole}, {row["id"] for row in rows}
        missing = sorted(before - now)
        assert complete is False or len(rows) >= len(whole)
        nulls = 0
        for id in missing[:3]:
            (node,), errors = await by_ids(at, [id])
            nulls += node is None and not errors
        # A block that lost its serial goes by another id, and there is nothing by the one before.
        assert nulls <= len(now - before)
