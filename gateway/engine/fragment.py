"""Fragments: lists of records already written, in the order of the query and in canonical form.

Rows that were projected before, from the same bytes, are not projected again. What is kept is
found by the decoded rows themselves: the door decodes unchanged bytes once, so an unchanged body,
fresh in the cache or confirmed by 304, brings the very same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any

import msgspec

from gateway.kept import Kept
from gateway.measure import bytes_of
from gateway.provenance.canonical import canonical_answer


class Fragment:
    """A value's JSON, twice."""

    __slots__ = ("canonical", "ordered")

    def __init__(self, ordered: bytes, canonical: bytes) -> None:
        self.ordered = ordered
        self.canonical = canonical

    @classmethod
    def of(cls, value: Any) -> Fragment:
        """The value, written."""
        return cls(_ordered(value), canonical_answer(value))

    @classmethod
    def joined(cls, parts: Sequence[Fragment]) -> Fragment:
        """One list of the items of several, none of which is empty."""
        if len(parts) == 1:
            return parts[0]
        ordered = b",".join([part.ordered[1:-1] for part in parts])
        canonical = b",".join([part.canonical[1:-1] for part in parts])
        return cls(b"[%b]" % ordered, b"[%b]" % canonical)


def write(value: Any) -> msgspec.Raw:
    """For an encoder that writes in the order of the query.

    Raises:
        TypeError: for anything but a fragment.
    """
    if isinstance(value, Fragment):
        return msgspec.Raw(value.ordered)
    raise TypeError(f"a {type(value).__name__} is not JSON")


_ordered = msgspec.json.Encoder(enc_hook=write).encode
_parse = msgspec.json.Decoder().decode


def plain(value: Any) -> Any:
    """The same data without fragments, for those who look inside."""
    if isinstance(value, Fragment):
        return _parse(value.ordered)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


class Written:
    """What projections made of rows, bounded by the bytes of it and of the rows."""

    __slots__ = ("_kept",)

    def __init__(self, most: int = 8 * 1024 * 1024) -> None:
        self._kept = Kept(most)

    @property
    def bytes(self) -> int:
        """Bytes of the fragments that are kept, and of the rows that they were made of."""
        return self._kept.size

    def get(self, key: Any, rows: list[Any]) -> Fragment | None:
        """What was made of these very rows, in this order, None where that is not known."""
        found = self._kept.get((key, id(rows[0]), len(rows)))
        if found is None or not all(map(is_, found[0], rows)):
            return None
        made: Fragment = found[1]
        return made

    def put(self, key: Any, rows: list[Any], made: Fragment) -> None:
        """Keeps what was made, the second time. The rows are held, so that no others can take
        their identity."""
        place, value = (key, id(rows[0]), len(rows)), (rows, made)
        size = bytes_of(value) if self._kept.noted(place, rows[0]) else 0
        self._kept.put(place, value, size, rows[0])

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
