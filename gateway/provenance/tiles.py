"""The tree of a log as tiles (c2sp.org/tlog-tiles): where hashes lie, and proofs out of them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from gateway.errors import ProvenanceError
from gateway.provenance.merkle import EMPTY, node_hash

HEIGHT = 8
WIDTH = 256
HASH = 32

# The content of a path below the log's prefix, or None where there is none.
Fetch = Callable[[str], bytes | None]


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """`tile/<L>/<N>[.p/<W>]`; level `entries` names entry bundles."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{suffix}"


def bundle(entries: list[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        ProvenanceError: the lengths do not add up.
    """
    found: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            raise ProvenanceError("an entry bundle is cut short")
        found.append(data[at + 2 : end])
        at = end
    return found


class TileTree:
    """A tree of `size` entries, read from tiles wherever they are: a directory, a mirror, memory.

    Reads a few tiles per proof. Tiles are not trusted: whoever uses a root or proof compares
    it with a signed checkpoint.
    """

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self.size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` entries (all of them by default)."""
        size = self.size if size is None else size
        return self._range(0, size) if size else EMPTY

    def leaf(self, index: int) -> bytes:
        """The leaf hash at an index."""
        return self._node(0, index)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The inclusion proof of a leaf in the tree of the first `size` entries.

        Raises:
            ProvenanceError: there is no such entry, no tree of that size yet, or a tile is missing.
        """
        size = self.size if size is None else size
        if not 0 <= index < size <= self.size:
            raise ProvenanceError(f"there is no entry {index} in a log of {size}")
        return self._inclusion(index, 0, size)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The consistency proof between two sizes of the tree.

        Raises:
            ProvenanceError: the tree never had these sizes in this order, or a tile is missing.
        """
        new = self.size if new is None else new
        if not 0 < old <= new <= self.size:
            raise ProvenanceError(f"a log of {self.size} entries has no sizes {old} and {new}")
        return [] if old == new else self._consistency(old, 0, new, whole=True)

    def tile(self, level: int, index: int) -> bytes:
        """The hashes of a tile, as many of them as the tree of this size has.

        Raises:
            ProvenanceError: the tile is missing in the store, or too short.
        """
        held = self._tiles.get((level, index))
        if held is not None:
            return held
        width = min(WIDTH, (self.size >> (HEIGHT * level)) - index * WIDTH)
        found = self._fetch(tile_path(level, index))
        if found is None and width < WIDTH:
            found = self._fetch(tile_path(level, index, width))
        if found is None or len(found) < width * HASH:
            raise ProvenanceError(f"the log's {tile_path(level, index, width)} is missing")
        self._tiles[level, index] = found[: width * HASH]
        return self._tiles[level, index]

    def _range(self, start: int, count: int) -> bytes:
        """The root over `count` entries from `start`, which is a multiple of enough."""
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self._node(height, start >> height)
        split = 1 << (count - 1).bit_length() - 1
        return node_hash(self._range(start, split), self._range(start + split, count - split))

    def _node(self, height: int, index: int) -> bytes:
        """The root of the full subtree of this height: a hash in a tile, or some hashed up."""
        level, rest = divmod(height, HEIGHT)
        first = index << rest
        tile = self.tile(level, first // WIDTH)
        at = first % WIDTH * HASH
        hashes = [tile[i : i + HASH] for i in range(at, at + (HASH << rest), HASH)]
        if len(hashes[-1]) < HASH:
            raise ProvenanceError("a tile of the log is cut short")
        while len(hashes) > 1:
            hashes = [
                sha256(b"\x01" + hashes[i] + hashes[i + 1]).digest()
                for i in range(0, len(hashes), 2)
            ]
        return hashes[0]

    def _inclusion(self, index: int, start: int, count: int) -> list[bytes]:
        if count == 1:
            return []
        split = 1 << (count - 1).bit_length() - 1
        if index < split:
            rest = self._range(start + split, count - split)
            return [*self._inclusion(index, start, split), rest]
        rest = self._range(start, split)
        return [*self._inclusion(index - split, start + split, count - split), rest]

    def _consistency(self, old: int, start: int, count: int, *, whole: bool) -> list[bytes]:
        if old == count:
            return [] if whole else [self._range(start, count)]
        split = 1 << (count - 1).bit_length() - 1
        if old <= split:
            rest = self._range(start + split, count - split)
            return [*self._consistency(old, start, split, whole=whole), rest]
        rest = self._range(start, split)
        after = self._consistency(old - split, start + split, count - split, whole=False)
        return [*after, rest]
