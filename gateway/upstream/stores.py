"""Opens what the configuration names: the store of bodies, and what replicas agree through."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit

from gateway.clock import Chance, Clock
from gateway.config import CacheSettings
from gateway.errors import ConfigError
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.outage import Outage
from gateway.upstream.port import BaseCache
from gateway.upstream.replicas import Alone, Replicas
from gateway.upstream.seal import Seal
from gateway.upstream.tuning import Tuning

# Headers, times and marks that are kept with a body.
_BESIDE_BODY = 256 * 1024
_NO_REDIS = 'cache.backend = "redis" needs redis-py: install carbon-gateway[redis]'


_NOTHING_SHARED = (
    'cache.backend = "redis" needs cursor_secret (CGW_CURSOR_SECRET), at least 32 characters and '
    "the same for all replicas: what they keep there is sealed with a key made of it"
)


def open_store(
    settings: CacheSettings,
    clock: Clock,
    secret: bytes | None = None,
    *,
    largest: int = 64 * 1024 * 1024,
) -> BaseCache | None:
    """The store of upstream bodies, None where caching is off. `secret` is what the replicas
    share, None where there is nothing; `largest` the bytes of the largest body there can be.

    Raises:
        ConfigError: for a Redis URL that is missing or none, or Redis without a secret.
    """
    if settings.backend == "off" or settings.max_bytes == 0:
        return None
    if settings.backend == "memory":
        return BoundedMemoryCache(settings.max_bytes, monotonic=clock.monotonic)
    parts, database = _parts(_url(settings))
    try:
        from gateway.upstream.redis_store import RedisStore
    except ImportError:
        raise ConfigError(_NO_REDIS) from None
    return RedisStore(
        Seal(_shared(secret), "body", clock),
        endpoint=parts.hostname,
        port=parts.port or 6379,
        db=database,
        password=unquote(parts.password) if parts.password else None,
        ssl=parts.scheme == "rediss",
        most=largest + _BESIDE_BODY,
        # How long it may take is decided where it is used.
        timeout=None,
        create_connection_timeout=0.5,
        connection_pool_kwargs={"username": unquote(parts.username)} if parts.username else {},
    )


def open_replicas(
    settings: CacheSettings,
    secret: bytes | None = None,
    *,
    clock: Clock,
    chance: Chance,
    tuning: Tuning | None = None,
    outage: Outage | None = None,
) -> Replicas:
    """What this process shares with its replicas: nothing, unless Redis is configured.

    Raises:
        ConfigError: where redis-py is not installed, or there is no URL or no secret.
    """
    if settings.backend != "redis":
        return Alone()
    url = _url(settings)
    _parts(url)
    try:
        from gateway.upstream.redis_replicas import RedisReplicas
    except ImportError:
        raise ConfigError(_NO_REDIS) from None
    seal = Seal(_shared(secret), "note", clock)
    tuning = tuning or Tuning()
    return RedisReplicas.at(
        url,
        seal,
        clock=clock,
        chance=chance,
        tuning=tuning,
        outage=outage or Outage(clock, chance, tuning),
    )


def _shared(secret: bytes | None) -> bytes:
    if secret is None:
        raise ConfigError(_NOTHING_SHARED)
    return secret


def _url(settings: CacheSettings) -> str:
    if settings.redis_url is None:
        raise ConfigError('cache.backend = "redis" needs cache.redis_url')
    return settings.redis_url.get_secret_value()


def _parts(url: str) -> tuple[SplitResult, int]:
    """The URL's parts and the number of its database; what it holds is not shown."""
    try:
        parts = urlsplit(url)
        database = parts.path.strip("/") or "0"
        good = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0
        good = good and database.isascii() and database.isdigit() and len(database) < 6
        if good and url.isprintable() and " " not in url and not parts.query:
            return parts, int(database)
    except ValueError:
        pass
    raise ConfigError(
        "cache.redis_url must read redis[s]://[user:password@]host[:port][/db]; other signs of a "
        "password than letters and digits are written as %40 for @, %2F for / and so on"
    ) from None
