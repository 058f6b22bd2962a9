"""Reading a GraphQL document as far as judging its answer needs: operations, variables, selections.

Whoever verifies need not have a GraphQL library. What the gateway answered was validated by it, so
this need not find every mistake; but whatever is well formed is read as graphql-core reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from gateway.errors import ProvenanceError
from gateway.provenance.strict import one_line

MOST_CHARACTERS = 4 * 1024 * 1024
MOST_DEPTH = 200

# GraphQL, 2.1: what is ignored, punctuators, names, strings, numbers.
_TOKEN = re.compile(
    r"(?P<ignored>[\ufeff\t \n\r,]+|#[^\n\r]*)"
    r"|(?P<mark>\.\.\.|[!$&():=@\[\]{|}])"
    r"|(?P<name>[_A-Za-z][_0-9A-Za-z]*)"
    r'|(?P<text>"""(?:\\"""|(?!""")[\s\S])*+"""|"(?!"")(?:[^"\\\n\r]|\\.)*+")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![._A-Za-z0-9]))"
)
_KINDS = frozenset({"query", "mutation", "subscription"})
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")

Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One selected field: under which key its value stands, its name, what is selected in it."""

    key: str
    name: str
    inside: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The selections of a fragment; `on` is its type condition."""

    on: str | None
    inside: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """The name of a fragment whose selections stand here."""

    fragment: str


Selection = Field | Part | Spread


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `variables` says of each variable whether a value must be given."""

    kind: str
    name: str | None
    variables: Mapping[str, bool]
    inside: tuple[Selection, ...]


@dataclass(slots=True)
class Document:
    """The operations and the named fragments of a document."""

    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, Part] = field(default_factory=dict)

    def operation(self, name: str | None) -> Operation:
        """The operation that a request with this `operationName` asks for.

        Raises:
            ProvenanceError: there is none, or it cannot be told which.
        """
        found = [one for one in self.operations if name is None or one.name == name]
        if not found:
            raise ProvenanceError(
                "the query holds no operation"
                if name is None
                else f"the query has no operation {one_line(name)}, and this was to be answered"
            )
        if len(found) > 1:
            raise ProvenanceError("the query holds several operations, and none is named")
        return found[0]


def read_document(text: str) -> Document:
    """The document of this text.

    Raises:
        ProvenanceError: it is no GraphQL document with operations and fragments alone.
    """
    if len(text) > MOST_CHARACTERS:
        raise ProvenanceError("the query is longer than any that is answered")
    return _Reader(_tokens(text)).document()


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ProvenanceError(f"the query is no GraphQL at character {at}")
        at = match.end()
        if match.lastgroup != "ignored":
            found.append((str(match.lastgroup), match[0]))
    # What is read behind the end is no token.
    return [*found, ("end", "")]


class _Reader:
    """Reads tokens from the left to the right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def document(self) -> Document:
        found = Document()
        while self._tokens[self._at][0] != "end":
            self._description()
            if self._is("{"):
                found.operations.append(Operation("query", None, {}, self._selections(0)))
                continue
            word = self._name()
            if word == "fragment":
                name = self._name()
                if name == "on" or name in found.fragments:
                    self._refuse()
                self._expect("on")
                on = self._name()
                self._directives()
                found.fragments[name] = Part(on, self._selections(0))
            elif word in _KINDS:
                self._operation(found, word)
            else:
                self._refuse()
        return found

    def _operation(self, found: Document, kind: str) -> None:
        name = self._name() if self._tokens[self._at][0] == "name" else None
        if any(one.name == name for one in found.operations):
            self._refuse()
        variables = self._variables() if self._taken("(") else {}
        self._directives()
        found.operations.append(Operation(kind, name, variables, self._selections(0)))

    def _variables(self) -> dict[str, bool]:
        found: dict[str, bool] = {}
        while not self._taken(")"):
            self._description()
            self._expect("$")
            name = self._name()
            if name in found:
                self._refuse()
            self._expect(":")
            needed = self._type()
            if self._taken("="):
                needed = False
                self._value()
            self._directives()
            found[name] = needed
        return found

    def _type(self) -> bool:
        """Whether it is a type whose value may not be left out."""
        lists = 0
        while self._taken("["):
            lists += 1
        self._name()
        for _ in range(lists):
            self._taken("!")
            self._expect("]")
        return self._taken("!")

    def _selections(self, depth: int) -> tuple[Selection, ...]:
        if depth > MOST_DEPTH:
            raise ProvenanceError("the query is nested too deeply to be read")
        self._expect("{")
        found = [self._selection(depth)]
        while not self._taken("}"):
            found.append(self._selection(depth))
        return tuple(found)

    def _selection(self, depth: int) -> Selection:
        if self._taken("..."):
            on = None
            if self._tokens[self._at][0] == "name":
                name = self._name()
                if name != "on":
                    self._directives()
                    return Spread(name)
                on = self._name()
            self._directives()
            return Part(on, self._selections(depth + 1))
        key = name = self._name()
        if self._taken(":"):
            name = self._name()
        if self._taken("("):
            while not self._taken(")"):
                self._argument()
        self._directives()
        return Field(key, name, self._selections(depth + 1) if self._is("{") else ())

    def _directives(self) -> None:
        while self._taken("@"):
            self._name()
            if self._taken("("):
                while not self._taken(")"):
                    self._argument()

    def _argument(self) -> None:
        self._name()
        self._expect(":")
        self._value()

    def _value(self) -> None:
        """Passes over a value; what is in it is the variables' and the gateway's affair."""
        depth = 0
        while True:
            kind, text = self._next()
            if text in _OPENING and kind == "mark":
                depth += 1
            elif text in _CLOSING and kind == "mark":
                depth -= 1
            elif text == "$" and kind == "mark":
                self._name()
            elif kind == "end" or (kind == "mark" and (text != ":" or not depth)):
                self._refuse()
            if depth < 0:
                self._refuse()
            if not depth:
                return

    def _description(self) -> None:
        if self._tokens[self._at][0] == "text":
            self._at += 1

    def _is(self, text: str) -> bool:
        kind, found = self._tokens[self._at]
        return found == text and kind == "mark"

    def _taken(self, mark: str) -> bool:
        there = self._is(mark)
        self._at += there
        return there

    def _expect(self, text: str) -> None:
        if self._next()[1] != text:
            self._refuse()

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            self._refuse()
        return text

    def _next(self) -> Token:
        found = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return found

    def _refuse(self) -> NoReturn:
        place = " ".join(text for _, text in self._tokens[max(0, self._at - 3) : self._at + 1])
        raise ProvenanceError(f"the query cannot be read near {one_line(place)}")
