"""A CAD Trust node of version 1.7.24 over the sandbox's world: `/v1`, read-only, fully synced."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox import cad_trust_params as params
from gateway.sandbox.cad_trust_params import Invalid, Params, Shape, validated
from gateway.sandbox.cad_trust_rows import Row, project_rows, unit_rows
from gateway.sandbox.cad_trust_says import SAYS, TOLD
from gateway.sandbox.cad_trust_store import Condition, Refused, Store, one_of
from gateway.sandbox.cad_trust_traps import MEANT, TRAPS
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Telling

HEADERS = {
    "X-Powered-By": "Express",
    "Cache-control": "no-store",
    "Access-Control-Allow-Origin": "*",
    "cw-read-only": "true",
    "x-governance-body": "false",
    "x-api-version": "1.7.24",
    "x-datamodel-version": "v1",
    "x-data-synced": "true",
    "x-sync-remaining": "0",
    "x-wallet-synced": "true",
}
Answer = Callable[[web.Request], Any]


class Node:
    """One node's lists; what it is asked wrongly it says in the real one's words."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.projects = Store("project", "warehouseProjectId", project_rows(telling))
        self.units = Store("unit", "warehouseUnitId", unit_rows(telling))

    def list_projects(self, request: web.Request) -> Any:
        asked = validated(request.query, params.PROJECTS)
        conditions = []
        if asked.lists["projectIds"]:
            conditions.append(one_of("warehouseProjectId", asked.lists["projectIds"]))
        return _listed(self.projects, params.PROJECTS, asked, conditions)

    def list_units(self, request: web.Request) -> Any:
        asked = validated(request.query, params.UNITS)
        conditions = []
        if asked.lists["marketplaceIdentifiers"]:
            wanted = asked.lists["marketplaceIdentifiers"]
            conditions.append(one_of("marketplaceIdentifier", wanted))
        if "hasMarketplaceIdentifier" in asked.switches:
            negation = "NOT " if asked.switches["hasMarketplaceIdentifier"] else ""
            conditions.append(Condition(f"marketplaceIdentifier IS {negation}NULL", ()))
        if asked.switches.get("onlyTokenizedUnits"):
            conditions.append(Condition("lower(marketplace) = 'tokenized on chia'", ()))
        return _listed(self.units, params.UNITS, asked, conditions)

    def list_organizations(self, request: web.Request) -> Any:
        return organisations(self.telling)

    def health(self, request: web.Request) -> Any:
        return {"message": "OK", "timestamp": "2026-06-30T00:00:00.000Z"}


def application(telling: Telling) -> web.Application:
    """A node that is open to everyone."""
    return make_application(telling)


def make_application(telling: Telling, api_key: str = "") -> web.Application:
    """A node that asks every request for the key, where one is given."""
    node = Node(telling)
    served = web.Application(middlewares=[express(HEADERS, api_key)])
    served.router.add_get("/health", answering(node.health))
    served.router.add_get(
        "/v1/projects", answering(node.list_projects, "Error retrieving projects")
    )
    served.router.add_get("/v1/units", answering(node.list_units, "Error retrieving units"))
    served.router.add_get("/v1/organizations", answering(node.list_organizations))
    return served


def _listed(store: Store, shape: Shape, asked: Params, more: Sequence[Condition]) -> Any:
    if shape.single in asked.texts:
        return store.rows.get(asked.texts[shape.single])
    conditions = list(more)
    organisation = asked.texts.get("orgUid", "all")
    if organisation != "all":
        conditions.append(Condition("orgUid = ?", (organisation,)))
    if "filter" in asked.texts:
        conditions.append(store.filtered(asked.texts["filter"]))
    if "search" in asked.texts:
        conditions.append(store.found_by(asked.texts["search"]))
    order = store.ordered(asked.texts.get("order", ""))
    limit = asked.limit or params.MOST
    total, rows = store.select(conditions, order, asked.page or 1, limit)
    kept = _columns(rows, store, asked.lists["columns"])
    if asked.page is None or asked.limit is None:
        return kept
    return {"page": asked.page, "pageCount": -(-total // limit), "data": kept}


def _columns(rows: list[Row], store: Store, columns: Sequence[str]) -> list[Row]:
    if not columns:
        return rows
    kept = [name for name in columns if rows and name in rows[0]] or [store.key]
    return [{name: row[name] for name in row if name in kept} for row in rows]


def organisations(telling: Telling) -> dict[str, Row]:
    """Who writes to the node, by id."""
    found = {project.org_uid for project in telling.projects if project.org_uid}
    return {uid: _organization(uid, number) for number, uid in enumerate(sorted(found))}


def _organization(uid: str, number: int) -> Row:
    return {
        "orgUid": uid,
        "orgHash": None,
        "name": f"Example Organisation {number + 1} (invented)",
        "icon": "https://organisations.example/icon.svg",
        "isHome": False,
        "subscribed": True,
        "synced": True,
        "fileStoreSubscribed": "0",
        "registryId": hashlib.sha256(uid.encode()).hexdigest(),
        "registryHash": "0x" + hashlib.sha256(uid[::-1].encode()).hexdigest(),
        "sync_remaining": 0,
        "dataModelVersionStoreId": hashlib.sha256(b"v1").hexdigest(),
        "dataModelVersionStoreHash": None,
    }


def answering(answer: Answer, trouble: str = "") -> Handler:
    """A handler that sends the answer as the node does, or what is wrong with the question."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return sent(request, answer(request))
        except Invalid as error:
            wrong = {"message": "Data Validation error", "errors": error.errors, "success": False}
        except Refused as error:
            wrong = {"message": trouble, "error": str(error), "success": False}
        return sent(request, wrong, 400)

    return handle


def sent(request: web.Request, value: Any, status: int = 200) -> web.Response:
    """JSON as Express sends it: compact, with a weak tag, 304 for one that is known."""
    body = msgspec.json.encode(value)
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest())[:27].decode()
    etag = f'W/"{len(body):x}-{digest}"'
    if status == 200 and etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers={"ETag": etag})
    return web.Response(
        body=body, status=status, content_type="application/json", charset="utf-8",
        headers={"ETag": etag},
    )  # fmt: skip


def express(headers: Mapping[str, str], api_key: str = "") -> Any:
    """The node's headers on every answer, its key asked for, and Express's page for no route."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        if api_key and request.headers.get("x-api-key") != api_key:
            response = sent(request, {"message": "CADT API key not found"}, 403)
        else:
            try:
                response = await handler(request)
            except web.HTTPException as error:
                page = f"<pre>Cannot {request.method} {request.path}</pre>"
                text = f'<!DOCTYPE html>\n<html lang="en">\n<body>\n{page}\n</body>\n</html>\n'
                response = web.Response(status=error.status, text=text, content_type="text/html")
        response.headers.update(headers)
        return response

    return middleware


EMULATOR = Emulator(
    registry="cad-trust",
    application=application,
    says=SAYS,
    told=TOLD,
    traps=TRAPS,
    meant=MEANT,
)
