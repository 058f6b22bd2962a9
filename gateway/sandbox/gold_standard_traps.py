"""Gold Standard's own ways to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.rewriting import rewriting

CHALLENGE = b"<!DOCTYPE html><html><head><title>Attention Required!</title></head></html>"


def blocked() -> web.Response:
    """What the CDN answers to clients and requests that it does not like."""
    return web.Response(status=403, body=CHALLENGE, content_type="text/html")


def _rewriting(change: Callable[[list[Any]], list[Any]]) -> Middleware:
    return rewriting(lambda document: isinstance(document, list), change)


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


TRAPS: Mapping[str, Middleware] = {
    "filters are ignored": ignores_filters,
    "429 says to come back at once": bogus_retry_after,
    "the CDN blocks": cdn_blocks,
    "totals are lost": loses_totals,
    "pages are clamped": _rewriting(lambda rows: rows[:2]),
    "a row is missing": _rewriting(lambda rows: rows[1:]),
    "the order is another": _rewriting(lambda rows: rows[::-1]),
}
