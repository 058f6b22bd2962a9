"""The columns of a registry's emulated rows that its adapter does not read.

Emulators send every column that was captured or described. So each of these needs a decision and a
reason in `adapters/ignored`, and whatever else a registry sends is new.
"""

from __future__ import annotations

from collections import Counter

from adapters.catalogue import BUILT_IN
from gateway.check_rows import unknown_fields
from tests.conformance.desk import REGISTRIES, desk

BUILT = tuple(key for key in REGISTRIES if key in BUILT_IN)


async def left_alone(registry: str) -> set[str]:
    """The columns that came and were not read, as dotted paths."""
    found: Counter[str] = Counter()
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            records = await at.everything(entity)
            found.update(unknown_fields(records, at.evidence.exchanges) or ())
    return set(found)
