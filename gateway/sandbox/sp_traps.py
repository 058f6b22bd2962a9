"""The ways in which the S&P Global platform goes wrong with a good status, for tests to spring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.sp_platform import PAGE

Body = dict[str, Any]


@web.middleware
async def front_end_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The front end's page comes for an interface that has moved away."""
    return web.Response(text=PAGE, content_type="text/html")


def changed_question(change: Callable[[Body], None]) -> Middleware:
    """The platform answers another question than the one asked."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != "POST":
            return await handler(request)
        body = msgspec.json.decode(await request.read(), type=Body)
        change(body["searchFilter"])
        # aiohttp keeps a body once read in this attribute, and gives it to the handler.
        request._read_bytes = msgspec.json.encode(body)
        return await handler(request)

    return answer


def no_filters(asked: Body) -> None:
    """Every filter is ignored, and the whole ledger comes."""
    asked["filterModel"] = {}


def no_order(asked: Body) -> None:
    """The sort is ignored, so that rows come twice and others never."""
    asked["pagination"]["sortOptions"] = []


def small_pages(asked: Body) -> None:
    """The page size is cut down to ten without saying so."""
    asked["pagination"]["limit"] = min(10, asked["pagination"]["limit"])


@web.middleware
async def unknown_standard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The standard is one that the platform does not know: every ledger is empty."""
    headers = request.headers.copy()
    if "standardid" in headers:
        headers["standardid"] = "150000000009999"
    return await handler(request.clone(headers=headers))


TRAPS: dict[str, Middleware] = {
    "front-end-page": front_end_page,
    "ignored-filters": changed_question(no_filters),
    "ignored-order": changed_question(no_order),
    "clamped-pages": changed_question(small_pages),
    "unknown-standard": unknown_standard,
}
