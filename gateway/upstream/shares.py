"""Shares: which client gives way, where more is asked than there is processor.

As long as the event loop has time left, everybody gets what he asks for. Where it has not, clients
that use much give way to those that use little: each gets what an even division of a part of the
processor leaves him (max-min fairness), and who has used that up is told to come back, before his
request is read. Where all use alike, nobody is told so: then it is admission that sheds. Beside
that, what one client has under way at once is bounded by its price, and the rest waits its turn.

Work is counted in seconds, as the event loop took them for this client's connections and tasks
(`Scheduler`). Whoever has nothing under way is never told to come back: one question at a time is
no abuse, and it waits behind those who used less.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

from gateway.clock import Clock
from gateway.errors import RateLimited

# The part of the processor above which there is contention; or, of a machine that has other work,
# a smaller part while the event loop is so many seconds late. And for how long that is believed.
_BUSY = 0.6
_BUSY_AND_LATE = 0.2
_LATE = 0.05
_BELIEVED = 3.0
# What clients that use much divide between them then, as a part of the processor; the rest is for
# those that use little to find free. As long as the event loop is late, it is less and less: the
# machine may have other work, and what a request takes is a guess.
_DIVIDED = 0.3
_DIVIDED_LEAST = 0.02
_LESS, _MORE = 0.85, 0.01
# Uses so many times apart are not alike; below the least, nobody is in anyone's way.
_APART = 4.0
_LEAST = 0.02
# Seconds of work that a request is taken for which was told to come back.
_TOLD = 0.02
# Seconds over which use is averaged, and of work that may be saved up or owed.
_SPAN = 5.0
_SAVED = 0.25
_OWED = 1.0
# Seconds of work that one client may have under way, and requests that may wait behind it.
_UNDER_WAY = 1.5
_WAITING = 128
_FORGET = 60.0
# Clients that are known at once; those of the longest silence are forgotten first.
_MOST_KNOWN = 10_000
_EVERY = 0.25


def price(cost: int) -> float:
    """Seconds of work that a question of this cost may take, before it is asked."""
    return 0.002 + 0.000_005 * cost


@dataclass(slots=True, eq=False)
class Account:
    """What one client used: `worked` are the seconds that its tasks took and that are not counted
    yet, `step` those of a usual step of theirs. `told` is what it asked for beyond its share."""

    seen: float
    worked: float = 0.0
    step: float = 0.0
    used: float = 0.0
    left: float = _SAVED
    minute: float = 0.0
    under_way: float = 0.0
    requests: int = 0
    told: float = 0.0
    waiting: deque[tuple[float, asyncio.Future[None]]] = field(default_factory=deque)

    @property
    def standing(self) -> float:
        """How much it used of late and was told to wait with, times what it has under way at
        once; the least goes first."""
        return (self.used + self.worked / _SPAN + self.told) * max(1, self.requests)

    @property
    def busy(self) -> bool:
        """Whether anything of it is under way."""
        return bool(self.requests or self.under_way)

    def count(self) -> None:
        """Count what its tasks took."""
        took, self.worked = self.worked, 0.0
        self.used += took / _SPAN
        self.left = max(-_OWED, self.left - took)
        self.minute += took


class Turn:
    """One question's time under way; see `Shares.turn`."""

    __slots__ = ("_client", "_price", "_shares")

    def __init__(self, shares: Shares, client: str, price: float) -> None:
        self._shares = shares
        self._client = client
        self._price = min(price, _UNDER_WAY)

    async def __aenter__(self) -> None:
        await self._shares._take(self._client, self._price)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shares._give_back(self._client, self._price)


