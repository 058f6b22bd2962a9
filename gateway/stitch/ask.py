"""One operation's way of asking: its terms, its budget, its sources, what it has covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from adapters.contract import Answer, Reply, Request, Source
from gateway.errors import RegistryError
from gateway.stitch.coverage import Coverage
from gateway.stitch.federation import Federation
from gateway.upstream.terms import Terms

T = TypeVar("T")


class BudgetSpent(Exception):
    """Internal: this operation may not call the registry again. Never reaches a client."""


class Ask:
    """Shared by all fields of one operation; holds nothing after it.

    `records` is set where the place of every record in the answer must be known.
    """

    def __init__(
        self,
        federation: Federation,
        terms: Terms,
        *,
        require_all: bool = False,
        records: bool = False,
    ) -> None:
        self.federation = federation
        self.terms = terms
        self.require_all = require_all
        self.records = records
        self.covered: list[Coverage] = []
        self.loaders: dict[Any, Any] = {}
        self.truncated = False
        self._calls: Counter[str] = Counter()
        self._sources: dict[str, Source] = {}

    def source(self, registry: str) -> Tracked:
        """A view of the registry that remembers which exchanges it was answered by."""
        if registry not in self._sources:
            self._sources[registry] = self.federation.door.source(registry, self.terms)
        return Tracked(self, self._sources[registry])

    def spend(self, registry: str) -> None:
        """Counts one read.

        Raises:
            BudgetSpent: when the operation has used what it may.
        """
        if self._calls[registry] >= self.federation.limits.calls_per_registry:
            raise BudgetSpent(registry)
        self._calls[registry] += 1


class Tracked:
    """A `Source` that counts reads and keeps the indices of its exchanges."""

    def __init__(self, ask: Ask, source: Source) -> None:
        self._ask = ask
        self._source = source
        self.sources: list[int] = []

    @property
    def registry(self) -> str:
        return self._source.registry

    @property
    def options(self) -> Mapping[str, str]:
        return self._source.options

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        self._ask.spend(self._source.registry)
        try:
            answer = await self._source.read(request, decode)
        except RegistryError as error:
            if error.source is not None:
                self.sources.append(error.source)
            raise
        self.sources.append(answer.source)
        return answer
