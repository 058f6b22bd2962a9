"""A mapping table: what a registry writes, to what CAD Trust calls it; data, not branches."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from gateway.errors import ConfigError
from gateway.harmonise.text import normalised, text_of
from gateway.model.rule import numbered
from gateway.model.values import raw_text

SUBJECT = "table"
V = TypeVar("V")

# A registry that sends ever new texts must not grow the memo without end.
MEMO_ENTRIES = 4096
MEMO_TEXT = 256


def fold(text: str) -> str:
    """The text without what readers do not see: case, compatibility forms, runs of blanks."""
    if not text.isascii():
        text = normalised("NFKC", text)
    return " ".join(text.casefold().split())


# Letters that people type without their mark although Unicode does not part them, and the signs
# that stand for an apostrophe on other keyboards.
_AS_TYPED: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u00b4\u0060\u2032\uff07", "'"),
        "\u0131": "i",
        "\u00f8": "o",
        "\u0142": "l",
        "\u0111": "d",
        "\u0127": "h",
        "\u0167": "t",
        "\u00e6": "ae",
        "\u0153": "oe",
    }
)
_MARKS: Final = re.compile("[\u0300-\u036f]")


def search_form(text: str) -> str:
    """The text as searches compare it: as people type it, whatever keyboard they have.

    Without case, accents, the shape of apostrophes and runs of blanks, so that `sao joao` is "São
    João" and `d'agua` is "d\u2019Água". Only marks of alphabets that are typed without them go:
    vowel signs of other scripts are letters.
    """
    folded = fold(text)
    if folded.isascii():
        return folded.replace("`", "'") if "`" in folded else folded
    # Marks may carry marks of their own after case is gone, as the Turkish capital I does.
    plain = _MARKS.sub("", normalised("NFD", folded))
    return " ".join(normalised("NFC", plain.translate(_AS_TYPED)).split())


def words(text: str) -> str:
    """The letters and digits of the text alone, so that `LATE_TO_VERIFY` is "Late to verify".

    Accents go too. A plus sign stays, since `REDD+` and `CORC20+` mean it.
    """
    if not text.isascii():
        text = normalised("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() or c == "+" else " " for c in text.casefold()).split())


class Table(Generic[V]):
    """A callable table for `mapped(path, table)`: gives None for what it does not know.

    Keys compare folded. Two keys that fold alike must agree on the value. `version` counts what the
    table says: who changes an entry raises it.

    Raises:
        ConfigError: two keys fold alike and disagree.
    """

    __slots__ = ("_fold", "_known", "_memo", "entries", "name", "rule")

    def __init__(
        self,
        name: str,
        entries: Mapping[str, V],
        fold: Callable[[str], str] = fold,
        *,
        version: int = 1,
    ) -> None:
        self.name = name
        self.rule = numbered(f"table.{name}", version)
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
        text = text_of(raw)
        return text is not None and self._fold(text) in self._known

    def recipe(self) -> dict[str, Any]:
        """The table as provenance publishes it: its rule and every entry, in text order."""
        return {
            "rule": self.rule,
            "entries": {k: _plain(self.entries[k]) for k in sorted(self.entries)},
        }

    def _learn(self, text: str) -> V | None:
        read = text_of(text)
        value = None if read is None else self._known.get(self._fold(read))
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
