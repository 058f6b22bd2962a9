"""The page of all mapping rules: their public names, versions, and what each version does.

A rule's digest is over what it does: its table, its constants, the rules that it uses, and its
syntax tree without annotations and with its own variables numbered, so that a new name for a
variable is no new version. The page is committed: a rule that does something else than its version
did is refused until the version is raised.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from adapters.contract import Adapter
from gateway.provenance.canonical import canonical
from gateway.provenance.recipe import recipe_document
from tests.paths import DOCS

PAGE = DOCS / "mapping-rules.md"
HEAD = """# Mapping rules

Every rule that a mapping recipe names, in its present version, with the SHA-256 (16 digits of it)
of what it does. A rule that is made anew for each registry has one for each. How recipes name
rules and where they are published: [provenance](provenance.md), section 7. Written by `make docs`,
which refuses a rule that does something new under an old version.

| rule | does | registries |
|---|---|--:|
"""
_ROW = re.compile(r"^\| `(.+?)` \| (.*?) \| \d+ \|$", re.MULTILINE)


def does(entry: Mapping[str, Any]) -> str:
    """The digest of what a rule does, from its entry in a recipe."""
    told = dict(entry)
    if isinstance(source := told.get("source"), str):
        told["source"] = shape(source)
    return sha256(canonical(told)).hexdigest()[:16]


def shape(source: str) -> Any:
    """The syntax tree as lists: without annotations, the function's own variables numbered."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    own: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            own.setdefault(node.arg, f"_{len(own)}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.setdefault(node.id, f"_{len(own)}")
    return list(_shape(tree.body, own))


def _shape(node: Any, own: Mapping[str, str]) -> Iterator[Any]:
    if isinstance(node, list):
        yield [item for one in node for item in _shape(one, own)]
    elif isinstance(node, ast.AST):
        parts: list[Any] = [type(node).__name__]
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "ctx", "type_comment", "type_params", "kind"):
                continue
            if value is None or value == []:
                continue
            numbered = isinstance(node, (ast.Name, ast.arg)) and name in ("id", "arg")
            parts.append(name)
            parts.append(own.get(value, value)) if numbered else parts.extend(_shape(value, own))
        yield parts
    else:
        yield node if node is None or isinstance(node, (str, bool)) else repr(node)


def rules(adapters: Mapping[str, Adapter]) -> dict[str, tuple[set[str], set[str]]]:
    """By name: what the rule does, and the registries whose recipes have it."""
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for registry, adapter in adapters.items():
        for name, entry in recipe_document(adapter)["rules"].items():
            done, used = found[name.partition("#")[0]]
            done.add(does(json.loads(json.dumps(entry))))
            used.add(registry)
    return found


def rules_document(adapters: Mapping[str, Adapter]) -> str:
    """The page as it must be."""
    rows = [
        f"| `{name}` | {' '.join(sorted(done))} | {len(used)} |"
        for name, (done, used) in sorted(rules(adapters).items())
    ]
    return HEAD + "\n".join(rows) + "\n"


def changed(page: str, before: str) -> list[str]:
    """The rules that do something else than they did before under the same name and version."""
    old = dict(_ROW.findall(before))
    return [name for name, done in _ROW.findall(page) if old.get(name, done) != done]
