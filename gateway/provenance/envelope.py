"""Opening a signed statement: its shape, its signatures, and nothing taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import shape
from gateway.provenance.canonical import canonical, has_float
from gateway.provenance.jwks import PublishedKey
from gateway.provenance.keys import verifies
from gateway.provenance.strict import decode64, encode64, load_json, one_line

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://w3id.org/carbon-gateway/provenance/response/v1"
VERSION = 1
_SOURCE = (
    "index registry outcome method uri uriRedacted requestDigest digest size mediaType status "
    "fetchedAt upstreamDate etag lastModified headers cache attempts tls mapping upstreamProof"
)
_HEADER = {"alg": "Ed25519", "cty": "vnd.in-toto+json", "typ": "cgw-provenance+jws"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A statement whose shape is right. `payload` is the base64url text that is signed."""

    statement: Mapping[str, Any]
    predicate: Mapping[str, Any]
    payload: str
    subject: str
    issued_at: datetime
    signatures: tuple[Mapping[str, str], ...]

    @property
    def log_entry(self) -> bytes:
        """The 32 bytes that a log writes down: SHA-256 of the first compact JWS."""
        first = self.signatures[0]
        compact = f"{first['protected']}.{self.payload}.{first['signature']}"
        return sha256(compact.encode()).digest()


def open_statement(statement: object, signatures: object) -> Opened:
    """The statement, its shape checked; the signatures are not checked here.

    Raises:
        ProvenanceError: anything that is not a version 1 statement, unknown members included.
    """
    if has_float(statement):
        raise ProvenanceError("the statement has a number that is not an integer")
    whole = shape.members(statement, "the statement", "_type subject predicateType predicate")
    if whole["_type"] != STATEMENT_TYPE or whole["predicateType"] != PREDICATE_TYPE:
        raise ProvenanceError("not a statement about an answer of this gateway")
    subjects = shape.listed(whole["subject"], "the subject")
    if len(subjects) != 1:
        raise ProvenanceError("the statement has not exactly one subject")
    subject = shape.members(subjects[0], "the subject", "name digest")
    if subject["name"] != "graphql-response":
        raise ProvenanceError("the statement is not about a GraphQL response")
    predicate = shape.members(
        whole["predicate"],
        "the predicate",
        "id issuer issuedAt keyStatus builder request scope sources records stream log",
    )
    _check_predicate(predicate)
    return Opened(
        statement=whole,
        predicate=predicate,
        payload=encode64(canonical(whole)),
        subject=shape.digest_of(subject["digest"], "the answer's digest"),
        issued_at=shape.instant(predicate["issuedAt"], "issuedAt"),
        signatures=_signatures(signatures),
    )


def _check_predicate(predicate: Mapping[str, Any]) -> None:
    for name in ("id", "issuer", "keyStatus"):
        shape.text(predicate[name], name)
    shape.members(predicate["builder"], "the builder", "name version schemaDigest dataModel")
    request = shape.members(
        predicate["request"],
        "the request",
        "documentDigest variablesDigest operationName nonce",
    )
    shape.optional_digest(request["documentDigest"], "documentDigest")
    shape.optional_digest(request["variablesDigest"], "variablesDigest")
    scope = shape.members(
        predicate["scope"],
        "the scope",
        "registriesRequested registriesAnswered complete truncated",
    )
    shape.texts(scope["registriesRequested"], "registriesRequested")
    shape.texts(scope["registriesAnswered"], "registriesAnswered")
    shape.flag(scope["complete"], "complete")
    shape.flag(scope["truncated"], "truncated")
    for index, source in enumerate(shape.listed(predicate["sources"], "sources")):
        _check_source(index, source)
    if (records := predicate["records"]) is not None:
        shape.members(records, "the record tree", "alg count root")
        shape.whole(records["count"], "the number of records")
        shape.hex_digest(records["root"], "the record root")
    if (stream := predicate["stream"]) is not None:
        shape.members(stream, "the stream", "id seq prev final")
        shape.text(stream["id"], "the stream's id")
        shape.whole(stream["seq"], "the stream's number")
        shape.nullable(shape.hex_digest, stream["prev"], "the statement before")
        shape.flag(stream["final"], "final")
    if (log := predicate["log"]) is not None:
        shape.text(shape.members(log, "the log", "origin")["origin"], "the log's origin")


def _check_source(index: int, value: object) -> None:
    source = shape.members(value, "a source", _SOURCE)
    if shape.whole(source["index"], "a source's index") != index:
        raise ProvenanceError("the sources are not numbered in order")
    for name in ("registry", "outcome", "method"):
        shape.text(source[name], f"a source's {name}")
    shape.optional_text(source["uri"], "a source's uri")
    shape.flag(source["uriRedacted"], "uriRedacted")
    shape.optional_digest(source["digest"], "a source's digest")
    shape.optional_digest(source["requestDigest"], "a source's requestDigest")
    shape.nullable(shape.instant, source["fetchedAt"], "fetchedAt")
    if (mapping := source["mapping"]) is not None:
        shape.members(mapping, "a mapping", "name version digest")
        shape.digest_of(mapping["digest"], "a mapping's digest")


def _signatures(value: object) -> tuple[Mapping[str, str], ...]:
    found = tuple(
        shape.members(item, "a signature", "protected signature")
        for item in shape.listed(value, "signatures")
    )
    if not found:
        raise ProvenanceError("there is no signature")
    return found


def signing_keys(opened: Opened, trusted: Mapping[str, PublishedKey]) -> list[PublishedKey]:
    """The keys that signed. Every signature must hold and every key must be trusted.

    Raises:
        ProvenanceError: another algorithm, an unknown key, a signature that does not hold, or
            signatures out of the order of their `kid`.
    """
    kids: list[str] = []
    for item in opened.signatures:
        header = load_json(decode64(item["protected"]))
        kid = shape.text(
            shape.members(header, "the signature's header", "alg cty kid typ")["kid"], "kid"
        )
        if any(header[name] != wanted for name, wanted in _HEADER.items()):
            raise ProvenanceError("the signature is not an Ed25519 signature of a statement")
        if kid not in trusted:
            raise ProvenanceError(f"the signing key {one_line(kid)} is not among the trusted keys")
        message = f"{item['protected']}.{opened.payload}".encode()
        if not verifies(trusted[kid].public, decode64(item["signature"]), message):
            raise ProvenanceError(f"the signature by {kid} does not hold")
        kids.append(kid)
    if kids != sorted(set(kids)):
        raise ProvenanceError("the signatures are not in order, or one is there twice")
    return [trusted[kid] for kid in kids]
