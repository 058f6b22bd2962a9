"""Showing one record of an answer alone: its entry, its way to the signed root, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import merkle, shape
from gateway.provenance.canonical import canonical, has_float
from gateway.provenance.envelope import VERSION, Opened, open_statement
from gateway.provenance.records import TREE, entries
from gateway.provenance.strict import load_json, one_line
from gateway.provenance.verdict import Verdict
from gateway.provenance.verify import (
    check_age,
    check_request,
    check_signatures,
    read_places,
    tell_scope,
)


def disclose(response: Mapping[str, Any], record: str | int) -> dict[str, Any]:
    """One record of a response at level RECORDS, with the proof that it was in the answer.

    `record` is a global id, or an index where an id is there several times. Nothing is checked
    here; whoever receives the disclosure checks it.

    Raises:
        ProvenanceError: the response has no record proofs, or no such record.
    """
    value = shape.mapping(shape.mapping(response.get("extensions"), "extensions").get("provenance"),
                          "the proof")  # fmt: skip
    if value.get("records") is None:
        raise ProvenanceError("the answer has no record proofs; ask with level RECORDS")
    statement = shape.mapping(value.get("statement"), "the statement")
    sources = shape.mapping(statement.get("predicate"), "the predicate").get("sources")
    places = read_places(value["records"], len(shape.listed(sources, "the sources")))
    if isinstance(record, str):
        found = [i for i, place in enumerate(places) if place["id"] == record]
    else:
        found = [record] if 0 <= record < len(places) else []
    if not found:
        raise ProvenanceError(f"the answer has no record {one_line(record)}")
    all_entries = entries(response.get("data"), places)
    leaves = [merkle.leaf_hash(entry) for entry in all_entries]
    index = found[0]
    return {
        "version": VERSION,
        "statement": statement,
        "signatures": value["signatures"],
        "index": index,
        "entry": load_json(all_entries[index]),
        "proof": [node.hex() for node in merkle.inclusion_proof(index, leaves)],
    }


def verify_record(
    disclosure: Mapping[str, Any],
    jwks: Mapping[str, Any] | None,
    *,
    query: str | None = None,
    variables: Mapping[str, Any] | None = None,
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
    check_entry(verdict, opened, disclosure)
    check_request(verdict, opened, query, variables)
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


def check_entry(verdict: Verdict, opened: Opened, disclosure: Mapping[str, Any]) -> None:
    """Whether the entry is the leaf it is said to be of the signed record tree."""

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
        who = ", ".join(
            one_line(opened.predicate["sources"][origin["source"]]["registry"])
            for origin in place["from"]
        )
        return f"The record {one_line(place['id'])} was in the answer, read from {who}."

    verdict.attempt("record", step)
