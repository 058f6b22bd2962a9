"""Checking an evidence bundle: the answer, the upstream bytes, the mapping, the log, the time."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from gateway.errors import ConfigError, GatewayError, ProvenanceError
from gateway.provenance import shape
from gateway.provenance.bundle import Bundle, right_mapping
from gateway.provenance.envelope import Opened, open_statement
from gateway.provenance.note import NoteKey
from gateway.provenance.outgoing import TooMuch, fetch
from gateway.provenance.replay import Replayer, SetUp
from gateway.provenance.replay_verify import replay
from gateway.provenance.strict import load_json, one_line
from gateway.provenance.tlogproof import checkpoint_of, verify_tlog_proof
from gateway.provenance.verdict import Verdict
from gateway.provenance.verify import verify_response

# Gives the bytes at an address, its content coding removed.
Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Demands:
    """What the caller brings and wants; all but the key set is optional.

    `jwks` None takes the bundle's own keys, which then need a `pin` to mean anything. `logs` are
    trusted log keys, `tsa_roots` a PEM of the time-stamping authority's CA.
    """

    jwks: Mapping[str, Any] | None = None
    pin: str | None = None
    query: str | None = None
    variables: Mapping[str, Any] | None = None
    operation: str | None = None
    max_age: timedelta | None = None
    now: datetime | None = None
    logs: tuple[NoteKey, ...] | None = None
    tsa_roots: bytes | None = None
    replayer: Replayer | None = None
    fetch: Fetch | None = None


def verify_bundle(bundle: Bundle, demands: Demands) -> Verdict:
    """Checks everything that the bundle holds and says what it lacks."""
    verdict = Verdict()
    try:
        response = load_json(bundle.response)
        kept_jwks = None if bundle.jwks is None else load_json(bundle.jwks)
        kept_variables = None if bundle.variables is None else load_json(bundle.variables)
        opened = _opened(response)
    except ProvenanceError as problem:
        verdict.fails("shape", f"This cannot be checked: {problem.message}.")
        return verdict
    query = demands.query if demands.query is not None else bundle.query
    variables = demands.variables if demands.variables is not None else kept_variables
    side = Verdict()
    stamped = _check_log(side, bundle, demands, opened)
    verdict = verify_response(
        response,
        demands.jwks if demands.jwks is not None else kept_jwks,
        query=query,
        variables=variables,
        operation=demands.operation,
        max_age=demands.max_age,
        pin=demands.pin,
        now=demands.now,
        stamped=stamped,
    )
    if demands.jwks is None and demands.pin is None:
        verdict.unchecked("keys", "The keys come with the bundle; give --jwks or --pin.")
    bodies = _check_bodies(verdict, bundle, opened)
    _check_mappings(verdict, bundle, opened)
    _tell_hidden(verdict, bundle)
    verdict.findings.extend(side.findings)
    if not verdict.valid:
        return verdict
    if demands.replayer is not None:
        replayer = _set_up(verdict, bundle, demands.replayer)
        if replayer is not None:
            replay(verdict, opened, response, replayer, bodies, query, variables)
    if demands.fetch is not None:
        refetch(verdict, opened, demands.fetch)
    return verdict


def _opened(response: Any) -> Opened:
    try:
        proof = response["extensions"]["provenance"]
        return open_statement(proof["statement"], proof["signatures"])
    except (KeyError, TypeError):
        raise ProvenanceError("the response carries no proof (extensions.provenance)") from None


def _check_bodies(verdict: Verdict, bundle: Bundle, opened: Opened) -> dict[int, bytes]:
    sources = {source["index"]: source for source in opened.predicate["sources"]}
    held: dict[int, bytes] = {}
    for index, body in sorted(bundle.bodies.items()):
        wanted = (sources.get(index, {}).get("digest") or {}).get("sha256")
        if sha256(body).hexdigest() == wanted:
            held[index] = body
        else:
            verdict.fails("upstream", f"upstream-{index}.bin is not what was read then.")
    missing = [
        i for i, source in sources.items() if source.get("digest") and i not in bundle.bodies
    ]
    if missing:
        verdict.unchecked("upstream", f"The upstream bodies of sources {missing} are not there.")
    if held:
        verdict.holds("upstream", f"{len(held)} upstream bodies are the ones that were read.")
    return held


def _check_mappings(verdict: Verdict, bundle: Bundle, opened: Opened) -> None:
    named = {
        source["mapping"]["digest"]["sha256"]
        for source in opened.predicate["sources"]
        if source.get("mapping")
    }
    for name, body in sorted(bundle.mappings.items()):
        if not right_mapping(name, body):
            verdict.fails("mapping", f"mapping-{name}.json was changed.")
        elif name not in named:
            verdict.note("mapping", f"mapping-{name}.json is used by no source.")
    if missing := sorted(named - set(bundle.mappings)):
        verdict.unchecked("mapping", f"The mapping recipes {', '.join(missing)} are not there.")
    elif named:
        verdict.holds("mapping", f"The {len(named)} mapping recipes are the signed ones.")


def _tell_hidden(verdict: Verdict, bundle: Bundle) -> None:
    """What of the gateway's settings is not in the bundle, by its own word."""
    try:
        told = None if bundle.settings is None else load_json(bundle.settings)
        registries = {} if told is None else told["registries"]
        hidden = {key: shape.texts(one["hidden"], "hidden") for key, one in registries.items()}
    except (ProvenanceError, KeyError, TypeError, AttributeError):
        verdict.fails("settings", "settings.json is not what a gateway publishes.")
        return
    for key, names in hidden.items():
        if names:
            what = ", ".join(map(one_line, names))
            verdict.note("settings", f"Of {one_line(key)} the gateway hides: {what}.")


