"""Asking a gateway over HTTP, with the standard library alone: for the command line."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import AskFailed
from gateway.provenance.outgoing import TooMuch, fetch
from gateway.provenance.strict import load_json

MOST_BYTES = 256 * 1024 * 1024


def ask(
    url: str,
    query: str,
    variables: Mapping[str, Any] | None = None,
    extensions: Mapping[str, Any] | None = None,
    *,
    timeout: float = 60.0,
    most: int = MOST_BYTES,
) -> bytes:
    """The response to one GraphQL request, as it came, at most `most` bytes. `url` is the
    gateway's origin.

    Raises:
        AskFailed: no connection, or no GraphQL answer.
    """
    asked = {"query": query, "variables": variables or {}, "extensions": extensions or {}}
    headers = {"content-type": "application/json", "accept": "application/json"}
    request = _request(f"{url.rstrip('/')}/graphql", json.dumps(asked).encode(), headers)
    return _fetch(request, timeout, most)


def get(url: str, *, timeout: float = 30.0) -> bytes:
    """The body of a GET; `timeout` is in seconds, for the answer as a whole.

    Raises:
        AskFailed: no connection, or no success.
    """
    return _fetch(_request(url), timeout, MOST_BYTES)


def jwks(url: str) -> Any:
    """The key set that a gateway publishes.

    Raises:
        AskFailed: there is none.
        ProvenanceError: it is not strict JSON.
    """
    # Past caches on the way: the key may be younger than what they keep.
    fresh = {"cache-control": "no-cache"}
    request = _request(f"{url.rstrip('/')}/.well-known/jwks.json", headers=fresh)
    return load_json(_fetch(request, 30.0, MOST_BYTES))


def _request(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> urllib.request.Request:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AskFailed(f"{url!r} is not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AskFailed(f"{url!r} is not an http or https URL")
    return urllib.request.Request(url, body, dict(headers or {}))  # noqa: S310 - checked above


def _fetch(request: urllib.request.Request, timeout: float, most: int) -> bytes:
    try:
        return fetch(request, seconds=timeout, most=most)
    except TooMuch:
        raise AskFailed(f"{request.full_url}: the answer is over {most} bytes") from None
    except urllib.error.HTTPError as error:
        with error:
            raise AskFailed(f"{request.full_url}: {_said(error)}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        reason = getattr(reason, "strerror", None) or reason
        raise AskFailed(f"{request.full_url} cannot be reached: {reason}") from None


def _said(error: urllib.error.HTTPError) -> str:
    """The gateway's own message where it gave one."""
    try:
        message = json.loads(error.read(65_536))["errors"][0]["message"]
    except (ValueError, KeyError, IndexError, TypeError, OSError):
        message = error.reason
    return f"HTTP {error.code}: {message}"
