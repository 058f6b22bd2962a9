"""Gold Standard's own ways to go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

CHALLENGE = b"<!DOCTYPE html><html><head><title>Attention Required!</title></head></html>"


def blocked() -> web.Response:
    """What the CDN answers to clients and requests that it does not like."""
    return web.Response(status=403, body=CHALLENGE, content_type="text/html")


def _rewriting(change: Callable[[list[Any], web.Response, web.Request], list[Any]]) -> Middleware:
    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if not isinstance(response, web.Response) or "X-Total-Count" not in response.headers:
            return response
        rows = change(json.loads(bytes(response.body or b"[]")), response, request)  # type: ignore[arg-type]
        response.body = json.dumps(rows).encode()
        return response

    return trap


@web.middleware
async def ignores_filters(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every parameter but the page's is unknown, and so is ignored."""
    kept = {name: text for name, text in request.query.items() if name in ("page", "size")}
    return await handler(request.clone(rel_url=request.rel_url.with_query(kept)))


@web.middleware
async def bogus_retry_after(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Too many requests, and "come back at once"."""
    return web.json_response({}, status=429, headers={"Retry-After": "0"})


@web.middleware
async def cdn_blocks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The CDN takes the gateway for a robot."""
    return blocked()


@web.middleware
async def loses_totals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A proxy that drops the headers with the totals."""
    response = await handler(request)
    response.headers.popall("X-Total-Count", None)
    return response


def _clamp(rows: list[Any], response: web.Response, request: web.Request) -> list[Any]:
    return rows[:2]


def _drop_one(rows: list[Any], response: web.Response, request: web.Request) -> list[Any]:
    return rows[1:]


def _reverse(rows: list[Any], response: web.Response, request: web.Request) -> list[Any]:
    return rows[::-1]


TRAPS: Mapping[str, Middleware] = {
    "filters are ignored": ignores_filters,
    "429 says to come back at once": bogus_retry_after,
    "the CDN blocks": cdn_blocks,
    "totals are lost": loses_totals,
    "pages are clamped": _rewriting(_clamp),
    "a row is missing": _rewriting(_drop_one),
    "the order is another": _rewriting(_reverse),
}
