"""One file of a manifest, read: its rows in the order of their keys, and how they are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.apart import freed
from adapters.below import LINKS
from adapters.contract import Reply
from adapters.manifest_apart import Sent
from adapters.manifest_records import Records
from adapters.manifest_resource import FileEndpoint
from adapters.manifest_tables import read_table
from adapters.odd_row import Unreadable
from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.question import Parent


@dataclass(slots=True, eq=False)
class SheetRows:
    """A file's rows, each with its place in it, and names of columns that nobody declared."""

    rows: list[Any]
    places: list[int]
    unknown: tuple[str, ...]

    def sent(self) -> Any:
        """The same, as it is sent to another process."""
        return Sent([freed(row) for row in self.rows], list(self.places), self.unknown)


def received_rows(told: Sent[Any]) -> SheetRows:
    """What was sent."""
    places: Any = told.places
    return SheetRows(told.rows, places, told.unknown)


class Sheet:
    """A file's rows, found by their keys and by their parents'."""

    __slots__ = ("_below", "_read", "keys", "links", "rows", "unknown")

    def __init__(self, rows: SheetRows, records: Records) -> None:
        self.rows = rows
        self.unknown = rows.unknown
        self.keys = [records.key(row) for row in rows.rows]
        self.links = Links(self.keys)
        self._below: dict[Entity, dict[str | None, list[int]]] = {}
        self._read: Mapping[Entity, Callable[[Any], str | None]] = {
            entity: records.view.fields[name].read
            for entity, name in LINKS.items()
            if name in records.view.fields
        }
        for entity in self._read:
            self._by_parent(entity)

    def placed(self, number: int) -> tuple[Any, int]:
        """The row of this number in the order of keys, and its place in the file."""
        return self.rows.rows[number], self.rows.places[number]

    def below(self, parent: Parent) -> tuple[Sequence[int], Mapping[str, int]]:
        """The numbers of the rows that name one of these parents, or none; and of the other rows,
        how many name which."""
        wanted = Links(parent.keys)
        found: list[int] = []
        others: Counter[str] = Counter()
        for told, numbers in self._by_parent(parent.entity).items():
            if told is None or told in wanted:
                found += numbers
            else:
                others[told] = len(numbers)
        return sorted(found), others

    def _by_parent(self, entity: Entity) -> dict[str | None, list[int]]:
        if entity not in self._below:
            known: dict[str | None, list[int]] = {}
            read = self._read.get(entity)
            for number, row in enumerate(self.rows.rows):
                told = None if read is None else read(row)
                known.setdefault(told, []).append(number)
            self._below[entity] = known
        return self._below[entity]


def read_sheet(reply: Reply, kind: str, endpoint: FileEndpoint, records: Records) -> SheetRows:
    """The rows of the file; those that are none are noted in the reply.

    Raises:
        InvalidPayload: it is no whole file of this kind, or none of its rows is one.
        PayloadTooLarge: it has more in it than it may.
    """
    shape, unread = records.shape, reply.unread
    declared = shape.columns if shape.table else []
    table = read_table(reply, kind, endpoint, [column.sources for column in declared])
    found: list[tuple[Any, int]] = []
    seen: set[str] = set(table.names)
    why = ""
    for line in table.lines:
        try:
            if line.why:
                raise Unreadable(line.why)
            found.append((shape.make(line.said, unread, line.where), line.number))
        except Unreadable as error:
            why = why or f"{line.where}: {error}"
            unread.add(line.where, str(error))
            continue
        if not shape.table:
            seen.update(line.said)
    if why and not found:
        raise records.nothing(why)
    records.doubt([row for row, _ in found])
    found.sort(key=lambda placed: records.key(placed[0]))
    return SheetRows(
        [row for row, _ in found], [place for _, place in found], records.unknown(seen)
    )
