"""What a run has found, kept as a file, so that the page can be written from it at any time."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from benchmarks.growth import Curves
from benchmarks.place import BenchError
from benchmarks.profile import Profile
from benchmarks.stages import Stages
from benchmarks.upstream import Mode

QUESTIONS = ("Q1", "Q2", "Q3")


@dataclass(slots=True)
class Cell:
    """What was measured of one competitor, question and concurrency, each time once a round:
    answers per second, and requests that reached the registries, per answer."""

    peer: str
    question: str
    connections: int
    rates: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median of answers per second; 0 where nothing was measured."""
        return statistics.median(self.rates) if self.rates else 0.0


@dataclass(slots=True)
class Table:
    """One mode's figures. `failed` says why a competitor is not in it, `seen` how the bodies
    were found to behave. Memory is in bytes, `ready` in seconds."""

    mode: Mode
    cells: list[Cell] = field(default_factory=list)
    memory: dict[str, int] = field(default_factory=dict)
    ready: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    stages: list[Stages] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)

    def cell(self, peer: str, question: str, connections: int) -> Cell:
        """The cell, made when first asked for."""
        found = self.known(peer, question, connections)
        if found is None:
            found = Cell(peer, question, connections)
            self.cells.append(found)
        return found

    def known(self, peer: str, question: str, connections: int) -> Cell | None:
        """The cell, if anything was measured for it."""
        wanted = (peer, question, connections)
        same = (c for c in self.cells if (c.peer, c.question, c.connections) == wanted)
        return next(same, None)

    @property
    def concurrency(self) -> list[int]:
        """At how many connections was measured."""
        return sorted({cell.connections for cell in self.cells})

    @property
    def peers(self) -> list[str]:
        """Of whom anything was measured."""
        return list(dict.fromkeys(cell.peer for cell in self.cells))

    def ratios(self, one: str, other: str, question: str) -> dict[int, float]:
        """How many times as fast one is as the other, by the number of connections."""
        found = {}
        for connections in self.concurrency:
            first = self.known(one, question, connections)
            second = self.known(other, question, connections)
            if first and second and second.rate:
                found[connections] = first.rate / second.rate
        return found


@dataclass(slots=True)
class Results:
    """A whole run; what has not been measured is empty. `starts` are seconds until ready."""

    machine: str = ""
    how: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    growth: Curves | None = None

    def table(self, mode: Mode) -> Table | None:
        """The figures of a mode."""
        return next((table for table in self.tables if table.mode is mode), None)

    def keep(self, path: Path) -> None:
        """Writes the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)))


def kept(path: Path) -> Results:
    """What the last run has found; nothing, where there was none.

    Raises:
        BenchError: the file is of another version of the benchmark.
    """
    if not path.exists():
        return Results()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except msgspec.DecodeError as error:
        raise BenchError(f"{path} is not of this version: remove it ({error})") from error
