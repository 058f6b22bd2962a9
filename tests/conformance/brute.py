"""What a question over the sandbox's world must give, worked out without the gateway's filters.

Nothing here is the gateway's but the plan of who applies what: values come from the world, as
far as the emulator says that its wire can tell them, and words that were planted are taken out of
them. Three answers are possible: yes, no, and None where the registry said it in odd words.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from adapters.contract import Adapter
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.sandbox.emulator import Emulator
from gateway.schema.condition import _OPS as OPERATORS
from gateway.schema.where import IssuanceWhere, ProjectWhere, UnitWhere
from gateway.stitch.cut import takes
from gateway.stitch.plan import Plan
from tests.conformance.comparison import DERIVED, Truth, expected, says
from tests.conformance.questions import _TESTS, ABOVE, LOOKS_AT, _plain

WHERE: dict[Entity, Any] = {
    Entity.PROJECT: ProjectWhere,
    Entity.ISSUANCE: IssuanceWhere,
    Entity.UNIT: UnitWhere,
}
Place = tuple[Entity, str, str]
# Fields of rows that are said in odd words, with the values that other columns say all the same.
Odd = Mapping[Place, frozenset[Any]]
Answer = bool | None


def filters(entity: Entity) -> dict[str, tuple[Op, ...]]:
    """Every filter of the schema with its operators; a new one is asked without more ado."""
    found: dict[str, tuple[Op, ...]] = {}
    for field in dataclasses.fields(WHERE[entity]):
        name = field.name
        if name == "registry":
            continue
        if name == "project":
            above = filters(Entity.PROJECT)
            found.update({ABOVE + n: ops for n, ops in above.items()})
            continue
        kind: Any = next(k for k in _options(field.type) if dataclasses.is_dataclass(k))
        found[name] = tuple(OPERATORS[f.name] for f in dataclasses.fields(kind))
    return found


def _options(kind: Any) -> tuple[Any, ...]:
    of = getattr(kind, "of_type", None)
    return (of,) if of is not None else tuple(getattr(kind, "__args__", (kind,)))


@dataclass(frozen=True, slots=True)
class Brute:
    """One registry's world, and the words of it that were planted odd.

    `coarse` names the fields, by kind and key, that the wire words too coarsely for any value.
    """

    truth: Truth
    emulated: Emulator
    adapter: Adapter
    odd: Odd = dataclasses.field(default_factory=dict)
    coarse: frozenset[Place] = frozenset()
    # What was worked out before: many questions look at the same fields of the same rows.
    told: dict[Place, list[tuple[str, Any]]] = dataclasses.field(default_factory=dict)
    looked: dict[tuple[Entity, str], tuple[str, ...]] = dataclasses.field(default_factory=dict)
    pools: dict[tuple[Entity, str], list[Any]] = dataclasses.field(default_factory=dict)

    def paths(self, entity: Entity, name: str) -> tuple[str, ...]:
        """The fields that a filter looks at and that the wire can tell in a list."""
        found = self.looked.get((entity, name))
        if found is None:
            looked = LOOKS_AT.get((entity, name), (name,))
            found = tuple(p for p in looked if says(self.emulated, entity, p))
            self.looked[entity, name] = found
        return found

    def values(self, entity: Entity, row: Any, name: str) -> list[tuple[str, Any]]:
        """What the world says to a filter, each with the path that says it."""
        found = self.told.get((entity, row.key, name))
        if found is None:
            found = self.told[entity, row.key, name] = self._values(entity, row, name)
        return found

    def _values(self, entity: Entity, row: Any, name: str) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        for path in self.paths(entity, name):
            own, _, field = path.partition(".")
            if not field:
                told = expected(self.truth, self.emulated, entity, row, own)
                found += [(path, v) for v in (told if isinstance(told, tuple) else (told,))]
                continue
            rule = self.emulated.told.get(entity, {}).get(path)
            derived = DERIVED.get((entity, own))
            children = derived(self.truth, row) if derived else getattr(row, own)
            found += [
                (path, rule(child) if rule else getattr(child, field)) for child in children or ()
            ]
        return [(path, value) for path, value in found if value is not None and value != ""]

    def own(self, entity: Entity, row: Any, asked: Predicate, *, odd: bool) -> Answer:
        """Whether the row satisfies one condition on itself."""
        told = self.values(entity, row, asked.field)
        looked = LOOKS_AT.get((entity, asked.field), (asked.field,))
        coarse = any((entity, row.key, path) in self.coarse for path in looked)
        hidden = [
            value
            for path, value in told
            if odd and value not in self.odd.get((entity, row.key, path), (value,))
        ]
        plain = [_plain(value) for _, value in told if value not in hidden]
        if odd and hidden:
            # What another column says in the word's stead: a methodology, a sector.
            left = [self.odd.get((entity, row.key, path), ()) for path in looked]
            plain += [_plain(value) for values in left for value in values if value is not None]
        if asked.op is Op.IS_NULL:
            return bool(asked.value) is not (bool(told) or coarse)
        if asked.op is Op.IN:
            wanted = [_plain(value) for value in asked.value]
            matches = any(value in wanted for value in plain)
        else:
            test, operand = _TESTS[asked.op], _plain(asked.value)
            matches = any(test(value, operand) for value in plain)
        return True if matches else None if hidden or coarse else False

    def judge(self, entity: Entity, row: Any, asked: Sequence[Predicate], plan: Plan) -> Answer:
        """Whether the row is in the answer. What the registry itself applies exactly is decided
        by its own words, odd or not; what it narrows by, by both."""
        answers = [self._one(entity, row, predicate, plan) for predicate in asked]
        return False if False in answers else None if None in answers else True

    def _one(self, entity: Entity, row: Any, asked: Predicate, plan: Plan) -> Answer:
        collection = self.adapter.collections[entity]
        of, kind, own = row, entity, asked
        if asked.field.startswith(ABOVE):
            own = replace(asked, field=asked.field.removeprefix(ABOVE))
            of, kind = self.truth.projects[row.project_key], Entity.PROJECT
        real = self.own(kind, of, own, odd=False)
        if collection.exact(asked):
            return real
        here = self.own(kind, of, own, odd=True)
        # A list that is longer than the registry takes narrows in parts.
        narrowed = own in plan.narrow and takes(self.adapter.collections[Entity.PROJECT], own)
        return False if (takes(collection, asked) or narrowed) and not real else here


@dataclass(frozen=True, slots=True)
class Asker:
    """Makes random questions from the schema's own filters and the world's own values."""

    brute: Brute
    entity: Entity
    random: random.Random

    def question(self) -> tuple[Predicate, ...]:
        """One to three conditions that can be asked together."""
        names = self.names()
        chosen = self.random.sample(names, k=min(len(names), self.random.choice((1, 1, 2, 2, 3))))
        found = (self.condition(name) for name in chosen)
        return tuple(one for one in found if one is not None)

    def names(self) -> list[str]:
        """The filters that the wire says something to in its lists."""
        return [name for name in filters(self.entity) if self._answers(name)]

    def condition(self, name: str, op: Op | None = None) -> Predicate | None:
        """A condition that some rows satisfy, mostly; None where no value fits the operator."""
        op = op or self.random.choice(filters(self.entity)[name])
        if op is Op.IS_NULL:
            return Predicate(name, op, self.random.random() < 0.5)
        values = self._pool(name)
        if not values:
            return None
        value = self.random.choice(values)
        text = isinstance(value, str) and not isinstance(value, Enum)
        if op is Op.IN:
            return Predicate(name, op, tuple(self.random.sample(values, k=min(2, len(values)))))
        if op in (Op.CONTAINS, Op.STARTS_WITH):
            if not text:
                return None
            whole = value.split()
            return Predicate(name, op, whole[0] if op is Op.STARTS_WITH else whole[-1])
        return Predicate(name, op, value)

    def _answers(self, name: str) -> bool:
        kind = Entity.PROJECT if name.startswith(ABOVE) else self.entity
        late = self.brute.emulated.by_key.get(kind, frozenset())
        looked = LOOKS_AT.get((kind, name.removeprefix(ABOVE)), (name.removeprefix(ABOVE),))
        away = any(path in late or path.partition(".")[0] in late for path in looked)
        return bool(self.brute.paths(kind, name.removeprefix(ABOVE))) and not away

    def _pool(self, name: str) -> list[Any]:
        kind, own = self.entity, name
        if name.startswith(ABOVE):
            kind, own = Entity.PROJECT, name.removeprefix(ABOVE)
        known = self.brute.pools.get((kind, own))
        if known is None:
            rows: Iterable[Any] = self.brute.truth.rows(kind).values()
            values = {value for row in rows for _, value in self.brute.values(kind, row, own)}
            known = sorted(values, key=lambda v: str(v.value if isinstance(v, Enum) else v))
            self.brute.pools[kind, own] = known
        return known
