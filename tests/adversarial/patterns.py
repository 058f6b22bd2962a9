"""Every regular expression of the code, how it is used, and texts that are hard on it.

The texts are made from the pattern itself: its own characters over and over, its repeats pumped
and then missed at the end, its matches joined, brackets, blanks.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import adapters
import gateway

METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
_OF_MODULE = {"subn": "sub", "compile": "", **{name: name for name in METHODS}}
# What asks for an extra or starts something when it is imported.
_UNIMPORTED = ("__main__",)
_FOREIGN = "\u2603"
_SPECIAL = (sre.AT, sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF)


@dataclass(slots=True)
class Found:
    """A pattern: where it stands, and the methods that are called on it there."""

    pattern: re.Pattern[Any]
    places: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)


def modules() -> Iterator[ModuleType]:
    """Every module of the gateway and of the adapters."""
    for package in (gateway, adapters):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if one.name.rpartition(".")[2] not in _UNIMPORTED:
                yield importlib.import_module(one.name)


def sources() -> Iterator[tuple[str, ast.Module]]:
    """The text of every module, parsed."""
    for package in (gateway, adapters):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*.py")):
            name = f"{root.name}/{path.relative_to(root)}"
            yield name, ast.parse(path.read_text())


@cache
def patterns() -> tuple[Found, ...]:
    """Every pattern that a module holds or that a call with a literal makes, each once."""
    known: dict[tuple[Any, int], Found] = {}

    def add(pattern: re.Pattern[Any], place: str, *methods: str) -> None:
        one = known.setdefault((pattern.pattern, pattern.flags), Found(pattern))
        one.places.add(place)
        one.methods.update(methods)

    uses, anywhere = _uses()
    for module in modules():
        for name, value in vars(module).items():
            for pattern in _within(value, 0):
                called = uses.get((module.__name__, name)) or anywhere.get(name) or set()
                add(pattern, f"{module.__name__}.{name}", *called)
    for place, tree in sources():
        for call in ast.walk(tree):
            made = _literal(call)
            if made is not None:
                add(made[0], f"{place}:{getattr(call, 'lineno', 0)}", *filter(None, made[1:]))
    for one in known.values():
        # Who calls what cannot be told, as of patterns in a tuple: then it is any of them.
        one.methods = one.methods or {"search", "match", "fullmatch"}
    return tuple(known.values())


def unseen() -> set[str]:
    """The calls of `re` inside functions whose pattern is no literal: by file and function."""
    found = set()
    for place, tree in sources():
        for scope in ast.walk(tree):
            if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for call in ast.walk(scope):
                    if _is_re(call) and _text(call) is None and _literal(call) is None:
                        found.add(f"{place}:{scope.name}")
    return found


def _is_re(call: ast.AST) -> bool:
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "re"
        and call.func.attr in _OF_MODULE
    )


def _text(call: ast.AST) -> str | bytes | None:
    assert isinstance(call, ast.Call)
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, (str, bytes)):
        return first.value
    return None


def _literal(call: ast.AST) -> tuple[Any, ...] | None:
    if not _is_re(call) or (text := _text(call)) is None:
        return None
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    flags = 0
    for part in [*call.args[1:], *(word.value for word in call.keywords)]:
        for name in ast.walk(part):
            if isinstance(name, ast.Attribute) and hasattr(re.RegexFlag, name.attr):
                flags |= getattr(re, name.attr)
    return re.compile(text, flags), _OF_MODULE[call.func.attr]


def _uses() -> tuple[dict[tuple[str, str], set[str]], dict[str, set[str]]]:
    """The methods that are called on a pattern or handed on, by its module and name, and by its
    name alone, for those that another module uses."""
    here: dict[tuple[str, str], set[str]] = {}
    anywhere: dict[str, set[str]] = {}
    for place, tree in sources():
        module = place.removesuffix(".py").replace("/", ".")
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and _OF_MODULE.get(node.attr):
                owner = node.value
                name = getattr(owner, "id", None) or getattr(owner, "attr", None)
                if name and name != "re":
                    here.setdefault((module, name), set()).add(_OF_MODULE[node.attr])
                    anywhere.setdefault(name, set()).add(_OF_MODULE[node.attr])
    return here, anywhere


def _within(value: object, depth: int) -> Iterator[re.Pattern[Any]]:
    """The patterns that a value is, or holds in its items or in its own attributes."""
    if isinstance(value, re.Pattern):
        yield value
        return
    inner: Iterable[object] = ()
    if isinstance(value, (list, tuple, set, frozenset)):
        inner = value
    elif isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, type) and _ours(value):
        inner = vars(value).values()
    elif not isinstance(value, (type, ModuleType)) and _ours(type(value)):
        slots = [name for one in type(value).__mro__ for name in getattr(one, "__slots__", ())]
        inner = [*getattr(value, "__dict__", {}).values()]
        inner += [getattr(value, name, None) for name in slots if not name.startswith("__")]
    if depth < 4:
        for one in [*inner]:
            yield from _within(one, depth + 1)


def _ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("gateway", "adapters")


# --- texts ------------------------------------------------------------------------------------


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
    samples = list(dict.fromkeys(_sample(tree, random.Random(seed)) for seed in range(3)))
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
    dice = random.Random(1)
    for op, value in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
            _, most, body = value
            if most > 3:
                for seed in range(2):
                    text = _sample(body, random.Random(seed))
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
