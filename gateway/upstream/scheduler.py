"""The scheduler: whose work comes next on the event loop, and whose work it was.

An event loop runs whatever is ready in the order in which it became ready. A client with a hundred
dear questions then makes everybody wait for all of them. Here each step of a task (from one
`await` to the next) that works for a client is timed and counted as that client's; and where the
steps of one turn of the loop have taken `SLICE` seconds, those that are left wait for later turns.
Of the clients that wait, the one that used least of late comes first ("least attained service").
So health checks and new connections wait for a slice, not for all that is ready, and a client that
asks little waits for nobody who asks much.

A step cannot be broken off, and there are many. So while somebody who used little has a request
under way, those who used much rest after each of their steps, several times as long as it took:
whatever is next for him then most likely finds the loop free.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar, cast

from gateway.upstream.shares import Account, Shares

T = TypeVar("T")

# Seconds of steps in one turn of the loop, after which the others wait.
SLICE = 0.010
# Seconds after which it is worth to find out where a turn of the loop ends, or to rest.
_WORTH = 0.002
# Seconds that a step is taken for, of which nothing is known yet, or which takes next to nothing.
_UNKNOWN = SLICE / 4
_AT_LEAST = SLICE / 64
# While a client has a request under way, those who stand so many times as high, and higher than a
# little, rest after a step for so many times as long as it took, and not longer than that.
_MUCH = 2.0
_LITTLE = 0.05
_REST = 8.0
_LONGEST_REST = 1.0
# Seconds between looks at who stands how.
_RANKED = 0.005
# How much the last step counts in what a client's steps usually take.
_LAST = 0.2
# For whom the tasks that are made in this context work, by whom they are put in order, and whether
# their steps never wait.
_FOR: ContextVar[Account | None] = ContextVar("_FOR", default=None)
_BY: ContextVar[Scheduler | None] = ContextVar("_BY", default=None)
_AHEAD: ContextVar[bool] = ContextVar("_AHEAD", default=False)


def for_all() -> Context:
    """A context for tasks that several clients may wait for: such a task does not wait, as one of
    those it works for may be ahead of the one who began it. It is still counted as his."""
    context = copy_context()
    context.run(_AHEAD.set, True)
    return context


def working_for() -> Account | None:
    """The client for whom the present task works; None where it is nobody's."""
    return _FOR.get()


async def charged(beside: Callable[..., Awaitable[T]], work: Callable[..., T], *given: Any) -> T:
    """The result of work that `beside` does in a thread; its time is this context's client's."""
    account = _FOR.get()
    took: list[float] = []
    try:
        return await beside(partial(_timed, took, work), *given)
    finally:
        by = _BY.get()
        if account is not None and by is not None:
            by.count_beside(account, sum(took))


def _timed(took: list[float], work: Callable[..., T], *given: Any) -> T:
    began = time.thread_time()
    try:
        return work(*given)
    finally:
        took.append(time.thread_time() - began)


