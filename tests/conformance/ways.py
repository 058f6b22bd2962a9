"""One registry behind the whole gateway, and every way to ask it for the same record.

What is selected comes from the schema itself: every field of a record and of the rows that hang
from it, but for the edges to other records and for where the record came from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from graphql import GraphQLObjectType, GraphQLOutputType, get_named_type, is_leaf_type

from gateway.app import create_app
from gateway.assemble import assemble
from gateway.config import LimitSettings, Settings
from gateway.model.entity import Entity
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.strict import load_json
from gateway.sandbox.runner import Sandbox
from gateway.sandbox.world import World
from gateway.schema.build import core_schema

Told = dict[str, Any]

TYPES = {Entity.PROJECT: "Project", Entity.ISSUANCE: "Issuance", Entity.UNIT: "Unit"}
ROOTS = {Entity.PROJECT: "projects", Entity.ISSUANCE: "issuances", Entity.UNIT: "units"}
ENUMS = {
    Entity.PROJECT: "ProjectOrderField",
    Entity.ISSUANCE: "IssuanceOrderField",
    Entity.UNIT: "UnitOrderField",
}
# A filter by which a record names itself.
OWN = {
    Entity.PROJECT: "projectId",
    Entity.ISSUANCE: "issuanceId",
    Entity.UNIT: "unitSerialId",
}
PROVENANCE = "provenance { notRead }"
COVERAGE = "coverage { outcome complete message notRead warnings }"
# Wide enough for one question to hold many; what a client may ask is tested elsewhere.
LIMITS = LimitSettings(
    document_chars=1_000_000,
    tokens=100_000,
    aliases=1_000,
    root_fields=1_000,
    cost=100_000_000,
    calls_per_registry=1_000,
)


@cache
def selection(name: str) -> str:
    """Every field of the type that is the record's own, as a selection set."""
    return f"{{ {' '.join(_fields(core_schema().type_map[name]))} }}"


def _fields(kind: Any) -> Iterator[str]:
    for name, declared in kind.fields.items():
        inner = get_named_type(declared.type)
        if is_leaf_type(inner):
            yield name
        elif not declared.args and _is_row(inner):
            yield f"{name} {selection(inner.name)}"


def _is_row(kind: GraphQLOutputType) -> bool:
    """Whether the type is a plain row: no record, and nothing that leads to one."""
    if not isinstance(kind, GraphQLObjectType) or kind.name in _NO_ROWS:
        return False
    return all(
        is_leaf_type(inner) or _is_row(inner)
        for declared in kind.fields.values()
        for inner in [get_named_type(declared.type)]
    )


_NO_ROWS = frozenset((*TYPES.values(), "NodeProvenance", "RegistryCoverage", "SameAsLinks"))


def own(entity: Entity) -> str:
    """The record's own fields, and which of them were not read."""
    return f"{{ ...{TYPES[entity]}Own }}"


def anything() -> str:
    """The same for a Node of any kind."""
    return "{ id ...ProjectOwn ...IssuanceOwn ...UnitOwn }"


@cache
def _fragments() -> dict[str, str]:
    return {
        f"{name}Own": f"fragment {name}Own on {name} {{ {selection(name)[1:-1]} {PROVENANCE} }}"
        for name in TYPES.values()
    }


def _document(query: str) -> str:
    """The query with the fragments that it spreads."""
    return " ".join([query, *(f for name, f in _fragments().items() if f"...{name}" in query)])


@dataclass(slots=True)
class Seen:
    """What was told of the records, by id and by the way they were asked."""

    rows: dict[str, dict[str, Told]] = field(default_factory=dict)

    def add(self, way: str, rows: Sequence[Told | None]) -> None:
        for row in rows:
            if row is not None:
                self.rows.setdefault(row["id"], {})[way] = row


@dataclass(slots=True)
class Gate:
    """The gateway over one emulated registry, or over some of them."""

    http: httpx.AsyncClient

    async def answer(self, query: str, **variables: Any) -> Told:
        """The whole answer, errors too."""
        asked = {"query": _document(query), "variables": variables}
        response = await self.http.post("/graphql", json=asked)
        body: Told = load_json(response.content)
        return body

    async def ask(self, query: str, **variables: Any) -> Told:
        """The data; an error is a failure."""
        body = await self.answer(query, **variables)
        assert "errors" not in body, (query[:400], body["errors"][:2])
        data: Told = body["data"]
        return data

    async def page(self, entity: Entity, **variables: Any) -> Told:
        """One page of a root list."""
        kind = TYPES[entity]
        query = (
            f"query P($first: Int! = 500, $after: String, $orderBy: {kind}Order, "
            f"$where: {kind}Where) {{ found: {ROOTS[entity]}(first: $first, after: $after, "
            f"orderBy: $orderBy, where: $where) {{ nodes {own(entity)} {COVERAGE} "
            "pageInfo { hasNextPage endCursor } } }"
        )
        found: Told = (await self.ask(query, **variables))["found"]
        return found

    async def walk(self, entity: Entity, pages: int = 1_000, **variables: Any) -> list[Told]:
        """The rows of so many pages, each page's coverage held to what its rows say."""
        rows: list[Told] = []
        for _ in range(pages):
            found = await self.page(entity, **variables)
            assert_told(found)
            rows += found["nodes"]
            variables["after"] = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
        return rows

    async def nodes(self, ids: Sequence[str]) -> list[Told | None]:
        """The records of the ids, in one question."""
        query = f"query N($ids: [ID!]!) {{ nodes(ids: $ids) {anything()} }}"
        found: list[Told | None] = (await self.ask(query, ids=list(ids)))["nodes"]
        return found

    async def node(self, id: str) -> Told | None:
        """One record by its id."""
        query = f"query N($id: ID!) {{ node(id: $id) {anything()} }}"
        found: Told | None = (await self.ask(query, id=id))["node"]
        return found

    async def lookup(self, scheme: str, value: str) -> list[Told | None]:
        """The records that an identifier names."""
        query = (
            f"query L($s: String!, $v: String!) {{ lookup(scheme: $s, value: $v) {anything()} }}"
        )
        found: list[Told | None] = (await self.ask(query, s=scheme, v=value))["lookup"]
        return found


def assert_told(connection: Told) -> None:
    """The coverage of a page names every field that was not read for one of its rows."""
    rows = {name for row in connection["nodes"] for name in row["provenance"]["notRead"]}
    told = {name for row in connection["coverage"] for name in row["notRead"]}
    assert rows <= told, (rows, told)


def orders(entity: Entity) -> list[str]:
    """The fields by which the kind of record can be sorted."""
    kind: Any = core_schema().type_map[ENUMS[entity]]
    return sorted(kind.values)


@asynccontextmanager
async def gate(world: World, *only: str, trouble: Any = None) -> AsyncIterator[Gate]:
    """The gateway over these registries' emulators, which have this trouble."""
    async with Sandbox(world, only=only) as sandbox:
        for registry in only if trouble is not None else ():
            sandbox.fail(registry, trouble)
        settings = Settings(registries=sandbox.settings(), only=only, limits=LIMITS)
        gateway = assemble(settings, signer=throw_away_signer())
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(gateway)),
            base_url=gateway.settings.server.origin,
            timeout=60,
        )
        try:
            yield Gate(http)
        finally:
            await http.aclose()
            await gateway.close()
