"""A platform with a few plain rows that a test may change between two calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

Row = dict[str, Any]


def row(number: int, **columns: Any) -> Row:
    """A row with the two columns that every row has."""
    return {"entityId": number, "projectId": columns.pop("projectId", 1), **columns}


@dataclass
class Shelf:
    """`rows` by ledger; `twist` may change an answer before it is sent."""

    rows: dict[str, list[Row]]
    twist: Callable[[dict[str, Any]], None] = lambda answer: None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/raas-report-api/es/public/{ledger}/{verb}", self.search)
        return app

    async def search(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read(), type=dict[str, Any])["searchFilter"]
        self.asked.append(body)
        found = self.rows.get(request.match_info["ledger"], [])
        for column, model in body["filterModel"].items():
            condition = model["columnFilters"][0]
            wanted = condition.get("strList") or [condition["filter"]]
            found = [one for one in found if str(one.get(column)) in wanted]
        start, limit = body["pagination"]["start"], body["pagination"]["limit"]
        if start > 10_000:
            return web.Response(status=500)
        answer = {
            "entities": found[start : start + limit],
            "totalEntities": len(found),
            "start": start,
            "limit": limit,
        }
        self.twist(answer)
        return web.json_response(answer)
