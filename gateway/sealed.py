"""Optional second layer of proof: HTTP Message Signatures over the exact bytes (RFC 9421)."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.clock import Clock
from gateway.errors import NoSigningKey
from gateway.provenance.httpsig import signature_headers
from gateway.provenance.signing import SigningKeys

_logger = logging.getLogger(__name__)


class Sealed:
    """Pure ASGI, outermost. Signs whole responses, which all of the gateway's are.

    The target URI that is signed is made from the issuer and the path asked, never from the Host
    header. Where no key is in its time, responses go out without these headers: those of
    `/healthz` and of the key set are wanted then too.
    """

    def __init__(self, app: ASGIApp, *, issuer: str, keys: SigningKeys, clock: Clock) -> None:
        self.app = app
        self._issuer = issuer
        self._keys = keys
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun: MutableMapping[str, Any] = {}
        parts: list[bytes] = []

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            begun["headers"] = [*begun["headers"], *await self._seal(scope, begun, body)]
            await send(begun)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, sending)

    async def _seal(
        self, scope: Scope, begun: MutableMapping[str, Any], body: bytes
    ) -> list[tuple[bytes, bytes]]:
        given = {name.lower(): value for name, value in begun["headers"]}
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        asked = scope.get("query_string", b"").decode("latin-1")
        try:
            created = self._clock.now()
            signers = self._keys.at(created)
            headers = await signature_headers(
                signers[0],
                status=begun["status"],
                content_type=given.get(b"content-type", b"").decode("latin-1"),
                body=body,
                method=scope["method"],
                target_uri=f"{self._issuer}{path}{'?' + asked if asked else ''}",
                created=created,
            )
            if not self._keys.stand(signers, created):
                raise NoSigningKey("The key was revoked while it signed.")
        except NoSigningKey as problem:
            _logger.error("a response has no HTTP message signature: %s", problem.message)
            return []
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
