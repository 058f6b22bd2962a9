"""What a replay elsewhere must know of the gateway that answered: its settings without secrets.

The gateway publishes them, an evidence bundle keeps them, and a replay reads them. Addresses in
the operator's own network are left out and named as hidden; a replay needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from adapters import catalogue
from adapters.contract import Adapter
from adapters.manifest import parse
from adapters.manifest_text import shown, toml
from gateway import __version__
from gateway.config import RegistrySettings, Settings
from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.strict import load_json, one_line
from gateway.upstream.upstream import Upstream

TYPE = "https://w3id.org/carbon-gateway/replay/v1"
# What of a registry's settings changes what is asked or what it is called; nothing else is shown.
_SHOWN = ("adapter", "name", "options", "known_as")
# Shorter secrets are found in any text.
_LEAST_SECRET = 4


def published(
    settings: Settings, served: Mapping[str, Adapter], upstreams: Mapping[str, Upstream]
) -> dict[str, Any]:
    """The settings for a replay, with every registry that is served and what is hidden of it."""
    secrets = tuple(_secrets(settings))
    registries: dict[str, Any] = {}
    manifests: dict[str, str] = {}
    examples = catalogue.examples()
    for key, adapter in served.items():
        given = settings.registries.get(key) or RegistrySettings()
        told = given.model_dump(mode="json", include=set(_SHOWN), exclude_none=True)
        upstream = upstreams[key]
        hidden = [] if upstream.base_url == upstream.public_uri else ["base_url"]
        # A second instance is made of another registry's manifest.
        tree: Mapping[str, Any] = getattr(adapter, "tree", None) or {}
        if tree and (base := tree["registry"]["key"]) not in examples:
            public, left = shown(tree)
            hidden += left
            if _holds(text := toml(public), secrets):
                hidden.append("manifest")
            else:
                manifests[base] = text
        if _holds(str(told), secrets):
            hidden += [name for name in told if name != "adapter"]
            told = {name: value for name, value in told.items() if name == "adapter"}
        registries[key] = {**told, "public_uri": upstream.public_uri, "hidden": hidden}
    return {
        "_type": TYPE,
        "version": __version__,
        "limits": settings.limits.model_dump(mode="json"),
        "registries": registries,
        "manifests": manifests,
    }


def read_setup(
    document: bytes, manifests: Mapping[str, bytes]
) -> tuple[Settings, dict[str, Adapter]]:
    """The settings of such a document, and the adapters: the installed ones and its manifests'.

    Raises:
        ConfigError: of another form, or of another version that knows other settings.
    """
    try:
        found = load_json(document)
        registries = {
            key: {name: value for name, value in one.items() if name in _SHOWN}
            for key, one in found["registries"].items()
        }
        tree = {"limits": found["limits"], "registries": registries}
        settings = Settings.model_validate(tree)
    except ProvenanceError as problem:
        raise ConfigError(f"the bundle's settings: {problem.message}") from None
    except (ValidationError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigError(f"the bundle's settings: {one_line(problem)}") from None
    adapters = dict(catalogue.adapters())
    for key, body in manifests.items():
        name = Path(f"manifest-{key}.toml")
        try:
            adapter = parse(body.decode(), name)
        except UnicodeDecodeError:
            raise ConfigError(f"{name} is not UTF-8") from None
        if adapter.info.key != key or key in adapters:
            raise ConfigError(f"{name} is of another registry, or of one that is known without it")
        adapters[key] = adapter
    return settings, adapters


def _secrets(model: BaseModel) -> list[str]:
    """Every secret value that the settings hold."""
    found: list[str] = []
    waiting: list[Any] = [model]
    while waiting:
        value = waiting.pop()
        if isinstance(value, SecretStr):
            found += [value.get_secret_value()]
        elif isinstance(value, BaseModel):
            waiting += [getattr(value, name) for name in type(value).model_fields]
        elif isinstance(value, Mapping):
            waiting += value.values()
    # A user and a password, an id and a secret: each half is one.
    halves = [half for text in found for half in text.split(":")]
    return [text for text in {*found, *halves} if len(text) >= _LEAST_SECRET]


def _holds(text: str, secrets: tuple[str, ...]) -> bool:
    return any(secret in text for secret in secrets)
