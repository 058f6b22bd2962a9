"""The turnstile: who may call next, when a slot, the pace and the gate all agree."""

from __future__ import annotations

import asyncio
from contextvars import Context
from dataclasses import dataclass, field
from types import TracebackType

from gateway.clock import Clock
from gateway.errors import RegistryError, RegistryRateLimited, RegistryShed
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.gate import Gate
from gateway.upstream.limit import Limit
from gateway.upstream.pace import Pace, Taken
from gateway.upstream.tuning import Tuning


@dataclass(slots=True, eq=False)
class _Waiter:
    allowance: Allowance
    granted: asyncio.Future[Taken] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Passage:
    """One call's way through; see `Turnstile.pass_through`."""

    __slots__ = ("_allowance", "_taken", "_turnstile")

    def __init__(self, turnstile: Turnstile, allowance: Allowance) -> None:
        self._turnstile = turnstile
        self._allowance = allowance

    async def __aenter__(self) -> Taken:
        self._taken = await self._turnstile._pass(self._allowance)
        return self._taken

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._taken.left()
        self._turnstile._give_back()


class Turnstile:
    """The bulkhead and the queue of one registry.

    One pump serves the queue: it waits for a slot, the gate and a turn of the pace, and only
    then picks who goes. So an interactive question overtakes all bulk use that came before it, a
    client that used little of late overtakes those that used more, and no slot is held by anyone
    who still waits.
    """

    def __init__(
        self, *, gate: Gate, limit: Limit, pace: Pace, clock: Clock, tuning: Tuning
    ) -> None:
        self._gate = gate
        self._limit = limit
        self._pace = pace
        self._clock = clock
        self._tuning = tuning
        self._queue: list[_Waiter] = []
        self._pump: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.in_flight = 0

    @property
    def queued(self) -> int:
        """Calls that wait."""
        return len(self._queue)

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return 1 if self._gate.cautious else self._limit.value

    def pass_through(self, allowance: Allowance) -> Passage:
        """A slot at the right moment, given back at the end.

        Raises:
            Failure: on entering; RATE_LIMITED if the gate or the pace cannot fit the deadline,
                SHED if too many wait or no slot comes free in time.
        """
        return Passage(self, allowance)

    async def _pass(self, allowance: Allowance) -> Taken:
        if self._pump is None and not self._shut and self._pace.ready:
            # Nobody waits and nothing is in the way: the turn comes without a pause.
            taken = await self._pace.turn()
            self.in_flight += 1
            return taken
        return await self._enter(allowance)

    def _give_back(self) -> None:
        self.in_flight -= 1
        self._changed.set()

    async def _enter(self, allowance: Allowance) -> Taken:
        self._refuse_hopeless(allowance)
        waiter = _Waiter(allowance)
        self._make_room(waiter)
        self._queue.append(waiter)
        if self._pump is None:
            self._pump = asyncio.create_task(self._serve(), name="turnstile", context=Context())
        try:
            # The allowance may grow while the caller waits, when others join his flight.
            while not waiter.granted.done():
                left = self._left(allowance)
                if left <= 0:
                    raise self._too_late()
                await asyncio.wait({waiter.granted}, timeout=left)
            return waiter.granted.result()
        except BaseException:
            self._leave(waiter)
            raise

    def _left(self, allowance: Allowance) -> float:
        return allowance.deadline - self._tuning.floor - self._clock.monotonic()

    def _refuse_hopeless(self, allowance: Allowance) -> None:
        rank = allowance.rank
        ahead = sum(1 for other in self._queue if other.allowance.rank <= rank)
        wait = max(self._gate.wait, self._pace.least(ahead))
        if wait > max(0.0, self._left(allowance)):
            raise Failure(
                RegistryRateLimited("its turn would come after the deadline", retry_after=wait)
            )

    def _make_room(self, waiter: _Waiter) -> None:
        if len(self._queue) < self._tuning.queue:
            return
        # The last one of those who come last gives way, if that is not the new one himself.
        last = max(reversed(self._queue), key=_rank)
        if _rank(last) <= _rank(waiter):
            raise _shed()
        self._queue.remove(last)
        last.granted.set_exception(_shed())

    def _too_late(self) -> Failure:
        if self.in_flight >= self.limit:
            return _shed()
        wait = max(self._gate.wait, self._pace.interval)
        return Failure(RegistryRateLimited("no turn before the deadline", retry_after=wait))

    def _leave(self, waiter: _Waiter) -> None:
        if waiter in self._queue:
            self._queue.remove(waiter)
            if not self._queue and self._pump is not None:
                self._pump.cancel()
                self._pump = None
        elif waiter.granted.done() and waiter.granted.exception() is None:
            # Granted and gone in the same breath.
            waiter.granted.result().left()
            self._give_back()
        waiter.granted.cancel()

    def turn_away(self, error: RegistryError) -> None:
        """Nobody who waits will be served: tell them now."""
        for waiter in self._queue:
            waiter.granted.set_exception(Failure(error))
        self._queue.clear()
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None

    async def _serve(self) -> None:
        try:
            while self._queue:
                await self._ready()
                taken = await self._pace.turn()
                if self._shut or not self._queue:
                    # The registry said "later" meanwhile. The turn is forfeit: one that was kept
                    # would go out together with the next, faster than the registry allows. Or
                    # nobody waits any more, and that did not get through to here.
                    taken.left()
                    continue
                chosen = min(self._queue, key=_rank)
                self._queue.remove(chosen)
                self.in_flight += 1
                chosen.granted.set_result(taken)
        finally:
            # However it ends, the next one who waits is served by another.
            if self._pump is asyncio.current_task():
                self._pump = None

    @property
    def _shut(self) -> bool:
        return self.in_flight >= self.limit or self._gate.wait > 0

    async def _ready(self) -> None:
        while self._shut:
            if self.in_flight >= self.limit:
                self._changed.clear()
                await self._changed.wait()
            else:
                await self._clock.sleep(self._gate.wait)

    def close(self) -> None:
        """End the pump."""
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None


def _shed() -> Failure:
    return Failure(RegistryShed("too many questions wait for this registry", retry_after=1.0))


def _rank(waiter: _Waiter) -> tuple[bool, float]:
    return waiter.allowance.rank
