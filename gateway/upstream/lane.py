"""One registry's lane: everything that stands between a question and its wire."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp

from adapters.apart import Limits
from adapters.contract import Reply
from gateway.clock import Chance, Clock
from gateway.errors import (
    CircuitOpen,
    InvalidPayload,
    Outcome,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryShed,
    RegistryTimeout,
)
from gateway.log import event, listing
from gateway.sparing import Sparing
from gateway.upstream.breaker import Breaker
from gateway.upstream.budget import RetryBudget
from gateway.upstream.call import Call, Calls
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.gate import Gate
from gateway.upstream.health import BreakerState
from gateway.upstream.limit import Limit
from gateway.upstream.pace import LEAVING, SharedPace
from gateway.upstream.replicas import Replicas
from gateway.upstream.response import Received
from gateway.upstream.said import MOST_BYTES, masked, spoken
from gateway.upstream.spans import Mark, ended, span
from gateway.upstream.tally import Tally
from gateway.upstream.transport import Transport
from gateway.upstream.tuning import Tuning
from gateway.upstream.turnstile import Turnstile
from gateway.upstream.upstream import Upstream
from gateway.upstream.wire import Wire

log = logging.getLogger(__name__)

# RFC 9110: a 408 or 503 invites the same question again; 502 and 504 speak of a proxy's trouble.
_AGAIN = frozenset({408, 429, 502, 503, 504})
_LATER = frozenset({429, 503})
# Sentences of one registry's that the log takes in a minute, whatever is in them.
_SAYINGS = 5
_NUMBERS = re.compile(r"[0-9]+")
_BYTES = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Landed:
    """A response with a status that answers the call."""

    received: Received
    attempts: int
    latency_ms: int


class Lane:
    """The state that all operations share about one registry."""

    def __init__(
        self,
        upstream: Upstream,
        wire: Transport,
        *,
        replicas: Replicas,
        clock: Clock,
        chance: Chance,
        tuning: Tuning,
    ) -> None:
        self.upstream = upstream
        self.limits = Limits(upstream.politeness.max_bytes, tuning.decoding.cells)
        self.wire = wire
        self.calls = Calls(upstream)
        self._clock = clock
        self._chance = chance
        self._tuning = tuning
        self._sparing = Sparing(log, clock)
        self._sayings = Sparing(log, clock, rate=_SAYINGS)
        self.breaker = Breaker(clock, chance, tuning, self._tell_breaker)
        self.gate = Gate(clock, chance, tuning)
        self.tally = Tally(clock)
        self.replicas = replicas
        pace = SharedPace(upstream.key, upstream.politeness, replicas, gate=self.gate, clock=clock)
        if isinstance(wire, Wire):
            wire.turn = pace.turn
        self._limit = Limit(upstream.politeness.concurrency)
        self._budget = RetryBudget(clock, tuning)
        self.turnstile = Turnstile(
            gate=self.gate, limit=self._limit, pace=pace, clock=clock, tuning=tuning
        )

    async def ask(
        self,
        call: Call,
        allowance: Allowance,
        conditional: Mapping[str, str],
        check: Callable[[Received], Awaitable[None]],
        session: aiohttp.ClientSession | None = None,
    ) -> Landed:
        """The answer to one call, after as many attempts as are worth it.

        `check` raises InvalidPayload for a body that is none, and for a 304 that confirms nothing:
        that one is followed by the same question without conditions. It raises PayloadTooLarge
        and RegistryShed where the body cannot be decoded.

        Raises:
            Failure: the last attempt's that was sent.
        """
        began, before = self._clock.monotonic(), allowance.attempts
        self._budget.called()
        await self.replicas.called(self.upstream.key)
        self.tally.calls += 1
        told: Failure | None = None
        while True:
            try:
                received = await self._attempt(call, allowance, conditional, check, session)
                return Landed(received, allowance.attempts - before, self._since(began))
            except Failure as failure:
                attempts = allowance.attempts - before
                if told is None or attempts > told.attempts:
                    told = failure
                    told.call, told.attempts = call, attempts
                told.latency_ms = self._since(began)
                if conditional and _status(failure) == 304:
                    # What was wrong is the confirmation, so the body itself is asked for.
                    conditional = {}
                    continue
                pause = self._pause(failure, attempts, allowance)
            if pause is None or not await self.replicas.spend(self.upstream.key):
                raise told
            self.tally.retries += 1
            await self._clock.sleep(pause)

    def refused(self) -> None:
        """An answer of this registry was read, and turned out to be none."""
        self.breaker.refused()
        self.tally.refused += 1
        self.tally.last_outcome = Outcome.INVALID_PAYLOAD
        if self.breaker.refuses:
            self.turnstile.turn_away(self._circuit_open())

    def tell_failure(self, failure: Failure) -> None:
        """Log that a question to this registry failed: once a minute for each way to fail."""
        error = failure.error
        self._sparing.tell(
            logging.WARNING,
            "a registry failed",
            (error.code, _status(failure), listing.get()),
            registry=self.upstream.key,
            code=error.code,
            outcome=error.outcome.value,
            status=_status(failure),
            reason=error.message,
            attempts=failure.attempts,
            milliseconds=failure.latency_ms,
            retryAfterSeconds=error.retry_after and round(error.retry_after, 1),
        )

    def _tell_breaker(self, state: BreakerState, seconds: float) -> None:
        opened = state is BreakerState.OPEN
        self.tally.opened += opened
        event(
            log,
            logging.WARNING if opened else logging.INFO,
            "a registry is left alone" if opened else "a registry is asked again as usual",
            registry=self.upstream.key,
            breaker=state.value,
            last=self.tally.last_outcome and self.tally.last_outcome.value,
            **({"seconds": round(seconds, 1)} if opened else {}),
        )

    def _since(self, began: float) -> int:
        return int((self._clock.monotonic() - began) * 1000)

    def _pause(self, failure: Failure, attempts: int, allowance: Allowance) -> float | None:
        """Seconds until another attempt is worth it, or None."""
        if not failure.again or attempts > self._tuning.retries:
            return None
        most = min(self._tuning.backoff * (1 << attempts), self._tuning.backoff_max)
        pause = most * self._chance.random()
        wait = max(pause, self.gate.wait)
        left = allowance.deadline - self._clock.monotonic() - self._tuning.floor
        if wait > left or self.breaker.refuses or not self._budget.spend():
            return None
        return pause

    async def _attempt(
        self,
        call: Call,
        allowance: Allowance,
        conditional: Mapping[str, str],
        check: Callable[[Received], Awaitable[None]],
        session: aiohttp.ClientSession | None,
    ) -> Received:
        if self.breaker.refuses:
            raise Failure(self._circuit_open())
        async with self.turnstile.pass_through(allowance) as taken:
            LEAVING.set(taken)
            permit = self.breaker.admit()
            if permit is None:
                raise Failure(self._circuit_open())
            now = self._clock.monotonic()
            left = allowance.deadline - now
            patience = self.upstream.politeness.timeout
            spend = min(patience, left - self._tuning.margin)
            if left < self._tuning.floor or spend <= 0:
                permit.withdrawn()
                raise Failure(RegistryTimeout("no time left to ask"))
            allowance.attempts += 1
            number = self._limit.begin()
            try:
                with span(call, allowance.attempts) as mark:
                    received = await self._send(call, spend, conditional, check, session, mark)
            except Failure as failure:
                await self._learn(failure)
                fair = spend >= min(self._tuning.fair, patience)
                timed_out = isinstance(failure.error, RegistryTimeout)
                own = isinstance(failure.error, RegistryRateLimited | RegistryShed)
                if (timed_out and not fair) or own:
                    permit.withdrawn()
                elif _faulty(failure.error):
                    permit.failed()
                else:
                    permit.succeeded()
                if _status(failure) in _LATER or (timed_out and fair):
                    self._limit.lost(number)
                self.tally.add(failure.error.outcome, now)
                if self.breaker.refuses:
                    self.turnstile.turn_away(self._circuit_open())
                raise
            except BaseException:
                permit.withdrawn()
                raise
            permit.succeeded()
            self.gate.answered()
            self._limit.kept(self.turnstile.in_flight)
            self.tally.add(Outcome.OK, now)
            return received

    async def _send(
        self,
        call: Call,
        spend: float,
        conditional: Mapping[str, str],
        check: Callable[[Received], Awaitable[None]],
        session: aiohttp.ClientSession | None,
        mark: Mark,
    ) -> Received:
        when = asyncio.get_running_loop().time() + spend
        try:
            received = await self.wire.send(call, when, conditional, session)
            self.tally.received_bytes += len(received.body)
            judge(call, received, bool(conditional), self._trouble)
            try:
                await check(received)
            except RegistryError as error:
                # A success may hold an error that says to come back later.
                raise Failure(error, again=error.retryable, received=received) from error
        except Failure as failure:
            self._hear(failure)
            ended(mark, failure.error.outcome.value, _status(failure))
            raise
        ended(mark, Outcome.OK.value, received.status)
        return received

    def _trouble(self, received: Received) -> RegistryError | None:
        """What the registry's own words in an error body mean, where its adapter can read them."""
        upstream = self.upstream
        if upstream.trouble is None:
            return None
        # An explanation is short; what is not is an error by its status alone.
        body = received.body if len(received.body) <= MOST_BYTES else b""
        try:
            error = upstream.trouble(Reply(received.status, received.headers, body))
        except Exception:
            # Whatever is sent with an error is an error all the same.
            log.exception("an error body could not be read", extra={"registry": upstream.key})
            return None
        if error is not None and any(secret in error.message for secret in upstream.secrets):
            # A registry may repeat what it was sent.
            return None
        return error

    def _hear(self, failure: Failure) -> None:
        """Keeps what the registry itself said of the failure, and logs what was not said before."""
        error, received = failure.error, failure.received
        if received is None or received.status == 304:
            return
        secrets = self.upstream.secrets
        if not error.told:
            error.told = spoken(received.body, received.headers.get("content-type", ""))
        error.told = masked(error.told, secrets)
        if isinstance(error, InvalidPayload):
            # A header such as `platform: registry` is a plain word, which our own texts use too.
            hidden = [secret for secret in secrets if not secret.isalpha()]
            error.message = masked(error.message, hidden)
        if error.told:
            # Once a minute for what differs in more than numbers, and never more than a few.
            kind = _NUMBERS.sub("#", error.told)[:80]
            self._sayings.tell(
                logging.WARNING,
                f"the registry says: {error.told}",
                (received.status, kind),
                registry=self.upstream.key,
                status=received.status,
            )

    async def _learn(self, failure: Failure) -> None:
        """Close the gate if the registry said "later", and say so to the caller."""
        received = failure.received
        if received is None:
            return
        if received.status not in _LATER:
            if (asked := failure.error.retry_after) is not None:
                failure.error.retry_after = self.gate.refused(f"{asked:.0f}")
                await self.replicas.shut(self.upstream.key, self.gate.wait)
            return
        header = received.headers.get("retry-after")
        if received.status == 429 or header is not None:
            date = received.headers.get("date")
            failure.error.retry_after = self.gate.refused(header, date)
            await self.replicas.shut(self.upstream.key, self.gate.wait)

    def _circuit_open(self) -> CircuitOpen:
        return CircuitOpen(
            "the registry fails and is left alone for a while",
            retry_after=self.breaker.retry_after,
        )


