"""What each scalar takes, and what it says when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadInput
from gateway.schema.build import core_schema

SCHEMA = core_schema()


def taken(scalar: str, value: Any) -> Any:
    kind: Any = SCHEMA.type_map[scalar]
    return kind.coerce_input_value(value)


def given(scalar: str, value: Any) -> Any:
    kind: Any = SCHEMA.type_map[scalar]
    return kind.coerce_output_value(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT30S", 30),
        ("PT5M", 300),
        ("PT1H30M", 5_400),
        ("P1D", 86_400),
        ("P1DT1S", 86_401),
    ],
)
def test_a_duration_is_told_in_days_hours_minutes_and_seconds(text: str, seconds: int) -> None:
    assert taken("Duration", text) == seconds


def test_a_duration_is_given_in_seconds() -> None:
    assert given("Duration", 90.0) == "PT90S"


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("Date", "2024-12-31"),
        ("CountryCode", "KE"),
        ("RegistryKey", "gold-standard"),
        ("Sha256", "0" * 64),
    ],
)
def test_a_value_in_its_one_spelling_stays_as_it_is(scalar: str, value: str) -> None:
    assert taken(scalar, value) == value


def test_an_instant_is_read_with_its_zone() -> None:
    assert taken("DateTime", "2024-12-31T01:00:00+01:00") == "2024-12-31T00:00:00Z"


def test_quantities_are_exact_and_come_as_text() -> None:
    assert str(taken("Decimal", "1200.50")) == "1200.50"


@pytest.mark.parametrize(
    ("scalar", "values"),
    [
        ("Duration", ["P", "PT", "P1DT", "5M", "P1M", "PT1.5S", "", 5, None]),
        ("Date", ["2024-13-01", "2024-1-1", "31.12.2024", "2024-12-31T00:00:00Z", 2024, None]),
        ("DateTime", ["2024-12-31", "2024-12-31T99:00:00Z", "yesterday morning", 0, None]),
        ("CountryCode", ["ke", "KEN", "", 1, None]),
        ("RegistryKey", ["Verra", "-a", "", "a" * 33, 7, None]),
        ("Decimal", ["", "a", "NaN", "Infinity", 1.5, 1, None]),
        ("Sha256", ["", "0" * 63, "A" * 64, 0, None]),
    ],
)
def test_anything_else_is_bad_input(scalar: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(BadInput):
            taken(scalar, value)
