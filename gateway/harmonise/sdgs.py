"""Sustainable Development Goals as registries write them, to numbers and CAD Trust's spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from gateway.harmonise.table import words
from gateway.harmonise.text import text_of, too_long

SUBJECT = "sdgs"
# The spelling of v2's co_benefit_id. v1 puts commas into goal 9; goal 10 is v1's, since v2
# lists it among the label types.
CO_BENEFITS: Final = {
    1: "SDG 1 - No poverty",
    2: "SDG 2 - Zero hunger",
    3: "SDG 3 - Good health and well-being",
    4: "SDG 4 - Quality education",
    5: "SDG 5 - Gender equality",
    6: "SDG 6 - Clean water and sanitation",
    7: "SDG 7 - Affordable and clean energy",
    8: "SDG 8 - Decent work and economic growth",
    9: "SDG 9 - Industry innovation and infrastructure",
    10: "SDG 10 - Reduced inequalities",
    11: "SDG 11 - Sustainable cities and communities",
    12: "SDG 12 - Responsible consumption and production",
    13: "SDG 13 - Climate action",
    14: "SDG 14 - Life below water",
    15: "SDG 15 - Life on land",
    16: "SDG 16 - Peace and justice strong institutions",
    17: "SDG 17 - Partnerships for the goals",
}

_OTHER_NAMES: Final = {
    "poverty": 1,
    "end poverty": 1,
    "hunger": 2,
    "good health": 3,
    "good health and wellbeing": 3,
    "education": 4,
    "clean water": 6,
    "clean energy": 7,
    "affordable clean energy": 7,
    "economic growth": 8,
    "decent work": 8,
    "industry": 9,
    "reduced inequality": 10,
    "reducing inequality": 10,
    "sustainable cities": 11,
    "responsible consumption": 12,
    "climate": 13,
    "peace justice and strong institutions": 16,
    "peace and justice": 16,
    "partnership for the goals": 17,
    "partnerships": 17,
}

_NAMES: Final[dict[str, int]] = {
    **{words(text.split(" - ", 1)[1]): number for number, text in CO_BENEFITS.items()},
    **_OTHER_NAMES,
}

_NUMBERED = re.compile(
    r"(?:un\s++)?(?:sdgs?|goals?|sustainable development goals?)?[\s:#_-]*+0*(\d{1,2})"
    r"(?:\.[0-9a-c]{1,2})?(?![0-9])[\s.:_–-]*(.*)",  # noqa: RUF001
    re.IGNORECASE | re.DOTALL,
)
_NUMBER_LIST = re.compile(r"\s*+\d{1,2}(?:(?=\s*[,;|/ ])[\s,;|/]++\d{1,2})*+\s*+")
_HARD = re.compile(r"[;|\n]+")
_BEFORE_GOAL = re.compile(r",\s*+(?=(?:(?:sdg|goal)\s*+)?\d{1,2}\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sdg:
    """A goal: its number and CAD Trust's `co_benefit_id` for it."""

    number: int
    co_benefit: str


GOALS: Final = {number: Sdg(number, text) for number, text in CO_BENEFITS.items()}


def sdg(raw: object) -> Sdg | None:
    """The goal of `7`, "07: Affordable and Clean Energy", "Goal 13: ...", "SDG 13 - ..." or a name.

    A number beside the name of another goal is nobody's goal: None.
    """
    text = text_of(raw)
    if not text or not text.strip():
        return None
    found = _NUMBERED.fullmatch(text.strip())
    if found is None:
        number = _NAMES.get(words(text))
        return GOALS[number] if number else None
    number = int(found[1])
    named = _NAMES.get(words(found[2])) if found[2] else None
    if named is not None and named != number:
        return None
    return GOALS.get(number)


def sdgs(raw: object) -> tuple[Sdg, ...]:
    """The goals of a list such as "5,13,3,6" or "07: ...; 13: ...", each once, in order.

    What is no goal is left out; `sdg_parts` has it.
    """
    return tuple(dict.fromkeys(goal for goal, _ in sdg_parts(raw) if goal is not None))


def sdg_parts(raw: object) -> tuple[tuple[Sdg | None, str], ...]:
    """The parts of such a list, each with the goal that it names, None where it names none."""
    parts: list[Any] = [*raw] if isinstance(raw, (list, tuple)) else [raw]
    if not isinstance(raw, (list, tuple)) and not too_long(raw):
        parts = [*goal_texts(raw)]
    found: dict[Sdg | str, str] = {}
    for part in parts:
        if long := too_long(part):
            found[long] = long
        elif text := (text_of(part) or "").strip():
            found[sdg(text) or text] = text
    return tuple((None if isinstance(one, str) else one, text) for one, text in found.items())


def goal_texts(raw: object) -> list[str]:
    """The texts of single goals in a list; commas inside a goal's name part nothing."""
    if long := too_long(raw):
        return [long]
    text = text_of(raw)
    if not text:
        return []
    if _NUMBER_LIST.fullmatch(text):
        return re.findall(r"\d{1,2}", text)
    found = (part.strip() for hard in _HARD.split(text) for part in _BEFORE_GOAL.split(hard))
    return [part for part in found if part]
