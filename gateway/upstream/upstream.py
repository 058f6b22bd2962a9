"""One registry as the door knows it: adapter defaults and configuration, resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.contract import Politeness, Reply
from gateway.errors import RegistryError

# Shorter ones are words, such as a header that names a language.
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is asked for with (RFC 6749 section 4.4): the client's own credentials."""

    url: str
    client_id: str
    client_secret: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Everything the door needs to reach one registry.

    `base_url` has no trailing slash. `headers` may hold secrets: they are sent, hashed into
    cache keys, and printed nowhere. `public_uri` stands for `base_url` in provenance.
    `configured` is False where the host or a demanded credential is missing. `secret_query` are
    parameters that hold a secret, `password` is a database's, `grant` what a token is had for:
    they are treated as `headers` are. `trouble` reads what a body with an error status means.
    """

    key: str
    base_url: str
    public_uri: str
    politeness: Politeness
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
    configured: bool = True
    why_not: str = ""
    secret_query: tuple[tuple[str, str], ...] = ()
    password: str = ""
    grant: Grant | None = None
    trouble: Callable[[Reply], RegistryError | None] | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that may stand in nothing that is shown."""
        found = [*self.headers.values(), *(text for _, text in self.secret_query), self.password]
        if self.grant is not None:
            found.append(self.grant.client_secret)
        return tuple(text for text in found if len(text) >= _SHORTEST_SECRET)
