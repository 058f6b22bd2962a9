"""`cgw verify --replay`: the whole gateway over kept evidence instead of the network.

The door is replaced by one that hands out the bodies of the statement's exchanges; everything
behind it, adapters, mapping, stitching and projection, is the installed code.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from adapters.contract import Adapter, Answer, Reply, Request
from gateway.assemble import Gateway, assemble
from gateway.clock import SystemClock
from gateway.config import CacheSettings, LimitSettings, Settings
from gateway.engine.fragment import plain
from gateway.engine.limits import parse
from gateway.engine.operation import GraphQLRequest
from gateway.errors import (
    BadCursor,
    CircuitOpen,
    InvalidPayload,
    Outcome,
    PayloadTooLarge,
    ProvenanceError,
    RegistryError,
    RegistryHttpError,
    RegistryNotConfigured,
    RegistryRateLimited,
    RegistryShed,
    RegistryTimeout,
    RegistryUnavailable,
    RegistryUnreachable,
)
from gateway.provenance.evidence import Evidence, Exchange, Watched
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.replay import Pattern, Question, Replayed
from gateway.recorded import Recorded
from gateway.replay_setup import read_setup
from gateway.schema.build import core_schema
from gateway.schema.volatility import volatility_of
from gateway.stitch.ask import Ask
from gateway.stitch.cursor import Cursors, Position
from gateway.upstream.call import prepare
from gateway.upstream.decoding.run import run
from gateway.upstream.terms import Terms
from gateway.upstream.upstream import Upstream

T = TypeVar("T")

_TIMEOUT = 60.0
_ERRORS: dict[Outcome, type[RegistryError]] = {
    Outcome.TIMEOUT: RegistryTimeout,
    Outcome.CONNECT_ERROR: RegistryUnreachable,
    Outcome.HTTP_ERROR: RegistryHttpError,
    Outcome.UNAVAILABLE: RegistryUnavailable,
    Outcome.RATE_LIMITED: RegistryRateLimited,
    Outcome.INVALID_PAYLOAD: InvalidPayload,
    Outcome.TOO_LARGE: PayloadTooLarge,
    Outcome.CIRCUIT_OPEN: CircuitOpen,
    Outcome.SHED: RegistryShed,
    Outcome.NOT_CONFIGURED: RegistryNotConfigured,
}
# What a decoder made something of, or stumbled over as it will again.
_BODIES = frozenset({Outcome.OK, Outcome.STALE, Outcome.PARTIAL, Outcome.INVALID_PAYLOAD})


class Then(SystemClock):
    """The wall clock stands at the moment of the statement; nothing waits."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class EvidenceReplayer:
    """Replays with the installed adapters.

    `settings` should be those of the gateway that answered, where it has registries of its own
    or options that change what is asked, such as page sizes.
    """

    def __init__(
        self, settings: Settings | None = None, adapters: Mapping[str, Adapter] | None = None
    ) -> None:
        self._settings = settings or Settings()
        self._adapters = adapters
        self._gateway: Gateway | None = None

    def set_up(self, settings: bytes, manifests: Mapping[str, bytes]) -> EvidenceReplayer:
        """A replayer with a bundle's settings; one that was given its own keeps them.

        Raises:
            ConfigError: they cannot be used.
        """
        if self._settings != Settings():
            return self
        return EvidenceReplayer(*read_setup(settings, manifests))

    def mapping(self, registry: str) -> str | None:
        return None if self._gateway is None else self._gateway.recipes.digest(registry)

    def answer(self, question: Question, exchanges: Sequence[Exchange]) -> Replayed:
        return asyncio.run(self._answer(question, exchanges))

    async def _answer(self, question: Question, exchanges: Sequence[Exchange]) -> Replayed:
        clock = Then(question.asked_at)
        settings = self._settings.model_copy(
            update={"cache": CacheSettings(backend="off"), "only": question.registries}
        )
        gateway = self._gateway = assemble(
            settings, signer=throw_away_signer(), adapters=self._adapters, clock=clock
        )
        played = {exchange.registry for exchange in exchanges}
        upstreams = {
            key: _as_then(upstream, asked=key in played)
            for key, upstream in gateway.federation.upstreams.items()
        }
        door = EvidenceDoor(upstreams, exchanges)
        cursors = KeptCursors([b"nobody's"])
        federation = replace(gateway.federation, upstreams=upstreams, door=door, cursors=cursors)
        terms = Terms(clock.monotonic() + _TIMEOUT, evidence=Evidence(exchanges=list(exchanges)))
        request = GraphQLRequest(question.query, question.variables, question.operation_name)
        result = await gateway.endpoint.executor.execute(request, Ask(federation, terms))
        if door.missing:
            raise ProvenanceError(f"the evidence has no answer to {door.missing[0]}")
        return Replayed(plain(result.data), volatile(question, core_schema(), settings.limits))


