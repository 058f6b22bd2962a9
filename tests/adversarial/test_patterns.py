"""No regular expression takes longer than its text is long.

Each pattern of the code is run the ways that it is used over texts that are made from itself. What
takes next to nothing passes; of the rest, four times the text may take about four times as long,
and not sixteen times. What counts is the processor's time, and of it the best of several tries.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.catalogue import built_in
from tests.adversarial.patterns import Found, patterns, seeds, text, unseen

pytestmark = pytest.mark.adversarial

LONG, SHORT = 20_000, 5_000
# Less than that no square of SHORT takes, of which each step is a nanosecond at least.
NOTHING = 0.002
PARTS = 16
# Four is in proportion, sixteen is a square.
GROWTH = 8.0
# Of the processor's seconds; only what would never end comes here.
ENDLESS = 1.0


class Endless(Exception):
    """The pattern did not come to an end."""


@contextmanager
def ended() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Endless

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def runs(pattern: re.Pattern[Any], method: str) -> Callable[[Any], object]:
    if method == "sub":
        return lambda text: pattern.sub(text[:0], text)
    if method == "finditer":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    made: Callable[[Any], object] = getattr(pattern, method)
    return made


def taken(run: Callable[[Any], object], text: Any, times: int = 1) -> float:
    best = ENDLESS
    for _ in range(times):
        began = time.thread_time()
        run(text)
        best = min(best, time.thread_time() - began)
    return best


def growth(run: Callable[[Any], object], short: Any, long: Any) -> float:
    """How many times as long the long text takes: the least of several tries, as few as will do."""
    least = float("inf")
    for tries in range(1, 9):
        least = min(least, taken(run, long, 2) / taken(run, short, 2 * tries))
        if least <= GROWTH:
            break
    return least


def grows(found: Found, methods: set[str]) -> list[str]:
    """What takes longer than in proportion, in words."""
    slow = []
    for method in sorted(methods):
        run = runs(found.pattern, method)
        for seed in seeds(found.pattern):
            short = text(found.pattern, seed, SHORT)
            try:
                with ended():
                    if taken(run, short) < NOTHING or taken(run, short, 3) < NOTHING:
                        continue
                    long = text(found.pattern, seed, LONG)
                    ratio = growth(run, short, long)
            except Endless:
                ratio = float("inf")
            if ratio > GROWTH:
                slow.append(f"{method} of {short[:30]!r}...{short[-8:]!r}: {ratio:.0f} times")
                break
    return slow


def name(found: Found) -> str:
    return min(found.places)


# They are looked for when the first is run: whoever only collects tests need not wait for it.
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_pattern_takes_longer_than_its_text_is_long(part: int) -> None:
    some = patterns()[part::PARTS]
    assert some
    assert {name(one): slow for one in some if (slow := grows(one, one.methods))} == {}


# Patterns that are put together while the gateway runs, and why they are harmless.
MADE: dict[str, str] = {
    "adapters/cad_trust_filters.py:like": "letters and dots alone, no repeats",
    "adapters/cad_trust_filters.py:_code_legs": "one class, repeated once",
    "adapters/cad_trust_filters.py:_pattern": "one class, of one letter",
    "adapters/manifest_resource.py:_compiles": "the operator's own, timed when it is loaded",
    "adapters/manifest_pattern.py:fits": "the same, on keys of 200 characters",
    "gateway/check_quality.py:off_pattern": "an adapter's own, see below",
    "gateway/stitch/codes.py:_fits": "an adapter's own, see below",
    "gateway/sandbox/odd_words.py:planted": "a word of the invented market",
}


@pytest.mark.slow
def test_every_pattern_that_is_made_later_is_known() -> None:
    assert unseen() == set(MADE)


def codes() -> list[Found]:
    """What the adapters say of the codes that people look up."""
    every = [code for one in built_in().values() for code in one.info.codes.values()]
    found = {code.pattern for code in every if code.pattern}
    return [Found(re.compile(one), {one}, {"fullmatch"}) for one in sorted(found)]


def test_no_code_of_a_registry_takes_longer_either() -> None:
    assert [slow for one in codes() for slow in grows(one, one.methods)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s+$", "search"),
        (r"(a|b)*c", "search"),
        (r"\s*(.*?)\s*,", "fullmatch"),
        (r"<!--.*?-->", "sub"),
        (r"(?:a+)+b", "match"),
        (r"\(([^)]*)\)$", "search"),
        (r"(\w+)=(\w+)", "findall"),
        (rb"\[[^\]]*\]", "split"),
    ],
)
def test_a_pattern_that_grows_like_a_square_is_found(pattern: Any, method: str) -> None:
    assert grows(Found(re.compile(pattern)), {method}) != []
