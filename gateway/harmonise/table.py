"""A mapping table: what a registry writes, to what CAD Trust calls it; data, not branches."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from gateway.errors import ConfigError
from gateway.model.values import raw_text

V = TypeVar("V")

# A registry that sends ever new texts must not grow the memo without end.
MEMO_ENTRIES = 4096
MEMO_TEXT = 256


def fold(text: str) -> str:
    """The text without what readers do not see: case, compatibility forms, runs of blanks."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def words(text: str) -> str:
    """The letters and digits of the text alone, so that `LATE_TO_VERIFY` is "Late to verify".

    Accents go too. A plus sign stays, since `REDD+` and `CORC20+` mean it.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() or c == "+" else " " for c in text.casefold()).split())


class Table(Generic[V]):
    """A callable table for `mapped(path, table)`: gives None for what it does not know.

    Keys compare folded. Two keys that fold alike must agree on the value.

    Raises:
        ConfigError: two keys fold alike and disagree.
    """

    __slots__ = ("_fold", "_known", "_memo", "entries", "name", "rule")

    def __init__(
        self, name: str, entries: Mapping[str, V], fold: Callable[[str], str] = fold
    ) -> None:
        self.name = name
        self.rule = f"table:{name}"
        self.entries: Mapping[str, V] = MappingProxyType(dict(entries))
        self._fold = fold
        self._memo: dict[str, V | None] = {}
        self._known: dict[str, V] = {}
        for raw, value in entries.items():
            if self._known.setdefault(fold(raw), value) != value:
                raise ConfigError(f"table {name}: {raw!r} stands twice with different values")

    def __call__(self, raw: object) -> V | None:
        """The value for the registry's own text, None where it is unknown."""
        text = raw if type(raw) is str else raw_text(raw)
        if text is None:
            return None
        try:
            return self._memo[text]
        except KeyError:
            return self._learn(text)

    def __contains__(self, raw: object) -> bool:
        text = raw_text(raw)
        return text is not None and self._fold(text) in self._known

    def recipe(self) -> dict[str, Any]:
        """The table as provenance publishes it: its rule and every entry, in text order."""
        return {
            "rule": self.rule,
            "entries": {k: _plain(self.entries[k]) for k in sorted(self.entries)},
        }

    def _learn(self, text: str) -> V | None:
        value = self._known.get(self._fold(text))
        if len(text) <= MEMO_TEXT:
            if len(self._memo) >= MEMO_ENTRIES:
                self._memo.clear()
            self._memo[text] = value
        return value


def _plain(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
