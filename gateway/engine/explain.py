"""Explains an operation: the plan of each field and its price, without one upstream call."""

from __future__ import annotations

from typing import Any

from gateway.engine.run import Run
from gateway.engine.shape import FieldShape, ObjectShape
from gateway.model.entity import Entity
from gateway.schema.query import asked_of, named_by
from gateway.schema.where import predicates
from gateway.stitch.codes import Search
from gateway.stitch.connection import plans
from gateway.stitch.plan import plan
from gateway.stitch.price import Price, price_children, price_keys, price_plan

_CHILDREN = {"units": Entity.UNIT, "issuances": Entity.ISSUANCE}
_PARENTS = {"project": Entity.PROJECT, "issuance": Entity.ISSUANCE}


def explain(run: Run, root: ObjectShape) -> list[Price]:
    """The prices of every field that asks registries.

    Raises:
        RequestError: where an argument could not be asked at all.
    """
    prices: list[Price] = []
    for field in root.fields:
        if field.resolver is None:
            continue
        arguments = run.arguments(field)
        counts: dict[str, int] = {}
        if field.name in ("projects", "units", "issuances"):
            counts = _connection(run, field, arguments, prices)
        elif field.is_async:
            counts = _by_id(run, field, arguments, prices)
        if counts:
            _under(run, field, field.key, counts, prices)
    return prices


def _connection(
    run: Run, field: FieldShape, arguments: dict[str, Any], prices: list[Price]
) -> dict[str, int]:
    ask = run.context.ask
    entity = Entity(field.name[:-1])
    asked = asked_of(run.info, entity, **arguments)
    counts: dict[str, int] = {}
    for planned in plans(ask, entity, asked.registries, asked.predicates, asked.order, asked.first):
        price = price_plan(ask, field.key, planned, asked.first)
        prices.append(price)
        if price.outcome is None:
            counts[price.registry] = asked.first
    return counts


def _by_id(
    run: Run, field: FieldShape, arguments: dict[str, Any], prices: list[Price]
) -> dict[str, int]:
    ask = run.context.ask
    wanted: dict[tuple[str, Entity], int] = {}
    counts: dict[str, int] = {}
    for one in named_by(run.info, field.name, arguments):
        if isinstance(one, Search):
            adapter = ask.federation.adapters[one.registry]
            asked = plan(adapter, one.entity, one.predicates, want=1)
            prices.append(price_plan(ask, field.key, asked, 1))
            counts[one.registry] = 1
            continue
        slot = (one.registry, one.entity)
        wanted[slot] = wanted.get(slot, 0) + 1
    for (registry, entity), count in wanted.items():
        prices.append(price_keys(ask, field.key, registry, entity, count))
    return counts | {registry: count for (registry, _), count in wanted.items()}


def _under(
    run: Run, field: FieldShape, place: str, counts: dict[str, int], prices: list[Price]
) -> None:
    for shape in field.subs.values():
        for inner in shape.fields:
            here = f"{place}.{inner.key}"
            if inner.resolver is None:
                if inner.subs:
                    _under(run, inner, here, counts, prices)
                continue
            entity = _CHILDREN.get(inner.name) or _PARENTS.get(inner.name)
            if inner.name == "sameAs":
                prices += _links(run, here, counts)
                continue
            if entity is None or not inner.is_async:
                continue
            if inner.name in _PARENTS:
                found = [price_keys(run.context.ask, here, r, entity, n) for r, n in counts.items()]
                prices += found
                _under(run, inner, here, counts, prices)
                continue
            _edge(run, inner, here, entity, counts, prices)


def _edge(
    run: Run,
    field: FieldShape,
    place: str,
    entity: Entity,
    counts: dict[str, int],
    prices: list[Price],
) -> None:
    ask = run.context.ask
    arguments = run.arguments(field)
    first = arguments.get("first", 25)
    below: dict[str, int] = {}
    for registry, parents in counts.items():
        adapter = ask.federation.adapters[registry]
        asked = plan(adapter, entity, predicates(arguments.get("where")), want=first)
        price = price_children(ask, place, registry, entity, asked, parents, first)
        prices.append(price)
        if price.outcome is None:
            below[registry] = parents * first
    if below:
        _under(run, field, place, below, prices)


def _links(run: Run, place: str, counts: dict[str, int]) -> list[Price]:
    """Each project asks every other registry for records that name it, or that it names."""
    ask = run.context.ask
    total = sum(counts.values())
    return [
        price_keys(ask, place, registry, Entity.PROJECT, total)
        for registry in ask.federation.adapters
        if Entity.PROJECT in ask.federation.adapters[registry].collections
    ]
