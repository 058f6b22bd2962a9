"""One registry's lane: everything that stands between a question and its wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.errors import (
    InvalidPayload,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryTimeout,
)
from gateway.upstream.call import Call
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream
from gateway.upstream.wire import Received, Wire


@dataclass(frozen=True, slots=True)
class Landed:
    """A response with a status that answers the call."""

    received: Received
    attempts: int
    latency_ms: int


class Lane:
    """The state that all operations share about one registry."""

    def __init__(self, upstream: Upstream, wire: Wire, *, clock: Clock, tuning: Tuning) -> None:
        self.upstream = upstream
        self.wire = wire
        self._clock = clock
        self._tuning = tuning

    async def ask(
        self,
        call: Call,
        allowance: Allowance,
        conditional: Mapping[str, str],
        check: Callable[[Received], None],
    ) -> Landed:
        """The answer to one call.

        `check` raises InvalidPayload for a body that is none. Raises Failure.
        """
        began = self._clock.monotonic()
        try:
            received = await self._attempt(call, allowance, conditional, check)
        except Failure as failure:
            failure.attempts = allowance.attempts
            failure.latency_ms = self._since(began)
            raise
        return Landed(received, allowance.attempts, self._since(began))

    def _since(self, began: float) -> int:
        return int((self._clock.monotonic() - began) * 1000)

    async def _attempt(
        self,
        call: Call,
        allowance: Allowance,
        conditional: Mapping[str, str],
        check: Callable[[Received], None],
    ) -> Received:
        now = self._clock.monotonic()
        left = allowance.deadline - now
        if left < self._tuning.floor:
            raise Failure(RegistryTimeout("no time left to ask"))
        spend = min(self.upstream.politeness.timeout, left - self._tuning.margin)
        allowance.attempts += 1
        when = asyncio.get_running_loop().time() + spend
        received = await self.wire.send(call, when, conditional)
        judge(call, received, bool(conditional))
        if received.status != 304:
            try:
                check(received)
            except InvalidPayload as error:
                raise Failure(error, received=received) from error
        return received


def judge(call: Call, received: Received, conditional: bool) -> None:
    """Raise the Failure that the status means, if it means one."""
    status = received.status
    if 200 <= status < 300 or status in call.allowed or (status == 304 and conditional):
        return
    error: RegistryError
    if status == 429:
        error = RegistryRateLimited("the registry asks for fewer questions")
    else:
        error = RegistryHttpError(f"the registry answered with status {status}", status=status)
    raise Failure(error, received=received)
