"""The reference executor: graphql-core on the Strawberry schema.

It is the meaning of the language here. The compiled executor answers the same, faster, and hands
over what it does not compile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, execute
from graphql.execution.values import VariableValues, get_variable_values

from gateway.config import LimitSettings
from gateway.engine.asking import apply_ask
from gateway.engine.document import Documents, Operation
from gateway.engine.masking import formatted
from gateway.engine.operation import GraphQLRequest, Result
from gateway.engine.refusal import bad_variable
from gateway.errors import BadInput
from gateway.schema.build import core_schema
from gateway.schema.context import Context
from gateway.stages import stage
from gateway.stitch.ask import Ask

_NO_VARIABLES = VariableValues(sources={}, coerced={})


class ReferenceExecutor:
    """Prepares an operation, reads its terms, and has graphql-core execute it.

    `mappings` gives the digest of a registry's published mapping recipe.
    """

    def __init__(
        self,
        limits: LimitSettings,
        *,
        mappings: Callable[[str], str | None] | None = None,
        request_id: Callable[[], str] = lambda: "",
        schema: GraphQLSchema | None = None,
    ) -> None:
        self.schema = schema or core_schema()
        self.limits = limits
        self.documents = Documents(self.schema, limits)
        self.mappings = mappings
        self.request_id = request_id

    async def execute(self, request: GraphQLRequest, context: Any) -> Result:
        """Answers the request; `context` is the operation's `Ask`.

        Raises:
            RequestError: for a request that cannot be executed at all.
        """
        with stage(context.terms.stages, "prepare"):
            operation, _, inner = self.prepare(request, context)
        try:
            return await self.run(operation, request, inner)
        finally:
            # They know the operation, and it them: all its rows would wait for the collector.
            context.loaders.clear()

    def prepare(
        self, request: GraphQLRequest, ask: Ask
    ) -> tuple[Operation, VariableValues, Context]:
        """The operation, its variables and its context, on the terms of its `@ask`.

        Raises:
            RequestError: for a request that cannot be executed at all.
        """
        operation = self.documents.operation(
            request.query, request.operation_name, request.variables
        )
        variables = self.variables(operation, request.variables)
        for name in operation.conditions:
            # `Boolean = true` may stand where `Boolean!` is wanted, and null may be given for it.
            if variables.coerced.get(name) is None:
                raise BadInput(
                    f"The variable ${name} decides on `@skip` or `@include`: give true or false, "
                    "not null.",
                    variable=name,
                )
        now = ask.federation.clock.monotonic()
        apply_ask(ask, operation.node, self.schema, variables, self.limits, now)
        context = Context(ask=ask, request_id=self.request_id(), mappings=self.mappings)
        return operation, variables, context

    async def run(self, operation: Operation, request: GraphQLRequest, context: Context) -> Result:
        """Executes a prepared operation."""
        executed = execute(
            self.schema,
            operation.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        result: ExecutionResult = await executed if isawaitable(executed) else executed
        errors = [formatted(error, context.request_id) for error in result.errors or ()]
        return Result(True, result.data, errors)

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        """The coerced variables.

        Raises:
            BadInput: for a value that its type does not take.
        """
        if not operation.node.variable_definitions:
            return _NO_VARIABLES
        coerced = get_variable_values(
            self.schema,
            operation.node.variable_definitions,
            dict(given),
            max_errors=10,
        )
        if isinstance(coerced, VariableValues):
            return coerced
        raise bad_variable(self.schema, operation.document, coerced[0])
