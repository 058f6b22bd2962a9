"""An invented national registry with a paged interface behind a key, over the sandbox's world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.national import kept, linked, marks, method_name, named, scheme
from gateway.sandbox.refusal import REFUSALS
from gateway.sandbox.rewriting import asking, deaf, rewriting
from gateway.sandbox.world import Issuance, Project, Telling, Unit

REGISTRY = "example-national-rest"
NAME = "Example National Registry, by interface (invented)"
KEY = "no-real-secret"
MOST = 10
STATES = {
    ProjectStatus.LISTED: "APPLIED",
    ProjectStatus.REGISTERED: "IN_FORCE",
    ProjectStatus.COMPLETED: "ENDED",
}
HOLDINGS = {
    UnitStatus.HELD: "ACTIVE",
    UnitStatus.RETIRED: "SURRENDERED",
    UnitStatus.CANCELLED: "REVOKED",
}
Row = dict[str, Any]


def project_row(project: Project) -> Row:
    """A programme."""
    changed = datetime.fromisoformat(project.updated_at.replace("Z", "+00:00"))
    return {
        "code": project.project_id,
        "internal_ref": project.row_id,
        "title": {"en": project.project_name, "vi": None},
        "summary": project.project_description,
        "state": STATES[project.project_status],
        "state_since": project.project_status_date,
        "participants": [
            {"role": "HOST", "name": "Example Carbon Authority (invented)"},
            {"role": "PROPONENT", "name": project.project_developer},
        ],
        "scope": {
            "sector": project.sector,
            "activity": project.project_type,
            "methodologies": [named(method) for method in project.methodologies],
        },
        "goals": [f"SDG {goal.sdg}" for goal in project.co_benefits],
        "registered_at": project.registration_date,
        "changed_ms": int(changed.timestamp()) * 1000,
        "sites": [
            {
                "iso": place.country,
                "province": place.in_country_region,
                "lat": str(place.latitude),
                "lon": str(place.longitude),
            }
            for place in project.project_locations
        ],
    }


def issuance_row(issuance: Issuance) -> Row:
    """An issuance."""
    return {
        "number": issuance.key,
        "programme_code": issuance.project_key,
        "issued_on": issuance.issuance_date,
        "period": {"from": issuance.issuance_start_date, "to": issuance.issuance_end_date},
        "vintage": issuance.vintage_year,
        "quantity": int(issuance.unit_count),
        "serial_range": issuance.unit_serial_id,
        "verifier": issuance.verification_body,
        "marks": marks(issuance.labels),
    }


def unit_row(unit: Unit) -> Row:
    """A holding."""
    beneficiary = unit.unit_retirement_beneficiary
    return {
        "serial_range": unit.key,
        "programme_code": unit.project_key,
        "issuance_number": unit.issuance_key,
        "first": int(unit.unit_block_start),
        "last": int(unit.unit_block_end),
        "quantity": int(unit.unit_count),
        "vintage": unit.vintage_year,
        "state": HOLDINGS[unit.unit_status],
        "state_since": unit.unit_status_date,
        "purpose": unit.unit_status_reason,
        "beneficiary": {"name": beneficiary} if beneficiary else None,
        "account": {"holder": unit.unit_owner, "country": unit.country_jurisdiction_of_owner},
        "planned": unit.is_ex_ante,
        "marks": marks(unit.labels),
    }


Test = Callable[[Row, str], bool]
# Parameter -> whether a row has what it asks for; several values are parted by commas.
TESTS: Mapping[str, Test] = {
    "state": lambda row, text: row["state"] == text,
    "changed_since": lambda row, text: row["changed_ms"] >= _ms(text),
    "programme": lambda row, text: row["programme_code"] in text.split(","),
    "issuance": lambda row, text: row["issuance_number"] in text.split(","),
    "vintage": lambda row, text: str(row["vintage"]) in text.split(","),
    "vintage_from": lambda row, text: row["vintage"] >= int(text),
    "vintage_to": lambda row, text: row["vintage"] <= int(text),
    "serial": lambda row, text: row["serial_range"] == text,
}
_REPEATED = frozenset({"state"})
_PLAIN = frozenset({"page", "per_page", "detail"})


def application(telling: Telling) -> web.Application:
    """The three lists, and each programme by its code."""
    lists: dict[str, list[Row]] = {
        "programmes": [project_row(project) for project in telling.projects],
        "issuances": [issuance_row(issuance) for issuance in telling.issuances],
        "holdings": [unit_row(unit) for unit in telling.units],
    }
    by_code = {row["code"]: row for row in lists["programmes"]}

    async def listed(request: web.Request) -> web.Response:
        rows = lists.get(request.match_info["list"])
        if rows is None:
            return _problem(404, "no such list")
        for name in set(request.query):
            if name not in TESTS and name not in _PLAIN:
                return _problem(400, f"unknown parameter {name}")
            texts = request.query.getall(name)
            test = TESTS.get(name)
            if test is not None:
                rows = [row for row in rows if any(test(row, text) for text in texts)]
        size = min(int(request.query.get("per_page", MOST)), MOST)
        page = int(request.query.get("page", "1"))
        part = rows[(page - 1) * size : page * size]
        return web.json_response(
            {"data": {"items": part}, "meta": {"total": len(rows), "page": page, "per_page": size}}
        )

    async def one(request: web.Request) -> web.Response:
        row = by_code.get(request.match_info["code"])
        return (
            _problem(404, "no such programme") if row is None else web.json_response({"data": row})
        )

    served = web.Application(middlewares=[_guarded])
    served.router.add_get("/api/v1/{list}", listed)
    served.router.add_get("/api/v1/programmes/{code}", one)
    return served


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.headers.get("X-Api-Key") != KEY:
        return _problem(401, "an API key is needed")
    return await handler(request)


def _problem(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message}}, status=status)


def _ms(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def _changed(change: Callable[[Row], Any]) -> Middleware:
    """A list that says something else."""
    return rewriting(lambda document: "meta" in document, change)


def _items(document: Row, items: Iterable[Row]) -> Row:
    return {**document, "data": {"items": list(items)}}


@web.middleware
async def adds(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A row comes in at the front of each list when its first page has been read: all others move
    back by one, and the list counts one more."""
    page = int(request.query.get("page", "1"))
    if page == 1:
        return await handler(request)
    size = min(int(request.query.get("per_page", MOST)), MOST)
    # The row before this page's first, and all of its own but the last.
    documents: list[Row] = []
    for number in (page - 1, page):
        asked = request.rel_url.update_query(page=str(number))
        answer = await handler(request.clone(rel_url=asked))
        if not isinstance(answer, web.Response) or answer.status != 200:
            return answer
        documents.append(json.loads(bytes(answer.body or b"null")))  # type: ignore[arg-type]
    earlier, document = documents
    items = [*earlier["data"]["items"][size - 1 :], *document["data"]["items"][: size - 1]]
    meta = document["meta"]
    meta.update(total=meta["total"] + 1, page=page, per_page=size)
    return web.json_response({"data": {"items": items}, "meta": meta})


