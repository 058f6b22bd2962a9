"""The transport: how the bytes of one registry come, whichever kind of place it is."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import aiohttp

from gateway.upstream.call import Call
from gateway.upstream.file_wire import FileWire
from gateway.upstream.response import Received
from gateway.upstream.sql_wire import SqlWire
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream
from gateway.upstream.wire import ConnectorMaker, Wire


class Transport(Protocol):
    """One registry's wire: HTTP, a folder of files, or a database."""

    async def send(
        self,
        call: Call,
        when: float,
        conditional: Mapping[str, str],
        session: aiohttp.ClientSession | None = None,
    ) -> Received:
        """The whole answer, by `when`, in seconds of the event loop's clock.

        Raises:
            Failure: for anything but a whole answer.
        """
        ...

    def session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """A session that keeps the registry's cookies until it ends."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


# Gives the transport of a registry, None for the usual one.
TransportMaker = Callable[[Upstream], Transport | None]


def transport_to(
    upstream: Upstream,
    *,
    user_agent: str,
    tuning: Tuning,
    tls: ssl.SSLContext | None = None,
    connector: ConnectorMaker | None = None,
) -> Transport:
    """The transport that the scheme of the registry's base URL asks for.

    Raises:
        ConfigError: where that needs a package that is not installed.
    """
    scheme = upstream.base_url.partition(":")[0]
    if scheme == "file":
        return FileWire(upstream)
    if scheme in ("sqlite", "postgresql"):
        return SqlWire(upstream)
    return Wire(upstream, user_agent=user_agent, tuning=tuning, tls=tls, connector=connector)
