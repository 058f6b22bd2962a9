"""The Reserve's exports: tables whose quotes are not to be trusted.

Every field is wrapped in quotes, quotes inside are not doubled, each record ends with a comma,
and texts may hold line ends. So a standard reader gives some rows a field too many, and says
nothing. Here a field ends only at `","`, and a record at `",` before a line end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.contract import InvalidPayload, Reply, Unread

Valid = Callable[[dict[str, str]], bool]

_BETWEEN = '","'
# Columns that had another name before.
_RENAMED = {"CCP Approved": "ICVCM CCP Eligible"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column name; `mended` counts those with fields that could not be told apart. `gone`
    are the places of rows that are none."""

    rows: list[dict[str, str]]
    mended: int
    gone: tuple[int, ...] = ()


def text_of(reply: Reply) -> str:
    """The body as text. The registry sends Windows-1252 and declares nothing; UTF-8 passes."""
    try:
        return reply.body.decode("utf-8")
    except UnicodeDecodeError:
        return reply.body.decode("cp1252", "replace")


def table(
    text: str,
    columns: frozenset[str],
    possible: Valid,
    valid: Valid,
    unread: Unread | None = None,
) -> Table:
    """The rows of an export that has at least these columns; `possible` says what is a row.

    A row with a field too many is read in every way that gives a `valid` row, which is more. What
    all of them agree on is kept, and the rest is left empty. A row that is none is left out, and
    noted in `unread`.

    Raises:
        InvalidPayload: it is not that export, it is cut short, or no row of it is one.
    """
    lines = iter(text.split("\n"))
    first = _fields(next(lines, ""))
    if first is None:
        raise InvalidPayload("not an export: the session was not accepted, or the report is gone")
    names = [_RENAMED.get(name.strip(), name.strip()) for name in first]
    missing = columns - set(names)
    if missing:
        raise InvalidPayload(f"the export has no column {', '.join(sorted(missing))}")
    rows: list[dict[str, str]] = []
    gone: list[int] = []
    mended, why = 0, ""
    for place, fields in enumerate(_records(lines, len(names))):
        row: dict[str, str] | None = dict(zip(names, fields, strict=False))
        if len(fields) < len(names):
            row = None
            why = "a row of the export has too few fields, or is cut short"
        elif len(fields) > len(names):
            row = _agreed(names, fields, valid)
            mended += row is not None
            why = "a row of the export can be read in no way that makes sense"
        elif row is not None and not possible(row):
            row = None
            why = "a row of the export is not what its columns promise"
        if row is not None:
            rows.append(row)
            continue
        gone.append(place)
        if unread is not None:
            unread.add(f"row {place + 1} below the headings", why)
    if gone and not rows:
        raise InvalidPayload(why)
    return Table(rows, mended, tuple(gone))


def _records(lines: Iterator[str], width: int) -> Iterator[list[str]]:
    """The records, each with its fields; one that does not come to its end before the next whole
    one begins, or at the end of the text, has none."""
    begun: list[str] = []
    last = ""
    for line in lines:
        last = line
        if not begun and not line.strip():
            continue
        if begun and _apart(begun, line, width):
            yield from _broken(begun)
            begun = []
        begun.append(line)
        fields = _fields("\n".join(begun))
        if fields is not None and len(fields) >= width:
            begun = []
            yield fields
    if any(map(str.strip, begun)):
        if last.strip():
            raise InvalidPayload("the export is cut short")
        yield from _broken(begun)


def _apart(begun: list[str], line: str, width: int) -> bool:
    """Whether the line is of another record than those that were begun, which are none."""
    alone = _fields(line)
    if alone is not None and len(alone) >= width:
        # A record's last line is no whole record, since the first fields stand before it.
        return True
    if not begun[0].startswith('"'):
        return line.startswith('"')
    if not (begun[-1].removesuffix("\r").endswith('",') and line.startswith('"')):
        return False
    together = _fields("\n".join([*begun, line]))
    return together is None or len(together) != width


def _broken(lines: list[str]) -> Iterator[list[str]]:
    """A record without fields for each that ends on one of the lines."""
    for _ in range(max(1, sum(line.rstrip().endswith('",') for line in lines))):
        yield []


def _fields(record: str) -> list[str] | None:
    """The fields of a record, None where it is not at its end."""
    record = record.removesuffix("\r")
    if len(record) < 3 or not (record.startswith('"') and record.endswith('",')):
        return None
    return record[1:-2].split(_BETWEEN)


def _agreed(names: list[str], fields: list[str], valid: Valid) -> dict[str, str] | None:
    surplus = len(fields) - len(names)
    readings = []
    for at in range(len(names)):
        whole = _BETWEEN.join(fields[at : at + surplus + 1])
        reading = [*fields[:at], whole, *fields[at + surplus + 1 :]]
        row = dict(zip(names, reading, strict=True))
        if valid(row):
            readings.append(row)
    if not readings:
        return None
    first = readings[0]
    return {
        name: value if all(row[name] == value for row in readings) else ""
        for name, value in first.items()
    }
