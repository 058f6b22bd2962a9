"""An upstream call: what is sent, what may be printed of it, what it is cached under."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import msgspec
from yarl import URL

from adapters.contract import Request
from gateway.errors import BadInput, InternalError
from gateway.upstream.upstream import Upstream

REDACTED = "REDACTED"
_METHODS = frozenset({"GET", "POST", "HEAD"})
_PATH_SAFE = "/-._~!$&'()*+,;=:@%"
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# The door's own business: an adapter that could set them could smuggle or widen a request.
_RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "proxy-authorization",
        "range",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
# About what a call takes beside its texts, which stand in it several times, in parts.
_LEAST = 4_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request with everything resolved. `headers` and `url` may hold secrets, `uri` none."""

    registry: str
    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None
    allowed: frozenset[int]
    uri: str
    redacted: bool
    request_digest: str | None
    key: str
    opening: Call | None = None

    def carrying(self, form: tuple[tuple[str, str], ...]) -> Call:
        """The call with this form for a body; its key stays, since what a session hands out
        changes nothing about the question."""
        body = urlencode(form).encode()
        return replace(self, body=body, request_digest=hashlib.sha256(body).hexdigest())


class Calls:
    """The calls of one registry, made once for each question that is asked again, within a bound
    in bytes."""

    def __init__(self, upstream: Upstream, most: int = 512 * 1024) -> None:
        self._upstream = upstream
        self.most = most
        self.bytes = 0
        self._known: dict[Any, Call] = {}

    def prepare(self, request: Request) -> Call:
        """What `prepare` makes of the request.

        Raises:
            BadInput: for a path that leaves the base URL, or control characters in a header.
        """
        if request.opening is not None:
            return prepare(self._upstream, request)
        body, _ = _body(request)
        key = (
            request.path,
            request.method,
            request.query,
            body,
            request.form is None,
            request.headers,
            request.public,
            request.accept,
            request.allowed,
        )
        known = self._known.get(key)
        if known is None:
            known = prepare(self._upstream, request)
            size = _size(known)
            if self.bytes + size > self.most:
                self.clear()
            if size <= self.most:
                self._known[key] = known
                self.bytes += size
        return known

    def clear(self) -> None:
        """Forgets them."""
        self._known.clear()
        self.bytes = 0


def _size(call: Call) -> int:
    """About what a call takes, with the question that it is found by."""
    texts = len(str(call.url)) + len(call.uri) + sum(map(len, call.headers.values()))
    body = 0 if call.body is None else len(call.body)
    return _LEAST + 6 * texts + 2 * body


def prepare(upstream: Upstream, request: Request) -> Call:
    """The call that the request means at this registry.

    Raises:
        BadInput: for a path that leaves the base URL, or control characters in a header.
        InternalError: an adapter's request has a method that is not a read.
    """
    if request.method not in _METHODS:
        raise InternalError(f"{upstream.key}: {request.method} is not a read")
    path = _safe_path(request.path)
    pairs = request.query
    url = _join(upstream.base_url, path)
    printed = _join(upstream.public_uri or _without_user(upstream.base_url), path)
    shown = tuple((k, v if k in request.public else REDACTED) for k, v in pairs)
    body, media_type = _body(request)
    headers = _headers(upstream, request, media_type)
    sent = _with_query(url, (*pairs, *upstream.secret_query))
    digest = None if body is None else hashlib.sha256(body).hexdigest()
    opening = prepare(upstream, request.opening.request) if request.opening else None
    return Call(
        registry=upstream.key,
        method=request.method,
        url=URL(sent, encoded=True),
        headers=headers,
        body=body,
        allowed=request.allowed,
        uri=_with_query(printed, shown),
        redacted=shown != pairs or bool(upstream.secret_query),
        request_digest=digest,
        key=_key(upstream, request.method, sent, headers, digest, opening),
        opening=opening,
    )


def _safe_path(path: str) -> str:
    if _CONTROL.search(path) or any(sign in path for sign in "?#\\"):
        raise BadInput("a registry path holds a character that paths may not have")
    if _BARE_PERCENT.search(path):
        raise BadInput("a registry path holds a percent sign that encodes nothing")
    plain = path
    for _ in range(3):
        plain = unquote(plain)
    if _CONTROL.search(plain):
        raise BadInput("a registry path holds an encoded control character")
    if any(part in (".", "..") for part in re.split(r"[/\\]", plain)):
        raise BadInput("a registry path may not climb")
    if path.startswith("//"):
        raise BadInput("a registry path may not name a host")
    return quote(path, safe=_PATH_SAFE)


def _join(base: str, path: str) -> str:
    base = base.rstrip("/")
    return f"{base}/{path.removeprefix('/')}" if path else base


def _without_user(base: str) -> str:
    parts = urlsplit(base)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _with_query(url: str, pairs: tuple[tuple[str, str], ...]) -> str:
    return f"{url}?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else url


def _body(request: Request) -> tuple[bytes | None, str]:
    if request.json is not None and request.form is not None:
        raise InternalError("a request has either a JSON body or a form")
    if request.json is not None:
        return msgspec.json.encode(request.json), "application/json"
    if request.form is not None:
        return urlencode(request.form).encode(), "application/x-www-form-urlencoded"
    return None, ""


def _headers(upstream: Upstream, request: Request, media_type: str) -> dict[str, str]:
    found = {"accept": request.accept}
    if media_type:
        found["content-type"] = media_type
    for name, value in request.headers:
        if name.lower() in _RESERVED:
            raise InternalError(f"{upstream.key}: an adapter may not set the header {name}")
        found[name.lower()] = value
    for name, value in upstream.headers.items():
        found[name.lower()] = value
    for name, value in found.items():
        if not _TOKEN.fullmatch(name) or _CONTROL.search(value):
            raise BadInput("a registry header holds a character that headers may not have")
    return found


def _key(
    upstream: Upstream,
    method: str,
    url: str,
    headers: Mapping[str, str],
    digest: str | None,
    opening: Call | None,
) -> str:
    """One text per distinct question. Credentials are among the headers, so what one credential
    was told is never answered to another; hashed, since keys are seen by the store. Each part goes
    in with its length, so that no two lists of parts are the same bytes."""
    client = upstream.grant.client_id if upstream.grant else ""
    parts = [upstream.key, method, url, digest or "", opening.key if opening else "", client]
    for name in sorted(headers):
        parts += [name, headers[name]]
    told = hashlib.sha256()
    for part in parts:
        written = part.encode("utf-8", "surrogatepass")
        told.update(len(written).to_bytes(8, "big") + written)
    return f"cgw:body:{upstream.key}:{told.hexdigest()}"
