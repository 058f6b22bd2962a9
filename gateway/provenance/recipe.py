"""Mapping recipes: how each field came from a registry's row, published under its own hash.

A recipe lists every field with its wire fields and its rule, and every rule in full: a table with
all its entries, a function with its source text and whatever of this project it uses in turn.
So an auditor can redo "this status came from that raw value" without trusting a version number.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache, partial
from hashlib import sha256
from textwrap import dedent
from types import CodeType, FunctionType, MethodType
from typing import Any, Protocol

import msgspec

from gateway.model.entity import Entity
from gateway.model.field import Computed, Mapped
from gateway.model.record import Record, View
from gateway.model.rule import class_name, rule_name
from gateway.provenance.canonical import canonical
from gateway.provenance.statement import Recipe

RECIPE_TYPE = "https://w3id.org/carbon-gateway/mapping/v2"
# Lines after the last that runs, in which brackets of a statement may close.
_MOST_BRACKETS = 40
PACKAGES = ("adapters.", "gateway.harmonise.")

_Views = tuple[tuple[Entity, tuple[type[Record[Any]], ...]], ...]


class Viewed(Protocol):
    """The part of an adapter that recipes are made of."""

    @property
    def views(self) -> Mapping[Entity, tuple[type[Record[Any]], ...]]:
        """The view classes of each entity."""
        ...


def recipe_document(adapter: Viewed) -> dict[str, Any]:
    """The recipe of one adapter: its views, and every rule that they stand on."""
    return _document(*_made_of(adapter))


def recipe_bytes(adapter: Viewed) -> bytes:
    """The canonical form; its SHA-256 is the recipe's name for ever."""
    return _bytes(*_made_of(adapter))


def _made_of(adapter: Viewed) -> tuple[str, _Views]:
    """All that a recipe depends on: the adapter's package, and its views."""
    package = f"{type(adapter).__module__.partition('.')[0]}."
    return package, tuple((e, tuple(adapter.views.get(e, ()))) for e in Entity)


@lru_cache(maxsize=64)
def _bytes(package: str, views: _Views) -> bytes:
    return canonical(_document(package, views))


def _document(package: str, classes: _Views) -> dict[str, Any]:
    # A third party's adapter lives in a package of its own.
    rules = _Rules((*PACKAGES, package))
    views: dict[str, list[dict[str, Any]]] = {}
    for entity, listed in classes:
        found = [_view(view, rules) for view in listed]
        if found:
            views[entity.value] = found
    return {
        "_type": RECIPE_TYPE,
        "views": views,
        "children": {name: rules.children[name] for name in sorted(rules.children)},
        "rules": {name: rules.found[name] for name in sorted(rules.found)},
    }


class Recipes:
    """The recipes in force and all others that were ever put into the archive.

    `named` is what the notary prints into statements; `get` serves the well-known route.
    """

    def __init__(
        self, adapters: Mapping[str, Viewed], version: str, archived: Iterable[bytes] = ()
    ) -> None:
        self.named: dict[str, Recipe] = {}
        # What is archived stays served, whatever changed since.
        self._documents = {sha256(body).hexdigest(): body for body in archived}
        for registry, adapter in adapters.items():
            body = recipe_bytes(adapter)
            digest = sha256(body).hexdigest()
            self._documents[digest] = body
            self.named[registry] = Recipe(registry, version, digest)
        # Recipes share most of their tables; their parts are of no use once all are made.
        _parts.cache_clear()
        _table.cache_clear()

    def digest(self, registry: str) -> str | None:
        """The hex digest of the recipe in force for a registry."""
        found = self.named.get(registry)
        return None if found is None else found.digest

    def get(self, digest: str) -> bytes | None:
        """The recipe of this name, or None; for `/.well-known/carbon-gateway/mappings/<sha256>`."""
        return self._documents.get(digest)

    def all(self) -> Mapping[str, bytes]:
        """Every recipe by its digest."""
        return self._documents


