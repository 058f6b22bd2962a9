"""Dates in every form that registries write, and the texts that are none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.harmonise import dates


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024-03-01", "2024-03-01"),
        (" 2024-03-01 ", "2024-03-01"),
        ("2024-02-29", "2024-02-29"),
        ("2024-03-01T23:30:00", "2024-03-01"),
        ("2024-03-01T23:30:00.123", "2024-03-01"),
        ("2026-04-13T12:35:58.842275", "2026-04-13"),
        ("2024-03-01T23:30:00-05:00", "2024-03-01"),
        ("2024-03-01 23:30", "2024-03-01"),
        ("2024-10-15 16:38:13", "2024-10-15"),
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 12, tzinfo=UTC), "2024-03-01"),
    ],
)
def test_an_iso_date_is_its_date_part_as_written(raw: Any, expected: str) -> None:
    assert dates.iso_date(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024/03/01",
        "2024-W01-1",
        "20240301",
        "2024-03",
        "2024-03-01T25:00:00",
        "2024-03-01T10:61",
        "2024-03-01T24:00:00",
        "2024-03-01Tnoon-ish",
        "2024-03-01 and more",
        "２０２４-03-01",  # noqa: RUF001
        "N/A",
        None,
        20240301,
        True,
    ],
)
def test_what_is_no_iso_date_is_none(raw: Any) -> None:
    assert dates.iso_date(raw) is None


@given(st.dates())
def test_every_date_reads_back_from_its_iso_form(day: date) -> None:
    assert dates.iso_date(day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024-03-01T23:30:00Z", "2024-03-01T23:30:00Z"),
        ("2024-03-01T23:30:00", "2024-03-01T23:30:00Z"),
        ("2024-03-01T23:30:00.999Z", "2024-03-01T23:30:00Z"),
        ("2026-06-29T16:19:47.947245-04:00", "2026-06-29T20:19:47Z"),
        ("2024-03-01T23:30:00+0530", "2024-03-01T18:00:00Z"),
        ("2024-03-01T23:30:00+05", "2024-03-01T18:30:00Z"),
        ("2024-03-01t23:30:00z", "2024-03-01T23:30:00Z"),
        ("2024-03-01 23:30", "2024-03-01T23:30:00Z"),
        ("2024-03-01 23:30:00 -04:00", "2024-03-02T03:30:00Z"),
        ("2024-03-01 23:30 +05", "2024-03-01T18:30:00Z"),
        ("2024-03-01 11:30:00 PM (GMT)", "2024-03-01T23:30:00Z"),
        ("2024-03-01 12:30:00 AM", "2024-03-01T00:30:00Z"),
        ("2024-03-01", "2024-03-01T00:00:00Z"),
        (date(2024, 3, 1), "2024-03-01T00:00:00Z"),
        (datetime(2024, 3, 1, 12), "2024-03-01T12:00:00Z"),  # noqa: DTZ001
        (
            datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            "2024-03-01T10:00:00Z",
        ),
    ],
)
def test_an_iso_datetime_is_in_utc_to_the_second(raw: Any, expected: str) -> None:
    assert dates.iso_datetime(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "2024-03-01T10:61:00",
        "2024-02-30",
        "2024-03-01 13:00 PM",
        "0001-01-01T00:00:00+05:00",
        "2024-03-01T24:00:00Z",
        None,
        5,
    ],
)
def test_what_is_no_iso_datetime_is_none(raw: Any) -> None:
    assert dates.iso_datetime(raw) is None


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_datetimes_compare_as_texts_as_they_do_in_time(one: datetime, other: datetime) -> None:
    first, second = dates.iso_datetime(one.isoformat()), dates.iso_datetime(other.isoformat())
    assert first is not None
    assert second is not None
    if one.replace(microsecond=0) < other.replace(microsecond=0):
        assert first < second


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("03/08/2026", "2026-08-03"),
        ("01-09-2023", "2023-09-01"),
        ("1.9.2023", "2023-09-01"),
        ("31/12/2024 10:11:12", "2024-12-31"),
    ],
)
def test_day_first(raw: str, expected: str) -> None:
    assert dates.day_first(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("03/08/2026", "2026-03-08"),
        ("07/31/2026", "2026-07-31"),
        ("6/2/2021 3:04:05 PM", "2021-06-02"),
        ("6/2/2021 3:04:05 PM (GMT)", "2021-06-02"),
        ("12/9/2021, 12:00 am", "2021-12-09"),
    ],
)
def test_month_first(raw: str, expected: str) -> None:
    assert dates.month_first(raw) == expected


@pytest.mark.parametrize("raw", ["13/13/2024", "", "2024-01-02", "1/2/24", None, "1/2/2024 25:00"])
def test_what_is_no_date_in_numbers_is_none(raw: Any) -> None:
    assert dates.day_first(raw) is None
    assert dates.month_first(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (38216, "2004-08-17"),
        ("38216", "2004-08-17"),
        (Decimal("39585.0"), "2008-05-17"),
        (39585.5, "2008-05-17"),
        ("39585.25", "2008-05-17"),
        ("2008-05-17", "2008-05-17"),
        (datetime(2008, 5, 17, tzinfo=UTC), "2008-05-17"),
        (61, "1900-03-01"),
    ],
)
def test_excel_serials_and_iso_dates_share_a_column(raw: Any, expected: str) -> None:
    assert dates.excel_serial(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [60, 0, -1, 99_999_999, "99999999", True, None, Decimal("NaN"), float("nan"), "soon", [1]],
)
def test_what_is_no_excel_serial_is_none(raw: Any) -> None:
    assert dates.excel_serial(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_689_292_800_000, "2023-07-14T00:00:00Z"),
        ("1689292800000", "2023-07-14T00:00:00Z"),
        (Decimal("1689292800999"), "2023-07-14T00:00:00Z"),
        (1689292800000.0, "2023-07-14T00:00:00Z"),
        (-1000, "1969-12-31T23:59:59Z"),
    ],
)
def test_epoch_milliseconds(raw: Any, expected: str) -> None:
    assert dates.epoch_ms(raw) == expected
    assert dates.epoch_ms_date(raw) == expected[:10]


def test_epoch_seconds_come_as_numbers_and_as_text() -> None:
    assert dates.epoch_seconds(1_689_292_800) == "2023-07-14T00:00:00Z"
    assert dates.epoch_seconds_date("1689292800") == "2023-07-14"
    assert dates.epoch_seconds_date("never") is None


@pytest.mark.parametrize(
    "raw", ["soon", True, None, float("nan"), Decimal("Infinity"), 10**30, -(10**14), "1e9"]
)
def test_what_is_no_epoch_is_none(raw: Any) -> None:
    assert dates.epoch_ms(raw) is None
    assert dates.epoch_ms_date(raw) is None


def test_rfc_1123() -> None:
    assert dates.rfc1123("Fri, 14 Jul 2023 00:00:00 GMT") == "2023-07-14T00:00:00Z"
    assert dates.rfc1123("14 Jul 2023 01:02:03 +0000") == "2023-07-14T01:02:03Z"
    assert dates.rfc1123_date("Fri, 14 Jul 2023 00:00:00 GMT") == "2023-07-14"


@pytest.mark.parametrize(
    "raw",
    [
        "Fri, 31 Feb 2023 00:00:00 GMT",
        "Fri, 14 Jux 2023 00:00:00 GMT",
        "Fri, 14 Jul 2023 24:00:00 GMT",
        "Fri, 14 Jul 2023 00:60:00 GMT",
        "Fri, 14 Jul 2023 00:00:60 GMT",
        "2023-07-14",
        "",
        None,
    ],
)
def test_what_is_not_rfc_1123_is_none(raw: Any) -> None:
    assert dates.rfc1123(raw) is None
    assert dates.rfc1123_date(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("03 Mar 2023", "2023-03-03"),
        ("3 March 2023", "2023-03-03"),
        ("3-Mar-2023", "2023-03-03"),
        ("24 Jan 26", "2026-01-24"),
        ("Friday, 3 Sept 2021", "2021-09-03"),
        ("March 3, 2023", "2023-03-03"),
        ("Mar 3 2023", "2023-03-03"),
    ],
)
def test_english_days(raw: str, expected: str) -> None:
    assert dates.english_day(raw) == expected


@pytest.mark.parametrize("raw", ["31 Feb 2023", "3 Martius 2023", "2023-03-03", "", None, 3])
def test_what_is_no_english_day_is_none(raw: Any) -> None:
    assert dates.english_day(raw) is None


@given(st.text())
def test_no_text_makes_any_reader_raise(text: str) -> None:
    for read in (
        dates.iso_date,
        dates.iso_datetime,
        dates.day_first,
        dates.month_first,
        dates.excel_serial,
        dates.epoch_ms,
        dates.epoch_seconds,
        dates.rfc1123,
        dates.english_day,
    ):
        read(text)


@given(
    day=st.sampled_from(("2024-02-29", "2023-02-29", "2024-13-01", "0001-01-01", "2024-W09-4")),
    gap=st.sampled_from("T t"),
    clock=st.sampled_from(("00:00:00", "23:59:59", "24:00:00", "12:60:00", "00:00", "120000")),
    end=st.sampled_from(("", "Z", ".123Z", "+02:00", "-00:00", "+00:00", " Z", "+25:00")),
)
def test_the_common_form_is_read_as_the_patterns_read_it(
    day: str, gap: str, clock: str, end: str
) -> None:
    raw = f"{day}{gap}{clock}{end}"
    # A blank before it leaves the text to the patterns.
    assert dates.iso_datetime(raw) == dates.iso_datetime(f" {raw}")


@pytest.mark.parametrize("text", ["1e999999999", "-1e999999999", "1e-999999999", "NaN", "sNaN"])
@pytest.mark.parametrize(
    "read", [dates.excel_serial, dates.epoch_ms, dates.epoch_seconds, dates.epoch_ms_date]
)
def test_a_number_of_any_size_is_read_or_left_at_once(read: Any, text: str) -> None:
    assert read(Decimal(text)) in (None, "1970-01-01", "1970-01-01T00:00:00Z")
