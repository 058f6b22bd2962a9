"""What a walk over a list has seen: rows must be other ones on every page, and totals kept."""

from __future__ import annotations

from typing import Any

from adapters.contract import InvalidPayload
from gateway.model.record import Record, same_row


class Tally:
    """What a walk has seen: rows before this page, keys given, and how the total moved."""

    def __init__(self, seen: int, most_empty: int, first: int | None = None) -> None:
        self.seen = seen
        self._resumed = seen > 0
        self._most_empty = most_empty
        self._empty = 0
        self._rows: dict[str, list[Any]] = {}
        self._given = 0
        self._first = first
        self._total = first
        self._twice = 0

    @property
    def given(self) -> int:
        """How many different records were given."""
        return self._given

    def place(self, seen: int, place: str) -> str:
        """The token of a place, with how long the list was when the walk began."""
        first = f"-{self._first}" if seen and self._first is not None else ""
        return f"{seen}{first}.{place}"

    def left(self) -> str | None:
        """Of a list that was read to its end, why rows of it may not have been given: some came in
        meanwhile, before the place where the walk was."""
        if self._total is None or self._first is None or self._total == self._first:
            return None
        grown = self._total - self._first
        if not self._resumed and self.given >= self._total:
            return None
        several = f"{grown} rows" if grown > 1 else "1 row"
        return f"The list grew by {several} while it was read: not all may be among those given."

    def counted(self, total: int | None) -> None:
        """The list says its length again.

        Raises:
            InvalidPayload: it became shorter, so that rows may have moved up unseen.
        """
        if total is not None:
            if self._total is not None and total < self._total:
                raise InvalidPayload("the list became shorter while it was read; ask again")
            self._first = total if self._first is None else self._first
            self._total = total

    def moved(self, rows: int, following: str | None) -> None:
        """A page was read, and this place comes after it.

        Raises:
            InvalidPayload: page after page is empty, and none is the last: that may never end.
        """
        self._empty = 0 if rows else self._empty + 1
        if following is not None and self._empty > self._most_empty:
            raise InvalidPayload(
                f"{self._empty} pages in a row are empty and lead to another one; declare "
                "total_selector, or has_more_path, by which the list says where it ends, or how "
                "many may be empty with paginator.empty_pages"
            )

    def fresh(self, records: list[Record[Any]]) -> list[Record[Any]]:
        """The records that were not given before. A key that comes again with another row is
        another record, one with the same row the same one: the list moved meanwhile.

        Raises:
            InvalidPayload: rows come again, and the list did not grow by as many.
        """
        found = []
        for record in records:
            same = self._rows.setdefault(record.key, [])
            if not any(same_row(record.row, row) for row in same):
                same.append(record.row)
                found.append(record)
        self._given += len(found)
        self._twice += len(records) - len(found)
        grown = None if self._total is None else self._total - (self._first or 0)
        if records and not found and (grown is None or self._twice > grown):
            raise InvalidPayload("a page brings nothing but rows that were given before")
        if grown is not None and self._twice > grown:
            raise InvalidPayload("the list names one key twice")
        return found
