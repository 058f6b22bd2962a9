"""How a CAD Trust node, or what stands before it, can answer something else than was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.errors import Outcome
from gateway.sandbox.asked import number
from gateway.sandbox.rewriting import deaf, rewriting, rewritten


def _rewriting(change: Callable[[dict[str, Any]], Any]) -> Middleware:
    return rewriting(
        lambda document: isinstance(document, dict) and "pageCount" in document, change
    )


@web.middleware
async def clamps_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Twenty rows at the most, whatever limit is asked for."""
    kept = [(n, min(t, "20", key=number) if n == "limit" else t) for n, t in request.query.items()]
    return await handler(request.clone(rel_url=request.rel_url.with_query(kept)))


def _first_page(body: dict[str, Any]) -> Any:
    return {**body, "page": 1}


def _error(body: dict[str, Any]) -> Any:
    return {"message": "Chia Exception", "error": "wallet not synced", "success": False}


def _backwards(body: dict[str, Any]) -> Any:
    return {**body, "data": body["data"][::-1]}


@web.middleware
async def sends_html(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A proxy's page with status 200."""
    return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")


@web.middleware
async def wants_a_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The node's key was changed."""
    return web.json_response({"message": "CADT API key not found"}, status=403)


@web.middleware
async def is_behind(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One organisation is not synced, and the number of changes to go is 0 all the same."""
    response = rewritten(await handler(request), _organisations, _behind)
    response.headers["x-data-synced"] = "false"
    response.headers["x-sync-remaining"] = "0"
    return response


def _organisations(document: Any) -> bool:
    rows = list(document.values()) if isinstance(document, dict) else []
    return bool(rows) and all(isinstance(row, dict) and "synced" in row for row in rows)


def _behind(body: dict[str, Any]) -> Any:
    return {uid: {**row, "synced": number > 0} for number, (uid, row) in enumerate(body.items())}


@web.middleware
async def is_cut_off(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The network behind the node is away: 400 before any route, without the usual headers."""
    told = "Can not establish connection to Chia Datalayer"
    body = {"message": "Chia Exception", "error": told, "success": False}
    return web.json_response(body, status=400)


@web.middleware
async def refuses_the_question(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another build, which knows other parameters."""
    body = {"message": "Data Validation error", "errors": ['"limit" is required'], "success": False}
    return web.json_response(body, status=400)


MEANT: Mapping[str, Outcome] = {
    "an organisation is behind, with nothing to go": Outcome.PARTIAL,
    "the network behind it is away": Outcome.UNAVAILABLE,
    "the question is refused": Outcome.HTTP_ERROR,
    "the key is refused": Outcome.HTTP_ERROR,
}
TRAPS: Mapping[str, Middleware] = {
    "filters are ignored": deaf("filter"),
    "asked ids are ignored": deaf("projectIds", "filter"),
    "pages are clamped": clamps_pages,
    "every page is the first": _rewriting(_first_page),
    "an error comes with status 200": _rewriting(_error),
    "the order is another": _rewriting(_backwards),
    "a proxy sends HTML": sends_html,
    "the key is refused": wants_a_key,
    "an organisation is behind, with nothing to go": is_behind,
    "the network behind it is away": is_cut_off,
    "the question is refused": refuses_the_question,
}
