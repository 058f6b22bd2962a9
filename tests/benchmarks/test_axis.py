"""Axes: values have room, ticks are round."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.axis import axis, short

values = st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=20)


@given(values, st.booleans())
def test_every_value_stands_between_the_ends(found: list[float], logarithmic: bool) -> None:
    made = axis(found, 100.0, 500.0, logarithmic=logarithmic)
    assert all(100.0 - 1e-6 <= made.at(value) <= 500.0 + 1e-6 for value in found)


@given(values, st.booleans())
def test_a_larger_value_never_stands_lower(found: list[float], logarithmic: bool) -> None:
    made = axis(found, 0.0, 1.0, logarithmic=logarithmic)
    places = [made.at(value) for value in sorted(found)]
    assert places == sorted(places)


@given(values, st.booleans())
def test_ticks_go_from_the_low_end_upwards_and_are_few(
    found: list[float], logarithmic: bool
) -> None:
    made = axis(found, 0.0, 1.0, logarithmic=logarithmic)
    ticks = made.ticks()
    assert 2 <= len(ticks) <= 10
    assert ticks == sorted(ticks)
    assert math.isclose(ticks[0], made.low)
    assert ticks[-1] <= made.high * (1 + 1e-9)


def test_ticks_are_round() -> None:
    assert axis([23.0], 0, 1).ticks() == [0, 5, 10, 15, 20, 25]
    assert axis([10, 100_000], 0, 1, logarithmic=True).ticks() == [10, 100, 1000, 10_000, 100_000]


def test_nothing_at_all_has_an_axis_too() -> None:
    assert axis([], 0, 1).high == 1
    assert axis([0.0], 0, 1, logarithmic=True).at(0.0) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (2500, "2.5k"), (100_000, "100k"), (2_500_000, "2.5M")],
)
def test_values_are_written_short(value: float, text: str) -> None:
    assert short(value) == text
