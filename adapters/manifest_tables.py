"""Files as rows: CSV, XLSX, JSON Lines and Parquet, whole or not at all, with exact numbers.

A cell is a text, an int, a Decimal, a bool or nothing. A file that may have been cut short is
refused: a list with fewer rows looks like any other list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from adapters.contract import InvalidPayload
from adapters.manifest_resource import FileEndpoint
from adapters.manifest_select import read_json

# Format -> what is asked for in Accept.
FORMATS: Mapping[str, str] = {
    "csv": "text/csv, */*;q=0.5",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5",
    "jsonl": "application/jsonl, application/x-ndjson, */*;q=0.5",
    "parquet": "application/vnd.apache.parquet, */*;q=0.5",
}
# Formats that need a package which is not always there.
NEEDS: Mapping[str, str] = {"xlsx": "python_calamine", "parquet": "pyarrow"}
# From here on a spreadsheet's numbers are not whole numbers any more.
_EXACT = 2**53


def missing(kind: str, needs: Mapping[str, str] = NEEDS) -> str | None:
    """The package that the format needs and that is not installed."""
    needed = needs.get(kind)
    return needed if needed is not None and find_spec(needed) is None else None


def read_table(
    body: bytes, kind: str, endpoint: FileEndpoint, wanted: Sequence[Sequence[str]] = ()
) -> list[dict[str, Any]]:
    """The file's rows; `wanted` are columns that must be there, each by one of its names.

    Raises:
        InvalidPayload: the file is not whole, or not of this format, or lacks a column.
    """
    if not body:
        raise InvalidPayload("the file is empty")
    if kind == "csv":
        return _tabular(_csv(body, endpoint), wanted)
    if kind == "xlsx":
        return _tabular(_xlsx(body, endpoint), wanted)
    if kind == "parquet":
        return _parquet(body, wanted)
    return list(_jsonl(body, endpoint))


def _csv(body: bytes, endpoint: FileEndpoint) -> Iterator[list[Any]]:
    try:
        text = body.decode(endpoint.encoding)
    except UnicodeDecodeError as error:
        told = f"the file is not {endpoint.encoding}: bad byte at offset {error.start}"
        raise InvalidPayload(told) from error
    _ended(text, endpoint)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=endpoint.delimiter, strict=True)
    try:
        for number, cells in enumerate(reader):
            if number >= endpoint.skip_rows and cells:
                yield list(cells)
    except csv.Error as error:
        raise InvalidPayload(f"line {reader.line_num} is not CSV: {error}") from error


def _xlsx(body: bytes, endpoint: FileEndpoint) -> Iterator[list[Any]]:
    calamine = import_module("python_calamine")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
        names = book.sheet_names
        sheet = endpoint.sheet if endpoint.sheet is not None else names[0]
        if sheet not in names:
            raise InvalidPayload(f"there is no sheet {sheet!r}; there are: {', '.join(names)}")
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except InvalidPayload:
        raise
    except Exception as error:
        # The reader has errors of its own for each part of the format.
        raise InvalidPayload(f"the file is no XLSX workbook ({type(error).__name__})") from error
    for cells in rows[endpoint.skip_rows :]:
        values = [_cell(value) for value in cells]
        if any(value not in (None, "") for value in values):
            yield values


def _parquet(body: bytes, wanted: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        table = parquet.read_table(arrow.BufferReader(body))
        rows = table.to_pylist()
    except Exception as error:
        # Arrow's errors are many, and all say that these bytes are not what they should be.
        raise InvalidPayload(f"the file is no whole Parquet ({type(error).__name__})") from error
    _check_columns(table.column_names, wanted)
    return [{name: _cell(value) for name, value in row.items()} for row in rows]


def _jsonl(body: bytes, endpoint: FileEndpoint) -> Iterator[dict[str, Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidPayload(f"the file is not UTF-8: bad byte at {error.start}") from error
    _ended(text, endpoint)
    for line in text.split("\n"):
        if line.strip():
            yield read_json(line.encode())


def _ended(text: str, endpoint: FileEndpoint) -> None:
    if endpoint.final_newline and not text.endswith(("\n", "\r")):
        raise InvalidPayload(
            "the file does not end with a line end, so it may have been cut short; "
            "final_newline = false takes it as it is"
        )


def _tabular(lines: Iterator[list[Any]], wanted: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    header = [str(cell).strip() if cell is not None else "" for cell in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InvalidPayload(f"two columns are called {twice!r}")
    _check_columns(header, wanted)
    found = []
    for number, cells in enumerate(lines, 1):
        beyond = cells[len(header) :]
        if len(cells) < len(header) or any(cell not in (None, "") for cell in beyond):
            told = f"row {number} has {len(cells)} cells, where the header has {len(header)}"
            raise InvalidPayload(told)
        found.append(dict(zip(header, cells, strict=False)))
    return found


def _check_columns(header: Sequence[str], wanted: Sequence[Sequence[str]]) -> None:
    there = set(header)
    for names in wanted:
        if not there.intersection(names):
            raise InvalidPayload(f"there is no column {' or '.join(map(repr, names))}")


def _cell(value: Any) -> Any:
    """A value that JSON could have held, exact."""
    if value is None or isinstance(value, (str, bool, int, Decimal)):
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise InvalidPayload("a cell holds no number but the sign for none")
        if value.is_integer():
            if abs(value) >= _EXACT:
                raise InvalidPayload(
                    "a cell holds a number too large to be exact; write such numbers as texts"
                )
            return int(value)
        # The shortest text that is this number: what the cell was given to hold.
        return Decimal(repr(value))
    if isinstance(value, datetime) and value.time() == time(0) and value.tzinfo is None:
        return value.date().isoformat()
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, list):
        return [_cell(item) for item in value]
    raise InvalidPayload(f"a cell holds a {type(value).__name__}")
