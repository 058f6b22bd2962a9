"""Replay: answering the question again out of the evidence, and comparing the answers.

This module says what a replayer is and compares; `gateway.replay` is one, and needs the whole
server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from gateway.errors import Outcome, ProvenanceError
from gateway.provenance import shape
from gateway.provenance.evidence import CacheFacts, Exchange

# A path into an answer with the indices of lists left out.
Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of whom, and when: replaying must not depend on today."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None
    asked_at: datetime
    registries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answer made again. `volatile` are the places that do not rest on the evidence alone,
    such as latencies and the signatures of cursors."""

    data: Any
    volatile: frozenset[Pattern] = frozenset()


class Replayer(Protocol):
    """Runs the installed mapping over kept bodies instead of the network."""

    def mapping(self, registry: str) -> str | None:
        """The hex digest of the recipe that is installed for a registry."""
        ...

    def answer(self, question: Question, exchanges: Sequence[Exchange]) -> Replayed:
        """What the gateway answers from these exchanges alone; they are in statement order.

        Raises:
            GatewayError: it cannot be answered from them.
        """
        ...


@runtime_checkable
class SetUp(Protocol):
    """A replayer that can be the gateway of a bundle's settings."""

    def set_up(self, settings: bytes, manifests: Mapping[str, bytes]) -> Replayer:
        """The replayer with these settings.

        Raises:
            GatewayError: they cannot be used.
        """
        ...


def exchange_of(source: Mapping[str, Any], body: bytes | None) -> Exchange:
    """The exchange that a statement's source entry is about.

    Raises:
        ProvenanceError: an entry of another shape.
    """
    try:
        cache = source["cache"]
        return Exchange(
            registry=source["registry"],
            outcome=Outcome(source["outcome"]),
            method=source["method"],
            uri=source["uri"] or "",
            uri_redacted=source["uriRedacted"],
            request_digest=_hex(source["requestDigest"]),
            digest=_hex(source["digest"]),
            size=source["size"],
            media_type=source["mediaType"],
            status=source["status"],
            fetched_at=shape.nullable(shape.instant, source["fetchedAt"], "fetchedAt"),
            upstream_date=source["upstreamDate"],
            etag=source["etag"],
            last_modified=source["lastModified"],
            cache=CacheFacts(
                hit=cache["hit"],
                fwd=cache["fwd"],
                collapsed=cache["collapsed"],
                age_seconds=cache["ageSeconds"],
                ttl_seconds=cache["ttlSeconds"],
                stale=cache["stale"],
                stale_reason=cache["staleReason"],
            ),
            attempts=source["attempts"],
            headers=source["headers"],
            body=body,
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ProvenanceError(f"a source of the statement is broken: {problem}") from None


def _hex(value: Any) -> str | None:
    return None if value is None else str(value["sha256"])


def differences(said: Any, again: Any, volatile: frozenset[Pattern]) -> list[str]:
    """Where two answers differ, as JSON pointers; volatile places are passed over."""
    return list(_differences(said, again, volatile, (), ""))


def _differences(
    said: Any, again: Any, volatile: frozenset[Pattern], at: Pattern, pointer: str
) -> Iterator[str]:
    if at in volatile:
        return
    if isinstance(said, dict) and isinstance(again, dict):
        for key in sorted({*said, *again}):
            if key not in said or key not in again:
                yield f"{pointer}/{key}"
            else:
                yield from _differences(
                    said[key], again[key], volatile, (*at, key), f"{pointer}/{key}"
                )
    elif isinstance(said, list) and isinstance(again, list):
        if len(said) != len(again):
            yield pointer
        for index, (one, other) in enumerate(zip(said, again, strict=False)):
            yield from _differences(one, other, volatile, at, f"{pointer}/{index}")
    elif type(said) is not type(again) or said != again:
        yield pointer or "/"
