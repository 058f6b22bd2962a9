"""One execution of a compiled operation: what waits, what failed, what was nulled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from itertools import groupby
from operator import attrgetter
from typing import Any

from graphql import GraphQLError, located_error
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments

from gateway.engine.fragment import Fragment, Written
from gateway.engine.shape import FieldShape
from gateway.schema.batched import Batched
from gateway.schema.build import build_schema
from gateway.schema.context import Context
from gateway.stages import stage

_origin = attrgetter("origin")


class Slot:
    """A place in the answer: `holder[key]`, whether it may be null, and the place around it."""

    __slots__ = ("around", "holder", "key", "nullable")

    def __init__(self, holder: Any, key: str | int, nullable: bool, around: Slot | None) -> None:
        self.holder = holder
        self.key = key
        self.nullable = nullable
        self.around = around

    def path(self) -> tuple[str | int, ...]:
        """The response path, from the root."""
        keys: list[str | int] = []
        slot: Slot | None = self
        while slot is not None and slot.around is not None:
            keys.append(slot.key)
            slot = slot.around
        return tuple(reversed(keys))


# Lists shorter than this are projected anew each time.
FEW = 16

# For a field, what gives for the first of several values the function that completes them all.
Several = Callable[[FieldShape], Callable[[Any], Callable[[Any, "Run"], Any]]]

# A resolver still to be called: its field, its object, its place.
Waiting = tuple[FieldShape, Any, Slot]


class Nulled(Exception):
    """Internal: a value that may not be null is; the place around it becomes null."""


@dataclass(frozen=True, slots=True)
class LightInfo:
    """What our resolvers use of `info`."""

    context: Context


class Run:
    """State of one execution. `later` holds the resolvers still to be called."""

    def __init__(
        self,
        context: Context,
        variables: VariableValues,
        complete: Any,
        written: Written | None = None,
        several: Several | None = None,
    ) -> None:
        self.context = context
        self.info = LightInfo(context)
        self.variables = variables
        self.later: list[Waiting] = []
        # Objects that were completed step by step, since something about them was odd.
        self.odd = 0
        self.errors: list[tuple[tuple[str | int, ...], GraphQLError]] = []
        self._nulled: set[tuple[str | int, ...]] = set()
        self._arguments: dict[int, dict[str, Any]] = {}
        self._complete = complete
        self._several = several
        self._written = written or Written(0)
        self._stages = context.ask.terms.stages
        self.records: dict[tuple[str | int, ...], Any] | None = {} if context.ask.records else None

    def fail(self, error: Exception, field: FieldShape, slot: Slot) -> None:
        """Records a field's error and nulls the nearest place that may be null."""
        self.null(slot, located_error(error, list(field.nodes), list(slot.path())))

    def null(self, slot: Slot, error: GraphQLError) -> None:
        """Nulls from `slot` outwards, unless that was done already."""
        at: Slot | None = slot
        while at is not None and not at.nullable:
            at = at.around
        if at is None:
            raise AssertionError("the root may always be null")
        path = at.path()
        if any(path[:n] in self._nulled for n in range(len(path) + 1)):
            return
        self._nulled.add(path)
        at.holder[at.key] = None
        self.errors.append((path, error))

    def forget(self, count: int) -> None:
        """Takes back all errors but the first `count`: what they told of is done again."""
        if len(self.errors) > count:
            del self.errors[count:]
            self._nulled = {path for path, _ in self.errors}

    def rows(self, records: Any, field: FieldShape, find: Any) -> Any:
        """Projects records that rest on their rows alone; what is known of unchanged rows is
        not made again."""
        if not records:
            return []
        if len(records) < FEW:
            # Looking for what is known would cost as much.
            first = records[0].__class__
            if all(record.__class__ is first for record in records):
                return find(records[0])(records, self)
        sizes = _runs(records)
        parts: list[Fragment] = []
        at = 0
        for size in sizes:
            part = records[at : at + size]
            at += size
            first = part[0]
            rows = [record.row for record in part]
            key = (field.mark, first.__class__, first.origin.registry)
            made = self._written.get(key, rows)
            if made is None:
                made = Fragment.of(find(first)(part, self))
                self._written.put(key, rows, made)
            parts.append(made)
        return Fragment.joined(parts)

    def arguments(self, field: FieldShape) -> dict[str, Any]:
        """The field's arguments as its resolver takes them, converted once per run, or once for
        all where no variable changes them."""
        known = field.arguments
        if known is None:
            known = self._arguments.get(id(field))
        if known is None:
            given = get_argument_values(
                field.definition, field.nodes[0], self.variables, hide_suggestions=True
            )
            schema = build_schema()
            known = convert_arguments(
                given,
                field.resolver.arguments,
                config=schema.config,
                scalar_registry=schema.schema_converter.scalar_registry,
            )
            self._arguments[id(field)] = known
            if not field.varies:
                field.arguments = known
        return known

    def call(self, field: FieldShape, source: Any) -> Any:
        """Calls the field's resolver."""
        kwargs = self.arguments(field)
        resolver = field.resolver.base_resolver
        if resolver.info_parameter is not None:
            kwargs = {**kwargs, resolver.info_parameter.name: self.info}
        if resolver.self_parameter is not None:
            return resolver.wrapped_func(source, **kwargs)
        return resolver.wrapped_func(**kwargs)

    async def settle(self) -> None:
        """Calls everything that waits, and what comes of it, until nothing waits."""
        waiting, self.later = self.later, []
        work: list[Coroutine[Any, Any, None]] = []
        batches: dict[int, tuple[Batched, list[Waiting]]] = {}
        for entry in waiting:
            batched = entry[0].batched
            if batched is None:
                work.append(self._one(*entry))
            else:
                batches.setdefault(id(entry[0]), (batched, []))[1].append(entry)
        work += [self._many(batched, entries) for batched, entries in batches.values()]
        if len(work) == 1:
            await work[0]
        elif work:
            await _all(work)

    async def _one(self, field: FieldShape, source: Any, slot: Slot) -> None:
        try:
            value = self.call(field, source)
            if isawaitable(value):
                value = await value
        except Exception as error:
            self.fail(error, field, slot)
        else:
            with stage(self._stages, "complete"):
                self._place(field, value, slot)
        if self.later:
            await self.settle()

    async def _many(self, batched: Batched, entries: Sequence[Waiting]) -> None:
        field = entries[0][0]
        try:
            sources = [source for _, source, _ in entries]
            values = await batched(self.info, sources, **self.arguments(field))
        except Exception as error:
            values = [error] * len(entries)
        with stage(self._stages, "complete"):
            if not self._together(field, entries, values):
                for (_, _, slot), value in zip(entries, values, strict=True):
                    self._place(field, value, slot)
        if self.later:
            await self.settle()

    def _together(
        self, field: FieldShape, entries: Sequence[Waiting], values: Sequence[Any]
    ) -> bool:
        """Completes values at once where they are objects of one class under which nothing waits;
        False, with nothing done, where they are not, or anything about them is odd."""
        if self._several is None or field.listed or not field.composite:
            return False
        first = values[0].__class__
        if any(value.__class__ is not first for value in values):
            return False
        if any(sub.later for sub in field.subs.values()):
            return False
        marked = len(self.errors)
        try:
            completed = self._several(field)(values[0])(values, self)
        except Exception:
            self.odd += 1
            self.forget(marked)
            return False
        for (_, _, slot), one in zip(entries, completed, strict=True):
            slot.holder[slot.key] = one
        return True

    def _place(self, field: FieldShape, value: Any, slot: Slot) -> None:
        """Completes a resolver's value, or the exception it raised, in its place."""
        if isinstance(value, Exception):
            # Not raised: one exception may be that of many fields, and each raising adds to it.
            self.fail(value, field, slot)
            return
        marked = len(self.later)
        try:
            slot.holder[slot.key] = self._complete(self, field, value, slot)
        except Nulled:
            # Its error is recorded; only the places around it are left to be nulled.
            del self.later[marked:]
        except Exception as error:
            del self.later[marked:]
            self.fail(error, field, slot)


def _runs(records: Sequence[Any]) -> list[int]:
    """How many records follow each other of one class and one registry."""
    first, many = records[0], len(records)
    kinds, origins = [*map(type, records)], [*map(_origin, records)]
    if kinds.count(first.__class__) == many and origins.count(first.origin) == many:
        return [many]
    sizes = []
    # Records of one page share their origin, and equality looks at identity first.
    for _, group in groupby(records, key=_origin):
        kinds = list(map(type, group))
        if kinds.count(kinds[0]) == len(kinds):
            sizes.append(len(kinds))
        else:
            sizes += [len(list(same)) for _, same in groupby(kinds)]
    return sizes


async def _all(work: Sequence[Any]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(one)
