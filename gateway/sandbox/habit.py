"""Habits that any interface over HTTP may fall into, and that look like success or like a refusal.

Each is a middleware, as a registry's own traps are, for `Sandbox.fail`. None may ever give wrong
or silently fewer rows, whichever adapter reads them.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.refusal import Refusal


def _always(status: int, body: bytes, **headers: str) -> Middleware:
    @web.middleware
    async def habit(request: web.Request, handler: Handler) -> web.StreamResponse:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return web.Response(
            status=status, body=body, content_type="application/json", headers=named
        )

    return habit


@web.middleware
async def repeats_a_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A member that nobody reads is there twice, in the first object of an otherwise good body."""
    response = await handler(request)
    twice = b'{"x-unread":1,"x-unread":2,'
    if isinstance(response, web.Response) and isinstance(response.body, bytes):
        good = response.content_type == "application/json" and b"{" in response.body
        response.body = response.body.replace(b"{", twice, 1) if good else twice + b'"a":1}'
    return response


@web.middleware
async def sends_a_part(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A good body, and the word that it is the beginning of a longer one."""
    response = await handler(request)
    if isinstance(response, web.Response) and isinstance(response.body, bytes):
        end = max(0, len(response.body) - 1)
        response.headers["Content-Range"] = f"bytes 0-{end}/{2 * end + 100}"
        response.set_status(206)
    return response


@web.middleware
async def confirms_another(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever version is asked about, another one is said to hold still."""
    if "If-None-Match" in request.headers:
        return web.Response(status=304, headers={"ETag": '"another"'})
    response = await handler(request)
    response.headers["ETag"] = '"one"'
    return response


HABITS: Mapping[str, Middleware] = {
    "an error inside a success": _always(
        200, b'{"success":false,"error":"token expired","data":[]}'
    ),
    "an error beside rows": _always(200, b'{"data":[],"errors":[{"message":"no rights"}]}'),
    "an object with nothing inside": _always(200, b"{}"),
    "null": _always(200, b"null"),
    "a text": _always(200, b'"OK"'),
    "two documents": _always(200, b'{"data":[]}{"data":[]}'),
    "no number": _always(200, b'{"data":[],"total":NaN}'),
    "nothing at all": _always(200, b""),
    "no content": _always(204, b""),
    "not modified, though nobody asked": _always(304, b"", ETag='"one"'),
    "a key twice": repeats_a_key,
    "a part of a body": sends_a_part,
    "a refusal with words": _always(
        400, b'{"statusCode":400,"message":"Bad Request","error":"no such field"}'
    ),
}


def refusing(refusal: Refusal) -> Middleware:
    """Every request is answered with this refusal of the registry's own."""

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(
            status=refusal.status, text=refusal.body, content_type="application/json"
        )

    return refuse
