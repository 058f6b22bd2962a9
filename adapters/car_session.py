"""The Reserve's reports: a page that opens a session, and the export of what it shows.

The page hands out a cookie, a token and a form; the export wants all three back, else it answers
with the registry's home page and status 200. The page alone says how many rows there are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, Protocol

from adapters.car_csv import text_of
from adapters.contract import InvalidPayload, Opening, Reply, Request
from adapters.rows import received

PAGE = "/myModule/rpt/myrpt.asp"
EXPORT = "/myModule/include/rptdownload.asp"
FIELD = "c16e"

_FORM = re.compile(r"<form\b[^<>]*+>|</form>", re.IGNORECASE)
_NAME = "frmdownload"
_INPUT = re.compile(r"<input\b[^<>]*+>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_TOKEN = re.compile(r"setAttribute\('value',\s*'([0-9A-Fa-f]{16,64})'\)")
_RANGE = re.compile(r">\s*(\d{1,9})\s*-\s*(\d{1,9})\s*:\s*(\d{1,9})\s*<")


class Rows(Protocol):
    """A decoded export."""

    @property
    def rows(self) -> Sequence[Any]: ...


def export(report: int) -> Request:
    """The whole report as a table, in one call after the one that opens the session."""
    opening = Request(
        PAGE, query=(("r", str(report)),), public=frozenset(("r",)), accept="text/html"
    )
    return Request(
        EXPORT,
        method="POST",
        form=(),
        accept="application/save, text/csv, */*;q=0.5",
        opening=Opening(opening, carried, announced),
    )


def carried(reply: Reply) -> tuple[tuple[str, str], ...]:
    """The fields of the export's form, by name and never by id: one of them differs by a letter.

    Raises:
        InvalidPayload: it is no page of a report, or not the whole of one.
    """
    text = text_of(reply)
    form = _form(text)
    if form is None or "</html>" not in text.lower():
        raise InvalidPayload("not the page of a report")
    printed_total(text)
    fields: dict[str, str] = {}
    for tag in _INPUT.findall(form):
        said = _attributes(tag)
        if said.get("name"):
            fields[said["name"]] = said.get("value", "")
    token = _TOKEN.search(text)
    if token and FIELD not in fields:
        fields[FIELD] = token[1]
    fields["FormatType"] = "csv"
    return tuple(fields.items())


def _form(text: str) -> str | None:
    """What stands in the form of the export."""
    begin = None
    for tag in _FORM.finditer(text):
        if begin is None:
            begin = tag.end() if _attributes(tag[0]).get("id", "").lower() == _NAME else None
        elif tag[0][1] == "/":
            return text[begin : tag.start()]
    return None


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): html.unescape(a or b) for name, a, b in _ATTRIBUTE.findall(tag)}


def announced(reply: Reply, export: Rows) -> None:
    """Compare the number of rows of an export with the one that the report's page prints.

    Raises:
        InvalidPayload: they differ.
    """
    total = printed_total(text_of(reply))
    if received(export.rows) != total:
        came = received(export.rows)
        raise InvalidPayload(f"the export has {came} rows, the report says {total}")


def printed_total(text: str) -> int:
    """How many rows the page says that the report has.

    Raises:
        InvalidPayload: it says nothing.
    """
    found: list[Any] = [
        (first, last, total)
        for first, last, total in (map(int, match) for match in _RANGE.findall(text))
        if first <= last <= total
    ]
    if not found:
        raise InvalidPayload("the page of a report does not say how many rows there are")
    # The line stands below the table, whose own texts may look like it.
    return int(found[-1][2])
