"""How the decoders of a manifest run in another process: made there from the manifest's own text.

Their rows are of classes that no module has, so what is sent are rows of the class that both
sides make of the same text, with what stands beside them.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from adapters.apart import Apart, freed
from adapters.manifest_records import Records, Rows

R = TypeVar("R")

_MAKER = "adapters.manifest_adapter:decoder"


class Sent(msgspec.Struct, Generic[R]):
    """What is sent of rows of this class, and of what was decoded with them."""

    rows: list[R]
    places: list[int | str]
    unknown: tuple[str, ...]
    lost: int = 0
    why: str = ""
    beside: Any = None


def sent(rows: Rows, beside: Any = None) -> Sent[Any]:
    """The rows as they are sent to another process."""
    return Sent(
        [freed(row) for row, _ in rows.rows],
        [place for _, place in rows.rows],
        rows.unknown,
        rows.lost,
        rows.why,
        freed(beside),
    )


def received(told: Sent[Any]) -> Rows:
    """What was sent."""
    rows = list(zip(told.rows, told.places, strict=True))
    return Rows(rows, told.lost, told.why, told.unknown)


def apart(manifest: str, records: Records, decoder: str, **ways: Any) -> Apart:
    """How another process finds this decoder of the kind of record, and how `send` and `receive`
    make of its value what is sent, and of that the value."""
    row: Any = records.shape.row
    arguments = (manifest, records.entity.value, decoder)
    # Cell by cell, in Python.
    return Apart(_MAKER, arguments, Sent[row], **ways, free=True, slow=True)
