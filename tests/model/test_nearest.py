"""Which known word a wrong one is taken for, and that asking costs little."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

import pytest

from gateway.model import nearest as module
from gateway.model.nearest import LETTERS, nearest, or_else

KEYS = ("acr", "art", "car", "cdm", "gold-standard", "puro", "uk-land-carbon", "verra")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("vera", "verra"),
        ("Verra", "verra"),
        ("GoldStandard", "gold-standard"),
        ("gold_standard", "gold-standard"),
        ("puro ", "puro"),
        ("carbon", "uk-land-carbon"),
        ("v\u00e9rra", "verra"),
    ],
)
def test_a_slip_is_taken_for_the_word_next_to_it(text: str, word: str) -> None:
    assert nearest(text, KEYS)[0] == word


@pytest.mark.parametrize("text", ["", "  ", "--", "zzzz", "\u4e2d\u6587"])
def test_what_is_like_nothing_is_taken_for_nothing(text: str) -> None:
    assert nearest(text, KEYS) == ()


def test_only_a_few_words_are_named() -> None:
    assert len(nearest("word1", [f"word{n}" for n in range(50)])) == 3


def test_words_are_named_in_a_question() -> None:
    assert or_else(()) == ""
    assert or_else(["GB"]) == " Did you mean 'GB'?"
    assert or_else(["a", "b", "c"]) == " Did you mean 'a', 'b' or 'c'?"


def test_a_long_text_costs_no_more_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = 0
    compare: Callable[[Any], float] = SequenceMatcher.ratio

    class Counting(SequenceMatcher[str]):
        def ratio(self) -> float:
            nonlocal longest
            longest = max(longest, len(self.a), len(self.b))  # type: ignore[attr-defined]
            return compare(self)

    monkeypatch.setattr(module, "SequenceMatcher", Counting)
    nearest("ab" * 1_000_000, ["ab" * 1_000, "ba" * 1_000])
    nearest("\ufdfa" * 1_000, ["ab" * 1_000])
    assert longest <= LETTERS
