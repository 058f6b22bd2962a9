"""A national registry with UNDP's software over the sandbox's world: QueryDto, keys, SQL errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.undp_rows import Row, Rows, whole
from gateway.sandbox.world import Telling

TOKEN = "sandbox-token"  # noqa: S105  nobody's
API_KEY = "sandbox-key"


def application(telling: Telling) -> web.Application:
    """The query routes, for whoever has the token or the key."""
    lists = Rows(telling).lists

    async def query(request: web.Request) -> web.Response:
        name = request.match_info["list"]
        if not _known(request, name):
            return _told(401, "Unauthorized")
        rows = lists.get(name)
        if rows is None:
            return _told(404, f"Cannot POST {request.path}")
        asked = await request.json()
        if name.endswith("queryRetirements") and not asked.get("sort"):
            return _told(500, "Internal server error")
        try:
            found = [row for row in rows if _holds(row, asked)]
            found = _sorted(found, asked.get("sort"))
        except (KeyError, _Broken):
            # A column that is not there, or a quotation mark inside a text: SQL's error, masked.
            return _told(500, "Internal server error")
        start = asked["size"] * (asked["page"] - 1)
        answer = {"data": found[start : start + asked["size"]], "total": len(found)}
        # NestJS answers a POST with 201, whatever it was for.
        return web.json_response(answer, status=201)

    served = web.Application()
    served.router.add_post("/national/{list:.+}", query)
    return served


def _known(request: web.Request, name: str) -> bool:
    """A token opens every list, a key those of the first generation's programmes."""
    bearer = request.headers.get("Authorization") == f"Bearer {TOKEN}"
    keyed = request.headers.get("api_key") == API_KEY and name.startswith("programme/")
    return bearer or keyed


def _told(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)


def _holds(row: Row, asked: Mapping[str, Any]) -> bool:
    every, some = asked.get("filterAnd") or (), asked.get("filterOr") or ()
    return all(_is(row, one) for one in every) and (not some or any(_is(row, one) for one in some))


def _is(row: Row, entry: Mapping[str, Any]) -> bool:
    value, wanted = row[entry["key"]], _unquoted(entry["value"])
    if isinstance(wanted, int) and isinstance(value, str):
        value = int(value)
    if isinstance(wanted, list):
        wanted = [str(one) for one in wanted]
    tests: dict[str, Callable[[], bool]] = {
        "=": lambda: str(value) == str(wanted),
        "!=": lambda: value is not None and str(value) != str(wanted),
        ">": lambda: value is not None and value > wanted,
        "<": lambda: value is not None and value < wanted,
        "in": lambda: str(value) in wanted,
        "like": lambda: _like(str(value), str(wanted)),
    }
    return tests[entry["operation"]]()


class _Broken(Exception):
    """The statement cannot be parsed."""


def _unquoted(wanted: Any) -> Any:
    """What SQL reads of a text that was put between quotation marks as it came."""
    if isinstance(wanted, list):
        return [_unquoted(one) for one in wanted]
    if not isinstance(wanted, str):
        return wanted
    if "'" in wanted.replace("''", ""):
        raise _Broken
    return wanted.replace("''", "'")


def _like(value: str, pattern: str) -> bool:
    """SQL's: per cent signs are anything, and case counts."""
    first, *parts = pattern.split("%")
    if not parts:
        return value == first
    at = len(first) if value.startswith(first) else -1
    for part in parts[:-1]:
        found = value.find(part, at) if at >= 0 else -1
        at = found + len(part) if found >= 0 else -1
    return at >= 0 and value[at:].endswith(parts[-1])


def _sorted(rows: Sequence[Row], order: Mapping[str, Any] | None) -> list[Row]:
    """Without an order, PostgreSQL gives rows as they come; here, backwards."""
    if not order:
        return list(reversed(rows))
    name, descending = order["key"], order["order"] == "DESC"
    known = sorted(
        (row for row in rows if row[name] is not None),
        key=lambda row: row[name],
        reverse=descending,
    )
    return known + [row for row in rows if row[name] is None]


def _asking(change: Callable[[Row], None]) -> Middleware:
    """The registry answers another question than the one asked."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = await request.json()
        change(asked)
        # aiohttp keeps a body once read in this attribute, and gives it to the handler.
        request._read_bytes = json.dumps(asked).encode()
        return await handler(request)

    return trap


def _no_filters(asked: Row) -> None:
    asked["filterAnd"] = []


def _small_pages(asked: Row) -> None:
    asked["size"] = min(10, asked["size"])


def _first_page(asked: Row) -> None:
    asked["page"] = 1


@web.middleware
async def expired(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The token has ended."""
    return _told(401, "Unauthorized")


@web.middleware
async def error_inside(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An error comes with a good status."""
    return web.json_response({"statusCode": 500, "message": "Internal server error"}, status=201)


TRAPS: Mapping[str, Middleware] = {
    "filters are ignored": _asking(_no_filters),
    "pages are smaller than asked": _asking(_small_pages),
    "the first page comes for every page": _asking(_first_page),
    "the token has ended": expired,
    "an error comes with status 201": error_inside,
}

EMULATOR = Emulator(
    registry="undp",
    application=application,
    says={
        Entity.PROJECT: frozenset(
            {
                "cad_trust_project_id",
                "project_id",
                "origin_project_id",
                "project_name",
                "project_developer",
                "sector",
                "project_type",
                "project_status",
                "project_status_date",
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "updated_at",
                "project_locations.country",
                "project_locations.in_country_region",
                "estimations.crediting_period_start",
                "estimations.crediting_period_end",
                "estimations.unit_count",
                "estimations.is_annual",
            }
        ),
        Entity.UNIT: frozenset(
            {
                "project_key",
                "unit_serial_id",
                "unit_block_start",
                "unit_block_end",
                "unit_count",
                "vintage_year",
                "unit_metric",
                "is_ex_ante",
                "unit_status",
                "unit_status_date",
                "unit_retirement_detail",
                "unit_owner",
            }
        ),
    },
    told={
        Entity.PROJECT: {
            "estimations.unit_count": whole,
            "estimations.is_annual": lambda estimation: False,
        }
    },
    traps=TRAPS,
    refusals=REFUSALS["undp"],
    credential=TOKEN,
    options={"account": "government"},
)