def _set_up(verdict: Verdict, bundle: Bundle, replayer: Replayer) -> Replayer | None:
    """The replayer as the gateway that answered was set up, as far as the bundle says."""
    if bundle.settings is None or not isinstance(replayer, SetUp):
        return replayer
    try:
        return replayer.set_up(bundle.settings, bundle.manifests)
    except GatewayError as problem:
        verdict.unchecked("replay", f"The question could not be replayed: {problem.message}.")
        return None


def _check_log(
    verdict: Verdict, bundle: Bundle, demands: Demands, opened: Opened
) -> datetime | None:
    """Checks proof and time stamp; when the checkpoint was seen, where that is certain."""
    said = opened.predicate["log"]
    if bundle.proof is None:
        if said is not None:
            verdict.unchecked("log", f"There is no proof from the log {one_line(said['origin'])}.")
        elif demands.logs is not None:
            verdict.unchecked("log", "The statement names no log, and there is no proof from one.")
        if demands.tsa_roots is not None or bundle.stamp is not None:
            verdict.unchecked("stamp", "There is no log proof for a time stamp to be over.")
        return None
    try:
        index, head = verify_tlog_proof(bundle.proof, opened.log_entry, demands.logs)
        if said is None or said["origin"] != head.origin:
            raise ProvenanceError("the proof is from another log than the statement names")
    except ProvenanceError as problem:
        verdict.fails("log", f"The log proof does not hold: {problem.message}.")
        return None
    if demands.logs is None:
        verdict.unchecked("log", "The log's key is not known; give --policy.")
        return None
    verdict.holds("log", f"Entry {index} of the log {one_line(head.origin)} ({head.size} entries).")
    return _check_stamp(verdict, bundle, bundle.proof, demands)


def _check_stamp(verdict: Verdict, bundle: Bundle, proof: str, demands: Demands) -> datetime | None:
    if bundle.stamp is None:
        if demands.tsa_roots is not None:
            verdict.unchecked("stamp", "The checkpoint of the log proof has no time stamp.")
        return None
    if demands.tsa_roots is None:
        verdict.unchecked("stamp", "The time stamp's authority is not known; give --tsa-roots.")
        return None
    from gateway.provenance.timestamp import verify_stamp

    message = checkpoint_of(proof).encode()
    try:
        seen = verify_stamp(bundle.stamp, message, demands.tsa_roots)
    except ProvenanceError as problem:
        verdict.fails("stamp", f"{problem.message[:1].upper()}{problem.message[1:]}.")
        return None
    except ConfigError as problem:
        verdict.unchecked("stamp", f"The time stamp was not checked: {problem.message}.")
        return None
    verdict.holds("stamp", f"The checkpoint was time-stamped at {seen.isoformat()}.")
    return seen


def refetch(verdict: Verdict, opened: Opened, fetch: Fetch) -> None:
    """Asks the registries again, where that can be done, and compares bytes."""
    for source in opened.predicate["sources"]:
        digest = source.get("digest")
        if digest is None:
            continue
        who = f"Source {source['index']} ({one_line(source['registry'])})"
        if source["method"] != "GET" or source["uriRedacted"] or not source["uri"]:
            verdict.unchecked("refetch", f"{who} cannot be asked again from the statement alone.")
            continue
        try:
            body = fetch(source["uri"])
        except ProvenanceError as problem:
            verdict.unchecked("refetch", f"{who} could not be asked: {problem.message}.")
            continue
        if sha256(body).hexdigest() == digest["sha256"]:
            verdict.holds("refetch", f"{who} still says exactly the same.")
        else:
            verdict.unchecked("refetch", f"{who} says something else now; data changes.")


def fetch_url(address: str, *, most: int = 64 * 1024 * 1024, timeout: float = 30.0) -> bytes:
    """The bytes at an http or https address.

    Raises:
        ProvenanceError: no answer, another scheme, or too much of it.
    """
    if not address.startswith(("https://", "http://")):
        raise ProvenanceError("only http and https addresses are asked")
    try:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            address, headers={"Accept-Encoding": "identity"}
        )
        return fetch(request, seconds=timeout, most=most)
    except TooMuch:
        raise ProvenanceError("the answer is too large") from None
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise ProvenanceError(str(problem)) from None
