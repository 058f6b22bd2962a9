"""Isometric's public GraphQL over the sandbox's world: cursors, kilograms, errors with 200."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware
from graphql import DocumentNode, GraphQLError, build_schema, execute_sync, parse, validate

from gateway.model.entity import Entity
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.isometric_rows import PATHWAY, Row, Rows
from gateway.sandbox.isometric_sdl import SDL
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.rewriting import rewriting
from gateway.sandbox.world import Telling

CAP = 100


class Root:
    """The query type's resolvers."""

    def __init__(self, telling: Telling) -> None:
        rows = Rows(telling)
        self._projects = [rows.project(project) for project in telling.projects]
        self._issuances = [rows.issuance(issuance) for issuance in telling.issuances]

    def projects(
        self,
        info: Any,
        first: int | None = None,
        after: str | None = None,
        filter: Mapping[str, Any] | None = None,
    ) -> Row:
        """Projects of the wanted statuses."""
        wanted = (filter or {}).get("statusIn")
        found = [row for row in self._projects if wanted is None or row["status"] in wanted]
        return _connection(found, first, after)

    def issuances(
        self,
        info: Any,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
    ) -> Row:
        """Issuances; `last` must be there although `first` is."""
        if last is None:
            raise GraphQLError("Argument 'last' is required.")
        return _connection(self._issuances, first, after)


def _connection(rows: Sequence[Row], first: int | None, after: str | None) -> Row:
    if first is None or not 0 < first <= CAP:
        raise GraphQLError(f"Argument 'first' must be from 1 to {CAP}.")
    start = _offset(after)
    end = start + first
    return {
        "nodes": rows[start:end],
        "pageInfo": {
            "hasNextPage": end < len(rows),
            "endCursor": _cursor(min(end, len(rows))) if rows else None,
        },
        "totalCount": len(rows),
    }


def _cursor(offset: int) -> str:
    return base64.b64encode(f"offset:{offset}".encode()).decode()


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("offset:"))
    except ValueError:
        raise GraphQLError("Invalid cursor.") from None


def application(telling: Telling) -> web.Application:
    """The GraphQL endpoint at the root."""
    schema, root = build_schema(SDL), Root(telling)

    @lru_cache(maxsize=64)
    def read(query: str) -> DocumentNode | list[GraphQLError]:
        """The document, or what is wrong with it. Clients send the same few again and again."""
        try:
            document = parse(query)
        except GraphQLError as error:
            return [error]
        return validate(schema, document) or document

    async def answer(request: web.Request) -> web.Response:
        if not request.headers.get("User-Agent"):
            return web.Response(status=403, text="Forbidden")
        asked = await request.json()
        document = read(asked["query"])
        if isinstance(document, list):
            return web.json_response({"data": None, "errors": [e.formatted for e in document]})
        result = execute_sync(
            schema,
            document,
            root,
            variable_values=asked.get("variables"),
            operation_name=asked.get("operationName"),
        )
        return web.json_response(result.formatted)

    served = web.Application()
    served.router.add_post("/", answer)
    return served


def _rewriting(change: Callable[[Row], None]) -> Middleware:
    """Changes every connection that has come."""

    def changed(document: Row) -> Row:
        for connection in document["data"].values():
            change(connection)
        return document

    return rewriting(lambda document: "data" in document, changed)


def _failed(document: Row) -> Row:
    return document | {"errors": [{"message": "Internal server error"}]}


def _lose_a_node(connection: Row) -> None:
    del connection["nodes"][:1]


def _stand_still(connection: Row) -> None:
    connection["pageInfo"]["hasNextPage"] = True


TRAPS: Mapping[str, Middleware] = {
    "an error comes with status 200": rewriting(lambda document: True, _failed),
    "a node is missing": _rewriting(_lose_a_node),
    "the pages never end": _rewriting(_stand_still),
}

EMULATOR = Emulator(
    registry="isometric",
    application=application,
    says={
        Entity.PROJECT: frozenset(
            {
                "current_registry",
                "project_id",
                "origin_project_id",
                "registry_of_origin",
                "program",
                "project_name",
                "project_description",
                "project_developer",
                "project_subtype",
                "project_status",
                "unit_metric",
                "validation_date",
                "project_locations.country",
                "project_locations.in_country_region",
                "estimations.crediting_period_start",
                "estimations.crediting_period_end",
            }
        ),
        Entity.ISSUANCE: frozenset(
            {
                "project_key",
                "issuance_id",
                "issuance_date",
                "issuance_start_date",
                "issuance_end_date",
                "unit_count",
                "vintage_year",
            }
        ),
        Entity.UNIT: frozenset(
            {
                "project_key",
                "issuance_key",
                "unit_serial_id",
                "unit_block_start",
                "unit_block_end",
                "unit_count",
                "vintage_year",
                "unit_type",
                "unit_metric",
                "is_ex_ante",
                "unit_status",
                "labels.label",
                "labels.label_type",
            }
        ),
    },
    told={Entity.PROJECT: {"project_subtype": lambda project: PATHWAY["name"]}},
    traps=TRAPS,
    refusals=REFUSALS["isometric"],
)
