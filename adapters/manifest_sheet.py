"""One file of a manifest, read: its rows in the order of their keys, and how they are found."""

from __future__ import annotations

import asyncio
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
from gateway.model.link import Links, link_form
from gateway.model.question import Parent

# Parents that are looked at before others have their turn.
_STEP = 2_000


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

    __slots__ = ("_below", "_forms", "_lost", "_read", "keys", "links", "rows", "unknown")

    def __init__(self, rows: SheetRows, records: Records) -> None:
        self.rows = rows
        self.unknown = rows.unknown
        self.keys = [records.key(row) for row in rows.rows]
        self.links = Links(self.keys)
        self._below: dict[Entity, dict[str | None, list[int]]] = {}
        # What rows call their parents, by the form in which links are compared.
        self._forms: dict[Entity, dict[str, list[str]]] = {}
        self._lost: dict[Entity, tuple[Links, Mapping[str, int]]] = {}
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

    def below(self, parent: Parent) -> Sequence[int]:
        """The numbers of the rows that name one of these parents, or none."""
        known = self._by_parent(parent.entity)
        found = list(known.get(None, ()))
        for told in self.names(parent):
            found += known[told]
        return sorted(found)

    def names(self, parent: Parent) -> list[str]:
        """What rows call one of these parents."""
        known, wanted = self._by_parent(parent.entity), Links(parent.keys)
        forms = self._forms[parent.entity]
        near = [told for key in parent.keys for told in forms.get(link_form(key), ())]
        return [told for told in dict.fromkeys(near) if told in known and told in wanted]

    def names_others(self, parent: Parent) -> bool:
        """Whether there are rows that name another parent than these."""
        known = self._by_parent(parent.entity)
        return len(known) - (None in known) > len(self.names(parent))

    async def lost(self, above: Entity, known: Links) -> Mapping[str, int]:
        """Which parents rows name that are not among the known ones, and how many do so."""
        found = self._lost.get(above)
        if found is None or found[0] is not known:
            lost: dict[str, int] = {}
            for number, (told, numbers) in enumerate(self._by_parent(above).items(), 1):
                if told is not None and told not in known:
                    lost[told] = len(numbers)
                if number % _STEP == 0:
                    # There may be as many parents as rows.
                    await asyncio.sleep(0)
            found = self._lost[above] = known, lost
        return found[1]

    def _by_parent(self, entity: Entity) -> dict[str | None, list[int]]:
        if entity not in self._below:
            known: dict[str | None, list[int]] = {}
            read = self._read.get(entity)
            for number, row in enumerate(self.rows.rows):
                told = None if read is None else read(row)
                known.setdefault(told, []).append(number)
            forms: dict[str, list[str]] = {}
            for told in known:
                if told is not None:
                    forms.setdefault(link_form(told), []).append(told)
            self._below[entity], self._forms[entity] = known, forms
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
