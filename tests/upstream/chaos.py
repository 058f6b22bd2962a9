"""One chaos schedule: registries, faults, callers and leavers, all drawn from one seed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.contract import Answer, Politeness, Reply, Request
from gateway.errors import InvalidPayload, Outcome, RegistryError
from gateway.provenance.evidence import Evidence
from gateway.provenance.statement import Matter
from gateway.provenance.verify import verify_response
from gateway.upstream.door import Door
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream
from tests.provenance.answers import key_set, notary, signed
from tests.upstream.bench import Dice
from tests.upstream.faults import FAULTS, MOODS, read_request
from tests.upstream.virtual import ClientEnd, MemoryConnector, VirtualClock

SPAN = 90.0
STEP = 10.0
SLACK = 0.05
STORE_BYTES = 64_000
NOTARY, KEYS = notary(), key_set()


def decode_thing(reply: Reply) -> Any:
    """A row of the chaotic registry, or InvalidPayload."""
    found = json.loads(reply.body)
    if not isinstance(found, dict) or "version" not in found:
        raise InvalidPayload("not a thing")
    return found


@dataclass
class Chaotic:
    """A registry whose content changes every STEP seconds, and whose faults come and go."""

    key: str
    dice: random.Random
    healthy: bool
    lifetime: int | None
    etags: bool
    politeness: Politeness
    faults: list[tuple[float, str]] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    most_in_flight: int = 0
    most_alike: int = 0
    _open: list[tuple[str, ClientEnd]] = field(default_factory=list)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def fault(self) -> str:
        current = "none"
        for since, name in self.faults:
            if since <= self.now():
                current = name
        return current

    async def dial(self) -> None:
        if self.fault() == "refused":
            raise ConnectionRefusedError
        if self.fault() == "black hole":
            await asyncio.sleep(3600)

    async def serve(self, reader: asyncio.StreamReader, client: ClientEnd) -> None:
        while True:
            head, _ = await read_request(reader)
            path = head.split(b" ", 2)[1].decode()
            self.arrivals.append(self.now())
            self._note(path, client)
            fault = {**FAULTS, **MOODS}.get(self.fault(), FAULTS["none"])
            await fault(self.response(head, path), client, self.dice)
            if self.fault() == "absurd 429" and not client.gone:
                self.refused.append(self.now())
            self._open.remove((path, client))

    def _note(self, path: str, client: ClientEnd) -> None:
        self._open = [(p, c) for p, c in self._open if not c.gone]
        self._open.append((path, client))
        self.most_in_flight = max(self.most_in_flight, len(self._open))
        alike = sum(p == path for p, _ in self._open)
        self.most_alike = max(self.most_alike, alike)

    def response(self, head: bytes, path: str) -> bytes:
        version = int(self.now() // STEP)
        etag = f'"{version}"'.encode()
        lines = [b"Date: Thu, 01 Jan 2026 00:00:00 GMT"]
        if self.lifetime is not None:
            lines.append(b"Cache-Control: max-age=" + str(self.lifetime).encode())
        if self.etags:
            lines.append(b"ETag: " + etag)
            if b"if-none-match: " + etag.lower() in head.lower():
                return b"\r\n".join([b"HTTP/1.1 304 Not Modified", *lines, b"", b""])
        body = json.dumps({"version": version, "path": path, "pad": "x" * 2000}).encode()
        lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
        return b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""]) + body


@dataclass
class Told:
    """What one caller was told, and when."""

    registry: Chaotic
    terms: Terms
    asked: float
    ended: float
    answer: Answer[Any] | None = None
    error: RegistryError | None = None


class Schedule:
    """Everything that happens under one seed. `run` gives what the callers were told."""

    def __init__(self, seed: int, clock: VirtualClock) -> None:
        self.seed = seed
        self.clock = clock
        self.dice = random.Random(seed)
        self.registries = [self._registry(n) for n in range(3)]
        self.store = BoundedMemoryCache(STORE_BYTES, monotonic=clock.monotonic)
        self.told: list[Told] = []
        self.moments = [self.dice.uniform(0, SPAN) for _ in range(8)]
        self.connectors: dict[str, MemoryConnector] = {}
        # Short enough that retries, gates and breakers all get their turn within the span.
        self.tuning = Tuning(
            idle=8.0, connect=3.0, breaker_open=3.0, gate_max=20.0, budget_window=60.0
        )

    def _registry(self, number: int) -> Chaotic:
        dice = self.dice
        healthy = number == 0
        names = [*FAULTS, "refused", "black hole", *MOODS]
        changes = sorted(dice.uniform(0, SPAN) for _ in range(dice.randint(1, 6)))
        if number == 2 and dice.random() < 0.2:
            names, changes = ["sometimes 503"], [0.0]
        return Chaotic(
            key=f"r{number}",
            dice=random.Random(dice.random()),
            healthy=healthy,
            lifetime=dice.choice([None, 0, 5, 60]),
            etags=dice.random() < 0.5,
            politeness=Politeness(
                rate=dice.choice([1.0, 5.0, 20.0]) if not healthy else 50.0,
                period=1.0,
                burst=dice.choice([1, 4]) if not healthy else 50,
                concurrency=dice.choice([1, 2, 4]) if not healthy else 16,
                fresh_for=dice.choice([0.0, 3.0, 30.0]),
                stale_if_error=dice.choice([0.0, 20.0, 600.0]),
                timeout=dice.choice([2.0, 10.0]),
                max_bytes=20_000,
            ),
            faults=[] if healthy else [(when, dice.choice(names)) for when in changes],
        )

    def _connect(self, upstream: Upstream) -> MemoryConnector:
        registry = next(one for one in self.registries if one.key == upstream.key)
        made = MemoryConnector(registry.serve, registry.dial)
        self.connectors[upstream.key] = made
        return made

    async def run(self) -> Door:
        """Play the schedule to its end; the door is closed when it comes back."""
        upstreams = {
            one.key: Upstream(one.key, "http://registry.example", "", one.politeness)
            for one in self.registries
        }
        async with Door(
            upstreams,
            clock=self.clock,
            chance=Dice(self.seed),
            user_agent="chaos",
            store=self.store,
            tuning=self.tuning,
            connector=self._connect,
        ) as door:
            callers = [
                asyncio.create_task(self._caller(door)) for _ in range(self.dice.randint(20, 60))
            ]
            await asyncio.gather(*callers, return_exceptions=False)
        for connector in self.connectors.values():
            await connector.hang_up()
        return door

    async def _caller(self, door: Door) -> None:
        dice = self.dice
        registry = dice.choice(self.registries)
        # Callers come in clusters, so that identical questions meet in flight.
        starts = dice.choice(self.moments) + dice.uniform(0, 0.5)
        patience = dice.choice([0.3, 2.0, 8.0, 25.0])
        path = dice.choice(["a", "b", "c"])
        leaves = dice.uniform(0, 5) if dice.random() < 0.15 else None
        max_age = dice.choice([None, None, 0.0, 5.0])
        max_stale = dice.choice([None, None, 0.0, 15.0])
        bulk = dice.random() < 0.2
        await asyncio.sleep(starts)
        terms = Terms(
            deadline=self.clock.monotonic() + patience,
            max_age=max_age,
            max_stale=max_stale,
            bulk=bulk,
            evidence=Evidence(keep_bodies=True),
        )
        told = Told(registry, terms, self.clock.monotonic(), 0.0)

        async def ask() -> None:
            try:
                source = door.source(registry.key, terms)
                told.answer = await source.read(Request(path), decode_thing)
            except RegistryError as error:
                told.error = error

        await leaving(ask, leaves)
        told.ended = self.clock.monotonic()
        self.told.append(told)


async def leaving(ask: Callable[[], Awaitable[None]], after: float | None) -> None:
    """Ask, and walk away after so many seconds."""
    try:
        async with asyncio.timeout(after):
            await ask()
    except TimeoutError:
        pass


def verify(schedule: Schedule, door: Door) -> None:
    """The invariants; each assertion names what it saw."""
    for told in schedule.told:
        _deadline_kept(told)
        _statement_holds(told)
        _evidence_true(told)
        _no_unlabelled_stale(told)
        _bystander_unharmed(told)
    for registry in schedule.registries:
        _rate_kept(registry)
        _gate_kept(registry, schedule.tuning.gate_max)
        assert registry.most_in_flight <= registry.politeness.concurrency
        assert registry.most_alike <= 1, "one question was under way twice"
        _budget_kept(schedule, door, registry)
    assert schedule.store.bytes <= STORE_BYTES
    for key, connector in schedule.connectors.items():
        assert connector.open == 0, f"{key}: connections left open"


def _deadline_kept(told: Told) -> None:
    assert told.ended <= told.terms.deadline + SLACK


def _evidence_true(told: Told) -> None:
    for exchange in told.terms.evidence.exchanges:
        if exchange.body is not None:
            assert exchange.digest == hashlib.sha256(exchange.body).hexdigest()
    if told.error is not None:
        assert told.error.source is not None
        exchange = told.terms.evidence.exchanges[told.error.source]
        assert exchange.outcome is told.error.outcome
        assert told.error.registry == told.registry.key


def _statement_holds(told: Told) -> None:
    value = told.answer.value if told.answer is not None else None
    asked = Matter("{a}", answer={"data": {"a": value}}, evidence=told.terms.evidence)
    response = json.loads(json.dumps(signed(asked, NOTARY)))
    verdict = verify_response(response, KEYS, query="{a}")
    assert verdict.valid, verdict.as_text()
    said = response["extensions"]["provenance"]["statement"]["predicate"]["sources"]
    outcomes = [exchange.outcome.value for exchange in told.terms.evidence.exchanges]
    assert [source["outcome"] for source in said] == outcomes


def _no_unlabelled_stale(told: Told) -> None:
    if told.answer is None:
        return
    exchange = told.terms.evidence.exchanges[told.answer.source]
    held_until = (told.answer.value["version"] + 1) * STEP
    registry, terms = told.registry, told.terms
    lifetime = registry.politeness.fresh_for
    if registry.lifetime is not None:
        lifetime = min(lifetime, registry.lifetime)
    if exchange.outcome is Outcome.STALE:
        assert exchange.cache.stale
        assert terms.max_stale != 0.0, "a stale answer to one who refused it"
        assert exchange.cache.age_seconds <= lifetime + registry.politeness.stale_if_error
        return
    assert exchange.outcome is Outcome.OK
    if terms.max_age is not None:
        lifetime = min(lifetime, terms.max_age)
    latest = told.asked - lifetime - exchange.latency_ms / 1000 - SLACK
    assert held_until >= latest, f"held until {held_until}, asked {told.asked}, {exchange}"


def _bystander_unharmed(told: Told) -> None:
    if told.registry.healthy and told.answer is None and told.error is not None:
        raise AssertionError(f"the healthy registry failed: {told.error!r}")


def _rate_kept(registry: Chaotic) -> None:
    politeness, seen = registry.politeness, registry.arrivals
    per_second = politeness.rate / politeness.period
    for first in range(len(seen)):
        for last in range(first, len(seen)):
            allowed = politeness.burst + (seen[last] - seen[first] + SLACK) * per_second
            assert last - first + 1 <= allowed, f"{registry.key}: too many calls"


def _gate_kept(registry: Chaotic, most: float) -> None:
    for told in registry.refused:
        early = [a for a in registry.arrivals if told + SLACK < a < told + most - SLACK]
        assert not early, f"{registry.key}: told to wait at {told}, asked at {early}"


def _budget_kept(schedule: Schedule, door: Door, registry: Chaotic) -> None:
    tally, tuning = door.lane(registry.key).tally, schedule.tuning
    windows = (SPAN + 30) / tuning.budget_window + 1
    allowed = tuning.budget_share * tally.calls + tuning.budget_floor * windows
    assert tally.retries <= allowed, f"{tally.retries} retries of {tally.calls} calls"
