"""Checking a whole stream: every event, their order, and that none is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import shape
from gateway.provenance.canonical import digest
from gateway.provenance.verdict import Mark, Verdict
from gateway.provenance.verify import verify_response


def verify_stream(
    events: Iterable[Mapping[str, Any]],
    jwks: Mapping[str, Any] | None,
    *,
    query: str | None = None,
    variables: Mapping[str, Any] | None = None,
    operation: str | None = None,
    max_age: timedelta | None = None,
    pin: str | None = None,
    now: datetime | None = None,
) -> Verdict:
    """Checks the events of one stream in the order in which they came.

    The other arguments are those of `verify_response`. A stream without its final event is
    incomplete; one with a gap, a repetition or a foreign event is invalid.
    """
    verdict = Verdict()
    stream: str | None = None
    before: str | None = None
    count, final = 0, False
    for event in events:
        found = verify_response(
            event,
            jwks,
            query=query,
            variables=variables,
            operation=operation,
            max_age=max_age,
            pin=pin,
            now=now,
        )
        _take_over(verdict, count, found)
        if not found.valid:
            return verdict
        statement = event["extensions"]["provenance"]["statement"]
        try:
            place = shape.mapping(statement["predicate"]["stream"], "the stream")
            if final:
                raise ProvenanceError("it comes after the final event")
            if place["seq"] != count or place["prev"] != before:
                raise ProvenanceError("an event before it is missing, changed or twice")
            if stream not in (None, place["id"]):
                raise ProvenanceError("it belongs to another stream")
        except ProvenanceError as problem:
            verdict.fails("chain", f"Event {count} does not follow: {problem.message}.")
            return verdict
        stream, final, before = place["id"], place["final"], digest(statement)
        count += 1
    if not count:
        verdict.fails("chain", "There is no event.")
        return verdict
    verdict.holds("chain", f"All {count} events follow one another without a gap.")
    if not final:
        verdict.unchecked("chain", "The final event is missing: the stream was cut short.")
    return verdict


def _take_over(verdict: Verdict, number: int, found: Verdict) -> None:
    """The first event's findings in full; of the others only what is wrong or new."""
    known = {(finding.check, finding.mark, finding.text) for finding in verdict.findings}
    for finding in found.findings:
        if finding.check == "stream":
            continue
        if number == 0:
            verdict.findings.append(finding)
        elif finding.mark is Mark.FAILS:
            verdict.fails(finding.check, f"Event {number}: {finding.text}")
        elif finding.mark is not Mark.HOLDS and (
            (finding.check, finding.mark, finding.text) not in known
        ):
            verdict.findings.append(finding)
