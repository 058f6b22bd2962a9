"""How long the gateway takes from being called to being ready."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.process import Process


def starts(start: Callable[[], Process], times: int = 5) -> list[float]:
    """Seconds of so many starts, after one that leaves compiled modules behind.

    Raises:
        BenchError: it did not start.
    """
    found = []
    for _ in range(times + 1):
        with start() as process:
            found.append(process.ready_after)
    return found[1:]