def _view(view: type[View[Any]], rules: _Rules) -> dict[str, Any]:
    fields = view.recipe()
    for name, field in view.fields.items():
        rule: Any = None
        if isinstance(field, Mapped):
            rule = field.convert
        elif isinstance(field, Computed):
            rule = field.function
        if rule is not None and (added := rules.add(rule)) is not None:
            fields[name]["rule"] = added
    for member in vars(view).values():
        # Keys and identifiers may be plain properties of the view.
        if isinstance(member, property) and member.fget is not None:
            rules.add(member.fget)
    return {"view": class_name(view), "fields": fields}


class _Rules:
    """Everything that was reached from the fields, each once, under a name of its own."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self._packages = packages
        self.found: dict[str, dict[str, Any]] = {}
        self.children: dict[str, dict[str, Any]] = {}
        self._names: dict[int, str | None] = {}
        self._begun: set[int] = set()
        # Closures and lambdas are told apart by identity, so they are kept alive until the end.
        self._kept: list[Any] = []

    def add(self, rule: Any) -> str | None:
        """The name under which the rule is published; None for what is not ours to publish."""
        if id(rule) in self._names:
            return self._names[id(rule)]
        self._names[id(rule)] = None
        self._kept.append(rule)
        if isinstance(rule, partial):
            for part in (rule.func, *rule.args, *rule.keywords.values()):
                self.add(part)
        elif isinstance(rule, type):
            return self._add_class(rule)
        elif callable(getattr(rule, "recipe", None)):
            entry = {name: value for name, value in rule.recipe().items() if name != "rule"}
            if "entries" not in entry and (function := _function(rule)) is not None:
                entry |= self._code(rule, function)
            return self._publish(rule, entry)
        elif (function := _function(rule)) is not None and self._ours(function.__module__):
            return self._publish(rule, self._code(rule, function))
        return None

    def _publish(self, rule: Any, entry: dict[str, Any]) -> str:
        name = plain = rule_name(rule)
        count = 1
        while self.found.get(name, entry) != entry:
            count += 1
            name = f"{plain}#{count}"
        self.found[name] = entry
        self._names[id(rule)] = name
        return name

    def _ours(self, module: str | None) -> bool:
        return module is not None and f"{module}.".startswith(self._packages)

    def _add_class(self, found: type) -> str | None:
        if not (self._ours(found.__module__) and issubclass(found, View)):
            return None
        name = class_name(found)
        self._names[id(found)] = name
        self.children[name] = _view(found, self)["fields"]
        return name

    def _code(self, rule: Any, function: FunctionType) -> dict[str, Any]:
        """The source of a rule, and what it uses: constants by value, other rules by name."""
        parts, others = _parts(function)
        entry = dict(parts)
        constants, more = _held(rule)
        if constants:
            entry["constants"] = {**entry.get("constants", {}), **constants}
        self._begun.add(id(rule))
        uses = {}
        for used, value in (*others, *more):
            name = rule_name(value) if id(value) in self._begun else self.add(value)
            if name is not None:
                uses[used] = name
        self._begun.discard(id(rule))
        if _is_loader(rule):
            # A loader of one of our data files: what it loads is the rule.
            value, plain = _table(rule)
            if plain is not None:
                entry["value"] = plain
            elif (name := self.add(value)) is not None:
                uses["value"] = name
        if uses:
            entry["uses"] = uses
        return entry


def _held(rule: Any) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """What an object that is a rule holds: constants, and rules that it uses; of a class that only
    adds to another's, that one's method too."""
    constants: dict[str, Any] = {}
    others: list[tuple[str, Any]] = []
    if isinstance(rule, (FunctionType, MethodType)) or hasattr(rule, "__wrapped__"):
        return constants, others
    methods = [c.__dict__["__call__"] for c in type(rule).__mro__ if "__call__" in c.__dict__]
    others.extend(("super", method) for method in methods[1:2] if isinstance(method, FunctionType))
    names = {slot for c in type(rule).__mro__ for slot in getattr(c, "__slots__", ())}
    for name in sorted(names | set(getattr(rule, "__dict__", ()))):
        value = getattr(rule, name, None)
        if isinstance(value, (str, int, tuple, frozenset)) and name != "rule":
            constants[name] = _plain(value)
        elif callable(value):
            others.append((name, value))
    return {name: value for name, value in constants.items() if value is not None}, others


@cache
def _parts(function: FunctionType) -> tuple[Mapping[str, Any], Sequence[tuple[str, Any]]]:
    """The function's source text and the constants that it uses, and all else that it uses."""
    entry: dict[str, Any] = {"source": _source(function)}
    constants: dict[str, Any] = {}
    others: list[tuple[str, Any]] = []
    for used, value in _used(function):
        if (plain := _plain(value)) is not None:
            constants[used] = plain
        else:
            others.append((used, value))
    if constants:
        entry["constants"] = constants
    return entry, others


