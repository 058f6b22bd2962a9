"""Spreadsheets are read as plain values, and never trusted."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.contract import InvalidPayload
from adapters.spreadsheet import plain, readable, sheet
from gateway.sandbox.workbook import workbook

HARD = ["*Improved  cookstoves", "Müll & <b>", " kept ", "=1+1", "نص", "🌳\u200b", "a\nb"]


def packed(**parts: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return body.getvalue()


def test_this_installation_reads_spreadsheets() -> None:
    assert readable()


def test_a_sheet_comes_back_row_by_row() -> None:
    body = workbook({"other": [["no"]], "wanted": [["a", 1, 2.5, None], [None, "NA"], HARD]})
    rows = sheet(body, "wanted")
    assert [plain(cell) for cell in rows[0][:4]] == ["a", 1, Decimal("2.5"), None]
    assert [plain(cell) for cell in rows[1][:2]] == [None, "NA"]
    assert list(rows[2]) == HARD


def test_columns_after_the_twenty_sixth_go_on() -> None:
    wide = [*range(60)]
    assert [plain(cell) for cell in sheet(workbook({"s": [wide]}), "s")[0]] == wide


def test_the_same_sheets_give_the_same_bytes() -> None:
    assert workbook({"s": [["x", 1]]}) == workbook({"s": [["x", 1]]})


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (39585.0, 39585),
        (0.1, Decimal("0.1")),
        (True, True),
        (7, 7),
        (None, None),
        ("", None),
        ("  x ", "x"),
        (date(2008, 5, 17), "2008-05-17"),
        (datetime(2008, 5, 17), "2008-05-17"),  # noqa: DTZ001 - cells have no zone
        (datetime(2008, 5, 17, 6, 30), "2008-05-17 06:30:00"),  # noqa: DTZ001
    ],
)
def test_a_cell_is_a_plain_value(value: Any, found: Any) -> None:
    assert plain(value) == found
    assert not isinstance(plain(value), float)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        workbook({"s": [["x"]]})[:-40],
        packed(),
        packed(a=b"text"),
        packed(**{"xl/workbook.xml": b"<workbook/>", "[Content_Types].xml": b"<"}),
        workbook({"other": [["x"]]}),
    ],
)
def test_what_is_no_such_workbook_is_an_invalid_payload(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        sheet(body, "s")


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread() -> None:
    body = packed(**{"xl/worksheets/sheet1.xml": b"0" * 3_000_000})
    assert len(body) < 10_000
    with pytest.raises(InvalidPayload, match="unpacks to more"):
        sheet(body, "s", most=1_000_000)


def test_a_damaged_part_is_an_invalid_payload() -> None:
    body = bytearray(workbook({"s": [["x" * 500]]}))
    place = body.find(b"sheetData")
    assert place < 0, "parts are compressed"
    start = body.find(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    body[start + 20] ^= 0xFF
    with pytest.raises(InvalidPayload):
        sheet(bytes(body), "s")
