"""A source: one registry, as one operation may use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import aiohttp

from adapters.contract import Answer, Reply, Request
from gateway.clock import Clock
from gateway.errors import (
    InvalidPayload,
    Outcome,
    RegistryError,
    RegistryHttpError,
    RegistryNotConfigured,
    RegistryTimeout,
)
from gateway.provenance.evidence import CacheFacts, Exchange, Watched
from gateway.stages import stage
from gateway.upstream.cache import Cache
from gateway.upstream.call import Call
from gateway.upstream.decoding.run import Decoded
from gateway.upstream.entry import Entry
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance, Flights, Left
from gateway.upstream.freshness import Freshness, freshness
from gateway.upstream.lane import Landed, Lane
from gateway.upstream.memo import Memo
from gateway.upstream.receipt import answered, failed, hashed
from gateway.upstream.replicas import Alone
from gateway.upstream.response import Received
from gateway.upstream.terms import Terms

T = TypeVar("T")

# Where the registry itself says "no such thing", yesterday's copy would contradict it.
_FINAL = frozenset({400, 404, 405, 406, 409, 410, 414, 422, 451})


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a flight brings to all who wait for it. `before` are the exchanges it took first;
    `shared` says that another replica made it. `value` is what `decode` made of the body, where
    it was decoded on the way."""

    entry: Entry
    landed: Landed
    fwd: str
    kept: bool
    before: tuple[Exchange, ...] = ()
    shared: bool = False
    decode: Callable[[Reply], object] | None = None
    value: Decoded[Any] | None = None


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
        # By exchange, what was asked, and whether the registry was.
        self._asked: dict[int, tuple[str, bool]] = {}

    @property
    def registry(self) -> str:
        return self._lane.upstream.key

    @property
    def options(self) -> Mapping[str, str]:
        return self._lane.upstream.options

    async def refuse(self, sources: Sequence[int]) -> None:
        """The answers with these exchanges, all of one question, were read and are none: they
        are not to come again from the cache, and the registry is to blame."""
        found = [self._asked.pop(source) for source in sources if source in self._asked]
        for key in dict.fromkeys(key for key, _ in found):
            await self._cache.drop(key)
        if any(sent for _, sent in found):
            self._lane.refused()

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        call = self._prepared(request)
        answer = await self._read(call, request, decode)
        exchange = self._terms.evidence.exchanges[answer.source]
        self._asked[answer.source] = (call.key, not exchange.cache.hit)
        return answer

    async def held(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T] | None:
        """What `read` gives where it would ask nobody; None where it would."""
        call = self._prepared(request)
        stored = await self._cache.get(call.key)
        if stored is None or not self._fresh(stored):
            return None
        self._lane.tally.requests += 1
        answer = await self._remembered(call, stored, decode)
        self._asked[answer.source] = (call.key, False)
        return answer

    def _prepared(self, request: Request) -> Call:
        upstream = self._lane.upstream
        if not upstream.configured:
            raise RegistryNotConfigured(upstream.why_not, registry=upstream.key)
        return self._lane.calls.prepare(request)

    def _fresh(self, stored: Entry) -> bool:
        return stored.staleness(self._now(), self._terms.max_age) < 0

    async def _remembered(
        self, call: Call, stored: Entry, decode: Callable[[Reply], T]
    ) -> Answer[T]:
        self._lane.tally.cache_hits += 1
        receipt = partial(answered, call, stored, cache=self._hit(stored))
        return await self._answer(decode, stored, receipt)

    async def _read(self, call: Call, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        terms, tally = self._terms, self._lane.tally
        tally.requests += 1
        stored = await self._cache.get(call.key)
        if stored is not None and self._fresh(stored):
            return await self._remembered(call, stored, decode)

        began = self._clock.monotonic()
        try:
            arrival, collapsed = await self._flights.join(
                call.key,
                terms.deadline,
                terms.bulk,
                partial(self._fly, request, call, stored, decode),
            )
        except (Failure, Left) as error:
            failure = error if isinstance(error, Failure) else self._overdue(error, began)
            return await self._stand_in(call, decode, stored, failure)
        collapsed = collapsed or arrival.shared
        tally.collapsed += collapsed
        for exchange in arrival.before:
            self._note(exchange)
        landed, entry = arrival.landed, arrival.entry
        facts = CacheFacts(
            fwd=arrival.fwd,
            collapsed=collapsed,
            ttl_seconds=int(entry.lifetime) if arrival.kept else None,
        )
        receipt = partial(
            answered,
            call,
            entry,
            cache=facts,
            status=landed.received.status,
            attempts=landed.attempts,
            latency_ms=landed.latency_ms,
        )
        if arrival.value is not None and arrival.decode == decode:
            return await self._answered(arrival.value, entry, receipt)
        return await self._answer(decode, entry, receipt)

    async def _fly(
        self,
        request: Request,
        call: Call,
        stored: Entry | None,
        decode: Callable[[Reply], object],
        allowance: Allowance,
    ) -> Arrival:
        """One flight, for all who ask the same; one for all replicas, where there are several."""
        replicas = self._lane.replicas
        if isinstance(replicas, Alone):
            return await self._fetch(request, call, allowance, stored, decode)

        async def ask() -> Arrival:
            return await self._fetch(request, call, allowance, stored, decode)

        async def look() -> Arrival | None:
            return await self._elsewhere(call, stored)

        return await replicas.once(call.key, allowance, ask, look)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _note(self, exchange: Exchange) -> int:
        evidence = self._terms.evidence
        return evidence.add(exchange if evidence.keep_bodies else replace(exchange, body=None))

    def _overdue(self, left: Left, began: float) -> Failure:
        failure = Failure(RegistryTimeout("no whole answer before the deadline"))
        failure.attempts = left.attempts
        failure.latency_ms = int((self._clock.monotonic() - began) * 1000)
        return failure

    async def _elsewhere(self, call: Call, stored: Entry | None) -> Arrival | None:
        """What another replica has put into the store since `stored` was read."""
        found = await self._cache.get(call.key)
        if found is None or (stored is not None and found.checked_at == stored.checked_at):
            return None
        found = await found.whole()
        received = Received(found.status, found.headers, found.body, found.certificate)
        return Arrival(found, Landed(received, 0, 0), self._fwd(stored), True, shared=True)

    def _fwd(self, stored: Entry | None) -> str:
        """Why the registry is asked, in the words of RFC 9211."""
        if not self._cache.on:
            return "bypass"
        return "uri-miss" if stored is None else "stale"

    async def _fetch(
        self,
        request: Request,
        call: Call,
        allowance: Allowance,
        stored: Entry | None,
        decode: Callable[[Reply], object],
    ) -> Arrival:
        """Ask the registry, and keep what it says; runs once for all who wait."""
        if request.opening is None or call.opening is None:
            return await self._ask(call, allowance, stored, decode)
        carry, agree = request.opening.carry, request.opening.agree
        async with self._lane.wire.session() as session:
            first = await self._ask(call.opening, allowance, None, carry, session, keep=False)
            carried = await self._decoded(carry, first.entry)
            form = (*(request.form or ()), *carried.value)
            facts = CacheFacts(fwd="bypass")
            landed = first.landed
            opened = answered(
                call.opening,
                first.entry,
                cache=facts,
                attempts=landed.attempts,
                latency_ms=landed.latency_ms,
                body=first.entry.body,
            )
            told = None if agree is None else partial(agree, first.entry.reply())
            carrying = call.carrying(form)
            try:
                arrival = await self._ask(carrying, allowance, stored, decode, session, agree=told)
            except Failure as failure:
                failure.before = (opened,)
                raise
        return replace(arrival, before=(opened,))

    async def _ask(
        self,
        call: Call,
        allowance: Allowance,
        stored: Entry | None,
        decode: Callable[[Reply], object],
        session: aiohttp.ClientSession | None = None,
        *,
        keep: bool = True,
        agree: Callable[[object], None] | None = None,
    ) -> Arrival:
        digest = ""
        value: Decoded[object] | None = None
        ran: Callable[[Reply], object] | None = None

        async def check(received: Received) -> None:
            nonlocal digest, value, ran
            if stored is not None and received.status == 304:
                if not stored.confirmed_by(received.headers):
                    raise InvalidPayload("the registry confirmed another version than ours")
                return
            stages = self._terms.stages
            with stage(stages, "hash"):
                digest = await hashed(received)
            limits = self._lane.limits
            reply = Reply(received.status, received.headers, received.body, limits=limits)
            with stage(stages, "decode"):
                value = await self._value(decode, reply, digest)
            ran = decode
            if agree is not None:
                agree(value.value)

        conditions = stored.conditions() if stored is not None else {}
        landed = await self._lane.ask(call, allowance, conditions, check, session)
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
                request_digest=call.request_digest,
            )
        if keep:
            await self._keep(call, entry, fresh, stored)
        kept = keep and fresh.keep and self._cache.on
        return Arrival(entry, landed, self._fwd(stored), kept, decode=ran, value=value)

    async def _keep(self, call: Call, entry: Entry, fresh: Freshness, stored: Entry | None) -> None:
        if fresh.keep:
            await self._cache.put(call.key, entry)
        elif stored is not None:
            await self._cache.drop(call.key)

    async def _value(self, decode: Callable[[Reply], T], reply: Reply, digest: str) -> Decoded[T]:
        if not self._memo.apart(decode, reply):
            return self._memo.decode(decode, reply, digest)
        return await self._memo.decode_apart(decode, reply, digest, self.registry)

    async def _decoded(self, decode: Callable[[Reply], T], entry: Entry) -> Decoded[T]:
        if (known := self._memo.known(decode, entry)) is not None:
            return known
        # Unpacked even when the deadline is over: then an old answer may have to stand in.
        reply = (await entry.whole()).reply(self._lane.limits)
        if not self._memo.apart(decode, reply):
            return self._memo.decode(decode, reply, entry.digest)
        try:
            async with asyncio.timeout(self._terms.deadline - self._clock.monotonic()):
                return await self._value(decode, reply, entry.digest)
        except TimeoutError as error:
            raise RegistryTimeout("the body was not decoded before the deadline") from error

    async def _stand_in(
        self,
        call: Call,
        decode: Callable[[Reply], T],
        stored: Entry | None,
        failure: Failure,
    ) -> Answer[T]:
        """The labelled old answer where one may stand in for the failed one, else the error."""
        for exchange in failure.before:
            self._note(exchange)
        gone = await failed(call, failure, self._fwd(stored), self._clock.now())
        source = self._note(gone)
        self._lane.tell_failure(failure)
        error, terms = failure.error, self._terms
        final = isinstance(error, RegistryHttpError) and error.status in _FINAL
        if (
            stored is None
            or final
            or not stored.may_stand_in(self._now(), terms.max_age, terms.max_stale)
        ):
            raise failure.raised(self.registry, source) from failure
        self._lane.tally.stale_served += 1
        facts = self._hit(stored, stale=True, reason=error.outcome.value)
        receipt = partial(answered, call, stored, outcome=Outcome.STALE, cache=facts)
        return await self._answer(decode, stored, receipt)

    def _hit(self, stored: Entry, *, stale: bool = False, reason: str | None = None) -> CacheFacts:
        age = stored.age(self._now())
        return CacheFacts(
            hit=True,
            age_seconds=int(age),
            ttl_seconds=int(stored.lifetime - age),
            stale=stale,
            stale_reason=reason,
        )

    async def _answer(
        self, decode: Callable[[Reply], T], entry: Entry, receipt: Callable[..., Exchange]
    ) -> Answer[T]:
        try:
            value = await self._decoded(decode, entry)
        except RegistryError as error:
            # The bytes satisfied the decoder of whoever fetched them, but not this one.
            source = self._note(receipt(outcome=error.outcome, body=(await entry.whole()).body))
            self._lane.tell_failure(Failure(error))
            raise Failure(error).raised(self.registry, source) from error
        return await self._answered(value, entry, receipt)

    async def _answered(
        self, decoded: Decoded[T], entry: Entry, receipt: Callable[..., Exchange]
    ) -> Answer[T]:
        # Totals and warnings come from headers, so those that are looked at are evidence too.
        seen: dict[str, str | None] = {}
        evidence = self._terms.evidence
        kept = (await entry.whole()).body if evidence.keep_bodies else None
        source = evidence.add(receipt(seen=seen, body=kept))
        evidence.leave_out(source, decoded.unread.count, decoded.unread.first)
        return Answer(decoded.value, source, Watched(entry.headers, seen))
