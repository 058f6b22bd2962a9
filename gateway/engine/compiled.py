"""The compiled executor: the operation's projection instead of a walk over its document.

Answers what the reference executor answers. Introspection, and anything that the projection does
not know, is handed to it and counted in `fallbacks`.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    get_nullable_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues

from gateway.engine.complete import complete_field, complete_object
from gateway.engine.document import Operation
from gateway.engine.execute import ReferenceExecutor
from gateway.engine.explain import explain
from gateway.engine.fragment import Written
from gateway.engine.masking import formatted
from gateway.engine.memos import Memos
from gateway.engine.operation import GraphQLRequest, Result
from gateway.engine.places import places
from gateway.engine.projection import Projection
from gateway.engine.repeat import Repeats, rests_on_reads, variables_key
from gateway.engine.run import Nulled, Run, Slot
from gateway.engine.shape import FieldShape, ObjectShape, Shaper
from gateway.errors import BadInput
from gateway.schema.context import Context

MAX_VARIANTS = 16
# What the shape of a field takes; measured by `benchmarks.documents`.
_PER_FIELD = 400


@dataclass(slots=True)
class Variant:
    """One outcome of an operation's conditions: its shape, whether its answer rests on what is
    read alone, and its functions."""

    shape: ObjectShape
    repeats: bool
    fields: int
    projection: Projection


@dataclass(slots=True)
class Compiled:
    """What is kept with an operation: whether it asks the schema about itself, and anything
    else; its variants, by the values of its conditions."""

    introspects: bool
    asks: bool
    variants: OrderedDict[tuple[Any, ...], Variant] = field(default_factory=OrderedDict)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return sum(_PER_FIELD * v.fields + v.projection.size for v in self.variants.values())


class CompiledExecutor(ReferenceExecutor):
    """Runs operations by their compiled projections.

    `fallbacks` counts what these did not do: operations that introspect, and single objects in
    which something was odd. `repeated` counts answers that rest on the bytes of an earlier one.
    """

    fallbacks: Counter[str]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fallbacks = Counter()
        self.repeated = 0
        self._memos = Memos(self.room.values)
        self._written = Written(self.room.lists)
        self._repeats = Repeats(self.room.answers)

    def rest(self) -> None:
        """Nothing was asked for a while: forget what can be made again."""
        self._memos.clear()
        self._written.clear()
        self._repeats.clear()
        self.documents.clear()

    @property
    def kept_bytes(self) -> int:
        """Bytes of what is kept: answers and lists as they were written, documents with what was
        made of them, and what rules made of values."""
        made = self.documents.size + self._memos.size
        return self._written.bytes + self._repeats.bytes + made

    async def run(self, operation: Operation, request: GraphQLRequest, context: Context) -> Result:
        """Executes a prepared operation.

        Raises:
            BadInput: record proofs are requested of an operation that has introspection.
        """
        compiled = operation.compiled or self._compile(operation)
        if compiled.introspects:
            if compiled.asks and context.ask.records:
                # graphql-core does not tell where the records of its answer came from.
                raise BadInput(
                    "Record proofs (level RECORDS) cannot cover introspection: ask `__schema` and "
                    "`__type` in a request of their own."
                )
            self.fallbacks["introspection"] += 1
            if compiled.asks:
                return await super().run(operation, request, context)
            # Nobody is asked, so that nothing waits, and it takes long.
            answer: Result = await self.documents.beside(self.told, operation, request, context)
            return answer
        variables = self.variables(operation, request.variables)
        variant = self._variant(operation, compiled, variables)
        ask, key = context.ask, None
        if variant.repeats and not ask.records:
            told = variables_key(request.variables)
            key = None if told is None else (operation.key, told)
        if key is not None and (again := await self._repeats.again(key, ask)) is not None:
            self.repeated += 1
            return again
        result = await self._run(variant, context, variables)
        return result if key is None else self._repeats.learn(key, ask, result)

    async def _run(self, variant: Variant, context: Context, variables: VariableValues) -> Result:
        # Where each record's place must be known, everything is completed step by step.
        if context.ask.records:
            run = Run(context, variables, complete_field, self._written)
        else:
            projection = variant.projection
            run = Run(context, variables, _completer(projection), self._written, projection.several)
        root: dict[str, Any] = {"data": None}
        slot = Slot(root, "data", True, None)
        try:
            root["data"] = complete_object(run, variant.shape, None, slot)
        except Nulled:
            root["data"] = None
        await run.settle()
        if run.odd:
            self.fallbacks["odd object"] += run.odd
        errors = [formatted(error, context.request_id) for _, error in run.errors]
        return Result(True, root["data"], errors, places(run.records or {}, root["data"]))

    async def explain(self, request: GraphQLRequest, context: Any) -> list[dict[str, Any]]:
        """What the request would ask of which registry, and its price; nothing is asked.

        Raises:
            RequestError: for a request that could not be executed.
        """
        operation, variables, inner, _ = await self.prepare(request, context)
        compiled = operation.compiled or self._compile(operation)
        variant = self._variant(operation, compiled, variables)
        run = Run(inner, variables, None)
        return [price.shown() for price in explain(run, variant.shape)]

    def _compile(self, operation: Operation) -> Compiled:
        roots = _roots(operation)
        introspects = not roots.isdisjoint(("__schema", "__type"))
        asks = any(not name.startswith("__") for name in roots)
        compiled = operation.compiled = Compiled(introspects, asks)
        return compiled

    def _variant(
        self, operation: Operation, compiled: Compiled, variables: VariableValues
    ) -> Variant:
        values: Mapping[str, Any] = variables.coerced
        key = tuple(values.get(name) for name in operation.conditions)
        known = compiled.variants.get(key)
        if known is None:
            query: Any = self.schema.query_type
            shaper = Shaper(self.schema, operation.fragments, variables)
            shape = shaper.object(query, [operation.node.selection_set])
            known = Variant(shape, rests_on_reads(shape), shaper.made, Projection(self._memos))
            compiled.variants[key] = known
            if len(compiled.variants) > MAX_VARIANTS:
                compiled.variants.popitem(last=False)
        return known


def _roots(operation: Operation) -> set[str]:
    """The names of the root fields that the operation may ask."""
    names: set[str] = set()
    seen: set[str] = set()
    pending = [operation.node.selection_set]
    for selection_set in pending:
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                pending.append(operation.fragments[node.name.value].selection_set)
    return names


def _completer(projection: Projection) -> Any:
    """Completes a resolver's value by the projection where it is an object or a list of them."""

    def complete(run: Run, field: FieldShape, value: Any, slot: Slot) -> Any:
        if value is None or not field.composite or isinstance(value, Exception):
            return complete_field(run, field, value, slot)
        if field.listed:
            listed: Any = get_nullable_type(field.definition.type)
            return _list(run, field, listed.of_type, value, slot)
        known, make = projection.table(field)
        marks = len(run.later), len(run.errors)
        try:
            function = known.get(value.__class__) or make(value)
            return function(value, run, slot)
        except Nulled:
            raise
        except Exception:
            return _again(run, field, value, slot, marks)

    def _list(run: Run, field: FieldShape, item: Any, value: Any, slot: Slot) -> Any:
        marks = len(run.later), len(run.errors)
        nullable = not is_non_null_type(item)
        known, make = projection.table(field)
        made: list[Any] = []
        try:
            for number, one in enumerate(value):
                made.append(None)
                if one is not None or not nullable:
                    function = known.get(one.__class__) or make(one)
                    made[number] = function(one, run, Slot(made, number, nullable, slot))
        except Exception:
            return _again(run, field, value, slot, marks)
        return made

    return complete


def _again(run: Run, field: FieldShape, value: Any, slot: Slot, marks: tuple[int, int]) -> Any:
    run.odd += 1
    del run.later[marks[0] :]
    run.forget(marks[1])
    return complete_field(run, field, value, slot)
