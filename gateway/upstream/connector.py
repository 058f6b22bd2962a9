"""The connector: guarded sockets, and the certificate of whoever answered."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.tracing import Trace

from gateway.upstream.guard import socket_factory
from gateway.upstream.pace import LEAVING
from gateway.upstream.upstream import Upstream

# The response lets go of its connection as soon as the body is in, so the certificate is noted
# when the connection is taken, in the context of the call that takes it.
PEER: ContextVar[str | None] = ContextVar("PEER", default=None)
# When that certificate ends, in seconds since 1970.
EXPIRY: ContextVar[int | None] = ContextVar("EXPIRY", default=None)


@cache
def platform() -> ssl.SSLContext:
    """The platform's trust store, read once: it takes longer than most requests, and megabytes.

    Called before there is anybody to be held up by it.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


# Informational answers (1xx) that may come before the answer itself.
NOTICES = 8


class Listener(ResponseHandler):
    """Reads what comes on a connection, and lets go of it where only "wait" comes."""

    def set_response_params(self, **given: Any) -> None:
        self._notices = 0
        super().set_response_params(**given)

    def feed_data(self, data: Any, size: int = 0) -> None:
        code = data[0].code
        if 100 <= code < 200 and code != 101:
            self._notices += 1
            if self._notices > NOTICES:
                self._leave()
                return
        super().feed_data(data, size)

    def _leave(self) -> None:
        if self.transport is not None:
            self.set_exception(HttpProcessingError(message="too many informational answers"))
            self.transport.abort()


class Connector(aiohttp.TCPConnector):
    """A pool for one registry."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # aiohttp has no public way to say what reads from a connection.
        factory: Any = partial(Listener, loop=asyncio.get_running_loop())
        self._factory = factory

    @classmethod
    def to(cls, upstream: Upstream, tls: ssl.SSLContext) -> Connector:
        """The pool of a registry, whose certificate has to satisfy this context."""
        return cls(
            limit=max(8, upstream.politeness.concurrency),
            ttl_dns_cache=300,
            keepalive_timeout=15,
            ssl=tls,
            socket_factory=socket_factory(upstream.allow_private),
        )

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  aiohttp's own signature
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        LEAVING.get().left()
        transport = connection.transport
        secured = None if transport is None else transport.get_extra_info("ssl_object")
        if secured is not None:
            PEER.set(hashlib.sha256(secured.getpeercert(binary_form=True)).hexdigest())
            # Empty where the context did not verify it.
            told = secured.getpeercert().get("notAfter")
            EXPIRY.set(ssl.cert_time_to_seconds(told) if told else None)
        return connection
