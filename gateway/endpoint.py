"""GraphQL over HTTP: one request in, one signed answer out.

The endpoint is ours because statuses, media types and the signature are the contract. It knows
nothing of registries, and of the schema only whom to ask.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import Context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import msgspec
from graphql import DocumentNode, GraphQLError, OperationType, get_operation_ast
from starlette.types import Receive, Scope, Send

from gateway import incoming, log
from gateway.attest import Asked, Attest, answer, cache_status, matter, timing
from gateway.clock import Clock
from gateway.config import LimitSettings
from gateway.engine.fragment import write
from gateway.engine.limits import parse
from gateway.engine.operation import Executor, GraphQLRequest, Result
from gateway.errors import (
    BadRequest,
    GatewayError,
    InternalError,
    NoSigningKey,
    Overloaded,
    RateLimited,
    ValidationFailed,
)
from gateway.incoming import Disconnected, Headers, Reading, Refusal, Wishes
from gateway.negotiate import GRAPHQL, JSON, answer_type, is_json
from gateway.provenance.evidence import Evidence
from gateway.provenance.statement import Level
from gateway.stages import Stages
from gateway.traffic import Traffic
from gateway.upstream.scheduler import Scheduler, charged
from gateway.upstream.shares import Shares
from gateway.upstream.terms import Terms

T = TypeVar("T")

_logger = logging.getLogger(__name__)
_encode = msgspec.json.Encoder(enc_hook=write).encode

_ALWAYS = (
    (b"cache-control", b"private, no-store"),
    (b"link", b'</.well-known/jwks.json>; rel="jwks"'),
    (b"vary", b"Accept, Origin"),
)
_TYPES = {name: (b"content-type", f"{name}; charset=utf-8".encode()) for name in (JSON, GRAPHQL)}
# Bodies over so many bytes are parsed beside the event loop.
_LONG = 65_536
# Seconds after which it is noticed that a client has gone.
_WATCH_AFTER = 0.05
# Whose statuses are not those of the GraphQL-over-HTTP specification.
_STATUS = {"INTERNAL_SERVER_ERROR": 500, "OVERLOADED": 503}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. `graphql` tells an answer of GraphQL from a refusal by HTTP: a client
    that does not know the newer media type gets the former with 200, whatever it says. `code` is
    that of its first error."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    graphql: bool = False
    code: str | None = None

    def shown(self, media_type: str) -> int:
        """The status as it goes out."""
        return 200 if self.graphql and self.status == 400 and media_type == JSON else self.status

    async def send(self, send: Send, media_type: str) -> None:
        """Write it out whole."""
        status = self.shown(media_type)
        raw = [
            (name.encode(), value.encode("latin-1"))
            for name, value in self.headers.items()
            if value
        ]
        raw += (_TYPES[media_type], (b"content-length", b"%d" % len(self.body)), *_ALWAYS)
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The ASGI application of `/graphql`.

    `asked` opens the context of one operation for the executor. `check` is called before a request
    is read, and raises `Overloaded` where there is too much to do, or `NoSigningKey` where no
    answer could be signed; `admit` is entered with its client once it is whole, so that slow
    clients take no room. `client` tells by what a request's client is known to `shares`, which
    raises `RateLimited` where it must give way. `origins` may call from pages of other sites.
    """

    executor: Executor
    notary: Attest
    asked: Callable[[Terms], Asked]
    limits: LimitSettings
    clock: Clock
    admit: Callable[[str], AbstractAsyncContextManager[Any]] = nullcontext
    check: Callable[[], None] = lambda: None
    client: Callable[[Scope], str] = lambda scope: ""
    shares: Shares | None = None
    scheduler: Scheduler | None = None
    origins: Collection[str] = ()
    reading: Reading = field(default_factory=Reading)
    traffic: Traffic = field(default_factory=Traffic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope["headers"])
        media_type = answer_type(headers.get(b"accept"))
        client = self.client(scope)
        began = self.clock.monotonic()
        try:
            self.check()
            with nullcontext() if self.shares is None else self.shares.request(client):
                if media_type is None:
                    raise Refusal(406, BadRequest(f"the answer is {GRAPHQL} or {JSON}"))
                work = self._reply(scope, headers, receive, client)
                reply = await (work if self.scheduler is None else self.scheduler.run(client, work))
        except Disconnected:
            return
        except Refusal as refusal:
            reply = _refused(refusal.status, refusal.error, refusal.headers)
        except (Overloaded, NoSigningKey) as error:
            wait = str(error.details.get("retryAfterSeconds", 1))
            reply = _refused(503, error, {"retry-after": wait})
        except RateLimited as error:
            wait = str(error.details.get("retryAfterSeconds", 1))
            reply = _refused(429, error, {"retry-after": wait})
        except GatewayError as error:
            reply = _refused(400, error)
        except Exception:
            reply = _refused(500, _masked())
        took = self.clock.monotonic() - began
        self.traffic.answered(reply.shown(media_type or JSON), reply.code, took)
        await reply.send(send, media_type or JSON)

    async def _reply(self, scope: Scope, headers: Headers, receive: Receive, client: str) -> Reply:
        body = await self._body(scope, headers, receive)
        async with self.admit(client):
            request = await self._request(scope, headers, body)
            wishes = incoming.wishes(request.extensions)
            return await _unless_gone(self._answer(request, wishes, client), receive)

    async def _body(self, scope: Scope, headers: Headers, receive: Receive) -> bytes | None:
        method = scope["method"]
        if method == "GET":
            return None
        if method != "POST":
            error = BadRequest("GraphQL is asked by POST, or by GET for queries")
            raise Refusal(405, error, allow="GET, POST")
        if not is_json(headers.get(b"content-type")):
            raise Refusal(415, BadRequest(f"send the request as {JSON} in UTF-8"), accept=JSON)
        if (headers.get(b"content-encoding") or "identity").lower() != "identity":
            raise Refusal(415, BadRequest("send the request body without compression"))
        length = headers.get(b"content-length")
        return await incoming.read_body(receive, length, self.limits, self.reading)

    async def _request(self, scope: Scope, headers: Headers, body: bytes | None) -> GraphQLRequest:
        if body is not None:
            if len(body) <= _LONG:
                return incoming.from_body(body)
            return await charged(asyncio.to_thread, incoming.from_body, body)
        self._refuse_other_sites(headers)
        request = incoming.from_url(scope["query_string"])
        await self._refuse_writing(request)
        return request

    def _refuse_other_sites(self, headers: Headers) -> None:
        """A page of another site can make a browser GET anything; it cannot make it POST JSON
        or send a header of its own without asking first."""
        if b"graphql-require-preflight" in headers or headers.get(b"origin") in self.origins:
            return
        site = headers.get(b"sec-fetch-site") or "none"
        if site not in ("none", "same-origin"):
            error = BadRequest("pages of other sites may only POST")
            raise Refusal(405, error, allow="POST")

    async def _refuse_writing(self, request: GraphQLRequest) -> None:
        if "mutation" not in request.query and "subscription" not in request.query:
            return
        try:
            # Beside the event loop, as long texts take a while.
            document: DocumentNode = await charged(
                asyncio.to_thread, parse, request.query, self.limits
            )
        except GatewayError:
            return  # the executor says what is wrong with it
        operation = get_operation_ast(document, request.operation_name)
        if operation is not None and operation.operation is not OperationType.QUERY:
            raise Refusal(405, BadRequest("GET is for queries only"), allow="POST")

    async def _answer(self, request: GraphQLRequest, wishes: Wishes, client: str) -> Reply:
        terms = Terms(
            deadline=self.clock.monotonic() + self.limits.timeout,
            evidence=Evidence(keep_bodies=wishes.evidence),
            stages=Stages(self.clock) if wishes.timing else None,
        )
        if self.shares is not None:
            terms.turn = partial(self.shares.turn, client)
        return await self._told(request, wishes, terms)

    async def _told(self, request: GraphQLRequest, wishes: Wishes, terms: Terms) -> Reply:
        started = terms.deadline - self.limits.timeout
        asked = self.asked(terms)
        asked.records = wishes.level is Level.RECORDS
        if wishes.explain:
            return await self._explain(request, wishes, asked)
        result = await self._execute(request, asked)
        executed = self.clock.monotonic()
        said = answer(result)
        told = matter(request, wishes, said, asked, result.places)
        extensions = {"provenance": await self.notary.attest(told)}
        signed = self.clock.monotonic()
        if wishes.timing:
            extensions["timing"] = timing(asked, signed - started, signed - executed)
        body = _encode({**said, "extensions": extensions})
        shown = {"cache-status": cache_status(terms.evidence)}
        return Reply(_status(result), body, shown, True, _code(said))

    async def _explain(self, request: GraphQLRequest, wishes: Wishes, asked: Asked) -> Reply:
        """The plan and its price instead of an answer; signed, as everything is.

        What is signed names no question: `data: null` is not what the registries answer to it.
        """
        extensions: dict[str, Any] = {}
        try:
            extensions["explain"] = {"prices": await self.executor.explain(request, asked)}
            result = Result(True)
        except GatewayError as error:
            result = refused(error)
        said = answer(result)
        told = replace(
            matter(request, wishes, said, asked),
            document=None,
            variables=None,
            operation_name=None,
        )
        extensions["provenance"] = await self.notary.attest(told)
        body = _encode({**said, "extensions": extensions})
        return Reply(_status(result), body, {}, True, _code(said))

    async def _execute(self, request: GraphQLRequest, asked: Asked) -> Result:
        try:
            return await self.executor.execute(request, asked)
        except (Overloaded, RateLimited):
            raise
        except GatewayError as error:
            return refused(error)


