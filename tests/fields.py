"""Writes the fields of the schema for verifiers, which have no schema: `python -m tests.fields`."""

from __future__ import annotations

import json
import re
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_introspection_type,
)

from gateway.schema.build import core_schema
from tests.paths import ROOT

TABLE = ROOT / "gateway" / "provenance" / "fields.json"
MODULE = ROOT / "examples" / "verify.mjs"
_BLOCK = re.compile(
    r"(?<=// FIELDS: made by python -m tests\.fields\n).*?(?=// END OF FIELDS\n)", re.S
)


def fields() -> dict[str, Any]:
    """Which types are records, and of every type the fields with the type of objects in them."""
    schema = core_schema()
    node: Any = schema.type_map["Node"]
    types: dict[str, dict[str, str | None]] = {}
    for name, kind in sorted(schema.type_map.items()):
        if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)) and not (
            is_introspection_type(kind)
        ):
            types[name] = {
                field: inner.name if is_composite_type(inner) else None
                for field, one in sorted(kind.fields.items())
                for inner in [get_named_type(one.type)]
            }
    records = sorted({"Node", *(one.name for one in schema.get_possible_types(node))})
    return {"records": records, "types": types}


def table() -> str:
    """The table as the verifier in Python reads it."""
    return json.dumps(fields(), indent=1, sort_keys=True) + "\n"


def module() -> str:
    """The verifier in JavaScript with the table in it: a type a line, `field>Type` for objects."""
    found = fields()
    lines = [f"const RECORDS = {json.dumps(found['records'])};", "const TYPES = readTypes(`"]
    for name, inside in found["types"].items():
        words = [field if kind is None else f"{field}>{kind}" for field, kind in inside.items()]
        lines.append(f"{name}: {' '.join(words)}")
    block = "\n".join([*lines, "`);"]) + "\n"
    text, count = _BLOCK.subn(lambda _: block, MODULE.read_text("utf-8"))
    assert count == 1, f"{MODULE} has no place for the table"
    return text


def main() -> None:
    TABLE.write_text(table(), "utf-8")
    MODULE.write_text(module(), "utf-8")


if __name__ == "__main__":
    main()
