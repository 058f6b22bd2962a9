"""What emulators' traps share: questions and answers that are changed on their way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Meant = Callable[[Any], bool]
Change = Callable[[Any], Any]


def rewriting(meant: Meant, change: Change) -> Middleware:
    """A trap that puts `change(document)` in the place of every JSON document that is meant."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        return rewritten(await handler(request), meant, change)

    return trap


def rewritten(response: web.StreamResponse, meant: Meant, change: Change) -> web.StreamResponse:
    """The response with its document changed, where it has one that is meant."""
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return response
    document = json.loads(bytes(response.body or b"null"))  # type: ignore[arg-type]
    if meant(document):
        response.body = json.dumps(change(document)).encode()
    return response


def asking(**parameters: str) -> Middleware:
    """A trap that hears these parameters whatever was asked."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await handler(request.clone(rel_url=request.rel_url.update_query(parameters)))

    return trap


def deaf(*names: str) -> Middleware:
    """A trap that does not hear these parameters."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        kept = [(name, text) for name, text in request.query.items() if name not in names]
        return await handler(request.clone(rel_url=request.rel_url.with_query(kept)))

    return trap
