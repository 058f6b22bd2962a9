"""What the settings need that not everybody installs, told at the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from adapters.contract import Adapter
from gateway.config import Settings
from gateway.errors import ConfigError

# What each extra of the package brings.
EXTRAS = {
    "prometheus_client": "metrics",
    "rfc3161_client": "tsa",
    "redis": "redis",
    "asyncpg": "sql",
}


def require_extras(settings: Settings, served: Mapping[str, Adapter]) -> None:
    """Check that everything is installed that these settings need.

    Raises:
        ConfigError: naming the setting, and the extra to install.
    """
    for setting, module in _needed(settings, served):
        if not installed(module):
            raise ConfigError(
                f"{setting} needs {module}, which is not installed: "
                f"pip install 'carbon-gateway[{EXTRAS[module]}]'"
            )


def installed(module: str) -> bool:
    """Whether the package can be imported here."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _needed(settings: Settings, served: Mapping[str, Adapter]) -> Iterator[tuple[str, str]]:
    if settings.server.metrics:
        yield "server.metrics", "prometheus_client"
    if settings.cache.backend == "redis":
        yield 'cache.backend = "redis"', "redis"
    if settings.log.directory is not None and settings.log.tsa_url is not None:
        yield "log.tsa_url", "rfc3161_client"
    for key in served:
        registry = settings.registries.get(key)
        base = "" if registry is None else registry.base_url or ""
        if base.startswith("postgresql:"):
            yield f"registries.{key}.base_url", "asyncpg"
        # A manifest that names a format checks for its reader when it is read.
