"""A document is measured as if it were written out, in time linear in its length."""

from __future__ import annotations

import time
from typing import Any

import pytest
from graphql import build_schema, get_introspection_query, get_operation_ast
from graphql.execution.values import VariableValues, get_variable_values

from gateway.config import LimitSettings
from gateway.engine.document import Documents
from gateway.engine.limits import check_cost, check_document, parse
from gateway.errors import ParseFailed, TooComplex, ValidationFailed

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type Query {
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      projects(first: Int = 25): ProjectConnection!
      project(id: ID!): Project
      registries: [Registry!]!
      version: String
    }
    type Registry { key: String, name: String }
    type Project implements Node {
      id: ID!
      name: String
      tags: [String!]
      locations: [Location!]
      units(first: Int): UnitConnection!
      related: [Project!]
      sameAs: SameAs!
    }
    type SameAs { projects: [Project!]!, coverage: [String!]! }
    type Location { country: String }
    type ProjectConnection { nodes: [Project!]! edges: [ProjectEdge!]! totalCount: Int }
    type ProjectEdge { node: Project!, cursor: String! }
    type UnitConnection { nodes: [Unit!]! }
    type Unit implements Node { id: ID!, serial: String, project: Project }
    """
)
LIMITS = LimitSettings()


def measure(
    query: str, variables: dict[str, Any] | None = None, limits: LimitSettings = LIMITS
) -> int:
    document = parse(query, limits)
    operation = get_operation_ast(document)
    assert operation is not None
    check_document(document, SCHEMA, limits)
    given = variables or {}
    coerced = get_variable_values(SCHEMA, operation.variable_definitions or (), given)
    known = coerced.coerced if isinstance(coerced, VariableValues) else given
    return check_cost(document, operation, known, SCHEMA, limits)


def refusal(
    query: str, variables: dict[str, Any] | None = None, **limits: int
) -> tuple[str, int, int]:
    settings = LimitSettings.model_validate(limits)
    with pytest.raises(TooComplex) as caught:
        measure(query, variables, settings)
    details = caught.value.details
    assert str(details["measured"]) in caught.value.message
    return details["limit"], details["measured"], details["allowed"]


def test_a_document_over_the_characters_is_refused_before_it_is_read() -> None:
    comment = "#" * 5_000_000
    started = time.process_time()
    assert refusal(comment) == ("document_chars", 5_000_000, 32_000)
    assert time.process_time() - started < 10


def test_tokens_are_counted_and_the_count_is_told() -> None:
    assert refusal("{" + " version" * 2_100 + "}") == ("tokens", 2_102, 2_000)


def test_three_thousand_duplicate_fields_are_refused_quickly() -> None:
    started = time.process_time()
    assert refusal("{" + " id" * 3_000 + "}")[0] == "tokens"
    assert time.process_time() - started < 10


def test_six_hundred_conflicting_arguments_are_refused_quickly() -> None:
    fields = " ".join(f"project(id: {n})" for n in range(600))
    started = time.process_time()
    assert refusal("{" + fields + "}")[0] == "tokens"
    assert time.process_time() - started < 10


def test_comments_have_the_same_limit_as_tokens() -> None:
    assert refusal("#\n" * 2_500 + "{version}") == ("comments", 2_500, 2_000)


def test_brackets_too_deep_for_the_parser_are_no_crash() -> None:
    limit, measured, allowed = refusal("{a(x:" + "[" * 1_900 + "])}")
    assert (limit, allowed) == ("brackets", 100)
    assert measured > 1_000


def test_selections_too_deep_for_the_parser_are_no_crash() -> None:
    with pytest.raises(TooComplex):
        measure("{a" * 900 + "}" * 900)


@pytest.mark.parametrize("query", ["", "{", "{ a(", '{ a(x: "', "query ($a) {b}", "{ a } \\"])
def test_a_syntax_error_keeps_its_place(query: str) -> None:
    with pytest.raises(ParseFailed) as caught:
        parse(query, LIMITS)
    assert caught.value.__cause__ is not None
    assert getattr(caught.value.__cause__, "locations", None)


def test_depth_counts_fields_through_fragments() -> None:
    query = """
      { project(id: 1) { ...A } }
      fragment A on Project { units { ... { ...B } } }
      fragment B on UnitConnection { nodes { project { name } } }
    """
    assert refusal(query, depth=4) == ("depth", 5, 4)
    measure(query, limits=LimitSettings(depth=5))


def test_inline_fragments_cannot_nest_without_end() -> None:
    assert refusal("{" + "...{" * 150 + "version" + "}" * 151) == ("brackets", 151, 100)


def test_aliases_count_again_at_every_spread() -> None:
    query = "{ ...A a: version ...A } fragment A on Query { b: version c: version }"
    assert refusal(query, aliases=4) == ("aliases", 5, 4)


def test_directives_count_again_at_every_spread() -> None:
    query = """
      query @x { ...A ...A @x ... @x { version } }
      fragment A on Query { version @x }
    """
    assert refusal(query, directives=4) == ("directives", 5, 4)


def test_root_fields_are_counted_by_response_name_through_fragments() -> None:
    query = """
      { version ...A ... { b: version } }
      fragment A on Query { version c: version ...B }
      fragment B on Query { d: version ...A2 }
      fragment A2 on Query { version }
    """
    assert refusal(query, root_fields=3) == ("root_fields", 4, 3)


def test_values_cost_one_each() -> None:
    assert measure("{ version }") == 1
    assert measure("{ __typename }") == 1


def test_a_question_to_the_registries_weighs_a_hundred() -> None:
    assert measure("{ project(id: 1) { name } }") == 100 + 1 + 1
    assert measure("{ node(id: 1) { id } }") == 102
    assert measure("{ registries { key } }") == 4 * 2


def test_a_connection_costs_its_first_times_each_node() -> None:
    assert measure("{ projects(first: 10) { nodes { id name } } }") == 100 + 1 + 10 * 3
    assert measure("{ projects { nodes { id name } } }") == 100 + 1 + 25 * 3
    assert measure("{ projects(first: 10) { edges { node { id } cursor } totalCount } }") == (
        100 + 1 + 1 + 10 * (1 + 1 + 1 + 1)
    )


def test_a_connection_reached_by_fragments_costs_the_same() -> None:
    spread = """
      { projects(first: 10) { ...C } }
      fragment C on ProjectConnection { ... { nodes { ...P } } totalCount }
      fragment P on Project { id name }
    """
    assert measure(spread) == measure("{ projects(first: 10) { nodes { id name } totalCount } }")


@pytest.mark.parametrize("given", [{"n": 10}, {}])
def test_first_may_come_from_a_variable_or_its_default(given: dict[str, Any]) -> None:
    query = "query ($n: Int = 10) { projects(first: $n) { nodes { id name } } }"
    assert measure(query, given) == 131


def test_a_first_is_weighed_as_the_number_that_execution_takes_it_for() -> None:
    query = "query ($n: Int) { projects(first: $n) { nodes { id name } } }"
    assert measure(query, {"n": 500.0}) == measure(query, {"n": 500}) == 101 + 500 * 3


def test_a_single_id_where_a_list_is_wanted_is_a_list_of_one() -> None:
    assert measure('{ nodes(ids: "a") { id } }') == 100 + 2
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert measure(query, {"ids": "a"}) == 100 + 2


def test_every_definition_is_weighed_whichever_is_asked_for() -> None:
    wide = "{ projects(first: 500) { nodes { units(first: 500) { nodes { id } } } } }"
    document = parse(f"query A {{ version }} query B {wide}", LIMITS)
    with pytest.raises(TooComplex, match="cost is"):
        check_document(document, SCHEMA, LIMITS)
    unused = f"query A {{ version }} fragment F on Query {wide}"
    with pytest.raises(TooComplex, match="cost is"):
        check_document(parse(unused, LIMITS), SCHEMA, LIMITS)


def test_introspection_beside_a_question_to_registries_costs_ten_times() -> None:
    alone = measure("{ projects { nodes { id } } }") + measure("{ __schema { description } }")
    assert measure("{ projects { nodes { id } } __schema { description } }") == 10 * alone


@pytest.mark.parametrize("given", [0, -1, None, True, "10", [], 2.5])
def test_a_first_that_means_nothing_costs_the_default(given: Any) -> None:
    query = "query ($n: Int) { projects(first: $n) { nodes { id name } } }"
    assert measure(query, {"n": given}) == 176


@pytest.mark.parametrize("first", ["501", "9999999999", "9" * 900])
def test_a_first_over_the_maximum_costs_the_maximum(first: str) -> None:
    assert measure("{ projects(first: " + first + ") { nodes { id name } } }") == 101 + 500 * 3


def test_nested_lists_multiply() -> None:
    query = "{ projects(first: 500) { nodes { units(first: 500) { nodes { id } } } } }"
    limit, measured, allowed = refusal(query)
    assert (limit, measured, allowed) == ("cost", 101 + 500 * (1 + 11 + 500 * 2), 100_000)


def test_edges_cost_a_little_and_children_are_guessed() -> None:
    assert measure("{ project(id: 1) { locations { country } tags } }") == 101 + 4 * 2 + 1
    assert measure("{ project(id: 1) { related { id } } }") == 101 + 10 + 4 * 2


def test_what_has_coverage_of_its_own_costs_a_call() -> None:
    assert measure("{ project(id: 1) { sameAs { coverage } } }") == 101 + 10 + 1 + 1


def test_nodes_cost_as_many_as_their_ids() -> None:
    assert measure('{ nodes(ids: ["a", "b", "c"]) { id } }') == 100 + 3 * 2
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert measure(query, {"ids": ["a"] * 7}) == 100 + 7 * 2
    assert measure(query, {}) == 100 + 4 * 2


def test_a_fragment_bomb_is_weighed_in_a_moment() -> None:
    parts = ["{ ...F0 }"]
    parts += [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(150)]
    parts.append("fragment F150 on Query { a: version }")
    started = time.process_time()
    assert refusal(" ".join(parts)) == ("aliases", 32, 30)
    assert time.process_time() - started < 10


def test_a_long_chain_of_fragments_is_no_crash() -> None:
    parts = ["{ ...F0 }"]
    parts += [f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(98)]
    parts.append("fragment F98 on Query { version }")
    assert measure(" ".join(parts)) == 1


def test_circular_fragments_are_reported() -> None:
    query = """
      { ...A }
      fragment A on Query { ...B }
      fragment B on Query { ...C }
      fragment C on Query { version ... { ...A } }
    """
    with pytest.raises(ValidationFailed, match="'A' within itself via 'B', 'C'"):
        measure(query)
    with pytest.raises(ValidationFailed, match="'A' within itself\\."):
        measure("{ ...A } fragment A on Query { ...A }")
    with pytest.raises(ValidationFailed, match="'Unused' within itself\\."):
        measure("{ version } fragment Unused on Nowhere { ...Unused }")


def test_what_is_not_in_the_schema_is_left_to_validation() -> None:
    assert measure("{ nothing { at { all } } ...Gone }") == 3
    assert measure("{ ... on Nothing { a } version { b } }") == 3
    assert measure("mutation { a { b } }") == 2


def test_the_usual_introspection_is_within_the_limits() -> None:
    assert 0 < measure(get_introspection_query(input_value_deprecation=True)) < 20_000


def test_ten_nested_types_of_introspection_are_allowed() -> None:
    measure("{ __schema { types { kind " + "ofType { kind " * 10 + "}" * 10 + "} } }")


def test_circular_introspection_is_refused_by_its_cost() -> None:
    loop = "fields { type { fields { args { type { possibleTypes { interfaces { "
    query = "{ __schema { types { " + loop * 6 + "name" + " }" * (6 * 7) + " } } }"
    assert refusal(query)[0] == "cost"


def test_fields_that_would_take_long_to_compare_are_refused_as_too_complex() -> None:
    documents = Documents(SCHEMA, LIMITS)
    with pytest.raises(TooComplex, match="fields_of_one_name is 1804050"):
        documents.operation("{ " + "version " * 1900 + "}", None)
