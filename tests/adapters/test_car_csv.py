"""The Reserve's exports, however they are quoted and encoded."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.car_csv import table, text_of
from adapters.car_rows import issuances, read_issued, read_projects, read_retired
from adapters.contract import InvalidPayload, Reply
from adapters.rows import placed

COLUMNS = ("Project ID", "Name", "Quantity", "Reason", "Details")


def export(*rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> str:
    return "".join("".join(f'"{field}",' for field in row) + "\n" for row in (columns, *rows))


def possible(row: dict[str, str]) -> bool:
    return re.fullmatch(r"CAR\d+", row["Project ID"]) is not None


def valid(row: dict[str, str]) -> bool:
    return possible(row) and row["Quantity"].isdigit()


def rows_of(text: str) -> list[dict[str, str]]:
    return table(text, frozenset(COLUMNS), possible, valid).rows


def places_of(text: str) -> tuple[list[str], tuple[int, ...]]:
    """The projects of the rows that were read, and the places of the others."""
    found = table(text, frozenset(COLUMNS), possible, valid)
    return [row["Project ID"] for row in found.rows], found.gone


SHORT = ("CAR7", "x")


@pytest.mark.parametrize(
    ("broken", "count"),
    [
        (export(SHORT, columns=SHORT), 2),
        ("unexpected\n", 1),
        ('"unexpected",\n', 1),
        ('"unexpected",\r\n"again",\r\n', 2),
        ('"CAR7","two\nlines",\n', 1),
        ('"CAR7","A","5","why",\n', 1),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_does_not_come_to_its_end_costs_itself(
    broken: str, count: int, place: int
) -> None:
    head, *rows = export(
        ("CAR1", "A", "5", "why", "x"), ("CAR2", "B", "6", "why", "two\nlines")
    ).split("\n", 2)
    lines = [*rows]
    lines.insert(place, broken.removesuffix("\n"))
    text = "\n".join([head, *lines])
    text = text if text.endswith("\n") else f"{text}\n"
    assert places_of(text) == (["CAR1", "CAR2"], tuple(range(place, place + count)))


TEXTS = st.text(st.characters(exclude_characters='"\r\x00', codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=4))
def test_a_table_without_quotes_inside_reads_as_a_standard_reader_does(
    texts: list[tuple[str, str, str, str]],
) -> None:
    text = export(*[(f"CAR{number}", *row) for number, row in enumerate(texts)])
    standard = csv.DictReader(io.StringIO(text, newline=""))
    wanted = [{name: row[name] for name in COLUMNS} for row in standard]
    assert rows_of(text) == wanted


@pytest.mark.parametrize(
    "details",
    [
        '"Retired for a city, under a protocol"',
        'on behalf of "We Are Neutral, Inc."',
        'said "so", and left',
        '"',
        "two\nlines",
        "a line\r\nof another system",
        "",
    ],
)
def test_quotes_commas_and_line_ends_inside_a_field_stay_there(details: str) -> None:
    first, last = rows_of(
        export(("CAR1", "A", "5", "Because", details), ("CAR2", "B", "6", "", ""))
    )
    assert first["Details"] == details
    assert (last["Project ID"], last["Quantity"]) == ("CAR2", "6")


def test_a_standard_reader_gets_such_a_row_wrong_and_says_nothing() -> None:
    text = export(("CAR1", "A", "5", "Because", '"Retired for a city, under a protocol"'))
    fields = list(csv.reader(io.StringIO(text)))[1]
    assert len(fields) == len(COLUMNS) + 2


def test_a_field_too_many_leaves_empty_what_cannot_be_told_apart() -> None:
    text = export(("CAR1", "A", "5", "Because", "one", "two"))
    found = table(text, frozenset(COLUMNS), possible, valid)
    assert found.mended == 1
    assert found.rows == [
        {"Project ID": "CAR1", "Name": "A", "Quantity": "5", "Reason": "", "Details": ""}
    ]


def test_a_field_too_many_before_the_amount_has_one_reading() -> None:
    (row,) = rows_of(export(("CAR1", 'The "Old', 'New" Mill', "5", "Because", "all")))
    assert row["Name"] == 'The "Old","New" Mill'
    assert (row["Quantity"], row["Details"]) == ("5", "all")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not an export"),
        ("<html>home</html>", "not an export"),
        (export(columns=("Project ID", "Name")), "no column Details, Quantity, Reason"),
        (export(("CAR1", "A", "5", "Because", "x"))[:-8], "cut short"),
        (export(("CAR1", "A", "5")), "cut short"),
        (export(("XYZ", "A", "5", "", "")), "not what its columns promise"),
        (export(("CAR1", "A", "many", "", "", "")), "in no way"),
    ],
)
def test_what_is_no_such_export_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidPayload, match=told):
        rows_of(text)


def test_an_empty_export_has_no_rows() -> None:
    assert rows_of(export()) == []
    assert rows_of(export() + "\r\n") == []


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_both_encodings_are_read(encoding: str) -> None:
    text = "Oaxaca de Juárez \u2013 \u201cJosé María\u201d"
    assert text_of(Reply(200, {}, text.encode(encoding))) == text


def test_a_byte_that_is_no_character_is_marked_and_not_lost() -> None:
    assert text_of(Reply(200, {}, b"M\xc9XICO \x81")) == "MÉXICO \ufffd"


def reply(columns: tuple[str, ...], *rows: tuple[str, ...]) -> Reply:
    return Reply(200, {}, export(*rows, columns=columns).encode("cp1252"))


ISSUED = ("Date Issued", "Project ID", "Vintage", "Total Offset Credits Issued", "CCP Approved")


def test_issuances_of_one_project_vintage_and_day_are_numbered() -> None:
    found = issuances(
        read_issued(
            reply(
                ISSUED,
                ("02/03/2024", "CAR7", "2023", "10", "Yes"),
                ("02/03/2024", "CAR7", "2023", "20", ""),
                ("2/3/2024", "CAR7", "2022", "30", ""),
                ("soon", "CAR8", "2022", "40", ""),
            )
        ).rows
    )
    assert [row.key for row in found] == [
        "CAR7-2023-2024-02-03",
        "CAR7-2023-2024-02-03-2",
        "CAR7-2022-2024-02-03",
        "CAR8-2022-soon",
    ]
    assert [row.alone for row in found] == [False, False, True, True]
    assert found[0].row.ccp == "Yes"


def test_a_report_is_known_by_its_columns() -> None:
    body = reply(ISSUED, ("02/03/2024", "CAR7", "2023", "10", ""))
    for read in (read_projects, read_retired):
        with pytest.raises(InvalidPayload, match="no column"):
            read(body)


def test_an_amount_that_is_none_costs_itself_only() -> None:
    found = read_issued(reply(ISSUED, ("02/03/2024", "CAR7", "2023", "many", "")))
    assert [row.total for row in found.rows] == ["many"]


def test_a_row_without_a_project_is_left_out_and_told() -> None:
    rows = [("02/03/2024", code, "2023", "10", "") for code in ("CAR7", "", "Total:", "CAR8")]
    asked = reply(ISSUED, *rows)
    found = read_issued(asked)
    assert [(place, row.project_id) for place, row in placed(found.rows)] == [
        (0, "CAR7"),
        (3, "CAR8"),
    ]
    assert asked.unread.count == 2
    assert asked.unread.first[0].startswith("row 2 below the headings: ")
