"""The CDM's workbook of activities, by the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from adapters.apart import packed
from adapters.cdm_map import Point
from adapters.contract import InvalidPayload, Reply
from adapters.odd_cell import OddCell
from adapters.odd_row import Unreadable
from adapters.spreadsheet import Line, Workbook

SHEET = "CDM activities"
# A row that holds the columns' footnotes, not an activity.
FOOTNOTES = "AuxID"

# Our name of each column that is used, and how its heading starts; several have been in use.
COLUMNS: dict[str, tuple[str, ...]] = {
    "reference": ("CDM project reference number",),
    "identifier": ("Unique project identifier",),
    "title": ("Registration project title",),
    "kind": ("Type of CDM project",),
    "scale": ("Project classification",),
    "scopes": ("Sectoral scope number",),
    "methodologies": ("Methodologies used at registration",),
    "activity": ("Project type (UNEP",),
    "subtype": ("Project subtype (UNEP",),
    "validator": ("DOE",),
    "decided": ("Date of EB decision",),
    "status": ("Website project status",),
    "first_start": ("Start of first crediting period",),
    "first_end": ("End of first crediting period",),
    "first_amount": ("Amount Of Reductions (PDD ex-ante) per year in CP1",),
    "second_start": ("Start of second crediting period",),
    "second_end": ("End of second crediting period",),
    "second_amount": ("Amount Of Reductions (PDD ex-ante) per year in CP2",),
    "third_start": ("Start of third crediting period",),
    "third_end": ("End of third crediting period",),
    "third_amount": ("Amount Of Reductions (PDD ex-ante) per year in CP3", "Amount CP3"),
    "countries": ("List of host countries",),
}
DEMANDED = ("reference", "identifier", "title", "status", "countries")
# The heading stands at most so far down.
_HEAD = 20
_BLANKS = re.compile(r"\s+")


class Span(msgspec.Struct, frozen=True, gc=False):
    """One crediting period, and the reductions expected in each of its years."""

    start: str | int | None
    end: str | int | None
    amount: int | Decimal | None
    odd: dict[str, str] | None = None


class ActivityRow(msgspec.Struct, frozen=True, gc=False):
    """A project activity or programme; `points` are its places on the map, None where that was
    not read.

    Days are numbers of Excel's or texts, as each cell has them. `odd` has the texts of cells that
    could not be read, by their names here.
    """

    reference: int | None
    identifier: str | None
    title: str | None
    kind: str | None = None
    scale: str | None = None
    scopes: str | None = None
    methodologies: str | None = None
    activity: str | None = None
    subtype: str | None = None
    validator: str | None = None
    decided: str | int | None = None
    status: str | None = None
    countries: str | None = None
    spans: tuple[Span, ...] = ()
    points: tuple[Point, ...] | None = None
    odd: dict[str, str] | None = None

    @property
    def key(self) -> str:
        """The reference number; the identifier for what was never registered."""
        return str(self.reference) if self.reference is not None else str(self.identifier)


@packed
def read_activities(reply: Reply) -> tuple[tuple[int, ActivityRow], ...]:
    """The activities of the workbook, each with the index of its row in the sheet.

    Raises:
        InvalidPayload: a column is missing, or there are no activities.
        PayloadTooLarge: the workbook is larger than it may be.
    """
    book = Workbook(reply.body, reply.limits)
    lines = book.lines(SHEET)
    columns = _heading(book, lines)
    found: list[tuple[int, ActivityRow]] = []
    notes: list[int] = []
    for line in lines:
        try:
            activity = _activity(_Cells(book, line, columns))
        except Unreadable as error:
            reply.unread.add(f"row {line.number}", str(error))
            continue
        if activity is not None:
            found.append((line.number - 1, activity))
            # Notes stand below the table: what has an activity below it is none.
            for number in notes if len(found) > 1 else ():
                reply.unread.add(f"row {number}", "it has neither title nor number")
            notes.clear()
        elif any(book.value(cell) is not None for cell in line.cells.values()):
            notes.append(line.number)
    if not found:
        raise InvalidPayload("the workbook has no activities")
    return tuple(found)


def _heading(book: Workbook, lines: Iterator[Line]) -> dict[str, int]:
    """Where in a row each column stands."""
    for line in lines:
        if line.number > _HEAD:
            break
        headings = {
            place: _BLANKS.sub(" ", str(book.value(cell))).strip().casefold()
            for place, cell in line.cells.items()
        }
        columns = _columns(headings)
        if "identifier" in columns:
            missing = [COLUMNS[name][0] for name in DEMANDED if name not in columns]
            if missing:
                raise InvalidPayload(f"the workbook lacks columns: {', '.join(missing)}")
            return columns
    raise InvalidPayload("the workbook has no headings")


def _columns(headings: Mapping[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, starts in COLUMNS.items():
        for place, heading in headings.items():
            if heading.startswith(tuple(start.casefold() for start in starts)):
                found.setdefault(name, place)
    return found


class _Cells:
    """The cells of one row by the names of their columns; what is odd in them is noted."""

    def __init__(self, book: Workbook, line: Line, columns: Mapping[str, int]) -> None:
        self._book = book
        self._line = line
        self._columns = columns
        self.odd: dict[str, str] = {}

    def value(self, name: str, called: str = "", odd: dict[str, str] | None = None) -> Any:
        """What the cell says; None for nothing, and for what could not be read."""
        place = self._columns.get(name)
        found = None if place is None else self._book.value(self._line.cells.get(place))
        if isinstance(found, OddCell):
            (self.odd if odd is None else odd)[called or name] = str(found)
            return None
        if isinstance(found, str):
            return found.strip() or None
        return found

    def text(self, name: str) -> str | None:
        """The same as text."""
        value = self.value(name)
        return None if value is None else str(value)

    def span(self, which: str) -> Span | None:
        """The crediting period of that name, where the row has it."""
        odd: dict[str, str] = {}
        start = self.value(f"{which}_start", "start", odd)
        end = self.value(f"{which}_end", "end", odd)
        amount = self.value(f"{which}_amount", "amount", odd)
        if not (start or end or odd):
            return None
        if isinstance(amount, str | bool):
            odd["amount"], amount = str(amount), None
        days = [str(day) if isinstance(day, Decimal) else day for day in (start, end)]
        return Span(days[0], days[1], amount, odd or None)


def _says(cells: _Cells, identifier: str | None, reference: Any) -> bool:
    """Whether a row without a title is one all the same: notes have neither number nor state."""
    if _is_number(reference):
        return True
    named = reference is not None or "reference" in cells.odd or identifier is not None
    return named and cells.text("status") is not None


def _is_number(reference: Any) -> bool:
    if isinstance(reference, str):
        return reference.isascii() and reference.isdigit()
    return isinstance(reference, int) and not isinstance(reference, bool)


def _activity(cells: _Cells) -> ActivityRow | None:
    """The row as an activity; None for footnotes, and for notes below the table.

    Raises:
        Unreadable: it has no name to go by.
    """
    identifier, title = cells.text("identifier"), cells.text("title")
    reference = cells.value("reference")
    if identifier == FOOTNOTES:
        return None
    if title is None and "title" not in cells.odd and not _says(cells, identifier, reference):
        return None
    if _is_number(reference):
        reference = int(reference)
    else:
        if reference is not None or "reference" in cells.odd:
            told = cells.odd.get("reference", reference)
            raise Unreadable(f"{str(told)[:60]!r} is no reference number")
        if identifier is None:
            raise Unreadable(f"the activity {str(title)[:60]!r} has neither number nor identifier")
    spans = tuple(
        span for which in ("first", "second", "third") if (span := cells.span(which)) is not None
    )
    decided = cells.value("decided")
    found = ActivityRow(
        reference=reference,
        identifier=identifier,
        title=title,
        kind=cells.text("kind"),
        scale=cells.text("scale"),
        scopes=cells.text("scopes"),
        methodologies=cells.text("methodologies"),
        activity=cells.text("activity"),
        subtype=cells.text("subtype"),
        validator=cells.text("validator"),
        decided=str(decided) if isinstance(decided, Decimal) else decided,
        status=cells.text("status"),
        countries=cells.text("countries"),
        spans=spans,
    )
    if not cells.odd and all(span.odd is None for span in spans):
        return found
    return msgspec.structs.replace(found, odd=cells.odd)
