"""What one page of a list is asked with: the manifest's own parameters, and values put in place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.contract import Request
from adapters.manifest_paging import Turn
from adapters.manifest_problem import Problem
from adapters.manifest_resource import Placed
from gateway.model.values import raw_text


@dataclass(slots=True)
class Parts:
    """The query and the JSON body of a request under construction."""

    query: list[tuple[str, str]] = field(default_factory=list)
    body: dict[str, Any] | None = None

    def put(self, where: Placed, words: list[Any], name: str | None = None) -> None:
        """Puts the values where the manifest says; `name` is another parameter or path."""
        texts = [raw_text(word) or "" for word in words]
        if where.body_path is not None:
            value: Any = words[0] if len(words) == 1 else list(words)
            if where.separator is not None:
                value = where.separator.join(texts)
            self.set(name or where.body_path, value)
        elif where.separator is not None:
            self.query.append((name or str(where.param), where.separator.join(texts)))
        else:
            self.query += [(name or str(where.param), text) for text in texts]

    def set(self, path: str, value: Any) -> None:
        """Sets a value at a dotted path of the body."""
        here = self.body = {} if self.body is None else self.body
        *above, last = path.split(".")
        for part in above:
            here = here.setdefault(part, {})
        here[last] = value

    def request(self, path: str, turn: Turn, public: frozenset[str]) -> Request:
        """The whole request of one page."""
        for place, value in turn.body:
            self.set(place, value)
        query = turn.query if turn.instead else (*self.query, *turn.query)
        method = "GET" if self.body is None else "POST"
        return Request(path, method=method, query=tuple(query), json=self.body, public=public)


def parts(params: Mapping[str, Any], body: Mapping[str, Any] | None) -> Parts:
    """The manifest's own parameters, ready to be added to."""
    query = [(name, raw_text(value) or "") for name, value in params.items()]
    return Parts(query, None if body is None else copy.deepcopy(dict(body)))


def check_placed(where: Placed, place: tuple[str, ...], *, other: bool = False) -> None:
    """A value has one place; `other` places count as one.

    Raises:
        Problem: it has none or two.
    """
    if where.param is not None and where.body_path is not None:
        raise Problem(place, "say either param or body_path")
    if where.param is None and where.body_path is None and not other:
        raise Problem(place, "say where the value goes: param or body_path")
