"""Asks each configured registry for a sample, live, and says what an operator should know of it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from adapters.contract import Adapter
from adapters.contract import Collection as Asked
from adapters.ignored_columns import ignored
from gateway.assemble import registries, shared_secret, upstream, user_agent
from gateway.bounded import bounds
from gateway.check_quality import (
    Parents,
    Quality,
    ambiguous_numbers,
    by_words,
    childless,
    odd_keys,
    off_pattern,
    parents_of,
    undecided_filters,
    unfiltered,
)
from gateway.check_report import KindReport, RegistryReport
from gateway.check_rows import (
    activity_shares,
    clock_skew,
    duplicate_keys,
    unknown_fields,
    unmapped_values,
)
from gateway.check_words import meaning
from gateway.clock import Chance, Clock
from gateway.config import Settings
from gateway.errors import ConfigError, GatewayError, Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.nearest import nearest, or_else
from gateway.model.question import Question
from gateway.provenance.evidence import Evidence, Exchange
from gateway.upstream.door import Door
from gateway.upstream.stores import open_replicas
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream

_logger = logging.getLogger(__name__)

# A list may grow this much beyond what the adapter says of a full scan.
GROWTH = 4
# A sample that is short after so many pages stays short.
PAGES = 5
_REFUSED = frozenset({401, 403, 407})

# Called with a registry's key and the kind that is about to be asked, None at its end.
Told = Callable[[str, Entity | None], None]


async def check(
    settings: Settings,
    known: Mapping[str, Adapter],
    only: Collection[str],
    *,
    clock: Clock,
    chance: Chance,
    rows: int = 100,
    seconds: float = 60.0,
    told: Told = lambda registry, kind: None,
    tls: ssl.SSLContext | None = None,
) -> list[RegistryReport]:
    """The report of every registry that the settings serve, or of those in `only`.

    Each kind of record is asked for its first `rows` rows, in a few pages, within `seconds`.
    Nothing is taken from a cache or kept in one.

    Raises:
        ConfigError: for a registry that is not served.
    """
    served = registries(settings, known)
    for key in only:
        if key not in served:
            meant = or_else(nearest(key, served))
            raise ConfigError(
                f"there is no registry {key}.{meant} There are: {', '.join(sorted(served))}"
            )
    chosen = {key: adapter for key, adapter in served.items() if not only or key in only}
    upstreams = {key: upstream(key, a, settings.registries.get(key)) for key, a in chosen.items()}
    door = Door(
        upstreams,
        clock=clock,
        chance=chance,
        user_agent=user_agent(settings.server.contact),
        replicas=open_replicas(settings.cache, shared_secret(settings), clock=clock, chance=chance),
        tuning=Tuning(decoding=bounds(settings.decoding)),
        tls=tls,
    )

    async def one(key: str, adapter: Adapter) -> RegistryReport:
        given = settings.registries.get(key)
        written = (given.adapter if given else None) or key
        desk = _Desk(key, written, adapter, upstreams[key], door, clock, rows, seconds, told)
        return await desk.report(key in only)

    async with door:
        return list(await asyncio.gather(*(one(key, a) for key, a in chosen.items())))


@dataclass(frozen=True, slots=True)
class _Sample:
    """The first records of one kind, and whether they are all."""

    records: tuple[Any, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Desk:
    """One registry, being asked; `written` is the key that its adapter was written under."""

    key: str
    written: str
    adapter: Adapter
    upstream: Upstream
    door: Door
    clock: Clock
    rows: int
    seconds: float
    told: Told

    async def report(self, asked_by_name: bool) -> RegistryReport:
        info, evidence = self.adapter.info, Evidence(keep_bodies=True)
        kinds: list[KindReport] = []
        samples: dict[Entity, _Sample] = {}
        if self.upstream.configured:
            for entity in Entity:
                if entity in self.adapter.collections:
                    self.told(self.key, entity)
                    kinds.append(await self._kind(entity, evidence, samples))
        kinds = [replace(kind, quality=await self._quality(kind.kind, samples)) for kind in kinds]
        self.told(self.key, None)
        latencies = [e.latency_ms for e in evidence.exchanges if e.outcome is Outcome.OK]
        return RegistryReport(
            registry=self.key,
            name=info.name,
            configured=self.upstream.configured,
            auth=self._auth(evidence.exchanges),
            why_not=self.upstream.why_not,
            latency_ms=int(median(latencies)) if latencies else None,
            certificate_ends=self.door.certificate_ends(self.key),
            clock_skew=clock_skew(evidence.exchanges),
            duplicate_keys=duplicate_keys(evidence.exchanges),
            kinds=tuple(kinds),
            asked_by_name=asked_by_name,
            checked_at=self.clock.now(),
        )

    async def _quality(self, entity: Entity, samples: Mapping[Entity, _Sample]) -> Quality:
        """What the sample of one kind says, beside those of its parents and children."""
        sample = samples.get(entity)
        if sample is None:
            return Quality()
        parents: dict[Entity, Parents] = {}
        lonely: tuple[str, ...] = ()
        for above in (Entity.PROJECT, Entity.ISSUANCE):
            # Not the rows of the check itself, but what they name: on terms of its own.
            terms = Terms(self.clock.monotonic() + self.seconds, max_age=0)
            source = self.door.source(self.key, terms)
            if above is not entity and above in self.adapter.collections:
                known = samples.get(above, _Sample())
                keys = [record.key for record in known.records]
                found = await parents_of(
                    self.adapter, source, sample.records, above, keys, whole=known.whole
                )
                if found is not None:
                    parents[above] = found
        below = samples.get(Entity.ISSUANCE, _Sample())
        if entity is Entity.PROJECT and sample.whole and below.whole:
            lonely = childless(sample.records, below.records, entity)
        return Quality(
            parents=parents,
            childless=lonely,
            off_pattern=off_pattern(sample.records, self.adapter.info),
            odd_keys=odd_keys(sample.records),
            ambiguous=ambiguous_numbers(sample.records),
            undecided=undecided_filters(sample.records),
            unfiltered=unfiltered(self.adapter, entity),
            by_words=by_words(self.adapter, entity),
        )

    async def _kind(
        self, entity: Entity, evidence: Evidence, samples: dict[Entity, _Sample]
    ) -> KindReport:
        try:
            return await self._sample(entity, evidence, samples)
        except RegistryError as error:
            told = f"{error.code}: {error.message}"
            if error.told and error.told not in told:
                told += f" (the registry says: {error.told})"
            return self._failed(entity, error.outcome, told)
        except GatewayError as error:
            told = f"{error.code}: {error.message}"
            return self._failed(entity, Outcome.NOT_CONFIGURED, told)
        except Exception as error:
            # An adapter's mistake is one registry's problem, and the others are told all the same.
            _logger.exception("the adapter of %s failed", self.key)
            told = f"the adapter failed: {type(error).__name__}"
            remedy = "That is a fault of the adapter: the log says where"
            return self._failed(entity, Outcome.INVALID_PAYLOAD, told, remedy)

    def _failed(
        self, entity: Entity, outcome: Outcome, message: str, remedy: str | None = None
    ) -> KindReport:
        calls = self.adapter.collections[entity].full_scan_calls
        return KindReport(
            kind=entity,
            outcome=outcome,
            message=message,
            remedy=meaning(outcome) if remedy is None else remedy,
            scan_calls=calls,
            scan_minutes=self._minutes(calls),
        )

    def _minutes(self, calls: int | None) -> float | None:
        """What so many calls take at the polite rate."""
        pace = self.upstream.politeness
        return None if calls is None else calls * pace.period / pace.rate / 60

    async def _sample(
        self, entity: Entity, evidence: Evidence, samples: dict[Entity, _Sample]
    ) -> KindReport:
        terms = Terms(self.clock.monotonic() + self.seconds, max_age=0, evidence=evidence)
        source = self.door.source(self.key, terms)
        asked = self.adapter.collections[entity]
        records: list[Any] = []
        warnings: tuple[str, ...] = ()
        unknown: Counter[str] = Counter()
        tells = False
        total = None
        read = 0
        whole = False
        async for page in self.adapter.pages(source, Question(entity, want=self.rows)):
            read += 1
            records += page.records
            whole = page.next is None and page.whole is None
            tells |= page.unknown is not None
            unknown.update({name: len(page.records) for name in page.unknown or ()})
            warnings, total = tuple(dict.fromkeys((*warnings, *page.warnings))), page.total
            if total is None and page.next is None:
                total = len(records)
            if len(records) >= self.rows or read == PAGES:
                break
        calls = _scan_calls(asked, total)
        samples[entity] = _Sample(tuple(records), whole)
        found: Counter[str] | None = unknown
        if not tells:
            found = unknown_fields(records, evidence.exchanges, ignored(self.written))
        return KindReport(
            kind=entity,
            outcome=Outcome.OK,
            rows=len(records),
            total=total,
            expected=_expected(asked),
            unknown=found,
            unmapped=unmapped_values(records),
            warnings=warnings,
            scan_calls=calls,
            scan_minutes=self._minutes(calls),
            shares=activity_shares(records) if entity is Entity.PROJECT and records else (),
        )

    def _auth(self, exchanges: list[Exchange]) -> str:
        statuses = {exchange.status for exchange in exchanges if exchange.status is not None}
        if statuses & _REFUSED:
            return "refused"
        if not self.adapter.info.credential:
            return "none"
        if not self.upstream.configured:
            return "missing"
        return "accepted" if any(200 <= status < 300 for status in statuses) else "unknown"


def _expected(asked: Asked) -> tuple[int, int | None] | None:
    """How many rows there should be: as declared, else not none and not far beyond a full scan."""
    if asked.expected is not None or asked.full_scan_calls is None:
        return asked.expected
    return 1, GROWTH * asked.full_scan_calls * asked.page_size


def _scan_calls(asked: Asked, total: int | None) -> int | None:
    """Calls that reading everything takes: as many as declared, more where there is more."""
    counted = None if total is None else max(1, -(-total // asked.page_size))
    known = [calls for calls in (counted, asked.full_scan_calls) if calls is not None]
    return max(known, default=None)
