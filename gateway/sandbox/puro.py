"""Puro's pages over the sandbox's world: JSON in pushes of script, inside HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.puro_rows import (
    CREDIT_TYPE,
    METHOD,
    Row,
    Rows,
    project_page,
    statement_link,
    usage,
)
from gateway.sandbox.world import Telling

HEAD = (
    '<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/>'
    "<title>Puro.earth | Registry</title></head><body>"
)
# Next.js pushes its stream in pieces that break anywhere, texts included.
PIECE = 3_000
# React moves texts from this length on into rows of their own.
LONG = 1_024


def application(telling: Telling) -> web.Application:
    """The three list pages."""
    rows = Rows(telling)
    lists: dict[str, Sequence[Row]] = {
        "projects": [rows.project(project) for project in telling.projects],
        "issuances": [rows.issuance(issuance) for issuance in telling.issuances],
        "retirements": [rows.retirement(unit) for unit in telling.units],
    }
    bodies = {name: page(found) for name, found in lists.items()}

    async def listed(request: web.Request) -> web.Response:
        body = bodies.get(request.match_info["list"])
        if body is None:
            return web.Response(status=404, text=f"{HEAD}</body></html>", content_type="text/html")
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    served = web.Application()
    served.router.add_get("/{list}", listed)
    return served


def page(rows: Sequence[Row]) -> bytes:
    """The page of a list."""
    stream = flight(rows)
    pushes = ["self.__next_f.push([0])"]
    for at in range(0, len(stream), PIECE):
        text = json.dumps(stream[at : at + PIECE], ensure_ascii=False)
        for mark in "<>&\u2028\u2029":
            text = text.replace(mark, f"\\u{ord(mark):04x}")
        pushes.append(f"self.__next_f.push([1,{text}])")
    scripts = "".join(f"<script>{push}</script>" for push in pushes)
    return f"{HEAD}{scripts}</body></html>".encode()


def flight(rows: Sequence[Row]) -> str:
    """The rows as React streams them: long texts apart, and a dollar sign doubled."""
    apart: list[str] = []

    def marked(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: marked(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [marked(inner) for inner in value]
        if not isinstance(value, str) or value.startswith("$D"):
            return value
        if len(value) >= LONG:
            apart.append(value)
            return f"${0x40 + len(apart) - 1:x}"
        return f"${value}" if value.startswith("$") else value

    data = json.dumps({"data": marked(list(rows))}, ensure_ascii=False, separators=(",", ":"))
    texts = "".join(
        f"{0x40 + place:x}:T{len(text.encode()):x},{text}" for place, text in enumerate(apart)
    )
    return f'1:"$Sreact.fragment"\n{texts}17:["$","$L1f",null,{data}]\n'


@web.middleware
async def _without_data(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The page as it is before its data came."""
    body = f"{HEAD}<script>self.__next_f.push([0])</script></body></html>"
    return web.Response(text=body, content_type="text/html")


@web.middleware
async def _without_last_push(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A stream that broke off between two pushes."""
    response = await handler(request)
    if isinstance(response, web.Response) and isinstance(response.body, bytes):
        response.body = response.body[: response.body.rindex(b"<script>")] + b"</body></html>"
    return response


TRAPS: Mapping[str, Middleware] = {
    "the page has no data": _without_data,
    "the stream breaks off": _without_last_push,
}

EMULATOR = Emulator(
    registry="puro",
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
                "project_link",
                "project_developer",
                "project_status",
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "project_locations.country",
                "project_locations.latitude",
                "project_locations.longitude",
                "co_benefits.co_benefit",
                "co_benefits.sdg",
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
                "verification_body",
                "unit_count",
                "vintage_year",
                "unit_serial_id",
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
                "vintage_start_date",
                "vintage_end_date",
                "unit_type",
                "unit_metric",
                "is_ex_ante",
                "unit_tags",
                "unit_status",
                "unit_status_reason",
                "unit_status_date",
                "unit_retirement_beneficiary",
                "unit_retirement_detail",
                "unit_owner",
                "unit_registry_link",
            }
        ),
    },
    told={
        Entity.PROJECT: {
            "project_link": project_page,
            # Its own methodology for the world's one.
            "methodology": lambda project: "PURO-BIOCHAR",
            "methodologies.methodology_code": lambda methodology: "PURO-BIOCHAR",
            "methodologies.methodology_name": lambda methodology: METHOD.partition(",")[0],
        },
        Entity.UNIT: {
            "unit_tags": lambda unit: CREDIT_TYPE,
            "unit_status_reason": usage,
            "unit_registry_link": statement_link,
        },
    },
    traps=TRAPS,
)
