"""Which columns adapters leave alone on purpose: `python -m tests.ignored` renews the list.

Emulators send every column that was captured or described. So what they send and no adapter
reads is left alone on purpose, and whatever else a registry sends is new.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

from adapters.catalogue import BUILT_IN
from gateway.check_rows import unknown_fields
from tests.conformance.desk import REGISTRIES, desk

FILE = Path(__file__).parents[1] / "adapters" / "ignored.json"
BUILT = tuple(key for key in REGISTRIES if key in BUILT_IN)


async def left_alone(registry: str) -> list[str]:
    """The columns of the registry's emulated rows that its adapter does not read."""
    found: Counter[str] = Counter()
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            records = await at.everything(entity)
            found.update(unknown_fields(records, at.evidence.exchanges) or ())
    return sorted(found)


async def every() -> dict[str, list[str]]:
    """Of all registries that leave anything alone."""
    return {key: columns for key in sorted(BUILT) if (columns := await left_alone(key))}


def written(found: dict[str, list[str]]) -> str:
    """The file's text."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(asyncio.run(every())), "utf-8")
