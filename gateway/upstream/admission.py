"""Admission: how much work this process takes on, and how it stops taking any."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from types import TracebackType
from typing import NoReturn

from gateway.clock import Clock
from gateway.errors import Overloaded
from gateway.upstream.shares import Shares

# Seconds between looks at the event loop, and what is always allowed, however late it is.
_BEAT = 0.05
_LEAST = 4


class Place:
    """One request's place among those under way; see `Admission.admit`."""

    def __init__(self, admission: Admission, client: str, wide: bool) -> None:
        self._admission = admission
        self._client = client
        self._wide = wide

    def __enter__(self) -> None:
        self._admission._enter(self._client, self._wide)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._admission._leave(self._client)

    async def __aenter__(self) -> None:
        self._admission._enter(self._client, self._wide)
        try:
            await self._admission._turn(self._client)
        except BaseException:
            self._admission._leave(self._client)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._admission._leave(self._client)


class Admission:
    """Load shedding and graceful drain, for whatever face stands before the gateway.

    Requests start one per turn of the event loop, one of each client that waits after the other,
    and a client's own in the order in which they came: a crowd that is computed all at once would
    make everybody wait for the last one, and nobody could be told to come back later meanwhile.

    At most `limit` requests are under way; `wide` ones, which ask for lists, may take up three
    quarters of that, so that there is always room for the cheap ones, and one client seven
    eighths, so that there is room for another. Where the event loop
    answers more than `lag` seconds late for `lag_span` seconds on end, or turns come more than
    `wait` seconds late, there is more to compute than there is processor: `allowed` falls in
    proportion, and rises again step by step once all is on time. Health checks and metrics do
    not ask for admission.
    """

    def __init__(
        self,
        limit: int,
        *,
        clock: Clock,
        lag: float = 0.25,
        lag_span: float = 5.0,
        wait: float = 5.0,
        retry_after: float = 1.0,
        shares: Shares | None = None,
    ) -> None:
        self.limit = limit
        self.in_flight = 0
        self.admitted = 0
        self.shed = 0
        self.allowed = limit
        self.draining = False
        self._clock = clock
        self._lag = lag
        self._lag_span = lag_span
        self._wait = wait
        self._retry_after = retry_after
        self._peak = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._probe: asyncio.Task[None] | None = None
        self._shares = shares
        self._each: Counter[str] = Counter()
        self._queue: OrderedDict[str, deque[tuple[float, asyncio.Future[None]]]] = OrderedDict()
        self._taken = False

    @property
    def queued(self) -> int:
        """Requests that wait for their turn of the event loop."""
        return sum(len(waiting) for waiting in self._queue.values())

    def admit(self, client: str = "", *, wide: bool = False) -> Place:
        """Room for one request of this client, from when it is whole to after it is answered.

        `async with` also waits for the request's turn to start; `with` does not.

        Raises:
            Overloaded: on entering, at once, with `retryAfterSeconds`; HTTP 503 with Retry-After.
        """
        return Place(self, client, wide)

    def check(self) -> None:
        """Refuse what there would be no room for now, before it is read.

        Raises:
            Overloaded: as for `admit`.
        """
        if self.draining or self.in_flight >= self.allowed:
            self._refuse()

    def _enter(self, client: str, wide: bool) -> None:
        most = self.allowed * 3 // 4 if wide else self.allowed
        alone = not client or self._each[client] < max(1, self.allowed * 7 // 8)
        if self.draining or self.in_flight >= most or not alone:
            self._refuse()
        self.admitted += 1
        self.in_flight += 1
        self._each[client] += 1
        self._peak = max(self._peak, self.in_flight)
        self._idle.clear()

    def _refuse(self) -> NoReturn:
        self.shed += 1
        raise Overloaded(
            "the gateway is shutting down; ask another replica"
            if self.draining
            else "the gateway has more work than it can do in time",
            retryAfterSeconds=int(-(-self._retry_after // 1)),
        )

    def _leave(self, client: str) -> None:
        self.in_flight -= 1
        self._each[client] -= 1
        if not self._each[client]:
            del self._each[client]
        if not self.in_flight:
            self._idle.set()

    async def _turn(self, client: str) -> None:
        loop = asyncio.get_running_loop()
        if not self._taken:
            # The first one of this turn of the loop.
            self._taken = True
            loop.call_soon(self._next)
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._queue.setdefault(client, deque()).append((self._clock.monotonic(), turn))
        await turn

    def _next(self) -> None:
        while self._queue:
            client, waiting = self._queue.popitem(last=False)
            _, turn = waiting.popleft()
            if waiting:
                # Behind all others who wait.
                self._queue[client] = waiting
            if not turn.done():
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._next)
                return
        self._taken = False

    def start(self) -> None:
        """Begin to watch the event loop; needs a running one."""
        if self._probe is None:
            self._probe = asyncio.create_task(self._watch(), name="admission")

    async def _watch(self) -> None:
        late_since: float | None = None
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(_BEAT)
            now = self._clock.monotonic()
            first = min((waiting[0][0] for waiting in self._queue.values()), default=now)
            waited = now - first
            if self._shares is not None:
                self._shares.look(now - before - _BEAT)
            late = max(now - before - _BEAT, self._lag * waited / self._wait)
            if late <= self._lag:
                late_since = None
                self.allowed = min(self.limit, self.allowed + 1)
            else:
                late_since = before if late_since is None else late_since
                if now - late_since >= self._lag_span:
                    share = min(0.7, max(0.1, self._lag / late))
                    fallen = int(min(self.allowed, self._peak) * share)
                    self.allowed = min(self.limit, max(_LEAST, fallen))
            self._peak = self.in_flight

    async def drain(self, seconds: float) -> bool:
        """Admit nothing more and wait for what is under way; whether all of it ended in time."""
        self.draining = True
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Stop watching."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
            self._probe = None