def _status(result: Result) -> int:
    if result.executed:
        return 200
    codes = [error.get("extensions", {}).get("code", "") for error in result.errors]
    return next((_STATUS[code] for code in codes if code in _STATUS), 400)


def _code(said: Mapping[str, Any]) -> str | None:
    """The code of an answer's first error, None where it has none."""
    for error in said.get("errors") or ():
        code = error.get("extensions", {}).get("code", "")
        return code if isinstance(code, str) else ""
    return None


def refused(error: GatewayError) -> Result:
    """A request that was not executed, with everything that is wrong with it."""
    every = error.errors if isinstance(error, ValidationFailed) else ()
    return Result(False, errors=every or [formatted(error)])


def formatted(error: GatewayError) -> dict[str, Any]:
    """An error as GraphQL answers carry it, with its places in the document where it has some."""
    extensions = error.extensions
    places = extensions.pop("locations", None)
    cause = error.__cause__
    if isinstance(cause, GraphQLError) and cause.locations:
        places = [{"line": place.line, "column": place.column} for place in cause.locations]
    shown: dict[str, Any] = {"message": error.message}
    if places:
        shown["locations"] = places
    return {**shown, "extensions": extensions}


def _refused(status: int, error: GatewayError, headers: Mapping[str, str] | None = None) -> Reply:
    body = _encode({"errors": [formatted(error)]})
    return Reply(status, body, headers or {}, code=error.code)


def _masked() -> InternalError:
    """A bug: the log has it, the client has the number to ask for."""
    _logger.exception("request failed")
    name = log.request_id.get()
    return InternalError("The gateway failed; its log has the request id.", requestId=name)


async def _unless_gone(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """The result, unless the client goes away first; then the work is cancelled.

    Raises:
        Disconnected: the client went away.
    """
    working = asyncio.current_task()
    gone = False
    leaving: asyncio.Task[None] | None = None

    def leave(leaving: asyncio.Task[None]) -> None:
        nonlocal gone
        if not leaving.cancelled() and working is not None:
            gone = True
            working.cancel()

    def watch() -> None:
        nonlocal leaving
        # It works for nobody: to notice is not to wait behind what others ask.
        leaving = asyncio.create_task(_gone(receive), context=Context())
        leaving.add_done_callback(leave)

    # What is answered sooner is not worth a task that watches.
    soon = asyncio.get_running_loop().call_later(_WATCH_AFTER, watch)
    try:
        return await work
    except asyncio.CancelledError:
        if gone and working is not None and working.uncancel() == 0:
            raise Disconnected from None
        raise
    finally:
        soon.cancel()
        if leaving is not None:
            leaving.remove_done_callback(leave)
            leaving.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
