"""The weight of a selection: its depth, its aliases, its directives and its static cost.

Cost is one for every value and object that may come back, more for what makes calls to
registries. Lists multiply what is selected inside them: a connection by its `first`, `nodes(ids)`
by its ids, the rest by a guess, introspection by what the schema really holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
    is_non_null_type,
)

from gateway.engine.bounds import within

ROOT_CALL = 100
EDGE_CALL = 10
FIRST = 25
CHILDREN = 4
# What asks the schema about itself is not compiled, and takes so many times as long.
MIXED = 10
_MOST_NESTED = 100
_INTROSPECTION_ROOTS = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection comes to; `per_item` is the part that a connection's `first` multiplies."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    per_item: int = 0


class Weigher:
    """Weighs one operation; fragments must be weighed before what spreads them.

    `variables` are coerced, as execution takes them: what is weighed is what will be asked. One
    that is not there leaves its argument to the default.
    """

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any], most: int) -> None:
        self._schema = schema
        self._variables = variables
        self._most = most
        self._fragments: dict[str, Weight] = {}
        self._sizes: dict[str, int] | None = None
        self._introspects = self._calls = False

    def weigh_operation(self, operation: OperationDefinitionNode) -> Weight:
        """The whole operation, its own directives included."""
        root = self._schema.get_root_type(operation.operation)
        weight = self._selections(operation.selection_set, root, 0)
        directives = weight.directives + len(operation.directives or ())
        cost = weight.cost * (MIXED if self._introspects and self._calls else 1)
        return Weight(weight.depth, weight.aliases, directives, cost)

    def weigh_fragment(self, fragment: FragmentDefinitionNode) -> Weight:
        """Remember what every spread of the fragment adds."""
        on = self._schema.get_type(fragment.type_condition.name.value)
        weight = self._selections(fragment.selection_set, on, 0)
        self._fragments[fragment.name.value] = weight
        return weight

    def _selections(
        self, selections: SelectionSetNode, parent: GraphQLNamedType | None, nested: int
    ) -> Weight:
        within("depth", nested, _MOST_NESTED)
        depth = aliases = directives = cost = per_item = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                weight = self._field(node, parent, nested)
            elif isinstance(node, FragmentSpreadNode):
                weight = self._fragments.get(node.name.value, Weight())
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition
                inner = parent if on is None else self._schema.get_type(on.name.value)
                weight = self._selections(node.selection_set, inner, nested + 1)
            else:  # pragma: no cover - GraphQL has no fourth kind of selection
                continue
            depth = max(depth, weight.depth)
            aliases += weight.aliases
            directives += weight.directives + len(node.directives or ())
            cost += weight.cost
            per_item += weight.per_item
        return Weight(depth, aliases, directives, cost, per_item)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, nested: int) -> Weight:
        name = node.name.value
        field = self._definition(parent, name)
        named = get_named_type(field.type) if field else None
        aliases = 1 if node.alias else 0
        inside = Weight()
        if node.selection_set:
            inside = self._selections(node.selection_set, named, nested + 1)
        self._introspects |= name in _INTROSPECTION_ROOTS
        # Introspection is deep by nature, answered here, and priced by the true schema.
        depth = 1 if name in _INTROSPECTION_ROOTS else 1 + inside.depth
        aliases += inside.aliases
        if field is None or named is None:
            return Weight(depth, aliases, inside.directives, 1 + inside.cost)
        each = inside.cost + inside.per_item * self._first(node, field)
        own = self._call(parent, field, named)
        if parent is not None and _is_connection(parent) and _is_list(field):
            return Weight(depth, aliases, inside.directives, own, 1 + each)
        own += self._items(node, parent, field) * (1 + each)
        return Weight(depth, aliases, inside.directives, own)

    def _definition(self, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        if not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
            return None
        return self._schema.get_field(parent, name)

    def _call(
        self, parent: GraphQLNamedType | None, field: GraphQLField, named: GraphQLNamedType
    ) -> int:
        """What asking the registries for this field weighs, beside what comes back."""
        if parent is self._schema.query_type:
            asks = self._asks(named)
            self._calls |= asks
            return ROOT_CALL if asks else 0
        if parent is None or _is_connection(parent) or parent.name.endswith("Edge"):
            return 0
        return EDGE_CALL if self._asks(named) else 0

    def _asks(self, named: GraphQLNamedType) -> bool:
        if _is_connection(named) or named.name == "Node":
            return True
        if isinstance(named, (GraphQLObjectType, GraphQLInterfaceType)):
            # What has coverage of its own was asked for by itself.
            nodes = any(interface.name == "Node" for interface in named.interfaces)
            return nodes or "coverage" in named.fields
        return False

    def _first(self, node: FieldNode, field: GraphQLField) -> int:
        default = field.args["first"].default_value if "first" in field.args else None
        usual = default if isinstance(default, int) else FIRST
        asked = self._argument(node, "first")
        if not isinstance(asked, int) or isinstance(asked, bool) or asked < 1:
            asked = usual
        # The resolver refuses what is out of range, with a better message than "too complex".
        return min(asked, self._most)

    def _items(self, node: FieldNode, parent: GraphQLNamedType | None, field: GraphQLField) -> int:
        if not _is_list(field):
            return 1
        if parent is not None and is_introspection_type(parent):
            return self._introspected(node.name.value)
        ids = self._argument(node, "ids")
        if ids is None:
            return CHILDREN
        # Where a list is wanted, a single value is a list of one.
        return len(ids) if isinstance(ids, (list, tuple)) else 1

    def _argument(self, node: FieldNode, name: str) -> Any:
        """The argument's number or list, as far as the cost needs it."""
        given = next((a.value for a in node.arguments or () if a.name.value == name), None)
        if isinstance(given, VariableNode):
            given = self._variables.get(given.name.value)
        if isinstance(given, IntValueNode):
            return int(given.value) if len(given.value) < 10 else self._most
        if isinstance(given, ListValueNode):
            return given.values
        return given

    def _introspected(self, name: str) -> int:
        if self._sizes is None:
            self._sizes = introspection_sizes(self._schema)
        return self._sizes.get(name, CHILDREN)


def introspection_sizes(schema: GraphQLSchema) -> dict[str, int]:
    """How long the lists of introspection are in this schema: the average, at least one."""
    types = list(schema.type_map.values())
    holders = [t for t in types if isinstance(t, (GraphQLObjectType, GraphQLInterfaceType))]
    fields = [f for t in holders for f in t.fields.values()]
    enums = [len(t.values) for t in types if isinstance(t, GraphQLEnumType)]
    inputs = [len(t.fields) for t in types if isinstance(t, GraphQLInputObjectType)]
    return {
        "types": len(types),
        "directives": len(schema.directives),
        "fields": _share(len(fields), len(types)),
        "args": _share(sum(len(f.args) for f in fields), len(fields)),
        "enumValues": _share(sum(enums), len(types)),
        "inputFields": _share(sum(inputs), len(types)),
        "interfaces": 1,
        "possibleTypes": 1,
    }


def _share(total: int, among: int) -> int:
    return max(1, -(-total // max(1, among)))


def _is_connection(named: GraphQLNamedType) -> bool:
    return named.name.endswith("Connection")


def _is_list(field: GraphQLField) -> bool:
    of = field.type
    if is_non_null_type(of):
        of = of.of_type
    return is_list_type(of) and (is_composite_type(get_named_type(of)))
