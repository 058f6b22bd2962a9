"""Where the time of one answer goes, as the gateway itself tells it (`extensions.timing`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from benchmarks.caller import Caller
from benchmarks.process import Process

# Units that the keys of the timing may end with, in milliseconds.
_UNITS = {"Ms": 1.0, "Us": 0.001, "Ns": 0.000001}
WHOLE = "whole, as the client sees it"


@dataclass(frozen=True, slots=True)
class Stages:
    """The mean milliseconds of each stage over so many answers, asked one after the other."""

    question: str
    answers: int
    ms: dict[str, float]


def stages(gateway: Process, question: str, text: str, answers: int = 50) -> Stages:
    """Asks with timing. The gateway rounds, so the mean of many tells more than a median.

    Raises:
        BenchError: an answer failed.
    """
    found: list[dict[str, float]] = []
    with Caller(gateway.port) as caller:
        for _ in range(answers):
            heard = caller.ask(text, extensions={"timing": True})
            timing = heard.parsed()["extensions"]["timing"]
            found.append({WHOLE: heard.ms, **dict(flat(timing))})
    return Stages(question, answers, means(found))


def flat(timing: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    """Every duration, in milliseconds, by its path. Of a list of exchanges, which run at the
    same time, the longest."""
    for key, value in timing.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from flat(value, name)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            longest: dict[str, float] = {}
            for one in value:
                for inner, ms in flat(one, name):
                    longest[inner] = max(ms, longest.get(inner, ms))
            yield from longest.items()
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            unit = next((each for end, each in _UNITS.items() if key.endswith(end)), None)
            if unit is not None:
                yield name[:-2], value * unit


def means(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each stage; one that an answer does not name took it no time."""
    names = dict.fromkeys(name for one in found for name in one)
    return {name: fmean(one.get(name, 0.0) for one in found) for name in names}
