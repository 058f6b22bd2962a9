"""Mapping recipes: how each field came from a registry's row, published under its own hash.

A recipe lists every field with its wire fields and its rule, and every rule in full: a table with
all its entries, a function with its source text and whatever of this project it uses in turn.
So an auditor can redo "this status came from that raw value" without trusting a version number.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache, partial
from hashlib import sha256
from types import CodeType, FunctionType
from typing import Any, Protocol

import msgspec

from gateway.model.entity import Entity
from gateway.model.field import Computed, Mapped, rule_name
from gateway.model.record import Record, View
from gateway.provenance.canonical import canonical
from gateway.provenance.statement import Recipe

RECIPE_TYPE = "https://w3id.org/carbon-gateway/mapping/v1"
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
    return {"view": f"{view.__module__}.{view.__qualname__}", "fields": fields}


class _Rules:
    """Everything that was reached from the fields, each once, under a name of its own."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self._packages = packages
        self.found: dict[str, dict[str, Any]] = {}
        self.children: dict[str, dict[str, Any]] = {}
        self._names: dict[int, str | None] = {}
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
            return self._publish(rule, entry)
        elif (function := _function(rule)) is not None and self._ours(function.__module__):
            return self._add_function(rule, function)
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
        name = f"{found.__module__}.{found.__qualname__}"
        self._names[id(found)] = name
        self.children[name] = _view(found, self)["fields"]
        return name

    def _add_function(self, rule: Any, function: FunctionType) -> str:
        parts, used = _parts(function)
        entry, others = dict(parts), list(used)
        if _is_loader(rule):
            # A loader of one of our data files: what it loads is the rule.
            value, plain = _table(rule)
            if plain is not None:
                entry["value"] = plain
            else:
                others.append(value)
        name = self._publish(rule, entry)
        for other in others:
            self.add(other)
        return name


@cache
def _parts(function: FunctionType) -> tuple[Mapping[str, Any], Sequence[Any]]:
    """The function's source text and the constants that it uses, and all else that it uses."""
    entry: dict[str, Any] = {"source": _source(function)}
    constants: dict[str, Any] = {}
    others: list[Any] = []
    for used, value in _used(function):
        if (plain := _plain(value)) is not None:
            constants[used] = plain
        else:
            others.append(value)
    if constants:
        entry["constants"] = constants
    return entry, others


def _source(function: FunctionType) -> str | None:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return None


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
        if name in function.__globals__:
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
