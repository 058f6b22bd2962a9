"""The federation: every registry that may be asked, and what asking needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from adapters.contract import Adapter, Source
from gateway.clock import Clock
from gateway.config import LimitSettings
from gateway.errors import ConfigError, unknown
from gateway.harmonise.registries import registry_key
from gateway.harmonise.table import words
from gateway.model.nearest import nearest
from gateway.stitch.cursor import Cursors
from gateway.stitch.guarded import Guarded
from gateway.stitch.steps import Steps
from gateway.upstream.terms import Terms
from gateway.upstream.upstream import Upstream


class Door(Protocol):
    """What the federation needs of the one door to the network."""

    def source(self, registry: str, terms: Terms) -> Source:
        """The registry, as an operation on these terms may use it."""
        ...

    def health(self, registry: str) -> Any:
        """How the registry has been lately."""
        ...


@dataclass(frozen=True, slots=True)
class Federation:
    """Adapters by registry key, in the fixed order in which registries are listed."""

    adapters: Mapping[str, Adapter]
    upstreams: Mapping[str, Upstream]
    door: Door
    clock: Clock
    cursors: Cursors
    limits: LimitSettings
    steps: Steps = field(default_factory=Steps, init=False)
    names: Mapping[str, str] = field(init=False)

    LISTED: ClassVar[str] = "`registries { key }` lists those there are."

    def __post_init__(self) -> None:
        guarded = {key: Guarded(adapter, self.clock) for key, adapter in self.adapters.items()}
        object.__setattr__(self, "adapters", guarded)
        object.__setattr__(self, "names", served_names(self.adapters))

    def registry_named(self, name: str | None) -> str | None:
        """The key of the registry that goes by this name: one that is served first, else any that
        is known. None where nobody knows the name."""
        if not name:
            return None
        return self.names.get(words(name)) or registry_key(name)

    def registry_of(self, related: Any) -> str | None:
        """The key of the registry that a related project's entry names."""
        told = related.related_registry
        named = self.registry_named(related.related_registry_raw) or self.registry_named(told)
        return named or (told if told in self.adapters else None)

    def chosen(
        self, registries: Iterable[str] | None, argument: str = "registries"
    ) -> tuple[str, ...]:
        """The asked-for registries in the federation's order; all of them for None.

        Raises:
            BadInput: for a key that no registry has, naming the nearest.
        """
        if registries is None:
            return tuple(self.adapters)
        wanted = dict.fromkeys(registries)
        for key in wanted:
            if key not in self.adapters:
                near = nearest(key, self.adapters)
                raise unknown(argument, key, near, "a registry's key", listed=self.LISTED)
        return tuple(key for key in self.adapters if key in wanted)


def served_names(adapters: Mapping[str, Adapter]) -> dict[str, str]:
    """The keys of the served registries by every name under which records speak of them.

    Raises:
        ConfigError: where two of them are known by one name.
    """
    found = {words(key): key for key in adapters}
    for key, adapter in adapters.items():
        for name in adapter.info.known_as:
            other = found.setdefault(words(name), key)
            if other != key:
                raise ConfigError(
                    f"registries.{other} and registries.{key} are both known as {name!r}: a record "
                    "that names it would mean either. Set known_as of one of them to other names."
                )
    for key, adapter in adapters.items():
        # A second instance without a name of its own shows that of the first.
        found.setdefault(words(adapter.info.name), key)
    return found
