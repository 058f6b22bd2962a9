"""The federation: every registry that may be asked, and what asking needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from adapters.contract import Adapter, Source
from gateway.clock import Clock
from gateway.config import LimitSettings
from gateway.errors import BadInput
from gateway.stitch.cursor import Cursors
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

    def chosen(self, registries: Iterable[str] | None) -> tuple[str, ...]:
        """The asked-for registries in the federation's order; all of them for None.

        Raises:
            BadInput: for a key that no registry has.
        """
        if registries is None:
            return tuple(self.adapters)
        wanted = set(registries)
        unknown = sorted(wanted - set(self.adapters))
        if unknown:
            raise BadInput(
                f"No registry is called {', '.join(map(repr, unknown))}; "
                f"`registries {{ key }}` lists those there are.",
                argument="registries",
            )
        return tuple(key for key in self.adapters if key in wanted)