TRAPS: Mapping[str, Middleware] = {
    "filters are ignored": deaf(*TESTS),
    "the page is ignored": deaf("page"),
    "pages are clamped": asking(per_page="3"),
    "an error inside a 200": _changed(lambda d: {"error": {"code": 401}, "meta": d["meta"]}),
    "a page is empty": _changed(
        lambda d: _items(d, [] if d["meta"]["page"] == 2 else d["data"]["items"])
    ),
    "a page lacks a row": _changed(lambda d: _items(d, d["data"]["items"][:-1])),
    "a row comes twice": _changed(
        lambda d: _items(d, [*d["data"]["items"], *d["data"]["items"][:1]])
    ),
    "a row has no code": _changed(
        lambda d: _items(d, [dict.fromkeys(row) for row in d["data"]["items"]])
    ),
    "there is no total": _changed(lambda d: {"data": d["data"], "meta": {}}),
    "a row is added while a walk is under way": adds,
}

EMULATOR = Emulator(
    registry=REGISTRY,
    application=application,
    says={
        Entity.PROJECT: kept(
            """project_id origin_project_id current_registry registry_of_origin project_name
            project_description project_link project_developer project_status project_status_date
            sector sectors project_type project_types unit_metric registration_date updated_at
            co_benefits.co_benefit co_benefits.sdg methodologies.methodology_code
            methodologies.methodology_name methodologies.methodology_version
            project_locations.country project_locations.in_country_region
            project_locations.latitude project_locations.longitude"""
        ),
        Entity.ISSUANCE: kept(
            """project_key issuance_id issuance_date issuance_start_date issuance_end_date
            vintage_start_date vintage_end_date vintage_year unit_count unit_serial_id
            verification_body labels.label labels.label_type"""
        ),
        Entity.UNIT: kept(
            """project_key issuance_key unit_serial_id unit_block_start unit_block_end unit_count
            vintage_year unit_metric unit_status unit_status_date unit_status_reason
            unit_retirement_beneficiary unit_owner country_jurisdiction_of_owner is_ex_ante
            labels.label labels.label_type"""
        ),
    },
    told={
        Entity.PROJECT: {
            "methodologies.methodology_name": method_name,
            "project_link": linked("https://rest-registry.example/programmes/"),
        }
    },
    traps=TRAPS,
    refusals=REFUSALS["rest"],
    scheme=scheme(
        REGISTRY,
        NAME,
        "XR",
        "VN",
        (ProjectStatus.REGISTERED, ProjectStatus.LISTED, ProjectStatus.COMPLETED),
        lambda b: f"XRI{b.batch}",
        planned=True,
    ),
    base_path="/api/v1",
    credential=KEY,
)
