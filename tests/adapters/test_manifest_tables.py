"""Files are read whole or not at all, and what stood in a cell is what a row holds."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.apart import Limits
from adapters.contract import InvalidPayload, Reply
from adapters.manifest_resource import FileEndpoint
from adapters.manifest_tables import Line, missing, read_table
from adapters.odd_cell import OddCell
from gateway.errors import PayloadTooLarge

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

HEADER = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def lines(body: bytes, kind: str, wanted: Sequence[Sequence[str]] = (), **said: Any) -> list[Line]:
    endpoint = FileEndpoint(**{"path": "x", **said})
    return list(read_table(Reply(200, {}, body), kind, endpoint, wanted).lines)


def read(body: bytes, kind: str, wanted: Sequence[Sequence[str]] = (), **said: Any) -> list[Any]:
    found = lines(body, kind, wanted, **said)
    assert not any(line.why for line in found)
    return [line.said for line in found]


def none_at(body: bytes, kind: str, **said: Any) -> list[tuple[str, str]]:
    """The lines that are no rows: where they stand, and why."""
    return [(line.where, line.why) for line in lines(body, kind, **said) if line.why]


def refused(body: bytes, kind: str, wanted: Sequence[Sequence[str]] = (), **said: Any) -> str:
    with pytest.raises(InvalidPayload) as raised:
        read(body, kind, wanted, **said)
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
        (b"a,a\n1,2\n", "two columns are called 'a', and a field reads it"),
        (b"a\n1", "does not end with a line end"),
        (b'a\n"1\n', "is not CSV"),
        (b'"a"2\n1\n', "is not CSV"),
        (b"a,\xff\n1,2\n", "the headings of the file are not utf-8-sig"),
        ("a\n1\n".encode("utf-16"), "the headings of the file are not utf-8-sig"),
    ],
)
def test_csv_that_is_not_whole_is_refused(body: bytes, told: str) -> None:
    assert told in refused(body, "csv", wanted=[["a"]])


def test_a_file_of_another_encoding_altogether_is_refused() -> None:
    body = b"a\n1\x00\n"
    assert "is not utf-16: bad byte" in refused(body, "csv", wanted=[["a"]], encoding="utf-16")


def test_a_byte_that_is_no_letter_costs_its_cell() -> None:
    body = b"a,b\n1,x\xffy\n2,z\n"
    assert read(body, "csv", wanted=[["a"], ["b"]]) == [
        {"a": "1", "b": OddCell("x\ufffdy")},
        {"a": "2", "b": "z"},
    ]


def test_a_line_that_is_no_csv_costs_itself() -> None:
    body = b'a,b\n1,2\n"3"x,4\n5,6\n'
    told = "it is not CSV: ',' expected after '\"'"
    assert [(line.where, line.why, dict(line.said)) for line in lines(body, "csv")] == [
        ("line 2", "", {"a": "1", "b": "2"}),
        ("line 3", told, {}),
        ("line 4", "", {"a": "5", "b": "6"}),
    ]


def test_a_line_of_another_width_is_told_and_the_others_are_read() -> None:
    body = b"a,b\n1\n1,2,3\n1,2,\n,\n3,4\n"
    assert none_at(body, "csv") == [
        ("line 2", "it has 1 cells, where the header has 2"),
        ("line 3", "it has 3 cells, where the header has 2"),
    ]
    found = lines(body, "csv")
    assert [(line.number, line.said) for line in found if not line.why] == [
        (2, {"a": "1", "b": "2"}),
        (3, {"a": "3", "b": "4"}),
    ]


def test_a_name_that_stands_twice_matters_only_where_it_is_read() -> None:
    body = b"ID,,Name,,Date,Date\nP1,,Wind,,1,2\n"
    assert read(body, "csv", [["ID"], ["Name"]]) == [{"ID": "P1", "Name": "Wind"}]
    assert "two columns are called 'Date'" in refused(body, "csv", wanted=[["Date"]])


def test_a_field_may_be_as_long_as_the_file() -> None:
    body = f"a,b\n1,{'x' * 300_000}\n".encode()
    assert read(body, "csv", [["a"]]) == [{"a": "1"}]


def test_a_file_may_be_packed_with_gzip() -> None:
    body = gzip.compress(b"a\n1\n") + gzip.compress(b"2\n")
    assert read(body, "csv", path="x.csv.gz") == [{"a": "1"}, {"a": "2"}]
    assert "cut short" in refused(body[:-9], "csv", path="x.csv.gz")
    assert "no gzip" in refused(b"a\n1\n", "csv", path="x.csv.gz")
    assert "no gzip" in refused(body + b"more", "csv", path="x.csv.gz")


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
    # A row that says nothing is none.
    assert [tuple(row.values()) for row in found] == [row for row in rows if any(row)]


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
        {"Code": 8, "Tonnes": Decimal("7.5"), "Share": Decimal("0.001"), "Day": None, "Live": None},
    ]


def test_a_sheet_may_be_named_and_lines_above_the_header_skipped() -> None:
    body = workbook([[text("Report")], [text("Code")], [text("A-1")]], name="Projects")
    assert read(body, "xlsx", sheet="Projects", skip_rows=1) == [{"Code": "A-1"}]
    told = refused(body, "xlsx", sheet="Units")
    assert told == "there is no sheet 'Units'; there are: 'Projects'"


def test_a_workbook_that_is_not_whole_is_refused() -> None:
    body = workbook([[text("Code")], [text("A-1")]])
    for harmed in (body[: len(body) * 2 // 3], b"<html></html>", b"PK\x03\x04"):
        assert "no whole XLSX workbook" in refused(harmed, "xlsx")
    twice = workbook([[text("Code"), text("Code")], [text("A-1"), text("A-2")]])
    assert "two columns are called 'Code'" in refused(twice, "xlsx", [["Code"]])


def test_a_cell_beside_the_table_is_no_row_and_no_fault() -> None:
    rows = [[text("Code")], [text("A-1"), text("note")], ["<c><v></v></c>", text("stray")]]
    body = workbook(rows)
    assert read(body, "xlsx") == [{"Code": "A-1"}]


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
    first, second = read(body, "parquet")
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


def test_what_parquet_holds_that_is_no_value_is_odd_where_it_is_read() -> None:
    odd = {"nan": [float("nan")], "bytes": [b"x\xff"], "dict": [{"b": 1}], "big": [2.0**60]}
    body = parquet({"code": ["A-1"], **odd})
    (found,) = read(body, "parquet", [["code"], *([name] for name in odd)])
    assert {name: str(found[name]) for name in odd} == {
        "nan": "NaN",
        "bytes": "x\\xff",
        "dict": '{"b":1}',
        "big": "1.152921504606847e+18",
    }
    assert read(body, "parquet", [["code"]]) == [{"code": "A-1"}]


def test_parquet_that_says_that_it_is_large_is_refused_unread() -> None:
    body = parquet({"a": pyarrow.array([1] * 100_000).dictionary_encode()})
    endpoint = FileEndpoint(path="x")
    reply = Reply(200, {}, body, limits=Limits(cells=99_999))
    with pytest.raises(PayloadTooLarge, match="100000 rows"):
        read_table(reply, "parquet", endpoint, [["a"]])


def test_json_lines_are_read_line_by_line() -> None:
    body = b'\xef\xbb\xbf{"a": 1.10}\n\n{"a": {"b": [1]}}\r\n'
    assert read(body, "jsonl") == [{"a": Decimal("1.10")}, {"a": {"b": [1]}}]
    assert none_at(b'{"a": 1}\n{"a": \n7\n', "jsonl") == [
        ("line 2", "it is not JSON"),
        ("line 3", "it is no object"),
    ]
    assert read(b'\n[{"a": 1}, {"a": 2.50}]', "jsonl") == [{"a": 1}, {"a": Decimal("2.50")}]
    assert "is not JSON" in refused(b'[{"a": 1}', "jsonl")
    assert "does not end with a line end" in refused(b'{"a": 1}\n{"a": 2}', "jsonl")
    assert none_at(b'{"a": 1}\n\xff\n', "jsonl") == [("line 2", "it is not JSON")]
    assert read(b'{"a": "x\xffy", "b": NaN}\n{"a": 1}\n', "jsonl") == [
        {"a": OddCell("x\ufffdy"), "b": OddCell("NaN")},
        {"a": 1},
    ]


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
    assert missing("parquet") is None
    assert missing("parquet", {"parquet": "no_such_package"}) == "no_such_package"
