"""What code says of itself: the errors that public functions raise, the columns that views read."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import re
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from adapters.catalogue import adapters
from gateway.model.field import Computed
from tests.paths import ROOT

PACKAGES = ("gateway", "adapters")
# Of Python's own errors, those that say that an argument is wrong. A bug (AssertionError) and the
# end of a command (typer.Exit) are nothing that a caller handles.
ARGUMENT_ERRORS = (ValueError, TypeError, LookupError)
SECTION = re.compile(r"^Raises:\n((?:(?: .*)?\n?)*)", re.MULTILINE)
ENTRY = re.compile(r"^    ([\w, ]+):", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Public:
    """A function that an outsider calls, where it stands, and the kinds of what it raises."""

    module: str
    name: str
    docstring: str
    raised: tuple[type[BaseException], ...]

    def missing(self) -> list[str]:
        """The errors that the `Raises:` section names neither itself nor by a base."""
        section = SECTION.search(self.docstring)
        listed = ENTRY.findall(section[1]) if section else []
        named = {name.strip() for entry in listed for name in entry.split(",")}
        kinds = {kind: {base.__name__ for base in kind.__mro__} for kind in self.raised}
        return sorted(kind.__name__ for kind, names in kinds.items() if not names & named)


def modules() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "templates" not in parts and path.name != "__init__.py":
                yield ".".join(parts)


def public(source: str, module: ModuleType) -> Iterator[Public]:
    """Every public function and method of a module, but none inside of another function."""
    for qualified, node in _functions(ast.parse(source).body, ""):
        raised = dict.fromkeys(
            kind
            for name, caught in _raises(node)
            for kind in _kinds(name, module)
            if not caught & {base.__name__ for base in kind.__mro__}
        )
        doc = ast.get_docstring(node) or ""
        yield Public(module.__name__, qualified, f"{doc}\n", tuple(raised))


def _functions(body: list[ast.stmt], inside: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{inside}{node.name}.")
        else:
            yield f"{inside}{node.name}", node


def _raises(function: Function) -> Iterator[tuple[str, frozenset[str]]]:
    """What stands after `raise` in the function's own statements, and what is caught around it."""
    yield from _inside(function.body, frozenset())


def _inside(
    nodes: Iterable[ast.AST], caught: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Try):
            ended = {name for handler in node.handlers for name in _ended(handler)}
            yield from _inside(node.body, caught | ended)
            yield from _inside([*node.handlers, *node.orelse, *node.finalbody], caught)
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield ast.unparse(raised), caught
        yield from _inside(ast.iter_child_nodes(node), caught)


def _ended(handler: ast.ExceptHandler) -> Iterator[str]:
    """The names of what a handler catches for good: one that raises again, does not."""
    if any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler)):
        return
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    yield from (ast.unparse(kind) for kind in kinds if kind is not None)


def _kinds(name: str, module: ModuleType) -> Iterator[type[BaseException]]:
    """The class that a name is or, of a function that makes an error, what it returns."""
    first, *rest = name.split(".")
    found: object = vars(module).get(first, getattr(builtins, first, None))
    for part in rest:
        found = getattr(found, part, None)
    if inspect.isfunction(found):
        found = typing.get_type_hints(found).get("return")
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        return
    ours = found.__module__.partition(".")[0] in PACKAGES
    if ours or issubclass(found, ARGUMENT_ERRORS):
        yield found


SAMPLE = '''
from gateway.errors import BadInput, ConfigError, RequestError

def made() -> BadInput:
    return BadInput("x")

def silent(x):
    """Reads x."""
    raise ConfigError("x")

def other(x):
    """Reads x.

    Raises:
        BadInput: never.
    """
    raise ConfigError("x")

def by_factory(x):
    """Reads x."""
    raise made()

def argument(x):
    raise KeyError(x)

class Reader:
    def method(self):
        try:
            raise BadInput("x")
        except BadInput:
            raise

def says(x):
    """Reads x.

    Raises:
        RequestError: x is wrong.
        ValueError, KeyError: x is odd.
    """
    if x:
        raise BadInput("x")
    raise KeyError(x)

def caught(x):
    try:
        raise BadInput("x")
    except RequestError:
        return None

def bug(x):
    raise AssertionError

def outer():
    def inner():
        raise BadInput("x")
    return inner

def _private():
    raise BadInput("x")
'''


def test_a_function_that_is_silent_about_an_error_is_found() -> None:
    sample = ModuleType("sample")
    exec(compile(SAMPLE, "sample", "exec"), vars(sample))
    missing = {one.name: one.missing() for one in public(SAMPLE, sample)}
    assert {name: kinds for name, kinds in missing.items() if kinds} == {
        "silent": ["ConfigError"],
        "other": ["ConfigError"],
        "by_factory": ["BadInput"],
        "argument": ["KeyError"],
        "Reader.method": ["BadInput"],
    }
    assert {"says", "caught", "bug", "outer"} <= missing.keys()


def test_every_public_function_says_what_it_raises() -> None:
    silent = []
    for name in modules():
        module = importlib.import_module(name)
        for one in public(Path(str(module.__file__)).read_text("utf-8"), module):
            silent += [f"{one.module}.{one.name}: {kind}" for kind in one.missing()]
    assert silent == [], "\n".join(silent)


def test_every_computed_field_of_a_view_names_the_columns_that_it_reads() -> None:
    views = {v for a in adapters().values() for kinds in a.views.values() for v in kinds}
    fields = [(v, name, getattr(v, name)) for v in views for name in dir(v)]
    computed = [(v, name, f) for v, name, f in fields if isinstance(f, Computed)]
    assert len(computed) > 500
    assert [f"{v.__qualname__}.{name}" for v, name, f in computed if not f.inputs] == []
