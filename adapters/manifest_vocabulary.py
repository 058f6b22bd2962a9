"""Which fields a record may have, and of which kind: read off the model's own annotations."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from inspect import isclass
from typing import Any

from gateway.model.entity import Entity
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import ProjectRecord
from gateway.model.record import Record, View
from gateway.model.unit import UnitRecord
from gateway.model.values import CountryCode, Date, DateTime

RECORDS: Mapping[Entity, type[Record[Any]]] = {
    Entity.PROJECT: ProjectRecord,
    Entity.ISSUANCE: IssuanceRecord,
    Entity.UNIT: UnitRecord,
}
# Not for manifests: what views are made of, and what needs the place of the record itself.
_INNER = frozenset(
    {"row", "fields", "texts", "parted", "entity", "identifiers", "parent", "origin", "place"}
)
_KINDS: Mapping[Any, str] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    Decimal: "quantity",
    Date: "date",
    DateTime: "instant",
    CountryCode: "country",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field is: `name` for plain values, `texts`, `child` or `children`.

    `enum` is a picklist's, `view` a child's vocabulary. `has_raw` says that the registry's own
    text stands beside it.
    """

    name: str
    enum: type[Enum] | None = None
    view: type[View[Any]] | None = None
    has_raw: bool = False


def vocabulary(view: type[View[Any]]) -> Mapping[str, Kind]:
    """The fields that a view of this vocabulary can declare."""
    hints = typing.get_type_hints(view)
    return {
        name: _kind(hint, f"{name}_raw" in hints)
        for name, hint in hints.items()
        if name not in _INNER and not name.endswith("_raw")
    }


def _kind(hint: Any, has_raw: bool) -> Kind:
    options = [one for one in typing.get_args(hint) if one is not type(None)]
    plain = options[0] if options and typing.get_origin(hint) is not tuple else hint
    if typing.get_origin(plain) is tuple:
        inner = typing.get_args(plain)[0]
        if inner is str:
            return Kind("texts", has_raw=has_raw)
        return Kind("children", view=typing.get_origin(inner))
    origin = typing.get_origin(plain)
    if isclass(origin) and issubclass(origin, View):
        return Kind("child", view=origin)
    if isclass(plain) and issubclass(plain, Enum):
        return Kind("picklist", enum=plain, has_raw=has_raw)
    return Kind(_KINDS[plain], has_raw=has_raw)
