"""The functions of one compiled operation, made as record classes are met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from graphql import get_named_type

from gateway.engine.leaves import Odd
from gateway.engine.memos import Memos
from gateway.engine.project import Function, Several, Writer
from gateway.engine.shape import FieldShape, ObjectShape

# What a function takes beside its source, for each character of that and each thing it names;
# measured by `benchmarks.documents`.
_PER_CHAR = 6
_PER_NAME = 120


class Projection:
    """Functions by field and record class; `memos` are what they share with all others.

    The functions know what makes those below them, but do not hold the projection that has them:
    what is let go of is gone at once, and need not wait for the collector.
    """

    def __init__(self, memos: Memos | None = None) -> None:
        self.memos = memos or Memos()
        self.size = 0
        self._tables: dict[int, dict[type, Function]] = {}
        self._several: dict[tuple[int, type], Several] = {}

    def grow(self, chars: int, names: int) -> None:
        """Note what a function takes."""
        self.size += chars * _PER_CHAR + names * _PER_NAME

    def table(self, field: FieldShape) -> tuple[dict[type, Function], Callable[[Any], Function]]:
        """The functions by class for a field's object value, and what makes a missing one."""
        known = self._tables.setdefault(id(field), {})
        whole = ref(self)

        def make(value: Any) -> Function:
            writer = Writer(_there(whole), _shape_of(field, value), value.__class__)
            made = known[value.__class__] = writer.function()
            return made

        return known, make

    def several(self, field: FieldShape) -> Callable[[Any], Several]:
        """What gives the function that projects records of one class; it takes the first."""
        whole = ref(self)

        def find(value: Any) -> Several:
            held = _there(whole)
            key = (id(field), value.__class__)
            known = held._several.get(key)
            if known is None:
                writer = Writer(held, _shape_of(field, value), value.__class__)
                known = held._several[key] = writer.several()
            return known

        return find


def _there(whole: ref[Projection]) -> Projection:
    """The projection, which whoever runs its functions holds."""
    found = whole()
    if found is None:
        raise AssertionError("a projection is used that nobody holds")
    return found


def _shape_of(field: FieldShape, value: Any) -> ObjectShape:
    kind: Any = get_named_type(field.definition.type)
    if value is None or isinstance(value, Exception):
        raise Odd(value)
    name = kind.name
    if name not in field.subs:
        name = kind.resolve_type(value, None, kind)
    shape = field.subs[name]
    told = shape.type.is_type_of
    if told is not None and not told(value, None):  # type: ignore[arg-type]
        raise Odd(value)
    return shape
