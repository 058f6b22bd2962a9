"""How long the value of a field holds: declared where the field is, read by whoever keeps answers.

An answer that is given again from memory may hold only what is the same now as then; a replay of
kept evidence can be held only to what follows from the evidence. Both read it here, so a field
that nobody thought about cannot be in either: the schema does not build.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphql import GraphQLField, GraphQLSchema, is_interface_type, is_object_type

_KEY = "volatility"


class Volatility(StrEnum):
    """What the value of a field rests on."""

    RECORD = "RECORD"
    """The question and what the registries sent, nothing else."""

    EVIDENCE = "EVIDENCE"
    """This asking, as the evidence keeps it: which exchange, how old a body, which attempt."""

    SETTINGS = "SETTINGS"
    """What this gateway's settings say."""

    KEYED = "KEYED"
    """A key that the operator keeps to himself as well: cursors."""

    MOMENT = "MOMENT"
    """This moment, which nothing keeps: how long it took, when to come again, health."""

    @property
    def repeats(self) -> bool:
        """Whether the same question over the same bytes has the same value in this process."""
        return self in (Volatility.RECORD, Volatility.KEYED)

    @property
    def replays(self) -> bool:
        """Whether the kept evidence and the settings give the same value anywhere."""
        return self not in (Volatility.KEYED, Volatility.MOMENT)


def declared(volatility: Volatility | None) -> Mapping[str, Any]:
    """The metadata of a field that says so; None says nothing, and must be said elsewhere."""
    return {} if volatility is None else {_KEY: volatility}


def volatility_of(field: GraphQLField) -> Volatility:
    """What the field declares. What graphql-core adds, `__typename` and introspection, follows
    from the question alone."""
    strawberry = field.extensions.get("strawberry-definition")
    if strawberry is None:
        return Volatility.RECORD
    found: Volatility = strawberry.metadata[_KEY]
    return found


def check_declared(schema: GraphQLSchema) -> None:
    """Refuses a schema in which some field does not say what its value rests on.

    Raises:
        TypeError: naming every such field.
    """
    silent = [
        f"{kind.name}.{name}"
        for kind in schema.type_map.values()
        if (is_object_type(kind) or is_interface_type(kind)) and not kind.name.startswith("__")
        for name, field in kind.fields.items()
        if not isinstance(_told(field), Volatility)
    ]
    if silent:
        raise TypeError(
            f"these fields declare no volatility (gateway/schema/volatility.py): {silent}"
        )


def _told(field: GraphQLField) -> Any:
    strawberry = field.extensions.get("strawberry-definition")
    return None if strawberry is None else strawberry.metadata.get(_KEY)
