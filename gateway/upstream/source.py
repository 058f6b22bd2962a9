"""A source: one registry, as one operation may use it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from adapters.contract import Answer, Reply, Request
from gateway.clock import Clock
from gateway.errors import (
    InvalidPayload,
    RegistryHttpError,
    RegistryNotConfigured,
    RegistryTimeout,
)
from gateway.model.outcome import Outcome
from gateway.provenance.evidence import CacheFacts, Exchange
from gateway.upstream.cache import Cache
from gateway.upstream.call import Call, prepare
from gateway.upstream.entry import Entry
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance, Flights, Left
from gateway.upstream.freshness import freshness
from gateway.upstream.lane import Landed, Lane
from gateway.upstream.memo import Memo
from gateway.upstream.terms import Terms
from gateway.upstream.wire import Received

T = TypeVar("T")

# Where the registry itself says "no such thing", yesterday's copy would contradict it.
_FINAL = frozenset({400, 404, 405, 406, 409, 410, 414, 422, 451})


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a flight brings to all who wait for it."""

    entry: Entry
    landed: Landed
    fwd: str
    kept: bool


class RegistrySource:
    """The `Source` of the contract. Made per operation by the door; holds no state but terms."""

    def __init__(
        self,
        lane: Lane,
        terms: Terms,
        *,
        flights: Flights[Arrival],
        cache: Cache,
        memo: Memo,
        clock: Clock,
    ) -> None:
        self._lane = lane
        self._terms = terms
        self._flights = flights
        self._cache = cache
        self._memo = memo
        self._clock = clock

    @property
    def registry(self) -> str:
        return self._lane.upstream.key

    @property
    def options(self) -> Mapping[str, str]:
        return self._lane.upstream.options

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        upstream = self._lane.upstream
        if not upstream.configured:
            raise RegistryNotConfigured(upstream.why_not, registry=upstream.key)
        call = prepare(upstream, request)
        terms, tally = self._terms, self._lane.tally
        tally.requests += 1
        stored = await self._cache.get(call.key)
        if stored is not None and stored.staleness(self._now(), terms.max_age) < 0:
            tally.cache_hits += 1
            return self._answer(call, decode, stored, Outcome.OK, self._hit(stored))

        async def begin(allowance: Allowance) -> Arrival:
            return await self._fetch(call, allowance, stored, decode)

        began = self._clock.monotonic()
        try:
            arrival, collapsed = await self._flights.join(
                call.key, terms.deadline, terms.bulk, begin
            )
        except (Failure, Left) as error:
            failure = error if isinstance(error, Failure) else self._overdue(error, began)
            return self._stand_in(call, decode, stored, failure)
        tally.collapsed += collapsed
        landed = arrival.landed
        return self._answer(
            call,
            decode,
            arrival.entry,
            Outcome.OK,
            CacheFacts(
                fwd=arrival.fwd,
                collapsed=collapsed,
                ttl_seconds=int(arrival.entry.lifetime) if arrival.kept else None,
            ),
            status=landed.received.status,
            attempts=landed.attempts,
            latency_ms=landed.latency_ms,
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _overdue(self, left: Left, began: float) -> Failure:
        failure = Failure(RegistryTimeout("no whole answer before the deadline"))
        failure.attempts = left.attempts
        failure.latency_ms = int((self._clock.monotonic() - began) * 1000)
        return failure

    async def _fetch(
        self,
        call: Call,
        allowance: Allowance,
        stored: Entry | None,
        decode: Callable[[Reply], object],
    ) -> Arrival:
        """Ask the registry, and keep what it says; runs once for all who wait."""
        conditions = stored.conditions() if stored is not None else {}
        digest = ""

        def check(received: Received) -> None:
            nonlocal digest
            digest = hashlib.sha256(received.body).hexdigest()
            reply = Reply(received.status, received.headers, received.body)
            self._memo.decode(decode, reply, digest)

        landed = await self._lane.ask(call, allowance, conditions, check)
        received, now = landed.received, self._now()
        politeness = self._lane.upstream.politeness
        if stored is not None and received.status == 304:
            self._lane.tally.revalidations += 1
            entry, fresh = stored.renewed(received.headers, now, politeness)
        else:
            fresh = freshness(received.headers, now, politeness)
            entry = Entry(
                status=received.status,
                headers=received.headers,
                body=received.body,
                digest=digest,
                fetched_at=now,
                checked_at=now,
                lifetime=fresh.lifetime,
                grace=fresh.grace,
                certificate=received.certificate,
            )
        if fresh.keep:
            await self._cache.put(call.key, entry)
        elif stored is not None:
            await self._cache.drop(call.key)
        fwd = "bypass" if not self._cache.on else "uri-miss" if stored is None else "stale"
        return Arrival(entry, landed, fwd, fresh.keep and self._cache.on)

    def _stand_in(
        self,
        call: Call,
        decode: Callable[[Reply], T],
        stored: Entry | None,
        failure: Failure,
    ) -> Answer[T]:
        """The labelled old answer where one may stand in for the failed one, else the error."""
        source = self._terms.evidence.add(self._failed(call, failure))
        error, terms = failure.error, self._terms
        final = isinstance(error, RegistryHttpError) and error.status in _FINAL
        now = self._now()
        if stored is None or final or not stored.may_stand_in(now, terms.max_age, terms.max_stale):
            raise failure.raised(self.registry, source) from failure
        self._lane.tally.stale_served += 1
        facts = self._hit(stored, stale=True, reason=error.outcome.value)
        return self._answer(call, decode, stored, Outcome.STALE, facts)

    def _hit(self, stored: Entry, *, stale: bool = False, reason: str | None = None) -> CacheFacts:
        age = stored.age(self._now())
        return CacheFacts(
            hit=True,
            age_seconds=int(age),
            ttl_seconds=int(stored.lifetime - age),
            stale=stale,
            stale_reason=reason,
        )

    def _answer(
        self,
        call: Call,
        decode: Callable[[Reply], T],
        entry: Entry,
        outcome: Outcome,
        facts: CacheFacts,
        *,
        status: int | None = None,
        attempts: int = 0,
        latency_ms: int = 0,
    ) -> Answer[T]:
        evidence = self._terms.evidence
        headers = entry.headers
        exchange = Exchange(
            registry=call.registry,
            outcome=outcome,
            method=call.method,
            uri=call.uri,
            uri_redacted=call.redacted,
            request_digest=call.request_digest,
            digest=entry.digest,
            size=len(entry.body),
            media_type=headers.get("content-type"),
            status=status or entry.status,
            fetched_at=datetime.fromtimestamp(entry.fetched_at, UTC),
            upstream_date=headers.get("date"),
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            cache=facts,
            attempts=attempts,
            latency_ms=latency_ms,
            tls_certificate=entry.certificate,
            body=entry.body if evidence.keep_bodies else None,
        )
        try:
            value = self._memo.decode(decode, entry.reply(), entry.digest)
        except InvalidPayload as error:
            # The bytes satisfied the decoder of whoever fetched them, but not this one.
            source = evidence.add(replace(exchange, outcome=Outcome.INVALID_PAYLOAD))
            raise Failure(error).raised(call.registry, source) from error
        return Answer(value, evidence.add(exchange), headers)

    def _failed(self, call: Call, failure: Failure) -> Exchange:
        received = failure.received
        exchange = Exchange(
            registry=call.registry,
            outcome=failure.error.outcome,
            method=call.method,
            uri=call.uri,
            uri_redacted=call.redacted,
            request_digest=call.request_digest,
            cache=CacheFacts(fwd="miss"),
            attempts=failure.attempts,
            latency_ms=failure.latency_ms,
        )
        if received is None:
            return exchange
        keep = self._terms.evidence.keep_bodies
        return replace(
            exchange,
            digest=hashlib.sha256(received.body).hexdigest(),
            size=len(received.body),
            media_type=received.headers.get("content-type"),
            status=received.status,
            fetched_at=self._clock.now(),
            upstream_date=received.headers.get("date"),
            tls_certificate=received.certificate,
            body=received.body if keep else None,
        )