class KeptCursors(Cursors):
    """The gateway that answered took these cursors; its secret is not here to try them again."""

    def made(self, payload: bytes, mac: bytes) -> bool:
        return True

    def open(self, question: str, cursor: str) -> dict[str, Position]:
        """The places that a kept cursor holds; its question and age are not checked.

        Raises:
            BadCursor: the text is no cursor.
        """
        try:
            return super().open(question, cursor)
        except msgspec.DecodeError as error:
            raise BadCursor("this is no cursor") from error


class EvidenceDoor:
    """A door that no request leaves through."""

    def __init__(self, upstreams: Mapping[str, Upstream], exchanges: Sequence[Exchange]) -> None:
        self._upstreams = upstreams
        self._exchanges = exchanges
        self.missing: list[str] = []

    def source(self, registry: str, terms: Terms) -> EvidenceSource:
        kept, upstream = self._exchanges, self._upstreams[registry]
        return EvidenceSource(upstream, kept, self.missing, terms.evidence)

    def health(self, registry: str) -> None:
        """Nothing is known of how the registry was."""


class EvidenceSource:
    """One registry's exchanges, each given to the first read that asks for it."""

    def __init__(
        self,
        upstream: Upstream,
        exchanges: Sequence[Exchange],
        missing: list[str],
        evidence: Evidence | None = None,
    ) -> None:
        self._upstream = upstream
        self._missing = missing
        self._evidence = evidence or Evidence()
        self._left = [
            (index, exchange)
            for index, exchange in enumerate(exchanges)
            if exchange.registry == upstream.key
        ]
        self._recorded = Recorded(upstream, (exchange for _, exchange in self._left))

    @property
    def registry(self) -> str:
        return self._upstream.key

    @property
    def options(self) -> Mapping[str, str]:
        return self._upstream.options

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        index, exchange = self._take(request)
        if exchange.body is None or exchange.outcome not in _BODIES:
            kind = _ERRORS.get(exchange.outcome, RegistryUnreachable)
            error = kind("it failed then", registry=self.registry)
            error.source = index
            raise error
        told = {
            **exchange.headers,
            "content-type": exchange.media_type,
            "date": exchange.upstream_date,
            "etag": exchange.etag,
            "last-modified": exchange.last_modified,
        }
        headers = {name: text for name, text in told.items() if text is not None}
        try:
            decoded = run(decode, Reply(exchange.status or 200, headers, exchange.body))
        except RegistryError as problem:
            problem.registry, problem.source = self.registry, index
            raise
        self._evidence.leave_out(index, decoded.unread.count, decoded.unread.first)
        return Answer(decoded.value, index, Watched(headers, {}))

    def _take(self, request: Request) -> tuple[int, Exchange]:
        """The next exchange that answered this request.

        A failed attempt that an old copy stood in for has that copy right behind it.
        """
        call = prepare(self._upstream, request)
        fitting = self._recorded.fitting(request, call, [exchange for _, exchange in self._left])
        if not fitting:
            self._missing.append(f"{call.method} {call.uri}")
            raise RegistryTimeout("not in the evidence", registry=self.registry)
        place = fitting[0]
        if not self._left[place][1].outcome.answered:
            stale = [p for p in fitting if self._left[p][1].outcome is Outcome.STALE]
            if stale:
                del self._left[place]
                place = stale[0] - 1
        return self._left.pop(place)


def _as_then(upstream: Upstream, *, asked: bool) -> Upstream:
    if not asked:
        return upstream
    base = upstream.base_url or f"https://{upstream.key}.invalid"
    # Without headers and credentials: nothing leaves, and nothing may.
    public = upstream.public_uri or base
    return Upstream(upstream.key, base, public, upstream.politeness, options=upstream.options)


def volatile(
    question: Question, schema: GraphQLSchema, limits: LimitSettings
) -> frozenset[Pattern]:
    """The places in the answer to this question that do not rest on the evidence alone."""
    document = parse(question.query, limits)
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: set[Pattern] = set()
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and schema.query_type is not None:
            found.update(_places(node.selection_set, schema.query_type, (), schema, fragments))
    return frozenset(found)


def _places(
    selections: SelectionSetNode,
    parent: Any,
    path: Pattern,
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Iterator[Pattern]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            name = node.name.value
            here = (*path, node.alias.value if node.alias else name)
            field = getattr(parent, "fields", {}).get(name)
            if field is None:
                continue
            if not volatility_of(field).replays:
                yield here
            elif node.selection_set is not None:
                inner = get_named_type(field.type)
                if is_composite_type(inner):
                    yield from _places(node.selection_set, inner, here, schema, fragments)
            continue
        spread = node if isinstance(node, InlineFragmentNode) else fragments[_name(node)]
        condition, inside = spread.type_condition, spread.selection_set
        kind = schema.type_map[condition.name.value] if condition else parent
        yield from _places(inside, kind, path, schema, fragments)


def _name(node: Any) -> str:
    name: str = node.name.value
    return name
