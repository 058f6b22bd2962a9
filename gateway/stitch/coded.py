"""Projects by a code that their records show and that is no key, as other records name them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.errors import BadInput, Incomplete, RegistryNotConfigured
from gateway.model.entity import Entity
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.batch import Batch
from gateway.stitch.codes import Search, search
from gateway.stitch.coverage import Coverage

Coded = tuple[list[Record[Any]], list[Coverage]]


def by_code(ask: Ask, registry: str) -> Batch[str, Coded]:
    """The projects that show a code which is no key, such as the number of a row."""
    slot = ("coded", registry)
    if slot not in ask.loaders:
        ask.loaders[slot] = Batch(partial(_read_codes, ask, registry))
    loader: Batch[str, Coded] = ask.loaders[slot]
    return loader


async def _read_codes(ask: Ask, registry: str, codes: Sequence[str]) -> Sequence[Coded]:
    known = ask.federation.adapters[registry].info.codes
    schemes = [
        (scheme, code.search)
        for scheme, code in known.items()
        if code.entity is Entity.PROJECT and code.search is not None
    ]

    async def one(text: str) -> Coded:
        records: list[Record[Any]] = []
        row = Coverage(registry, exhausted=True)
        for scheme, filter in schemes:
            try:
                records += await search(ask, Search(registry, Entity.PROJECT, filter, text, scheme))
            except RegistryNotConfigured as error:
                row.fail(error, some=False)
            except (Incomplete, BadInput) as error:
                row.undecide(error.message)
        row.returned = len(records)
        return records, [row] if schemes else []

    # A registry that is read whole for the first code is in the cache for the others.
    return [await one(text) for text in codes]