def judge(
    call: Call,
    received: Received,
    conditional: bool,
    trouble: Callable[[Received], RegistryError | None] = lambda _: None,
) -> None:
    """Look at the status, and at what `trouble` reads in the body.

    Raises:
        Failure: the status, the range or the body means one; none for a success, a status that the
            call allows, and a 304 to a conditional request.
    """
    status = received.status
    if 200 <= status < 300:
        if (told := _partial(received)) is not None:
            raise Failure(InvalidPayload(told), received=received)
        return
    if status in call.allowed or (status == 304 and conditional):
        return
    error: RegistryError
    if status not in (304, 429) and (meant := trouble(received)) is not None:
        raise Failure(meant, again=meant.retryable or status in _AGAIN, received=received)
    if status == 304:
        error = InvalidPayload("the registry says 'not modified' of a body that nobody has")
    elif status == 429:
        error = RegistryRateLimited("the registry asks for fewer questions")
    else:
        error = RegistryHttpError(f"the registry answered with status {status}", status=status)
    raise Failure(error, again=status in _AGAIN, received=received)


def _partial(received: Received) -> str | None:
    """Why a success holds only a part of the body (RFC 9110 section 15.3.7), where it does.

    Ranges of other units than bytes are an interface's way to number its rows.
    """
    stated = received.headers.get("content-range")
    if stated is None:
        return "the registry sent a part that nobody asked for" if received.status == 206 else None
    found = _BYTES.fullmatch(stated.strip())
    if found is None:
        return None
    first, last, whole = found.groups()
    came = whole if "content-encoding" in received.headers else str(len(received.body))
    if first == "0" and whole == str(int(last) + 1) == came:
        return None
    return f"the registry sent a part of the body, bytes {first} to {last}"


def _status(failure: Failure) -> int | None:
    return None if failure.received is None else failure.received.status


def _faulty(error: RegistryError) -> bool:
    """Whether the registry is to blame. That it has no such record is an answer."""
    if isinstance(error, RegistryHttpError):
        return error.status >= 500 or error.status == 408
    return True
