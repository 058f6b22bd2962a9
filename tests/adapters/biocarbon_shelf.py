"""BioCarbon's emulator, and a shelf of rows that answers as its lists do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.biocarbon import adapter
from adapters.contract import Page
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.sandbox.biocarbon import BASE, KEY, application
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

TOLD = make().told_by("biocarbon")
UNIT = Question(Entity.UNIT)
Row = dict[str, Any]


@asynccontextmanager
async def registry(
    trap: Middleware | None = None, telling: Telling = TOLD, **options: str
) -> AsyncIterator[LoopbackSource]:
    served = application(telling)
    if trap:
        served.middlewares.insert(0, trap)
    headers = {"x-api-key": KEY}
    async with loopback(
        served, "biocarbon", base_path=BASE, headers=headers, options=options
    ) as source:
        yield source


async def pages(source: LoopbackSource, question: Question, token: str | None = None) -> list[Page]:
    return [page async for page in adapter.pages(source, question, token)]


async def records(source: LoopbackSource, question: Question) -> list[Any]:
    return [record for page in await pages(source, question) for record in page.records]


def keys(found: list[Any]) -> list[str]:
    return [record.key for record in found]


def block(serial: str, **columns: Any) -> Row:
    return {
        "serial": serial,
        "amount": "10",
        "active": "10",
        "dropouts": "0",
        "initiative_id": 7,
        "project_id": "BCR-CO-9999-14-001",
        **columns,
    }


def retreat(number: int, **columns: Any) -> Row:
    serial = f"BCR-CO-9999-14-001-2-2101-2112-{number:07d}-{number:07d}"
    return {"serial": serial, "sold": "1", "initiative_id": 7, **columns}


@dataclass
class Shelf:
    """A registry with a few plain rows that a test may change between two calls."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: dict[int, list[Row]] = field(default_factory=dict)
    drop: dict[int, int] = field(default_factory=dict)
    answer: Any = None

    def application(self) -> web.Application:
        served = web.Application()
        served.router.add_get("/{path:.*}", self.read)
        return served

    async def read(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        call = len(self.asked)
        if self.answer is not None:
            return web.json_response(self.answer)
        path = request.match_info["path"]
        rows = self.rows.setdefault(path, [])
        if path.endswith("cancellations"):
            return web.json_response({"status": 200, "data": rows})
        rows[:0] = self.before.get(call, [])
        del rows[: self.drop.get(call, 0)]
        size, page = int(request.query["per_page"]), int(request.query["page"])
        return web.json_response(
            {
                "current_page": page,
                "data": rows[(page - 1) * size : page * size],
                "last_page": max(1, -(-len(rows) // size)),
                "per_page": size,
                "total": len(rows),
            }
        )


@asynccontextmanager
async def shelf(served: Shelf, **options: str) -> AsyncIterator[LoopbackSource]:
    async with loopback(served.application(), "biocarbon", options=options) as source:
        yield source
