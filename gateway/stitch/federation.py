"""The federation: every registry that may be asked, and what asking needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from adapters.contract import Adapter, Source
from gateway.clock import Clock
from gateway.config import LimitSettings
from gateway.errors import unknown
from gateway.model.nearest import nearest
from gateway.stitch.cursor import Cursors
from gateway.stitch.guarded import Guarded
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

    LISTED: ClassVar[str] = "`registries { key }` lists those there are."

    def __post_init__(self) -> None:
        guarded = {key: Guarded(adapter) for key, adapter in self.adapters.items()}
        object.__setattr__(self, "adapters", guarded)

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
