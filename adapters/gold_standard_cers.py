"""Gold Standard's CERs: blocks that were the CDM's before, and the CDM project that they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.contract import Reference, References, Source
from adapters.gold_standard_asks import CREDIT_SIZE, credits_of
from adapters.gold_standard_rows import CreditRow, code
from adapters.gold_standard_views import GoldStandardUnit, reference
from adapters.gold_standard_walk import Place, walk
from gateway.harmonise.cer_serials import CDM_REFERENCE
from gateway.model.record import Origin

# A search brings 25 blocks a call. So many calls are made in one question, and for so many
# projects or codes.
PAGES, MOST = 40, 10


async def of_projects(source: Source, keys: Sequence[str]) -> References:
    """What the CERs of these projects name, from each project's newest blocks."""
    asks = [(key, _in(key)) for key in keys[:MOST]]
    return await _read(source, asks, len(keys))


async def naming(source: Source, values: Sequence[str]) -> References:
    """The CERs that name these CDM projects: a serial ends with the reference, after the track."""
    asks = [
        (text, _names(value)) for value in values[:MOST] for text in (f"0-{value}", f"-0{value}")
    ]
    return await _read(source, asks, len(values))


def _in(key: str) -> Callable[[CreditRow], bool]:
    return lambda row: code(row.project) == key


def _names(value: str) -> Callable[[CreditRow], bool]:
    return lambda row: reference(row) == value


async def _read(
    source: Source, asks: Sequence[tuple[str, Callable[[CreditRow], bool]]], wanted: int
) -> References:
    found: dict[str, Reference] = {}
    left: dict[str, None] = {}
    if wanted > MOST:
        left[f"serials were looked at for {MOST} projects of {wanted}; ask for fewer"] = None
    pages = 0
    for number, (text, keeps) in enumerate(asks):
        if pages >= PAGES:
            left[f"serials were looked at by {number} searches of {len(asks)}"] = None
            break
        async for step in walk(source, credits_of(text, keeps), Place(size=CREDIT_SIZE)):
            origin = Origin(source.registry, step.source)
            for index, row in step.rows:
                value = reference(row)
                if value is not None and keeps(row):
                    unit = GoldStandardUnit(row, origin, index)
                    told = Reference(code(row.project), unit, CDM_REFERENCE, value)
                    found.setdefault(row.id, told)
            pages += 1
            if pages >= PAGES and step.next is not None:
                left[f"of the blocks found by {text!r}, only the newest were read"] = None
                break
    return References(tuple(found.values()), "; ".join(left))
