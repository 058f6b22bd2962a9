"""The attacks and the soak judge by their limits, and say which did not hold."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.reliability.apart import State
from benchmarks.reliability.attacks import THREE, Row
from benchmarks.reliability.hostile import ATTACKS
from benchmarks.reliability.soak import grown

GOOD = Row("dear", 1.2, 0.05, 1.1, 0, 90, 12, 400, ())
FLAT = State(80_000_000, 30, 12, 1.0, 9_000_000, 10, 0, 0)


def test_an_attack_within_the_limits_breaks_nothing() -> None:
    assert GOOD.broken == []


def test_each_limit_that_does_not_hold_is_named_with_its_attack() -> None:
    for row, word in (
        (replace(GOOD, median=3.1), "median is 3.1 of idle"),
        (replace(GOOD, health=0.26), "/healthz is 260 ms"),
        (replace(GOOD, memory=1.21), "memory is 1.21"),
        (replace(GOOD, faults=("the signature does not verify",)), "does not verify"),
    ):
        (told,) = row.broken
        assert told.startswith("dear: ")
        assert word in told


def test_three_at_once_are_attacks_that_there_are_and_all_of_them_take_part() -> None:
    assert {name for three in THREE for name in three} == set(ATTACKS)
    assert all(len(set(three)) == 3 for three in THREE)


def test_what_stays_flat_has_not_grown_and_what_fills_the_caches_first_may() -> None:
    states = [replace(FLAT, rss=40_000_000)] * 4 + [FLAT] * 16
    assert grown(states) == []
    assert grown([FLAT]) == []


def test_what_grows_is_named() -> None:
    states = [
        replace(FLAT, rss=80_000_000 + 3_000_000 * n, files=30 + 5 * n, tasks=12 + 4 * n)
        for n in range(20)
    ]
    assert [told.split(" ")[0] for told in grown(states)] == ["rss", "files", "tasks"]
