"""Regular expressions that somebody else writes: an operator, in a manifest.

They are run on registries' texts, so that one whose time doubles with each character would stop
the gateway. The texts that are hard on an expression are made from the expression itself: its own
characters over and over, its repeats pumped and then missed at the end, its matches joined.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from gateway.model.globalid import MAX_KEY

# A text that takes so long is hard (seconds of this thread's own time), and the next longer one
# would take a few times as much at the most.
_LONG, _MORE = 0.05, 2
_FOREIGN = "\u2603"
_SPECIAL = (sre.AT, sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is what the expression describes; no longer one than a key can be."""
    return len(text) <= MAX_KEY and re.fullmatch(pattern, text) is not None


def hard(pattern: re.Pattern[str]) -> str | None:
    """A text of a key's length at the most that takes the expression long; None where none does."""
    for seed in seeds(pattern):
        for size in range(4, MAX_KEY + 1, _MORE):
            made = text(pattern, seed, size)
            began = time.thread_time()
            pattern.fullmatch(made)
            if time.thread_time() - began > _LONG:
                return str(made)
    return None


Seed = tuple[str, str, str]


def seeds(pattern: re.Pattern[Any]) -> list[Seed]:
    """What texts that are hard on the pattern are made of."""
    return _seeds(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def text(pattern: re.Pattern[Any], seed: Seed, size: int) -> Any:
    """The text of about this size."""
    head, body, end = seed
    made = (head + body * (size // max(1, len(body))))[:size] + end
    return made.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else made


def _seeds(tree: Any) -> list[Seed]:
    """(head, what is repeated, end)."""
    letters = sorted(set(_letters(tree)))[:10]
    samples = list(dict.fromkeys(_sample(tree, random.Random(seed)) for seed in range(3)))  # noqa: S311  no secret
    bodies = dict.fromkeys([*letters, *' \t\n()[{"0a,-'])
    bodies |= dict.fromkeys(a + b for a in letters[:3] for b in letters[:3] if a != b)
    bodies |= dict.fromkeys(samples)
    bodies |= dict.fromkeys(f"{one} " for one in samples)
    for one in samples[:2]:
        bodies |= dict.fromkeys(one[:cut] for cut in range(1, min(len(one), 10)))
    found = [("", body, end) for body in bodies if body for end in ("", _FOREIGN)]
    for head, body in _pumps(tree, ""):
        found += [(head, body, end) for end in ("", _FOREIGN, "\n", " ")]
        found += [("", head + body * 3, end) for end in ("", _FOREIGN)]
    return list(dict.fromkeys(found))


def _pumps(tree: Iterable[Any], head: str) -> Iterator[tuple[str, str]]:
    """Each repeat of the pattern: a text that leads to it, and one that it takes."""
    dice = random.Random(1)  # noqa: S311  no secret
    for op, value in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
            _, most, body = value
            if most > 3:
                for seed in range(2):
                    text = _sample(body, random.Random(seed))  # noqa: S311  no secret
                    if text:
                        yield head, text
                for letter in sorted(set(_letters(body)))[:4]:
                    yield head, letter
            yield from _pumps(body, head)
        elif op is sre.SUBPATTERN:
            yield from _pumps(value[3], head)
        elif op is sre.BRANCH:
            for one in value[1]:
                yield from _pumps(one, head)
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _pumps(value[1], head)
        elif op is getattr(sre, "ATOMIC_GROUP", None):
            yield from _pumps(value, head)
        head = head + _sample([(op, value)], dice)
        head = head[-200:]


def _letters(tree: Iterable[Any]) -> Iterator[str]:
    for op, value in tree:
        if op is sre.BRANCH:
            for one in value[1]:
                yield from _letters(one)
        elif op is sre.SUBPATTERN:
            yield from _letters(value[3])
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _letters(value[1])
        elif op is getattr(sre, "ATOMIC_GROUP", None):
            yield from _letters(value)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
            yield from _letters(value[2])
        elif op in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
            yield from _one_of(op, value)


_CLASSES = {
    sre.CATEGORY_DIGIT: "07",
    sre.CATEGORY_NOT_DIGIT: "a ",
    sre.CATEGORY_SPACE: " \t\u00a0",
    sre.CATEGORY_NOT_SPACE: "a-",
    sre.CATEGORY_WORD: "a0_",
    sre.CATEGORY_NOT_WORD: " -",
}
_ANYTHING = "a0 -.,;:/()[]{}<>\"'\\=#_A~!"


def _one_of(op: Any, value: Any) -> list[str]:
    """A few characters that this takes."""
    if op is sre.LITERAL:
        return [chr(value)]
    if op is sre.ANY:
        return ["a", " "]
    if op is sre.NOT_LITERAL:
        return [c for c in _ANYTHING if ord(c) != value][:4]
    found: list[str] = []
    negated = bool(value) and value[0][0] is sre.NEGATE
    for kind, part in value:
        if kind is sre.LITERAL:
            found.append(chr(part))
        elif kind is sre.RANGE:
            found += [chr(part[0]), chr(part[1])]
        elif kind is sre.CATEGORY:
            found += _CLASSES[part]
    if not negated:
        return found
    ranges = [part for kind, part in value if kind is sre.RANGE]
    return [
        c
        for c in _ANYTHING
        if c not in found and not any(low <= ord(c) <= high for low, high in ranges)
    ][:4]


def _sample(tree: Iterable[Any], dice: random.Random) -> str:
    """A text that the pattern takes, assertions aside."""
    made = []
    for op, value in tree:
        if op is sre.BRANCH:
            made.append(_sample(dice.choice(value[1]), dice))
        elif op is sre.SUBPATTERN:
            made.append(_sample(value[3], dice))
        elif op is getattr(sre, "ATOMIC_GROUP", None):
            made.append(_sample(value, dice))
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
            least, most, body = value
            times = dice.randint(least, max(least, min(most, least + 2)))
            made += [_sample(body, dice) for _ in range(min(times, 40))]
        elif op not in _SPECIAL:
            made.append(dice.choice(_one_of(op, value) or [""]))
    return "".join(made)
