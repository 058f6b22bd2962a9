"""Edges that the compiled executor resolves for all parents of a list at once.

Each gives, in the order of the parents, what the field's own resolver gives for one of them, or
the exception that it raises. The resolvers stay the meaning; these only spare a task for each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import strawberry

from gateway.model.entity import Entity
from gateway.schema.paging import checked_first
from gateway.schema.where import predicates, routed
from gateway.stitch import edges

Batched = Callable[..., Awaitable[Sequence[Any]]]


def _children(entity: Entity) -> Batched:
    async def resolve(
        info: Any,
        parents: Sequence[Any],
        first: int = 25,
        after: Any = strawberry.UNSET,
        where: Any = strawberry.UNSET,
        stitched: bool = False,
    ) -> Sequence[Any]:
        return await edges.children_of(
            info.context.ask,
            parents,
            entity,
            predicates(where),
            first=checked_first(info, first),
            after=after or None,
            stitched=stitched,
            told_by=routed(where, info.context.ask.federation),
        )

    return resolve


BATCHED: dict[tuple[str, str], Batched] = {
    ("Project", "units"): _children(Entity.UNIT),
    ("Project", "issuances"): _children(Entity.ISSUANCE),
}
