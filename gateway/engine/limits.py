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
from gateway.engine.bounds import (
    CLOSE,
    MOST_BRACKETS,
    OPEN,
    check_definitions,
    check_tokens,
    within,
)
from gateway.engine.weight import Weigher, Weight
from gateway.errors import ParseFailed, ValidationFailed

# SourceCharacter of GraphQL's edition of October 2021. That of September 2025 lets them stand in
# strings and comments, where nobody sees them; an escape in a string says the same aloud.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def parse(query: str, limits: LimitSettings) -> DocumentNode:
    """The document, if it is short enough and well formed.

    Raises:
        TooComplex: `document_chars`, `tokens`, `comments`, `brackets` or `name_chars` is over
            its limit.
        ParseFailed: a syntax error, or a control character; the place is with it.
    """
    within("document_chars", len(query), limits.document_chars)
    if (control := _CONTROL.search(query)) is not None:
        raise _control_character(query, control.start())
    try:
        document = parse_document(
            query, max_lexical_tokens=limits.tokens, max_comments=limits.tokens
        )
    except GraphQLError as error:
        _count_tokens(query, limits)
        places = [{"line": at.line, "column": at.column} for at in error.locations or ()]
        raise ParseFailed(error.message, locations=places) from error
    if document.loc is not None:
        check_tokens(document.loc.start_token)
    return document


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
            if token.kind in OPEN:
                brackets += 1
                deepest = max(deepest, brackets)
            elif token.kind in CLOSE:
                brackets -= 1
    except GraphQLError:
        pass
    within("tokens", tokens, limits.tokens)
    within("comments", comments, limits.tokens)
    within("brackets", deepest, MOST_BRACKETS)


def check_document(document: DocumentNode, schema: GraphQLSchema, limits: LimitSettings) -> None:
    """Hold every definition of the document to the limits, used or not, before validation: all
    of them are validated, and some of its rules take long where others are many.

    Where variables decide on the cost, it is the least that it can be.

    Raises:
        TooComplex: naming the limit, what was measured and what is allowed.
        ValidationFailed: a fragment that spreads itself has no size.
    """
    weigher = Weigher(schema, {}, limits.first_max)
    operations = _operations(document)
    for fragment in _innermost_first(document):
        _hold(weigher.weigh_fragment(fragment), limits)
    for operation in operations:
        _hold(weigher.weigh_operation(operation), limits)
    check_definitions(document, limits)


def check_cost(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    schema: GraphQLSchema,
    limits: LimitSettings,
) -> int:
    """The cost of the operation with these variables, coerced, if it is within the limit.

    Raises:
        TooComplex: naming the limit, what was measured and what is allowed.
        ValidationFailed: a fragment that spreads itself has no size.
    """
    weigher = Weigher(schema, variables, limits.first_max)
    for fragment in _innermost_first(document):
        weigher.weigh_fragment(fragment)
    weight = weigher.weigh_operation(operation)
    _hold(weight, limits)
    return weight.cost


def _hold(weight: Weight, limits: LimitSettings) -> None:
    within("depth", weight.depth, limits.depth)
    within("aliases", weight.aliases, limits.aliases)
    within("directives", weight.directives, limits.directives)
    within("cost", weight.cost, limits.cost)


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]


def _innermost_first(document: DocumentNode) -> list[FragmentDefinitionNode]:
    """All fragments, each after those that it spreads."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    ordered: list[FragmentDefinitionNode] = []
    done: set[str] = set()
    # The fragments under way, the outermost first, as a dict is quick to look into.
    trail: dict[str, None] = {}
    stack = [iter(fragments)]
    while stack:
        name = next((n for n in stack[-1] if n in fragments and n not in done), None)
        if name is None:
            stack.pop()
            if trail:
                last, _ = trail.popitem()
                ordered.append(fragments[last])
                done.add(last)
        elif name in trail:
            steps = [*trail]
            via = ", ".join(f"'{step}'" for step in steps[steps.index(name) + 1 :])
            how = f" via {via}" if via else ""
            raise ValidationFailed(f"Cannot spread fragment '{name}' within itself{how}.")
        else:
            trail[name] = None
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
