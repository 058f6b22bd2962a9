"""What is wrong with the files of a manifest: where, in which column, and what to do about it.

Read as the gateway reads them, but every line is looked at, and nothing is asked of anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from adapters.below import LINKS
from adapters.contract import Reply
from adapters.manifest_adapter import ManifestAdapter
from adapters.manifest_file import FileReader
from adapters.manifest_records import Records
from adapters.manifest_tables import Line, Table, read_table
from adapters.odd_row import Unreadable
from gateway.errors import RegistryError
from gateway.harmonise.numbers import reads_two_ways
from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.odd import texts
from gateway.model.record import Origin, Record


@dataclass(slots=True)
class Finding:
    """One thing about a file: where it stands first, on how many rows, and the remedy.

    `wrong` is set where rows or values are lost by it.
    """

    file: str
    where: str
    column: str
    told: str
    remedy: str
    wrong: bool = True
    rows: int = 1

    def line(self) -> str:
        """The finding as one line."""
        place = ", ".join(filter(None, (self.file, self.where, self.column and self._column())))
        more = f" ({self.rows} rows)" if self.rows > 1 else ""
        return f"{place}: {self.told}{more}; {self.remedy}"

    def _column(self) -> str:
        return f"column {self.column}"


@dataclass(slots=True)
class Checked:
    """One kind of record: its file, how many rows can be read, and what was found."""

    entity: Entity
    file: str
    rows: int
    findings: list[Finding]


def folder_of(adapter: ManifestAdapter, manifest: Path) -> Path | None:
    """Where the files are: the folder that the manifest names, else its own; None for those that
    are elsewhere."""
    place = adapter.info.base_url
    if not place:
        return manifest.parent
    return Path(unquote(urlsplit(place).path)) if place.startswith("file:") else None


def check_files(adapter: ManifestAdapter, folder: Path) -> list[Checked]:
    """What there is to say of each file of the folder that the manifest names."""
    found: list[Checked] = []
    keys: dict[Entity, Links] = {}
    told: dict[Entity, list[tuple[Record[Any], str]]] = {}
    for reader in adapter.files:
        checked, records = _checked(reader, folder)
        found.append(checked)
        told[reader.records.entity] = records
        keys[reader.records.entity] = Links(record.key for record, _ in records)
    for checked in found:
        checked.findings += _orphans(checked, told[checked.entity], keys)
    return found


def _checked(reader: FileReader, folder: Path) -> tuple[Checked, list[tuple[Record[Any], str]]]:
    records, name = reader.records, reader.file
    checked = Checked(records.entity, name, 0, [])
    try:
        body = (folder / name).read_bytes()
    except OSError as error:
        remedy = "put the file there, or say with --files where it is"
        checked.findings.append(Finding(name, "", "", f"{error.strerror}", remedy))
        return checked, []
    declared = records.shape.columns if records.shape.table else []
    wanted = [column.sources for column in declared]
    rows: list[tuple[Record[Any], str]] = []
    each = _Each(name, checked.findings)
    try:
        table = read_table(Reply(200, {}, body), reader.format, reader.endpoint, wanted)
        for line, row in _rows(table, records, each):
            rows.append((records.view(row, Origin("", 0), line.number), line.where))
        records.doubt([record.row for record, _ in rows])
    except RegistryError as error:
        remedy = "write the file anew, or mend what the manifest says of it"
        checked.findings.append(Finding(name, "", "", error.message, remedy))
        return checked, []
    if not declared:
        names: Sequence[str] = ()
    else:
        names = records.unknown(table.names)
    for column in names:
        each.add("", column, "no field reads it", "add it to `ignored`", wrong=False)
    _values(rows, records, each)
    _twice(rows, records, each)
    checked.rows = len(rows)
    for problem in (records.short(len(rows)), *records.drift(len(rows))):
        if problem:
            each.add("", "", problem, "complete the file, or mend `expect`")
    return checked, rows


class _Each:
    """Findings, each kind of them once, with where it stands first and how often."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings
        self._known: dict[tuple[str, str], Finding] = {}

    def add(self, where: str, column: str, told: str, remedy: str, *, wrong: bool = True) -> None:
        """Notes one."""
        known = self._known.get((column, told))
        if known is not None:
            known.rows += 1
            return
        made = Finding(self._file, where, column, told, remedy, wrong)
        self._known[column, told] = made
        self._findings.append(made)


def _rows(table: Table, records: Records, each: _Each) -> Iterator[tuple[Line, Any]]:
    """The rows that can be read, and notes of those that cannot."""
    for line in table.lines:
        if line.why:
            remedy = "the row is left out: write it with as many cells as the header, quoted"
            each.add(line.where, "", line.why, remedy)
            continue
        try:
            yield line, records.shape.make(line.said)
        except Unreadable as error:
            remedy = "the row is left out: fill it in, or take the line away"
            each.add(line.where, "", str(error), remedy)


def _values(rows: Sequence[tuple[Record[Any], str]], records: Records, each: _Each) -> None:
    """Values that are said and have no meaning here."""
    labels: Mapping[str, str] = records.shape.selection()
    for record, where in rows:
        for name, declared in records.view.fields.items():
            for text in record.unmapped(name):
                column = " or ".join(labels.get(path, path) for path in declared.inputs)
                odd = any(text in texts(record.row, path) for path in declared.inputs)
                if odd and reads_two_ways(text):
                    remedy = (
                        "which of two conventions holds has to be said: "
                        'convert = "dot_grouped" where dots group'
                    )
                elif odd:
                    remedy = "the value is left out: write it as the column is read, or empty"
                else:
                    remedy = f"{name} is null: add the text to the field's lookup, or to `nulls`"
                each.add(where, column, f"{text[:60]!r} has no value", remedy)


def _twice(rows: Sequence[tuple[Record[Any], str]], records: Records, each: _Each) -> None:
    first: dict[str, str] = {}
    column = " or ".join(records.sources("key"))
    for record, where in rows:
        if record.key not in first:
            first[record.key] = where
            continue
        told = f"the key {record.key!r} stands on {first[record.key]}, too"
        remedy = "give each row a key of its own, or write the same once"
        each.add(where, column, told, remedy)


def _orphans(
    checked: Checked, rows: Sequence[tuple[Record[Any], str]], keys: Mapping[Entity, Links]
) -> list[Finding]:
    """Rows that name parents which are not there."""
    findings: list[Finding] = []
    each = _Each(checked.file, findings)
    for entity, name in LINKS.items():
        if entity not in keys:
            continue
        for record, where in rows:
            told = getattr(record, name, None)
            if told is not None and told not in keys[entity]:
                remedy = f"mend the text, or add the {entity.value}"
                each.add(where, name, f"no {entity.value} has the key {told!r}", remedy)
    return findings
