"""The reference executor: graphql-core on the Strawberry schema.

It is the meaning of the language here. The compiled executor answers the same, faster, and hands
over what it does not compile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, execute
from graphql.execution.values import VariableValues, get_variable_values

from gateway.config import LimitSettings
from gateway.engine.asking import apply_ask
from gateway.engine.bounds import check_variables
from gateway.engine.document import Documents, Operation
from gateway.engine.masking import formatted
from gateway.engine.operation import GraphQLRequest, Result
from gateway.engine.refusal import bad_variable
from gateway.engine.room import Room
from gateway.errors import BadInput
from gateway.model.nearest import nearest, or_else
from gateway.provenance.question import Asked
from gateway.provenance.strict import one_line
from gateway.schema.build import core_schema
from gateway.schema.context import Context
from gateway.stages import stage
from gateway.stitch.ask import Ask
from gateway.upstream.shares import price

_NO_VARIABLES = VariableValues(sources={}, coerced={})


class ReferenceExecutor:
    """Prepares an operation, reads its terms, and has graphql-core execute it.

    `mappings` gives the digest of a registry's published mapping recipe, `room` says how many bytes
    may be kept of what was made.
    """

    def __init__(
        self,
        limits: LimitSettings,
        *,
        mappings: Callable[[str], str | None] | None = None,
        request_id: Callable[[], str] = lambda: "",
        schema: GraphQLSchema | None = None,
        room: Room | None = None,
    ) -> None:
        self.room = room or Room()
        self.schema = schema or core_schema()
        self.limits = limits
        self.documents = Documents(self.schema, limits, self.room.documents)
        self.mappings = mappings
        self.request_id = request_id

    async def execute(self, request: GraphQLRequest, context: Any) -> Result:
        """Answers the request; `context` is the operation's `Ask`.

        Raises:
            RequestError: for a request that cannot be executed at all.
        """
        with stage(context.terms.stages, "prepare"):
            operation, _, inner, cost = await self.prepare(request, context)
        turn = context.terms.turn
        try:
            async with nullcontext() if turn is None else turn(price(cost)):
                return await self.run(operation, request, inner)
        finally:
            self.documents.weigh(operation)
            # They know the operation, and it them: all its rows would wait for the collector.
            context.loaders.clear()

    async def prepare(
        self, request: GraphQLRequest, ask: Ask
    ) -> tuple[Operation, VariableValues, Context, int]:
        """The operation, its variables, its context on the terms of its `@ask`, and its cost.

        Raises:
            RequestError: for a request that cannot be executed at all.
        """
        check_variables(request.variables)
        operation = await self.documents.prepared(request.query, request.operation_name)
        variables = self.variables(operation, request.variables)
        cost = self.documents.cost(operation, variables.coerced)
        for name in operation.conditions:
            # `Boolean = true` may stand where `Boolean!` is wanted, and null may be given for it.
            if variables.coerced.get(name) is None:
                raise BadInput(
                    f"The variable ${name} decides on `@skip` or `@include`: give true or false, "
                    "not null.",
                    variable=name,
                )
        if ask.records:
            _refuse_misnomers(request)
        now = ask.federation.clock.monotonic()
        apply_ask(ask, operation.node, self.schema, variables, self.limits, now)
        context = Context(ask=ask, request_id=self.request_id(), mappings=self.mappings)
        return operation, variables, context, cost

    async def run(self, operation: Operation, request: GraphQLRequest, context: Context) -> Result:
        """Executes a prepared operation."""
        executed = self._executed(operation, request, context)
        return _result(await executed if isawaitable(executed) else executed, context)

    def told(self, operation: Operation, request: GraphQLRequest, context: Context) -> Result:
        """Executes a prepared operation that asks the schema alone, in whatever thread."""
        executed: Any = self._executed(operation, request, context)
        return _result(executed, context)

    def _executed(self, operation: Operation, request: GraphQLRequest, context: Context) -> Any:
        return execute(
            self.schema,
            operation.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        """The coerced variables.

        Raises:
            BadInput: for a variable that the operation does not have, or a value that its type
                does not take.
        """
        if given:
            _refuse_unknown(operation, given)
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


def _result(result: ExecutionResult, context: Context) -> Result:
    errors = [formatted(error, context.request_id) for error in result.errors or ()]
    return Result(True, result.data, errors)


def _refuse_unknown(operation: Operation, given: Mapping[str, Any]) -> None:
    """A variable that means nothing would be signed with the question as if it did."""
    known = [one.variable.name.value for one in operation.node.variable_definitions or ()]
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        hint = or_else(nearest(unknown, known))
        raise BadInput(
            f"The operation has no variable '{one_line(unknown, 80)}'.{hint}",
            variable=unknown[:80],
        )


def _refuse_misnomers(request: GraphQLRequest) -> None:
    """A record that is shown alone must not show one field under the name of another."""
    asked = Asked.of(request.query, request.operation_name)
    for alias, name in asked.misnomers_in_records():
        raise BadInput(
            f"With record proofs, `{alias}` cannot hold `{name}`: it is the name of another "
            f"field. Ask for `{name}` under its own name or another alias.",
            alias=alias,
            field=name,
        )
