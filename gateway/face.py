"""The outermost layer of the HTTP face: request ids, hosts, headers, the access log, bugs."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Collection, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import log
from gateway.clientaddress import ClientAddress
from gateway.clock import Chance
from gateway.incoming import Headers, RawHeader
from gateway.traffic import Traffic

_logger = logging.getLogger("gateway.http")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PROBES = frozenset({"/healthz", "/readyz"})

# Nothing here is meant to be shown inside another page, or to load anything at all; the pages
# that do load something say so themselves.
_SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class Face:
    """Pure ASGI. `hosts` are the Host names that are answered (`*`: any); probes of
    orchestrators come with any name, so health has none to check. Nothing in an answer is ever
    made from the Host header."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        issuer: str,
        hosts: Collection[str],
        chance: Chance,
        clients: ClientAddress | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self.app = app
        self._traffic = traffic or Traffic()
        self._clients = clients or ClientAddress()
        self._hosts = frozenset(host.lower() for host in hosts)
        self._chance = chance
        safe = dict(_SAFE)
        if urlsplit(issuer).scheme == "https":
            safe["strict-transport-security"] = "max-age=31536000"
        self._headers = [(header.encode(), value.encode()) for header, value in safe.items()]
        self._names = {b"x-request-id", *(header for header, _ in self._headers)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "no websockets here"})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope["headers"])
        given = headers.get(b"x-request-id")
        name = given if given and _GIVEN_ID.fullmatch(given) else self._chance.uuid()
        token = log.request_id.set(name)
        started = time.perf_counter()
        status = 0
        size = 0

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._dressed(message["headers"], name)
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if self._answers(scope["path"], headers.get(b"host") or ""):
                await self.app(scope, receive, sending)
            else:
                await _plain(sending, 421, "BAD_REQUEST", "no such host here; see allowed_hosts")
        except Exception:
            _logger.exception("request failed")
            if status:
                raise
            await _plain(sending, 500, "INTERNAL_SERVER_ERROR", f"failed; request id {name}")
        finally:
            self._traffic.responded(status)
            log.event(
                _logger,
                logging.DEBUG if scope["path"] in _PROBES else logging.INFO,
                "request",
                method=scope["method"],
                path=scope["path"][:200],
                status=status,
                bytes=size,
                client=self._clients.of(scope),
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
            log.request_id.reset(token)

    def _dressed(self, given: Iterable[RawHeader], name: str) -> list[RawHeader]:
        """The answer's headers with ours; what the application said itself stands."""
        headers = [*given]
        there = {header for header, _ in headers}
        if not there.isdisjoint(self._names):
            headers = [one for one in headers if one[0] != b"x-request-id"]
            headers += [one for one in self._headers if one[0] not in there]
        else:
            headers += self._headers
        headers.append((b"x-request-id", name.encode()))
        return headers

    def _answers(self, path: str, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return path in _PROBES or "*" in self._hosts or name.lower() in self._hosts


async def _plain(send: Send, status: int, code: str, message: str) -> None:
    error = {"message": message, "extensions": {"code": code}}
    body = json.dumps({"errors": [error]}).encode()
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
