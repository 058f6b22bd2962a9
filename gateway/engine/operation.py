"""What the endpoint hands to an executor, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.provenance.records import Place


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A well-formed request, `extensions` as the client sent them."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """An executed or refused request.

    `executed` tells a request error (no `data` key) from `data: null`. `errors` are formatted,
    bugs already masked. `data` is in the order of the query. `places` says of each record in it
    where it came from, in document order, where that was asked for.
    """

    executed: bool
    data: Mapping[str, Any] | None = None
    errors: Sequence[Mapping[str, Any]] = ()
    places: Sequence[Place] = ()


class Executor(Protocol):
    """Runs one request against the schema; the context is the operation's own."""

    async def execute(self, request: GraphQLRequest, context: Any) -> Result:
        """Never raises for anything a client or registry can cause."""
        ...

    async def explain(self, request: GraphQLRequest, context: Any) -> Sequence[Mapping[str, Any]]:
        """What the request would ask of which registry, and its price; nothing is asked."""
        ...
