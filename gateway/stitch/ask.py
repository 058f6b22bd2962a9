"""One operation's way of asking: its terms, its budget, its sources, what it has covered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar, runtime_checkable

import msgspec

from adapters.contract import Answer, Reply, Request, Source
from gateway.errors import InvalidPayload, RegistryError
from gateway.stitch.coverage import Coverage
from gateway.stitch.federation import Federation
from gateway.upstream.terms import Terms

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Read:
    """One read of an operation; `after` are those that had ended when it began, and `source` is
    the index of its exchange, None where it brought nothing."""

    registry: str
    request: Request
    decode: Callable[[Reply], Any]
    after: tuple[int, ...]
    source: int | None = None

    def same(self, other: Read) -> bool:
        """Whether the other asks the same."""
        mine = (self.registry, self.decode, self.request)
        if mine != (other.registry, other.decode, other.request):
            return False
        asked, also = self.request.json, other.request.json
        # For Python 1, 1.0 and True are equal; as JSON they are three questions.
        return asked is also or msgspec.json.encode(asked) == msgspec.json.encode(also)


# Reads that the cache answers cost no call. So many times the calls of an operation is how many of
# both there may be, since a read that is free is work all the same.
FROM_CACHE = 20
# So many answers of registries that forbid to keep them are held until an operation ends.
MOST_SHARED = 200
# The part of the time that is left which finding out whom to ask may take.
HURRY = 0.6


@dataclass(slots=True, eq=False)
class Once:
    """A read that an operation makes once, whoever asks for it; `found` is what it brought."""

    read: Read
    turn: asyncio.Lock
    found: Answer[Any] | RegistryError | None = None


class BudgetSpent(Exception):
    """Internal: this operation may not go on. Never reaches a client; `message` does."""

    message = "the upstream calls of one operation are used up"


class TimeSpent(BudgetSpent):
    """Internal: the operation's time went by over what had been read."""

    message = "the time of one operation is used up"


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
        self.reads: list[Read] = []
        self._ended: list[int] = []
        self._ahead: list[tuple[Read, Answer[Any] | RegistryError]] = []
        # What a registry answered and forbids to keep, by request, newest last.
        self._shared: dict[Any, list[tuple[Read, Answer[Any]]]] = {}
        self._kept = 0
        self._calls: Counter[str] = Counter()
        self._reads: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._sources: dict[str, Source] = {}
        self._once: list[Once] = []

    def hurried(self) -> Ask:
        """The same operation with a part of the time that is left: for finding out whom to ask, so
        that one who does not answer leaves time to ask the others. One for all fields."""
        if ("hurried",) not in self.loaders:
            now = self.federation.clock.monotonic()
            hurried = copy(self)
            until = now + HURRY * (self.terms.deadline - now)
            hurried.terms = replace(self.terms, deadline=until)
            # What is in hand is in hand; who reads on has to keep to the shorter time.
            hurried.loaders = {("linked",): self.loaders.setdefault(("linked",), {})}
            hurried._sources = {}
            self.loaders[("hurried",)] = hurried
        known: Ask = self.loaders[("hurried",)]
        return known

    def source(self, registry: str) -> Tracked:
        """A view of the registry that remembers which exchanges it was answered by."""
        return Tracked(self, self._source(registry))

    def _source(self, registry: str) -> Source:
        if registry not in self._sources:
            self._sources[registry] = self.federation.door.source(registry, self.terms)
        return self._sources[registry]

    async def read_ahead(self, read: Read) -> Answer[Any] | None:
        """Makes a read before anybody asks for it; whoever does then finds it made.

        None where it failed; whoever asks for it then gets the failure.

        Raises:
            BudgetSpent: when the operation has used what it may.
        """
        source = self._source(read.registry)
        found = await self._reserved(source, read.request, read.decode)
        if found is None:
            try:
                found = await source.read(read.request, read.decode)
            except RegistryError as error:
                found = error
            finally:
                self.settle(read.registry, found)
        self._ahead.append((read, found))
        return None if isinstance(found, RegistryError) else found

    async def begin(
        self, registry: str, request: Request, decode: Callable[[Reply], Any]
    ) -> tuple[Read, Answer[Any] | RegistryError | None]:
        """Notes that a read begins; with it what it brought, where it was made ahead or costs
        nothing although no call is left.

        Any other is to be settled when it has ended.

        Raises:
            BudgetSpent: when the operation has used what it may.
        """
        read = Read(registry, request, decode, tuple(self._ended))
        place = next((n for n, (one, _) in enumerate(self._ahead) if one.same(read)), None)
        if place is not None:
            self.reads.append(read)
            return read, self._ahead.pop(place)[1]
        found = await self._reserved(self._source(registry), request, decode)
        read.after = tuple(self._ended)
        self.reads.append(read)
        return read, found

    async def _reserved(
        self, source: Source, request: Request, decode: Callable[[Reply], Any]
    ) -> Answer[Any] | RegistryError | None:
        """None where a call is reserved; else what the cache has, where no call is left."""
        try:
            await self.reserve(source.registry)
        except BudgetSpent as spent:
            found = None
            if isinstance(source, Holding) and not self._overworked(source.registry):
                self._reads[source.registry] += 1
                try:
                    found = await source.held(request, decode)
                except RegistryError as error:
                    return error
            if found is None:
                raise spent
            return found
        return None

    def _overworked(self, registry: str) -> bool:
        most = self.federation.limits.calls_per_registry
        return self._reads[registry] >= most * FROM_CACHE

    def once(self, registry: str, request: Request, decode: Callable[[Reply], Any]) -> Once:
        """The read that all who ask this in the operation share."""
        read = Read(registry, request, decode, ())
        known = next((one for one in self._once if one.read.same(read)), None)
        if known is None:
            known = Once(read, asyncio.Lock())
            self._once.append(known)
        return known

    def shared(
        self, registry: str, request: Request, decode: Callable[[Reply], Any]
    ) -> Answer[Any] | None:
        """What the same read brought before in this operation, where nobody keeps it longer.

        A registry that forbids to keep its answers (`no-store`) does not ask to be asked twice
        for one answer, and one that moved meanwhile would be told in two states.
        """
        if not self._shared:
            return None
        read = Read(registry, request, decode, ())
        return next((a for one, a in self._shared.get(_slot(read), ()) if one.same(read)), None)

    def share(self, read: Read, answer: Answer[Any]) -> None:
        """Keeps what a read brought until the operation ends, unless the cache has it."""
        exchanges = self.terms.evidence.exchanges
        if self._kept >= MOST_SHARED or answer.source >= len(exchanges):
            return
        facts = exchanges[answer.source].cache
        if not facts.hit and facts.ttl_seconds is None:
            self._shared.setdefault(_slot(read), []).append((read, answer))
            self._kept += 1

    def forget(self, sources: Sequence[int]) -> None:
        """Answers with these exchanges turned out to be none."""
        for slot, kept in self._shared.items():
            self._shared[slot] = [one for one in kept if one[1].source not in sources]

    def end(self, read: Read, source: int) -> None:
        """Notes what a read brought."""
        read.source = source
        self._ended.append(self.reads.index(read))

    def in_time(self) -> None:
        """For work that reads nothing, and would go on beyond the deadline of every read.

        Raises:
            TimeSpent: the operation's time is over.
        """
        if self.federation.clock.monotonic() >= self.terms.deadline:
            raise TimeSpent

    def spent(self, registry: str) -> int:
        """How many calls to the registry this operation has made, or is making."""
        return self._calls[registry] + self._under_way[registry]

    async def reserve(self, registry: str) -> None:
        """Counts one read that begins.

        What is under way may turn out to cost nothing: where the rest of the calls is reserved,
        the read waits until it is known, so that it is all the same in which order reads begin.

        Raises:
            BudgetSpent: when the operation has used what it may.
        """
        most = self.federation.limits.calls_per_registry
        while True:
            if self._calls[registry] >= most or self._overworked(registry):
                raise BudgetSpent(registry)
            if self._calls[registry] + self._under_way[registry] < most:
                break
            turn = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(registry, []).append(turn)
            await turn
        self._under_way[registry] += 1
        self._reads[registry] += 1

    def settle(self, registry: str, found: Answer[Any] | RegistryError | None) -> None:
        """A read has ended: what the cache answered, without asking anybody, has cost no call."""
        self._under_way[registry] -= 1
        exchanges = self.terms.evidence.exchanges
        source = found.source if isinstance(found, Answer) else None
        if source is None or source >= len(exchanges) or not exchanges[source].free:
            self._calls[registry] += 1
        for turn in self._waiting.pop(registry, ()):
            if not turn.done():
                turn.set_result(None)


