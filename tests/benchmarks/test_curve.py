"""Growth: what linear is, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.curve import LINEAR, growth

SIZES = (10, 100, 1_000, 10_000, 100_000)


@given(st.floats(1e-3, 1e3))
def test_a_straight_line_through_zero_has_ratio_and_exponent_one(each: float) -> None:
    found = growth([(size, each * size) for size in SIZES])
    assert found.ratio == pytest.approx(1)
    assert found.exponent == pytest.approx(1)
    assert found.slope == pytest.approx(each)
    assert found.linear


@given(st.floats(0, 1e4), st.floats(1e-3, 1e3))
def test_a_fixed_cost_never_makes_a_line_steeper(fixed: float, each: float) -> None:
    found = growth([(size, fixed + each * size) for size in SIZES])
    assert found.ratio <= 1 + 1e-9
    assert found.slope == pytest.approx(each)
    assert found.linear


def test_a_square_is_not_linear() -> None:
    found = growth([(size, size * size) for size in SIZES])
    assert found.exponent == pytest.approx(2)
    assert found.ratio == pytest.approx(100)
    assert not found.linear


def test_a_cost_by_the_piece_over_the_limit_is_not_linear() -> None:
    assert growth([(1, 1.0), (10, 10 * (LINEAR - 0.01))]).linear
    assert not growth([(1, 1.0), (10, 10 * (LINEAR + 0.01))]).linear


def test_the_middle_of_five_sizes_is_the_third() -> None:
    points = [(1, 100.0), (2, 100.0), (4, 4.0), (8, 100.0), (16, 32.0)]
    assert growth(points).ratio == pytest.approx(2)


def test_size_zero_is_no_size_to_grow_from() -> None:
    assert growth([(0, 5.0), (50, 1.0), (100, 2.0)]).ratio == pytest.approx(1)


@pytest.mark.parametrize("points", [[], [(1, 1.0)], [(0, 1.0), (1, 1.0)], [(1, 1.0), (2, 0.0)]])
def test_too_little_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="two sizes"):
        growth(points)
