"""Numbers in every form that registries write, and the texts that are none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.harmonise import numbers
from gateway.model.values import quantity_text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (18962, "18962"),
        ("18962", "18962"),
        (" 18962 ", "18962"),
        (Decimal("18962.0"), "18962"),
        ("18962.0", "18962"),
        (18962.0, "18962"),
        (46.001, "46.001"),
        ("46.001", "46.001"),
        ("-12.5", "-12.5"),
        ("+7", "7"),
        ("-0.0", "0"),
        (Decimal("1E+3"), "1000"),
        ("1e3", "1000"),
        (".5", "0.5"),
        ("007", "7"),
        ("29.31320000000000000001", "29.31320000000000000001"),
    ],
)
def test_a_number_is_exact_and_whole_numbers_have_no_fraction(raw: Any, expected: str) -> None:
    found = numbers.decimal(raw)
    assert found is not None
    assert quantity_text(found) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "N/A",
        "NaN",
        "Infinity",
        "1,000",
        "1_000",
        "٣",
        "1e999",
        "1e-999",
        "1" * 41,
        10**40,
        Decimal("NaN"),
        Decimal("1E+50"),
        Decimal("1E-50"),
        Decimal("1." + "1" * 90),
        float("inf"),
        float("nan"),
        True,
        None,
        [1],
    ],
)
def test_what_is_no_number_is_none(raw: Any) -> None:
    assert numbers.decimal(raw) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12)))
def test_a_decimal_keeps_its_value(value: Decimal) -> None:
    found = numbers.decimal(value)
    assert found is None or found == value


@given(st.integers(min_value=-(10**39), max_value=10**39))
def test_a_whole_number_reads_back_from_its_digits(value: int) -> None:
    assert numbers.decimal(str(value)) == value
    assert numbers.integer(str(value)) == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("299,564", 299564),
        ("72,000", 72000),
        ("1,234,567.5", Decimal("1234567.5")),
        ("6.726.799", 6726799),
        ("6.726.799,25", Decimal("6726799.25")),
        ("1 234 567", 1234567),
        ("1\u202f234,5", Decimal("1234.5")),
        ("1'234", 1234),
        ("-1,000", -1000),
        ("100", 100),
        ("1.234", Decimal("1.234")),
        (299564, 299564),
    ],
)
def test_groups_of_three_are_one_number(raw: Any, expected: Decimal | int) -> None:
    assert numbers.grouped(raw) == expected


@pytest.mark.parametrize("raw", ["12,5", "1,23,456", "1,0000", "1.234,5.6", "", "x", None])
def test_what_does_not_group_is_none(raw: Any) -> None:
    assert numbers.grouped(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(7, 7), ("7", 7), (Decimal("7.0"), 7), (7.0, 7), ("7.5", None), (True, None), ("x", None)],
)
def test_integers_are_whole(raw: Any, expected: int | None) -> None:
    assert numbers.integer(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024", 2024),
        (2024, 2024),
        (Decimal("2024.0"), 2024),
        ("2003 - 2004", 2004),
        ("2019 - 2020", 2020),
        ("2023 - 2023", 2023),
        ("2022/2023", 2023),
        ("2010-01-01 / 2018-09-30", 2018),
        ("2024-03-01", 2024),
        ("2024-03-01T00:00:00.000Z", 2024),
        ("16", None),
        ("20245", None),
        ("3000", None),
        ("", None),
        (None, None),
        ("2024.0", 2024),
    ],
)
def test_a_vintage_year_is_the_year_in_which_the_period_ends(
    raw: Any, expected: int | None
) -> None:
    assert numbers.year(raw) == expected


@given(st.text())
def test_no_text_makes_any_reader_raise(text: str) -> None:
    for read in (numbers.decimal, numbers.grouped, numbers.integer, numbers.year):
        read(text)
