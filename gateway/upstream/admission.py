"""Admission: how much work this process takes on, and how it stops taking any."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.clock import Clock
from gateway.errors import Overloaded


class Admission:
    """Load shedding and graceful drain, for whatever face stands before the gateway.

    At most `limit` requests are under way; `wide` ones, which ask for lists, may take up three
    quarters of that, so that there is always room for the cheap ones. If the event loop answers
    more than `lag` seconds late for `lag_span` seconds on end, only as many stay admitted as
    are under way. Health checks and metrics do not ask for admission.
    """

    def __init__(
        self,
        limit: int,
        *,
        clock: Clock,
        lag: float = 0.25,
        lag_span: float = 1.0,
        retry_after: float = 1.0,
    ) -> None:
        self.limit = limit
        self.in_flight = 0
        self.admitted = 0
        self.shed = 0
        self.lagging = False
        self.draining = False
        self._clock = clock
        self._lag = lag
        self._lag_span = lag_span
        self._retry_after = retry_after
        self._idle = asyncio.Event()
        self._idle.set()
        self._probe: asyncio.Task[None] | None = None

    @contextmanager
    def admit(self, *, wide: bool = False) -> Iterator[None]:
        """Room for one request, from before it is read to after it is answered.

        Raises:
            Overloaded: at once, with `retryAfterSeconds`; HTTP 503 with Retry-After.
        """
        most = self.limit * 3 // 4 if wide else self.limit
        if self.draining or self.lagging or self.in_flight >= max(1, most):
            self.shed += 1
            raise Overloaded(
                "the gateway is shutting down; ask another replica"
                if self.draining
                else "the gateway has more work than it can do in time",
                retryAfterSeconds=int(-(-self._retry_after // 1)),
            )
        self.admitted += 1
        self.in_flight += 1
        self._idle.clear()
        try:
            yield
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()

    def start(self) -> None:
        """Begin to watch the event loop; needs a running one."""
        if self._probe is None:
            self._probe = asyncio.create_task(self._watch(), name="admission")

    async def _watch(self) -> None:
        late_since: float | None = None
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(0.05)
            now = self._clock.monotonic()
            if now - before - 0.05 <= self._lag:
                late_since = None
                self.lagging = False
                continue
            late_since = before if late_since is None else late_since
            self.lagging = now - late_since >= self._lag_span

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
