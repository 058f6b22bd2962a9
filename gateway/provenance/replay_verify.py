"""Checking an answer by giving it again: the question over the kept bodies, and what it means where
something else comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.errors import (
    BadCursor,
    GatewayError,
    OrderUnsupported,
    ProvenanceError,
    RequestError,
    TooComplex,
    TooExpensive,
)
from gateway.model.globalid import parse_id
from gateway.provenance.envelope import Opened
from gateway.provenance.evidence import Exchange
from gateway.provenance.replay import (
    Pattern,
    Question,
    Replayed,
    Replayer,
    differences,
    exchange_of,
)
from gateway.provenance.strict import load_json, one_line
from gateway.provenance.verdict import Verdict

# Refusals that rest on the operator's settings: another limit admits the same question.
_OF_SETTINGS = (TooComplex, TooExpensive, OrderUnsupported, BadCursor)


def replay(
    verdict: Verdict,
    opened: Opened,
    response: Mapping[str, Any],
    replayer: Replayer,
    bodies: Mapping[int, bytes],
    query: str | None,
    variables: Mapping[str, Any] | None,
) -> None:
    """Answers the question again out of the kept bodies and compares; the statement must hold."""
    if query is None:
        verdict.unchecked("replay", "A replay needs the query; give --query.")
        return
    predicate = opened.predicate
    try:
        exchanges = [exchange_of(s, bodies.get(s["index"])) for s in predicate["sources"]]
    except ProvenanceError as problem:
        verdict.fails("replay", f"The statement cannot be replayed: {problem.message}.")
        return
    lacking = [i for i, e in enumerate(exchanges) if e.digest and e.body is None]
    if lacking:
        verdict.unchecked("replay", f"Not replayed: the bodies of sources {lacking} are needed.")
        return
    _tell_ambiguous(verdict, exchanges)
    question = Question(
        query,
        variables or {},
        predicate["request"]["operationName"],
        opened.issued_at,
        tuple(predicate["scope"]["registriesRequested"]),
    )
    try:
        again = replayer.answer(question, exchanges)
    except RequestError as problem:
        _judge_refusal(verdict, opened, response, problem)
    except GatewayError as problem:
        verdict.unchecked("replay", f"The question could not be replayed: {problem.message}.")
    else:
        _compare(verdict, opened, response, replayer, exchanges, again)


def _judge_refusal(
    verdict: Verdict, opened: Opened, response: Mapping[str, Any], problem: RequestError
) -> None:
    """A question that cannot be asked at all was not answered, unless a setting forbids it here."""
    if "data" not in response and problem.code in _codes(response):
        verdict.holds("replay", "The question is refused again, for the same reason.")
    elif isinstance(problem, _OF_SETTINGS):
        verdict.unchecked(
            "replay", f"With these settings the question is refused: {problem.message}"
        )
    else:
        version = one_line(opened.predicate["builder"]["version"])
        verdict.fails(
            "replay",
            f"This question cannot have been answered: {problem.message} "
            f"(The statement names version {version} of the gateway.)",
        )


def _compare(
    verdict: Verdict,
    opened: Opened,
    response: Mapping[str, Any],
    replayer: Replayer,
    exchanges: Sequence[Exchange],
    again: Replayed,
) -> None:
    if "data" not in response:
        refused = _codes(response)
        if refused & {kind.code for kind in _OF_SETTINGS}:
            verdict.unchecked("replay", "It was refused for a limit that is not set here.")
        else:
            verdict.fails("replay", "It was refused, and the same question is answered here.")
        return
    data = response["data"]
    found = differences(data, again.data, again.volatile)
    if not found:
        verdict.holds("replay", "Mapping the upstream bytes again gives the same answer.")
        return
    if BadCursor.code in _codes(response):
        verdict.unchecked("replay", "A cursor was refused; whose it was cannot be told here.")
        return
    mappings = {s["registry"]: s["mapping"] for s in opened.predicate["sources"] if s["mapping"]}
    other = sorted(
        registry
        for registry, mapping in mappings.items()
        if mapping["digest"]["sha256"] != replayer.mapping(registry)
    )
    failed = {exchange.registry for exchange in exchanges if not exchange.outcome.answered}
    # Neither excuses what another registry's record says.
    certain = list(_changed(data, again, {*other, *failed}))
    where = ", ".join(map(one_line, (certain or found)[:5]))
    if other and not certain:
        verdict.unchecked(
            "replay",
            f"The mapping of {', '.join(map(one_line, other))} was another one then, and gives "
            f"something else at {where}; replay with the version that the statement names.",
        )
    elif failed and not certain:
        verdict.unchecked(
            "replay", f"Failures cannot be replayed exactly; something else came at {where}."
        )
    else:
        verdict.fails("replay", f"Mapping the upstream bytes again gives another answer: {where}.")


def _changed(said: Any, again: Replayed, excused: set[str]) -> Iterator[str]:
    """Where records of registries that nothing excuses say something else of themselves.

    Records are found again by their ids: where one registry's rows are more or fewer, those of the
    others stand at other places. Objects in a record may rest on other registries, and say nothing
    here.
    """
    there: dict[tuple[Pattern, str], list[Mapping[str, Any]]] = {}
    for pattern, _, record in _records(again.data, (), ""):
        there.setdefault((pattern, record["id"]), []).append(record)
    for pattern, pointer, record in _records(said, (), ""):
        registry = _registry(record["id"])
        others = there.get((pattern, record["id"]), [])
        if registry is None or registry in excused or len(others) != 1:
            continue
        for key, value in record.items():
            plain = not isinstance(value, (dict, list))
            if plain and (*pattern, key) not in again.volatile and others[0].get(key) != value:
                yield f"{pointer}/{key}"


def _records(
    value: Any, pattern: Pattern, pointer: str
) -> Iterator[tuple[Pattern, str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield pattern, pointer, value
        for key, inner in value.items():
            yield from _records(inner, (*pattern, key), f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _records(inner, pattern, f"{pointer}/{index}")


def _registry(text: str) -> str | None:
    found = parse_id(text)
    return None if found is None else found.registry


def _codes(response: Mapping[str, Any]) -> set[str]:
    """The codes of the errors of an answer."""
    found: set[str] = set()
    for error in response.get("errors") or []:
        extensions = error.get("extensions") if isinstance(error, dict) else None
        code = extensions.get("code") if isinstance(extensions, dict) else None
        if isinstance(code, str):
            found.add(code)
    return found


def _tell_ambiguous(verdict: Verdict, exchanges: Sequence[Exchange]) -> None:
    """Upstream JSON with a key twice can be read in two ways; the gateway took the last."""
    for index, exchange in enumerate(exchanges):
        if exchange.body is None or "json" not in (exchange.media_type or ""):
            continue
        try:
            load_json(exchange.body)
        except ProvenanceError as problem:
            verdict.note("ambiguous", f"The body of source {index}: {problem.message}.")
