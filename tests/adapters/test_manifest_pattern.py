"""The expressions of manifests: one that some text makes slow is refused before it is run."""

from __future__ import annotations

import re

import pytest

from adapters.manifest_pattern import fits, hard
from gateway.model.globalid import MAX_KEY


@pytest.mark.parametrize(
    "pattern", [r"(a+)+", r"(?:[A-Z]*)*-1", r"(?:ab|ab)*c", r"([A-Z]+-?)+[0-9]", r"(?:\w+\s?)+!"]
)
def test_an_expression_that_a_short_text_makes_slow_is_found(pattern: str) -> None:
    text = hard(re.compile(pattern))
    assert text is not None
    assert len(text) < 60


@pytest.mark.parametrize(
    "pattern", [r"XR\d{4,}", r"(?:[A-Z]+-)+\d+", r"(?:[A-Z]++-?)++[0-9]", r"[\w.-]+", r".*\d.*"]
)
def test_an_expression_that_is_quick_for_every_key_is_taken(pattern: str) -> None:
    assert hard(re.compile(pattern)) is None


def test_a_text_longer_than_any_key_fits_nothing() -> None:
    assert fits("a+", "a" * MAX_KEY)
    assert not fits("a+", "a" * (MAX_KEY + 1))
