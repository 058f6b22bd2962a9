"""The numbers the door is run by, in one place; tests turn them down to milliseconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Seconds and counts, the same for every registry; rates and sizes are a registry's own.

    `margin` is kept back from the deadline for answering; with less than `floor` left no
    attempt starts. `connect` and `idle` bound reaching a registry and its silences.
    """

    margin: float = 0.2
    floor: float = 0.25
    connect: float = 10.0
    idle: float = 15.0
    redirects: int = 3
    memo_bytes: int = 64 * 1024 * 1024
