"""Fragments: records already written, in the order of the query and in canonical form.

A row that was projected before, from the same bytes, is not projected again. What is kept is
found by the decoded row itself: the door decodes unchanged bytes once, so an unchanged body,
fresh in the cache or confirmed by 304, brings the very same rows.
"""

from __future__ import annotations

from typing import Any

import msgspec

_ordered = msgspec.json.Encoder().encode
_canonical = msgspec.json.Encoder(order="sorted").encode


class Fragment:
    """One record's JSON, twice; `value` is the object it was written from."""

    __slots__ = ("canonical", "ordered", "value")

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self.ordered = _ordered(value)
        self.canonical = _canonical(value)


def write(value: Any) -> msgspec.Raw:
    """For an encoder that writes in the order of the query.

    Raises:
        TypeError: for anything but a fragment.
    """
    if isinstance(value, Fragment):
        return msgspec.Raw(value.ordered)
    raise TypeError(f"a {type(value).__name__} is not JSON")


def plain(value: Any) -> Any:
    """The same data without fragments, for those who look inside."""
    if isinstance(value, Fragment):
        return value.value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


class RowMemo:
    """What projections made of rows, the lately used ones; `size` bounds how many.

    Two generations: when the young one is full it becomes the old one, and what is used again
    moves back. Rows are held, so that no other row can take their identity.
    """

    __slots__ = ("_old", "_size", "_young")

    def __init__(self, size: int = 8_192) -> None:
        self._size = size
        self._young: dict[Any, tuple[Any, Any]] = {}
        self._old: dict[Any, tuple[Any, Any]] = {}

    def get(self, key: Any, row: Any) -> Any:
        """What was made of the row; None where it is new. The second time it is written."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
        if found[0] is not row:
            return None
        made = found[1]
        if made.__class__ is dict:
            made = Fragment(made)
            self._young[key] = (row, made)
        elif key not in self._young:
            self._young[key] = found
        return made

    def put(self, key: Any, row: Any, made: Any) -> None:
        """Keeps what was made of a row for the first time."""
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[key] = (row, made)
