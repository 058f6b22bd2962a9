"""Places between rows: where a walk goes on after any row of what was read together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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
        return Position(self.chunk, self.token, index + 1, self.rows[index].key)

    def exhausted(self) -> None:
        """Nothing follows the last row."""
        self.end = replace(self.end, exhausted=True)


class Placed(NamedTuple):
    """A row that matches, and where it stands."""

    record: Record[Any]
    stretch: Stretch
    number: int

    @property
    def before(self) -> Position:
        """The place before it in its registry's walk."""
        return self.stretch.before(self.number)

    @property
    def after(self) -> Position:
        """The place after it."""
        return self.stretch.after(self.number)
