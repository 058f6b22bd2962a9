"""Spreadsheets are read cell by cell: what is said is told, and what is no value, too."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.apart import Limits
from adapters.contract import InvalidPayload
from adapters.odd_cell import OddCell
from adapters.spreadsheet import Workbook
from gateway.errors import PayloadTooLarge
from gateway.sandbox.workbook import workbook

HARD = ["*Improved  cookstoves", "Müll & <b>", " kept ", "=1+1", "نص", "🌳\u200b", "a\nb"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def values(body: bytes, name: str = "s", **limits: int) -> list[list[Any]]:
    """The sheet's rows that say something, from column A on."""
    book = Workbook(body, Limits(**limits))
    return [
        [book.value(line.cells.get(place)) for place in range(max(line.cells) + 1)]
        for line in book.lines(name)
    ]


def changed(body: bytes, **parts: str | None) -> bytes:
    """The workbook with these parts; None leaves one out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, text in parts.items():
            if text is not None:
                new.writestr(name, text)
    return made.getvalue()


def sheet(cells: str, styles: str = "", texts: Sequence[str] = (), book: str = "") -> bytes:
    """A workbook of one sheet of these rows, as SpreadsheetML."""
    parts: dict[str, str] = {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(texts)}</sst>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="rId1" Type="x/worksheet" '
        'Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/styles" '
        'Target="styles.xml"/><Relationship Id="rId3" Type="x/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>',
    }
    if book:
        parts["xl/workbook.xml"] = book
    return changed(workbook({"s": [["x"]]}), **parts)


def packed(**parts: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return body.getvalue()


def test_a_sheet_comes_back_row_by_row() -> None:
    body = workbook({"other": [["no"]], "wanted": [["a", 1, 2.5, None], [None, "NA"], HARD]})
    assert values(body, "wanted") == [["a", 1, Decimal("2.5")], [None, "NA"], HARD]
    assert Workbook(body).sheets == ("other", "wanted")


def test_columns_after_the_twenty_sixth_go_on() -> None:
    wide = [*range(800)]
    assert values(workbook({"s": [wide]})) == [wide]


def test_the_same_sheets_give_the_same_bytes() -> None:
    assert workbook({"s": [["x", 1]]}) == workbook({"s": [["x", 1]]})


def test_what_is_no_value_is_told_and_never_read_as_empty() -> None:
    body = sheet(
        '<row r="2"><c r="A2"><f>B2*2</f></c><c r="B2"><f>B3</f><v></v></c>'
        '<c r="C2" t="e"><v>#REF!</v></c><c r="D2"><v>9007199254740993</v></c>'
        '<c r="E2" t="str"><f>IF(1,"","")</f><v></v></c><c r="F2" s="1"/>'
        '<c r="G2"><f>1+1</f><v>2</v></c><c r="H2"><v>1,5</v></c></row>'
    )
    assert values(body) == [
        [
            OddCell("=B2*2"),
            OddCell("=B3"),
            OddCell("#REF!"),
            OddCell("9007199254740992.0"),
            None,
            None,
            2,
            OddCell("1,5"),
        ]
    ]


def test_numbers_are_the_shortest_that_the_cell_can_stand_for() -> None:
    body = sheet(
        "<row><c><v>46.000999999999998</v></c><c><v>1E-3</v></c><c><v>18962.0</v></c></row>"
    )
    assert values(body) == [[Decimal("46.001"), Decimal("0.001"), 18962]]


def test_dates_are_told_by_their_formats() -> None:
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="[$-409]d\\-mmm\\-yy;@"/>'
        '<numFmt numFmtId="165" formatCode="0.00 &quot;days&quot;"/>'
        '<numFmt numFmtId="166" formatCode="[Red]General"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>'
        '<xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="21"/></cellXfs>'
    )
    cells = [(1, "45292"), (2, "45292.520833333336"), (3, "45292"), (4, "7"), (5, "0.5")]
    cells += [(1, "60"), (1, "59"), (1, "-1"), (1, "9999999")]
    told = "".join(f'<c s="{style}"><v>{value}</v></c>' for style, value in cells)
    assert values(sheet(f"<row>{told}</row>", styles)) == [
        [
            "2024-01-01",
            "2024-01-01T12:30:00",
            45292,
            7,
            "12:00:00",
            OddCell("60"),
            "1900-02-28",
            OddCell("-1"),
            OddCell("9999999"),
        ]
    ]
    book = (
        f'<workbook xmlns="{MAIN}" xmlns:r="r"><workbookPr date1904="1"/>'
        '<sheets><sheet name="s" r:id="rId1"/></sheets></workbook>'
    )
    assert values(sheet('<row><c s="1"><v>0</v></c></row>', styles, book=book)) == [["1904-01-01"]]


def test_texts_may_be_shared_rich_escaped_and_computed() -> None:
    texts = ["<si><t>one</t></si>", "<si><r><t>tw</t></r><r><t>o</t></r><rPh><t>no</t></rPh></si>"]
    body = sheet(
        '<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="b"><v>1</v></c>'
        '<c t="str"><f>A1</f><v>a_x000D_b</v></c><c t="d"><v>2024-01-31</v></c></row>',
        texts=texts,
    )
    assert values(body) == [["two", "one", True, "a\rb", "2024-01-31"]]
    with pytest.raises(InvalidPayload, match="names a text that is not there"):
        values(sheet('<row><c t="s"><v>2</v></c></row>', texts=texts))


def test_names_may_have_prefixes_and_what_stands_behind_the_cells_is_nothing_of_theirs() -> None:
    xml = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>A</x:t>'
        "</x:is></x:c></x:row></x:sheetData><x:extLst><x:row><x:c><x:v>7</x:v></x:c></x:row>"
        "</x:extLst></x:worksheet>"
    )
    assert values(changed(workbook({"s": [["x"]]}), **{"xl/worksheets/sheet1.xml": xml})) == [["A"]]


LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff_"
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)


@given(st.lists(st.lists(st.none() | WHOLE | NUMBERS | st.text(LETTERS), max_size=5), max_size=5))
@settings(max_examples=60)
def test_any_sheet_comes_back(rows: list[list[Any]]) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, float):
            if value.is_integer():
                return int(value) if abs(value) < 2**53 else OddCell(repr(value))
            return Decimal(repr(value))
        return None if value == "" else value

    def trimmed(row: list[Any]) -> list[Any]:
        while row and row[-1] is None:
            row = row[:-1]
        return row

    expected = [trimmed([plain(value) for value in row]) for row in rows]
    assert values(workbook({"s": rows})) == [row for row in expected if row]


def test_another_reader_reads_the_same() -> None:
    calamine = pytest.importorskip("python_calamine")
    rows: list[list[Any]] = [["a", 1, 2.5], [None, "NA", 0.1], [*HARD[:2], 3]]
    body = workbook({"s": rows})
    other = calamine.CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_name("s")
    theirs = [[None if cell == "" else cell for cell in row] for row in other.to_python()]
    ours = values(body)
    assert [[float(c) if isinstance(c, Decimal) else c for c in row] for row in ours] == theirs


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
        sheet('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"/>'),
        sheet('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>'),
        sheet('<row r="2"><c r="A3"><v>1</v></c></row>'),
        sheet('<row r="2"><c r="XFE2"><v>1</v></c></row>'),
        sheet('<row r="1048577"><c><v>1</v></c></row>'),
        sheet("<row><c>"),
    ],
)
def test_what_is_no_such_workbook_is_an_invalid_payload(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        values(body)


def test_a_document_type_is_refused_before_it_defines_anything() -> None:
    xml = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'
    body = changed(workbook({"s": [["x"]]}), **{"xl/worksheets/sheet1.xml": xml})
    with pytest.raises(InvalidPayload, match="document type"):
        values(body)


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    rows = '<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 30_000
    body = sheet(rows)
    with pytest.raises(PayloadTooLarge, match="unpacks to more"):
        values(body, unpacked=100_000)
    assert len(values(body)) == 30_000


@pytest.mark.parametrize("place", ["XFD1048576", "SF20000"])
def test_a_stray_cell_makes_no_sheet_of_all_the_places_before_it(place: str) -> None:
    number = "".join(filter(str.isdigit, place))
    body = sheet(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{number}"><c r="{place}">'
                 "<v>1</v></c></row>")  # fmt: skip
    with pytest.raises(PayloadTooLarge, match="a stray cell does that"):
        values(body)


def test_places_that_only_look_so_do_not_count() -> None:
    body = sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/>'
                 "</row>")  # fmt: skip
    assert values(body) == [[1]]


def test_a_damaged_part_is_an_invalid_payload() -> None:
    body = bytearray(workbook({"s": [["x" * 500]]}))
    start = body.find(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    body[start + 20] ^= 0xFF
    with pytest.raises(InvalidPayload):
        values(bytes(body))
