"""Documents, parsed, measured and validated once: a cache by name and text, bounded in bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    specified_rules,
    validate,
)

from gateway.config import LimitSettings
from gateway.engine.aside import Aside
from gateway.engine.bounds import within
from gateway.engine.limits import check_cost, check_document, parse
from gateway.engine.refusal import invalid
from gateway.engine.refused import Refused
from gateway.engine.shape import condition_variables
from gateway.errors import OperationUnresolved, RequestError, TooComplex
from gateway.kept import Kept

MAX_ERRORS = 10
# Longer texts are read beside the event loop: reading takes some 20 ms for each 1,000 tokens.
SHORT = 600
# What a parsed document takes for each character and beside that; measured, as ratios of what is
# said and what is used, by `benchmarks.documents`.
_PER_CHAR = 160
_LEAST = 4_000

Key = tuple[str | None, bytes]


@dataclass(slots=True)
class Operation:
    """A valid operation of a document, and what has been made of it.

    `key` is what the operation was asked by: the name, None where none was given, and the digest
    of the document's text. Two texts are never joined to one: a joint can be part of either.
    `fragments` are those of the document; `conditions` are the variables that decide on `@skip`
    and `@include`. `compiled` is the engine's own, and says its `size`; `cost` is known here where
    no variable can change it.
    """

    key: Key
    chars: int
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    cost: int | None = None
    compiled: Any = None

    @property
    def size(self) -> int:
        """About how many bytes it takes, with all that was made of it."""
        made = 0 if self.compiled is None else self.compiled.size
        return int(_LEAST + _PER_CHAR * self.chars + made)


class Documents:
    """Turns query texts into operations. Those that come again are kept, within `most` bytes;
    those that were refused are not read again."""

    def __init__(
        self, schema: GraphQLSchema, limits: LimitSettings, most: int = 8 * 1024 * 1024
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._kept = Kept(most)
        self._refused = Refused()
        self._aside = Aside()

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        return self._kept.size + self._refused.size

    @property
    def refused(self) -> int:
        """How many refused documents are remembered."""
        return len(self._refused)

    def operation(self, query: str, name: str | None) -> Operation:
        """The operation of that name, within every limit that needs no variables.

        Raises:
            ParseFailed, ValidationFailed, OperationUnresolved, TooComplex.
        """
        key = self._key(query, name)
        found = self._known(key)
        if found is not None:
            return found
        try:
            return self._keep(self._prepare(key, query))
        except RequestError as error:
            self._refused.learn(key, error)
            raise

    async def prepared(self, query: str, name: str | None) -> Operation:
        """The same; a long text that is new is read beside the event loop.

        Raises:
            ParseFailed, ValidationFailed, OperationUnresolved, TooComplex.
            Overloaded: too many long documents wait to be read.
        """
        if len(query) <= SHORT:
            return self.operation(query, name)
        key = self._key(query, name)
        found = self._known(key)
        if found is not None:
            return found
        try:
            return self._keep(await self._aside.run(self._prepare, key, query))
        except RequestError as error:
            self._refused.learn(key, error)
            raise

    def cost(self, operation: Operation, variables: Mapping[str, Any]) -> int:
        """What the operation costs with these variables, coerced.

        Raises:
            TooComplex: more than is allowed.
        """
        if operation.cost is not None:
            return operation.cost
        return check_cost(operation.document, operation.node, variables, self._schema, self._limits)

    def clear(self) -> None:
        """Forgets the documents; what was refused stays."""
        self._kept.clear()

    def weigh(self, operation: Operation) -> None:
        """Look again at what the operation takes, since more was made of it."""
        self._kept.resize(operation.key, operation, operation.size)

    async def beside(self, work: Any, *given: Any) -> Any:
        """Run other long work where long documents are read."""
        return await self._aside.run(work, *given)

    def _key(self, query: str, name: str | None) -> Key:
        within("document_chars", len(query), self._limits.document_chars)
        return name, hashlib.sha256(query.encode("utf-8", "surrogatepass")).digest()

    def _known(self, key: Key) -> Operation | None:
        found: Operation | None = self._kept.get(key)
        if found is None:
            self._refused.raise_known(key)
        return found

    def _keep(self, operation: Operation) -> Operation:
        self._kept.put(operation.key, operation, operation.size)
        return operation

    def _prepare(self, key: Key, query: str) -> Operation:
        document = parse(query, self._limits)
        node = _select(document, key[0])
        # Limits come before validation, which is quadratic on hostile documents.
        check_document(document, self._schema, self._limits)
        errors = _validated(self._schema, document)
        # graphql-core gives up where rules would take too long.
        if errors and errors[-1].message == "Validation aborted.":
            raise TooComplex(
                "the query is too complex: to compare its fields of one name, and what its "
                "operations share, would take too long",
                limit="validation",
            )
        if errors:
            raise invalid(self._schema, document, errors)
        fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        cost = None
        if not node.variable_definitions:
            cost = check_cost(document, node, {}, self._schema, self._limits)
        conditions = condition_variables(node, fragments)
        return Operation(key, len(query), document, node, fragments, conditions, cost)


def _validated(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with the document. The rules are emptied afterwards: each is in a ring with
    its own methods, and would hold the document until the collector comes."""
    made: list[Any] = []

    def noted(rule: Any) -> Any:
        def make(context: Any) -> Any:
            made.append(rule(context))
            return made[-1]

        return make

    rules: Any = [noted(rule) for rule in specified_rules]
    errors = validate(schema, document, rules, max_errors=MAX_ERRORS)
    for rule in made:
        vars(rule.context).clear()
        vars(rule).clear()
    return errors


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
