"""What GraphQL itself refuses in a request, told with the place of it and the words there are.

graphql-core says what is wrong and what was perhaps meant; here the error gets our codes, the
argument that it is about (`where.country.in[1]`, also where a variable carries it), and for an
enum its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    Node,
    ObjectFieldNode,
    VariableNode,
    is_enum_type,
)

from gateway.errors import BadInput, GatewayError, ValidationFailed

# What is repeated of a message that repeats what was sent, and how many values are listed.
MAX_MESSAGE = 600
MAX_VALUES = 60
_ENUM = re.compile(r"(?:does not exist in|Enum) '(\w+)'")
_VARIABLE = re.compile(r"(?s)Variable '\$(\w+)' has invalid value(?: at ([^:]*))?: (.*)")
_MEANT = "Did you mean "
_QUOTED = re.compile(r"'([^']*)'")


def invalid(
    schema: GraphQLSchema, document: DocumentNode, errors: Sequence[GraphQLError]
) -> ValidationFailed:
    """What is raised for a document that does not fit the schema."""
    places = arguments(document, [node for e in errors for node in e.nodes or ()])
    told: list[dict[str, Any]] = []
    for error in errors:
        place = next((places[id(n)] for n in error.nodes or () if id(n) in places), None)
        message, details = _explained(schema, error.message, error.original_error, place)
        shown = [{"line": p.line, "column": p.column} for p in error.locations or ()]
        extensions = {"code": ValidationFailed.code, **details}
        told.append({"message": message, "locations": shown, "extensions": extensions})
    return ValidationFailed(told[0]["message"], told)


def bad_variable(schema: GraphQLSchema, document: DocumentNode, error: GraphQLError) -> BadInput:
    """What is raised for a variable whose value its type does not take."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    found = _VARIABLE.fullmatch(error.message)
    if found is None:
        return BadInput(_cut(error.message))
    name, inside, message = found.groups()
    place = _carried(document, name) or f"${name}"
    inside = inside or ""
    place += inside if inside.startswith((".", "[")) or not inside else f".{inside}"
    message, details = _explained(schema, message, cause, place)
    details.pop("code", None)
    return BadInput(f"`{place}`: {message}", **{"argument": place, **details})


def arguments(document: DocumentNode, wanted: Sequence[Node]) -> Mapping[int, str]:
    """The argument that each of the nodes is in, by the node's identity; one walk for all."""
    ids = {id(node) for node in wanted}
    return {id(node): place for node, place in _walk(document) if id(node) in ids and place}


def _carried(document: DocumentNode, name: str) -> str | None:
    """The argument that the variable is given to, where it stands first."""
    for node, place in _walk(document):
        if place and isinstance(node, VariableNode) and node.name.value == name:
            return place
    return None


def _walk(document: DocumentNode) -> Iterator[tuple[Node, str]]:
    """Every node in document order with the argument it is in; the empty text for none."""
    pending: list[tuple[Node, str]] = [(document, "")]
    while pending:
        node, place = pending.pop()
        if isinstance(node, ArgumentNode):
            place = f"{place}{node.name.value}"
        elif isinstance(node, DirectiveNode):
            place = f"@{node.name.value}."
        elif isinstance(node, ObjectFieldNode):
            place = f"{place}.{node.name.value}"
        yield node, place
        inner: list[tuple[Node, str]] = []
        for key in node.keys:
            value = getattr(node, key, None)
            if isinstance(value, Node):
                inner.append((value, place))
            elif isinstance(value, (list, tuple)):
                listed = isinstance(node, ListValueNode)
                inner += [
                    (one, f"{place}[{number}]" if listed else place)
                    for number, one in enumerate(value)
                    if isinstance(one, Node)
                ]
        pending += reversed(inner)


def _explained(
    schema: GraphQLSchema, message: str, cause: BaseException | None, place: str | None
) -> tuple[str, dict[str, Any]]:
    details: dict[str, Any] = {}
    if place and place[-1:] != ".":
        details["argument"] = place
    if isinstance(cause, GatewayError):
        return cause.message, {**details, **cause.extensions}
    # Its own words stand last, behind whatever the client wrote.
    _, meant, after = message.rpartition(_MEANT)
    listed, asked, _ = after.partition("?")
    if meant and asked and (near := _QUOTED.findall(listed)):
        details["didYouMean"] = near
    enum = _ENUM.search(message)
    kind = schema.get_type(enum[1]) if enum else None
    if kind is not None and is_enum_type(kind):
        values = list(kind.values)[:MAX_VALUES]
        return f"{_cut(message)} There are: {', '.join(values)}.", {**details, "values": values}
    return _cut(message), details


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."
