"""The door: what registries and clients write, as the rules of this package take it.

Every function here that reads such a text has it from this module: runs of white space are one
sign, and a text that is longer than any that names something is not read at all. Such a text has
no value; it is told as one that no table knows, cut.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

from gateway.model.values import raw_text

# The longest lists on record have a tenth of it.
LONGEST: Final = 4_096
# White space that is folded away is not counted, within reason.
_LOOKED_AT: Final = 4 * LONGEST
# How much of a text that is too long is told.
_TOLD: Final = 80
_RUN: Final = re.compile(r"\s\s+")

# Unicode sorts the marks on a letter by comparing each with each. UAX 15 calls a text safe whose
# letters have no more than thirty, and parts longer runs by this sign, which nobody sees.
_MARKS: Final = 30
_PARTS: Final = "\u034f"
_FEW: Final = 256


def text_of(raw: object) -> str | None:
    """The registry's value as text, its runs of white space folded; None where there is none, or
    where it is too long to name anything (see `too_long`). A run with a line break in it stays one.
    """
    text = raw_text(raw)
    if text is None or len(text) > _LOOKED_AT:
        return None
    text = _RUN.sub(_one, text)
    return text if len(text) <= LONGEST else None


def too_long(raw: object) -> str | None:
    """What is told of a text that is too long to be read: its length and its beginning, which no
    rule takes for a value. None for every other."""
    text = raw_text(raw)
    if text is None or len(text) <= LONGEST or text_of(text) is not None:
        return None
    return f"({len(text)} characters) {text[:_TOLD]}…"


def plain(text: str) -> str:
    """The text without blanks around it, as patterns for one value take it; nothing where it is
    too long to be one."""
    return text.strip() if len(text) <= LONGEST else ""


def normalised(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """The text in a form of Unicode's, in a time that grows with its length alone."""
    if len(text) > _FEW and any(map(unicodedata.combining, set(text))):
        text = "".join(_parted(text))
    return unicodedata.normalize(form, text)


def _parted(text: str) -> list[str]:
    made, run = [], 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > _MARKS:
            made.append(_PARTS)
            run = 1
        made.append(letter)
    return made


def _one(run: re.Match[str]) -> str:
    return "\n" if "\n" in run[0] else " "
