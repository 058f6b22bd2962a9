"""A bounded store of what was worked out before, in which little stays that is not used again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

_MOST_SEEN = 1024


class Kept:
    """Values by key, bounded by the sizes that they are said to have.

    The first time a key is put, the key is noted, and the value stays for as long as there is
    room for it among the `young`, for those who want the same at the same time. What is put again
    is kept until the room is needed, the least recently used first. So values that never come
    back, as of a registry whose bodies always change, take hardly any memory: it would be touched
    once, and make everything else slow by being cold.
    """

    __slots__ = ("_kept", "_seen", "_young", "_young_size", "most", "size", "young")

    def __init__(self, most: int, young: int = 0) -> None:
        self.most = most
        self.young = young
        # Bytes of what is kept for good.
        self.size = 0
        self._seen: OrderedDict[Any, Any] = OrderedDict()
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._young: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._young_size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Any) -> Any:
        """The value, None where there is none.

        Raises:
            TypeError: the key cannot be hashed.
        """
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found[0]
        found = self._young.get(key)
        return None if found is None else found[0]

    def put(self, key: Any, value: Any, size: int, witness: Any = None) -> None:
        """Keeps a value whose key was put before; one that was not, for a while.

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
            self._enter(key, value, size)
            return
        self.drop(key)
        self._kept[key] = (value, size)
        self.size += size
        while self.size > self.most:
            _, (_, freed) = self._kept.popitem(last=False)
            self.size -= freed

    def drop(self, key: Any) -> None:
        """Forgets the value."""
        self._leave(key)
        found = self._kept.pop(key, None)
        if found is not None:
            self.size -= found[1]

    def _enter(self, key: Any, value: Any, size: int) -> None:
        self._leave(key)
        if size > self.young:
            return
        self._young[key] = (value, size)
        self._young_size += size
        while self._young_size > self.young:
            self._leave(next(iter(self._young)))

    def _leave(self, key: Any) -> None:
        found = self._young.pop(key, None)
        if found is not None:
            self._young_size -= found[1]
