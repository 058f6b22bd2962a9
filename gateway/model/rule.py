"""Public names of mapping rules: `<subject>.<what>/<version>`, whatever file a rule stands in.

Mapping recipes, which statements sign, name rules. So a name may not hang on the path of a module:
each module that has rules says its subject once, in a constant `SUBJECT` ("verra", "dates"). The
rest of the name is the function's own, unless `@rule("...")` gives another, and the version counts
what the rule does: who changes that raises it, and a test holds every rule to its version.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def rule(name: str | None = None, *, version: int = 1) -> Callable[[F], F]:
    """Give a function that is a rule, or that rules use, another name or version."""

    def named(function: F) -> F:
        function.__dict__["__rule__"] = (name, version)
        return function

    return named


def numbered(name: str, version: int) -> str:
    """The public name of a version of a rule."""
    return f"{name}/{version}"


def rule_name(rule: Any) -> str:
    """A stable public name: a table's own, else the subject, the function's name, the version."""
    own = getattr(rule, "rule", None)
    if isinstance(own, str):
        return own
    function = getattr(rule, "__func__", rule)
    name, version = getattr(function, "__rule__", (None, 1))
    what = name or _dashed(getattr(rule, "__qualname__", type(rule).__qualname__))
    return numbered(f"{subject(getattr(rule, '__module__', ''))}.{what}", version)


def class_name(view: type) -> str:
    """The public name of a class of views."""
    return f"{subject(view.__module__)}.{_dashed(view.__qualname__)}"


def subject(module: str) -> str:
    """What a module's rules are about: its `SUBJECT`, else the last part of its name."""
    own = getattr(sys.modules.get(module), "SUBJECT", None)
    return own if isinstance(own, str) else _dashed(module.rpartition(".")[2])


def _dashed(name: str) -> str:
    words = _CAPITAL.sub("-", name.replace(".<locals>", "").replace("<lambda>", "lambda"))
    parts = (part.strip("_").replace("_", "-").lower() for part in words.split("."))
    return ".".join(part for part in parts if part)
