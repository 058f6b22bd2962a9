"""The CDM's workbook of activities, by the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.cdm_map import Point
from adapters.contract import InvalidPayload, Reply
from adapters.spreadsheet import plain, sheet

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


@dataclass(frozen=True, slots=True)
class Span:
    """One crediting period, and the reductions expected in each of its years."""

    start: str | int | None
    end: str | int | None
    amount: int | Decimal | None


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A project activity or programme; `points` are its places on the map, None where that was
    not read.

    Days are numbers of Excel's or texts, as each cell has them.
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

    @property
    def key(self) -> str:
        """The reference number; the identifier for what was never registered."""
        return str(self.reference) if self.reference is not None else str(self.identifier)


def read_activities(reply: Reply) -> tuple[tuple[int, ActivityRow], ...]:
    """The activities of the workbook, each with the index of its row in the sheet.

    Raises:
        InvalidPayload: a column is missing, or an activity has no name to go by.
    """
    rows = sheet(reply.body, SHEET)
    at, columns = _heading(rows)
    found: list[tuple[int, ActivityRow]] = []
    for index in range(at + 1, len(rows)):
        activity = _activity(rows[index], columns)
        if activity is None:
            continue
        found.append((index, activity))
    if not found:
        raise InvalidPayload("the workbook has no activities")
    return tuple(found)


def _heading(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """The row of headings, and where in it each column stands."""
    for at, row in enumerate(rows[:_HEAD]):
        columns = _columns([_BLANKS.sub(" ", str(cell)).strip().casefold() for cell in row])
        if "identifier" in columns:
            missing = [COLUMNS[name][0] for name in DEMANDED if name not in columns]
            if missing:
                raise InvalidPayload(f"the workbook lacks columns: {', '.join(missing)}")
            return at, columns
    raise InvalidPayload("the workbook has no headings")


def _columns(headings: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, starts in COLUMNS.items():
        for place, heading in enumerate(headings):
            if heading.startswith(tuple(start.casefold() for start in starts)):
                found.setdefault(name, place)
    return found


def _activity(row: Sequence[Any], columns: dict[str, int]) -> ActivityRow | None:
    """The row as an activity; None for footnotes, and for notes below the table."""

    def cell(name: str) -> Any:
        place = columns.get(name)
        return None if place is None else plain(row[place])

    def text(name: str) -> str | None:
        value = cell(name)
        return None if value is None else str(value)

    def amount(name: str) -> int | Decimal | None:
        value = cell(name)
        return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

    identifier, title, reference = text("identifier"), text("title"), cell("reference")
    if identifier == FOOTNOTES or title is None:
        return None
    if isinstance(reference, str) and reference.isascii() and reference.isdigit():
        reference = int(reference)
    if not isinstance(reference, int) or isinstance(reference, bool):
        if reference is not None:
            raise InvalidPayload(f"{reference!r} is no reference number")
        if identifier is None:
            raise InvalidPayload(f"the activity {title!r} has neither number nor identifier")
    spans = tuple(
        Span(cell(f"{which}_start"), cell(f"{which}_end"), amount(f"{which}_amount"))
        for which in ("first", "second", "third")
    )
    return ActivityRow(
        reference=reference,
        identifier=identifier,
        title=title,
        kind=text("kind"),
        scale=text("scale"),
        scopes=text("scopes"),
        methodologies=text("methodologies"),
        activity=text("activity"),
        subtype=text("subtype"),
        validator=text("validator"),
        decided=cell("decided"),
        status=text("status"),
        countries=text("countries"),
        spans=tuple(span for span in spans if span.start or span.end),
    )
