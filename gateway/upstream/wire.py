"""The wire: one HTTP exchange with one registry, bounded in time and size, trusted in nothing."""

from __future__ import annotations

import asyncio
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractCookieJar
from yarl import URL

from gateway.errors import (
    InvalidPayload,
    PayloadTooLarge,
    RegistryHttpError,
    RegistryTimeout,
    RegistryUnreachable,
)
from gateway.upstream.call import Call
from gateway.upstream.connector import EXPIRY, PEER, Connector, platform
from gateway.upstream.ended import ends_itself
from gateway.upstream.failure import Failure
from gateway.upstream.grant import Tokens
from gateway.upstream.guard import AddressRefused
from gateway.upstream.pace import LEAVING, Taken
from gateway.upstream.response import Received
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream
from gateway.within import Within

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_UNTYPED = (hdrs.CONTENT_TYPE,)
_CHUNK = 64 * 1024
# What is inflated at once.
_STEP = 512 * 1024
_HEADER_CHARS = 2048

ConnectorMaker = Callable[[Upstream], aiohttp.BaseConnector]


class Wire:
    """The connections to one registry: its own pool, no cookies, no proxy, gzip at most."""

    def __init__(
        self,
        upstream: Upstream,
        *,
        user_agent: str,
        tuning: Tuning,
        tls: ssl.SSLContext | None = None,
        connector: ConnectorMaker | None = None,
    ) -> None:
        self._upstream = upstream
        self._user_agent = user_agent
        self._tuning = tuning
        # Also without TLS: a redirect may lead there.
        self._tls = tls or platform()
        self._connector = connector
        self._pool: aiohttp.BaseConnector | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tokens = Tokens(upstream.grant, user_agent) if upstream.grant else None
        # The turn for what a call asks beyond its first request: the lane's pace, once it has one.
        self.turn: Callable[[], Awaitable[Taken]] = _at_once
        # When the certificate that was last seen ends, in seconds since 1970.
        self.certificate_ends: int | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._make(aiohttp.DummyCookieJar())
        return self._session

    def _make(self, jar: AbstractCookieJar) -> aiohttp.ClientSession:
        if self._pool is None:
            self._pool = (
                self._connector(self._upstream)
                if self._connector is not None
                else Connector.to(self._upstream, self._tls)
            )
        session = aiohttp.ClientSession(
            connector=self._pool,
            connector_owner=False,
            cookie_jar=jar,
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._tuning.connect,
                sock_read=self._tuning.idle,
            ),
        )
        # aiohttp would send a GET again by itself when a connection breaks: an attempt that
        # no budget, pace or count knows of. It has no public switch for that.
        session._retry_connection = False
        return session

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A session that keeps the registry's cookies until it ends; for `send`."""
        # A loopback address is no domain, and only `unsafe` jars keep cookies of addresses.
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        async with self._make(jar) as made:
            yield made

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def send(
        self,
        call: Call,
        when: float,
        conditional: Mapping[str, str],
        session: aiohttp.ClientSession | None = None,
    ) -> Received:
        """The whole response, by `when` on the event loop's clock.

        Raises:
            Failure: for anything but a whole response; the status is not judged here.
        """
        try:
            with Within(when - asyncio.get_running_loop().time()):
                if self._tokens is None:
                    return await self._follow(call, conditional, session or self._open())
                return await self._granted(self._tokens, call, conditional, session or self._open())
        except aiohttp.ConnectionTimeoutError as error:
            what = "no connection to the registry in time"
            raise Failure(RegistryUnreachable(what), again=True) from error
        except aiohttp.ServerTimeoutError as error:
            raise Failure(RegistryTimeout("the registry fell silent")) from error
        except TimeoutError as error:
            raise Failure(RegistryTimeout("no whole answer in time")) from error
        except aiohttp.ClientSSLError as error:
            raise Failure(RegistryUnreachable("the TLS handshake failed")) from error
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, AddressRefused)
            what = str(error.os_error) if refused else "no connection to the registry"
            raise Failure(RegistryUnreachable(what), again=not refused) from error
        except aiohttp.ClientPayloadError as error:
            raise Failure(InvalidPayload("the body was cut short"), again=True) from error
        except aiohttp.ClientResponseError as error:
            raise Failure(InvalidPayload("not a well-formed HTTP response")) from error
        except aiohttp.InvalidURL as error:
            raise Failure(RegistryUnreachable("the registry's URL leads nowhere")) from error
        except (aiohttp.ClientError, OSError) as error:
            what = "the registry closed the connection"
            raise Failure(RegistryUnreachable(what), again=True) from error
        finally:
            LEAVING.get().left()

    async def _granted(
        self,
        tokens: Tokens,
        call: Call,
        conditional: Mapping[str, str],
        session: aiohttp.ClientSession,
    ) -> Received:
        """The answer, asked for with a token; with a new one if the registry says so."""
        for last in (False, True):
            header = await tokens.header(self._open(), self._another)
            if last:
                await self._another()
            granted = replace(call, headers={**call.headers, "authorization": header})
            received = await self._follow(granted, conditional, session)
            if received.status != 401 or last:
                break
            tokens.forget(header)
        return received

    async def _another(self) -> None:
        """A turn for one more request of the call."""
        LEAVING.get().left()
        LEAVING.set(await self.turn())

    async def _follow(
        self, call: Call, conditional: Mapping[str, str], session: aiohttp.ClientSession
    ) -> Received:
        headers = {hdrs.USER_AGENT: self._user_agent, **call.headers, **conditional}
        headers[hdrs.ACCEPT_ENCODING] = "gzip"
        url, method, body = call.url, call.method, call.body
        for hop in range(self._tuning.redirects + 1):
            if hop:
                await self._another()
            received = await self._once(session, method, url, headers, body)
            if received.status not in _REDIRECTS:
                return received
            url = self._next(url, received)
            if received.status not in _KEEPS_METHOD and method == "POST":
                # A POST here is a question with a body; turned into a GET it asks another one.
                raise _refused(received, "a redirect would lose the question's body")
        raise _refused(received, "too many redirects")

    async def _once(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Received:
        PEER.set(None)
        EXPIRY.set(None)
        # aiohttp would make up a type for a question that states none.
        untyped = _UNTYPED if method == "POST" and "content-type" not in headers else None
        response = await session.request(
            method,
            url,
            headers=headers,
            data=body,
            allow_redirects=False,
            skip_auto_headers=untyped,
        )
        # Where the connector did not say so.
        LEAVING.get().left()
        try:
            found = _clean(response.headers)
            self.certificate_ends = EXPIRY.get() or self.certificate_ends
            limit = self._upstream.politeness.max_bytes
            return Received(response.status, found, await _read(response, limit), PEER.get())
        finally:
            # With the last of the body, the response let go of its connection by itself.
            if not response.closed:
                response.release()

    def _next(self, url: URL, received: Received) -> URL:
        """Where a redirect leads, if that is the same registry: its origin, or its origin over
        TLS. Secrets ride along, so no other host will do, however it is related."""
        try:
            target = url.join(URL(received.headers.get("location", "")))
            same = target.host == url.host and not (target.user or target.password)
            upgraded = (url.scheme, target.scheme) == ("http", "https")
            good = same and (target.origin() == url.origin() or upgraded)
        except ValueError:
            good = False
        if not good:
            raise _refused(received, "a redirect away from the registry was refused")
        return target


async def _at_once() -> Taken:
    return Taken(None)


def _refused(received: Received, what: str) -> Failure:
    return Failure(RegistryHttpError(what, status=received.status), received=received)


def _clean(headers: Mapping[str, str]) -> dict[str, str]:
    values = "".join(headers.values())
    if len(values) <= _HEADER_CHARS and values.isascii() and values.isprintable():
        found = {name.lower(): value for name, value in headers.items()}
        if len(found) == len(headers) and "set-cookie" not in found:
            return found
    found = {}
    for name, value in headers.items():
        name = name.lower()
        if name == "set-cookie":
            continue
        if len(value) > _HEADER_CHARS or not (value.isascii() and value.isprintable()):
            value = _CONTROL.sub("", value)[:_HEADER_CHARS]
            value = value.encode("utf-8", "replace").decode()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body without its content coding, refused as soon as it passes the limit."""
    coding = ", ".join(response.headers.getall(hdrs.CONTENT_ENCODING, ())).strip().lower()
    transfer = ", ".join(response.headers.getall(hdrs.TRANSFER_ENCODING, ())).strip().lower()
    if transfer not in ("", "chunked"):
        raise Failure(InvalidPayload("the registry used a transfer coding nobody asked for"))
    if coding in ("", "identity"):
        content = response.content
        parts, size = [], 0
        while not content.at_eof():
            chunk = await content.readany()
            size += len(chunk)
            if size > limit:
                raise _too_large(response)
            parts.append(chunk)
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        stated = transfer or hdrs.CONTENT_LENGTH in response.headers
        if body and not stated and not await ends_itself(body, response.content_type):
            what = "nothing says where the body ends, so it may have been cut short"
            raise Failure(InvalidPayload(what), again=True)
        return body
    if coding not in ("gzip", "x-gzip"):
        raise Failure(InvalidPayload("the registry used a content coding nobody asked for"))
    return await _inflate(response, limit)


async def _inflate(response: aiohttp.ClientResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    room = limit
    unzip = zlib.decompressobj(wbits=31)
    started = False
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            data, more = chunk, False
            while data or more:
                if unzip.eof:
                    # RFC 1952 section 2.2: a gzip body may have several members.
                    unzip = zlib.decompressobj(wbits=31)
                started = True
                piece = unzip.decompress(data, min(room + 1, _STEP))
                room -= len(piece)
                if room < 0:
                    raise _too_large(response)
                parts.append(piece)
                # What was read whole may have more to say than one step takes.
                more = len(piece) == _STEP and not unzip.eof
                if more:
                    # A few bytes may stand for a thousand times as many: others come between.
                    await asyncio.sleep(0)
                data = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
    except zlib.error as error:
        raise Failure(InvalidPayload("the gzip coding is broken")) from error
    if started and not unzip.eof:
        raise Failure(InvalidPayload("the gzip body was cut short"), again=True)
    return b"".join(parts)


def _too_large(response: aiohttp.ClientResponse) -> Failure:
    # What is left of the body stays unread, so the connection is of no more use.
    response.close()
    return Failure(PayloadTooLarge("the body is over the registry's limit"))
