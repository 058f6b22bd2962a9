"""CAD Trust's governance picklists, whole, as its versions publish them."""

from typing import Any

from gateway.errors import unknown
from gateway.harmonise import picklist as lists
from gateway.model.nearest import nearest
from gateway.schema.described import said, table
from gateway.schema.volatility import Volatility


@table(
    "PicklistValue",
    "A value of a governance picklist (CAD Trust data model, GOVERNANCE).",
    Volatility.RECORD,
)
class PicklistValue:
    value: str = said("The value in its published spelling (CAD Trust).")
    versions: list[str] = said("The versions of the data model that have it (CAD Trust).")
    description: str | None = said("What it means, from CAD Trust's glossary (CAD Trust).")


@table("Picklist", "A governance picklist (CAD Trust data model, GOVERNANCE).", Volatility.RECORD)
class Picklist:
    name: str = said("The list's name (CAD Trust).")
    enforced: bool = said("Whether nodes refuse other values (CAD Trust).")
    values: list[PicklistValue] = said("Its values (CAD Trust).")


def picklist_of(name: str) -> Any:
    """The list of the name.

    Raises:
        BadInput: where there is none, naming the nearest.
    """
    found = lists.picklist(name)
    if found is None:
        near = nearest(name, lists.picklist_names())
        raise unknown(
            "name", name, near, "a picklist", listed="`picklists { name }` lists those there are."
        )
    return found


def all_picklists() -> Any:
    """Every list, by name."""
    return [lists.picklist(name) for name in lists.picklist_names()]