class Shares:
    """What each client uses, and who gives way.

    `quota` is how many seconds of work one client may ask for in a minute, whoever else asks;
    None for no such limit. `busy` tells the processor time that the event loop's thread has used.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        quota: float | None = None,
        busy: Callable[[], float] = time.thread_time,
    ) -> None:
        self.limited = 0
        self.allowance: float | None = None
        # Who has requests under way.
        self.active: set[Account] = set()
        self._clock = clock
        self._quota = quota
        self._busy = busy
        self._clients: OrderedDict[str, Account] = OrderedDict()
        self._looked = clock.monotonic()
        self._spent: float | None = None
        self._hot_until = -math.inf
        self._late = 0.0
        self._divide = _DIVIDED

    def account(self, client: str) -> Account:
        """What is known of a client."""
        return self._client(client, self._clock.monotonic())

    @contextmanager
    def request(self, client: str) -> Iterator[None]:
        """A request of this client is under way, from before it is read to after it is answered.

        Raises:
            RateLimited: on entering; it is this client's turn to give way, with
                `retryAfterSeconds`.
        """
        known = self._enter(client)
        known.requests += 1
        self.active.add(known)
        try:
            yield
        finally:
            known.requests -= 1
            if not known.requests:
                self.active.discard(known)

    def _enter(self, client: str) -> Account:
        now = self._clock.monotonic()
        known = self._client(client, now)
        known.seen = now
        known.count()
        if self._quota is not None and known.minute >= self._quota:
            over = known.minute - self._quota
            raise self._refused("of this minute", 60.0 * max(over / self._quota, 1 / 60))
        if known.requests and self.allowance is not None and self._is_over(known):
            # Who does not wait when told to, but asks again at once, comes behind those who do.
            known.told += _TOLD / _SPAN
            raise self._refused("while others wait", -known.left / self.allowance)
        return known

    def gives_way(self, client: str) -> bool:
        """Whether this client has used up its share, where others wait."""
        known = self._clients.get(client)
        return known is not None and self.allowance is not None and self._is_over(known)

    def turn(self, client: str, price: float) -> Turn:
        """A question's time under way, at the right moment.

        Raises:
            RateLimited: on entering; too many questions of this client wait already.
        """
        return Turn(self, client, price)

    def used(self, client: str, seconds: float) -> None:
        """Count what was done for this client beside its tasks."""
        now = self._clock.monotonic()
        known = self._client(client, now)
        known.seen = now
        known.worked += seconds

    def look(self, late: float = 0.0) -> None:
        """Work out who gives way; to be called often. `late` is how late the event loop is."""
        now = self._clock.monotonic()
        self._late = max(self._late, late)
        passed = now - self._looked
        if passed < _EVERY:
            return
        self._looked = now
        spent = self._busy()
        share = 0.0 if self._spent is None else (spent - self._spent) / passed
        self._spent = spent
        late, self._late = self._late, 0.0
        if share > _BUSY or (share > _BUSY_AND_LATE and late > _LATE):
            self._hot_until = now + _BELIEVED
        if late > _LATE:
            self._divide = max(_DIVIDED_LEAST, self._divide * _LESS)
        else:
            self._divide = min(_DIVIDED, self._divide + _MORE)
        faded = math.exp(-passed / _SPAN)
        for name, known in [*self._clients.items()]:
            known.count()
            known.used *= faded
            known.told *= faded
            gone = math.inf if self._quota is None else passed * self._quota / 60
            known.minute = max(0.0, known.minute - gone)
            if now - known.seen > _FORGET and not known.busy and not known.minute:
                del self._clients[name]
        self.allowance = self._divided(now) if now < self._hot_until else None
        gain = passed * (1.0 if self.allowance is None else self.allowance)
        for known in self._clients.values():
            known.left = min(_SAVED, known.left + gain)

    def _divided(self, now: float) -> float | None:
        """What each of those that use much may use; None where all use alike."""
        # A question may take longer than that, and its client is at work all the while.
        clients = self._clients.values()
        uses = sorted(c.used for c in clients if c.busy or now - c.seen < _SPAN)
        if len(uses) < 2 or uses[-1] < _APART * max(uses[0], _LEAST / _APART):
            return None
        left = self._divide
        for number, use in enumerate(uses):
            even = left / (len(uses) - number)
            if use > even:
                return even
            left -= use
        return None

    @staticmethod
    def _is_over(known: Account) -> bool:
        known.count()
        return known.left <= 0 and known.used > _LEAST

    def _client(self, name: str, now: float) -> Account:
        known = self._clients.get(name)
        if known is None:
            if len(self._clients) >= _MOST_KNOWN:
                idle = (name for name, c in self._clients.items() if not c.busy)
                if (first := next(idle, None)) is not None:
                    del self._clients[first]
            known = self._clients[name] = Account(now)
        else:
            # Those of the longest silence come first.
            self._clients.move_to_end(name)
        return known

    async def _take(self, name: str, price: float) -> None:
        known = self._client(name, self._clock.monotonic())
        if not known.waiting and known.under_way + price <= _UNDER_WAY:
            known.under_way += price
            return
        if len(known.waiting) >= _WAITING:
            raise self._refused("at once", 1.0)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        known.waiting.append((price, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(name, price)
            raise

    def _give_back(self, name: str, price: float) -> None:
        known = self._client(name, self._clock.monotonic())
        known.under_way = max(0.0, known.under_way - price)
        while known.waiting:
            first, turn = known.waiting[0]
            if turn.done():
                known.waiting.popleft()
                continue
            if known.under_way + first > _UNDER_WAY:
                return
            known.waiting.popleft()
            known.under_way += first
            turn.set_result(None)
        if known.under_way < 1e-9:
            known.under_way = 0.0

    def _refused(self, when: str, wait: float) -> RateLimited:
        self.limited += 1
        return RateLimited(
            f"this client has asked for more than its share {when}; ask again later",
            retryAfterSeconds=max(1, min(60, math.ceil(wait))),
        )
