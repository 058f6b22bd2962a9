"""Stages: where the time of one answer goes, measured only where the client asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from gateway.clock import Clock

_UNTIMED: AbstractContextManager[None] = nullcontext()


class Stages:
    """Seconds by stage, in the order in which the stages were first met.

    Stages are work of this process and hold no waiting: what is left of the whole is the time in
    which others worked, above all the registries.
    """

    __slots__ = ("_clock", "seconds")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time of the block, which must not wait, to the stage."""
        began = self._clock.monotonic()
        try:
            yield
        finally:
            took = self._clock.monotonic() - began
            self.seconds[name] = self.seconds.get(name, 0.0) + took


def stage(stages: Stages | None, name: str) -> AbstractContextManager[None]:
    """The stage where somebody measures, else nothing."""
    return _UNTIMED if stages is None else stages.stage(name)
