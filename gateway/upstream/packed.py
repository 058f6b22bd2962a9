"""Packed bodies: a cached body that takes a part of its room, and comes back as it was."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field

from gateway.upstream.entry import Entry
from gateway.upstream.scheduler import for_all

# Bodies up to this are packed and unpacked at once: a millisecond each. Longer ones take a thread.
AT_ONCE = 256 * 1024
# Packing that saves less than this share is not worth the unpacking.
_WORTH = 0.8
# The quickest that zlib does; JSON becomes a tenth or so.
_LEVEL = 1


def pack(body: bytes) -> bytes:
    """The body, packed."""
    return zlib.compress(body, _LEVEL)


@dataclass(slots=True, eq=False)
class Packed:
    """The bytes of a body, and how many there were before it was packed. All who want a long one
    at the same time get one copy of it."""

    data: bytes
    size: int
    _under_way: asyncio.Task[bytes] | None = field(default=None, init=False, repr=False)

    def unpacked(self) -> bytes:
        """The body, worked out here and now."""
        return zlib.decompress(self.data, bufsize=max(1, self.size))

    async def body(self) -> bytes:
        """The body; nobody waits for a long one but who asked for it."""
        if self.size <= AT_ONCE:
            return self.unpacked()
        task = self._under_way
        if task is None:
            doing = asyncio.to_thread(self.unpacked)
            task = asyncio.create_task(doing, name="unpacking", context=for_all())
            self._under_way = task
            task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, _: asyncio.Task[bytes]) -> None:
        self._under_way = None


class PackedEntry(Entry, frozen=True, kw_only=True):
    """An entry whose body is packed. Whoever can do without it, having what was made of it, has
    nothing to unpack; `whole` gives the others the entry as it came."""

    packed: Packed

    # In the place of the field that the body left empty, so that nobody can take that for it.
    @property  # type: ignore[misc]
    def body(self) -> bytes:
        """The body, worked out here and now."""
        return self.packed.unpacked()

    @property
    def size(self) -> int:
        """Bytes of the body as it came."""
        return self.packed.size

    async def whole(self) -> Entry:
        """The entry with its body as it came."""
        return self.beside(await self.packed.body())

    def beside(self, body: bytes) -> Entry:
        """All that stands in the entry beside its body, with this one."""
        return Entry(**{name: getattr(self, name) for name in _BESIDE}, body=body)


def packed(entry: Entry, data: bytes) -> Entry:
    """The entry with `data` for its body, where that saves enough; else the entry."""
    if len(data) >= _WORTH * entry.size:
        return entry
    return packed_entry(entry, Packed(data, entry.size))


def packed_entry(entry: Entry, body: Packed) -> PackedEntry:
    """The entry with its body packed."""
    told = {name: getattr(entry, name) for name in _BESIDE}
    return PackedEntry(**told, body=b"", packed=body)


_BESIDE = tuple(name for name in Entry.__struct_fields__ if name != "body")
