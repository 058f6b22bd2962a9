"""Lines that come often are written once in a while, and say how many were left out."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from gateway.log import JsonLines
from gateway.sparing import Sparing
from tests.upstream.bench import SetClock

LOGGER = logging.getLogger("tests.sparing")


def written(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(JsonLines().format(record)) for record in caplog.records]


def test_the_same_is_told_once_a_minute_with_the_number_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SetClock()
    told = Sparing(LOGGER, clock)
    for _ in range(1000):
        told.tell(logging.WARNING, "down", "a", registry="a")
    told.tell(logging.WARNING, "down", "b", registry="b")
    clock.at += 60
    told.tell(logging.WARNING, "down", "a", registry="a")
    lines = written(caplog)
    assert [(line["registry"], line.get("leftOut")) for line in lines] == [
        ("a", None), ("b", None), ("a", 999),
    ]  # fmt: skip


def test_what_is_remembered_is_bounded_and_nothing_is_left_out_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SetClock()
    told = Sparing(LOGGER, clock, most=4)
    for n in range(4):
        for _ in range(3):
            told.tell(logging.WARNING, "down", n)
    told.tell(logging.WARNING, "down", "a fifth")
    assert written(caplog)[-1]["leftOutOfOthers"] == 2


def test_a_line_is_one_short_line_whatever_is_in_it(caplog: pytest.LogCaptureFixture) -> None:
    Sparing(LOGGER, SetClock()).tell(
        logging.WARNING, "said", "a", text="a\nb\x1b[31m" + "x" * 10_000
    )
    (line,) = written(caplog)
    assert len(line["text"]) == 200
    assert line["text"].startswith("a b [31m")


def test_a_thousand_different_things_are_no_thousand_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SetClock()
    told = Sparing(LOGGER, clock, rate=5)
    for n in range(1000):
        told.tell(logging.WARNING, "said", n)
    assert len(written(caplog)) == 5
    clock.at += 60
    told.tell(logging.WARNING, "said", "more")
    assert written(caplog)[-1]["leftOutOfOthers"] == 995


def test_what_costs_to_find_out_is_looked_at_once_in_a_while() -> None:
    clock = SetClock()
    told = Sparing(LOGGER, clock)
    assert [told.first("a"), told.first("a"), told.first("b")] == [True, False, True]
    clock.at += 60
    assert told.first("a")
