"""Completing values step by step: exact, slow, used where something is odd.

The compiled projection gives up on an object as soon as anything in it is not as expected; this
does it again by the letter of the specification (CompleteValue), with every error in its place.
Reading a record has no effects, so doing it twice is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import inspect, is_iterable

from gateway.engine.run import Nulled, Run, Slot
from gateway.engine.shape import FieldShape, ObjectShape
from gateway.model.record import Record


def complete_object(run: Run, shape: ObjectShape, source: Any, slot: Slot) -> dict[str, Any]:
    """The object's fields, in order.

    Raises:
        Nulled: where a field that may not be null failed; its error is recorded.
    """
    made: dict[str, Any] = {}
    for field in shape.fields:
        nullable = not is_non_null_type(field.definition.type)
        place = Slot(made, field.key, nullable, slot)
        made[field.key] = None
        if field.is_async:
            run.later.append((field, source, place))
            continue
        try:
            made[field.key] = complete_field(run, field, _read(run, field, source), place)
        except Nulled:
            if not nullable:
                raise
        except Exception as error:
            run.fail(error, field, place)
            if not nullable:
                raise Nulled from error
    return made


def _read(run: Run, field: FieldShape, source: Any) -> Any:
    if field.name == "__typename":
        return field.parent.name
    if field.resolver is not None:
        return run.call(field, source)
    value = getattr(source, field.attribute or field.name)
    return value


def complete_field(run: Run, field: FieldShape, value: Any, slot: Slot) -> Any:
    """The field's value as the answer holds it.

    Raises:
        Exception: what graphql-core would locate at this field.
        Nulled: where something inside failed and was recorded.
    """
    return _complete(run, field, field.definition.type, value, slot)


def _complete(run: Run, field: FieldShape, kind: Any, value: Any, slot: Slot) -> Any:
    if isinstance(value, Exception):
        raise value
    if is_non_null_type(kind):
        completed = _complete(run, field, kind.of_type, value, slot)
        if completed is None:
            raise TypeError(
                f"Cannot return null for non-nullable field {field.parent.name}.{field.name}."
            )
        return completed
    if value is None or value is Undefined:
        return None
    if is_list_type(kind):
        return _list(run, field, kind.of_type, value, slot)
    if is_leaf_type(kind):
        return _leaf(kind, value)
    return _composite(run, field, kind, value, slot)


def _list(run: Run, field: FieldShape, kind: Any, value: Any, slot: Slot) -> list[Any]:
    if not is_iterable(value):
        raise GraphQLError(
            f"Expected Iterable, but did not find one for field '{field.parent.name}.{field.name}'."
        )
    made: list[Any] = []
    nullable = not is_non_null_type(kind)
    items: Iterable[Any] = value.values() if isinstance(value, Mapping) else value
    for number, item in enumerate(items):
        made.append(None)
        place = Slot(made, number, nullable, slot)
        try:
            made[number] = _complete(run, field, kind, item, place)
        except Nulled:
            if not nullable:
                raise
        except Exception as error:
            run.fail(error, field, place)
            if not nullable:
                raise Nulled from error
    return made


def _leaf(kind: GraphQLLeafType, value: Any) -> Any:
    coerced = kind.coerce_output_value(value)
    if coerced is Undefined or coerced is None:
        raise TypeError(
            f"Expected `{inspect(kind)}.coerce_output_value({inspect(value)})` to return "
            f"non-nullable value, returned: {inspect(coerced)}"
        )
    return coerced


def _composite(run: Run, field: FieldShape, kind: Any, value: Any, slot: Slot) -> Any:
    actual = kind
    if isinstance(kind, GraphQLInterfaceType):
        if kind.resolve_type is None:
            raise TypeError(f"{kind.name} cannot tell its types apart.")
        name: Any = kind.resolve_type(value, run.info, kind)  # type: ignore[arg-type]
        shape = field.subs[name]
        actual = shape.type
    else:
        shape = field.subs[get_named_type(kind).name]
    check_type(actual, value, field, run)
    if run.records is not None and isinstance(value, Record):
        run.records[slot.path()] = value
    return complete_object(run, shape, value, slot)


def check_type(kind: GraphQLObjectType, value: Any, field: FieldShape, run: Run) -> None:
    """Refuses a value that its object type disowns, as graphql-core does."""
    if kind.is_type_of is not None and not kind.is_type_of(value, run.info):  # type: ignore[arg-type]
        raise GraphQLError(
            f"Expected value of type '{kind.name}' but got: {inspect(value)}.",
            list(field.nodes),
        )
