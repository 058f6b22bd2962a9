"""Gold Standard's issuances: the blocks of a project, batch and vintage, put together again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from adapters.contract import Page, Source
from adapters.gold_standard_asks import CREDIT_SIZE
from adapters.gold_standard_rows import BatchRow, CreditRow, issuance_key
from adapters.gold_standard_views import GoldStandardIssuance
from adapters.gold_standard_walk import Ask, Place, Step, place, walk
from gateway.model.record import Origin


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and the body it came in."""

    row: CreditRow
    source: int
    index: int


async def whole(source: Source, ask: Ask[CreditRow]) -> list[GoldStandardIssuance]:
    """The issuances of all blocks that the ask means, with their totals, newest block first.

    Right only for an ask that holds every block of each issuance that it holds one of.
    """
    steps = [step async for step in walk(source, ask, Place(size=CREDIT_SIZE))]
    return batches(source.registry, steps)


def batches(registry: str, steps: list[Step[CreditRow]]) -> list[GoldStandardIssuance]:
    """The issuances that the steps hold whole."""
    found: dict[str, list[Placed]] = {}
    for step in steps:
        for index, row in step.rows:
            key = issuance_key(row)
            if key is not None:
                found.setdefault(key, []).append(Placed(row, step.source, index))
    return [_issuance(registry, blocks, True) for blocks in found.values()]


async def streamed(
    source: Source, ask: Ask[CreditRow], token: str | None, at_once: int
) -> AsyncIterator[Page]:
    """The issuances of a long list, each where its newest block stands, without totals.

    Whether a block is its issuance's newest shows only from the blocks before it, so a walk that
    goes on from a token reads its way there again, mostly from the cache. Lists of up to
    `at_once` blocks are read whole, and so have totals.
    """
    resumed = place(token or None, CREDIT_SIZE)
    seen: set[str] = set()
    steps = walk(source, ask, Place(size=CREDIT_SIZE))
    async for step in steps:
        listed = step.total or 0
        if step.place.page == 1 and listed <= at_once and not resumed.after:
            read = [step] + [later async for later in steps]
            records = batches(source.registry, read)
            yield Page(records, token="", total=len(records))
            return
        records = []
        for index, row in step.rows:
            key = issuance_key(row)
            if key is None or key in seen:
                continue
            seen.add(key)
            if not resumed.after or int(row.id) < resumed.after:
                records.append(_issuance(source.registry, [Placed(row, step.source, index)], False))
        if records or step.next is None:
            token_next = None if step.next is None else str(step.next)
            yield Page(records, token=str(step.place), next=token_next)


def _issuance(registry: str, blocks: list[Placed], is_whole: bool) -> GoldStandardIssuance:
    first = blocks[0]
    row = BatchRow(first.row, tuple(block.row for block in blocks), is_whole)
    return GoldStandardIssuance(row, Origin(registry, first.source), first.index)
