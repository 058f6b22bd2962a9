"""Every regular expression of the code, how it is used, and texts that are hard on it.

The texts are made from the pattern itself: its own characters over and over, its repeats pumped
and then missed at the end, its matches joined, brackets, blanks.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import adapters
import gateway
from adapters.manifest_pattern import seeds as seeds
from adapters.manifest_pattern import text as text

METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
_OF_MODULE = {"subn": "sub", "compile": "", **{name: name for name in METHODS}}
# What asks for an extra or starts something when it is imported.
_UNIMPORTED = ("__main__",)


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
