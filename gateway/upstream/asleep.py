"""Entries at rest: one piece of memory in the place of thousands of small ones.

The interpreter gives memory back by the megabyte, and only where nothing is left in it. Small
objects that stay lie between those that went, and would hold all of that.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gateway.upstream.entry import Entry
from gateway.upstream.packed import Packed, PackedEntry, packed_entry

_FRAME = 4


class Lying(msgspec.Struct, frozen=True, array_like=True):
    """One entry, and what the store knows of it. `size` is that of the body as it came, where the
    entry has the packed one in its place."""

    key: str
    entry: Entry
    expires: float | None
    tried: bool
    size: int | None


_encoder = msgspec.msgpack.Encoder()
_decode = msgspec.msgpack.Decoder(Lying).decode


class Asleep:
    """Entries, in the order in which they were laid down."""

    def __init__(self) -> None:
        self._held = bytearray()

    def lay(self, key: str, entry: Entry, expires: float | None, tried: bool) -> bool:
        """Take the entry in; whether that could be done. A text that UTF-8 has not cannot be."""
        size, plain = None, entry
        if isinstance(entry, PackedEntry):
            size, plain = entry.size, entry.beside(entry.packed.data)
        try:
            told = _encoder.encode(Lying(key, plain, expires, tried, size))
        except (TypeError, ValueError):
            return False
        self._held += len(told).to_bytes(_FRAME, "big")
        self._held += told
        return True

    def rise(self) -> Iterator[tuple[str, Entry, float | None, bool]]:
        """Every entry as it was laid down."""
        held, place = memoryview(self._held), 0
        while place < len(held):
            begin = place + _FRAME
            place = begin + int.from_bytes(held[place:begin], "big")
            one = _decode(held[begin:place])
            entry = one.entry
            if one.size is not None:
                entry = packed_entry(entry, Packed(entry.body, one.size))
            yield one.key, entry, one.expires, one.tried
