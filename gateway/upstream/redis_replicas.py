"""Replicas that agree through Redis or Valkey."""

from __future__ import annotations

import asyncio
import contextlib
import logging
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
from gateway.upstream.seal import Seal
from gateway.upstream.tuning import Tuning

T = TypeVar("T")
log = logging.getLogger(__name__)

_LEASE = 5.0
_NOTE = 2.0
_PAUSE = 0.05
_PAUSE_MAX = 0.25
_OUTAGE = 2.0
# The clocks of replicas may differ by so much.
_OLD = 30.0
_SLACK = 1.0
_KINDS = {kind.code: kind for kind in RegistryError.__subclasses__()}


class Note(msgspec.Struct, frozen=True):
    """A failure as one replica tells it to the others."""

    code: str
    message: str
    at: float
    retry_after: float | None = None
    status: int = 0


class RedisReplicas:
    """See `Replicas`. While Redis is out of reach every process goes on alone, and looks every
    two seconds whether it is back."""

    def __init__(
        self,
        client: Redis,
        seal: Seal,
        *,
        clock: Clock,
        chance: Chance,
        tuning: Tuning,
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
        self._lost_until = float("-inf")

    @classmethod
    def at(
        cls, url: str, seal: Seal, *, clock: Clock, chance: Chance, tuning: Tuning
    ) -> RedisReplicas:
        """The replicas that use the server at this `redis://` or `rediss://` URL."""
        client = Redis.from_url(
            url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
        )
        return cls(client, seal, clock=clock, chance=chance, tuning=tuning)

    async def turn(self, registry: str, interval: float, burst: int) -> tuple[float, float]:
        keys = [self._key("pace", registry), self._key("gate", registry)]
        found = await self._try(self._turn, keys, [int(interval * 1e6), burst])
        if found is None:
            return 0.0, 0.0
        wait, shut = found
        # No replica closes the gate for longer than it may be closed.
        closed = int(shut) / 1e3
        return int(wait) / 1e6, closed if closed <= self._tuning.gate_max + _SLACK else 0.0

    @property
    def refused(self) -> int:
        """Notes that were found and not believed."""
        return self._seal.refused

    async def shut(self, registry: str, seconds: float) -> None:
        if seconds > 0:
            await self._try(self._shut, [self._key("gate", registry)], [int(seconds * 1000)])

    async def called(self, registry: str) -> None:
        await self._count(registry, "call")

    async def spend(self, registry: str) -> bool:
        return await self._count(registry, "retry")

    async def _count(self, registry: str, kind: str) -> bool:
        tuning = self._tuning
        args = [kind, int(tuning.budget_window), tuning.budget_share, tuning.budget_floor]
        found = await self._try(self._budget, [self._key("budget", registry)], args)
        return found is None or bool(int(found))

    async def once(
        self,
        key: str,
        allowance: Allowance,
        ask: Callable[[], Awaitable[T]],
        look: Callable[[], Awaitable[T | None]],
    ) -> T:
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
            if (told := await self._try(self._client.get, note)) is not None:
                if (error := self._read(note, told)) is not None:
                    raise Failure(error)
                await self._try(self._client.delete, note)
            if (found := await look()) is not None:
                return found

    async def _take(self, lease: str, token: str) -> bool | None:
        """Whether the lease is ours now; None if nobody can tell."""
        if self._lost:
            return None
        try:
            return bool(int(await self._lease([lease], [token, int(_LEASE * 1000)])))
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
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
            await asyncio.shield(self._try(self._release, [lease, note], args))

    async def _keep(self, lease: str, token: str) -> None:
        while True:
            await self._clock.sleep(_LEASE / 3)
            await self._try(self._renew, [lease], [token, int(_LEASE * 1000)])

    async def close(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    def _key(self, kind: str, name: str) -> str:
        # The braces keep what one script touches on one node of a cluster.
        return f"{self._prefix}:{{{name}}}:{kind}"

    @property
    def _lost(self) -> bool:
        return self._clock.monotonic() < self._lost_until

    def _lose(self, error: Exception) -> None:
        # The message may name the host or a password; its kind is enough.
        log.warning("replicas are out of reach of each other: %s", type(error).__name__)
        self._lost_until = self._clock.monotonic() + _OUTAGE

    async def _try(self, command: Callable[..., Any], *args: Any) -> Any:
        if self._lost:
            return None
        try:
            return await command(*args)
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
            return None

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
