"""Record leaves: each Node of an answer as one entry of a Merkle tree, so that it can be shown
alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import merkle, shape
from gateway.provenance.canonical import canonical_answer
from gateway.provenance.strict import one_line

TREE = "rfc9162-sha256"

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One Node of an answer: its path below `data`, its global id, and where it came from.

    `sources` holds (index of the exchange, JSON pointer of the row in its body), in order of
    precedence; a record stitched from several rows has several.
    """

    path: Path
    id: str
    sources: tuple[tuple[int, str], ...]

    def entry(self) -> dict[str, Any]:
        """The place as the answer's `records` list prints it."""
        return {
            "path": list(self.path),
            "id": self.id,
            "from": [{"source": source, "pointer": pointer} for source, pointer in self.sources],
        }


def entries(data: Any, places: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The tree's entries: for each place `{from, id, path, value}` in canonical form.

    `places` are entries as printed, in document order; `data` is the answer's `data`. A Node
    inside another is cut to `{"id": ...}` in the outer one, so that no leaf holds another.

    Raises:
        ProvenanceError: a path that leads nowhere, or places out of document order.
    """
    paths = [place["path"] for place in places]
    found = values(data, places)
    _cut(found, paths, places)
    return [
        canonical_answer({"from": place["from"], "id": place["id"], "path": path, "value": value})
        for place, path, value in zip(places, paths, found, strict=True)
    ]


def values(data: Any, places: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The objects at the places, with everything that is in them.

    Raises:
        ProvenanceError: a path that leads nowhere.
    """
    return [_at(data, place["path"]) for place in places]


def check_id(entry: Mapping[str, Any]) -> None:
    """Refuses an entry whose record shows another id than its own, as an alias can make it.

    Raises:
        ProvenanceError: it does.
    """
    shown = shape.mapping(entry["value"], "the record's value").get("id", entry["id"])
    if shown != entry["id"]:
        raise ProvenanceError(
            f"The record {one_line(entry['id'])} shows {one_line(shown)} as its id."
        )


def tree(found: Sequence[bytes]) -> dict[str, Any]:
    """The `records` member of the statement over these entries."""
    leaves = [sha256(b"\x00" + entry).digest() for entry in found]
    return {"alg": TREE, "count": len(leaves), "root": merkle.root(leaves).hex()}


def _at(data: Any, path: Sequence[str | int]) -> dict[str, Any]:
    found = data
    try:
        for step in path:
            # An index must be an index: a negative one or a bool would name a row twice.
            if isinstance(found, list) and (type(step) is not int or step < 0):
                raise TypeError
            found = found[step]
    except (KeyError, IndexError, TypeError):
        raise ProvenanceError(f"the record path {list(path)!r} leads nowhere") from None
    if not isinstance(found, dict):
        raise ProvenanceError(f"the record path {list(path)!r} does not lead to an object")
    return found


def _cut(
    values: list[dict[str, Any]],
    paths: Sequence[list[str | int]],
    places: Sequence[Mapping[str, Any]],
) -> None:
    """Replaces, in copies, each Node inside another by its id."""
    outer: list[int] = []
    owned: dict[int, Any] = {}
    for index, path in enumerate(paths):
        while outer and path[: len(paths[outer[-1]])] != paths[outer[-1]]:
            outer.pop()
        if outer:
            around = outer[-1]
            below = path[len(paths[around]) :]
            if not below:
                raise ProvenanceError(f"the record path {path!r} is there twice")
            values[around] = _replaced(values[around], below, {"id": places[index]["id"]}, owned)
        outer.append(index)


def _replaced(value: Any, path: Sequence[str | int], by: Any, owned: dict[int, Any]) -> Any:
    """`value` with `by` at `path`; containers on the way are copied once, then changed."""
    if not path:
        return by
    if id(value) not in owned:
        value = value.copy()
        # Kept alive by the table, so that its identity is not used again.
        owned[id(value)] = value
    value[path[0]] = _replaced(value[path[0]], path[1:], by, owned)
    return value
