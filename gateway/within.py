"""A bound on how long something may take, cheaper than `asyncio.timeout`."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Within:
    """`with Within(seconds):` cancels what is awaited inside once the seconds are over, and says
    so by `TimeoutError`. A cancellation from outside stays one.

    What `asyncio.timeout` has beside that, states and rescheduling, costs more than the timer.
    """

    __slots__ = ("_before", "_over", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be bound in time")
        self._task = task
        self._before = task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._end)

    def _end(self) -> None:
        self._over = True
        self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if not self._over:
            return
        if self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error
