"""What rules made of values before, for all documents together and within one bound.

A memo belongs to a field of a record class, not to the document that asks for it: a document that
is only spelt otherwise brings no memo of its own, and a thousand of them fill no more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

from gateway.measure import bytes_of

Learn = Callable[[Any, Any], Any]
Memo = tuple[dict[Any, Any], Learn]

# A long text is a description: each is its own, and looking it up would only keep it.
MEMO_TEXT = 256
# About what an entry takes beside its key and value: its place in the dict, which has room to grow.
_ENTRY = 200


class Memos:
    """Memos by record class and purpose; all of them are emptied where they hold `most` bytes."""

    def __init__(self, most: int = 4 * 1024 * 1024) -> None:
        self.most = most
        self.size = 0
        self._known: WeakKeyDictionary[type, dict[Hashable, Memo]] = WeakKeyDictionary()

    def of(self, cls: type, purpose: Hashable, make: Callable[[Any, Any], Any]) -> Memo:
        """What the rule made of each key, and what makes a missing one of `(key, source)`.

        The dict is a plain one, since a subclass of it is looked up more slowly.
        """
        memos = self._known.setdefault(cls, {})
        found = memos.get(purpose)
        if found is None:
            found = memos[purpose] = self._empty(make)
        return found

    def _empty(self, make: Callable[[Any, Any], Any]) -> Memo:
        known: dict[Any, Any] = {}

        def learn(key: Any, source: Any) -> Any:
            made = make(key, source)
            parts = key if key.__class__ is tuple else (key,)
            texts = [len(part) for part in (*parts, made) if part.__class__ is str]
            if max(texts, default=0) <= MEMO_TEXT:
                self._grow(_ENTRY + bytes_of(key) + bytes_of(made))
                known[key] = made
            return made

        return known, learn

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > self.most:
            self.clear()
            self.size = size

    def clear(self) -> None:
        """Forgets everything."""
        for memos in self._known.values():
            for known, _ in memos.values():
                known.clear()
        self.size = 0
