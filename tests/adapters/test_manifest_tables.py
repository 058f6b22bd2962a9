"""Files are read whole or not at all, and what stood in a cell is what a row holds."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import InvalidPayload
from adapters.manifest_resource import FileEndpoint
from adapters.manifest_tables import missing, read_table

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("python_calamine", reason="python-calamine is not installed")

HEADER = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(body: bytes, kind: str, wanted: Sequence[Sequence[str]] = (), **said: Any) -> list[Any]:
    return read_table(body, kind, FileEndpoint(path="x", **said), wanted)


def refused(body: bytes, kind: str, **said: Any) -> str:
    with pytest.raises(InvalidPayload) as raised:
        read(body, kind, **said)
    return raised.value.message


def workbook(rows: Sequence[Sequence[str]], name: str = "Data") -> bytes:
    """A workbook of one sheet; cells are given as SpreadsheetML."""
    lines = "".join(f"<row>{''.join(cells)}</row>" for cells in rows)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        "</Types>",
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/'
        f'officeDocument/2006/relationships"><sheets><sheet name="{name}" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.'
        'org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData>'
        "</worksheet>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in parts.items():
            archive.writestr(path, HEADER + text)
    return made.getvalue()


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def number(value: str, style: int = 0) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def test_csv_is_read_by_its_header() -> None:
    body = 'Code;"Größe"\r\nA-1;"x;""y"""\r\n\r\nA-2;\r\n'.encode()
    assert read(body, "csv", delimiter=";") == [
        {"Code": "A-1", "Größe": 'x;"y"'},
        {"Code": "A-2", "Größe": ""},
    ]


def test_csv_may_come_with_a_byte_order_mark_another_encoding_and_lines_above() -> None:
    assert read(b"\xef\xbb\xbfa\n1\n", "csv") == [{"a": "1"}]
    assert read("a\nü\n".encode("cp1252"), "csv", encoding="windows-1252") == [{"a": "ü"}]
    assert read(b"Report of today\n\na,b\n1,2\n", "csv", skip_rows=1) == [{"a": "1", "b": "2"}]
    assert read(b"a\n1", "csv", final_newline=False) == [{"a": "1"}]
    assert read(b"a,b,\n1,2,\n", "csv") == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the file is empty"),
        (b"a,b\n1\n", "row 1 has 1 cells, where the header has 2"),
        (b"a,b\n1,2,3\n", "row 1 has 3 cells, where the header has 2"),
        (b"a,a\n1,2\n", "two columns are called 'a'"),
        (b"a\n1", "does not end with a line end"),
        (b'a\n"1\n', "is not CSV"),
        (b'a\n"1"2\n', "is not CSV"),
        (b"a\n\xff\n", "is not utf-8-sig: bad byte at offset 2"),
    ],
)
def test_csv_that_is_not_whole_is_refused(body: bytes, told: str) -> None:
    assert told in refused(body, "csv")


@given(
    st.lists(
        st.tuples(*(st.text(st.characters(exclude_characters="\x00", codec="utf-8")),) * 3),
        min_size=1,
    )
)
def test_csv_comes_back_as_it_was_written(rows: list[tuple[str, ...]]) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(("a", "b", "c"))
    writer.writerows(rows)
    found = read(written.getvalue().encode(), "csv")
    assert [tuple(row.values()) for row in found] == rows


@given(st.integers(0, 400))
def test_csv_that_was_cut_gives_an_error_or_whole_lines(cut: int) -> None:
    body = b"code,name\r\n" + b"".join(b'A-%03d,"x, y"\r\n' % n for n in range(20))
    try:
        found = read(body[:cut], "csv", [["code"], ["name"]])
    except InvalidPayload:
        return
    # Only a cut between two lines cannot be told from a shorter list.
    assert body[:cut].endswith((b"\r\n", b"\r"))
    assert found == [{"code": f"A-{n:03d}", "name": "x, y"} for n in range(len(found))]


def test_workbooks_keep_numbers_dates_and_texts_apart() -> None:
    body = workbook(
        [
            [text("Code"), text("Tonnes"), text("Share"), text("Day"), text("Live")],
            [text("007"), number("7"), number("0.1"), number("45292", 1), '<c t="b"><v>1</v></c>'],
            [],
            [number("8"), number("7.5"), number("1e-3"), "", ""],
        ]
    )
    assert read(body, "xlsx") == [
        {"Code": "007", "Tonnes": 7, "Share": Decimal("0.1"), "Day": "2024-01-01", "Live": True},
        {"Code": 8, "Tonnes": Decimal("7.5"), "Share": Decimal("0.001"), "Day": "", "Live": ""},
    ]


