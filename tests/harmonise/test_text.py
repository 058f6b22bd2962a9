"""The door of the rules: folded white space, and texts that are too long to name anything."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from gateway.harmonise import (
    countries,
    dates,
    labels,
    methodologies,
    numbers,
    project_types,
    registries,
    sdgs,
    sectors,
    statuses,
    unit_types,
    vocabulary,
)
from gateway.harmonise.table import fold, search_form, words
from gateway.harmonise.text import LONGEST, normalised, plain, text_of, too_long

MARKS = "\u0315\u0300"


def test_runs_of_white_space_are_one_sign() -> None:
    assert text_of("a  b\t\tc \n d\u00a0e") == "a b c\nd\u00a0e"
    assert text_of(7) == "7"
    assert text_of(None) is None


def test_white_space_does_not_make_a_text_too_long() -> None:
    assert text_of(f"Wind{' ' * (2 * LONGEST)}power") == "Wind power"
    assert too_long(f"Wind{' ' * (2 * LONGEST)}power") is None


def test_a_text_that_is_too_long_is_told_by_its_beginning_and_its_length() -> None:
    assert text_of("x" * LONGEST) == "x" * LONGEST
    assert too_long("x" * LONGEST) is None
    for long in ("x" * (LONGEST + 1), "x" * 1_000_000, " " * 1_000_000):
        assert text_of(long) is None
        told = too_long(long)
        assert told is not None
        assert told == f"({len(long)} characters) {long[:80]}…"


def test_a_value_that_is_too_long_is_no_value() -> None:
    assert plain(" 7 ") == "7"
    assert plain(" " * LONGEST + "7") == ""


# What each rule says of a text, and what it cannot map of it.
RULES: dict[str, Callable[[str], tuple[Any, Any]]] = {
    "country": lambda text: (countries.country(text), None),
    "countries": lambda t: (countries.countries(t), [p for c, p in countries.country_parts(t)]),
    "methodologies": lambda t: (
        methodologies.methodology(t),
        [one.raw for one in methodologies.methodologies(t)],
    ),
    "labels": lambda t: ((), [one.raw for one in labels.labels(t) if one.label_type is None]),
    "label": lambda t: ((), [one.raw for one in [labels.label(t)] if one and not one.label_type]),
    "flag": lambda text: (labels.flag("CCB", text), None),
    "sectors": lambda t: (sectors.sectors(t), sectors.sector_words(t).unknown),
    "sector": lambda text: (sectors.sector(text), None),
    "types": lambda t: (project_types.project_types(t), project_types.type_words(t).unknown),
    "type": lambda text: (project_types.project_type(text), None),
    "sdgs": lambda t: (sdgs.sdgs(t), [part for _, part in sdgs.sdg_parts(t)]),
    "goals": lambda t: ([g for g in map(sdgs.sdg, sdgs.goal_texts(t)) if g], sdgs.goal_texts(t)),
    "listed": lambda t: (sdgs.sdgs([t]), [part for _, part in sdgs.sdg_parts([t])]),
    "sdg": lambda text: (sdgs.sdg(text), None),
    "status": lambda text: (statuses.VERRA_PROJECT(text), None),
    "unit type": lambda text: (unit_types.typed(text, True), None),
    "registry": lambda text: (registries.registry_key(text), None),
    "near": lambda text: (vocabulary.near_countries(text), None),
    "date": lambda text: (dates.iso_date(text) or dates.day_first(text), None),
    "day": lambda text: (dates.english_day(text) or dates.excel_serial(text), None),
    "instant": lambda text: (dates.iso_datetime(text) or dates.rfc1123(text), None),
    "epoch": lambda text: (dates.epoch_ms(text), None),
    "number": lambda t: (numbers.decimal(t) or numbers.grouped(t) or numbers.dot_grouped(t), None),
    "year": lambda text: (numbers.year(text), None),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "x; ",
        "A,",
        "1,",
        " ",
        "\t",
        "7 ",
        "(",
        "ACM0002; ",
        "SDG 7,",
        MARKS,
        "é",
        "CCB;",
        "corsia ",
    ],
)
def test_no_rule_reads_what_is_too_long_and_none_is_silent_about_it(rule: str, piece: str) -> None:
    text = piece * (400_000 // len(piece)) + "!"
    began = time.thread_time()
    value, told = RULES[rule](text)
    assert time.thread_time() - began < 20
    assert value in (None, (), [])
    if told is not None:
        assert told
        assert all(len(part) < 200 for part in told)


@pytest.mark.parametrize("form", [fold, search_form, words])
def test_marks_without_an_end_hold_nobody_up(form: Callable[[str], str]) -> None:
    began = time.thread_time()
    assert form(f"a{MARKS * 100_000}b") == form(f"a{MARKS * 100_000}b")
    assert time.thread_time() - began < 20


def test_few_marks_are_as_unicode_has_them() -> None:
    for text in ("é" * 1000, f"a{MARKS * 14}" * 40, "São João " * 100, MARKS * 100):
        assert normalised("NFD", text) == unicodedata.normalize("NFD", text)
    assert normalised("NFD", MARKS * 200) != unicodedata.normalize("NFD", MARKS * 200)
