"""Documents, parsed, validated and measured once: a bounded cache by name and text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    validate,
)

from gateway.config import LimitSettings
from gateway.engine.limits import check, parse
from gateway.engine.refusal import invalid
from gateway.engine.shape import condition_variables
from gateway.errors import OperationUnresolved, TooComplex

MAX_ERRORS = 10

Key = tuple[str | None, str]


@dataclass(slots=True)
class Operation:
    """A valid operation of a document, and what has been made of it.

    `key` is what the operation was asked by: the name, None where none was given, and the text
    of the document. Two texts are never joined to one: a joint can be part of either.
    `fragments` are those of the document; `conditions` are the variables that decide on `@skip`
    and `@include`. `compiled` is the engine's own; `cost` is known here where no variable can
    change it.
    """

    key: Key
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    cost: int | None = None
    compiled: Any = None


class Documents:
    """Turns query texts into operations; the last `size` of them are kept."""

    def __init__(self, schema: GraphQLSchema, limits: LimitSettings, size: int = 512) -> None:
        self._schema = schema
        self._limits = limits
        self._size = size
        self._known: OrderedDict[Key, Operation] = OrderedDict()

    def operation(self, query: str, name: str | None, variables: Mapping[str, Any]) -> Operation:
        """The operation of that name, within every limit.

        Raises:
            ParseFailed, ValidationFailed, OperationUnresolved, TooComplex.
        """
        key = (name, query)
        found = self._known.get(key)
        if found is None:
            found = self._prepare(key, variables)
            self._known[key] = found
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
            if found.node.variable_definitions:
                check(found.document, found.node, variables, self._schema, self._limits)
        return found

    def _prepare(self, key: Key, variables: Mapping[str, Any]) -> Operation:
        name, query = key
        document = parse(query, self._limits)
        node = _select(document, name)
        # Limits come before validation, which is quadratic on hostile documents.
        cost = check(document, node, variables, self._schema, self._limits)
        errors = validate(self._schema, document, max_errors=MAX_ERRORS)
        # graphql-core gives up alone on fields of one name, whose comparison is quadratic.
        if errors and errors[-1].message == "Validation aborted.":
            raise TooComplex(
                "the query is too complex: too many fields of one name, which would all be merged",
                limit="fields_of_one_name",
            )
        if errors:
            raise invalid(self._schema, document, errors)
        fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        conditions = condition_variables(node, fragments)
        return Operation(key, document, node, fragments, conditions, cost)


def _select(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if not operations:
        raise OperationUnresolved("The document holds no operation.")
    if name is None and len(operations) > 1:
        raise OperationUnresolved("The document holds several operations; give `operationName`.")
    found = next((o for o in operations if name is None or (o.name and o.name.value == name)), None)
    if found is None:
        raise OperationUnresolved(f"The document has no operation called {name!r}.")
    if found.operation is not OperationType.QUERY:
        raise OperationUnresolved("Only queries can be asked; registries are never written to.")
    return found
