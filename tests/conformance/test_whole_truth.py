"""Returned and undecided together are what the world says, and "complete" is never said of less.

For every registry, random questions from the schema's own filters are asked of its emulator, as
it is and with some of its words replaced by ones that no table knows, and held to what the world
gives without the gateway's filters (`tests.conformance.brute`).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.config import LimitSettings
from gateway.errors import GatewayError, Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.model.record import Record
from gateway.sandbox.fault import Fault
from gateway.sandbox.odd_words import MARK, odd_words
from gateway.stitch.ask import Ask
from gateway.stitch.connection import Connection, connect
from gateway.stitch.cursor import Cursors
from gateway.stitch.federation import Federation
from gateway.stitch.plan import plan
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from tests.conformance.brute import Asker, Brute, Place, filters
from tests.conformance.desk import BRISK, REGISTRIES, SHORT, Desk, desk
from tests.conformance.questions import ABOVE, LOOKS_AT
from tests.tools import sweep

LIMITS = LimitSettings(calls_per_registry=100_000)
# Fields whose words are planted, where the wire has them as words of their own.
PLANTED = {
    Entity.PROJECT: (
        "project_locations.country",
        "project_status",
        "sector",
        "project_type",
        "project_status_date",
        "registration_date",
        "estimations.crediting_period_start",
        "co_benefits.co_benefit",
        "covered_by_ndc",
    ),
    Entity.ISSUANCE: ("issuance_date", "issuance_start_date"),
    Entity.UNIT: ("unit_status", "unit_type", "unit_status_date", "country_jurisdiction_of_owner"),
}
PLURALS = {"sector": ("sectors",), "project_type": ("project_types",)}
Words = dict[tuple[Entity, str], dict[Any, set[str]]]


@asynccontextmanager
async def fresh(at: Desk, registry: str, door: Door | None = None) -> AsyncIterator[Federation]:
    """A federation of the one registry that remembers nothing of earlier questions."""
    upstream = assemble.upstream(registry, at.adapter, at.sandbox.settings()[registry])
    made = Door(
        {registry: upstream},
        clock=SystemClock(),
        chance=SystemChance(),
        user_agent="carbon-gateway-conformance (mailto:nobody@example.org)",
        tuning=BRISK,
        transport=at.sandbox.transport,
    )
    async with made:
        cursors = Cursors([b"k" * 32])
        yield Federation(
            {registry: at.adapter}, {registry: upstream}, made, SystemClock(), cursors, LIMITS
        )


async def asked(
    fed: Federation, registry: str, entity: Entity, where: tuple[Predicate, ...]
) -> Connection:
    asking = Ask(fed, Terms(deadline=fed.clock.monotonic() + 60))
    return await connect(asking, entity, registries=(registry,), predicates=where, first=1_000_000)


@dataclass(frozen=True, slots=True)
class Told:
    """The keys of an answer: returned, undecided, and whether it says that it is complete."""

    returned: set[str]
    undecided: set[str]
    complete: bool
    answered: bool

    @classmethod
    def of(cls, page: Connection) -> Told:
        (row,) = page.coverage
        told = {record.key for record, _ in row.doubtful}
        assert sum(one.count for one in row.undecided) >= len(told)
        whole = row.outcome in (Outcome.OK, Outcome.SKIPPED)
        return cls({node.key for node in page.nodes}, told, row.complete, whole)


def children(record: Record[Any], path: str) -> Iterator[tuple[Any, str]]:
    own, _, field = path.partition(".")
    for view in (getattr(record, own) or ()) if field else (record,):
        yield getattr(view, field or own), getattr(view, f"{field or own}_raw", None) or ""


async def wording(at: Desk) -> tuple[Words, str]:
    """How the registry words each value of each field, and all that it sent."""
    words: Words = defaultdict(lambda: defaultdict(set))
    for entity, paths in PLANTED.items():
        if entity in at.adapter.collections:
            for record in await at.everything(entity):
                for path in paths:
                    for value, text in children(record, path):
                        if value is not None:
                            words[entity, path][value].add(text)
    bodies = [e.body for e in at.evidence.exchanges if e.body]
    return words, "\n".join(body.decode(errors="replace") for body in bodies)


async def coarsely(at: Desk) -> frozenset[Place]:
    """The fields of each row that the registry words too coarsely for any value, as it is.

    Words that tables know to have no value on purpose are not among them.
    """
    found: set[Place] = set()
    for entity in at.adapter.collections:
        names = [name for name in filters(entity) if not name.startswith(ABOVE)]
        paths = {path for name in names for path in LOOKS_AT.get((entity, name), (name,))}
        for record in await at.everything(entity):
            for path in paths:
                own, _, field = path.partition(".")
                views = (getattr(record, own) or ()) if field else (record,)
                if any(view.unmapped(field or own) for view in views):
                    found.add((entity, record.key, path))
    return frozenset(found)


def plants(words: Words, sent: str, seed: random.Random) -> set[str]:
    """A word or two of each field, with every other word for the same value."""
    chosen: set[str] = set()
    for (_, path), values in sorted(words.items(), key=lambda item: (item[0][0], item[0][1])):
        usable = [
            texts
            for value, texts in sorted(values.items(), key=lambda item: str(item[0]))
            if all(
                len(text) > 1 and not set(",;") & set(text) and _alone(text, sent) for text in texts
            )
        ]
        if len(values) > 1 and usable and path:
            chosen |= seed.choice(usable)
    # A value of another field may go by one of these words, and by others.
    grown = True
    while grown:
        more = {
            text
            for values in words.values()
            for texts in values.values()
            if texts & chosen
            for text in texts
        }
        grown, chosen = not more <= chosen, chosen | more
    return chosen


def _alone(text: str, sent: str) -> bool:
    """Whether the text stands somewhere as a whole value, and is one value."""
    if len(text) < 2 or set(",;") & set(text):
        return False
    return f'"{text}"' in sent or f">{text}<" in sent or f",{text}," in sent


async def marked(at: Desk) -> dict[Place, frozenset[Any]]:
    """The fields of each row that are said in odd words now, with the values that are left."""
    found: dict[Place, frozenset[Any]] = {}
    for entity, paths in PLANTED.items():
        if entity not in at.adapter.collections:
            continue
        for record in await at.everything(entity):
            for path in paths:
                told = list(children(record, path))
                if any(MARK.strip() in text for _, text in told):
                    left = frozenset(value for value, _ in told)
                    for name in (path, *PLURALS.get(path, ())):
                        found[entity, record.key, name] = left
    return found


async def held(
    at: Desk, brute: Brute, fed: Federation, registry: str, seed: random.Random, most: int
) -> int:
    """Asks so many questions of each kind; gives how many records were left undecided."""
    left = 0
    for entity in at.adapter.collections:
        asker = Asker(brute, entity, seed)
        places = {(kind, key) for kind, key, _ in (*brute.odd, *brute.coarse)}
        odd_rows = {
            key
            for key, row in brute.truth.rows(entity).items()
            if (entity, key) in places
            or (Entity.PROJECT, getattr(row, "project_key", key)) in places
        }
        questions: list[tuple[Predicate, ...]] = []
        questions += [(Predicate(n, op, v),) for n, op, v in _every(asker)][:most]
        questions += [asker.question() for _ in range(most)]
        for where in filter(None, questions):
            planned = plan(at.adapter, entity, where)
            told = Told.of(await asked(fed, registry, entity, where))
            if planned.skipped:
                assert (told.returned, told.complete) == (set(), False)
                continue
            rows = brute.truth.rows(entity)
            verdicts = {key: brute.judge(entity, row, where, planned) for key, row in rows.items()}
            yes = {k for k, v in verdicts.items() if v}
            if not told.answered:
                # The odd words made the registry's answer one that its adapter does not believe.
                assert brute.odd, where
                assert (told.returned <= yes, told.complete) == (True, False), where
                continue
            if planned.told_by_words(at.adapter) is not None:
                # What the registry's own search leaves out nobody can count.
                assert (told.returned <= yes, told.complete) == (True, False), where
                continue
            unsure = {k for k, v in verdicts.items() if v is None}
            assert told.returned == yes, (where, told)
            assert unsure <= told.undecided, where
            # Nothing is left open but what is said in odd words, of the row or of its project.
            assert told.undecided - unsure <= odd_rows, where
            assert told.complete is not bool(told.undecided), where
            left += len(told.undecided)
    return left


def _every(asker: Asker) -> Iterator[tuple[str, Op, Any]]:
    for name in asker.names():
        one = asker.condition(name)
        if one is not None:
            yield one.field, one.op, one.value


@pytest.mark.parametrize("registry", sweep(REGISTRIES, SHORT))
async def test_random_questions_give_what_the_world_gives(registry: str) -> None:
    async with desk(registry) as at, fresh(at, registry) as fed:
        brute = Brute(at.truth, at.emulated, at.adapter, coarse=await coarsely(at))
        await held(at, brute, fed, registry, random.Random(registry), 12)


@pytest.mark.parametrize("registry", sweep(REGISTRIES, SHORT))
async def test_words_that_no_table_knows_leave_records_undecided_and_lose_none(
    registry: str,
) -> None:
    async with desk(registry) as at:
        if not at.emulated.listens:
            pytest.skip("a database sends no bodies")
        seed = random.Random(registry)
        words, sent = await wording(at)
        coarse = await coarsely(at)
        chosen = plants(words, sent, seed)
        if not chosen:
            pytest.skip("the bodies of this registry are no texts")
        at.sandbox.fail(registry, odd_words(chosen))
        async with fresh(at, registry) as fed:
            again = replace(at, door=cast("Door", fed.door))
            try:
                odd = await marked(again)
            except RegistryError:
                # The adapter takes nothing at all with such a word in it, and says so.
                told = [Told.of(await asked(fed, registry, e, ())) for e in at.adapter.collections]
                assert not all(one.complete for one in told)
                return
            brute = Brute(at.truth, at.emulated, at.adapter, odd, coarse)
            left = await held(at, brute, fed, registry, seed, 12)
            assert left or not odd


@pytest.mark.parametrize("registry", sweep(REGISTRIES, SHORT))
async def test_with_any_fault_complete_is_not_said_of_less_than_all(registry: str) -> None:
    await with_faults(registry, 1, list(Fault))


@pytest.mark.slow
@pytest.mark.parametrize("registry", REGISTRIES)
async def test_nor_is_it_said_in_a_large_world(registry: str) -> None:
    # The kinds of fault are gone through at the small one; here a walk has many pages to fail at.
    await with_faults(registry, 20, random.Random(registry).sample(list(Fault), 2))


async def with_faults(registry: str, scale: int, faults: list[Fault]) -> None:
    async with desk(registry, scale=scale) as at:
        brute = Brute(at.truth, at.emulated, at.adapter, coarse=await coarsely(at))
        seed = random.Random(registry)
        for fault in faults:
            entity = seed.choice(list(at.adapter.collections))
            where = Asker(brute, entity, seed).question()
            planned = plan(at.adapter, entity, where)
            at.sandbox.fail(registry, fault, after=seed.randrange(3), delay=0.0)
            try:
                async with fresh(at, registry) as fed:
                    told = Told.of(await asked(fed, registry, entity, where))
            except GatewayError:
                continue
            finally:
                at.sandbox.heal(registry)
            rows = brute.truth.rows(entity).items()
            wanted = {k for k, row in rows if brute.judge(entity, row, where, planned)}
            assert told.returned <= wanted, (fault, where)
            if told.complete:
                assert told.returned == wanted, (fault, where)


@pytest.mark.slow
@pytest.mark.parametrize("registry", REGISTRIES)
async def test_random_questions_give_what_a_large_world_gives(registry: str) -> None:
    async with desk(registry, scale=20) as at, fresh(at, registry) as fed:
        brute = Brute(at.truth, at.emulated, at.adapter, coarse=await coarsely(at))
        await held(at, brute, fed, registry, random.Random(registry), 1)
