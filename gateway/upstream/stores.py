"""Opens what the configuration names: the store of bodies, and what replicas agree through."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from aiocache.base import BaseCache

from gateway.clock import Chance, Clock
from gateway.config import CacheSettings
from gateway.errors import ConfigError
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.replicas import Alone, Replicas
from gateway.upstream.tuning import Tuning

_NO_REDIS = 'cache.backend = "redis" needs redis-py: install carbon-gateway[redis]'


def open_store(settings: CacheSettings, clock: Clock) -> BaseCache | None:
    """The store of upstream bodies, None where caching is off.

    Raises:
        ConfigError: for a Redis URL that is missing or none.
    """
    if settings.backend == "off" or settings.max_bytes == 0:
        return None
    if settings.backend == "memory":
        return BoundedMemoryCache(settings.max_bytes, monotonic=clock.monotonic)
    parts = urlsplit(_url(settings))
    database = parts.path.strip("/") or "0"
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or not database.isdigit():
        raise ConfigError("cache.redis_url must read redis[s]://[user:password@]host[:port][/db]")
    try:
        from gateway.upstream.redis_store import RedisStore
    except ImportError:
        raise ConfigError(_NO_REDIS) from None
    return RedisStore(
        endpoint=parts.hostname,
        port=parts.port or 6379,
        db=int(database),
        password=unquote(parts.password) if parts.password else None,
        ssl=parts.scheme == "rediss",
        timeout=1.0,
        create_connection_timeout=0.5,
        connection_pool_kwargs={"username": unquote(parts.username)} if parts.username else {},
    )


def open_replicas(
    settings: CacheSettings, *, clock: Clock, chance: Chance, tuning: Tuning | None = None
) -> Replicas:
    """What this process shares with its replicas: nothing, unless Redis is configured.

    Raises:
        ConfigError: where redis-py is not installed or there is no URL.
    """
    if settings.backend != "redis":
        return Alone()
    url = _url(settings)
    try:
        from gateway.upstream.redis_replicas import RedisReplicas
    except ImportError:
        raise ConfigError(_NO_REDIS) from None
    return RedisReplicas.at(url, clock=clock, chance=chance, tuning=tuning or Tuning())


def _url(settings: CacheSettings) -> str:
    if settings.redis_url is None:
        raise ConfigError('cache.backend = "redis" needs cache.redis_url')
    return settings.redis_url.get_secret_value()
