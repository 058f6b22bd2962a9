"""What a question costs the registries, told before any of them is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import Outcome
from gateway.model.entity import Entity
from gateway.stitch.ask import Ask
from gateway.stitch.coverage import camel
from gateway.stitch.plan import NO_COLLECTION, Plan


@dataclass(frozen=True, slots=True)
class Price:
    """One registry's part of the price, for one field of the operation.

    `least` and `most` are upstream calls with an empty cache; `most` is never above the budget
    of an operation, at which it would stop. `seconds` is how long `most` takes at the
    registry's polite rate. `outcome` is SKIPPED or NOT_CONFIGURED where it would not be asked.
    """

    field: str
    registry: str
    entity: Entity
    least: int
    most: int
    seconds: int
    outcome: Outcome | None = None
    message: str | None = None
    pushed_down: tuple[str, ...] = ()
    checked_here: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        """As `extensions.explain` has it."""
        return {
            "field": self.field,
            "registry": self.registry,
            "kind": self.entity.name,
            "asked": self.outcome is None,
            "outcome": self.outcome.value if self.outcome else None,
            "message": self.message,
            "pushedDown": [camel(name) for name in self.pushed_down],
            "checkedHere": [camel(name) for name in self.checked_here],
            "calls": {"least": self.least, "most": self.most},
            "seconds": self.seconds,
        }


def price_plan(ask: Ask, field: str, asked: Plan, want: int) -> Price:
    """The price of one registry's part of a connection that wants so many records."""
    fed = ask.federation
    registry, entity = asked.registry, asked.question.entity
    upstream = fed.upstreams[registry]
    if not upstream.configured:
        return _free(field, registry, entity, Outcome.NOT_CONFIGURED, upstream.why_not)
    if asked.skipped:
        return _free(field, registry, entity, Outcome.SKIPPED, asked.skipped)
    collection = fed.adapters[registry].collections[entity]
    budget = fed.limits.calls_per_registry
    parents = len(asked.question.parent.keys) if asked.question.parent else 0
    chunks = _ceil(parents, collection.parents_per_call) if parents else 1
    chunks *= len(asked.questions)
    least = max(chunks, _ceil(want, collection.page_size)) + bool(asked.narrow)
    whole = collection.full_scan_calls or budget
    unsure = asked.residual or asked.parent_residual or asked.narrow or asked.sort
    most = max(least, whole) if unsure else least
    return _priced(ask, field, asked, least, most)


def price_children(
    ask: Ask, field: str, registry: str, entity: Entity, asked: Plan, parents: int, first: int
) -> Price:
    """The price of an edge of so many parents of one registry."""
    adapter = ask.federation.adapters[registry]
    if asked.skipped:
        return _free(field, registry, entity, Outcome.SKIPPED, asked.skipped)
    collection = adapter.collections[entity]
    chunks = _ceil(parents, collection.parents_per_call)
    pages = _ceil(parents * first, collection.page_size)
    return _priced(ask, field, asked, chunks, max(chunks, pages))


def price_keys(ask: Ask, field: str, registry: str, entity: Entity, keys: int) -> Price:
    """The price of reading so many records by their ids."""
    adapter = ask.federation.adapters[registry]
    upstream = ask.federation.upstreams[registry]
    if not upstream.configured:
        return _free(field, registry, entity, Outcome.NOT_CONFIGURED, upstream.why_not)
    if entity not in adapter.collections:
        told = f"{adapter.info.name} publishes no {entity.value}s"
        return _free(field, registry, entity, Outcome.SKIPPED, told)
    calls = _ceil(keys, adapter.collections.get(entity, NO_COLLECTION).keys_per_call)
    return _timed(ask, field, registry, entity, 1, calls, (), ())


def _priced(ask: Ask, field: str, asked: Plan, least: int, most: int) -> Price:
    return _timed(
        ask,
        field,
        asked.registry,
        asked.question.entity,
        least,
        most,
        asked.pushed_down,
        asked.checked_here,
    )


def _timed(
    ask: Ask,
    field: str,
    registry: str,
    entity: Entity,
    least: int,
    most: int,
    pushed: Sequence[str],
    checked: Sequence[str],
) -> Price:
    polite = ask.federation.upstreams[registry].politeness
    budget = ask.federation.limits.calls_per_registry
    message = None
    if least > budget:
        message = f"more than the {budget} calls that one operation may make: narrow the question"
    least, most = min(least, budget), min(most, budget)
    waits = max(0, most - polite.burst)
    seconds = math.ceil(waits * polite.period / polite.rate)
    return Price(
        field, registry, entity, least, most, seconds, None, message, tuple(pushed), tuple(checked)
    )


def _free(field: str, registry: str, entity: Entity, outcome: Outcome, message: str) -> Price:
    return Price(field, registry, entity, 0, 0, 0, outcome, message)


def _ceil(amount: int, size: int) -> int:
    return max(1, -(-amount // max(1, size)))
