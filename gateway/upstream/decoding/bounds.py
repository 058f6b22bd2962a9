"""What one decoding in a process of its own may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """`processes` decode at once, started when there is work and ended when there was none for
    `idle` seconds. Each decoding has `seconds`, on the clock and of the processor, `memory` bytes
    beyond what a process begins with, and a value of at most `result` bytes as it is sent.

    `cells` are rows times columns of one table. Bodies of `least` bytes and more are decoded
    there; shorter ones are done here before the way there and back would be. `queue` is how many
    may wait, `start` the seconds until a new process has to be there.
    """

    processes: int = 2
    memory: int = 1024 * 1024 * 1024
    seconds: float = 60.0
    cells: int = 8_000_000
    least: int = 512 * 1024
    result: int = 256 * 1024 * 1024
    queue: int = 32
    idle: float = 10.0
    start: float = 30.0
