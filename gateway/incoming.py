"""From an HTTP request to a well-formed GraphQL request, or a refusal with a status."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gateway import strictjson
from gateway.config import LimitSettings
from gateway.engine.operation import GraphQLRequest
from gateway.errors import BadRequest, BatchingDisabled, BodyTooLarge, Overloaded, RequestError
from gateway.provenance.statement import NONCE_CHARS, Level
from gateway.within import Within

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
RawHeader = tuple[bytes, bytes]

_PARAMETERS = ("query", "variables", "operationName", "extensions")
_PROVENANCE = frozenset({"level", "nonce", "evidence"})
_MOST_QUERY_FIELDS = 64
# What separates values, in texts too: a document has at most as many as characters, and variables
# at most a few for each of their values.
_STRUCTURE = (b",", b":", b"[", b"{")
_MOST_STRUCTURE = 60_000
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


class Refusal(Exception):
    """Internal: an HTTP request that is no GraphQL request; answered without a signature."""

    def __init__(self, status: int, error: RequestError, **headers: str) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Disconnected(Exception):
    """Internal: the client went away before its request was whole."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the request extensions ask for beside the data."""

    level: Level = Level.STATEMENT
    nonce: str | None = None
    evidence: bool = False
    timing: bool = False
    explain: bool = False


_NONE = Wishes()


class Headers:
    """The headers of an ASGI scope: the first of each name, looked up by its lower-case name."""

    __slots__ = ("_first",)

    def __init__(self, raw: Iterable[RawHeader]) -> None:
        # Of two of one name, the last one stays, which is the first one here.
        self._first: dict[bytes, bytes] = dict(reversed([*raw]))

    def __contains__(self, name: bytes) -> bool:
        return name in self._first

    def get(self, name: bytes) -> str | None:
        """The value, None where there is none."""
        value = self._first.get(name)
        return None if value is None else value.decode("latin-1")


class Reading:
    """Bytes of all bodies that are being read, so that slow clients together hold no more of them
    than `most`."""

    __slots__ = ("most", "now")

    def __init__(self, most: int = 32 * 1024 * 1024) -> None:
        self.most = most
        self.now = 0

    def add(self, size: int) -> None:
        """Count what came.

        Raises:
            Overloaded: more is being read than there is room for.
        """
        self.now += size
        if self.now > self.most:
            raise Overloaded("more requests are being read than there is room for; ask again later")


async def read_body(
    receive: Receive, declared: str | None, limits: LimitSettings, reading: Reading | None = None
) -> bytes:
    """The whole body, counted as it comes; the declared length is only a reason to stop early.

    Raises:
        Refusal: 413 over the limit, 408 when the body takes too long.
        Overloaded: too much is being read at once.
        Disconnected: the client went away.
    """
    most = limits.body_bytes
    if (
        declared is not None
        and declared.isdecimal()
        and len(declared) < 20
        and int(declared) > most
    ):
        raise _too_large(most)
    reading = reading or Reading()
    body = bytearray()
    try:
        with Within(limits.body_timeout):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                chunk = message.get("body", b"")
                body += chunk
                reading.add(len(chunk))
                if len(body) > most:
                    raise _too_large(most)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        waited = f"{limits.body_timeout:g} seconds"
        error = BadRequest(f"the request body was not whole after {waited}")
        raise Refusal(408, error, connection="close") from None
    finally:
        reading.now -= len(body)


def _too_large(most: int) -> Refusal:
    error = BodyTooLarge(f"the request body is over {most} bytes", limit="body_bytes", allowed=most)
    return Refusal(413, error, connection="close")


def from_body(body: bytes) -> GraphQLRequest:
    """The request of a POST.

    Raises:
        BadRequest: not strict JSON, or not the shape of a GraphQL request.
        BatchingDisabled: an array of requests.
    """
    if sum(map(body.count, _STRUCTURE)) > _MOST_STRUCTURE:
        raise BadRequest(
            "the body has too many values: send fewer variables",
            limit="body_values",
            allowed=_MOST_STRUCTURE,
        )
    value = strictjson.parse(body)
    if isinstance(value, list):
        raise BatchingDisabled("send one operation for each request; use aliases or nodes(ids:)")
    if not isinstance(value, dict):
        raise BadRequest(
            'the body must be a JSON object such as {"query": "{ registries { key } }"}'
        )
    return _request(value)


def from_url(query_string: bytes) -> GraphQLRequest:
    """The request of a GET; `variables` and `extensions` are JSON texts.

    Raises:
        BadRequest: a parameter that is there twice, is not UTF-8 or not strict JSON.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_QUERY_FIELDS,
        )
    except ValueError:
        raise BadRequest("the URL's query is not percent-encoded UTF-8, or too long") from None
    given: dict[str, Any] = {}
    for name, text in pairs:
        if name not in _PARAMETERS:
            continue
        if name in given:
            raise BadRequest(f"the parameter {name} is there twice")
        given[name] = text
    for name in ("variables", "extensions"):
        if name in given:
            try:
                given[name] = strictjson.parse(given[name].encode("utf-8"))
            except BadRequest as error:
                message = error.message.replace("the body", f"the parameter {name}")
                raise BadRequest(message, **error.details) from None
    if not given.get("operationName"):
        given.pop("operationName", None)
    return _request(given)


def _request(given: Mapping[str, Any]) -> GraphQLRequest:
    """Null means absent, and members with other names mean nothing."""
    query = given.get("query")
    if query is None:
        raise BadRequest("there is no query: send a GraphQL document as the string `query`")
    if not isinstance(query, str):
        raise BadRequest("`query` must be a string")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be a string")
    if name is not None and not _NAME.fullmatch(name):
        raise BadRequest(
            "`operationName` must be a GraphQL name (letters, digits and _, no digit first) of an "
            "operation in the document; leave it out where the document has one operation only"
        )
    variables = given.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("`variables` must be an object")
    extensions = given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("`extensions` must be an object")
    return GraphQLRequest(query, variables or {}, name, extensions or {})


def wishes(extensions: Mapping[str, Any]) -> Wishes:
    """The extensions that mean something here; those of other servers are ignored.

    Raises:
        BadRequest: one of ours with a value that it cannot have.
    """
    if not extensions:
        return _NONE
    asked = extensions.get("provenance")
    if asked is None:
        asked = {}
    if not isinstance(asked, dict):
        raise BadRequest("extensions.provenance must be an object")
    if unknown := sorted(set(asked) - _PROVENANCE):
        raise BadRequest(f"extensions.provenance has no member {unknown[0][:40]!r}")
    return Wishes(
        level=_level(asked.get("level")),
        nonce=_nonce(asked.get("nonce")),
        evidence=_switch(asked.get("evidence"), "provenance.evidence"),
        timing=_switch(extensions.get("timing"), "timing"),
        explain=_switch(extensions.get("explain"), "explain"),
    )


def _level(value: object) -> Level:
    if value is None or value == Level.STATEMENT.value:
        return Level.STATEMENT
    if value == Level.RECORDS.value:
        return Level.RECORDS
    raise BadRequest("extensions.provenance.level must be STATEMENT or RECORDS")


def _nonce(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and 0 < len(value) <= NONCE_CHARS and value.isprintable():
        return value
    raise BadRequest(
        f"extensions.provenance.nonce must be a string of 1 to {NONCE_CHARS} printable characters"
    )


def _switch(value: object, name: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise BadRequest(f"extensions.{name} must be true or false")
