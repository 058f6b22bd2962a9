"""Receipts: what the evidence says about one exchange, good or bad."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from gateway.errors import Outcome
from gateway.provenance.evidence import CacheFacts, Exchange
from gateway.upstream.call import Call
from gateway.upstream.entry import Entry
from gateway.upstream.failure import Failure
from gateway.upstream.response import Received

# Bytes from which on hashing takes longer than the way to another thread and back.
_LARGE = 1024 * 1024


def digest_of(received: Received) -> str:
    """The hex SHA-256 of the body, its content coding removed."""
    return hashlib.sha256(received.body).hexdigest()


async def hashed(received: Received) -> str:
    """The same; a large body is hashed where it holds nobody up."""
    if len(received.body) < _LARGE:
        return digest_of(received)
    return await asyncio.to_thread(digest_of, received)


def answered(
    call: Call,
    entry: Entry,
    *,
    cache: CacheFacts,
    outcome: Outcome = Outcome.OK,
    status: int | None = None,
    attempts: int = 0,
    latency_ms: int = 0,
    seen: Mapping[str, str | None] | None = None,
    body: bytes | None = None,
) -> Exchange:
    """The receipt of a body, fresh off the wire or out of the cache. `seen` are the headers that
    the mapping looks at, `body` the bytes where they are kept as evidence."""
    headers = entry.headers
    return Exchange(
        registry=call.registry,
        outcome=outcome,
        method=call.method,
        uri=call.uri,
        uri_redacted=call.redacted,
        request_digest=entry.request_digest,
        digest=entry.digest,
        size=entry.size,
        media_type=headers.get("content-type"),
        status=entry.status if status is None else status,
        fetched_at=datetime.fromtimestamp(entry.fetched_at, UTC),
        upstream_date=headers.get("date"),
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        cache=cache,
        attempts=attempts,
        latency_ms=latency_ms,
        tls_certificate=entry.certificate,
        body=body,
        headers={} if seen is None else seen,
    )


async def failed(call: Call, failure: Failure, fwd: str, now: datetime) -> Exchange:
    """The receipt of a call without an answer; what the registry sent instead is hashed too."""
    call = failure.call or call
    received = failure.received
    exchange = Exchange(
        registry=call.registry,
        outcome=failure.error.outcome,
        method=call.method,
        uri=call.uri,
        uri_redacted=call.redacted,
        request_digest=call.request_digest,
        cache=CacheFacts(fwd=fwd),
        attempts=failure.attempts,
        latency_ms=failure.latency_ms,
    )
    if received is None:
        return exchange
    return replace(
        exchange,
        digest=await hashed(received),
        size=len(received.body),
        media_type=received.headers.get("content-type"),
        status=received.status,
        fetched_at=now,
        upstream_date=received.headers.get("date"),
        tls_certificate=received.certificate,
        body=received.body,
    )
