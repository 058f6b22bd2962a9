"""The known words that a wrong one may stand for: what an error says beside "there is none".

A slip is one of a few kinds: letters swapped, missing or added, another case, a part of a longer
word. The work is bounded, whatever a client sends: texts are cut before they are compared, and
what has too few letters in common is not compared at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

# Letters of a text that are looked at, and how alike two texts must be (1: the same).
LETTERS = 48
ALIKE = 0.66
MOST = 3
# How well a text fits that is a whole part of a word, such as "transport" of "Road transport".
_PART = 0.9


def nearest(text: str, known: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """The known words most like the text, best first; none where nothing is alike."""
    wanted = _plain(text)
    if not wanted:
        return ()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored = [(-_alike(matcher, wanted, _plain(word)), word) for word in known]
    return tuple(word for score, word in sorted(scored) if -score >= ALIKE)[:most]


def or_else(words: Iterable[str]) -> str:
    """`Did you mean 'GB'?`, with a blank before it; nothing where there are no words."""
    quoted = [f"'{word}'" for word in words]
    if not quoted:
        return ""
    *some, last = quoted
    return f" Did you mean {', '.join(some)} or {last}?" if some else f" Did you mean {last}?"


def _alike(matcher: SequenceMatcher[str], wanted: str, word: str) -> float:
    if wanted == word:
        return 1.0
    if len(wanted) > 3 and (f" {wanted} " in f" {word} " or f" {word} " in f" {wanted} "):
        return _PART
    matcher.set_seq1(word)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


def _plain(text: str) -> str:
    """Letters and digits without case and accents, so that `Gold_Standard` is `gold-standard`."""
    text = text[:LETTERS]
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)[:LETTERS]
    return " ".join("".join(c if c.isalnum() or c == "+" else " " for c in text.casefold()).split())
