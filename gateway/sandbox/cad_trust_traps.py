"""How a CAD Trust node, or what stands before it, can answer something else than was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Change = Callable[[dict[str, Any], web.Request], Any]


def _without(*names: str) -> Middleware:
    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        kept = [(name, text) for name, text in request.query.items() if name not in names]
        return await handler(request.clone(rel_url=request.rel_url.with_query(kept)))

    return trap


def _rewriting(change: Change) -> Middleware:
    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if not isinstance(response, web.Response) or response.status != 200:
            return response
        body = json.loads(bytes(response.body or b"null"))  # type: ignore[arg-type]
        if not isinstance(body, dict) or "pageCount" not in body:
            return response
        made = json.dumps(change(body, request)).encode()
        return web.Response(body=made, content_type="application/json")

    return trap


@web.middleware
async def clamps_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Twenty rows at the most, whatever limit is asked for."""
    kept = [(n, min(t, "20", key=_size) if n == "limit" else t) for n, t in request.query.items()]
    return await handler(request.clone(rel_url=request.rel_url.with_query(kept)))


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _first_page(body: dict[str, Any], request: web.Request) -> Any:
    return {**body, "page": 1}


def _error(body: dict[str, Any], request: web.Request) -> Any:
    return {"message": "Chia Exception", "error": "wallet not synced", "success": False}


def _backwards(body: dict[str, Any], request: web.Request) -> Any:
    return {**body, "data": body["data"][::-1]}


@web.middleware
async def sends_html(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A proxy's page with status 200."""
    return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")


@web.middleware
async def wants_a_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The node's key was changed."""
    return web.json_response({"message": "CADT API key not found"}, status=403)


TRAPS: Mapping[str, Middleware] = {
    "filters are ignored": _without("filter"),
    "asked ids are ignored": _without("projectIds", "filter"),
    "pages are clamped": clamps_pages,
    "every page is the first": _rewriting(_first_page),
    "an error comes with status 200": _rewriting(_error),
    "the order is another": _rewriting(_backwards),
    "a proxy sends HTML": sends_html,
    "the key is refused": wants_a_key,
}
