"""How much may be kept of what answering has made, so that it is not made again."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes: of answers with what was read for them, of lists of records as they were written with
    their rows, of values that rules made, and of documents with what was made of them."""

    answers: int = 4 * _MIB
    lists: int = 8 * _MIB
    values: int = 4 * _MIB
    documents: int = 8 * _MIB
