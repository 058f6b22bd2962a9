"""Optional second layer of proof: HTTP Message Signatures over the exact bytes (RFC 9421)."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.clock import Clock
from gateway.provenance.httpsig import signature_headers
from gateway.provenance.keys import Signer


class Sealed:
    """Pure ASGI, outermost. Signs whole responses, which all of the gateway's are.

    `signer` gives the key in force. The target URI that is signed is made from the issuer and
    the path asked, never from the Host header.
    """

    def __init__(
        self, app: ASGIApp, *, issuer: str, signer: Callable[[], Signer], clock: Clock
    ) -> None:
        self.app = app
        self._issuer = issuer
        self._signer = signer
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
        headers = await signature_headers(
            self._signer(),
            status=begun["status"],
            content_type=given.get(b"content-type", b"").decode("latin-1"),
            body=body,
            method=scope["method"],
            target_uri=f"{self._issuer}{path}{'?' + asked if asked else ''}",
            created=self._clock.now(),
        )
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