def test_a_sheet_may_be_named_and_lines_above_the_header_skipped() -> None:
    body = workbook([[text("Report")], [text("Code")], [text("A-1")]], name="Projects")
    assert read(body, "xlsx", sheet="Projects", skip_rows=1) == [{"Code": "A-1"}]
    assert "there is no sheet 'Units'; there are: Projects" in refused(body, "xlsx", sheet="Units")


def test_a_workbook_that_is_not_whole_is_refused() -> None:
    body = workbook([[text("Code")], [text("A-1")]])
    for harmed in (body[: len(body) * 2 // 3], b"<html></html>", b"PK\x03\x04"):
        assert "is no XLSX workbook" in refused(harmed, "xlsx")
    twice = workbook([[text("Code"), text("Code")], [text("A-1"), text("A-2")]])
    assert "two columns are called 'Code'" in refused(twice, "xlsx")


def test_a_number_that_a_spreadsheet_cannot_hold_exactly_is_refused() -> None:
    body = workbook([[text("Serial")], [number("9007199254740993")]])
    assert "too large to be exact" in refused(body, "xlsx")


def parquet(columns: dict[str, Any]) -> bytes:
    from importlib import import_module

    made = pyarrow.BufferOutputStream()
    import_module("pyarrow.parquet").write_table(pyarrow.table(columns), made)
    return bytes(made.getvalue().to_pybytes())


def test_parquet_keeps_decimals_dates_and_lists() -> None:
    body = parquet(
        {
            "code": ["A-1", None],
            "tonnes": [Decimal("46.001"), Decimal("7.000")],
            "day": [date(2026, 1, 31), None],
            "at": [datetime(2026, 1, 31), datetime(2026, 1, 31, 12, 30)],  # noqa: DTZ001
            "goals": [["SDG 7", "SDG 13"], []],
            "share": [0.1, 2.0],
        }
    )
    first, second = read(body, "parquet", [["code"]])
    assert first == {
        "code": "A-1",
        "tonnes": Decimal("46.001"),
        "day": "2026-01-31",
        "at": "2026-01-31",
        "goals": ["SDG 7", "SDG 13"],
        "share": Decimal("0.1"),
    }
    assert (second["at"], second["share"]) == ("2026-01-31T12:30:00", 2)


def test_parquet_that_cannot_be_read_exactly_is_refused() -> None:
    body = parquet({"a": [1]})
    assert "is no whole Parquet" in refused(body[:-4], "parquet")
    assert "holds no number" in refused(parquet({"a": [float("nan")]}), "parquet")
    assert "holds a bytes" in refused(parquet({"a": [b"x"]}), "parquet")
    assert "holds a dict" in refused(parquet({"a": [{"b": 1}]}), "parquet")


def test_json_lines_are_read_line_by_line() -> None:
    body = b'\xef\xbb\xbf{"a": 1.10}\n\n{"a": {"b": [1]}}\r\n'
    assert read(body, "jsonl") == [{"a": Decimal("1.10")}, {"a": {"b": [1]}}]
    assert "is not JSON" in refused(b'{"a": 1}\n{"a": \n', "jsonl")
    assert "does not end with a line end" in refused(b'{"a": 1}\n{"a": 2}', "jsonl")
    assert "is not UTF-8" in refused(b"\xff\n", "jsonl")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_column_that_is_not_there_is_told(kind: str) -> None:
    body = {
        "csv": b"Code\nA-1\n",
        "xlsx": workbook([[text("Code")], [text("A-1")]]),
        "parquet": parquet({"Code": ["A-1"]}),
    }[kind]
    assert read(body, kind, [["Code"], ["Name", "Code"]]) == [{"Code": "A-1"}]
    with pytest.raises(InvalidPayload, match="there is no column 'Name' or 'Title'"):
        read(body, kind, [["Code"], ["Name", "Title"]])


def test_a_package_that_is_not_there_is_known() -> None:
    assert missing("csv") is None
    assert missing("xlsx") is None
    assert missing("xlsx", {"xlsx": "no_such_package"}) == "no_such_package"
