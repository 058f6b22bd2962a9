"""Documents are read as graphql-core reads them, as far as a verifier needs."""

from __future__ import annotations

import random
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from gateway.errors import ProvenanceError
from gateway.provenance.document import (
    MOST_CHARACTERS,
    Document,
    Field,
    Operation,
    Part,
    Selection,
    Spread,
    read_document,
)

NAMES = ["a", "b", "on", "query", "fragment", "null", "_x1", "N"]
BLANKS = [" ", "\n", " , ", '\t# } ... " \n', " \ufeff", "\r\n"]
VALUES = [
    "1",
    "-0.5e+3",
    "$a",
    "null",
    "ENUM",
    "[]",
    "[1 [2], $b]",
    "{}",
    "{a: {b: [$a]} c: 1}",
    '""',
    '"} \\" {"',
    '"\\u007b"',
    '"""a " \\""" } b"""',
]


class Writer:
    """Writes random documents, with all that may stand in them wherever it may stand."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed).choice

    def document(self) -> str:
        parts = [self.operation(name) for name in self.names()]
        parts += [
            f"fragment {name} on {self.pick(NAMES)}{self.directives()}{self.selections(2)}"
            for name in self.names()
            if name != "on"
        ]
        return self.pick(BLANKS).join(parts)

    def names(self) -> list[str]:
        return list(dict.fromkeys(self.pick(NAMES) for _ in range(self.pick([1, 2, 3]))))

    def operation(self, name: str) -> str:
        wanted = self.pick(["Int", "Int!", "[Int!]", "[[Int]!]!"])
        default = self.pick(["", "= 1", '= {a: "$"}', "= [[1] 2]"])
        variables = self.pick(["", f"($a:{wanted}{default} @d, $b : ID!)"])
        head = self.pick(["query", "mutation", "subscription"])
        return f"{head} {name}{variables}{self.directives()}{self.selections(2)}"

    def selections(self, depth: int) -> str:
        rows = [self.selection(depth) for _ in range(self.pick([1, 2, 3]))]
        return "{" + self.pick(BLANKS).join(rows) + "}"

    def selection(self, depth: int) -> str:
        blank, inside = self.pick(BLANKS), self.selections(depth - 1) if depth else ""
        kind = self.pick(["field", "alias", "spread", "part", "on"])
        if kind == "spread":
            return f"...{blank}{self.pick([n for n in NAMES if n != 'on'])}{self.directives()}"
        if kind == "part":
            return f"...{self.directives()}{inside or '{a}'}"
        if kind == "on":
            return f"...on{blank}{self.pick(NAMES)}{self.directives()}{inside or '{a}'}"
        alias = f"{self.pick(NAMES)}{blank}:" if kind == "alias" else ""
        return f"{alias}{self.pick(NAMES)}{blank}{self.arguments()}{self.directives()}{inside}"

    def arguments(self) -> str:
        pair = f"a:{self.pick(VALUES)}{self.pick(BLANKS)}b : {self.pick(VALUES)}"
        return self.pick(["", f"({self.pick(BLANKS)}{pair})"])

    def directives(self) -> str:
        return self.pick(["", f" @skip{self.arguments()}", f" @a @b {self.arguments()}"])


def core(text: str) -> Document:
    """The same out of graphql-core's tree."""
    found = Document()
    for node in parse(text).definitions:
        if isinstance(node, OperationDefinitionNode):
            variables = {
                one.variable.name.value: isinstance(one.type, NonNullTypeNode)
                and one.default_value is None
                for one in node.variable_definitions or ()
            }
            name = node.name.value if node.name else None
            inside = below(node.selection_set)
            found.operations.append(Operation(node.operation.value, name, variables, inside))
        else:
            assert isinstance(node, FragmentDefinitionNode)
            part = Part(node.type_condition.name.value, below(node.selection_set))
            found.fragments[node.name.value] = part
    return found


def below(node: SelectionSetNode | None) -> tuple[Selection, ...]:
    return tuple(map(selected, node.selections)) if node else ()


def selected(node: Any) -> Selection:
    if isinstance(node, FieldNode):
        key = node.alias.value if node.alias else node.name.value
        return Field(key, node.name.value, below(node.selection_set))
    if isinstance(node, FragmentSpreadNode):
        return Spread(node.name.value)
    on = node.type_condition.name.value if node.type_condition else None
    return Part(on, below(node.selection_set))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_well_formed_is_read_as_graphql_core_reads_it(seed: int) -> None:
    for number in range(30):
        text = Writer(seed * 1000 + number).document()
        assert read_document(text) == core(text), text


def test_the_short_form_is_a_query_without_a_name() -> None:
    assert read_document("{a}") == core("{a}")
    assert read_document("{a}").operation(None) == Operation("query", None, {}, (Field("a", "a"),))


def test_descriptions_are_passed_over() -> None:
    found = read_document('"""what"""query A("how" $a: Int) {a}')
    assert found.operation("A").variables == {"a": False}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        "{a",
        "}",
        "{a} b",
        "{a b:}",
        "{a(}",
        "{a(b)}",
        "{a(b:)}",
        "{a(b:[)}",
        "{a(b:])}",
        "{a(b:[1}",
        "{a(b: :)}",
        "{a(b:!)}",
        "{a(b:$1)}",
        "{a ...}",
        "{a @}",
        "{a: 01}",
        "{a ? b}",
        '{a(b:"x)}',
        "query A(a: Int) {a}",
        "query A($a Int) {a}",
        "query A($a: [Int) {a}",
        "query A($a: Int $a: Int) {a}",
        "query A {a} query A {a}",
        "fragment on on A {a}",
        "fragment A in B {a}",
        "fragment A on B {a} fragment A on B {a}",
        "type A {a: Int}",
        "é",
        "",
        "{" + "a{" * 300,
        "#" * (MOST_CHARACTERS + 1),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        read_document(text).operation(None)


def test_an_operation_is_found_by_its_name_or_because_it_is_the_only_one() -> None:
    several = read_document("query A {a} query B {b}")
    assert several.operation("B").inside == (Field("b", "b"),)
    assert read_document("query A {a}").operation(None).name == "A"
    for document, name in [(several, None), (several, "C"), (several, ""), (Document(), None)]:
        with pytest.raises(ProvenanceError):
            document.operation(name)