def _slot(read: Read) -> Any:
    """What equal reads have in common and can be looked up by."""
    return read.registry, read.request.method, read.request.path, read.request.query


@runtime_checkable
class Refusing(Protocol):
    """A source with something behind it that learns from refused answers."""

    async def refuse(self, sources: Sequence[int]) -> None:
        """The answers with these exchanges are none."""
        ...


@runtime_checkable
class Holding(Protocol):
    """A source that can tell what it gives without asking anybody."""

    async def held(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T] | None:
        """The answer that costs no call; None where there is none such."""
        ...


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
        if not request.once:
            return await self._read(request, decode)
        shared = self._ask.once(self._source.registry, request, decode)
        # The next in turn makes the read where the one before was given up.
        async with shared.turn:
            if shared.found is None:
                try:
                    shared.found = await self._read(request, decode)
                except RegistryError as error:
                    shared.found = error
                    raise
                return shared.found
        found = shared.found
        source = found.source
        if source is not None:
            self.sources.append(source)
        if isinstance(found, RegistryError):
            raise found
        return found

    async def _read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        known = self._ask.shared(self._source.registry, request, decode)
        if known is not None:
            await asyncio.sleep(0)
            self.sources.append(known.source)
            return known
        read, found = await self._ask.begin(self._source.registry, request, decode)
        try:
            if found is None:
                try:
                    found = await self._source.read(request, decode)
                finally:
                    self._ask.settle(self._source.registry, found)
            else:
                # Other walks begin meanwhile, as they do while a registry is asked.
                await asyncio.sleep(0)
            if isinstance(found, RegistryError):
                raise found
        except RegistryError as error:
            if error.source is not None:
                self.sources.append(error.source)
            raise
        self.sources.append(found.source)
        self._ask.end(read, found.source)
        self._ask.share(read, found)
        return found

    async def refuse(self, error: InvalidPayload) -> None:
        """What was read here was decoded, and then found to be no answer for this reason."""
        # Of one that names its exchange, the others are sound.
        refused = self.sources if error.source is None else [error.source]
        if refused:
            error.source = refused[-1]
        error.registry = error.registry or self._source.registry
        self._ask.forget(refused)
        if isinstance(self._source, Refusing):
            await self._source.refuse(refused)

    def said(self, reason: str) -> None:
        """The registry says that what it answered last is not whole."""
        if self.sources:
            self._ask.terms.evidence.not_whole[self.sources[-1]] = reason
