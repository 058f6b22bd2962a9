"""Where a registry's secret goes: into a header, into the query, or to a server of tokens."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from adapters.contract import Auth
from gateway.errors import ConfigError
from gateway.upstream.upstream import Grant


@dataclass(frozen=True, slots=True)
class Placed:
    """A secret in its place."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    grant: Grant | None = None


def placed(auth: Auth, secret: str, base_url: str, setting: str) -> Placed:
    """The secret where `auth` wants it; `setting` names it in messages.

    Raises:
        ConfigError: the secret has not the form that its use needs.
    """
    if auth.type == "api_key":
        if auth.location == "query":
            return Placed(query=((auth.name, secret),))
        return Placed({auth.name.lower(): secret})
    if auth.type == "bearer":
        return Placed({"authorization": f"Bearer {secret}"})
    name, colon, word = secret.partition(":")
    if not (name and colon):
        raise ConfigError(f"{setting} must read name:secret, for {auth.type}")
    if auth.type == "http_basic":
        coded = base64.b64encode(secret.encode()).decode()
        return Placed({"authorization": f"Basic {coded}"})
    url = urljoin(f"{base_url.rstrip('/')}/", auth.token_url)
    return Placed(grant=Grant(url, name, word, auth.scope))
