"""Checking an answer against its question: document, operation, variables, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import shape
from gateway.provenance.canonical import canonical
from gateway.provenance.envelope import Opened
from gateway.provenance.question import Asked, told
from gateway.provenance.strict import one_line
from gateway.provenance.verdict import Verdict

# So many misleading aliases are told one by one.
MOST_TOLD = 20


def check_question(
    verdict: Verdict,
    opened: Opened,
    query: str | None,
    variables: Mapping[str, Any] | None,
    operation: str | None,
    *,
    answered: bool,
) -> Asked | None:
    """Whether the answer belongs to this question; the operation, where that is certain.

    `answered` is whether the operation was executed: what was refused may well have been no
    question at all, and the signed errors say so.
    """
    fits = True
    if query is None:
        verdict.unchecked(
            "question",
            "What this answers is not known (not checked: the question); "
            "give --query, and --variables where there were any.",
        )
    else:
        fits = _check_query(verdict, opened, query)
    if query is not None or variables is not None:
        fits = _check_variables(verdict, opened, variables) and fits
    named = opened.predicate["request"]["operationName"]
    if operation is not None:
        fits = fits and verdict.judge(
            "operation",
            named == operation,
            f"It answers the operation {one_line(operation)}.",
            f"It does not answer the operation {one_line(operation)}.",
        )
    if query is None or not fits or not answered:
        return None
    return _asked(verdict, query, variables, named)


def check_names(asked: Asked, path: Sequence[str | int]) -> None:
    """Refuses a record that shows one field under the name of another.

    Raises:
        ProvenanceError: it does.
    """
    if found := asked.misnomers_at(path):
        raise ProvenanceError(f"A record under misleading names is no proof: {told(found[0])}.")


def _check_query(verdict: Verdict, opened: Opened, query: str) -> bool:
    wanted = opened.predicate["request"]["documentDigest"]
    # Editors end files with a line break that was not part of the question.
    spellings = {query, query.rstrip("\n")}
    found = {sha256(q.encode("utf-8", "surrogatepass")).hexdigest() for q in spellings}
    return verdict.judge(
        "query",
        wanted is not None and shape.digest_of(wanted, "documentDigest") in found,
        "It answers this query.",
        "It answers another query.",
    )


def _check_variables(verdict: Verdict, opened: Opened, variables: Mapping[str, Any] | None) -> bool:
    wanted = opened.predicate["request"]["variablesDigest"]

    def step() -> str:
        given = sha256(canonical(variables)).hexdigest() if variables else None
        if shape.optional_digest(wanted, "variablesDigest") != given:
            raise ProvenanceError("It was asked with other variables.")
        return "It was asked with these variables." if given else "It was asked without variables."

    return verdict.attempt("variables", step)


def _asked(
    verdict: Verdict, query: str, variables: Mapping[str, Any] | None, name: str | None
) -> Asked | None:
    """Whether such an operation with such variables can have been answered at all."""
    try:
        asked = Asked.of(query, name)
        asked.check_variables(variables or {})
        misleading = asked.misnomers()
    except ProvenanceError as problem:
        verdict.fails("question", f"This cannot be its question: {problem.message}.")
        return None
    if len(asked.document.operations) > 1:
        verdict.note("operation", f"Of the query's operations it answers {one_line(name)}.")
    for one in misleading[:MOST_TOLD]:
        verdict.note("alias", f"A name misleads: {told(one)}.")
    if len(misleading) > MOST_TOLD:
        verdict.note("alias", f"{len(misleading) - MOST_TOLD} further names mislead.")
    return asked
