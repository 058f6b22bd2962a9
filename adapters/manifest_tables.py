"""Files as rows: CSV, XLSX, JSON (lines or one list) and Parquet, with exact numbers.

A cell is a text, an int, a Decimal, a bool, nothing, or an `OddCell`. Only columns that a field
reads are looked at. A line that is no row is told with its place, and a line of nothing is none. A
file that may have been cut short is refused: a list with fewer rows looks like any other list.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, NamedTuple

from adapters.contract import InvalidPayload, Reply
from adapters.manifest_parquet import read_parquet
from adapters.manifest_resource import FileEndpoint
from adapters.manifest_select import read_json
from adapters.odd_cell import OddCell
from adapters.packed import unzipped
from adapters.spreadsheet import Workbook
from gateway.errors import PayloadTooLarge

# Format -> what is asked for in Accept.
FORMATS: Mapping[str, str] = {
    "csv": "text/csv, */*;q=0.5",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5",
    "jsonl": "application/jsonl, application/x-ndjson, application/json, */*;q=0.5",
    "parquet": "application/vnd.apache.parquet, */*;q=0.5",
}
# Formats that need a package which is not always there.
NEEDS: Mapping[str, str] = {"parquet": "pyarrow"}
_GZIP = ".gz"
# Bytes that are no letters, as they are decoded.
_SPOILT = re.compile("[\udc80-\udcff]")

# How long a field may be is for the size of the file to say.
csv.field_size_limit(2**31 - 1)


class Line(NamedTuple):
    """A row of a file: its number among the rows that say something, from 0, where it stands, and
    what it says; where `why` is set it is none, for that reason."""

    number: int
    where: str
    said: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, where there are columns, and the rows."""

    names: tuple[str, ...]
    lines: Iterator[Line]


def missing(kind: str, needs: Mapping[str, str] = NEEDS) -> str | None:
    """The package that the format needs and that is not installed."""
    needed = needs.get(kind)
    return needed if needed is not None and find_spec(needed) is None else None


def is_packed(kind: str, endpoint: FileEndpoint) -> bool:
    """Whether the file says little of how much there is in it."""
    return kind in ("xlsx", "parquet") or endpoint.path.lower().endswith(_GZIP)


def read_table(
    reply: Reply, kind: str, endpoint: FileEndpoint, wanted: Sequence[Sequence[str]] = ()
) -> Table:
    """The file's rows; `wanted` are columns that must be there, each by one of its names.

    Raises:
        InvalidPayload: the file is not whole, or not of this format, or lacks a column.
        PayloadTooLarge: it has more in it than it may.
    """
    body = reply.body
    if endpoint.path.lower().endswith(_GZIP):
        body = unzipped(body, reply.limits.unpacked)
    if not body:
        raise InvalidPayload("the file is empty")
    if kind == "csv":
        return _csv(body, endpoint, wanted, reply.limits.cells)
    if kind == "xlsx":
        return _xlsx(reply, body, endpoint, wanted)
    if kind == "parquet":
        names, rows = read_parquet(body, wanted, reply.limits)
        found = (Line(n, f"row {n + 1}", row) for n, row in enumerate(rows))
        return Table(names, found)
    return Table((), _json(body, endpoint))


def _csv(body: bytes, endpoint: FileEndpoint, wanted: Sequence[Sequence[str]], most: int) -> Table:
    text, lost = _decoded(body, endpoint.encoding)
    if lost and _SPOILT.search(text.partition("\n")[0]):
        raise InvalidPayload(f"the headings of the file are not {endpoint.encoding}")
    _ended(text, endpoint)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=endpoint.delimiter, strict=True)
    records = _records(reader, endpoint.skip_rows)
    header = next(records, (0, [], ""))[1]
    if lost and _SPOILT.search("".join(header)):
        raise InvalidPayload(f"the headings of the file are not {endpoint.encoding}")
    columns = Columns(header, wanted)
    width = len(columns.header)

    def lines() -> Iterator[Line]:
        number = -1
        for place, cells, why in records:
            if not any(cells) and not why:
                # Only separators: a row of a sheet that nobody wrote into.
                continue
            number += 1
            if number * width > most:
                raise PayloadTooLarge(f"the file has more than {most} cells")
            where = f"line {place}"
            if why:
                yield Line(number, where, {}, why)
            elif len(cells) < width or any(cells[width:]):
                told = f"it has {len(cells)} cells, where the header has {width}"
                yield Line(number, where, {}, told)
            else:
                yield Line(number, where, columns.said(_told(cells) if lost else cells))

    return Table(columns.names, lines())


