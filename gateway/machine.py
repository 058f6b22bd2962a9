"""What serving with these settings needs of this machine, and settings that nobody would read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from adapters.contract import Adapter, RegistryInfo
from gateway.config import RegistrySettings, Settings
from gateway.errors import ConfigError
from gateway.extras import require_extras
from gateway.model.nearest import nearest, or_else


def refuse_unused(settings: Settings, served: Mapping[str, Adapter]) -> None:
    """Check that nothing is set that nobody would read: whoever sets it believes that it is used.

    Raises:
        ConfigError: naming a credential that is never sent, or an option that there is not.
    """
    for key, adapter in served.items():
        given = settings.registries.get(key)
        if given is not None:
            _refuse_unused(key, adapter.info, given)


def _refuse_unused(key: str, info: RegistryInfo, given: RegistrySettings) -> None:
    # libpq's own words, and its password.
    database = (given.base_url or info.base_url).startswith("postgresql:")
    if given.credential is not None and not info.credential and not database:
        raise ConfigError(
            f"registries.{key}.credential: this registry is read without one, so it would never be "
            f"sent; take it out, or send it as a header with registries.{key}.headers"
        )
    known = [*info.options, *(["sslmode"] if database else [])]
    for name in given.options:
        if name not in known:
            raise ConfigError(
                f"registries.{key}.options.{name}: there is no such option."
                f"{or_else(nearest(name, known))} There are: {', '.join(known) or 'none'}"
            )


def check_machine(settings: Settings, served: Mapping[str, Adapter]) -> None:
    """Check that this machine has what serving with these settings needs. Who only maps an answer
    of another machine again needs none of it.

    Raises:
        ConfigError: a package, a folder of files or a database that is missing, or a credential
            or option that nobody would read.
    """
    require_extras(settings, served)
    refuse_unused(settings, served)
    for key, adapter in served.items():
        given = settings.registries.get(key)
        if given is not None and given.base_url:
            _reachable(f"registries.{key}.base_url", given.base_url, adapter.info.base_url)


def _reachable(name: str, base_url: str, usual: str) -> None:
    """Whether a place on this machine is there, and of a kind that the adapter can read."""
    scheme, _, rest = base_url.partition("://")
    if scheme in ("file", "sqlite", "postgresql") and usual.startswith("http"):
        raise ConfigError(f"{name}: this registry is asked by https, such as {usual}")
    place = Path(unquote(rest))
    if scheme == "file" and not place.is_dir():
        raise ConfigError(f"{name}: there is no folder {place}; make it, or name the right one")
    if scheme == "sqlite" and not place.is_file():
        raise ConfigError(f"{name}: there is no file {place}; name the database's file")
