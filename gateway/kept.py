"""A bounded store of what was worked out before, short of memory for what is not used again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

# What share of the room is for values that nobody has come back for yet.
_UNPROVEN = 8


class Kept:
    """Values by key, bounded by the sizes that they are said to have.

    A value that is asked for again is proven, and kept until the room is needed for others like
    it, the least recently used first. Those that are not, as of a registry whose bodies always
    change, share an eighth of the room: more would only be memory that is touched once and cold
    for everybody.
    """

    __slots__ = ("_fresh", "_fresh_size", "_proven", "most", "size")

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._fresh: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._fresh_size = 0
        self._proven: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._proven)

    def get(self, key: Any) -> Any:
        """The value, None where there is none.

        Raises:
            TypeError: the key cannot be hashed.
        """
        found = self._proven.get(key)
        if found is not None:
            self._proven.move_to_end(key)
            return found[0]
        found = self._fresh.pop(key, None)
        if found is None:
            return None
        self._fresh_size -= found[1]
        self._proven[key] = found
        return found[0]

    def put(self, key: Any, value: Any, size: int) -> None:
        """Keeps a value that was not there, unless it is larger than all the room."""
        self.drop(key)
        if size > self.most:
            return
        self._fresh[key] = (value, size)
        self._fresh_size += size
        self.size += size
        while len(self._fresh) > 1 and self._fresh_size * _UNPROVEN > self.most:
            _, (_, freed) = self._fresh.popitem(last=False)
            self._fresh_size -= freed
            self.size -= freed
        while self.size > self.most:
            _, (_, freed) = self._proven.popitem(last=False)
            self.size -= freed

    def drop(self, key: Any) -> None:
        """Forgets the value."""
        found = self._fresh.pop(key, None)
        if found is not None:
            self._fresh_size -= found[1]
        else:
            found = self._proven.pop(key, None)
        if found is not None:
            self.size -= found[1]
