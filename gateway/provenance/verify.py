"""Checking an answer years later, offline: `python -m gateway.provenance.verify`.

This module and everything it imports at the top need only the standard library and
`cryptography`, so that whoever checks need not install the server.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import records, shape
from gateway.provenance.canonical import canonical, has_float
from gateway.provenance.envelope import VERSION, Opened, open_statement, signing_keys
from gateway.provenance.jwks import UNTRUSTED_REASONS, PublishedKey, read_jwks
from gateway.provenance.question import Asked
from gateway.provenance.question_verify import check_names, check_question
from gateway.provenance.strict import decode64, one_line
from gateway.provenance.verdict import Verdict

PUBLISHED = "PUBLISHED"
# Clocks of two honest machines may differ by this much.
SKEW = timedelta(minutes=2)


def verify_response(
    response: Mapping[str, Any],
    jwks: Mapping[str, Any] | None,
    *,
    query: str | None = None,
    variables: Mapping[str, Any] | None = None,
    operation: str | None = None,
    max_age: timedelta | None = None,
    pin: str | None = None,
    now: datetime | None = None,
    stamped: datetime | None = None,
) -> Verdict:
    """Checks a whole GraphQL response against a key set that the caller trusts.

    `response` and `jwks` come from `gateway.provenance.strict.load_json`. With `query`, the
    answer must be to exactly this document and these variables, and with `operation` to the
    operation of this name; without it the verdict is incomplete. With `max_age`, neither the
    statement nor any body in it may be older. With `pin`, the signing key's thumbprint must be
    this one. `stamped` is when an outsider saw the statement in a log, which saves it from a
    later loss of its key. Never raises for anything in the response or the key set.
    """
    verdict = Verdict()
    opened = _open(verdict, response)
    if opened is None:
        return verdict
    check_signatures(verdict, opened, jwks, pin, stamped)
    check_answer(verdict, opened, response)
    asked = check_question(
        verdict, opened, query, variables, operation, answered="data" in response
    )
    check_records(verdict, opened, response, asked)
    proof = response["extensions"]["provenance"]
    if "evidence" in proof:
        check_bodies(verdict, opened, proof["evidence"])
    check_age(verdict, opened, max_age, now)
    tell_scope(verdict, opened)
    return verdict


def _open(verdict: Verdict, response: Mapping[str, Any]) -> Opened | None:
    try:
        shape.members(response, "the response", "extensions", "data errors")
        extensions = shape.mapping(response["extensions"], "extensions")
        if "provenance" not in extensions:
            raise ProvenanceError("the response carries no proof (extensions.provenance)")
        value = shape.members(
            extensions["provenance"],
            "the proof",
            "version statement signatures records",
            "evidence",
        )
        if shape.whole(value["version"], "version") != VERSION:
            raise ProvenanceError(f"the proof has a version that is not {VERSION}")
        return open_statement(value["statement"], value["signatures"])
    except ProvenanceError as problem:
        verdict.fails("shape", f"This cannot be checked: {problem.message}.")
        return None


def check_signatures(
    verdict: Verdict,
    opened: Opened,
    jwks: Mapping[str, Any] | None,
    pin: str | None,
    stamped: datetime | None = None,
) -> list[PublishedKey]:
    """Whether trusted keys signed the statement, each in its time."""
    try:
        keys = signing_keys(opened, read_jwks(jwks))
    except ProvenanceError as problem:
        verdict.fails("signature", f"The signature does not hold: {problem.message}.")
        return []
    kids = ", ".join(key.kid for key in keys)
    issuer = one_line(opened.predicate["issuer"])
    at = opened.predicate["issuedAt"]
    verdict.holds("signature", f"Signed by {issuer} at {at} with key {kids}.")
    if pin is not None:
        verdict.judge(
            "pin",
            pin in {key.kid for key in keys},
            "The key is the pinned one.",
            f"The key is not the pinned one, {one_line(pin)}.",
        )
    for key in keys:
        _check_key(verdict, opened, key, stamped)
    if opened.predicate["keyStatus"] != PUBLISHED:
        verdict.unchecked(
            "keyStatus",
            "THROW-AWAY KEY: made for a demonstration and gone with its process. "
            "Nobody can vouch for it; do not rely on it.",
        )
    return keys


def _check_key(
    verdict: Verdict, opened: Opened, key: PublishedKey, stamped: datetime | None
) -> None:
    at = opened.issued_at.timestamp()
    if not key.may_sign_at(at):
        verdict.fails("keyTime", f"The key {key.kid} was not in use at the time of signing.")
    if key.revoked_at is None:
        return
    when = datetime.fromtimestamp(key.revoked_at, UTC).isoformat()
    reason = one_line(key.reason or "unspecified")
    if stamped is not None and stamped.timestamp() < key.revoked_at:
        verdict.note("revoked", f"The key {key.kid} was lost later, at {when} ({reason}).")
    elif at >= key.revoked_at:
        verdict.fails("revoked", f"The key {key.kid} was revoked at {when} ({reason}), before.")
    elif (key.reason or "unspecified") in UNTRUSTED_REASONS:
        verdict.fails(
            "revoked",
            f"The key {key.kid} was revoked at {when} ({reason}); whoever had it could have "
            "dated this back. Only a log entry time-stamped before then can save it.",
        )
    else:
        verdict.note("revoked", f"The key {key.kid} was revoked later, at {when} ({reason}).")


def check_answer(verdict: Verdict, opened: Opened, response: Mapping[str, Any]) -> None:
    """Whether data and errors are the ones that the statement is about."""

    def step() -> str:
        answer = {name: response[name] for name in ("data", "errors") if name in response}
        if has_float(answer):
            raise ProvenanceError("The answer has a number that this gateway never writes.")
        if sha256(canonical(answer)).hexdigest() != opened.subject:
            raise ProvenanceError("The answer was changed: its digest is not the signed one.")
        return "Data and errors are exactly what was signed."

    verdict.attempt("answer", step)


def check_records(
    verdict: Verdict, opened: Opened, response: Mapping[str, Any], asked: Asked | None
) -> None:
    """Whether each record is the signed one, from the place it is said to be from, and shows its
    fields under no name but their own."""
    places = response["extensions"]["provenance"]["records"]
    signed = opened.predicate["records"]

    def step() -> str:
        if (places is None) != (signed is None):
            raise ProvenanceError("The record list and the signed record tree do not fit.")
        if places is None:
            return "The statement covers the answer as a whole, without record proofs."
        found = read_places(places, len(opened.predicate["sources"]))
        if records.tree(records.entries(response.get("data"), found)) != signed:
            raise ProvenanceError("The records do not give the signed root.")
        for place, value in zip(found, records.values(response.get("data"), found), strict=True):
            records.check_id({"id": place["id"], "value": value})
        if asked is not None:
            # Rows of one list are selected alike.
            for path in {tuple(s for s in p["path"] if isinstance(s, str)) for p in found}:
                check_names(asked, path)
        return f"All {len(found)} records and their places are as signed."

    verdict.attempt("records", step)


def read_places(value: object, sources: int) -> list[dict[str, Any]]:
    """The list of record places, its shape checked.

    Raises:
        ProvenanceError: it has another shape, or names a source beyond the `sources` given.
    """
    found: list[dict[str, Any]] = []
    for item in shape.listed(value, "the record list"):
        place = shape.members(item, "a record", "path id from")
        for step in shape.listed(place["path"], "a record's path"):
            if not isinstance(step, str):
                shape.whole(step, "a record's path")
        shape.text(place["id"], "a record's id")
        for origin in shape.listed(place["from"], "a record's origin"):
            shape.members(origin, "a record's origin", "source pointer")
            if shape.whole(origin["source"], "a record's source") >= sources:
                raise ProvenanceError("A record names a source that is not there.")
            shape.text(origin["pointer"], "a record's pointer")
        found.append(place)
    return found


def check_bodies(verdict: Verdict, opened: Opened, evidence: object) -> dict[int, bytes]:
    """Whether the upstream bodies sent along are the ones that were hashed; they by source."""
    bodies: dict[int, bytes] = {}

    def step() -> str:
        sources = opened.predicate["sources"]
        for item in shape.listed(evidence, "the evidence"):
            kept = shape.members(item, "a piece of evidence", "source body")
            index = shape.whole(kept["source"], "a piece of evidence's source")
            if index >= len(sources) or (bodies and index <= max(bodies)):
                raise ProvenanceError("The evidence is not in the order of the sources.")
            body = decode64(kept["body"])
            wanted = shape.optional_digest(sources[index].get("digest"), "a source's digest")
            if sha256(body).hexdigest() != wanted:
                raise ProvenanceError(f"The upstream body of source {index} was changed.")
            bodies[index] = body
        return f"All {len(bodies)} upstream bodies sent along are the ones that were read."

    if not verdict.attempt("evidence", step):
        bodies.clear()
        return bodies
    sources = opened.predicate["sources"]
    missing = [s["index"] for s in sources if s.get("digest") and s["index"] not in bodies]
    if missing:
        verdict.unchecked("evidence", f"The bodies of sources {missing} were not sent along.")
    return bodies


def check_age(
    verdict: Verdict, opened: Opened, max_age: timedelta | None, now: datetime | None
) -> None:
    """Whether statement and bodies are young enough, and none is from the future."""
    moment = datetime.now(UTC) if now is None else now
    if opened.issued_at > moment + SKEW:
        verdict.fails("age", "It is dated in the future.")
    if max_age is None:
        return

    def step() -> str:
        if moment - opened.issued_at > max_age:
            raise ProvenanceError(f"It is older than {max_age}.")
        for source in opened.predicate["sources"]:
            fetched = shape.nullable(shape.instant, source.get("fetchedAt"), "fetchedAt")
            if fetched is not None and moment - fetched > max_age:
                who = one_line(source["registry"])
                raise ProvenanceError(f"What {who} said is older than {max_age}.")
        return f"Nothing in it is older than {max_age}."

    verdict.attempt("age", step)


def tell_scope(verdict: Verdict, opened: Opened) -> None:
    """Says what is signed as missing: absence is part of the answer."""
    scope = opened.predicate["scope"]
    silent = [r for r in scope["registriesRequested"] if r not in scope["registriesAnswered"]]
    if silent:
        names = ", ".join(map(one_line, silent))
        verdict.note("scope", f"No answer in this from: {names}.")
    elif not scope["complete"]:
        verdict.note("scope", "Not every registry answered in full.")
    if (stream := opened.predicate["stream"]) is not None:
        verdict.note("stream", f"Event {stream['seq']} of a stream; check the stream as a whole.")
    if scope["truncated"]:
        verdict.note("scope", "A list was cut by a limit; there is more.")
    stale = sorted({s["registry"] for s in opened.predicate["sources"] if s["outcome"] == "STALE"})
    if stale:
        verdict.note("stale", f"Old copies stood in for: {', '.join(map(one_line, stale))}.")


if __name__ == "__main__":
    from gateway.provenance.verify_cli import main

    sys.exit(main())
