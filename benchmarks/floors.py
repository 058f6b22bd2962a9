"""The floors that the gateway has to reach, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.curve import LINEAR
from benchmarks.growth_page import memory_growth, time_growth, walk_growth
from benchmarks.peers import BARE, HIVE, NAMES, NODE, OURS, STOCK
from benchmarks.results import Results, Table
from benchmarks.upstream import Mode

# By mode: against whom, on which questions, how many times as fast at least.
SPEED: dict[Mode, list[tuple[str, tuple[str, ...], float]]] = {
    Mode.CHANGED: [
        (HIVE, ("Q1",), 3.0),
        (HIVE, ("Q2",), 4.0),
        (HIVE, ("Q3",), 5.0),
        (NODE, ("Q2", "Q3"), 1.0),
        (STOCK, ("Q2", "Q3"), 8.0),
    ],
    Mode.UNCHANGED: [
        (HIVE, ("Q2", "Q3"), 10.0),
        (NODE, ("Q2", "Q3"), 2.0),
        (BARE, ("Q2", "Q3"), 0.5),
    ],
}
MEMORY = 0.25
START = 1.5


@dataclass(frozen=True, slots=True)
class Held:
    """One floor and what was measured: None where it was not. `not_at` names the numbers of
    connections at which a floor is missed that is reached over all."""

    what: str
    wanted: str
    measured: str | None = None
    reached: bool = False
    not_at: tuple[int, ...] = ()

    @property
    def verdict(self) -> str:
        """In words for the table."""
        if self.measured is None:
            return "not measured"
        if not self.reached:
            return "**not reached**"
        if self.not_at:
            return f"reached, not at {' and '.join(map(str, self.not_at))}"
        return "reached"


def floors(results: Results) -> Iterator[Held]:
    """Every floor, in the order in which they were set."""
    for mode, wanted in SPEED.items():
        table = results.table(mode)
        for peer, questions, least in wanted:
            for question in questions:
                yield _speed(table, mode, peer, question, least)
    yield _memory(results)
    yield _start(results)
    yield from _linear(results)


def _speed(table: Table | None, mode: Mode, peer: str, question: str, least: float) -> Held:
    what = f"{question} against {NAMES[peer]}, bodies {mode.value}"
    wanted = f"at least {least:g}x"
    found = table.ratios(OURS, peer, question) if table else {}
    if not found:
        return Held(what, wanted)
    over_all = median(found.values())
    missed = tuple(connections for connections, ratio in found.items() if ratio < least)
    shown = ", ".join(f"{ratio:.2f}" for ratio in found.values())
    return Held(what, wanted, f"{over_all:.2f}x ({shown})", over_all >= least, missed)


def _memory(results: Results) -> Held:
    what, wanted = f"memory against {NAMES[HIVE]}", f"at most {MEMORY:g} of it"
    shares = {t.mode: share for t in results.tables if (share := of_hive(t, OURS)) is not None}
    if not shares:
        return Held(what, wanted)
    shown = ", ".join(f"{mode.value} {share:.2f}" for mode, share in shares.items())
    most = max(shares.values())
    return Held(what, wanted, f"{most:.2f} ({shown})", most <= MEMORY)


def of_hive(table: Table, peer: str) -> float | None:
    """A competitor's memory as a share of Hive's; None where either is unknown."""
    if not table.memory.get(HIVE) or peer not in table.memory:
        return None
    return table.memory[peer] / table.memory[HIVE]


def _start(results: Results) -> Held:
    what, wanted = "import and warm start to ready", f"under {START:g} s"
    if not results.starts:
        return Held(what, wanted)
    taken = median(results.starts)
    return Held(what, wanted, f"{taken:.2f} s", taken < START)


def _linear(results: Results) -> Iterator[Held]:
    wanted = f"by the record at most {LINEAR:g}x"
    if results.growth is None:
        yield Held("time and memory linear in records", wanted)
        return
    for name, found in (
        ("time of one page linear in records", time_growth(results.growth.one_page)),
        ("time of all pages linear in records", walk_growth(results.growth.walked)),
        ("memory of one page linear in records", memory_growth(results.growth)),
    ):
        told = f"{found.ratio:.2f}x (power {found.exponent:.2f})"
        yield Held(name, wanted, told, found.linear)
