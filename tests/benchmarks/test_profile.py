"""Samples: whose code it is, and how the time is shared."""

from __future__ import annotations

import json

import pytest

from benchmarks.apps.sampled import named
from benchmarks.axis import short
from benchmarks.profile import LOOP, part, shared


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("gateway.engine.run:rows", "gateway.engine"),
        ("gateway.endpoint:_answer", "gateway"),
        ("adapters.sp_rows:__call__", "adapters"),
        ("aiohttp.client:_request", "aiohttp"),
        ("projection of Unit:project", "gateway.engine"),
        ("gateway.running:run", LOOP),
        ("uvicorn.server:serve", LOOP),
        ("python", LOOP),
    ],
)
def test_a_place_belongs_to_a_part(place: str, wanted: str) -> None:
    assert part(place) == wanted


def test_samples_are_shared_by_part_and_by_place() -> None:
    samples = {"gateway.engine.run:rows": 50, "gateway.engine.leaves:of": 25, "python": 25}
    found = shared("Q1", 2.0, samples)
    assert found.parts == {"gateway.engine": 0.75, LOOP: 0.25}
    assert found.places == {"gateway.engine.run:rows": 0.5, "gateway.engine.leaves:of": 0.25}
    assert found.samples == 100


def test_nothing_seen_is_no_share() -> None:
    assert shared("Q1", 2.0, {}).parts == {}


def test_our_code_and_libraries_are_named_and_the_standard_library_is_not() -> None:
    assert named(short.__code__) == "benchmarks.axis:short"
    assert named(pytest.raises.__code__) == "_pytest.raises:raises"
    assert named(json.dumps.__code__) is None
    assert named(compile("1", "<string>", "eval")) is None
    assert named(compile("1", "<projection of Unit>", "eval")) == "projection of Unit:<module>"
