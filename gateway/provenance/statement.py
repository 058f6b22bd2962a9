"""The in-toto statement: what exactly is signed about one answer (docs/provenance.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from gateway.clock import rfc3339
from gateway.errors import BadInput, ProvenanceError
from gateway.provenance.canonical import canonical, canonical_answer
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.records import Place

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://w3id.org/carbon-gateway/provenance/response/v1"
SUBJECT = "graphql-response"
PUBLISHED = "PUBLISHED"
THROW_AWAY = "THROW_AWAY_DEMO_KEY__DO_NOT_RELY_ON_THIS"
NONCE_CHARS = 64


class Level(StrEnum):
    """How much proof the client asked for; there is no level without a statement."""

    STATEMENT = "STATEMENT"
    RECORDS = "RECORDS"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which registries were asked and which answered: signed absence.

    `complete` is true where every requested registry answered in full, `truncated` where a list
    was cut by a limit.
    """

    requested: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    complete: bool = True
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The place of one event in a stream; `prev` is the hex digest of the statement before."""

    id: str
    seq: int
    prev: str | None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """The name of a published mapping; `digest` is the hex SHA-256 of its canonical JSON."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Builder:
    """What made the answer. `schema_digest` is the hex SHA-256 of the printed schema."""

    version: str
    schema_digest: str
    name: str = "carbon-gateway"
    data_model: str = "cad-trust/2.0"


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything about one answer that its statement says.

    The answer is given as one of `data_digest` (hex SHA-256 of the canonical form of
    `{data[, errors]}`), `data_canonical` (that form) or `answer` (the value itself, without
    floats). Level RECORDS needs `answer` and `records`, one place for each Node in it, in
    document order. `document` is the query as received, None where the request had none.
    """

    document: str | None
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
    nonce: str | None = None
    scope: Scope = Scope()
    evidence: Evidence = field(default_factory=Evidence)
    data_digest: str | None = None
    data_canonical: bytes | None = None
    answer: Mapping[str, Any] | None = None
    level: Level = Level.STATEMENT
    records: Sequence[Place] = ()
    stream: Chain | None = None

    def subject_digest(self) -> str:
        """The hex digest of the answer.

        Raises:
            ProvenanceError: neither the answer nor its canonical form or digest was given.
        """
        if self.data_digest is not None:
            return self.data_digest
        if self.data_canonical is not None:
            return sha256(self.data_canonical).hexdigest()
        if self.answer is not None:
            return sha256(canonical_answer(self.answer)).hexdigest()
        raise ProvenanceError("a statement needs the answer that it is about")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the notary adds: who signs, when, and under which names."""

    id: str
    issuer: str
    issued_at: datetime
    builder: Builder
    key_status: str = PUBLISHED
    mappings: Mapping[str, Recipe] = field(default_factory=dict)
    log_origin: str | None = None


def statement(matter: Matter, facts: Facts, tree: dict[str, Any] | None) -> dict[str, Any]:
    """The in-toto Statement v1 about one answer; `tree` is the record tree at level RECORDS.

    Raises:
        BadInput: a nonce that is too long, or variables without a canonical form.
    """
    if matter.nonce is not None and len(matter.nonce) > NONCE_CHARS:
        raise BadInput(f"provenance.nonce may have {NONCE_CHARS} characters at most")
    for asked in (matter.nonce, matter.operation_name):
        if asked is not None and _clean(asked) != asked:
            raise BadInput("a nonce or operation name has a lone surrogate")
    document = None if matter.document is None else _text_digest(matter.document)
    scope, builder, chain = matter.scope, facts.builder, matter.stream
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": SUBJECT, "digest": {"sha256": matter.subject_digest()}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "id": f"urn:uuid:{facts.id}",
            "issuer": facts.issuer,
            "issuedAt": rfc3339(facts.issued_at),
            "keyStatus": facts.key_status,
            "builder": {
                "name": builder.name,
                "version": builder.version,
                "schemaDigest": {"sha256": builder.schema_digest},
                "dataModel": builder.data_model,
            },
            "request": {
                "documentDigest": document,
                "variablesDigest": variables_digest(matter.variables),
                "operationName": matter.operation_name,
                "nonce": matter.nonce,
            },
            "scope": {
                "registriesRequested": list(scope.requested),
                "registriesAnswered": list(scope.answered),
                "complete": scope.complete,
                "truncated": scope.truncated,
            },
            "sources": [
                source_entry(index, exchange, facts.mappings)
                for index, exchange in enumerate(matter.evidence.exchanges)
            ],
            "records": tree,
            "stream": None if chain is None else _chain(chain),
            "log": None if facts.log_origin is None else {"origin": facts.log_origin},
        },
    }


