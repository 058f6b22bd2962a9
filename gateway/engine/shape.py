"""The shape of an operation: which fields of which type, merged and in order.

Made once per operation and per outcome of its `@skip` and `@include` conditions. Follows the
GraphQL specification's CollectFields; graphql-core's `collect_fields` is the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    visit,
)
from graphql.execution.values import VariableValues, get_directive_values

from gateway.schema.batched import BATCHED, Batched

_CONDITIONS = ("skip", "include")


@dataclass(slots=True, eq=False)
class FieldShape:
    """One response key: its definition, its nodes, and how its value is read.

    `attribute` is the record's attribute where the field has no resolver; `batched` resolves
    many parents at once. A `composite` value is an object or, where `listed`, a list of them.
    `varies` says that the arguments hold variables; where they do not, `arguments` are those that
    the resolver takes, once they were converted. `subs` holds the shapes of the value by its
    object type. `mark` is the shape's identity for those who outlive it: holding it holds nothing.
    """

    key: str
    name: str
    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: tuple[FieldNode, ...]
    attribute: str | None
    resolver: Any = None
    is_async: bool = False
    batched: Batched | None = None
    listed: bool = False
    composite: bool = False
    varies: bool = False
    arguments: dict[str, Any] | None = None
    subs: dict[str, ObjectShape] = field(default_factory=dict)
    mark: object = field(default_factory=object)


@dataclass(slots=True, eq=False)
class ObjectShape:
    """A merged selection on one object type; `later` where some field under it must wait."""

    type: GraphQLObjectType
    fields: tuple[FieldShape, ...]
    later: bool = False
    calls: bool = False


class Shaper:
    """Makes the shapes of one operation, its conditions decided; `made` counts the fields."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self.made = 0

    def object(
        self, kind: GraphQLObjectType, selections: Sequence[SelectionSetNode]
    ) -> ObjectShape:
        """The merged selection on an object type."""
        grouped: dict[str, list[FieldNode]] = {}
        for selection_set in selections:
            self._collect(kind, selection_set, grouped, set())
        shapes = tuple(
            shape
            for key, nodes in grouped.items()
            if (shape := self._field(kind, key, nodes)) is not None
        )
        self.made += len(shapes)
        made = ObjectShape(kind, shapes)
        subs = [sub for shape in shapes for sub in shape.subs.values()]
        made.later = any(s.is_async for s in shapes) or any(sub.later for sub in subs)
        made.calls = any(s.resolver is not None for s in shapes) or any(s.calls for s in subs)
        return made

    def _field(
        self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]
    ) -> FieldShape | None:
        name = nodes[0].name.value
        definition = self._schema.get_field(kind, name)
        if definition is None:
            return None
        declared = definition.extensions.get("strawberry-definition")
        made = FieldShape(key, name, kind, definition, tuple(nodes), None)
        if name == "__typename":
            pass
        elif declared is None or declared.base_resolver is None:
            made.attribute = declared.python_name if declared is not None else name
        else:
            made.resolver = declared
            made.is_async = declared.base_resolver.is_async
            made.batched = BATCHED.get((kind.name, name))
            made.varies = any(_has_variables(a.value) for a in nodes[0].arguments or ())
        value = get_named_type(definition.type)
        made.listed = is_list_type(get_nullable_type(definition.type))
        made.composite = is_composite_type(value)
        if is_composite_type(value):
            inner = [node.selection_set for node in nodes if node.selection_set]
            for possible in self._possible(value):
                made.subs[possible.name] = self.object(possible, inner)
        return made

    def _possible(self, kind: Any) -> Iterable[GraphQLObjectType]:
        if is_abstract_type(kind):
            return self._schema.get_possible_types(kind)
        return (cast(GraphQLObjectType, kind),)

    def _collect(
        self,
        kind: GraphQLObjectType,
        selection_set: SelectionSetNode,
        grouped: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(kind, condition.name.value):
                    self._collect(kind, node.selection_set, grouped, seen)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                fragment = self._fragments[name]
                if name in seen or not self._applies(kind, fragment.type_condition.name.value):
                    continue
                seen.add(name)
                self._collect(kind, fragment.selection_set, grouped, seen)

    def _applies(self, kind: GraphQLObjectType, name: str) -> bool:
        condition = self._schema.get_type(name)
        if condition is kind:
            return True
        return is_abstract_type(condition) and self._schema.is_sub_type(condition, kind)

    def _included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip and skip["if"] is True:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (include and include["if"] is False)


def _has_variables(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_has_variables, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variables(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


class _Conditions(Visitor):
    """Finds the variables that decide on `@skip` and `@include`, and the fragments spread."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.spread: list[str] = []

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in _CONDITIONS:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.names.add(argument.value.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        if node.name.value not in self.spread:
            self.spread.append(node.name.value)


def condition_variables(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The variables whose values change which fields are selected, in order.

    Only of the fragments that the operation reaches: a variable of the same name may be another
    thing, of another type, in another operation of the document.
    """
    found = _Conditions()
    visit(operation, found)
    for name in found.spread:
        visit(fragments[name], found)
    return tuple(sorted(found.names))
