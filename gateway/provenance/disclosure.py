"""Showing one record of an answer alone: its entry, its way to the signed root, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import merkle, shape
from gateway.provenance.canonical import canonical, has_float
from gateway.provenance.envelope import VERSION, Opened, open_statement
from gateway.provenance.question import Asked
from gateway.provenance.question_verify import check_names, check_question
from gateway.provenance.records import TREE, check_id, entries
from gateway.provenance.strict import load_json, one_line
from gateway.provenance.verdict import Verdict
from gateway.provenance.verify import check_age, check_signatures, read_places, tell_scope


def disclose(
    response: Mapping[str, Any], record: str | int, *, query: str | None = None
) -> dict[str, Any]:
    """One record of a response at level RECORDS, with the proof that it was in the answer.

    `record` is a global id, or an index where an id is there several times. With `query`, a record
    that shows one field under the name of another is not disclosed. Nothing else is checked here;
    whoever receives the disclosure checks it.

    Raises:
        ProvenanceError: the response has no record proofs, no such record, or a misleading one.
    """
    value = shape.mapping(shape.mapping(response.get("extensions"), "extensions").get("provenance"),
                          "the proof")  # fmt: skip
    if value.get("records") is None:
        raise ProvenanceError("the answer has no record proofs; ask with level RECORDS")
    statement = shape.mapping(value.get("statement"), "the statement")
    predicate = shape.mapping(statement.get("predicate"), "the predicate")
    sources = shape.listed(predicate.get("sources"), "the sources")
    places = read_places(value["records"], len(sources))
    if isinstance(record, str):
        found = [i for i, place in enumerate(places) if place["id"] == record]
    else:
        found = [record] if 0 <= record < len(places) else []
    if not found:
        raise ProvenanceError(f"the answer has no record {one_line(record)}")
    all_entries = entries(response.get("data"), places)
    leaves = [merkle.leaf_hash(entry) for entry in all_entries]
    index = found[0]
    entry = load_json(all_entries[index])
    check_id(entry)
    if query is not None:
        request = shape.mapping(predicate.get("request"), "the request")
        check_names(Asked.of(query, request.get("operationName")), entry["path"])
    return {
        "version": VERSION,
        "statement": statement,
        "signatures": value["signatures"],
        "index": index,
        "entry": entry,
        "proof": [node.hex() for node in merkle.inclusion_proof(index, leaves)],
    }


def verify_record(
    disclosure: Mapping[str, Any],
    jwks: Mapping[str, Any] | None,
    *,
    query: str | None = None,
    variables: Mapping[str, Any] | None = None,
    operation: str | None = None,
    max_age: timedelta | None = None,
    pin: str | None = None,
    now: datetime | None = None,
) -> Verdict:
    """Checks one disclosed record; the arguments are those of `verify_response`."""
    verdict = Verdict()
    opened = _open(verdict, disclosure)
    if opened is None:
        return verdict
    check_signatures(verdict, opened, jwks, pin)
    asked = check_question(verdict, opened, query, variables, operation, answered=True)
    check_entry(verdict, opened, disclosure, asked)
    check_age(verdict, opened, max_age, now)
    tell_scope(verdict, opened)
    return verdict


def _open(verdict: Verdict, disclosure: Mapping[str, Any]) -> Opened | None:
    try:
        value = shape.members(
            disclosure, "the disclosure", "version statement signatures index entry proof"
        )
        if shape.whole(value["version"], "version") != VERSION:
            raise ProvenanceError(f"the disclosure has a version that is not {VERSION}")
        return open_statement(value["statement"], value["signatures"])
    except ProvenanceError as problem:
        verdict.fails("shape", f"This cannot be checked: {problem.message}.")
        return None


def check_entry(
    verdict: Verdict, opened: Opened, disclosure: Mapping[str, Any], asked: Asked | None
) -> None:
    """Whether the entry is the leaf it is said to be of the signed record tree, and shows its
    fields under no name but their own."""

    def step() -> str:
        signed = opened.predicate["records"]
        if signed is None or signed["alg"] != TREE:
            raise ProvenanceError("The statement signs no record tree.")
        entry = shape.members(disclosure["entry"], "the record", "path id from value")
        (place,) = read_places(
            [{name: entry[name] for name in ("path", "id", "from")}],
            len(opened.predicate["sources"]),
        )
        if has_float(entry):
            raise ProvenanceError("The record has a number that this gateway never writes.")
        proof = [
            bytes.fromhex(shape.hex_digest(node, "a proof's hash"))
            for node in shape.listed(disclosure["proof"], "the proof")
        ]
        index = shape.whole(disclosure["index"], "the index")
        leaf = merkle.leaf_hash(canonical(entry))
        if not merkle.includes(leaf, index, signed["count"], proof, bytes.fromhex(signed["root"])):
            raise ProvenanceError("The record was changed, or was not in the signed answer.")
        check_id(entry)
        if asked is not None:
            check_names(asked, place["path"])
        who = ", ".join(
            one_line(opened.predicate["sources"][origin["source"]]["registry"])
            for origin in place["from"]
        )
        return f"The record {one_line(place['id'])} was in the answer, read from {who}."

    verdict.attempt("record", step)
