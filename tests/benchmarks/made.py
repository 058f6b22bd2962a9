"""A run that never was, for the tests of the page: figures are chosen, not measured."""

from __future__ import annotations

from benchmarks.growth import Curves, Point
from benchmarks.profile import Profile
from benchmarks.results import QUESTIONS, Results, Table
from benchmarks.stages import WHOLE, Stages
from benchmarks.upstream import Mode

RATES = {"carbon-gateway": 1200.0, "hive": 100.0, "mercurius": 400.0, "strawberry": 100.0,
         "pass-through": 2000.0}  # fmt: skip


def table(mode: Mode = Mode.CHANGED) -> Table:
    """Every competitor at 1, 16 and 64 connections; ours loses to Mercurius at 1."""
    made = Table(mode)
    for peer, rate in RATES.items():
        for question in QUESTIONS:
            for connections in (1, 16, 64):
                cell = made.cell(peer, question, connections)
                slow = peer == "carbon-gateway" and connections == 1
                cell.rates = [rate * 0.3] * 3 if slow else [rate / 2, rate, rate * 2]
                cell.calls = [1.0]
        made.memory[peer] = (80 if peer == "carbon-gateway" else 400) * 2**20
        made.ready[peer] = 0.5
    made.seen = ["Q1: 20 answers, 20 reads, all `hit`"]
    made.stages = [Stages("Q1", 50, {WHOLE: 2.5, "total": 2.0, "sign": 0.25})]
    made.profiles = [
        Profile("Q2", 4.0, 1000, {"adapters": 0.5, "gateway.engine": 0.499, "yarl": 0.001},
                {"adapters.rows:decoded": 0.5}),
    ]  # fmt: skip
    return made


def curves(*, power: float = 1.0) -> Curves:
    """Cost by the given power of the size."""
    sizes = (10, 100, 1_000, 10_000, 100_000)
    idle = 90 * 2**20
    whole = [Point(n, n**power / 10, idle + round(n**power * 9000)) for n in sizes]
    pages = [Point(n, 5_000 / n * 4, idle) for n in (25, 100, 500)]
    few = [Point(n, float(n), idle) for n in (1, 2, 5, 10, 20)]
    late = [Point(n, 1.5, rate=64 / (0.06 + n / 1000), node_ms=0.5) for n in (0, 50, 100)]
    return Curves(idle, whole, [Point(n, n / 8, idle) for n in sizes], pages, few, few, late)


def results() -> Results:
    """A whole run."""
    return Results(
        "Some machine",
        "rounds: 3, each 2 s",
        {"nginx": "1.22.1"},
        [table(m) for m in Mode],
        [0.9, 1.0, 1.1],
        curves(),
    )
