"""Social Carbon's registry over the sandbox's world: Bubble's Data API and its habits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.sandbox import kinds
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.rewriting import asking, deaf, rewriting, rewritten
from gateway.sandbox.social_carbon_rows import Row, Rows, notes, reason
from gateway.sandbox.world import Telling

MOST = 100
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda value, wanted: bool(value == wanted),
    "not in": lambda value, wanted: value not in wanted,
}
PROJECT_TYPE = "Agriculture, forestry and other land use (AFOLU)"


def application(telling: Telling) -> web.Application:
    """Lists and single rows of the four collections."""
    lists = Rows(telling).lists
    by_id = {name: {row["_id"]: row for row in rows} for name, rows in lists.items()}

    async def listed(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind not in lists:
            return _not_found(f"Type not found {kind}")
        found = lists[kind]
        try:
            asked = json.loads(request.query.get("constraints", "[]"))
            start = int(request.query.get("cursor", "0"))
            size = min(int(request.query.get("limit", MOST)), MOST)
        except ValueError:
            return _told(400, "ERROR", "Invalid parameters")
        for constraint in asked:
            column = constraint["key"]
            if found and column not in found[0]:
                return _not_found(f"Field not found {column}")
            test = _TESTS.get(constraint["constraint_type"])
            if test is None:
                return _told(400, "ERROR", "Invalid constraint type")
            found = [row for row in found if test(row[column], constraint["value"])]
        page = found[start : start + size]
        return web.json_response(
            {
                "response": {
                    "cursor": start,
                    "results": page,
                    "count": len(page),
                    "remaining": max(0, len(found) - start - len(page)),
                }
            }
        )

    async def one(request: web.Request) -> web.Response:
        kind, key = request.match_info["kind"], request.match_info["id"]
        row = by_id.get(kind, {}).get(key)
        if row is None:
            return _told(
                404, "MISSING_DATA", f"Missing object of type {kind}: object with id {key}"
            )
        return web.json_response({"response": row})

    served = web.Application()
    served.router.add_get("/api/1.1/obj/{kind}", listed)
    served.router.add_get("/api/1.1/obj/{kind}/{id}", one)
    return served


def _not_found(message: str) -> web.Response:
    return web.json_response({"status": "NOT_FOUND", "message": message}, status=404)


def _told(status: int, code: str, message: str) -> web.Response:
    body = {"statusCode": status, "body": {"status": code, "message": message}}
    return web.json_response(body, status=status)


@web.middleware
async def one_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The first page comes again and again, in a client's name for its place."""
    asked = request.query.get("cursor")
    if asked is None:
        return await handler(request)
    response = await handler(request.clone(rel_url=request.rel_url.update_query({"cursor": "0"})))
    return rewritten(response, _is_list, lambda list_: _with(list_, cursor=int(asked)))


def _is_list(document: Row) -> bool:
    return "results" in document.get("response", {})


def _with(document: Row, **changed: Any) -> Row:
    return {"response": document["response"] | changed}


def _lose_a_row(document: Row) -> Row:
    page = document["response"]
    return _with(document, results=page["results"][1:], count=max(page["count"], 1))


@web.middleware
async def busy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The application is at its limit, and says so with status 200."""
    return web.json_response({"statusCode": 503, "body": {"status": "WORKFLOW_ERROR"}})


TRAPS: Mapping[str, Middleware] = {
    "constraints are ignored": deaf("constraints"),
    "pages are smaller than asked": asking(limit="7"),
    "the first page comes for every page": one_page,
    "a row is missing": rewriting(_is_list, _lose_a_row),
    "an error comes with status 200": busy,
}

EMULATOR = Emulator(
    registry="social-carbon",
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
                "validation_body",
                "project_locations.country",
                "project_locations.latitude",
                "project_locations.longitude",
                "co_benefits.co_benefit",
                "co_benefits.sdg",
                "estimations.crediting_period_start",
                "estimations.crediting_period_end",
                "estimations.unit_count",
                "estimations.is_annual",
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
                "labels.label",
                "labels.label_type",
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
                "unit_type",
                "unit_metric",
                "is_ex_ante",
                "unit_status",
                "unit_status_reason",
                "unit_status_date",
                "unit_retirement_beneficiary",
                "unit_retirement_detail",
                "unit_owner",
                "unit_registry_link",
                "updated_at",
            }
        ),
    },
    told={
        Entity.PROJECT: {
            "project_type": lambda project: PROJECT_TYPE,
            "methodologies.methodology_name": kinds.title,
            # JSON numbers come without the zeros at their end.
            "project_locations.latitude": lambda place: Decimal(str(float(place.latitude))),
            "project_locations.longitude": lambda place: Decimal(str(float(place.longitude))),
        },
        Entity.ISSUANCE: {
            "issuance_id": lambda issuance: issuance.unit_serial_id.rsplit("-", 2)[0]
        },
        Entity.UNIT: {"unit_status_reason": reason, "unit_retirement_detail": notes},
    },
    traps=TRAPS,
    refusals=REFUSALS["social-carbon"],
)
