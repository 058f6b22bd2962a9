"""What can go wrong with a registry, for demos and tests: faults in front of an emulator."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

SHELL = b"<!doctype html><html><head><title>App</title></head><body></body></html>"


class Fault(Enum):
    """The faults that any registry can have; a registry's own are its emulator's traps."""

    DOWN = "down"
    SLOW = "slow"
    ERROR = "error"
    LIMITED = "limited"
    HTML = "html"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    WRONG_TYPE = "wrong type"


@dataclass(slots=True)
class Front:
    """Stands before one emulator: `trouble` is what is wrong, a fault or one of the registry's own
    traps, None while all is well.

    `after` requests are answered well first, so that a registry can fail in the middle of a
    walk. `delay` is how long a slow registry takes, in seconds. `sent` holds the SHA-256 of
    each body that left, while `record` is on.
    """

    record: bool = False
    trouble: Any = None
    after: int = 0
    delay: float = 30.0
    asked: int = 0
    sent: list[str] = field(default_factory=list)

    def middleware(self) -> Middleware:
        """The outermost middleware of the emulator's application."""

        @web.middleware
        async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked += 1
            response = await self._answer(request, handler)
            if self.record:
                self.sent.append(hashlib.sha256(_body(response)).hexdigest())
            return response

        return front

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        trouble = self.trouble
        if trouble is None:
            return await handler(request)
        if self.after > 0:
            self.after -= 1
            return await handler(request)
        if not isinstance(trouble, Fault):
            trap: Middleware = trouble
            return await trap(request, handler)
        if trouble is Fault.DOWN:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        if trouble is Fault.SLOW:
            await asyncio.sleep(self.delay)
            return await handler(request)
        if trouble is Fault.ERROR:
            return web.Response(status=500, text="Internal Server Error")
        if trouble is Fault.LIMITED:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if trouble is Fault.HTML:
            return web.Response(body=SHELL, content_type="text/html", charset="utf-8")
        if trouble is Fault.EMPTY:
            return changed(await handler(request), lambda body: b"")
        if trouble is Fault.TRUNCATED:
            return changed(await handler(request), lambda body: body[: len(body) * 2 // 3])
        return changed(await handler(request), foreign_rows)


def foreign_rows(body: bytes) -> bytes:
    """The body with every value of its rows replaced by an object that no interface promises."""
    return _spoilt(body, rows_of)


def wrongly_typed(body: bytes) -> bytes:
    """The body with every value of its first row replaced so."""
    return _spoilt(body, lambda document: rows_of(document)[:1])


def _spoilt(body: bytes, choose: Callable[[Any], list[dict[str, Any]]]) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        # Tables and pages: digits are what their numbers and dates are read from.
        return bytes(120 if 48 <= byte <= 57 else byte for byte in body)
    rows = choose(document)
    if not rows:
        return b'{"unexpected": {"unexpected": true}}'
    for row in rows:
        for name in row:
            row[name] = {"unexpected": True}
    return json.dumps(document).encode()


def rows_of(document: Any) -> list[dict[str, Any]]:
    """The rows: the objects of the first list of objects, else the document itself."""
    if isinstance(document, list):
        if document and isinstance(document[0], dict):
            return [item for item in document if isinstance(item, dict)]
        return next((found for item in document if (found := rows_of(item))), [])
    if not isinstance(document, dict):
        return []
    for value in document.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return rows_of(value)
    for value in document.values():
        if isinstance(value, dict) and (found := rows_of(value)):
            return found
    return [document] if document else []


def _body(response: web.StreamResponse) -> bytes:
    body = getattr(response, "body", None)
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def changed(response: web.StreamResponse, change: Callable[[bytes], bytes]) -> web.Response:
    """A response as the emulator's, apart from the body."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name.lower() not in ("content-length", "content-encoding")
    }
    made = web.Response(status=response.status, headers=headers, body=change(_body(response)))
    # A session is the visitor's still.
    made.cookies.update(response.cookies)
    return made
