"""Records that are read by calls of their own: one whose answer is another record's costs itself.

Which calls are one record's own is found by asking: what is asked for the first record alone and
not for the second one. That answer is then exchanged for the second one's, as by a registry, or a
cache before it, that mixes its pages up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.catalogue import adapters
from gateway.model.entity import Entity
from tests.conformance.desk import REGISTRIES, some, world
from tests.conformance.ways import ROOTS, Gate, Told, anything, gate

LISTS = [
    pytest.param(registry, entity, id=f"{registry} {entity.value}s")
    for registry in REGISTRIES
    for entity, collection in adapters()[registry].collections.items()
    # Gold Standard is searched for a key: which rows a search finds is the registry's to say.
    if collection.by_keys and registry != "gold-standard"
]
# Kinds of which each record is asked for by itself, also among a few.
APART = {
    ("acr", Entity.PROJECT),
    ("acr", Entity.UNIT),
    ("art", Entity.PROJECT),
    ("art", Entity.UNIT),
    ("biocarbon", Entity.PROJECT),
    ("cad-trust", Entity.ISSUANCE),
    ("cad-trust-v2", Entity.ISSUANCE),
    ("cad-trust-v2", Entity.UNIT),
    ("car", Entity.PROJECT),
    ("cercarbono", Entity.PROJECT),
    ("core-registry", Entity.ISSUANCE),
    ("ecoregistry", Entity.PROJECT),
    ("example-national-rest", Entity.PROJECT),
    ("example-national-rest", Entity.UNIT),
    ("social-carbon", Entity.PROJECT),
    ("social-carbon", Entity.ISSUANCE),
    ("social-carbon", Entity.UNIT),
}
# Of these the registry tells elsewhere what the odd answer did not.
ELSEWHERE = {
    ("acr", Entity.UNIT),
    ("art", Entity.UNIT),
    ("cad-trust", Entity.ISSUANCE),
    ("cad-trust-v2", Entity.UNIT),
    ("core-registry", Entity.ISSUANCE),
}

_OF_WIRE = ("content-length", "content-encoding", "transfer-encoding", "date", "server")

Asked = tuple[str, str, bytes]
Answered = tuple[int, dict[str, str], bytes]


class Exchanged:
    """A registry that answers some questions with what others are answered with."""

    def __init__(self, instead: dict[Asked, Answered] | None = None) -> None:
        self.seen: dict[Asked, Answered] = {}
        self.hits = 0
        self._instead = instead or {}

    def wire(self) -> Any:
        @web.middleware
        async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
            asked = (request.method, request.raw_path, await request.read())
            other = self._instead.get(asked)
            if other is not None:
                self.hits += 1
                status, headers, body = other
                return web.Response(status=status, headers=headers, body=body)
            response = await handler(request)
            if isinstance(response, web.Response):
                body = response.body if isinstance(response.body, bytes) else b""
                headers = {n: v for n, v in response.headers.items() if n.lower() not in _OF_WIRE}
                self.seen[asked] = (response.status, headers, body)
            return response

        return trap


async def asked(registry: str, ids: Sequence[str], instead: Any = None) -> tuple[Told, Exchanged]:
    """The answer for these ids, by a gateway that knows nothing yet."""
    wire = Exchanged(instead)
    async with gate(world(), registry, trouble=wire.wire()) as at:
        query = f"query N($ids: [ID!]!) {{ nodes(ids: $ids) {anything()} }}"
        return await at.answer(query, ids=list(ids)), wire


async def ids_of(at: Gate, entity: Entity) -> list[str]:
    query = f"{{ found: {ROOTS[entity]}(first: 500) {{ nodes {{ id }} }} }}"
    found = (await at.ask(query))["found"]["nodes"]
    return list(dict.fromkeys(node["id"] for node in found))


@pytest.mark.parametrize(("registry", "entity"), LISTS)
async def test_the_answer_of_another_record_costs_the_one_that_was_asked_for(
    registry: str, entity: Entity
) -> None:
    async with gate(world(), registry) as at:
        ids = some(await ids_of(at, entity), 3)
    first, second, _ = ids
    _, one = await asked(registry, [first])
    _, other = await asked(registry, [second])
    own = [call for call in one.seen if call not in other.seen]
    others = [call for call in other.seen if call not in one.seen]
    instead = {mine: other.seen[its] for mine, its in zip(own, others, strict=False)}
    sound, _ = await asked(registry, ids)
    answer, wire = await asked(registry, ids, instead)
    assert bool(wire.hits) == ((registry, entity) in APART)
    expected = sound["data"]["nodes"]
    if not wire.hits or (registry, entity) in ELSEWHERE:
        assert answer["data"]["nodes"] == expected
        assert "errors" not in answer
        return
    assert answer["data"]["nodes"] == [None, *expected[1:]]
    (error,) = answer["errors"]
    assert error["path"] == ["nodes", 0]
    assert error["extensions"]["code"] == "REGISTRY_INVALID_PAYLOAD"
    assert error["extensions"]["registry"] == registry
    scope = answer["extensions"]["provenance"]["statement"]["predicate"]["scope"]
    assert scope["complete"] is False
