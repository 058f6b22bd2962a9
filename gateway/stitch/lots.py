"""Lots: many records by key, in parts, where they may cost more calls than an operation has.

What was read is given, and each key that was not has an error of its own: a record that nobody
looked for is not one that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.contract import Adapter, Page, Source
from gateway.errors import GatewayError, RegistryError, TooExpensive
from gateway.model.entity import Entity
from gateway.model.record import Record
from gateway.stitch.ask import Ask, BudgetSpent

# Lists that an adapter may have to read before the records themselves.
BESIDE = 5


@dataclass(slots=True)
class Lots:
    """The records that came, why the others did not, and what failed if anything did."""

    records: list[Record[Any]] = field(default_factory=list)
    unread: dict[str, GatewayError] = field(default_factory=dict)
    failed: RegistryError | None = None
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, page: Page) -> None:
        """What a lot brought, but for records that came with an earlier one: two rows of one lot
        that have one key are two rows of the registry."""
        seen = {record.key for record in self.records}
        self.records += [record for record in page.records if record.key not in seen]
        self.unread.update(page.refused)
        self.warnings.update(dict.fromkeys(page.warnings))


async def read_lots(
    ask: Ask, source: Source, adapter: Adapter, entity: Entity, keys: Sequence[str]
) -> Lots:
    """The records of the keys: at once where they fit into the calls that are left, else half of
    what fits at a time, since an adapter may need more calls than it says."""
    made = Lots()
    left: list[str] = []
    per_call = max(1, adapter.collections[entity].keys_per_call)
    budget = ask.federation.limits.calls_per_registry
    at = 0
    while at < len(keys):
        room = max(0, budget - ask.spent(source.registry) - BESIDE)
        size = len(keys) - at
        if size > per_call * room:
            size = per_call * max(1, room // 2)
        lot = keys[at : at + size]
        at += size
        try:
            made.add(await adapter.by_keys(source, entity, lot))
        except RegistryError as error:
            made.failed = error
            made.unread.update(dict.fromkeys((*lot, *keys[at:]), error))
            break
        except BudgetSpent:
            left += await _each(made, source, adapter, entity, lot, per_call)
    if left:
        ask.truncated = True
        error_of_all = _spent(adapter, len(left), len(keys), budget, per_call)
        made.unread.update(dict.fromkeys(left, error_of_all))
    return made


async def _each(
    made: Lots, source: Source, adapter: Adapter, entity: Entity, lot: Sequence[str], per_call: int
) -> list[str]:
    """Reads the parts of a lot for which the calls did not suffice, since the cache may have some
    of them; gives the keys that are left."""
    if len(lot) <= per_call:
        return list(lot)
    left: list[str] = []
    for at in range(0, len(lot), per_call):
        part = lot[at : at + per_call]
        try:
            made.add(await adapter.by_keys(source, entity, part))
        except (RegistryError, BudgetSpent):
            left += part
    return left


def _spent(adapter: Adapter, left: int, count: int, budget: int, per_call: int) -> TooExpensive:
    """The error of each key that was not read: it says how to ask for it."""
    return TooExpensive(
        f"{left} of {count} records of {adapter.info.name} were not read: the {budget} calls that "
        "one operation may make are used up. Ask for those alone, at most "
        f"{per_call * max(1, budget - BESIDE)} at once.",
        registry=adapter.info.key,
    )
