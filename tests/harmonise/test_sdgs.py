"""Sustainable Development Goals in every form that registries write."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise.sdgs import GOALS, sdg, sdgs


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("07: Affordable and Clean Energy", 7),
        ("Goal 13: Climate Action", 13),
        ("SDG 13 - Climate action", 13),
        ("SDG-6 : Clean Water And Sanitation", 6),
        ("SDG 5: Gender Equality", 5),
        ("13 - Climate Action", 13),
        ("2. Zero Hunger", 2),
        ("9. Industry, Innovation and Infrastructure", 9),
        ("SDG 9 - Industry, innovation, and infrastructure", 9),
        ("SDG 13.2", 13),
        ("13", 13),
        (13, 13),
        ("Climate action", 13),
        ("Education", 4),
        ("Economic growth", 8),
        ("No poverty", 1),
        ("SDG 16 - Peace and justice strong institutions", 16),
    ],
)
def test_a_goal_is_known_by_its_number_or_its_name(raw: Any, number: int) -> None:
    assert sdg(raw) == GOALS[number]


@pytest.mark.parametrize("raw", ["", "  ", None, "18", "0", "Biodiversity", "7: Climate action"])
def test_what_is_no_goal_is_none(raw: Any) -> None:
    assert sdg(raw) is None


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ("5,13,3,6", [5, 13, 3, 6]),
        ("4, 13, 6", [4, 13, 6]),
        ("13", [13]),
        ("07: Affordable and Clean Energy; 13: Climate Action", [7, 13]),
        ("03: Good Health;13: Climate Action;13: Climate Action", [3, 13]),
        ("2. Zero Hunger;9. Industry, Innovation and Infrastructure", [2, 9]),
        ("SDG 2, SDG 13", [2, 13]),
        ("SDG 9 - Industry, innovation, and infrastructure", [9]),
        (["Goal 13: Climate Action", "Goal 4: Quality Education"], [13, 4]),
        ([13, 4, 99], [13, 4]),
        ("Biodiversity", []),
        ("", []),
        (None, []),
    ],
)
def test_lists_of_goals(raw: Any, numbers: list[int]) -> None:
    assert [goal.number for goal in sdgs(raw)] == numbers


def test_the_co_benefit_is_in_cad_trusts_spelling() -> None:
    assert GOALS[13].co_benefit == "SDG 13 - Climate action"
    assert GOALS[9].co_benefit == "SDG 9 - Industry innovation and infrastructure"
    assert sorted(GOALS) == list(range(1, 18))
