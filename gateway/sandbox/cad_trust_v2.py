"""A CAD Trust node's `/v2` over the sandbox's world: flat tables, paged, joined by whoever asks.

No answers of a live node were captured: it follows the published schema and the node's code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.cad_trust import HEADERS, answering, express, organisations, sent
from gateway.sandbox.cad_trust_params import Invalid
from gateway.sandbox.cad_trust_rows import Row
from gateway.sandbox.cad_trust_store import Condition, Refused, Store, one_of
from gateway.sandbox.cad_trust_traps import MEANT, TRAPS
from gateway.sandbox.cad_trust_v2_rows import tables
from gateway.sandbox.cad_trust_v2_says import SAYS, TOLD
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Telling

MOST = 1000
# So many rows of a list without an order have moved to its end, where a trap says so.
MOVED = web.RequestKey("moved", int)
STEP = 10
V2_HEADERS = {**HEADERS, "x-api-version": "2.0.2", "x-datamodel-version": "v2"}
# What `columns` may ask for beside a project's own: its children, by their tables.
CHILDREN = {
    "locations": "location",
    "estimations": "estimation",
    "ratings": "rating",
    "coBenefits": "co-benefit",
}
_FILTER = re.compile(r"^[^:]*?(?<!\w)(\w++):(.+):(in|eq|not|lt|gt|lte|gte|like)")
_ORDER = re.compile(r"(?<!\w)(\w++):(ASC|DESC)")
_PARAMS = {
    "project": {"columns", "orgUid", "filter", "order", "projectIds"},
    "unit": {"columns", "orgUid", "filter", "order", "marketplaceIdentifiers"},
}


class Node:
    """One node's tables; projects and units in SQLite, the others as they lie."""

    def __init__(self, telling: Telling) -> None:
        self.tables = tables(telling)
        self.stores = {
            "project": Store("ProjectV2", "cadTrustProjectId", self.tables["project"]),
            "unit": Store("UnitV2", "cadTrustUnitId", self.tables["unit"]),
        }
        self.programs = {row["cadTrustProgramId"]: row for row in self.tables["program"]}
        self.children: dict[str, dict[str, list[Row]]] = {}
        for name, table in CHILDREN.items():
            of = self.children.setdefault(name, {})
            for row in self.tables[table]:
                of.setdefault(row["cadTrustProjectId"], []).append(row)

    def lists(self, name: str) -> Any:
        """A resource's list."""

        def answer(request: web.Request) -> Any:
            page, limit = _paging(request, _PARAMS.get(name, set()))
            if name not in self.stores:
                rows = self.tables[name]
                moved = request.get(MOVED, 0)
                rows = [*rows[moved:], *rows[:moved]]
                total, start = len(rows), (page - 1) * limit
                rows = rows[start : start + limit]
            else:
                total, rows = self.select(name, request, page, limit)
            return {"page": page, "pageCount": -(-total // limit), "data": rows}

        return answer

    def one(self, name: str) -> Handler:
        """A resource's row by its id; a missing one is 404."""
        rows = {next(iter(row.values())): row for row in self.tables[name]}
        title = name.replace("-", " ").capitalize()

        async def handle(request: web.Request) -> web.StreamResponse:
            found = rows.get(request.match_info["id"])
            if found is None:
                return sent(request, {"message": f"{title} not found", "success": False}, 404)
            return sent(request, found)

        return handle

    def select(self, name: str, request: web.Request, page: int, limit: int) -> Any:
        store, conditions = self.stores[name], list[Condition]()
        query = request.query
        if "orgUid" in query:
            conditions.append(Condition("orgUid = ?", (query["orgUid"],)))
        for parameter, column in _LISTS.items():
            if parameter in query:
                conditions.append(one_of(column, _several(request, parameter)))
        # A filter that does not read as one is ignored in silence.
        if _FILTER.search(query.get("filter", "")):
            conditions.append(store.filtered(query["filter"]))
        total, rows = store.select(conditions, self.order(store, request), page, limit)
        columns = _several(request, "columns")
        if not columns:
            return total, rows
        return total, [self.chosen(row, columns, store) for row in rows]

    def order(self, store: Store, request: web.Request) -> tuple[str, str]:
        """The order asked for; projects have a list of columns to order by.

        Raises:
            Refused: the text is no order, or names a column that cannot be ordered by.
        """
        text = request.query.get("order")
        if text is None:
            return "createdAt", "DESC"
        found = _ORDER.fullmatch(text)
        if found is None:
            raise Refused(f"Invalid order format: {text}.")
        if found[1] not in store.columns or found[1] == "orgUid":
            valid = ", ".join(name for name in store.columns if name != "orgUid")
            raise Refused(f"Invalid sort column: {found[1]}. Valid columns are: {valid}")
        return found[1], found[2]

    def chosen(self, row: Row, columns: Sequence[str], store: Store) -> Row:
        """The row's chosen columns, and a project's children; nobody is told whose it is."""
        kept = {name: row[name] for name in row if name in columns and name != "orgUid"}
        key = row[store.key]
        if store is self.stores["project"]:
            if "program" in columns:
                kept["program"] = self.programs.get(row["cadTrustProgramId"])
            kept |= {n: self.children[n].get(key, []) for n in CHILDREN if n in columns}
        return kept or {store.key: key}


_LISTS: Mapping[str, str] = {
    "projectIds": "cadTrustProjectId",
    "marketplaceIdentifiers": "marketplaceIdentifier",
}


def application(telling: Telling) -> web.Application:
    """The node; every resource can be listed and read by id."""
    node = Node(telling)
    served = web.Application(middlewares=[express(V2_HEADERS)])
    for name in node.tables:
        handle = answering(node.lists(name), f"Error retrieving {name}s")
        served.router.add_get(f"/v2/{name}", handle)
        served.router.add_get(f"/v2/{name}/{{id}}", node.one(name))
    served.router.add_get("/v2/organizations", answering(lambda request: organisations(telling)))
    return served


def _several(request: web.Request, name: str) -> list[str]:
    """A list parameter: repeated, or one text with commas."""
    return [part for text in request.query.getall(name, ()) for part in text.split(",")]


def _paging(request: web.Request, more: set[str]) -> tuple[int, int]:
    errors, found = list[str](), list[int]()
    for name, most in (("page", None), ("limit", MOST)):
        text = request.query.get(name)
        if text is None:
            errors.append(f"{name} is required")
        elif not (text.isascii() and text.isdigit()):
            errors.append(f"{name} must be a number")
        elif int(text) < 1:
            errors.append(f"{name} must be at least 1")
        elif most is not None and int(text) > most:
            errors.append(f"{name} must not exceed {most}")
        else:
            found.append(int(text))
    known = {"page", "limit", *more}
    errors += [
        f'"{name}" is not allowed' for name in dict.fromkeys(request.query) if name not in known
    ]
    if errors:
        raise Invalid(errors)
    page, limit = found
    return page, limit


@web.middleware
async def no_order(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lists that nobody can sort come as the database keeps them: in another order by the time
    that their next page is read. Some rows then come twice and others not at all."""
    page = request.query.get("page", "1")
    request[MOVED] = STEP * int(page) if page.isdigit() else 0
    return await handler(request)


EMULATOR = Emulator(
    registry="cad-trust-v2",
    application=application,
    says=SAYS,
    told=TOLD,
    traps={**TRAPS, "lists without an order": no_order},
    meant=MEANT,
)
