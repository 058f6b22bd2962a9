"""Kinship: which of the asked parents a row is a child of, and what could not be told.

A row says its parent's key; where it does not, the adapter says whether the row belongs to the
parent's record. A row of which neither tells is no child and not nothing either: it is counted for
each parent that it may belong to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from adapters.contract import Adapter
from gateway.model.entity import Entity
from gateway.model.link import Links, link_form
from gateway.model.question import Parent
from gateway.model.record import Record
from gateway.stitch.ask import Ask

_KEY = {Entity.PROJECT: attrgetter("project_key"), Entity.ISSUANCE: attrgetter("issuance_key")}


class Kinship:
    """Some parents of one registry. `known` are their records, as far as they are at hand."""

    def __init__(self, adapter: Adapter, parent: Parent, known: Mapping[str, Record[Any]]) -> None:
        self.keys = parent.keys
        self._adapter = adapter
        self._key = _KEY[parent.entity]
        self._links = Links(parent.keys)
        self._issuances = parent.entity is Entity.ISSUANCE
        self._known = known
        self._by_project: dict[str | None, list[str]] | None = None

    def parents(self, row: Record[Any]) -> tuple[Sequence[str], Sequence[str]]:
        """The keys of the parents that the row is a child of, and of those it may be one of."""
        told = self._key(row)
        if told is not None:
            found = self._links.find(told)
            return ((), ()) if found is None else ((found,), ())
        if not self._issuances:
            return (), self.keys
        sure: list[str] = []
        unsure: list[str] = []
        for key in self._candidates(row):
            record = self._known.get(key)
            verdict = None if record is None else self._adapter.belongs(row, record)
            if verdict is None:
                unsure.append(key)
            elif verdict:
                sure.append(key)
        return sure, () if sure else unsure

    def _candidates(self, row: Record[Any]) -> Sequence[str]:
        """The issuances of the row's project, where the row and they say it; else all."""
        project = getattr(row, "project_key", None)
        if project is None:
            return self.keys
        if self._by_project is None:
            self._by_project = {}
            for key in self.keys:
                record = self._known.get(key)
                above = getattr(record, "project_key", None)
                form = None if above is None else link_form(above)
                self._by_project.setdefault(form, []).append(key)
        same = self._by_project.get(link_form(project), [])
        return [*same, *self._by_project.get(None, [])]


def kinship(ask: Ask, adapter: Adapter, parent: Parent) -> Kinship:
    """The parents of a question, with the records of them that the operation has read."""
    return Kinship(adapter, parent, known(ask, adapter.info.key, parent.entity))


def known(ask: Ask, registry: str, entity: Entity) -> dict[str, Record[Any]]:
    """The records of one kind whose children are asked for in this operation, by key."""
    found: dict[str, Record[Any]] = ask.loaders.setdefault(("above", registry, entity), {})
    return found


def undecided(count: int) -> str:
    """How rows are told that may be children and do not say of whom."""
    if count == 1:
        return "1 record does not say clearly what it belongs to, and may belong here"
    return f"{count} records do not say clearly what they belong to, and may belong here"