class Scheduler:
    """Steps of tasks, timed and put in order. `timer` tells the seconds that a step takes."""

    def __init__(self, shares: Shares, timer: Callable[[], float] = time.perf_counter) -> None:
        self.timer = timer
        self._shares = shares
        self._spent = 0.0
        self._looks = False
        # Until when those rest who used more than so much.
        self._rest = 0.0
        self._above = 0.0
        self._ranked = -_RANKED
        self._pause: asyncio.TimerHandle | None = None
        self._queues: dict[Account, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """Steps that wait for a later turn of the loop."""
        return sum(len(queue) for queue in self._queues.values())

    @property
    def crowded(self) -> bool:
        """Whether the next step has to wait for its turn."""
        return self._spent >= SLICE or bool(self._queues)

    def rests(self, account: Account) -> bool:
        """Whether this client's next step comes later, whoever else waits."""
        if not self._rest or account.standing <= self._above:
            return False
        return self.timer() + _WORTH < self._rest

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on tasks that are made for a client are timed and wait for their turns."""
        loop.set_task_factory(self._task)

    @staticmethod
    def remove(loop: asyncio.AbstractEventLoop) -> None:
        """Tasks run as they become ready again."""
        loop.set_task_factory(None)

    async def run(self, client: str, work: Coroutine[Any, Any, T]) -> T:
        """The result of work for this client, as are all tasks that it makes."""
        account = self._shares.account(client)
        before, by = _FOR.set(account), _BY.set(self)
        try:
            return cast(T, await _Steps(work, account, self))
        finally:
            _FOR.reset(before)
            _BY.reset(by)

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, T] | Generator[Any, None, T],
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        given = copy_context() if context is None else context
        account = given.get(_FOR)
        made: Any = work
        if account is not None:
            made = _Steps(work, account, self, waits=not given.get(_AHEAD))
        return asyncio.Task(made, loop=loop, context=given)

    def count(self, account: Account, took: float) -> None:
        """A step took so many seconds."""
        account.worked += took
        account.step += _LAST * (took - account.step) if account.step else took
        self._spent += took
        if len(self._shares.active) > 1:
            self._let_rest(account, took)
        if self._spent > _WORTH and not self._looks:
            self._look()

    def count_beside(self, account: Account, took: float) -> None:
        """Work beside the event loop took so many seconds of the same interpreter."""
        account.worked += took
        if len(self._shares.active) > 1:
            self._let_rest(account, took)

    def _let_rest(self, account: Account, took: float) -> None:
        now = self.timer()
        if now >= self._ranked + _RANKED:
            self._ranked = now
            least = min(one.standing for one in self._shares.active)
            self._above = max(_MUCH * least, _LITTLE)
        if account.standing > self._above:
            self._rest = min(max(now, self._rest) + _REST * took, now + _LONGEST_REST)

    def turn(self, account: Account) -> asyncio.Future[None]:
        """What tells that this client's next step may go."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(account, deque()).append(turn)
        if self._pause is not None and not self.rests(account):
            # It need not wait for those who rest.
            self._pause.cancel()
            self._pause, self._looks = None, False
        if not self._looks:
            self._look()
        return turn

    def _look(self) -> None:
        self._looks = True
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """A turn of the loop has begun: the next ones go."""
        self._looks, self._pause = False, None
        self._spent = 0.0
        left = SLICE
        while self._queues and left > 0:
            account = min(self._queues, key=_standing)
            if self.rests(account):
                # So do all others who wait.
                self._looks = True
                wait = max(0.0, self._rest - self.timer())
                self._pause = asyncio.get_running_loop().call_later(wait, self._next)
                return
            queue = self._queues[account]
            turn = queue.popleft()
            if not queue:
                del self._queues[account]
            if not turn.done():
                turn.set_result(None)
                left -= max(account.step or _UNKNOWN, _AT_LEAST)
        if self._queues:
            self._look()


class _Steps(Coroutine[Any, None, Any]):
    """Work whose steps are timed, and wait where it is crowded."""

    __slots__ = ("_account", "_error", "_scheduler", "_send", "_timer", "_turn", "_waits", "_work")

    def __init__(
        self, work: Any, account: Account, scheduler: Scheduler, *, waits: bool = True
    ) -> None:
        self._work = work
        self._send = work.send
        self._account = account
        self._scheduler = scheduler
        self._timer = scheduler.timer
        self._waits = waits
        self._turn = False
        # What is to be thrown into the work at its turn.
        self._error: Any = None

    def send(self, value: None) -> Any:
        if self._turn:
            self._turn = False
            if self._error is not None:
                error, self._error = self._error, None
                return self._step(self._work.throw, error)
        elif self._waits and self._is_crowded():
            return self._wait()
        return self._step(self._send, value)

    def throw(self, *error: Any) -> Any:
        # Calling off what a client wanted is work of his too; nobody else waits for it any more.
        if not self._turn and self._is_crowded():
            self._error = error[1] if len(error) > 1 and error[1] is not None else error[0]
            return self._wait()
        self._turn, self._error = False, None
        return self._step(self._work.throw, *error)

    def _is_crowded(self) -> bool:
        scheduler = self._scheduler
        return scheduler.crowded or scheduler.rests(self._account)

    def _wait(self) -> Any:
        self._turn = True
        return next(self._scheduler.turn(self._account).__await__())

    def _step(self, step: Callable[..., Any], *given: Any) -> Any:
        began = self._timer()
        try:
            return step(*given)
        finally:
            self._scheduler.count(self._account, self._timer() - began)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, None, Any]:
        return self

    def __iter__(self) -> _Steps:
        return self

    def __next__(self) -> Any:
        return self.send(None)


def _standing(account: Account) -> float:
    return account.standing
