"""Where each record of an answer came from, in document order, for the record tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.provenance.records import Place

Path = tuple[str | int, ...]


def places(records: Mapping[Path, Any], data: Any) -> tuple[Place, ...]:
    """The places of the records that are in the data; what was nulled has none."""
    if not records:
        return ()
    return tuple(
        Place(path, records[path].id, ((records[path].origin.source, records[path].pointer),))
        for path in _objects(data, ())
        if path in records
    )


def _objects(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from _objects(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _objects(inner, (*path, number))
