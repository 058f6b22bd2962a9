"""The scheduler: whose work comes next on the event loop, and whose work it was.

An event loop runs whatever is ready in the order in which it became ready. A client with a hundred
dear questions then makes everybody wait for all of them. Here each step of a task (from one
`await` to the next) that works for a client is timed and counted as that client's; and where the
steps of one turn of the loop have taken `SLICE` seconds, those that are left wait for later turns.
Of the clients that wait, the one that used least of late comes first ("least attained service").
So health checks and new connections wait for a slice, not for all that is ready, and a client that
asks little waits for nobody who asks much.
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
# Seconds after which it is worth to find out where a turn of the loop ends.
_WORTH = 0.002
# Seconds that a step is taken for, of which nothing is known yet, or which takes next to nothing.
_UNKNOWN = SLICE / 4
_AT_LEAST = SLICE / 64
# How much the last step counts in what a client's steps usually take.
_LAST = 0.2
# For whom the tasks that are made in this context work, and whether their steps never wait.
_FOR: ContextVar[Account | None] = ContextVar("_FOR", default=None)
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
        if account is not None:
            account.worked += sum(took)


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
        self._queues: dict[Account, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """Steps that wait for a later turn of the loop."""
        return sum(len(queue) for queue in self._queues.values())

    @property
    def crowded(self) -> bool:
        """Whether the next step has to wait for its turn."""
        return self._spent >= SLICE or bool(self._queues)

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
        before = _FOR.set(account)
        try:
            return cast(T, await _Steps(work, account, self))
        finally:
            _FOR.reset(before)

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
        if self._spent > _WORTH and not self._looks:
            self._look()

    def turn(self, account: Account) -> asyncio.Future[None]:
        """What tells that this client's next step may go."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(account, deque()).append(turn)
        if not self._looks:
            self._look()
        return turn

    def _look(self) -> None:
        self._looks = True
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """A turn of the loop has begun: the next ones go."""
        self._looks = False
        self._spent = 0.0
        left = SLICE
        while self._queues and left > 0:
            account = min(self._queues, key=_standing)
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

    __slots__ = ("_account", "_scheduler", "_send", "_timer", "_turn", "_waits", "_work")

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

    def send(self, value: None) -> Any:
        scheduler = self._scheduler
        if self._turn:
            self._turn = False
        elif self._waits and scheduler.crowded:
            self._turn = True
            return next(scheduler.turn(self._account).__await__())
        began = self._timer()
        try:
            return self._send(value)
        finally:
            scheduler.count(self._account, self._timer() - began)

    def throw(self, *error: Any) -> Any:
        self._turn = False
        began = self._timer()
        try:
            return self._work.throw(*error)
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
