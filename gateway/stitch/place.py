"""Places between rows: where a walk goes on after any row of what was read together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, repeat
from operator import itemgetter
from typing import Any

from gateway.model.record import Record
from gateway.stitch.cursor import Position


@dataclass(slots=True, eq=False)
class Stretch:
    """Rows of one registry that were read together, in its order.

    `begin` is the first row that had not been given before; `start` is the place before it and
    `end` the place after the last row. The places in between are made when asked for: most rows
    are handed out without anybody asking.
    """

    registry: str
    rows: Sequence[Record[Any]]
    start: Position
    end: Position
    chunk: int = 0
    token: str | None = None
    begin: int = 0

    def before(self, index: int) -> Position:
        """The place before a row."""
        return self.start if index == self.begin else self.after(index - 1)

    def after(self, index: int) -> Position:
        """The place after a row."""
        if index + 1 == len(self.rows):
            return self.end
        start, key = self.start, self.rows[index].key
        return Position(self.chunk, self.token, index + 1, key, pages=start.pages, mark=start.mark)

    def exhausted(self) -> None:
        """Nothing follows the last row."""
        self.end = replace(self.end, exhausted=True)


class Placed(tuple[Record[Any], Stretch, int]):
    """A row that matches, and where it stands: record, stretch, number in the stretch.

    Made by `placed`, many at once; a named tuple would call a function for each.
    """

    __slots__ = ()

    @property
    def record(self) -> Record[Any]:
        """The row."""
        return self[0]

    def shown_by(self, record: Record[Any]) -> Placed:
        """The same place with the record as it was read more closely."""
        return Placed((record, self[1], self[2]))

    @property
    def stretch(self) -> Stretch:
        """What it was read with."""
        return self[1]

    @property
    def before(self) -> Position:
        """The place before it in its registry's walk."""
        return self[1].before(self[2])

    @property
    def after(self) -> Position:
        """The place after it."""
        return self[1].after(self[2])


_record = itemgetter(0)


def records_of(found: Iterable[Placed]) -> list[Record[Any]]:
    """The rows themselves."""
    return list(map(_record, found))


_make = partial(tuple.__new__, Placed)


def placed(rows: Iterable[Record[Any]], stretch: Stretch, begin: int) -> Iterator[Placed]:
    """The rows of a stretch from the one of this number on, as far as they are given."""
    made: Iterator[Any] = map(_make, zip(rows, repeat(stretch), count(begin)))
    return made
