"""Gold Standard's lists over the sandbox's world: bare arrays, clamped pages, totals in headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aiohttp import web

from gateway.harmonise.table import fold
from gateway.model.entity import Entity
from gateway.sandbox.asked import number
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.gold_standard_rows import Row, Rows, methodology_title
from gateway.sandbox.gold_standard_traps import TRAPS, blocked
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.world import Telling

PROJECT_SIZE = 150
CREDIT_SIZE = 25
DEFAULT_SIZE = 25
_SEARCHED = ("name", "description", "project_developer")


class Lists:
    """The registry's two lists, newest row first, each row with the text that searches see."""

    def __init__(self, telling: Telling) -> None:
        rows = Rows(telling)
        self.projects = _newest_first(
            (row, _text(row)) for row in map(rows.project, telling.projects)
        )
        self.credits = _newest_first(
            (row, f"{fold(row['serial_number'])} {_text(row['project'])}")
            for row in map(rows.credit, telling.units)
        )

    async def list_projects(self, request: web.Request) -> web.Response:
        size = min(max(1, number(request.query.get("size"), DEFAULT_SIZE)), PROJECT_SIZE)
        found = _narrowed(request, self.projects, lambda row: row["country_code"])
        return _listed(request, found, size)

    async def list_credits(self, request: web.Request) -> web.Response:
        size = max(1, number(request.query.get("size"), DEFAULT_SIZE))
        if size > CREDIT_SIZE:
            return blocked()
        found = _narrowed(request, self.credits, lambda row: row["project"]["country_code"])
        if request.query.get("issuances") == "false":
            found = [row for row in found if row["status"] == "RETIRED"]
        amount = sum(row["number_of_credits"] for row in found)
        return _listed(request, found, size, {"X-Total-Number-Of-Credits": str(amount)})

    async def one_project(self, request: web.Request) -> web.Response:
        return _one(self.projects, request.match_info["id"])

    async def one_credit(self, request: web.Request) -> web.Response:
        return _one(self.credits, request.match_info["id"])


Indexed = tuple[Row, str]


def application(telling: Telling) -> web.Application:
    """The registry's public interface; clients without a User-Agent meet its CDN."""
    lists = Lists(telling)
    served = web.Application(middlewares=[_known_clients])
    served.router.add_get("/projects", lists.list_projects)
    served.router.add_get("/projects/{id}", lists.one_project)
    served.router.add_get("/credits", lists.list_credits)
    served.router.add_get("/credits/{id}", lists.one_credit)
    return served


@web.middleware
async def _known_clients(request: web.Request, handler: Any) -> web.StreamResponse:
    if not request.headers.get("User-Agent"):
        return blocked()
    answer: web.StreamResponse = await handler(request)
    return answer


def _newest_first(rows: Iterable[Indexed]) -> list[Indexed]:
    return sorted(rows, key=lambda indexed: -int(indexed[0]["id"]))


def _text(project: Row) -> str:
    told = " ".join(str(project[name]) for name in _SEARCHED)
    return fold(f"GS{project['sustaincert_id']} {told}")


def _narrowed(
    request: web.Request, rows: Sequence[Indexed], country: Callable[[Row], str]
) -> list[Row]:
    query = fold(request.query.get("query", ""))
    countries = [code for code in request.query.get("countries", "").split(",") if code]
    return [
        row for row, text in rows if query in text and (not countries or country(row) in countries)
    ]


def _listed(
    request: web.Request, rows: Sequence[Row], size: int, headers: dict[str, str] | None = None
) -> web.Response:
    start = (max(1, number(request.query.get("page"), 1)) - 1) * size
    body = json.dumps(rows[start : start + size], ensure_ascii=False).encode()
    totals = {"X-Total-Count": str(len(rows)), **(headers or {})}
    return web.Response(body=body, content_type="application/json", headers=totals)


def _one(rows: Sequence[Indexed], key: str) -> web.Response:
    for row, _ in rows:
        if row["id"] == key:
            return web.json_response(row)
    return web.json_response({"message": "Not Found"}, status=404)


EMULATOR = Emulator(
    registry="gold-standard",
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
                "project_link",
                "project_developer",
                "sector",
                "project_type",
                "project_status",
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "methodologies.methodology_version",
                "updated_at",
                "project_locations.country",
                "project_locations.latitude",
                "project_locations.longitude",
                "co_benefits.co_benefit",
                "co_benefits.sdg",
                "estimations.crediting_period_start",
                "estimations.crediting_period_end",
                "estimations.unit_count",
                "estimations.is_annual",
                "related_projects.related_project_id",
                "related_projects.relationship_type",
                "related_projects.related_registry",
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
                "unit_status_reason",
                "unit_retirement_detail",
                "unit_registry_link",
                "updated_at",
                "labels.label",
                "labels.label_type",
            }
        ),
    },
    told={
        Entity.PROJECT: {
            # Heat from biogas is counted to several sectors, and the type says no more.
            "sector": lambda project: None if project.project_type == "Biogas" else project.sector,
            "methodologies.methodology_name": methodology_title,
            "related_projects.related_registry": lambda related: "gold-standard",
        }
    },
    by_key={Entity.ISSUANCE: frozenset({"unit_count"})},
    traps=TRAPS,
    refusals=REFUSALS["gold-standard"],
)
