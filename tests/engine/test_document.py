"""Documents: what one was asked as is never what another is, and no text hides a character."""

from __future__ import annotations

import random

import pytest
from graphql import OperationDefinitionNode

from gateway.config import LimitSettings
from gateway.engine.document import Documents
from gateway.engine.limits import parse
from gateway.errors import GatewayError, OperationUnresolved, ParseFailed
from gateway.schema.build import core_schema
from tests.pairs import Sent, pair

LIMITS = LimitSettings()
SCHEMA = core_schema()
P, Q = "query A { p: __typename } #", "query B { q: __typename }"


def prepared(documents: Documents, sent: Sent) -> OperationDefinitionNode | str:
    try:
        return documents.operation(sent.query, sent.name).node
    except GatewayError as error:
        return error.message


def test_a_document_is_never_found_under_another_split_of_name_and_text() -> None:
    documents = Documents(SCHEMA, LIMITS)
    documents.operation(f"{P} {Q}", "A")
    with pytest.raises(OperationUnresolved):
        documents.operation(Q, f"A {P}")


def test_no_name_and_an_empty_name_are_two_things() -> None:
    documents = Documents(SCHEMA, LIMITS)
    documents.operation(Q, None)
    with pytest.raises(OperationUnresolved):
        documents.operation(Q, "")


@pytest.mark.slow
def test_pairs_are_prepared_as_each_is_alone() -> None:
    chance = random.Random("documents")
    documents = Documents(SCHEMA, LIMITS)
    for _ in range(300):
        one, other = pair(chance)
        prepared(documents, one)
        assert prepared(documents, other) == prepared(Documents(SCHEMA, LIMITS), other)


ALLOWED = "\t\n\r"


@pytest.mark.parametrize("place", ["{ __typename # x%sy\n }", "{ __typename }%s", '{ a(b: "%s") }'])
@pytest.mark.parametrize("character", [chr(c) for c in range(0x20) if chr(c) not in ALLOWED])
def test_a_control_character_is_refused_wherever_it_stands(place: str, character: str) -> None:
    with pytest.raises(ParseFailed) as refused:
        parse(place % character, LIMITS)
    at = place.index("%") + 1
    assert f"U+{ord(character):04X}" in refused.value.message
    assert refused.value.details["locations"] == [{"line": 1, "column": at}]


@pytest.mark.parametrize("character", [*ALLOWED, " ", "\x7f", "\u2028", "\U0001f333"])
def test_every_other_character_may_stand_in_a_comment(character: str) -> None:
    parse(f"{{ __typename # {character}\n }}", LIMITS)


def test_a_control_character_may_be_written_as_an_escape() -> None:
    parse(r'{ lookup(scheme: "a\u0000b", value: "\u{1}") { id } }', LIMITS)


def test_conditions_are_those_that_the_operation_reaches() -> None:
    text = """query A($x: [String!]) { projects(registries: $x) { nodes { id } } }
      query B($x: Boolean!, $y: Boolean!) { ...F }
      fragment F on Query { a: __typename @skip(if: $x) ...G }
      fragment G on Query { b: __typename @include(if: $y) }"""
    documents = Documents(SCHEMA, LIMITS)
    text = text.replace("[String!]", "[RegistryKey!]")
    assert documents.operation(text, "A").conditions == ()
    assert documents.operation(text, "B").conditions == ("x", "y")
