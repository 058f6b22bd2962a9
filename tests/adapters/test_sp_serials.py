"""Serials of the S&P Global platform's tenants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sp_serials import Serial, parse_serial


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (
            "19385-941467007-941467431-VCS-VCU-1507-VER-ET-14-1340-01012020-31122020-1",
            Serial("19385", 941467007, 941467431, "ET", "1340", "2020-01-01", "2020-12-31"),  # type: ignore[arg-type]
        ),
        (
            "4147-176338408-176338907-VCU-016-MER-AU-14-641-16042012-15042013-0",
            Serial("4147", 176338408, 176338907, "AU", "641", "2012-04-16", "2013-04-15"),  # type: ignore[arg-type]
        ),
        (
            "19902-1139690318-1139925921-VCS-VCU-500-VER-US-3352-01012024-31122024-0",
            Serial("19902", 1139690318, 1139925921, "US", "3352", "2024-01-01", "2024-12-31"),  # type: ignore[arg-type]
        ),
        (
            "9-1-5-VCS-VCU-500-VER-CL-1; 14-1175-04112003-03112004-1",
            Serial("9", 1, 5, "CL", "1175", "2003-11-04", "2004-11-03"),  # type: ignore[arg-type]
        ),
        (
            "PV-rPVC-MZ-110200000000034-01052022-30042023-1-2550-SPG",
            Serial(
                "PV-rPVC-01052022-30042023-SPG", 1, 2550, "MZ", "110200000000034",
                "2022-05-01", "2023-04-30",  # type: ignore[arg-type]
            ),
        ),
        (
            "WCC-PIU-GB-104000000026263-01012020-31122029-7-9-MER-0-P",
            Serial(
                "WCC-PIU-01012020-31122029-MER-0-P", 7, 9, "GB", "104000000026263",
                "2020-01-01", "2029-12-31",  # type: ignore[arg-type]
            ),
        ),
    ],
)  # fmt: skip
def test_each_form_is_read_from_both_ends(text: str, parsed: Serial) -> None:
    assert parse_serial(text) == parsed
    assert parse_serial(f" {text} ") == parsed


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "PENDING",
        "19385-941467007-941467431-VCS-VCU-1507-VER-ET",
        "9-5-1-VCS-VCU-500-VER-CL-14-1175-04112003-03112004-1",
        "GS1-1-KE-GS7495-16-2025-30645-608-30350",
        "9-1-5-VCS-VCU-500-VER-CL-14-1175-04112003-03112004-1" + "0" * 200,
    ],
)
def test_what_names_no_block_is_none(text: str | None) -> None:
    assert parse_serial(text) is None


def test_a_day_that_no_calendar_has_is_left_out() -> None:
    parsed = parse_serial("9-1-5-VCS-VCU-500-VER-CL-14-1175-31022003-03112004-1")
    assert parsed is not None
    assert (parsed.begin, parsed.end) == (None, "2004-11-03")


def verra(batch: int, first: int, last: int, project: int = 7) -> Serial:
    parsed = parse_serial(
        f"{batch}-{first}-{last}-VCS-VCU-500-VER-CL-14-{project}-01012020-31122020-0"
    )
    assert parsed is not None
    return parsed


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.data())
def test_a_block_holds_every_part_of_itself(first: int, size: int, data: st.DataObject) -> None:
    whole = verra(1, first, first + size)
    start = data.draw(st.integers(first, first + size))
    end = data.draw(st.integers(start, first + size))
    assert whole.holds(verra(1, start, end))
    assert not whole.holds(verra(1, start, first + size + 1))
    assert not whole.holds(verra(2, start, end))
    assert not whole.holds(verra(1, start, end, project=8))


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    parse_serial(text)
