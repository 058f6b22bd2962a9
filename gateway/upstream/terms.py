"""The terms on which one operation asks: its deadline, its freshness, its evidence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from gateway.provenance.evidence import Evidence
from gateway.stages import Stages


@dataclass(slots=True)
class Terms:
    """`deadline` is absolute on the door's monotonic clock, in seconds.

    `max_age` and `max_stale` are seconds; None leaves them to the registry's configuration.
    `bulk` marks use that gives way to interactive questions. `stages` is there where the client
    wants to know what took how long. `turn` gives a question of that price its time under way.
    """

    deadline: float
    max_age: float | None = None
    max_stale: float | None = None
    bulk: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    stages: Stages | None = None
    turn: Callable[[float], AbstractAsyncContextManager[None]] | None = None