def _decoded(body: bytes, encoding: str) -> tuple[str, bool]:
    """The text, and whether bytes of it are no letters: each stands in one cell, and costs that.

    Raises:
        InvalidPayload: it is of another encoding altogether.
    """
    try:
        return body.decode(encoding), False
    except UnicodeDecodeError as error:
        try:
            return body.decode(encoding, "surrogateescape"), True
        except UnicodeDecodeError:
            told = f"the file is not {encoding}: bad byte at offset {error.start}"
            raise InvalidPayload(told) from error


def _told(cells: Sequence[str]) -> list[Any]:
    """The cells, those with bytes that are no letters as odd ones."""
    return [
        OddCell(_SPOILT.sub("\ufffd", cell)) if _SPOILT.search(cell) else cell for cell in cells
    ]


def _records(reader: Any, skip: int) -> Iterator[tuple[int, list[str], str]]:
    """The records that are not empty, each with the line on which it ends, and why it is none.

    Raises:
        InvalidPayload: a text in quotation marks does not end.
    """
    number = -1
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            told = f"line {reader.line_num} is not CSV: {error}"
            if "unexpected end" in str(error) or number <= skip:
                raise InvalidPayload(told) from error
            yield reader.line_num, [], f"it is not CSV: {error}"
            continue
        if cells is None:
            return
        if number >= skip and cells:
            yield reader.line_num, cells, ""


def _xlsx(
    reply: Reply, body: bytes, endpoint: FileEndpoint, wanted: Sequence[Sequence[str]]
) -> Table:
    book = Workbook(body, reply.limits)
    name = endpoint.sheet if endpoint.sheet is not None else book.sheets[0]
    rows = (line for line in book.lines(name) if line.number > endpoint.skip_rows)
    first = next(rows, None)
    cells = {} if first is None else first.cells
    header = [""] * (max(cells, default=-1) + 1)
    for place, cell in cells.items():
        value = book.value(cell)
        header[place] = "" if value is None else str(value)
    columns = Columns(header, wanted)

    def lines() -> Iterator[Line]:
        number = -1
        for row in rows:
            said = {n: book.value(row.cells.get(place)) for n, place in columns.read}
            if not any(place < len(columns.header) for place in row.cells):
                # A cell beside the table.
                continue
            number += 1
            yield Line(number, f"row {row.number}", said)

    return Table(columns.names, lines())


class Columns:
    """The columns by their names: which there are, and where those stand that are read.

    Raises:
        InvalidPayload: one that is read is not there, or there twice.
    """

    def __init__(self, header: Sequence[str], wanted: Sequence[Sequence[str]]) -> None:
        self.header = [name.strip() for name in header]
        while self.header and not self.header[-1]:
            self.header.pop()
        check_columns(self.header, wanted)
        asked = frozenset(name for names in wanted for name in names)
        self.names = tuple(dict.fromkeys(filter(None, self.header)))
        for name in self.names:
            if name in asked and self.header.count(name) > 1:
                raise InvalidPayload(f"two columns are called {name!r}, and a field reads it")
        self.read = [(n, self.header.index(n)) for n in self.names if n in asked or not wanted]

    def said(self, cells: Sequence[Any]) -> dict[str, Any]:
        """What a row says in the columns that are read."""
        return {name: cells[place] for name, place in self.read}


def check_columns(header: Sequence[str], wanted: Sequence[Sequence[str]]) -> None:
    """Compare a header with the columns that are wanted, each by any of its names.

    Raises:
        InvalidPayload: one is missing; the message has its names.
    """
    there = set(header)
    for names in wanted:
        if not there.intersection(names):
            raise InvalidPayload(f"there is no column {' or '.join(map(repr, names))}")


def _json(body: bytes, endpoint: FileEndpoint) -> Iterator[Line]:
    text = body.decode("utf-8-sig", "surrogateescape")
    if text.lstrip()[:1] == "[":
        found = read_json(text.encode("utf-8", "surrogateescape"))
        return (_object(number, f"item {number}", said) for number, said in enumerate(found))
    _ended(text, endpoint)
    return _lines(text)


def _lines(text: str) -> Iterator[Line]:
    number = -1
    for place, line in enumerate(text.split("\n"), 1):
        if line.strip():
            number += 1
            try:
                said = read_json(line.encode("utf-8", "surrogateescape"))
                yield _object(number, f"line {place}", said)
            except InvalidPayload:
                yield Line(number, f"line {place}", {}, "it is not JSON")


def _object(number: int, where: str, said: Any) -> Line:
    if isinstance(said, dict):
        return Line(number, where, said)
    return Line(number, where, {}, "it is no object")


def _ended(text: str, endpoint: FileEndpoint) -> None:
    if endpoint.final_newline and not text.endswith(("\n", "\r")):
        raise InvalidPayload(
            "the file does not end with a line end, so it may have been cut short; "
            "final_newline = false takes it as it is"
        )
