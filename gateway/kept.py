"""A bounded store of what was worked out before, which nothing enters that is not used again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from gateway.measure import bytes_of

_MOST_SEEN = 512
# The share of the bound that the witnesses of what is only noted may take beside it.
_NOTES = 8


class Kept:
    """Values by key, bounded by the sizes that they are said to have.

    The first time a key is put, only the key is noted; the value is kept from the second time
    on, until the room is needed, the least recently used first. So values that never come back,
    as of a registry whose bodies always change, take no memory: it would be touched once, and
    make everything else slow by being cold. Keeping them for a moment, for those who ask the same
    at the same time, was tried: it cost a lone caller more than it gave to sixteen.
    """

    __slots__ = ("_kept", "_seen", "_seen_bytes", "most", "size")

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        # By key the witness, and what it takes.
        self._seen: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._seen_bytes = 0
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Any) -> Any:
        """The value, None where there is none.

        Raises:
            TypeError: the key cannot be hashed.
        """
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Any, value: Any, size: int, witness: Any = None) -> None:
        """Keeps a value whose key was put before.

        A key that is only an identity comes with a witness, the object that it is the identity
        of: it is held as long as the key is noted, so that no other can take its place.
        """
        if size > self.most:
            return
        seen, noted = self._seen.pop(key, (self, 0))
        self._seen_bytes -= noted
        if seen is self or seen is not witness:
            self._note(key, witness)
            return
        self._keep(key, value, size)

    def _note(self, key: Any, witness: Any) -> None:
        taken = 0 if witness is None else bytes_of(witness)
        self._seen[key] = (witness, taken)
        self._seen_bytes += taken
        while len(self._seen) > _MOST_SEEN or self._seen_bytes > self.most // _NOTES:
            _, (_, freed) = self._seen.popitem(last=False)
            self._seen_bytes -= freed

    def _keep(self, key: Any, value: Any, size: int) -> None:
        self.drop(key)
        self._kept[key] = (value, size)
        self.size += size
        self._shrink()

    def _shrink(self) -> None:
        while self.size > self.most:
            _, (_, freed) = self._kept.popitem(last=False)
            self.size -= freed

    def resize(self, key: Any, value: Any, size: int) -> None:
        """Note the value's new size, if it is this very value that is kept."""
        found = self._kept.get(key)
        if found is None or found[0] is not value:
            return
        self._kept[key] = (value, size)
        self.size += size - found[1]
        self._shrink()

    def keep(self, key: Any, value: Any, size: int) -> None:
        """Keeps a value that is too dear to be made twice before it is."""
        if size <= self.most:
            self._keep(key, value, size)

    def noted(self, key: Any, witness: Any = None) -> bool:
        """Whether the next `put` of this key with this witness keeps its value: then is the time
        to find out its size."""
        found = self._seen.get(key)
        return found is not None and found[0] is witness

    def drop(self, key: Any) -> None:
        """Forgets the value."""
        found = self._kept.pop(key, None)
        if found is not None:
            self.size -= found[1]

    def clear(self) -> None:
        """Forgets everything, and what was only noted."""
        self._kept.clear()
        self._seen.clear()
        self._seen_bytes = 0
        self.size = 0
