"""Spreadsheets (.xlsx, ECMA-376), read cell by cell: what a cell says, and what it cannot say.

A cell is a text, an int, a Decimal, a bool or nothing. A formula that nobody computed, an error
such as `#REF!` and a number too large to be exact are odd: they are told, and never read as
empty. Dates are texts, `2024-01-31` or `2024-01-31T12:30:00`.

Only cells that hold something count. Where they stand is bounded before anything is made of it:
rows times columns, however few cells there are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.parsers import expat

from adapters.apart import LIMITS, Limits
from adapters.contract import InvalidPayload
from adapters.odd_cell import OddCell, exact
from adapters.packed import Archive
from adapters.spreadsheet_dates import dated, is_date
from gateway.errors import PayloadTooLarge

# What a workbook may unpack to, in limits of a body: XML says little in many bytes.
_UNPACKED = 8
_SHEET_ROWS, _SHEET_COLUMNS = 1_048_576, 16_384
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BOOK = "xl/workbook.xml"

Begin = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Data = Callable[[str], None]
Handlers = tuple[Begin, End, Data]


class Cell(NamedTuple):
    """A cell as it is written: its type, style, text (None: none) and formula."""

    kind: str
    style: str
    text: str | None
    formula: str | None


class Line(NamedTuple):
    """A row that holds something: its number, as the sheet counts, and its cells by column."""

    number: int
    cells: dict[int, Cell]


class Workbook:
    """The sheets of one body.

    Raises:
        InvalidPayload: it is no workbook, or not whole.
        PayloadTooLarge: it unpacks to more than it may.
    """

    def __init__(self, body: bytes, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._archive = Archive(body, "XLSX workbook", _UNPACKED * limits.unpacked)
        book = self._office("_rels/.rels", "") or _BOOK
        self._links = self._relations(book)
        self._sheets: dict[str, str] = {}
        self._since_1904 = False
        self._parse(book, self._book)
        self._dates: frozenset[str] = frozenset()
        self._texts: list[str] = []
        if not self._sheets:
            raise InvalidPayload("the workbook has no sheets")

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets' names, in their order."""
        return tuple(self._sheets)

    def lines(self, name: str) -> Iterator[Line]:
        """The rows of the sheet that hold something, from the first on.

        Raises:
            InvalidPayload: there is no such sheet, or it is damaged.
            PayloadTooLarge: its cells stand further apart than they may.
        """
        if name not in self._sheets:
            known = ", ".join(map(repr, list(self._sheets)[:20]))
            raise InvalidPayload(f"there is no sheet {name!r}; there are: {known}")
        for path in self._links.values():
            kind = posixpath.basename(path).casefold()
            if kind == "sharedstrings.xml" and path in self._archive:
                self._texts = _Texts(self._parse, path).found
            elif kind == "styles.xml" and path in self._archive:
                self._dates = _Styles(self._parse, path).dates
        found: list[Line] = []
        parser = _parser(*_reader(self._limits.cells, found))
        for chunk in self._archive.chunks(self._links.get(self._sheets[name], "")):
            _feed(parser, chunk)
            yield from found
            found.clear()
        _feed(parser, b"", last=True)
        yield from found

    def value(self, cell: Cell | None) -> Any:
        """What the cell says: a plain value, None, or an `OddCell`."""
        if cell is None:
            return None
        kind, style, text, formula = cell
        if kind == "e":
            return OddCell(text or "#N/A")
        if text is None or (not text and kind != "str"):
            return None if formula is None else OddCell(f"={formula}")
        if kind == "s":
            return self._shared(text)
        if kind in ("inlineStr", "str"):
            return _unescaped(text) or None
        if kind == "b":
            return text.strip() == "1"
        if kind == "d":
            return text
        value = exact(text)
        if style in self._dates and not isinstance(value, OddCell):
            return dated(value, since_1904=self._since_1904)
        return value

    def _shared(self, text: str) -> str | None:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not 0 <= number < len(self._texts):
            raise InvalidPayload("a cell of the workbook names a text that is not there")
        return self._texts[number] or None

    def _office(self, path: str, base: str) -> str | None:
        if path not in self._archive:
            return None
        found: list[str] = []

        def begin(name: str, told: Mapping[str, str]) -> None:
            if name == "Relationship" and told.get("Type", "").endswith("/officeDocument"):
                found.append(_path(base, told.get("Target", "")))

        self._parse(path, begin)
        return found[0] if found else None

    def _relations(self, book: str) -> dict[str, str]:
        folder, name = posixpath.split(book)
        found: dict[str, str] = {}

        def begin(tag: str, told: Mapping[str, str]) -> None:
            if tag == "Relationship" and told.get("TargetMode") != "External":
                found[told.get("Id", "")] = _path(folder, told.get("Target", ""))

        self._parse(posixpath.join(folder, "_rels", f"{name}.rels"), begin)
        return found

    def _book(self, tag: str, told: Mapping[str, str]) -> None:
        if tag == "sheet":
            ids = [value for name, value in told.items() if name.rpartition(":")[2] == "id"]
            self._sheets.setdefault(told.get("name", ""), ids[0] if ids else "")
        elif tag == "workbookPr":
            self._since_1904 = told.get("date1904", "0") in ("1", "true")

    def _parse(
        self,
        path: str,
        begin: Begin,
        end: End = lambda _: None,
        data: Data = lambda _: None,
    ) -> None:
        parser = _parser(begin, end, data)
        for chunk in self._archive.chunks(path):
            _feed(parser, chunk)
        _feed(parser, b"", last=True)


