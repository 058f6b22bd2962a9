"""Serves rows as the S&P Global registry platform does, with its silent misses.

It answers 500 without the identity headers, nothing for a standard that it does not know, the
whole ledger for filter types that it does not know, an order that changes from call to call
unless `entityId` is sorted by, 500 beyond 400 rows or the window, and its front end's page with
status 200 for any other path.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from gateway.sandbox.sp_rows import Hand, Ledgers, Row, write
from gateway.sandbox.world import Telling

BASE_PATH = "/ci-raas-prod"
APPKEY = "sandbox-public-client-key"
MOST_ROWS = 400
WINDOW = 10_000
IDENTITY = ("registry", "standardid", "standardacronym", "language", "application")
PAGE = "<!DOCTYPE html><html><head><title>Registry</title></head><body></body></html>"
_SORTS = frozenset(
    ("projectName.keyword", "modifiedDate", "retiredDate", "cancellation_date", "issueDate")
)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant: its `registry` header, and how it fills the rows."""

    registry: str
    hand: Hand


class Refused(Exception):
    """What the platform answers with a plain 500."""


def application(tenant: Tenant, telling: Telling) -> web.Application:
    """The tenant's part of the platform, over what it tells of the world."""
    server = _Server(tenant, write(telling, tenant.hand), random.Random(telling.registry))
    app = web.Application()
    base = f"{BASE_PATH}/raas-report-api/es/public/{{ledger}}"
    app.router.add_post(f"{base}/publicReportPageSearch", server.guarded(server.search))
    app.router.add_post(f"{base}/aggregateResultBySearchFilter", server.guarded(server.sums))
    app.router.add_post(f"{base}/publicProjectsSum", server.guarded(server.count))
    standards = f"{BASE_PATH}/cms-resources/public/standardsByRegistry/{{registry}}"
    app.router.add_get(standards, server.standards)
    app.router.add_get("/config/environment.config.json", server.configuration)
    app.router.add_route("*", "/{anything:.*}", _front_end)
    return app


class _Server:
    def __init__(self, tenant: Tenant, ledgers: Ledgers, chance: random.Random) -> None:
        self._tenant = tenant
        self._rows = ledgers
        self._chance = chance

    def guarded(self, handler: _Handler) -> _Handler:
        """The same behind the check of the identity headers."""

        async def guard(request: web.Request) -> web.StreamResponse:
            named = all(request.headers.get(name) for name in IDENTITY)
            if not named or request.headers.get("appkey") != APPKEY:
                return _failed()
            if request.headers["registry"] != self._tenant.registry:
                return _failed()
            try:
                return await handler(request)
            except (Refused, msgspec.DecodeError, KeyError, TypeError, ValueError):
                return _failed()

        return guard

    async def search(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        pagination = asked["pagination"]
        start, limit = int(pagination["start"]), int(pagination["limit"])
        if not 0 <= start <= WINDOW or not 0 < limit <= MOST_ROWS:
            raise Refused
        rows = self._sorted(self._matching(request, asked), pagination.get("sortOptions") or ())
        page = rows[start : start + limit]
        return web.json_response(
            {
                "entities": page,
                "totalPages": -(-len(rows) // limit),
                "totalEntities": len(rows),
                "start": start,
                "limit": limit,
                "numberOfElements": len(page),
                "first": False,
                "last": False,
                "pageStats": None,
                "searchAfter": None,
                "pitId": None,
            }
        )

    async def sums(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        if asked.get("groupKeys"):
            raise Refused
        column = asked["statsSumByField"]
        total = sum(row[column] or 0 for row in self._matching(request, asked))
        return web.json_response({"average": 0, "sum": total, "total": 0, "additionalTotals": None})

    async def count(self, request: web.Request) -> web.Response:
        rows = self._matching(request, await _asked(request))
        return web.json_response(
            {"average": 0, "sum": 0, "total": len(rows), "additionalTotals": None}
        )

    async def standards(self, request: web.Request) -> web.Response:
        if request.match_info["registry"] != self._tenant.registry:
            return web.json_response([])
        shown = dict.fromkeys(
            ("ACCOUNTS", "ASSIGNMENTS", "NOT_DELIVERED", "BUFFERS"), False
        ) | dict.fromkeys(
            ("PROJECTS", "ISSUANCES_LISTINGS", "HOLDINGS", "RETIREMENTS", "CANCELLATIONS"), True
        )
        return web.json_response(
            [
                {
                    "id": str(standard.id),
                    "name": standard.name,
                    "entityName": None,
                    "metaData": standard.acronym,
                    "publicReportExport": shown,
                }
                for standard in self._tenant.hand.standards
            ]
        )

    async def configuration(self, request: web.Request) -> web.Response:
        base = f"{request.scheme}://{request.host}"
        return web.json_response(
            {
                "uris": {"baseUri": base, "raasUri": f"{base}{BASE_PATH}"},
                "headers": {"appkey": APPKEY, "application": "Markit"},
            }
        )

    def _matching(self, request: web.Request, asked: Mapping[str, Any]) -> list[Row]:
        rows = self._rows.get(request.match_info["ledger"])
        if rows is None:
            raise Refused
        chosen = request.headers["standardid"]
        found = [row for row in rows if str(row["standardId"]) == chosen]
        for column, model in asked.get("filterModel", {}).items():
            for condition in model["columnFilters"]:
                wanted = _wanted(condition)
                if wanted is not None and rows and column in rows[0]:
                    found = [row for row in found if _text(row[column]) in wanted]
        return found

    def _sorted(self, rows: list[Row], options: Sequence[Mapping[str, str]]) -> list[Row]:
        rows = list(rows)
        self._chance.shuffle(rows)
        for option in reversed(options):
            name = option["sort"]
            if name != "entityId" and name not in _SORTS:
                raise Refused
            column = name.removesuffix(".keyword")
            rows.sort(
                key=lambda row: "" if row.get(column) is None else row[column],
                reverse=option.get("dir") == "DESC",
            )
        return rows


async def _asked(request: web.Request) -> Mapping[str, Any]:
    body = msgspec.json.decode(await request.read(), type=dict[str, Any])
    found: Mapping[str, Any] = body["searchFilter"]
    return found


def _wanted(condition: Mapping[str, Any]) -> set[str] | None:
    """The texts that a condition accepts; None for a type that the platform ignores."""
    kind = (condition["filterType"], condition["type"])
    if kind == ("Text", "in"):
        return set(condition["strList"])
    if kind in (("Text", "equals"), ("Number", "equals"), ("Boolean", "equals")):
        return {str(condition["filter"])}
    return set() if kind == ("Number", "inRange") else None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _failed() -> web.Response:
    return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")


async def _front_end(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")
