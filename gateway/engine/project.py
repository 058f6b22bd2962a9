"""The compiled projection: for each shape and record class, a function that reads just that.

The functions are Python source made from the records' declared fields (`gateway.model.field`):
a wire field is read from the row, a mapped or computed one through a memo per distinct input,
what a registry never gives is a constant null. On anything odd a function raises, or gives the
object up to `gateway.engine.complete`, which does it again by the letter.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from gateway.engine.complete import complete_object
from gateway.engine.leaves import PLAIN, TEXTS, Leaf, Odd, leaf, names
from gateway.engine.run import Run, Slot
from gateway.engine.shape import FieldShape, ObjectShape
from gateway.model.field import Computed, Constant, Field, Mapped, Raw, Wire
from gateway.model.globalid import format_id
from gateway.model.record import Record, View

if TYPE_CHECKING:
    from gateway.engine.projection import Projection

Function = Callable[[Any, Run, Slot | None], dict[str, Any]]
Several = Callable[[list[Any], Run], list[dict[str, Any]]]
_MISSING = object()


class Writer:
    """Writes the source of one function."""

    def __init__(self, projection: Projection, shape: ObjectShape, cls: type) -> None:
        self._projection = projection
        self._shape = shape
        self._cls = cls
        self._fields: dict[str, Field] = cls.fields if issubclass(cls, View) else {}
        self._names: dict[str, Any] = {
            "Odd": Odd,
            "Slot": Slot,
            "SHAPE": shape,
            "again": _again,
            "complete_object": complete_object,
        }
        self._lines: list[str] = []
        self._after: list[str] = []
        self._row = False

    def function(self) -> Function:
        """The function for one object. It raises on anything odd; where resolvers wait below the
        object, it does the object again step by step instead, in its place."""
        entries = self._entries()
        if not self._shape.later:
            body = [*self._opening(), f"return {entries}"]
            return cast(Function, self._made("def project(v, run, slot):", body))
        lines = [*self._opening(), f"d = {entries}", *self._after, "return d"]
        body = [
            "marks = len(run.later), len(run.errors)",
            "try:",
            *(f" {line}" for line in lines),
            "except Exception as error:",
            " return again(run, SHAPE, v, slot, marks, error)",
        ]
        return cast(Function, self._made("def project(v, run, slot):", body))

    def several(self) -> Several:
        """The function for a list of objects of the class under which no resolver waits."""
        entries = self._entries()
        body = ["made = []", "for v in vs:"]
        body += [f" {line}" for line in self._opening()]
        body += [f" made.append({entries})", "return made"]
        return cast(Several, self._made("def project(vs, run):", body))

    def _entries(self) -> str:
        fields = enumerate(self._shape.fields)
        return "{" + ", ".join(f"{f.key!r}: {self._entry(f, f'x{n}')}" for n, f in fields) + "}"

    def _opening(self) -> list[str]:
        return [*(["r = v.row"] if self._row else []), *self._lines]

    def _made(self, head: str, body: list[str]) -> Any:
        source = "\n".join([head, *(f" {line}" for line in body)])
        # The source holds only names made here and response keys printed by repr.
        self._projection.grow(len(source), len(self._names))
        code = _short if len(source) <= _SHORT else _code
        exec(code(source, f"<projection of {self._shape.type.name}>"), self._names)  # noqa: S102
        # Not under its own globals: a function that is let go of then goes at once.
        return self._names.pop("project")

    def _entry(self, field: FieldShape, x: str) -> str:
        """The expression of the field's value in the dict; statements go before or after it."""
        if field.name == "__typename":
            return repr(self._shape.type.name)
        kind: Any = field.definition.type
        nullable = not is_non_null_type(kind)
        if field.is_async:
            self._after.append(
                f"run.later.append(({self._given(field)}, v, "
                f"Slot(d, {field.key!r}, {nullable}, slot)))"
            )
            return "None"
        inner = kind if nullable else kind.of_type
        if is_leaf_type(inner):
            return self._leaf(field, inner, nullable, x)
        self._lines.append(f"{x} = {self._read(field)}")
        if is_list_type(inner):
            return self._list(field, inner.of_type, nullable, x)
        return self._object(field, nullable, x)

    def _leaf(self, field: FieldShape, kind: GraphQLLeafType, nullable: bool, x: str) -> str:
        write = leaf(kind)
        declared = self._fields.get(field.attribute or "")
        if isinstance(declared, Mapped):
            self._mapped(field, declared, kind, write, x)
        elif (fixed := self._fixed(field)) is not _MISSING:
            value = None if fixed is None else write(fixed)
            if value is None and not nullable:
                self._lines.append("raise Odd")
            return self._given(value)
        elif isinstance(declared, Computed) and declared.inputs:
            self._computed(field, declared, kind, write, x)
        elif isinstance(declared, Wire) and kind.name in TEXTS:
            self._row = True
            self._lines += [
                f"{x} = r.{declared.path}",
                f"if {x}.__class__ is not str: {x} = None if {x} is None else "
                f"{self._given(write)}({x})",
                f"elif not {x}: {x} = None",
            ]
        elif self._is_id(field):
            self._id(field, x)
        else:
            self._lines.append(f"{x} = {self._read(field)}")
            if isinstance(declared, Wire):
                self._lines.append(f"if not {x} and {x}.__class__ is str: {x} = None")
            self._written(kind, write, x)
        if not nullable:
            self._lines.append(f"if {x} is None: raise Odd")
        return x

    def _computed(
        self, field: FieldShape, declared: Computed, kind: GraphQLLeafType, write: Leaf, x: str
    ) -> None:
        """Through a memo by the fields that the rule says it reads, where those are plain."""
        function = declared.function

        def make(row: Any) -> Any:
            value = function(row)
            return None if value is None else write(value)

        known, learn = self._memo(field, kind, lambda _, row: make(row))
        plain = self._given(PLAIN)
        self._row = True
        if len(declared.inputs) == 1:
            self._lines.append(f"k = r.{declared.inputs[0]}")
            test = f"k.__class__ in {plain}"
        else:
            parts = [f"k{n}" for n in range(len(declared.inputs))]
            self._lines += [
                f"{k} = r.{path}" for k, path in zip(parts, declared.inputs, strict=True)
            ]
            test = " and ".join(f"{k}.__class__ in {plain}" for k in parts)
            self._lines.append(f"k = ({', '.join(parts)})")
        self._lines += [
            f"if {test}:",
            f" try: {x} = {known}[k]",
            f" except KeyError: {x} = {learn}(k, r)",
            f"else: {x} = {self._given(make)}(r)",
        ]

    def _is_id(self, field: FieldShape) -> bool:
        cls = self._cls
        return (
            field.attribute == "id"
            and issubclass(cls, Record)
            and (cls.id, cls.registry) == (Record.id, Record.registry)
            and bool(getattr(self._fields.get("key"), "inputs", ()))
        )

    def _id(self, field: FieldShape, x: str) -> None:
        declared: Any = self._fields["key"]
        entity: Any = self._cls.entity  # type: ignore[attr-defined]

        def make(registry: str, row: Any) -> Any:
            return format_id(registry, entity, declared.read(row))

        ids, learn = self._memo(field, None, lambda key, row: make(key[0], row))
        parts = [f"k{n}" for n in range(len(declared.inputs))]
        plain = self._given(PLAIN)
        self._row = True
        self._lines += [f"{k} = r.{path}" for k, path in zip(parts, declared.inputs, strict=True)]
        self._lines += [
            f"if {' and '.join(f'{k}.__class__ in {plain}' for k in parts)}:",
            f" k = v.origin.registry, {', '.join(parts)}",
            f" try: {x} = {ids}[k]",
            f" except KeyError: {x} = {learn}(k, r)",
            f"else: {x} = {self._given(make)}(v.origin.registry, r)",
        ]

    def _memo(
        self,
        field: FieldShape,
        kind: GraphQLLeafType | None,
        make: Callable[[Any, Any], Any],
        of: str = "",
    ) -> tuple[str, str]:
        """The names of a memo and of what fills it, for this field of the record class."""
        purpose = (field.attribute, None if kind is None else kind.name, of)
        known, learn = self._projection.memos.of(self._cls, purpose, make)
        return self._given(known), self._given(learn)

    def _mapped(
        self, field: FieldShape, declared: Mapped, kind: GraphQLLeafType, write: Leaf, x: str
    ) -> None:
        convert = declared.convert

        def make(raw: Any) -> Any:
            value = convert(raw)
            return None if value is None else write(value)

        self._row = True
        self._lines.append(f"{x} = r.{declared.path}")
        if kind.name == "DateTime":
            # Hardly any two rows share an instant: looking for it takes as long as reading it.
            self._lines.append(f"if {x} is not None: {x} = {self._given(convert)}({x})")
            self._written(kind, write, x)
            return
        known, learn = self._memo(field, kind, lambda _, raw: make(raw))
        numbers, learn_number = self._memo(field, kind, lambda _, raw: make(raw), "numbers")
        self._lines += [
            f"if {x}.__class__ is str:",
            f" try: {x} = {known}[{x}]",
            f" except KeyError: {x} = {learn}({x}, {x})",
            # Equal numbers are not the same text: 1.5 and 1.50 have keys of their own.
            f"elif {x}.__class__ is {self._given(Decimal)}:",
            f" k = str({x})",
            f" try: {x} = {numbers}[k]",
            f" except KeyError: {x} = {learn_number}(k, {x})",
            f"elif {x} is not None: {x} = {self._given(make)}({x})",
        ]

    def _written(self, kind: GraphQLLeafType, write: Leaf, x: str) -> None:
        if kind.name in TEXTS:
            test = f"{x}.__class__ is not str and {x} is not None"
        elif kind.name == "Int":
            test = f"not ({x}.__class__ is int and -2147483648 <= {x} <= 2147483647 or {x} is None)"
        elif kind.name == "Boolean":
            test = f"{x} is not None and {x} is not True and {x} is not False"
        else:
            test = f"{x} is not None"
        if isinstance(kind, GraphQLEnumType):
            self._lines.append(f"if {test}: {x} = {self._given(names(kind))}[{x}]")
        else:
            self._lines.append(f"if {test}: {x} = {self._given(write)}({x})")

    def _object(self, field: FieldShape, nullable: bool, x: str) -> str:
        if not nullable:
            self._lines.append(f"if {x} is None: raise Odd")
        known, make = self._projection.table(field)
        call = f"({self._given(known)}.get({x}.__class__) or {self._given(make)}({x}))"
        if any(sub.later for sub in field.subs.values()):
            self._after.append(
                f"if {x} is not None: d[{field.key!r}] = "
                f"{call}({x}, run, Slot(d, {field.key!r}, {nullable}, slot))"
            )
            return "None"
        return f"None if {x} is None else {call}({x}, run, None)"

    def _list(self, field: FieldShape, item: Any, nullable: bool, x: str) -> str:
        if not nullable:
            self._lines.append(f"if {x} is None: raise Odd")
        self._lines.append(
            f"if {x} is not None and {x}.__class__ is not list and {x}.__class__ is not tuple:"
            " raise Odd"
        )
        empty = not is_non_null_type(item)
        kind = item if empty else item.of_type
        if is_list_type(kind):
            raise Odd("a list in a list")
        if is_leaf_type(kind):
            one = f"{self._given(leaf(kind))}(i)"
            if empty:
                one = f"None if i is None else {one}"
            else:
                self._lines.append(f"if {x} is not None and None in {x}: raise Odd")
            return f"None if {x} is None else [{one} for i in {x}]"
        known, make = self._projection.table(field)
        call = f"({self._given(known)}.get(i.__class__) or {self._given(make)}(i))"
        maybe = "None if i is None else " if empty else ""
        if not any(sub.later for sub in field.subs.values()):
            made = f"[{maybe}{call}(i, run, None) for i in {x}]"
            if self._remembered(field):
                find = self._given(self._projection.several(field))
                rows = f"run.rows({x}, {self._given(field)}, {find})"
                made = f"({made} if None in {x} else {rows})" if empty else rows
            return f"None if {x} is None else {made}"
        self._after += [
            f"if {x} is not None:",
            f" l = d[{field.key!r}] = [None] * len({x})",
            f" s = Slot(d, {field.key!r}, {nullable}, slot)",
            f" for n, i in enumerate({x}):",
            f"  l[n] = {maybe}{call}(i, run, Slot(l, n, {empty}, s))",
        ]
        return "None"

    def _remembered(self, field: FieldShape) -> bool:
        """Whether the items are records whose projection rests on their rows alone."""
        shapes = list(field.subs.values())
        nodes = all(shape.type.interfaces for shape in shapes)
        return nodes and not any(shape.calls for shape in shapes)

    def _fixed(self, field: FieldShape) -> Any:
        """The value where it is the same for every record of the class."""
        if field.attribute is None or not issubclass(self._cls, View):
            return _MISSING
        declared = self._fields.get(field.attribute)
        if isinstance(declared, Constant):
            return declared.value
        if declared is not None:
            return _MISSING
        value = getattr(self._cls, field.attribute, _MISSING)
        return _MISSING if hasattr(value, "__get__") else value

    def _read(self, field: FieldShape) -> str:
        if field.resolver is not None:
            return f"run.call({self._given(field)}, v)"
        name = field.attribute or field.name
        declared = self._fields.get(name)
        if declared is None:
            fixed = self._fixed(field)
            return f"v.{name}" if fixed is _MISSING else self._given(fixed)
        self._row = True
        if isinstance(declared, Wire):
            return f"r.{declared.path}"
        if isinstance(declared, Raw) and len(declared.inputs) == 1:
            path = f"r.{declared.inputs[0]}"
            return f"{path} if {path}.__class__ is str else {self._given(declared.read)}(r)"
        return f"{self._given(declared.read)}(r)"

    def _given(self, value: Any) -> str:
        if value is None or isinstance(value, (str, int, bool)):
            return repr(value)
        name = f"g{len(self._names)}"
        self._names[name] = value
        return name


def _code(source: str, place: str) -> CodeType:
    return compile(source, place, "exec")


# Documents that differ in little have most of their functions in common, and compiling takes
# longer than all else that is done for a new document.
_SHORT = 8_000
_short = lru_cache(maxsize=512)(_code)


def _again(
    run: Run,
    shape: ObjectShape,
    value: Any,
    slot: Slot | None,
    marks: tuple[int, int],
    error: Exception,
) -> dict[str, Any]:
    """Does an odd object again step by step, once its place is known."""
    later, errors = marks
    run.odd += 1
    del run.later[later:]
    run.forget(errors)
    if slot is None:
        raise error
    return complete_object(run, shape, value, slot)
