"""What a competitor is told about the run it takes part in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.bodies import Bodies
from benchmarks.place import WORK
from benchmarks.upstream import Mode

APPS = Path(__file__).parent / "apps"


@dataclass(frozen=True, slots=True)
class Site:
    """The registries' origin, how their bodies behave, the core to run on, and the bodies."""

    upstream: str
    mode: Mode
    core: int
    bodies: Bodies

    @property
    def folder(self) -> Path:
        """For configuration and logs of this way of running."""
        found = WORK / self.mode.value
        found.mkdir(parents=True, exist_ok=True)
        return found