def _source(function: FunctionType) -> str | None:
    """The function as its syntax tree says it: without comments and its docstring, in one layout,
    so that whoever moves or reformats it changes no recipe."""
    tree = _tree(function.__code__)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.decorator_list = [one for one in node.decorator_list if not _names(one)]
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _tree(code: CodeType) -> ast.Module | None:
    """The statement of a function, or that in which a lambda stands."""
    lines = linecache.getlines(code.co_filename)
    first, last = code.co_firstlineno, _last_line(code)
    # Brackets that close after the last line that runs belong to it.
    for end in range(last, min(last + _MOST_BRACKETS, len(lines)) + 1):
        with suppress(SyntaxError):
            return ast.parse(dedent("".join(lines[first - 1 : end])))
    return None


def _last_line(code: CodeType) -> int:
    inner = (_last_line(one) for one in code.co_consts if isinstance(one, CodeType))
    own = (line for _, _, line in code.co_lines() if line is not None)
    return max((*inner, *own), default=code.co_firstlineno)


def _names(decorator: ast.expr) -> bool:
    """Whether it only gives the rule its name."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Name) and called.id == "rule"


def _is_loader(rule: Any) -> bool:
    """Whether it is a cached function without parameters: tables and data files are such."""
    return hasattr(rule, "cache_info") and not inspect.signature(rule).parameters


@cache
def _table(rule: Any) -> tuple[Any, Any]:
    """What the loader gives, as it is and as JSON."""
    value = rule()
    return value, _plain(value)


def _function(rule: Any) -> FunctionType | None:
    while hasattr(rule, "__wrapped__"):
        rule = rule.__wrapped__
    rule = getattr(rule, "__func__", rule)
    if isinstance(rule, FunctionType):
        return rule
    call = inspect.getattr_static(type(rule), "__call__", None)
    return call if isinstance(call, FunctionType) else None


def _used(function: FunctionType) -> Iterable[tuple[str, Any]]:
    names: set[str] = set()
    waiting: list[CodeType] = [function.__code__]
    for code in waiting:
        names.update(code.co_names)
        waiting.extend(c for c in code.co_consts if isinstance(c, CodeType))
    for name in sorted(names):
        # Where the module lies (`__package__`) is no part of the rule.
        if name in function.__globals__ and not name.startswith("__"):
            yield name, function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents


def _plain(value: Any) -> Any:
    """The value as JSON where it is a plain constant, else None."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, Decimal, date, timedelta)):
        return str(value)
    if isinstance(value, re.Pattern):
        return {"pattern": value.pattern, "flags": int(value.flags)}
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.to_builtins(value))
    if isinstance(value, (frozenset, set)):
        return _all(sorted(value, key=str))
    if isinstance(value, (tuple, list)):
        return _all(value)
    if isinstance(value, Mapping):
        keys = _all(value)
        values = _all(value.values())
        if keys is None or values is None or not all(isinstance(key, str) for key in keys):
            return None
        return dict(zip(keys, values, strict=True))
    return None


def _all(values: Iterable[Any]) -> list[Any] | None:
    found = [_plain(value) for value in values]
    return None if any(item is None for item in found) else found
