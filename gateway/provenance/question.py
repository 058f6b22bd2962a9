"""What an answer's question says about it: which operation, whose variables, and aliases that make
one field look like another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance.document import Document, Field, Operation, Selection, Spread, read_document
from gateway.provenance.strict import one_line

# A selection set and the name of the type that it selects from, None where that is not known.
Selected = tuple[str | None, tuple[Selection, ...]]
# An alias, and the field whose value stands under it.
Misnomer = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The operation that was asked, in its document."""

    document: Document
    operation: Operation

    @classmethod
    def of(cls, query: str, operation_name: str | None) -> Asked:
        """The operation of this name.

        Raises:
            ProvenanceError: the query cannot be read, or has no such operation.
        """
        document = read_document(query)
        return cls(document, document.operation(operation_name))

    @property
    def start(self) -> Selected:
        """What the whole answer is selected by."""
        return "Query" if self.operation.kind == "query" else None, self.operation.inside

    def check_variables(self, given: object) -> None:
        """Holds the variables to those that the operation has.

        Raises:
            ProvenanceError: it does not have one of them, or needs one that is not there.
        """
        if not isinstance(given, Mapping):
            raise ProvenanceError("the variables are not an object")
        wanted = self.operation.variables
        if unknown := sorted(set(given) - set(wanted)):
            raise ProvenanceError(f"the operation has no variable {one_line(unknown[0])}")
        missing = [name for name, needed in wanted.items() if needed and given.get(name) is None]
        if missing:
            raise ProvenanceError(f"the operation needs the variable {one_line(missing[0])}")

    def misnomers(self) -> list[Misnomer]:
        """The aliases anywhere in the answer that are the name of another field."""
        return list(dict.fromkeys(self._misnomers([self.start], into_records=True)))

    def misnomers_at(self, path: Sequence[str | int]) -> list[Misnomer]:
        """The same in the record that stands there, as far as it is told by its own entry."""
        found = [self.start]
        for step in path:
            if isinstance(step, str):
                found = [
                    (_type(kind, one.name), one.inside)
                    for kind, one in self._fields(found)
                    if one.key == step
                ]
        return list(dict.fromkeys(self._misnomers(found, into_records=False)))

    def misnomers_in_records(self) -> list[Misnomer]:
        """The same in every record of the answer."""
        every = self._walked([self.start], into_records=True)
        records = [(inner, one.inside) for _, one, inner in every if inner in _schema().records]
        return list(dict.fromkeys(self._misnomers(records, into_records=False)))

    def _misnomers(self, start: Iterable[Selected], *, into_records: bool) -> Iterator[Misnomer]:
        for kind, one, _ in self._walked(start, into_records=into_records):
            if one.key != one.name and one.key in _names(kind):
                yield one.key, one.name

    def _walked(
        self, start: Iterable[Selected], *, into_records: bool
    ) -> Iterator[tuple[str | None, Field, str | None]]:
        """Every field below: the type it is of, itself, and the type of what is in it."""
        waiting = list(start)
        seen: set[tuple[str | None, int]] = set()
        while waiting:
            for kind, one in self._fields([waiting.pop(0)]):
                inner = _type(kind, one.name)
                yield kind, one, inner
                # What several fragments select is looked at once.
                place = inner, id(one.inside)
                if one.inside and place not in seen:
                    seen.add(place)
                    if into_records or inner not in _schema().records:
                        waiting.append((inner, one.inside))

    def _fields(self, sets: Iterable[Selected]) -> Iterator[tuple[str | None, Field]]:
        """The fields of these selection sets, fragments opened, each with the type it is of."""
        opened: set[str] = set()
        waiting = [(kind, one) for kind, inside in sets for one in inside][::-1]
        while waiting:
            kind, one = waiting.pop()
            if isinstance(one, Field):
                yield kind, one
                continue
            if isinstance(one, Spread):
                if one.fragment in opened:
                    continue
                opened.add(one.fragment)
                if one.fragment not in self.document.fragments:
                    name = one_line(one.fragment)
                    raise ProvenanceError(f"the query has no fragment {name}")
                one = self.document.fragments[one.fragment]
            waiting += [(one.on or kind, inner) for inner in reversed(one.inside)]


def told(misnomer: Misnomer) -> str:
    """What to say about an alias that is the name of another field."""
    alias, name = misnomer
    return f"the answer's `{alias}` holds `{name}`"


@dataclass(frozen=True, slots=True)
class _Schema:
    """The fields of every type with the types of what is in them; which types are records."""

    types: Mapping[str, Mapping[str, str | None]]
    records: frozenset[str]
    of_records: frozenset[str]
    every: frozenset[str]


@cache
def _schema() -> _Schema:
    text = files("gateway.provenance").joinpath("fields.json").read_text("utf-8")
    found: Any = json.loads(text)
    types, records = found["types"], found["records"]
    return _Schema(
        types,
        frozenset(records),
        frozenset(name for record in records for name in types[record]),
        frozenset(name for inside in types.values() for name in inside),
    )


def _type(kind: str | None, name: str) -> str | None:
    return _schema().types.get(kind or "", {}).get(name)


def _names(kind: str | None) -> frozenset[str]:
    """The names that mean a field where something of this type, or a record, is expected."""
    found = _schema()
    inside = found.types.get(kind or "")
    # A type that came after this table may have any of them.
    names = found.every if inside is None else found.of_records.union(inside)
    return names | {"__typename"}
