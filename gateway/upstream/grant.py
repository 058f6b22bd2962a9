"""Tokens for registries that trade a client's credentials for one: OAuth 2.0, RFC 6749 4.4.

The exchange is no answer of the registry's to anything, and all of it is secret: it is not part
of the evidence. The token is kept in memory until shortly before it ends.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import aiohttp
import msgspec
from aiohttp import hdrs

from adapters.contract import Reply
from gateway.errors import InvalidPayload, RegistryHttpError
from gateway.upstream.failure import Failure
from gateway.upstream.gate import retry_after
from gateway.upstream.repeated import refuse_repeated_keys
from gateway.upstream.upstream import Grant

# Seconds before its end from which a token is not used any more, and how long one without an
# end is trusted.
_EARLY = 30.0
_UNSTATED = 300.0
_LARGEST = 64 * 1024
# Seconds for which a server that refused is left alone, doubled each time.
_PAUSE = 1.0
_PAUSE_MAX = 300.0
_LATER_MAX = 3600.0


class _Token(msgspec.Struct):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the name of a scheme, not a secret
    expires_in: int | float | str | None = None


class Tokens:
    """One registry's token, asked for once by all who wait for it."""

    def __init__(self, grant: Grant, user_agent: str) -> None:
        self._grant = grant
        self._user_agent = user_agent
        self._asking = asyncio.Lock()
        self._header = ""
        self._until = 0.0
        self._refusal: Failure | None = None
        self._refusals = 0
        self._not_before = 0.0

    async def header(
        self, session: aiohttp.ClientSession, turn: Callable[[], Awaitable[None]]
    ) -> str:
        """The Authorization header to send; where it must be asked for, that takes a turn.

        A server that refused is not asked again by the next call, nor by those after it, for a
        time that doubles.

        Raises:
            Failure: the server gives no token.
        """
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if self._header and now < self._until:
                return self._header
            if self._refusal is not None and now < self._not_before:
                raise _again(self._refusal, self._not_before - now)
            await turn()
            try:
                await self._ask(session)
            except Failure as failure:
                now = asyncio.get_running_loop().time()
                pause = min(_PAUSE * 2**self._refusals, _PAUSE_MAX)
                asked = failure.error.retry_after or 0.0
                self._not_before = now + max(pause, min(asked, _LATER_MAX))
                self._refusals = min(self._refusals + 1, 16)
                self._refusal = failure
                raise
            self._refusal, self._refusals = None, 0
            return self._header

    def forget(self, header: str) -> None:
        """The registry refuses this token: the next call asks for another one."""
        if self._header == header:
            self._header = ""

    async def _ask(self, session: aiohttp.ClientSession) -> None:
        grant = self._grant
        form = {"grant_type": "client_credentials"}
        if grant.scope:
            form["scope"] = grant.scope
        # RFC 6749 section 2.3.1: both are encoded as a form before they are put together.
        pair = f"{quote(grant.client_id, safe='')}:{quote(grant.client_secret, safe='')}"
        async with session.post(
            grant.url,
            data=form,
            headers={
                hdrs.AUTHORIZATION: f"Basic {base64.b64encode(pair.encode()).decode()}",
                hdrs.ACCEPT: "application/json",
                hdrs.ACCEPT_ENCODING: "identity",
                hdrs.USER_AGENT: self._user_agent,
                hdrs.CONTENT_TYPE: "application/x-www-form-urlencoded",
            },
            allow_redirects=False,
        ) as response:
            body = await response.content.read(_LARGEST)
            if response.status != 200:
                told = f"the server gave no token, but status {response.status}"
                error = RegistryHttpError(told, status=response.status)
                asked, sent = (response.headers.get(name) for name in ("retry-after", "date"))
                error.retry_after = retry_after(asked, time.time(), sent)
                raise Failure(error)
        try:
            token = msgspec.json.decode(body, type=_Token)
            refuse_repeated_keys(Reply(200, {}, body))
            lasts = _UNSTATED if token.expires_in is None else float(token.expires_in)
        except (msgspec.MsgspecError, ValueError, InvalidPayload) as error:
            raise Failure(InvalidPayload("the server's token is none")) from error
        if token.token_type.lower() != "bearer" or not token.access_token.isprintable():
            raise Failure(InvalidPayload("the server's token is of a kind that nobody asked for"))
        self._header = f"Bearer {token.access_token}"
        self._until = asyncio.get_running_loop().time() + max(0.0, lasts - _EARLY)


def _again(refusal: Failure, left: float) -> Failure:
    """The same failure for another call, which is not sent."""
    error = copy.copy(refusal.error)
    error.retry_after = left
    return Failure(error)
