"""One thread beside the event loop, for work that takes longer than everybody else should wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from gateway.errors import Overloaded
from gateway.upstream.scheduler import charged

T = TypeVar("T")


class Aside:
    """Runs one piece of work after the other; at most `most` wait for their turn.

    What nobody waits for any more is not begun. The thread ends with the process.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._thread: ThreadPoolExecutor | None = None
        self.waiting = 0

    async def run(self, work: Callable[..., T], *given: Any) -> T:
        """What the work gives.

        Raises:
            Overloaded: too much waits already.
            Exception: whatever the work raises.
        """
        if self.waiting >= self._most:
            raise Overloaded(
                "the gateway has more long documents to read than it can in time",
                retryAfterSeconds=1,
            )
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self.waiting += 1
        try:
            beside = partial(asyncio.get_running_loop().run_in_executor, self._thread)
            return await charged(beside, work, *given)
        finally:
            self.waiting -= 1
