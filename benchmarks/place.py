"""Where a run keeps its files, on which cores it works, and what it says when it cannot."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"


class BenchError(Exception):
    """A run that cannot go on; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the gateways under test, and the one of load and upstream."""

    gateway: int
    rest: int


def cores() -> Cores:
    """The first two cores that this process may use.

    Raises:
        BenchError: there is only one.
    """
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BenchError("the benchmark needs two cores: one for the gateway, one for the load")
    return Cores(allowed[0], allowed[1])


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])
