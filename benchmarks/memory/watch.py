"""What a gateway and the processes that it started hold, looked at again and again."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from benchmarks.process import Process, family, memory_of

EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes: of the gateway itself, resident and in proportion; in proportion, of the processes
    that decode."""

    rss: int
    pss: int
    decoding: int

    @property
    def judged(self) -> int:
        """What counts: the gateway's resident memory and the others' share."""
        return self.rss + self.decoding


def held(process: Process) -> Held:
    """What is held now."""
    own, *others = family(process.popen.pid)
    ours = memory_of(own)
    return Held(ours.rss, ours.pss, sum(memory_of(pid).pss for pid in others))


class Watch:
    """Looks ten times a second while its block runs; `most` is the most that was seen."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.most = held(process)
        self.peak = 0

    def __enter__(self) -> Watch:
        self._process.forget_peak()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        # What rose and fell between two looks, the kernel noted.
        self.peak = max(self.most.rss, memory_of(self._process.popen.pid).peak)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            seen = held(self._process)
            if seen.judged > self.most.judged:
                self.most = seen


def settled(process: Process, seconds: float, below: int) -> tuple[Held, float]:
    """What is held when so many seconds have passed with nothing asked, and after how many of
    them it was first below this."""
    began, first = time.monotonic(), 0.0
    while (passed := time.monotonic() - began) < seconds:
        if not first and held(process).judged < below:
            first = passed
        time.sleep(1)
    return held(process), first


def children(pid: int) -> int:
    """How many processes it has started that are still there."""
    return len(family(pid)) - 1 if Path(f"/proc/{pid}").exists() else 0
