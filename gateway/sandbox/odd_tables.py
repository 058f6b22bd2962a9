"""Odd rows in wires that are no JSON of their own: CSV, spreadsheets, pages and databases.

As in `odd_rows`, what is spoilt hangs on the row alone, so that it is in the same state whichever
way it is asked for.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.database_file import Damage, columns, loosen
from gateway.sandbox.fault import changed
from gateway.sandbox.odd_rows import HUGE, Chosen, json_spoilt

_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_LINE = re.compile(r'(<row r="\d+">)((?:(?!</?row\b).)*+)(</row>)', re.DOTALL)
_CELL = re.compile(r'<c r="([A-Z]+\d+)"[^<>]*+>(?:(?!</?c\b).)*+</c>', re.DOTALL)
_DATA = '{"data":['
_PUSHED = re.compile(
    r"self\.__next_f\.push\((\[1,(?:(?!\)</script>|__next_f).)*+)\)</script>", re.DOTALL
)


def odd_wire(chosen: Chosen) -> Middleware:
    """A trap for any registry that listens: its lists are spoilt, whatever they are written in."""

    def spoil(body: bytes) -> bytes:
        found = json_spoilt(body, chosen)
        return (spoilt(body, chosen) or body) if found is None else found

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        return changed(await handler(request), spoil)

    return trap


def spoilt(body: bytes, change: Chosen) -> bytes | None:
    """The body with some of its rows spoilt; None where it is of none of these kinds."""
    if body.startswith(b"PK"):
        return _workbook(body, change)
    text = body.decode("utf-8", "replace")
    if "self.__next_f.push(" in text:
        return _page(text, change)
    if text.startswith('"') and text.rstrip().endswith('",'):
        return _quoted(text, change)
    head = text.lstrip("\ufeff").partition("\n")[0]
    return _csv(text, change) if "," in head and "<" not in head else None


def damage(change: Chosen) -> Damage:
    """The same for a database, whose columns hold anything."""

    def harm(connection: sqlite3.Connection) -> None:
        for table, names in columns(connection).items():
            loosen(connection, table)
            rows = connection.execute(f'SELECT rowid, * FROM "{table}" ORDER BY rowid').fetchall()  # noqa: S608  our own tables
            given = [dict(zip(names, row[1:], strict=True)) for row in rows]
            for (rowid, *_), old, new in zip(rows, given, change(given), strict=True):
                if new is not old:
                    kept = new if isinstance(new, dict) else {}
                    values = [stored(kept.get(name)) for name in names]
                    said = ", ".join(f'"{name}" = ?' for name in names)
                    connection.execute(
                        f'UPDATE "{table}" SET {said} WHERE rowid = ?',  # noqa: S608
                        (*values, rowid),
                    )

    return harm


def stored(value: Any) -> Any:
    """A value as SQLite stores it: what it has no form for as bytes or as a huge number."""
    if value == HUGE:
        return float("inf")
    if isinstance(value, (dict, list)):
        return json.dumps(value).encode() + b"\xff"
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    return value


def cell(value: Any) -> str:
    """A value as somebody writes it into a table."""
    if value is None:
        return ""
    if value == HUGE:
        return "1e999999999"
    return value if isinstance(value, str) else json.dumps(value)


def _table(
    lines: Sequence[Sequence[str]], change: Chosen, write: Callable[[Sequence[str]], str]
) -> str:
    """The lines below the first one as rows; one that is no row any more is a single cell."""
    names, *rest = lines
    given = [dict(zip(names, line, strict=False)) for line in rest]
    made = [write(names)]
    for old, new in zip(given, change(given), strict=True):
        if new is old:
            made.append(write(list(old.values())))
        elif isinstance(new, dict) and new:
            made.append(write([cell(new[name]) for name in old if name in new]))
        else:
            made.append(write(["unexpected"]))
    return "".join(made)


def _csv(text: str, change: Chosen) -> bytes:
    def write(cells: Iterable[str]) -> str:
        out = io.StringIO(newline="")
        csv.writer(out).writerow(cells)
        return out.getvalue()

    lines = list(csv.reader(io.StringIO(text, newline="")))
    return _table(lines, change, write).encode()


def _quoted(text: str, change: Chosen) -> bytes:
    """Every field in quotes, none of them doubled, a comma at each end."""

    def write(cells: Iterable[str]) -> str:
        return f'"{_BETWEEN.join(cells)}",\r\n'

    lines = [record[1:].split(_BETWEEN) for record in re.split(r'",\r?\n', text) if record]
    return _table(lines, change, write).encode("cp1252", "replace")


_BETWEEN = '","'


def _workbook(body: bytes, change: Chosen) -> bytes:
    """Cells by the letters of their column; a heading stays as it is, and so does what is short."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if _SHEET.fullmatch(part.filename):
                data = _sheet(data.decode(), change).encode()
            new.writestr(part, data)
    return out.getvalue()


def _sheet(text: str, change: Chosen) -> str:
    lines = list(_LINE.finditer(text))
    cells = [{c[1].rstrip("0123456789"): c for c in _CELL.finditer(line[2])} for line in lines]
    widest = max(map(len, cells), default=0)
    meant = [n for n, line in enumerate(cells) if n > 1 and len(line) > widest // 3]
    given = [{name: c[0] for name, c in cells[n].items()} for n in meant]
    changed = {}
    for n, old, new in zip(meant, given, change(given), strict=True):
        if new is not old:
            changed[n] = _cells(n, lines[n], old, new)
    parts, at = [], 0
    for n, line in enumerate(lines):
        parts += [text[at : line.start(2)], changed.get(n, line[2])]
        at = line.end(2)
    return "".join([*parts, text[at:]])


def _cells(number: int, line: re.Match[str], old: dict[str, str], new: Any) -> str:
    place = "".join(filter(str.isdigit, line[1]))
    kept = new if isinstance(new, dict) else {next(iter(old)): "unexpected"}
    made = []
    for name, value in kept.items():
        if value == old.get(name):
            made.append(value)
        elif value is not None:
            made.append(_odd_cell(f"{name}{place}", value))
    return "".join(made)


def _odd_cell(place: str, value: Any) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, dict):
        return f'<c r="{place}" t="e"><v>#REF!</v></c>'
    if isinstance(value, list):
        return f'<c r="{place}"><f>SUM(A1:A2)</f></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = "1e999999999" if value == HUGE else value
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _page(text: str, change: Chosen) -> bytes:
    """The list in the stream of a page; it is pushed in one piece."""
    pushes = list(_PUSHED.finditer(text))
    stream = "".join(json.loads(found[1])[1] for found in pushes)
    at = stream.index(_DATA)
    document, end = json.JSONDecoder().raw_decode(stream, at)
    document["data"] = change(document["data"])
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    data = data.replace(json.dumps(HUGE, ensure_ascii=False), "1e999999999")
    pushed = json.dumps(stream[:at] + data + stream[end:]).replace("<", "\\u003c")
    first, last = pushes[0], pushes[-1]
    script = f"self.__next_f.push([1,{pushed}])</script>"
    return f"{text[: first.start()]}{script}{text[last.end() :]}".encode()
