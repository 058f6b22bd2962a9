"""Children out of a whole list: the rows that name an asked parent, and those that name none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.question import Parent
from gateway.model.record import Record

LINKS: Mapping[Entity, str] = {Entity.PROJECT: "project_key", Entity.ISSUANCE: "issuance_key"}


def below(records: Iterable[Record[Any]], parent: Parent | None) -> list[Record[Any]]:
    """The records that are, or may be, children of the asked parents; all where none is asked.

    One that names no parent is passed on, so that it can be counted: it may belong to any.
    """
    if parent is None:
        return list(records)
    name, keys = LINKS[parent.entity], Links(parent.keys)
    told = ((record, getattr(record, name, None)) for record in records)
    return [record for record, key in told if key is None or key in keys]
