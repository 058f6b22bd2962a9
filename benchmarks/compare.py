"""One interleaved run: every competitor, every question, every way in which bodies behave."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks import load
from benchmarks.bodies import Bodies, one_id
from benchmarks.peers import BARE, CONDITIONAL, Peer
from benchmarks.place import WORK, BenchError, Cores
from benchmarks.process import Process
from benchmarks.site import Site
from benchmarks.upstream import Mode, Nginx
from gateway.sandbox.world import World

QUESTIONS = ("Q1", "Q2", "Q3")


@dataclass(slots=True)
class Cell:
    """What was measured of one competitor, question and concurrency: a rate per round."""

    rates: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median of answers per second; 0 where nothing was measured."""
        return statistics.median(self.rates) if self.rates else 0.0


@dataclass(slots=True)
class Table:
    """One mode's figures. `failed` says why a competitor is not in it."""

    mode: Mode
    cells: dict[tuple[str, str, int], Cell] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    ready: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def cell(self, peer: str, question: str, connections: int) -> Cell:
        """The cell, made when first asked for."""
        return self.cells.setdefault((peer, question, connections), Cell())


def compare(
    mode: Mode,
    peers: Sequence[Peer],
    world: World,
    bodies: Bodies,
    nginx: Nginx,
    cores: Cores,
    *,
    concurrency: Sequence[int],
    rounds: int,
    seconds: float,
    say: Callable[[str], None] = print,
) -> Table:
    """Starts everyone, warms them up, and measures them in turn, round by round."""
    table = Table(mode)
    site = Site(nginx.url(mode), mode, cores.gateway, bodies)
    running: list[tuple[Peer, Process]] = []
    try:
        for peer in peers:
            try:
                process = peer.start(site)
                running.append((peer, process))
                table.ready[peer.name] = process.ready_after
                if peer.name in (BARE, CONDITIONAL):
                    continue  # bodies end to end are no JSON
                for question in QUESTIONS:
                    load.ask(process.port, peer.document(question, one_id(world)))
            except BenchError as error:
                table.failed[peer.name] = str(error).splitlines()[0][:300]
                say(f"{peer.name}: {table.failed[peer.name]}")
        fit = [(peer, process) for peer, process in running if peer.name not in table.failed]
        for number in range(rounds + 1):  # the first round only warms up
            for connections in concurrency:
                for question in QUESTIONS:
                    for peer, process in fit:
                        text = peer.document(question, one_id(world))
                        folder = WORK / mode.value
                        found = load.run(
                            process.port, text, connections, seconds, cores.rest, folder
                        )
                        if number:
                            table.cell(peer.name, question, connections).rates.append(found.rate)
            say(f"{mode.value}: round {number} of {rounds}")
        for peer, process in fit:
            table.memory[peer.name] = process.memory().pss or process.memory().rss
    finally:
        for _, process in running:
            process.stop()
    return table
