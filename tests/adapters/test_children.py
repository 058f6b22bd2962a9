"""Children that the mapping tables tell."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.children import goal_name, goal_number, numbered_goal
from gateway.model.rule import rule_name


@dataclass
class Row:
    goal: str | None


def test_a_goal_is_named_and_numbered() -> None:
    assert goal_name("Goal 13: Climate Action") == "SDG 13 - Climate action"
    assert goal_number("Goal 13: Climate Action") == 13


def test_what_names_no_goal_has_neither_name_nor_number() -> None:
    assert goal_name("Bees and butterflies") is None
    assert goal_number("Bees and butterflies") is None


def test_a_rows_goal_is_numbered_by_a_rule_with_a_stable_name() -> None:
    rule = numbered_goal("goal")
    assert [rule(Row(text)) for text in ("SDG 13", "no goal", "", None)] == [13, None, None, None]
    assert rule_name(rule) == "children.numbered-goal/1"
