"""Replicas that agree through Redis or Valkey."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.clock import Chance, Clock
from gateway.errors import RegistryError, RegistryHttpError, RegistryTimeout
from gateway.upstream import scripts
from gateway.upstream.failure import Failure
from gateway.upstream.flight import Allowance
from gateway.upstream.outage import Outage
from gateway.upstream.rate import Rate
from gateway.upstream.replicas import Turn
from gateway.upstream.seal import Seal
from gateway.upstream.tuning import Tuning

T = TypeVar("T")

_LEASE = 5.0
_NOTE = 2.0
_PAUSE = 0.05
_PAUSE_MAX = 0.25
_NOTE_BYTES = 16 * 1024
_MOST_REPLICAS = 64
# The clocks of replicas may differ by so much.
_OLD = 30.0
_SLACK = 1.0
_KINDS = {kind.code: kind for kind in RegistryError.__subclasses__()}


class Note(msgspec.Struct, frozen=True):
    """A failure as one replica tells it to the others: `at` in Unix seconds, `retry_after` in
    seconds from then."""

    code: str
    message: str
    at: float
    retry_after: float | None = None
    status: int = 0


class RedisReplicas:
    """See `Replicas`. While Redis is out of reach every process goes on alone, with its part of
    the registries' rates: as many parts as there were replicas when it was last heard of."""

    def __init__(
        self,
        client: Redis,
        seal: Seal,
        *,
        clock: Clock,
        chance: Chance,
        tuning: Tuning,
        outage: Outage,
        prefix: str = "cgw",
    ) -> None:
        self._client = client
        self._seal = seal
        self._clock = clock
        self._chance = chance
        self._tuning = tuning
        self._prefix = prefix
        self._lease = client.register_script(scripts.TAKE)
        self._turn = client.register_script(scripts.TURN)
        self._shut = client.register_script(scripts.SHUT)
        self._budget = client.register_script(scripts.BUDGET)
        self._renew = client.register_script(scripts.RENEW)
        self._release = client.register_script(scripts.RELEASE)
        self._read_note = client.register_script(scripts.READ)
        self._outage = outage
        self._name = chance.uuid()
        self._there: dict[str, int] = {}

    @classmethod
    def at(
        cls,
        url: str,
        seal: Seal,
        *,
        clock: Clock,
        chance: Chance,
        tuning: Tuning,
        outage: Outage,
    ) -> RedisReplicas:
        """The replicas that use the server at this `redis://` or `rediss://` URL."""
        patience = tuning.store_patience
        client = Redis.from_url(
            url,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(client, seal, clock=clock, chance=chance, tuning=tuning, outage=outage)

    async def turn(self, registry: str, rate: Rate, late: int = 0) -> Turn:
        keys = [self._key(kind, registry) for kind in ("pace", "gate", "turns", "there")]
        micro = 1_000_000
        args = [int(rate.interval * micro), rate.burst, rate.turns, int(rate.window * micro)]
        found = await self._try("pace", self._turn, keys, [*args, self._name, late])
        if found is None:
            return Turn(among=self._there.get(registry, 1))
        wait, shut, there = (int(number) for number in found)
        self._there[registry] = min(max(1, there), _MOST_REPLICAS)
        # No replica closes the gate for longer than it may be closed.
        closed = shut / 1e3
        return Turn(wait / micro, closed if closed <= self._tuning.gate_max + _SLACK else 0.0)

    @property
    def refused(self) -> int:
        """Notes that were found and not believed."""
        return self._seal.refused

    async def shut(self, registry: str, seconds: float) -> None:
        if seconds > 0:
            await self._try(
                "gate", self._shut, [self._key("gate", registry)], [int(seconds * 1000)]
            )

    async def called(self, registry: str) -> None:
        await self._count(registry, "call")

    async def spend(self, registry: str) -> bool:
        return await self._count(registry, "retry")

    async def _count(self, registry: str, kind: str) -> bool:
        tuning = self._tuning
        args = [kind, int(tuning.budget_window), tuning.budget_share, tuning.budget_floor]
        found = await self._try("budget", self._budget, [self._key("budget", registry)], args)
        return found is None or bool(int(found))

    async def once(
        self,
        key: str,
        allowance: Allowance,
        ask: Callable[[], Awaitable[T]],
        look: Callable[[], Awaitable[T | None]],
    ) -> T:
        """What `ask` gives, asked by one replica at a time; the others wait and then `look` for it.

        Raises:
            Failure: the replica that asked was told one, or had no answer before the deadline.
        """
        lease, note = self._key("lease", key), self._key("note", key)
        token = self._chance.uuid()
        pause, waited = _PAUSE, False
        while True:
            taken = await self._take(lease, token)
            if taken is None:
                return await ask()
            if taken:
                return await self._holding(lease, note, token, ask, look if waited else None)
            waited = True
            if self._clock.monotonic() + pause > allowance.deadline:
                raise Failure(RegistryTimeout("another replica had no answer in time"))
            await self._clock.sleep(pause * (0.5 + self._chance.random()))
            pause = min(pause * 1.5, _PAUSE_MAX)
            if (error := await self._told(note)) is not None:
                raise Failure(error)
            if (found := await look()) is not None:
                return found

    async def _take(self, lease: str, token: str) -> bool | None:
        """Whether the lease is ours now; None if nobody can tell."""
        found = await self._try("lease", self._lease, [lease], [token, int(_LEASE * 1000)])
        return None if found is None else bool(int(found))

    async def _told(self, note: str) -> RegistryError | None:
        """The failure that stands under the key, if one of ours put it there."""
        found = await self._try("note", self._read_note, [note], [_NOTE_BYTES])
        state = 0 if found is None else int(found[0])
        if state == 1:
            if (error := self._read(note, found[1])) is not None:
                return error
            await self._try("note", self._client.delete, note)
        elif state:
            self._seal.refuse()
        return None

    async def _holding(
        self,
        lease: str,
        note: str,
        token: str,
        ask: Callable[[], Awaitable[T]],
        look: Callable[[], Awaitable[T | None]] | None,
    ) -> T:
        told = b""
        renewing = asyncio.create_task(self._keep(lease, token), name="lease")
        try:
            # Who held the lease before may have found what this process still waits for.
            if look is not None and (found := await look()) is not None:
                return found
            return await ask()
        except Failure as failure:
            told = self._write(note, failure.error)
            raise
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
            args = [token, told, int(_NOTE * 1000)]
            await asyncio.shield(self._try("lease", self._release, [lease, note], args))

    async def _keep(self, lease: str, token: str) -> None:
        while True:
            await self._clock.sleep(_LEASE / 3)
            await self._try("lease", self._renew, [lease], [token, int(_LEASE * 1000)])

    async def close(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    def _key(self, kind: str, name: str) -> str:
        # The braces keep what one script touches on one node of a cluster.
        return f"{self._prefix}:{{{name}}}:{kind}"

    async def _try(self, what: str, command: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        return await self._outage.bound(what, lambda: command(*args))

    def _write(self, key: str, error: RegistryError) -> bytes:
        status = error.status if isinstance(error, RegistryHttpError) else 0
        now = self._clock.now().timestamp()
        note = Note(error.code, error.message, now, error.retry_after, status)
        return self._seal.closed(key, msgspec.json.encode(note))

    def _read(self, key: str, sealed: bytes) -> RegistryError | None:
        """The failure that another replica tells; None where none of ours tells it now."""
        told = self._seal.opened(key, sealed)
        if told is None:
            return None
        note = msgspec.json.decode(told, type=Note)
        if abs(self._clock.now().timestamp() - note.at) > _OLD:
            self._seal.refuse()
            return None
        kind = _KINDS.get(note.code, RegistryTimeout)
        if kind is RegistryHttpError:
            error: RegistryError = RegistryHttpError(note.message, status=note.status)
        else:
            error = kind(note.message)
        error.retry_after = note.retry_after
        return error
