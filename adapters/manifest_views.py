"""Views of a manifest: record classes made of the same declared fields as code adapters'."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from adapters.manifest_children import both, child, converted, filled, items, single
from adapters.manifest_convert import (
    CHILD_CONVERTERS,
    CONVERTERS,
    DEFAULTS,
    DEFAULTS_BY_FIELD,
    Convert,
    among,
    coerced,
    picklist,
)
from adapters.manifest_parts import (
    LISTS,
    READERS,
    Parts,
    all_of,
    first_of,
    looked_up,
    of_methodologies,
    unknown_of,
)
from adapters.manifest_problem import Problem
from adapters.manifest_resource import From
from adapters.manifest_rows import ANY, PLAIN, TEXT, Column, Shape, is_key
from adapters.manifest_vocabulary import Kind, vocabulary
from gateway.harmonise.numbers import grouped
from gateway.harmonise.table import Table
from gateway.model.field import computed, constant, listed, mapped, raw, wire
from gateway.model.record import View
from gateway.model.rule import rule_name

Place = tuple[str, ...]
Lookups = Mapping[str, Mapping[str, Any]]

_BRACES = re.compile(r"\{([^{}]*)\}")
_LINK = re.compile(r"https?://")
_LISTS = frozenset({"texts"})


class Views:
    """Makes the view classes of one manifest."""

    def __init__(self, registry: str, lookups: Lookups) -> None:
        self._registry = registry
        self._lookups = lookups
        self.used: set[str] = set()

    def record(
        self,
        base: type[View[Any]],
        fields: Mapping[str, Any],
        shape: Shape,
        place: Place,
        extra: Mapping[str, Any],
    ) -> Any:
        """The record class of these fields; `extra` are declared fields beside them.

        Raises:
            Problem: a field that does not exist, or that cannot come from what it says.
        """
        if "key" not in fields:
            raise Problem(place, "`key` is missing: say where the registry's own key stands")
        made = self._view(shape.name, base, fields, shape, place, extra)
        key = fields["key"]
        if isinstance(key, From) and not key.source:
            raise Problem((*place, "key"), "the key must come from the row: use `from`")
        sources = key.source if isinstance(key, From) else (key,)
        shape.column(sources, TEXT, (*place, "key")).required.append(is_key)
        return made

    def _view(
        self,
        title: str,
        base: type[View[Any]],
        fields: Mapping[str, Any],
        shape: Shape,
        place: Place,
        extra: Mapping[str, Any] | None = None,
    ) -> Any:
        known = vocabulary(base)
        members: dict[str, Any] = {
            "__slots__": (),
            "__module__": f"adapters.manifests.{self._registry.replace('-', '_')}",
            "__doc__": base.__doc__,
            **(extra or {}),
        }
        every = _with_lists(fields, known)
        for name, spec in every.items():
            here = (*place, name)
            if name not in known:
                raise Problem(here, f"there is no field {name}; there are: {', '.join(known)}")
            alone = LISTS.get(name, ("",))[0] not in every
            made = _Field(self, name, known[name], shape, here, alone=alone)
            said = From.model_validate({"from": spec}) if isinstance(spec, str) else spec
            members |= made.declared(said)
        selected = shape.selection

        def recipe(cls: Any) -> dict[str, Any]:
            found: dict[str, Any] = base.recipe.__func__(cls)  # type: ignore[attr-defined]
            told = selected()
            for entry in found.values():
                entry["from"] = [told.get(path, path) for path in entry["from"]]
            return found

        members["recipe"] = classmethod(recipe)
        return type(title, (base,), members)

    def table(self, name: str, field: str, kind: Kind, place: Place) -> Table[Any]:
        """The lookup of that name, its values as the field has them.

        Raises:
            Problem: there is none, or a value that the field cannot have.
        """
        if name not in self._lookups:
            known = ", ".join(sorted(self._lookups)) or "none"
            raise Problem((*place, "lookup"), f"there is no lookup {name}; there are: {known}")
        self.used.add(name)
        entries = {}
        for text, value in self._lookups[name].items():
            try:
                entries[text] = coerced(kind.name, kind.enum, value)
                among(field, entries[text])
            except ValueError as error:
                raise Problem(("lookups", name, text), str(error)) from None
        return Table(f"{self._registry}-{name}", entries)


def _with_lists(fields: Mapping[str, Any], known: Mapping[str, Kind]) -> dict[str, Any]:
    """The fields, and beside each one that reads the first value of a text the list of all of
    them: what is said second would be lost else."""
    made = dict(fields)
    for name, (several, convert) in LISTS.items():
        spec = fields.get(name)
        said = From.model_validate({"from": spec}) if isinstance(spec, str) else spec
        if several in made or several not in known or not isinstance(said, From):
            continue
        if not said.source or (said.convert or name) != name:
            continue
        if known[several].view is None:
            made[several] = said.model_copy(update={"convert": said.convert and convert})
        elif said.lookup is None:
            made[several] = From.model_validate({"from": said.source, "convert": convert})
    return made


class _Field:
    """Declares one field of a view, with the registry's text beside it."""

    def __init__(
        self, views: Views, name: str, kind: Kind, shape: Shape, place: Place, *, alone: bool
    ) -> None:
        # Whether no list of the same values stands beside this one.
        self._alone = alone
        self._views = views
        self._name = name
        self._kind = kind
        self._shape = shape
        self._place = place
        self._title = f"{shape.name}{name.title().replace('_', '')}"

    def declared(self, spec: Any) -> dict[str, Any]:
        """The members of the view class."""
        if isinstance(spec, tuple):
            return {self._name: self._children(spec)}
        said = [
            word
            for word, value in (
                ("from", spec.source),
                ("constant", spec.constant),
                ("template", spec.template),
                ("each", spec.each),
            )
            if value not in (None, ())
        ]
        if len(said) != 1:
            found = " and ".join(said) or "none"
            raise self._problem(f"say one of from, constant, template or each; here is {found}")
        if said == ["constant"]:
            return {self._name: self._constant(spec.constant)}
        if said == ["template"]:
            return {self._name: self._template(spec.template)}
        if said == ["each"]:
            return {self._name: self._each(spec)}
        if spec.fields is not None:
            raise self._problem("fields belongs to each")
        if self._kind.view is not None:
            return {self._name: self._converted_children(spec)}
        return self._plain(spec)

    def _problem(self, message: str) -> Problem:
        return Problem(self._place, message)

    def _constant(self, value: Any) -> Any:
        if self._kind.view is not None:
            raise self._problem("children have no constant; give their fields constants")
        try:
            return constant(coerced(self._kind.name, self._kind.enum, value))
        except ValueError as error:
            raise self._problem(str(error)) from None

    def _plain(self, spec: From) -> dict[str, Any]:
        convert = self._convert(spec)
        kind = TEXT if convert is None else ANY if self._kind.name in _LISTS else PLAIN
        column = self._shape.column(spec.source, kind, self._place)
        if spec.required:
            column.required.append(_present(convert))
        column.grouped = column.grouped or convert is grouped
        if convert is not None:
            parts = self._parts(spec)
            if parts is None:
                return {self._name: mapped(column.name, convert)}
            return {self._name: listed(column.name, convert, unknown_of(parts))}
        members = {self._name: wire(column.name)}
        if self._kind.has_raw:
            members[f"{self._name}_raw"] = raw(column.name)
        return members

    def _convert(self, spec: From) -> Convert | None:
        """The converter of a field; None for a text that stays as it is."""
        kind = self._kind
        name = spec.convert
        if name is None and (spec.lookup is None or kind.name != "text"):
            name = DEFAULTS_BY_FIELD.get(self._name) or DEFAULTS.get(kind.name)
        parts = self._parts(spec)
        if parts is not None and self._name != "methodology":
            rule = rule_name(parts)
            return all_of(parts, rule) if kind.name in _LISTS else first_of(parts, rule)
        convert: Convert | None = None
        if name == "text" and kind.name == "text":
            convert = None
        elif name is not None:
            convert = self._named(name)
        elif kind.enum is not None:
            convert = picklist(kind.enum, f"picklist-{kind.enum.__name__}")
        elif kind.name != "text":
            raise self._problem(f"{self._name} holds several values: give it a convert")
        if spec.lookup is None:
            return convert
        table = self._views.table(spec.lookup, self._name, kind, self._place)
        return table if convert is None or spec.convert is None else _either(table, convert)

    def _parts(self, spec: From) -> Parts | None:
        """How the field's text is read where it may hold several values; None where it holds one,
        or stays as it is."""
        name = spec.convert
        if name is None and spec.lookup is None:
            name = DEFAULTS_BY_FIELD.get(self._name)
        if name is not None and (name == "methodology" or name in READERS):
            convert = self._named(name)
        elif name is not None or self._name not in READERS:
            return None
        table = None
        if spec.lookup is not None:
            table = self._views.table(spec.lookup, self._name, self._kind, self._place)
        if name == "methodology":
            return of_methodologies(table, convert, alone=self._alone)
        read = None if name is None else READERS[name]
        if table is None:
            return read
        return looked_up(table, read)

    def _named(self, name: str) -> Convert:
        if name not in CONVERTERS:
            known = ", ".join(sorted(CONVERTERS))
            raise Problem(
                (*self._place, "convert"), f"there is no converter {name}; there are: {known}"
            )
        gives, convert = CONVERTERS[name]
        if gives != self._kind.name:
            fitting = sorted(n for n, (g, _) in CONVERTERS.items() if g == self._kind.name)
            remedy = f"use one of {', '.join(fitting)}" if fitting else "use a lookup"
            raise Problem(
                (*self._place, "convert"),
                f"{name} gives a {gives}, but {self._name} is a {self._kind.name}; {remedy}",
            )
        return convert

    def _template(self, template: str) -> Any:
        if self._kind.name != "text":
            raise self._problem(f"{self._name} is a {self._kind.name}, and a template gives a text")
        columns: list[Column] = []
        for part in _BRACES.findall(template):
            if not part.strip():
                raise self._problem("{} in a template names nothing")
            columns.append(self._shape.column((part,), TEXT, self._place))
        if not columns:
            raise self._problem("the template holds no {...}; for a fixed text use constant")
        texts = _BRACES.split(template)[::2]
        return computed(
            filled(tuple(texts), tuple(c.name for c in columns), bool(_LINK.match(template))),
            *(column.name for column in columns),
        )

    def _children(self, specs: tuple[Mapping[str, Any], ...]) -> Any:
        base = self._kind.view
        if base is None:
            raise self._problem(f"{self._name} is one value: a list is for children")
        if self._kind.name == "child" and len(specs) != 1:
            raise self._problem(f"{self._name} is one child: give one table in the list")
        found: Callable[[Any], tuple[Any, ...]] | None = None
        inputs: dict[str, None] = {}
        for number, fields in enumerate(specs):
            title = f"{self._title}{number + 1 if len(specs) > 1 else ''}"
            here = (*self._place, str(number))
            view = self._views._view(title, base, fields, self._shape, here)
            names = tuple(n for f in view.fields.values() for n in f.inputs)
            if not names:
                raise self._problem("a child of constants alone is the same for every row")
            inputs |= dict.fromkeys(names)
            one = child(view, names)
            found = one if found is None else both(found, one)
        if found is None:
            raise self._problem("the list names no children")
        return computed(single(found) if self._kind.name == "child" else found, *inputs)

    def _each(self, spec: From) -> Any:
        base = self._kind.view
        if base is None or self._kind.name != "children" or not spec.fields:
            raise self._problem("each is for a list of children: give their fields, too")
        if self._shape.table:
            raise self._problem("the cells of a table hold no lists; use a list of tables")
        inner = Shape(self._title, table=False)
        view = self._views._view(self._title, base, spec.fields, inner, (*self._place, "fields"))
        column = self._shape.column((str(spec.each),), ANY, self._place, inner=inner)
        return computed(items(view, column.name), column.name)

    def _converted_children(self, spec: From) -> Any:
        known = CHILD_CONVERTERS.get(self._name)
        if known is None or spec.convert != known[0] or self._kind.name != "children":
            remedy = f'convert = "{known[0]}"' if known else "a list of tables, or each"
            raise self._problem(f"{self._name} holds children: use {remedy}")
        column = self._shape.column(spec.source, ANY, self._place)
        return computed(converted(known[1], column.name), column.name)


def _present(convert: Convert | None) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        return value is not None and (convert is None or convert(value) not in (None, ()))

    return holds


def _either(table: Convert, convert: Convert) -> Convert:
    def looked_up(value: Any) -> Any:
        found = table(value)
        return convert(value) if found is None else found

    looked_up.rule = f"{rule_name(table)} else {rule_name(convert)}"  # type: ignore[attr-defined]
    return looked_up
