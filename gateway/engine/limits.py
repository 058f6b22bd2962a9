"""What one document may ask, measured before any registry is asked.

Everything is counted as if every fragment were written out where it is spread (a fragment that
is spread twice counts twice), yet each fragment is weighed once, so hostile documents take time
linear in their length. Documents that are not valid are measured as far as they make sense; the
validation that follows says what is wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
)
from graphql import (
    parse as parse_document,
)
from graphql.language import Lexer, Source, get_location

from gateway.config import LimitSettings
from gateway.engine.weight import Weigher, Weight, within
from gateway.errors import ParseFailed, ValidationFailed

# Nobody writes brackets this deep by hand, and the parser recurses once for each.
_MOST_BRACKETS = 100

# SourceCharacter of GraphQL's edition of October 2021. That of September 2025 lets them stand in
# strings and comments, where nobody sees them; an escape in a string says the same aloud.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_OPEN = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSE = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


def parse(query: str, limits: LimitSettings) -> DocumentNode:
    """The document, if it is short enough and well formed.

    Raises:
        TooComplex: `document_chars`, `tokens`, `comments` or `brackets` is over its limit.
        ParseFailed: a syntax error, or a control character; the place is with it.
    """
    within("document_chars", len(query), limits.document_chars)
    if (control := _CONTROL.search(query)) is not None:
        raise _control_character(query, control.start())
    try:
        return parse_document(query, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        _count_tokens(query, limits)
        raise ParseFailed(error.message) from error


def _control_character(query: str, at: int) -> ParseFailed:
    place = get_location(Source(query), at)
    return ParseFailed(
        f"The document has the control character U+{ord(query[at]):04X} at line {place.line}, "
        f"column {place.column}; in a string, write it as an escape: \\u{ord(query[at]):04X}.",
        locations=[{"line": place.line, "column": place.column}],
    )


def _count_tokens(query: str, limits: LimitSettings) -> None:
    """Tell a document over the limits from one with a syntax error."""
    lexer = Lexer(Source(query))
    tokens = comments = brackets = deepest = 0
    try:
        token = lexer.token
        while (token := lexer.read_next_token(token.end)).kind is not TokenKind.EOF:
            if token.kind is TokenKind.COMMENT:
                comments += 1
                continue
            tokens += 1
            if token.kind in _OPEN:
                brackets += 1
                deepest = max(deepest, brackets)
            elif token.kind in _CLOSE:
                brackets -= 1
    except GraphQLError:
        pass
    within("tokens", tokens, limits.tokens)
    within("comments", comments, limits.tokens)
    within("brackets", deepest, _MOST_BRACKETS)


def check(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    schema: GraphQLSchema,
    limits: LimitSettings,
) -> int:
    """The static cost of the operation, if it is within every limit.

    `variables` are as the client sent them, not yet coerced.

    Raises:
        TooComplex: naming the limit, what was measured and what is allowed.
        ValidationFailed: a fragment that spreads itself has no size.
    """
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    weigher = Weigher(schema, _given(operation, variables), limits.first_max)
    for name in _innermost_first(operation, fragments):
        weigher.weigh_fragment(fragments[name])
    weight: Weight = weigher.weigh_operation(operation)
    within("root_fields", _root_fields(operation, fragments), limits.root_fields)
    within("depth", weight.depth, limits.depth)
    within("aliases", weight.aliases, limits.aliases)
    within("directives", weight.directives, limits.directives)
    within("cost", weight.cost, limits.cost)
    return weight.cost


def _given(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables, with the syntax nodes of their defaults where the client gave none."""
    defaults = {
        definition.variable.name.value: definition.default_value
        for definition in operation.variable_definitions or ()
    }
    return {**defaults, **variables}


def _innermost_first(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[str]:
    """The fragments that the operation reaches, each after those that it spreads."""
    ordered: list[str] = []
    done: set[str] = set()
    trail: list[str] = []
    stack = [_spreads(operation.selection_set)]
    while stack:
        name = next((n for n in stack[-1] if n in fragments and n not in done), None)
        if name is None:
            stack.pop()
            if trail:
                ordered.append(trail[-1])
                done.add(trail.pop())
        elif name in trail:
            via = ", ".join(f"'{step}'" for step in trail[trail.index(name) + 1 :])
            how = f" via {via}" if via else ""
            raise ValidationFailed(f"Cannot spread fragment '{name}' within itself{how}.")
        else:
            trail.append(name)
            stack.append(_spreads(fragments[name].selection_set))
    return ordered


def _spreads(selections: SelectionSetNode) -> Iterator[str]:
    pending = [selections]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif inner := getattr(node, "selection_set", None):
                pending.append(inner)


def _root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> int:
    """How many different response names the operation has at its root."""
    names: set[str] = set()
    seen: set[str] = set()
    pending = [operation.selection_set]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                names.add((node.alias or node.name).value)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in fragments and name not in seen:
                    seen.add(name)
                    pending.append(fragments[name].selection_set)
            elif inner := getattr(node, "selection_set", None):
                pending.append(inner)
    return len(names)