class _Texts:
    """The texts that cells share."""

    def __init__(self, parse: Callable[..., None], path: str) -> None:
        self.found: list[str] = []
        self._text: list[str] = []
        self._in = self._beside = False
        parse(path, self._begin, self._end, self._data)

    def _begin(self, tag: str, told: Mapping[str, str]) -> None:
        if tag == "rPh":
            self._beside = True
        elif tag == "t":
            self._in = not self._beside

    def _end(self, tag: str) -> None:
        if tag == "t":
            self._in = False
        elif tag == "rPh":
            self._beside = False
        elif tag == "si":
            self.found.append(_unescaped("".join(self._text)))
            self._text.clear()

    def _data(self, text: str) -> None:
        if self._in:
            self._text.append(text)


class _Styles:
    """Which styles, by number, show a number as a date."""

    def __init__(self, parse: Callable[..., None], path: str) -> None:
        self._formats: dict[str, str] = {}
        self._used: list[str] = []
        self._in = False
        parse(path, self._begin, self._end)
        self.dates = frozenset(
            str(place)
            for place, number in enumerate(self._used)
            if is_date(number, self._formats.get(number))
        )

    def _begin(self, tag: str, told: Mapping[str, str]) -> None:
        if tag == "numFmt":
            self._formats[told.get("numFmtId", "")] = told.get("formatCode", "")
        elif tag == "cellXfs":
            self._in = True
        elif tag == "xf" and self._in:
            self._used.append(told.get("numFmtId", "0"))

    def _end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in = False


def _reader(most: int, found: list[Line]) -> Handlers:
    """Puts the rows of a sheet into `found`, as the parser goes through it.

    Nearly all time of a workbook is spent here, so all state is in local names.
    """
    inside = beside = False
    row, column, widest = 0, -1, 0
    digits = kind = style = ""
    cells: dict[int, Cell] = {}
    parts: list[str] | None = None
    text: list[str] | None = None
    formula: list[str] | None = None

    def begin(tag: str, told: Mapping[str, str]) -> None:
        nonlocal inside, beside, row, column, digits, kind, style, cells, parts, text, formula
        if not inside:
            # Extensions behind the cells have formulas and texts of their own.
            inside = tag == "sheetData"
        elif tag == "c":
            place = told.get("r")
            if place is None:
                number = column + 1
            else:
                letters = place.rstrip("0123456789")
                number = _COLUMNS.get(letters, -1)
                if number < 0 or place[len(letters) :] != digits:
                    raise InvalidPayload(f"the workbook has a cell at {place[:20]!r}: no place")
            if not column < number < _SHEET_COLUMNS:
                raise InvalidPayload("the cells of the workbook are not in their order")
            column = number
            kind, style = told.get("t", "n"), told.get("s", "")
            parts = text = formula = None
        elif tag == "v" or (tag == "t" and not beside):
            if text is None:
                text = []
            parts = text
        elif tag == "f":
            parts = formula = []
        elif tag == "row":
            stated = told.get("r")
            number = row + 1 if stated is None else _number(stated)
            if not row < number <= _SHEET_ROWS:
                raise InvalidPayload("the rows of the workbook are not in their order")
            row, digits, column, cells = number, str(number), -1, {}
        elif tag == "rPh":
            beside = True

    def data(piece: str) -> None:
        if parts is not None:
            parts.append(piece)

    def end(tag: str) -> None:
        nonlocal inside, beside, widest, cells, parts
        if not inside:
            return
        if tag == "v" or tag == "t" or tag == "f":
            parts = None
        elif tag == "c":
            if text or formula is not None:
                said = None if text is None else "".join(text)
                counted = None if formula is None else "".join(formula)
                cells[column] = Cell(kind, style, said, counted)
                if column >= widest:
                    widest = column + 1
                if row * widest > most:
                    raise PayloadTooLarge(
                        f"the cells of the sheet reach over more than {most} places "
                        f"(row {row}, column {widest}); a stray cell does that, too"
                    )
        elif tag == "row":
            if cells:
                found.append(Line(row, cells))
                cells = {}
        elif tag == "rPh":
            beside = False
        elif tag == "sheetData":
            inside = False

    return begin, end, data


def _columns() -> dict[str, int]:
    letters = [chr(65 + place) for place in range(26)]
    names = [*letters]
    for _ in range(2):
        names += [
            f"{name}{letter}" for name in names[-(26 ** len(names[-1])) :] for letter in letters
        ]
    return {name: place for place, name in enumerate(names[:_SHEET_COLUMNS])}


_COLUMNS = _columns()


def _parser(begin: Begin, end: End, data: Data) -> Any:
    """Calls back with names without their prefixes. Nothing is defined in these files: a document
    type could make much out of little."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def first(name: str, told: Mapping[str, str]) -> None:
        if ":" in name:
            parser.StartElementHandler = lambda name, told: begin(name.rpartition(":")[2], told)
            parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        else:
            parser.StartElementHandler, parser.EndElementHandler = begin, end
        parser.StartElementHandler(name, told)

    def doctype(*_: object) -> None:
        raise InvalidPayload("the workbook defines a document type, which no workbook does")

    parser.StartElementHandler = first
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = doctype
    return parser


def _feed(parser: Any, chunk: bytes, *, last: bool = False) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as error:
        raise InvalidPayload(f"this is no whole XLSX workbook: {error}") from error


def _path(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
