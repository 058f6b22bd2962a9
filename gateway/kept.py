"""A bounded store of what was worked out before, which nothing enters that is not used again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

_MOST_SEEN = 512


class Kept:
    """Values by key, bounded by the sizes that they are said to have.

    The first time a key is put, only the key is noted; the value is kept from the second time
    on, until the room is needed, the least recently used first. So values that never come back,
    as of a registry whose bodies always change, take no memory: it would be touched once, and
    make everything else slow by being cold. Keeping them for a moment, for those who ask the same
    at the same time, was tried: it cost a lone caller more than it gave to sixteen.
    """

    __slots__ = ("_kept", "_seen", "most", "size")

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._seen: OrderedDict[Any, Any] = OrderedDict()
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
        seen = self._seen.pop(key, self)
        if seen is self or seen is not witness:
            self._seen[key] = witness
            if len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
            return
        self._keep(key, value, size)

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

    def noted(self, key: Any) -> bool:
        """Whether the next `put` of this key, with no other witness, keeps its value."""
        return key in self._seen

    def drop(self, key: Any) -> None:
        """Forgets the value."""
        found = self._kept.pop(key, None)
        if found is not None:
            self.size -= found[1]