def variables_digest(variables: Mapping[str, Any] | None) -> dict[str, str] | None:
    """The digest of the variables, or None where there are none; `{}` counts as none.

    Raises:
        BadInput: a number or string that has no canonical form.
    """
    if not variables:
        return None
    try:
        return {"sha256": sha256(canonical(variables)).hexdigest()}
    except ProvenanceError as problem:
        raise BadInput(f"the variables cannot be signed: {problem.message}") from None


def source_entry(index: int, exchange: Exchange, mappings: Mapping[str, Recipe]) -> dict[str, Any]:
    """One upstream exchange as the statement lists it: an allowlist, never headers or bodies."""
    cache = exchange.cache
    uri, stripped = _without_secrets(exchange.uri)
    recipe = mappings.get(exchange.registry) if exchange.digest is not None else None
    return {
        "index": index,
        "registry": exchange.registry,
        "outcome": exchange.outcome.value,
        "method": exchange.method,
        "uri": uri,
        "uriRedacted": exchange.uri_redacted or stripped,
        "requestDigest": _digest(exchange.request_digest),
        "digest": _digest(exchange.digest),
        "size": exchange.size,
        "mediaType": _clean(exchange.media_type),
        "status": exchange.status,
        "fetchedAt": None if exchange.fetched_at is None else rfc3339(exchange.fetched_at),
        "upstreamDate": _clean(exchange.upstream_date),
        "etag": _clean(exchange.etag),
        "lastModified": _clean(exchange.last_modified),
        "headers": {name: _clean(value) for name, value in exchange.headers.items()},
        "cache": {
            "hit": cache.hit,
            "fwd": cache.fwd,
            "collapsed": cache.collapsed,
            "ageSeconds": cache.age_seconds,
            "ttlSeconds": cache.ttl_seconds,
            "stale": cache.stale,
            "staleReason": cache.stale_reason,
        },
        "attempts": exchange.attempts,
        "tls": (
            None if exchange.tls_certificate is None else {"certSha256": exchange.tls_certificate}
        ),
        "mapping": (
            None
            if recipe is None
            else {
                "name": recipe.name,
                "version": recipe.version,
                "digest": {"sha256": exchange.mapping or recipe.digest},
            }
        ),
        "upstreamProof": None,
    }


def _chain(chain: Chain) -> dict[str, Any]:
    return {"id": chain.id, "seq": chain.seq, "prev": chain.prev, "final": chain.final}


def _digest(hexadecimal: str | None) -> dict[str, str] | None:
    return None if hexadecimal is None else {"sha256": hexadecimal}


def _text_digest(text: str) -> dict[str, str]:
    try:
        return {"sha256": sha256(text.encode()).hexdigest()}
    except UnicodeEncodeError:
        raise BadInput("the document has a lone surrogate") from None


def _without_secrets(uri: str) -> tuple[str | None, bool]:
    """The address without userinfo and fragment, and whether there were any.

    The door redacts already; this is the last gate before a signature makes it permanent.
    """
    if "@" not in uri and "#" not in uri:
        return _clean(uri), False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None, True
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
    return _clean(urlunsplit(bare)), bare != parts


def _clean(text: str | None) -> str | None:
    # Header text may carry bytes that are not UTF-8 as lone surrogates, which no JSON can hold.
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()
