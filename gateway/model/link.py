"""Links between rows: the key of another row, compared in one form on both sides.

People type links into files, and spreadsheets change them: a blank at an end, a number that has
become `101.0`. The text itself stays as it came; only the comparison is made in this form. Case
and leading zeros are kept: registries tell records apart by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_NUMBER = re.compile(r"(\d+)\.0+", re.ASCII)
# Blanks for whoever looks at a sheet, and none for `str.split`.
_UNSEEN = str.maketrans(dict.fromkeys("\u200b\u2060\ufeff"))


@lru_cache(maxsize=8192)
def link_form(key: str) -> str:
    """The form in which links are compared: blanks at the ends dropped, those within made one,
    and a whole number without its fraction of zeros."""
    text = " ".join(key.translate(_UNSEEN).split())
    number = _NUMBER.fullmatch(text)
    return number[1] if number else text


class Links:
    """Some keys, found by any text that is the same link."""

    __slots__ = ("_forms", "_keys")

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = frozenset(keys)
        forms: dict[str, str | None] = {}
        for key in self._keys:
            form = link_form(key)
            forms[form] = None if form in forms else key
        self._forms = forms

    def find(self, told: str | None) -> str | None:
        """The key that the text means: itself, else the only one of the same form."""
        if told is None or told in self._keys:
            return told
        return self._forms.get(link_form(told))

    def __contains__(self, told: str | None) -> bool:
        return self.find(told) is not None
