"""Floors: reached or not is computed from the figures."""

from __future__ import annotations

import pytest

from benchmarks.floors import SPEED, Held, floors
from benchmarks.results import Results, Table
from benchmarks.upstream import Mode
from tests.benchmarks import made


def held(results: Results, what: str) -> Held:
    return next(one for one in floors(results) if one.what.startswith(what))


def test_nothing_measured_is_nothing_reached() -> None:
    verdicts = {one.verdict for one in floors(Results())}
    assert verdicts == {"not measured"}


def test_every_floor_is_named_once() -> None:
    names = [one.what for one in floors(made.results())]
    assert len(names) == len(set(names))
    speed = sum(len(questions) for rows in SPEED.values() for _, questions, _ in rows)
    assert len(names) == speed + 5


def test_a_ratio_is_the_median_over_the_concurrencies() -> None:
    one = held(made.results(), "Q2 against Hive Gateway, bodies changed")
    assert one.measured == "12.00x (3.60, 12.00, 12.00)"
    assert one.reached


def test_a_floor_that_is_missed_at_some_concurrency_says_at_which() -> None:
    one = held(made.results(), "Q2 against Mercurius, bodies changed")
    assert one.verdict == "reached, not at 1"


def test_a_floor_that_is_missed_over_all_is_not_reached() -> None:
    results = made.results()
    for table in results.tables:
        for cell in table.cells:
            if cell.peer == "hive":
                cell.rates = [1000.0]
    assert held(results, "Q1 against Hive Gateway").verdict == "**not reached**"


def test_the_bare_pass_through_is_the_one_that_reads_every_body() -> None:
    assert held(made.results(), "Q2 against pass-through").measured == "0.60x (0.18, 0.60, 0.60)"


def test_memory_is_held_at_its_worst_mode() -> None:
    results = made.results()
    assert held(results, "memory against Hive Gateway").reached
    results.tables[2].memory["carbon-gateway"] = 300 * 2**20
    one = held(results, "memory against Hive Gateway")
    assert one.measured == "0.75 (changed 0.20, unchanged 0.20, fresh 0.75)"
    assert not one.reached


def test_without_the_peer_its_floor_is_not_measured() -> None:
    results = Results(tables=[Table(Mode.CHANGED)])
    results.tables[0].cell("carbon-gateway", "Q1", 1).rates = [5.0]
    results.tables[0].memory["carbon-gateway"] = 5
    assert held(results, "Q1 against Hive Gateway").verdict == "not measured"
    assert held(results, "memory").verdict == "not measured"


@pytest.mark.parametrize(("taken", "reached"), [(1.4, True), (1.6, False)])
def test_a_start_is_the_median_of_the_starts(taken: float, reached: bool) -> None:
    results = Results(starts=[0.1, taken, 9.0])
    assert held(results, "import").reached is reached


def test_what_grows_faster_than_records_is_not_linear() -> None:
    assert held(made.results(), "time of one page").verdict == "reached"
    results = made.results()
    results.growth = made.curves(power=1.2)
    assert held(results, "time of one page").verdict == "**not reached**"
    assert held(results, "memory of one page").verdict == "**not reached**"
    assert held(results, "time of all pages").verdict == "reached"
