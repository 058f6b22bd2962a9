"""The one door to the network: no other module of the gateway can reach a registry."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType

from gateway.clock import Chance, Clock
from gateway.errors import RegistryNotConfigured
from gateway.upstream.cache import Cache
from gateway.upstream.decoding.pool import Pool
from gateway.upstream.flight import Flights
from gateway.upstream.health import Health
from gateway.upstream.lane import Lane
from gateway.upstream.memo import Memo
from gateway.upstream.outage import Outage
from gateway.upstream.port import BaseCache
from gateway.upstream.replicas import Alone, Replicas
from gateway.upstream.source import Arrival, RegistrySource
from gateway.upstream.terms import Terms
from gateway.upstream.transport import Transport, TransportMaker, transport_to
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream
from gateway.upstream.wire import ConnectorMaker, Wire


class Door:
    """All registries, each behind a lane of its own, so that one bad one disturbs no other.

    `user_agent` names the gateway and a contact. `store` is an aiocache storage port, None for
    no cache. `replicas` is what several gateways share, `outage` what is known of the store that
    they share it by. `tls` replaces the platform's trust
    store, `connector` the sockets themselves, `transport` the whole wire of the registries that it
    gives one for.
    """

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        *,
        clock: Clock,
        chance: Chance,
        user_agent: str,
        store: BaseCache | None = None,
        replicas: Replicas | None = None,
        tuning: Tuning | None = None,
        outage: Outage | None = None,
        tls: ssl.SSLContext | None = None,
        connector: ConnectorMaker | None = None,
        transport: TransportMaker | None = None,
    ) -> None:
        self._clock = clock
        tuning = tuning or Tuning()
        self.outage = outage or Outage(clock, chance, tuning)
        self._cache = Cache(store, self.outage, tuning.store_patience)
        self._replicas = replicas or Alone()
        self.decoding = Pool(tuning.decoding)
        self._memo = Memo(tuning.memo_bytes, self.decoding, clock, large_bytes=tuning.large_bytes)

        def wire(upstream: Upstream) -> Transport:
            usual = partial(
                transport_to, user_agent=user_agent, tuning=tuning, tls=tls, connector=connector
            )
            return (transport(upstream) if transport else None) or usual(upstream)

        self._lanes = {
            key: Lane(
                upstream,
                wire(upstream),
                replicas=self._replicas,
                clock=clock,
                chance=chance,
                tuning=tuning,
            )
            for key, upstream in upstreams.items()
        }
        self._flights: dict[str, Flights[Arrival]] = {key: Flights(clock) for key in upstreams}

    @property
    def registries(self) -> tuple[str, ...]:
        """The keys of all registries that the door knows, configured or not."""
        return tuple(self._lanes)

    def lane(self, registry: str) -> Lane:
        """The registry's lane, for metrics and tests."""
        return self._lanes[registry]

    def certificate_ends(self, registry: str) -> datetime | None:
        """When the certificate that the registry last showed ends; None where none was seen."""
        wire = self._lanes[registry].wire
        ends = wire.certificate_ends if isinstance(wire, Wire) else None
        return None if ends is None else datetime.fromtimestamp(ends, UTC)

    @property
    def store_bytes(self) -> int | None:
        """Bytes in the store of bodies, None where it does not say."""
        return self._cache.bytes

    @property
    def refused_entries(self) -> int:
        """What was found in a shared store and not believed."""
        return self._cache.refused + int(getattr(self._replicas, "refused", 0))

    @property
    def memo_bytes(self) -> int:
        """Bytes of the decoded values that are kept."""
        return self._memo.bytes

    async def rest(self) -> None:
        """Nothing was asked for a while: give up what can be made again of what is kept."""
        self._memo.rest()
        for lane in self._lanes.values():
            lane.calls.clear()
        await self._cache.rest()

    async def start(self) -> None:
        """Open nothing yet: connections are made when a question needs one."""

    async def close(self) -> None:
        """Call off what is under way and close every connection."""
        for flights in self._flights.values():
            await flights.close()
        await self._memo.close()
        await self.decoding.close()
        for lane in self._lanes.values():
            lane.turnstile.close()
            await lane.wire.close()
        await self._cache.close()
        await self._replicas.close()

    async def __aenter__(self) -> Door:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def source(self, registry: str, terms: Terms) -> RegistrySource:
        """The registry, as the operation with these terms may use it.

        Raises:
            RegistryNotConfigured: for a registry the door does not know.
        """
        lane = self._lanes.get(registry)
        if lane is None:
            raise RegistryNotConfigured("there is no such registry here", registry=registry)
        return RegistrySource(
            lane,
            terms,
            flights=self._flights[registry],
            cache=self._cache,
            memo=self._memo,
            clock=self._clock,
        )

    def health(self, registry: str) -> Health:
        """How the registry fares."""
        lane = self._lanes[registry]
        tally, turnstile = lane.tally, lane.turnstile
        wait = max(lane.gate.wait, lane.breaker.retry_after)
        return Health(
            registry=registry,
            configured=lane.upstream.configured,
            breaker=lane.breaker.state,
            success_rate=tally.success_rate,
            latency_ms=tally.latency_ms,
            in_flight=turnstile.in_flight,
            limit=turnstile.limit,
            queued=turnstile.queued,
            not_before=self._clock.now() + timedelta(seconds=wait) if wait else None,
            last_outcome=tally.last_outcome,
            last_success=tally.last_success,
            requests=tally.requests,
            attempts=tally.attempts,
            cache_hits=tally.cache_hits,
            revalidations=tally.revalidations,
            stale_served=tally.stale_served,
            collapsed=tally.collapsed,
        )
