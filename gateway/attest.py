"""What the statement of one answer says: gathered from the request, the result and the asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from gateway.engine.operation import GraphQLRequest, Result
from gateway.incoming import Wishes
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.records import Place
from gateway.provenance.statement import Matter, Scope
from gateway.stitch.coverage import Coverage
from gateway.upstream.terms import Terms

# A header that no proxy refuses; the statement lists every exchange.
_MOST_CACHE_STATUS = 20


class Attest(Protocol):
    """Signs the matter of one answer; see `gateway.provenance.notary`."""

    async def attest(self, matter: Matter) -> dict[str, Any]:
        """The value of `extensions.provenance`."""
        ...


class Asked(Protocol):
    """What an operation leaves behind about its asking; see `gateway.stitch.ask`."""

    records: bool

    @property
    def terms(self) -> Terms:
        """On which terms was asked, and the evidence."""
        ...

    @property
    def covered(self) -> Sequence[Coverage]:
        """How each registry's part ended, in the order in which parts ended."""
        ...

    @property
    def truncated(self) -> bool:
        """Whether a list was cut by a budget."""
        ...


def answer(result: Result) -> dict[str, Any]:
    """The signed part of a response: errors first, as the GraphQL specification likes it."""
    found: dict[str, Any] = {}
    if result.errors:
        found["errors"] = list(result.errors)
    if result.executed:
        found["data"] = result.data
    return found


def matter(
    request: GraphQLRequest,
    wishes: Wishes,
    said: dict[str, Any],
    asked: Asked,
    places: Sequence[Place] = (),
) -> Matter:
    """Everything that the statement about this answer says."""
    return Matter(
        document=request.query,
        variables=request.variables,
        operation_name=request.operation_name,
        nonce=wishes.nonce,
        scope=scope(asked.covered, truncated=asked.truncated),
        evidence=asked.terms.evidence,
        answer=said,
        level=wishes.level,
        records=places,
    )


def scope(covered: Iterable[Coverage], *, truncated: bool) -> Scope:
    """Which registries were asked, which gave anything, and whether nothing is missing."""
    requested: dict[str, bool] = {}
    complete = not truncated
    for row in covered:
        requested[row.registry] = requested.get(row.registry, False) or row.outcome.answered
        complete = complete and row.complete
    answered = tuple(registry for registry, gave in requested.items() if gave)
    return Scope(tuple(requested), answered, complete, truncated)


def cache_status(evidence: Evidence) -> str:
    """The Cache-Status of each exchange (RFC 9211), as the statement has it."""
    return ", ".join(map(_one_status, evidence.exchanges[:_MOST_CACHE_STATUS]))


def _one_status(exchange: Exchange) -> str:
    cache = exchange.cache
    parts = [f'"{exchange.registry}"']
    if cache.hit:
        parts.append("hit")
    elif cache.fwd:
        parts.append(f"fwd={cache.fwd}")
    if exchange.status is not None and not cache.hit:
        parts.append(f"fwd-status={exchange.status}")
    if cache.ttl_seconds is not None:
        parts.append(f"ttl={cache.ttl_seconds}")
    if cache.collapsed:
        parts.append("collapsed")
    return "; ".join(parts)


def timing(asked: Asked, total: float, signing: float) -> dict[str, Any]:
    """Whole milliseconds: of the operation, of its signature, of each upstream exchange; and
    microseconds of each stage of the gateway's own work, with what is left for waiting and for
    everything that is no stage. Work that one operation does for several is told to that one."""
    stages = asked.terms.stages
    told = {} if stages is None else dict(stages.seconds)
    told["sign"] = signing
    told["rest"] = max(0.0, total - sum(told.values()))
    return {
        "totalMs": round(total * 1000),
        "signMs": round(signing * 1000),
        "stages": {f"{name}Us": round(taken * 1e6) for name, taken in told.items()},
        "upstream": [
            {
                "source": index,
                "registry": exchange.registry,
                "latencyMs": exchange.latency_ms,
                "attempts": exchange.attempts,
                "hit": exchange.cache.hit,
                "collapsed": exchange.cache.collapsed,
            }
            for index, exchange in enumerate(asked.terms.evidence.exchanges)
        ],
    }
